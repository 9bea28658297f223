"""The list of addresses that get no marketing: for staff to look in and change, and for other systems to fetch.

An address that is searched for is sent in the body of a form, as on the list of cases: never in an address that logs keep.
"""

import csv
import hmac
import io

from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from inbox_bot.domain.cell import no_formula
from inbox_bot.errors import NotAllowedError
from inbox_bot.web.doors import open_door, staff_door
from inbox_bot.web.guard import Limiter
from inbox_bot.web.visit import Site, Visit

PATH = "/personal/sparrlista"


def routes(site: Site, limiter: Limiter, token: str) -> list[Route]:
    """Return the routes of these pages. ``token`` is what other systems show; empty: nobody may fetch the list."""
    found = [
        Route(PATH, staff_door(site, show), methods=["GET"]),
        Route(PATH, staff_door(site, change), methods=["POST"]),
        Route(f"{PATH}/lista.txt", staff_door(site, as_text), methods=["GET"]),
        Route(f"{PATH}/lista.csv", staff_door(site, as_csv), methods=["GET"]),
    ]
    if token:
        fetched = open_door(site, lambda visit: _fetched(visit, limiter, token), limiter)
        found.append(Route("/sparrlista.txt", fetched, methods=["GET"]))
    return found


def show(visit: Visit) -> Response:
    """Show the list."""
    return _page(visit)


def _page(visit: Visit, *, problem: str = "") -> Response:
    part = visit.form.one("sok")
    done = {
        "sparrad": "Adressen är spärrad. Den får ingen reklam från och med nu.",
        "borttagen": "Adressen är borttagen.",
    }
    return visit.site.pages.show(
        "staff/suppression.html",
        status=422 if problem else 200,
        visit=visit,
        form=visit.form,
        problem=problem,
        view=visit.site.flow.acting.suppressed(part),
        why=visit.site.flow.letters.failure,
        part=part,
        notice=done.get(visit.query("gjort"), ""),
    )


def change(visit: Visit) -> Response:
    """Show what was searched for, put an address on the list, or take one off it with a reason."""
    form, acting = visit.form, visit.site.flow.acting
    if form.one("do") == "sok":
        return _page(visit)
    done = {"sparra": "sparrad", "ta-bort": "borttagen"}.get(form.one("do"))
    if done is None:
        raise NotAllowedError("Välj vad du vill göra med en av knapparna.")
    carry_out = acting.suppress if done == "sparrad" else acting.unsuppress
    try:
        carry_out(form.one("adress"), by=visit.who, reason=form.one("skal"))
    except NotAllowedError as error:
        return _page(visit, problem=visit.site.pages.words.failure(error))
    return RedirectResponse(visit.site.pages.url(f"{PATH}?gjort={done}"), status_code=303)


def as_text(visit: Visit) -> Response:
    """Hand out the whole list as text, an address a line."""
    return _text(visit, download=True)


def as_csv(visit: Visit) -> Response:
    """Hand out the whole list as a table with one column."""
    table = io.StringIO()
    rows = csv.writer(table)
    rows.writerow(["address"])
    rows.writerows([[no_formula(one)] for one in visit.site.flow.acting.suppressed_addresses()])
    headers = {"Content-Disposition": 'attachment; filename="sparrlista.csv"'}
    return Response(table.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


def _fetched(visit: Visit, limiter: Limiter, token: str) -> Response:
    """Give the list to a system that shows the token; a wrong one is counted by sender, so that nobody can try many."""
    scheme, _, given = visit.request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), token.encode()):
        return _text(visit, download=False)
    client = visit.request.client
    if not limiter.allows(client.host if client else ""):
        raise HTTPException(429)
    return PlainTextResponse("Unauthorized\n", status_code=401, headers={"WWW-Authenticate": "Bearer"})


def _text(visit: Visit, *, download: bool) -> Response:
    content = "".join(f"{address}\n" for address in visit.site.flow.acting.suppressed_addresses())
    headers = {"Content-Disposition": 'attachment; filename="sparrlista.txt"'} if download else {}
    return PlainTextResponse(content, headers=headers)
