"""What waits for a person, most urgent first; all cases; the weekly summary as it would be now."""

from starlette.responses import Response
from starlette.routing import Route

from inbox_bot.domain.case import CaseState, ClaimState
from inbox_bot.domain.health import SILENT_HOURS
from inbox_bot.domain.task import Half
from inbox_bot.overview import CaseView, age_in_hours
from inbox_bot.web.doors import staff_door
from inbox_bot.web.visit import Site, Visit
from inbox_bot.web.wording import FEW_DAYS


def routes(site: Site) -> list[Route]:
    """Return the routes of these pages."""
    return [
        Route("/personal", staff_door(site, start), methods=["GET"]),
        Route("/personal/arenden", staff_door(site, cases), methods=["GET"]),
        Route("/personal/sammanfattning", staff_door(site, summary), methods=["GET"]),
    ]


def start(visit: Visit) -> Response:
    """Show everything that waits for a person, and how the program is."""
    view = visit.site.flow.archive.overview()
    now = visit.site.clock.now()
    boxes = [(box, (age := age_in_hours(box.looked_at, now)) is None or age > SILENT_HOURS) for box in view.mailboxes]
    undone = {one.case.id for one in view.halves if one.half is Half.UNDONE}
    mine = [case for case in view.cases if _waits_for_staff(case) or case.record.id in undone]
    return visit.site.pages.show(
        "staff/start.html",
        visit=visit,
        mine=[(case, errand(case)) for case in mine],
        others=[(case, errand(case)) for case in view.cases if case not in mine],
        to_sort=view.to_sort,
        quarantined=view.quarantined,
        troubled=view.troubled,
        boxes=boxes,
        stuck=view.stuck,
        halves=view.halves,
        untold=view.untold,
        liftable=visit.site.flow.acting.liftable(),
        list_failure=view.list_failure,
        beside=view.beside,
        breaches=(breaches := visit.site.flow.breach.open_ones()),
        waiting=len(mine)
        + len(breaches)
        + len(view.to_sort)
        + len(view.quarantined)
        + len(view.troubled)
        + len(view.untold)
        + len(view.beside.asks),
        late=sum(_is_late(case.days_left) for case in view.cases)
        + sum(_is_late(mail.days_left) for mail in view.to_sort),
    )


def cases(visit: Visit) -> Response:
    """Show the open cases by date, or every case, newest first."""
    archive = visit.site.flow.archive
    everything = visit.query("visa") == "alla"
    found = archive.cases()[::-1] if everything else archive.overview().cases
    return visit.site.pages.show(
        "staff/cases.html", visit=visit, cases=[(case, errand(case)) for case in found], everything=everything
    )


def summary(visit: Visit) -> Response:
    """Show the weekly summary as it would be if it were sent now."""
    return visit.site.pages.show("staff/summary.html", visit=visit, letter=visit.site.flow.weekly_digest())


def errand(case: CaseView) -> str:
    """Return in a few words what a case waits for."""
    states = {claim.record.state for claim in case.claims}
    if case.unread:
        return "Nytt brev att läsa"
    if case.record.state is CaseState.CLOSED:
        return "Avslutat"
    if ClaimState.AWAITING_APPROVAL in states:
        return "Svaret väntar på dig"
    if ClaimState.AWAITING_IDENTITY in states:
        mine = [claim.record for claim in case.claims if claim.record.waits_for_staff]
        asked = "Stämmer det personen skrev?" if any(one.to_check for one in mine) else "Avgör hur det ska bekräftas"
        return asked if mine else "Väntar på att personen bekräftar"
    if ClaimState.APPROVED in states:
        return "Godkänt, på väg ut"
    return "Tas om hand"


def _waits_for_staff(case: CaseView) -> bool:
    near = case.days_left is not None and case.days_left < FEW_DAYS
    states = {claim.record.state for claim in case.claims}
    mine = any(claim.record.waits_for_staff for claim in case.claims)
    return case.unread or near or mine or ClaimState.AWAITING_APPROVAL in states


def _is_late(days_left: int | None) -> bool:
    return days_left is not None and days_left < 0
