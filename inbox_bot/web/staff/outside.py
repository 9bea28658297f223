"""Does what a colleague wrote from Outlook end the case? Staff say yes or no, on the page of the case."""

from starlette.responses import Response
from starlette.routing import Route

from inbox_bot.web.doors import staff_door
from inbox_bot.web.staff.case import to_case
from inbox_bot.web.visit import Site, Visit


def routes(site: Site) -> list[Route]:
    """Return the routes of these pages."""
    return [Route("/personal/arende/{reference}/utanfor", staff_door(site, decide), methods=["POST"])]


def decide(visit: Visit) -> Response:
    """Take the answer. Any other button than the two decides nothing."""
    reference, said = visit.path("reference"), visit.form.one("do")
    if said == "ja":
        visit.site.flow.close_as_answered(reference, by=visit.who)
        return to_case(visit, reference, "besvarat")
    if said == "nej":
        visit.site.flow.keep_open(reference, by=visit.who)
        return to_case(visit, reference, "kvar")
    return to_case(visit, reference, "", "utanfor")
