"""The calendar's secret addresses: made here and shown once, with how to use them; closed here."""

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from inbox_bot.errors import NotAllowedError
from inbox_bot.web.doors import staff_door
from inbox_bot.web.visit import Site, Visit

PATH = "/personal/kalender"


def routes(site: Site) -> list[Route]:
    """Return the routes of these pages."""
    return [
        Route(PATH, staff_door(site, show), methods=["GET"]),
        Route(PATH, staff_door(site, change), methods=["POST"]),
    ]


def show(visit: Visit) -> Response:
    """Show who has an address, and how to make one."""
    return _page(visit, notice="Adressen är stängd." if visit.query("gjort") == "stangd" else "")


def change(visit: Visit) -> Response:
    """Make an address and show it on this page alone, or close one."""
    form, feeds = visit.form, visit.site.flow.feeds
    match form.one("do"):
        case "skapa":
            try:
                token = feeds.make(form.one("namn"), by=visit.who)
            except NotAllowedError as error:
                return _page(visit, problem=visit.site.pages.words.failure(error))
            return _page(visit, secret=address(visit.site.public_url, token))
        case "stang" if form.one("nummer").isdecimal():
            feeds.revoke(int(form.one("nummer")), by=visit.who)
            return RedirectResponse(visit.site.pages.url(f"{PATH}?gjort=stangd"), status_code=303)
        case _:
            raise NotAllowedError("Välj vad du vill göra med en av knapparna.")


def address(public_url: str, token: str) -> str:
    """Return the secret address a calendar program is given."""
    return f"{public_url.rstrip('/')}/kalender/{token}.ics"


def _page(visit: Visit, *, secret: str = "", notice: str = "", problem: str = "") -> Response:
    flow = visit.site.flow
    open_ones = [one for one in flow.feeds.all() if one.revoked_at is None]
    staff = flow.login.staff.addresses
    left = {one.id for one in open_ones if not any(flow.acting.same_person(one.made_by, who) for who in staff)}
    return visit.site.pages.show(
        "staff/feed.html",
        status=422 if problem else 200,
        visit=visit,
        problem=problem,
        secret=secret,
        webcal=secret.replace("https://", "webcal://", 1),
        notice=notice,
        open_feeds=open_ones,
        left=left,
    )
