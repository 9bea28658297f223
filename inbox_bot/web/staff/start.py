"""What waits for a person, most urgent first; and the weekly summary as it would be now."""

from starlette.responses import Response
from starlette.routing import Route

from inbox_bot.domain.case import LetterState
from inbox_bot.domain.health import SILENT_HOURS
from inbox_bot.overview import age_in_hours
from inbox_bot.web.doors import staff_door
from inbox_bot.web.staff.unsure import card
from inbox_bot.web.visit import Site, Visit

MOST_UNSURE = 5
"""Unsure mails shown here; their own page shows them all."""


def routes(site: Site) -> list[Route]:
    """Return the routes of these pages."""
    return [
        Route("/personal", staff_door(site, start), methods=["GET"]),
        Route("/personal/sammanfattning", staff_door(site, summary), methods=["GET"]),
    ]


def start(visit: Visit) -> Response:
    """Show everything that waits for a person, and how the program is."""
    flow = visit.site.flow
    view, todo = flow.archive.waiting(MOST_UNSURE), flow.worklist.todo()
    now = visit.site.clock.now()
    boxes = [(box, (age := age_in_hours(box.looked_at, now)) is None or age > SILENT_HOURS) for box in view.mailboxes]
    beside = len(view.troubled) + len(view.untold) + len(view.beside.asks)
    done = visit.query("gjort")
    return visit.site.pages.show(
        "staff/start.html",
        visit=visit,
        view=view,
        todo=todo,
        unsure=[card(visit.site, mail) for mail in view.to_sort.mails],
        letters={state: sum(letter.state is state for letter in view.troubled) for state in LetterState},
        boxes=boxes,
        why=flow.letters.failure,
        liftable=flow.acting.liftable(),
        breaches=(breaches := flow.breach.open_ones()),
        waiting=todo.urgent + view.to_sort.total + view.quarantined + beside + len(breaches),
        late=todo.late + view.to_sort.late,
        notice="Sorterat: det var ingen begäran." if done == "ingen" else "",
        undo=visit.query("brev") if done == "ingen" and visit.query("brev").isdecimal() else "",
    )


def summary(visit: Visit) -> Response:
    """Show the weekly summary as it would be if it were sent now."""
    return visit.site.pages.show("staff/summary.html", visit=visit, letter=visit.site.flow.weekly_digest())
