"""Who asks: what a person does where the table leaves it to one, from the page of a case."""

from starlette.responses import Response
from starlette.routing import Route

from inbox_bot.web.doors import staff_door
from inbox_bot.web.staff.case import to_case
from inbox_bot.web.visit import Site, Visit


def routes(site: Site) -> list[Route]:
    """Return the routes of these pages."""
    path = "/personal/arende/{reference}"
    return [
        Route(f"{path}/sak", staff_door(site, check_fact), methods=["POST"]),
        Route(f"{path}/satt", staff_door(site, offer), methods=["POST"]),
        Route(f"{path}/lank", staff_door(site, ask_at), methods=["POST"]),
        Route(f"{path}/oidentifierad", staff_door(site, give_up), methods=["POST"]),
    ]


def check_fact(visit: Visit) -> Response:
    """Take the word of a person on what only the requester knows. Any other button than the two checks nothing."""
    reference, said = visit.path("reference"), visit.form.one("do")
    if said not in {"stammer", "stammer-inte"}:
        return to_case(visit, reference, "", "stammer")
    seen = [int(one) for one in visit.form.one("sett").split() if one.isdecimal()]
    visit.site.flow.check_fact(reference, right=said == "stammer", by=visit.who, seen=seen)
    return to_case(visit, reference, "stamde" if said == "stammer" else "stamde-inte", "vem")


def offer(visit: Visit) -> Response:
    """Mail a question, or note that the person was reached another way."""
    reference = visit.path("reference")
    way, _, number = visit.form.one("satt").partition(":")
    visit.site.flow.offer(reference, way=way, number=int(number) if number.isdecimal() else 0, by=visit.who)
    return to_case(visit, reference, "erbjudet", "vem")


def ask_at(visit: Visit) -> Response:
    """Send the link to an address a person knows to be right."""
    reference = visit.path("reference")
    visit.site.flow.ask_at(reference, address=visit.form.one("adress"), how=visit.form.one("hur"), by=visit.who)
    return to_case(visit, reference, "lankat", "vem")


def give_up(visit: Visit) -> Response:
    """Draft "we cannot identify you" now."""
    reference = visit.path("reference")
    visit.site.flow.give_up(reference, by=visit.who)
    return to_case(visit, reference, "utkast", "svaret")
