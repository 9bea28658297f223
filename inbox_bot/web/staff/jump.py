"""Links in letters lead to a place on a page: after a login, too, and without a script."""

import re
from urllib.parse import parse_qsl, urlencode

from starlette.responses import RedirectResponse

from inbox_bot.web.visit import Visit

_PLACE = re.compile(r"[a-z][a-z0-9-]{0,60}")


def to_place(visit: Visit) -> RedirectResponse | None:
    """Return where ``?plats=svar-3`` leads: the same page with ``#svar-3``. None where no place is asked for.

    What stands after ``#`` never reaches a server, so a login on the way would lose it; a query goes along.
    """
    place = visit.query("plats")
    if visit.request.method != "GET" or not _PLACE.fullmatch(place):
        return None
    kept = [(name, value) for name, value in parse_qsl(visit.request.url.query) if name != "plats"]
    path = visit.request.url.path.removeprefix(visit.site.pages.prefix)
    return RedirectResponse(
        f"{visit.site.pages.url(path)}{'?' + urlencode(kept) if kept else ''}#{place}", status_code=303
    )
