"""A member of staff puts a file on the page of a case, for the person to fetch instead of getting it in a mail."""

from starlette.responses import Response
from starlette.routing import Route

from inbox_bot.domain.rights import Right
from inbox_bot.errors import NotAllowedError
from inbox_bot.web.doors import upload_door
from inbox_bot.web.staff.case import to_case
from inbox_bot.web.visit import Site, Visit

END = "/lagg-upp"
"""How the path ends that takes a file."""


def routes(site: Site) -> list[Route]:
    """Return the routes of these pages."""
    return [Route(f"/personal/arende/{{reference}}{END}", upload_door(site, put), methods=["POST"])]


def put(visit: Visit) -> Response:
    """Keep the file; the answer that is approved next says where it is."""
    reference, upload = visit.path("reference"), visit.upload
    if upload is None:
        raise NotAllowedError("The file to hand out is empty.")
    right = Right(visit.form.one("ratt")) if visit.form.one("ratt") in set(Right) else None
    visit.site.flow.acting.deliver(reference, name=upload.name, content=upload.content, right=right, by=visit.who)
    return to_case(visit, reference, "upplagd", "filen")
