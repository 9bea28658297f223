"""The page about the requester's pages: what they show, which cookie they have and why, what is kept."""

from starlette.responses import Response
from starlette.routing import Route

from inbox_bot.web.doors import open_door
from inbox_bot.web.guard import Limiter
from inbox_bot.web.requester.language import language_of
from inbox_bot.web.visit import Site, Visit


def routes(site: Site, limiter: Limiter) -> list[Route]:
    """Return the route of this page."""
    return [Route("/om", open_door(site, about, limiter), methods=["GET"])]


def about(visit: Visit) -> Response:
    """Say what these pages keep and why."""
    language = language_of(visit, "sv")
    other = "en" if language == "sv" else "sv"
    return visit.site.pages.show(
        f"requester/{language}/about.html", language=language, other=other, path="/om", reference=""
    )
