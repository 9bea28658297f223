"""The web application: every page in one place, behind one guard."""

from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from inbox_bot.clock import Clock
from inbox_bot.flow import Flow
from inbox_bot.web import calendar
from inbox_bot.web.doors import open_door, refused
from inbox_bot.web.guard import LARGEST_BODY, Guard, Limiter
from inbox_bot.web.health import health, health_as_json
from inbox_bot.web.pages import Company, Pages
from inbox_bot.web.requester import about, identity, own_page
from inbox_bot.web.staff import (
    acting,
    attachment,
    audit,
    breach,
    case,
    cases,
    decision,
    delivery,
    feed,
    left,
    mail,
    outbox,
    outside,
    proof,
    quarantine,
    register,
    session,
    sessions,
    start,
    statistics,
    suppression,
    unsure,
)
from inbox_bot.web.visit import Site


def create_app(
    flow: Flow,
    *,
    pages: str,
    template_folders: Sequence[Path],
    systems: Sequence[str],
    company: Company,
    clock: Clock,
    wake: Callable[[], None] | None = None,
    list_token: str = "",
    largest_upload: int = 25_000_000,
) -> Starlette:
    """Build the pages. ``pages`` is the public address, which may end in a path; ``systems`` where data are kept, by name.

    ``wake`` is called in the event loop after every form that was taken. ``list_token`` is what other systems show to fetch
    the addresses that get no marketing; empty: nobody can. ``largest_upload``: bytes a file may have that staff bring in. Works behind a proxy that strips the path of
    the public address and behind one that does not. Raises TemplateError for templates that cannot be used.
    """
    parts = urlsplit(pages)
    prefix = parts.path.rstrip("/")
    site = Site(
        flow=flow,
        pages=Pages(template_folders, prefix=prefix, company=company),
        clock=clock,
        public_url=pages,
        systems=tuple(systems),
        secure=parts.scheme == "https",
        largest_upload=largest_upload,
    )
    inner = _routes(site, clock, list_token)
    app = Starlette(
        routes=[Mount(prefix, routes=inner), *inner] if prefix else inner,
        middleware=[
            Middleware(
                Guard,
                secure=site.secure,
                prefix=prefix,
                roomy=dict.fromkeys(("/personal/karantan/in", "/bilaga", delivery.END), largest_upload + LARGEST_BODY),
            )
        ],
        exception_handlers={
            HTTPException: _refused(site),
            Exception: lambda request, _error: refused(site, 500, path=request.url.path),
        },
    )
    app.state.wake = wake
    return app


def _routes(site: Site, clock: Clock, list_token: str) -> list[BaseRoute]:
    codes = Limiter(clock, most=30, seconds=600)
    logins = Limiter(clock, most=30, seconds=600)
    fetches = Limiter(clock, most=30, seconds=600)
    style = Response(site.pages.style, media_type="text/css", headers={"Cache-Control": "public, max-age=86400"})
    empty = Response(status_code=204, headers={"Cache-Control": "public, max-age=86400"})
    robots = PlainTextResponse("User-agent: *\nDisallow: /\n")
    return [
        Route("/", open_door(site, lambda visit: visit.site.pages.show("start.html"), codes), methods=["GET"]),
        Route("/halsa", open_door(site, health, codes), methods=["GET"]),
        Route("/halsa.json", open_door(site, health_as_json, codes), methods=["GET"]),
        Route("/stil.css", lambda _request: style, methods=["GET"]),
        Route("/favicon.ico", lambda _request: empty, methods=["GET"]),
        Route("/robots.txt", lambda _request: robots, methods=["GET"]),
        *identity.routes(site, codes),
        *own_page.routes(site, codes),
        *about.routes(site, codes),
        *session.routes(site, logins),
        *sessions.routes(site),
        *audit.routes(site),
        *start.routes(site),
        *cases.routes(site),
        *unsure.routes(site),
        *left.routes(site),
        *case.routes(site),
        *proof.routes(site),
        *decision.routes(site),
        *delivery.routes(site),
        *acting.routes(site),
        *suppression.routes(site, fetches, list_token),
        *mail.routes(site),
        *quarantine.routes(site),
        *outbox.routes(site),
        *outside.routes(site),
        *breach.routes(site),
        *attachment.routes(site),
        *statistics.routes(site),
        *register.routes(site),
        *feed.routes(site),
        *calendar.routes(site, Limiter(clock, most=30, seconds=600), Limiter(clock, most=30, seconds=600)),
    ]


def _refused(site: Site) -> Callable[[Request, Exception], Response]:
    def show(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return refused(site, error.status_code, path=request.url.path, headers=error.headers)

    return show
