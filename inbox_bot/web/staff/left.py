"""Mails that were taken for no request, day by day, so that one that was missed can be found and looked at again.

Nothing of what they say is here (architecture, rule 11): the mail lies in its mailbox, and is fetched from there by a press.
"""

from datetime import date

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from inbox_bot.domain.left import LeftMail
from inbox_bot.web.doors import staff_door
from inbox_bot.web.visit import Site, Visit

PATH = "/personal/ingen-begaran"


def routes(site: Site) -> list[Route]:
    """Return the routes of these pages."""
    return [
        Route(PATH, staff_door(site, show), methods=["GET"]),
        Route(f"{PATH}/{{mail:int}}", staff_door(site, recall), methods=["POST"]),
    ]


def show(visit: Visit) -> Response:
    """List one day's mails."""
    asked = visit.query("dag")
    found = visit.site.flow.quarantine.left(_day(asked))
    words = visit.site.pages.words
    days = sorted(found.days)
    return visit.site.pages.show(
        "staff/left.html",
        visit=visit,
        found=found,
        earlier=max((day for day in days if day < found.day), default=None),
        later=min((day for day in days if day > found.day), default=None),
        days=days[::-1],
        judged=lambda mail: words.say("left", _judged(mail)),
        path=PATH,
        notice="Brevet hämtas från brevlådan. Om ett par minuter ligger det bland de osäkra breven."
        if visit.query("gjort") == "hamtas"
        else "",
    )


def recall(visit: Visit) -> Response:
    """Have a mail fetched again, to be looked at and sorted."""
    visit.site.flow.quarantine.recall(visit.number("mail"), by=visit.who)
    day = _day(visit.form.one("dag"))
    onward = f"{PATH}?gjort=hamtas" + (f"&dag={day}" if day else "")
    return RedirectResponse(visit.site.pages.url(onward), status_code=303)


def _judged(mail: LeftMail) -> str:
    """Return what a mail was taken for, without what a server or a header said about it."""
    return mail.reason.partition(":")[0].partition(" by mail ")[0] or mail.state.value


def _day(text: str) -> date | None:
    """Return the day an address names; None for one that is none, or lies outside all time that mail has been sent in."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1970 < day.year < 2100 else None
