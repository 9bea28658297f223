"""The calendar of legal dates for programs that subscribe to it, at an address nobody can guess. It opens nothing else."""

import hashlib
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from inbox_bot.web.doors import open_door
from inbox_bot.web.guard import Limiter
from inbox_bot.web.ics import as_ics
from inbox_bot.web.visit import Site, Visit

LONGEST_TOKEN = 100


def routes(site: Site, limiter: Limiter, tries: Limiter) -> list[Route]:
    """Return the route. ``limiter`` counts every look by address and sender, ``tries`` the wrong addresses by sender."""
    door = open_door(site, lambda visit: show(visit, limiter, tries), limiter)
    return [Route("/kalender/{token}.ics", door, methods=["GET"])]


def show(visit: Visit, limiter: Limiter, tries: Limiter) -> Response:
    """Return the calendar (200), that it has not changed (304), or that there is none such (404; 429 after many tries)."""
    token = visit.path("token")
    client = visit.request.client
    sender = client.host if client else ""
    if not limiter.allows(f"{sender} {hashlib.sha256(token.encode()).hexdigest()}"):
        raise HTTPException(429, headers={"Retry-After": "600"})
    if not (len(token) <= LONGEST_TOKEN and visit.site.flow.feeds.opens(token)):
        raise HTTPException(404 if tries.allows(sender) else 429)
    site = visit.site
    content = as_ics(
        site.flow.feeds.entries(),
        site.pages.words,
        company=site.pages.company.short_name,
        host=urlsplit(site.public_url).hostname or "localhost",
        link=lambda path: f"{site.public_url.rstrip('/')}{path}",
    )
    headers = {
        "ETag": f'"{hashlib.sha256(content).hexdigest()[:32]}"',
        "Cache-Control": "private, no-cache",
        "Content-Disposition": 'inline; filename="svar.ics"',
        # Google and Microsoft fetch it from their own machines; a browser's rules for images and the like do not concern it.
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    if headers["ETag"] in visit.request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type="text/calendar; charset=utf-8; method=PUBLISH", headers=headers)
