"""Where one is logged in, and the way to end it; an admin sees everyone's."""

from collections.abc import Mapping, Sequence
from itertools import groupby

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from inbox_bot.domain.staff import SessionRecord
from inbox_bot.errors import NotAllowedError, NotFoundError
from inbox_bot.web.doors import staff_door
from inbox_bot.web.staff.session import left
from inbox_bot.web.visit import Site, Visit

PATH = "/personal/inloggningar"
_DONE = {
    "avslutad": "Inloggningen är avslutad.",
    "alla": "Alla personens inloggningar är avslutade.",
    "borta": "Den inloggningen var redan avslutad.",
}


def routes(site: Site) -> list[Route]:
    """Return the routes of these pages."""
    return [
        Route(PATH, staff_door(site, show), methods=["GET"]),
        Route(PATH, staff_door(site, change), methods=["POST"]),
    ]


def show(visit: Visit) -> Response:
    """Show the visitor's own logins; to an admin those of everyone."""
    flow, staff = visit.site.flow, visit.site.flow.login.staff
    return visit.site.pages.show(
        "staff/sessions.html",
        visit=visit,
        mine=flow.sessions(visit.who),
        others=_others(visit) if visit.may("admin") else {},
        people=[(address, staff.role_of(address)) for address in staff.addresses],
        idle_minutes=staff.idle_minutes,
        session_hours=staff.session_hours,
        notice=_DONE.get(visit.query("gjort"), ""),
    )


def _others(visit: Visit) -> Mapping[str, Sequence[SessionRecord]]:
    ordered = sorted(visit.site.flow.sessions(), key=lambda one: one.address)
    groups = groupby(ordered, key=lambda one: one.address)
    return {address: list(found) for address, found in groups if address != visit.who}


def change(visit: Visit) -> Response:
    """End one login, all of one's own, or, for an admin, another's."""
    name, _, what = visit.form.one("do").partition(":")
    match name:
        case "overallt":
            visit.site.flow.end_sessions(visit.who, by=visit.who)
            return left(visit)
        case "alla-annans" if visit.site.flow.login.staff.role_of(what) is not None:
            visit.site.flow.end_sessions(what, by=visit.who)
            return left(visit) if what == visit.who else _back(visit, "alla")
        case "avsluta" | "avsluta-annans" if what.isdecimal():
            try:
                visit.site.flow.end_session(int(what), by=visit.who, own=name == "avsluta")
            except NotFoundError:
                return _back(visit, "borta")
            return left(visit) if int(what) == visit.session_id else _back(visit, "avslutad")
        case _:
            raise NotAllowedError("Välj vad du vill göra med en av knapparna.")


def _back(visit: Visit, done: str) -> Response:
    return RedirectResponse(visit.site.pages.url(f"{PATH}?gjort={done}"), status_code=303)
