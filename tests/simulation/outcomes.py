"""How each claim ended: by which letter its date was met, with how many days left, or why it was not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from tests.simulation.reckoning import DAY, day_of, end_of, strict, working_days_between
from tests.simulation.run import Run, due_of
from tests.simulation.truth import Matter

MET = ("answered", "extended", "cannot identify", "not me", "taken back", "by hand")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How one claim ended. ``days``: from receipt to the letter that met it; ``left``: working days then left; ``why``: for a late one."""

    matter: Matter
    how: str
    days: float | None = None
    left: int | None = None
    why: str = ""
    revived_days: float | None = None


def outcomes(run: Run) -> list[Outcome]:
    """Return how every claim ended, save those that repeated one that was running."""
    return [_outcome(run, matter) for matter in run.truth.matters if not matter.merged]


def _outcome(run: Run, matter: Matter) -> Outcome:
    letters = [letter for letter in run.truth.answers[matter.reference, matter.right] if run.truth.reached(letter)]
    first_end = end_of(strict(matter.at))
    notices = [letter for letter in letters if letter.name == "cannot_identify"]
    answers = [letter for letter in letters if letter.name != "cannot_identify"]
    revived = None
    if notices and notices[0].at < first_end:
        if answers and answers[0].at > notices[0].at:
            proven = run.truth.proven.get(matter.reference, answers[0].at)
            revived = (answers[0].at - proven) / DAY
        return _met(matter, "cannot identify", notices[0].at, first_end, revived)
    ends = {
        "taken back": matter.dismissed_at,
        "not me": matter.denied_at,
        "by hand": matter.delivered_by_hand_at,
    }
    due_end = end_of(due_of(run, matter))
    if answers and answers[0].at < first_end:
        return _met(matter, "answered", answers[0].at, first_end)
    if answers and answers[0].at < due_end:
        return _met(matter, "extended", answers[0].at, due_end)
    for how, at in ends.items():
        if at is not None and at < due_end:
            return _met(matter, how, at, due_end)
    last = min((at for at in (*(letter.at for letter in letters), *ends.values()) if at is not None), default=None)
    if last is None:
        return Outcome(matter=matter, how="never", why=_why(run, matter, due_end))
    days = (last - matter.at) / DAY
    return Outcome(matter=matter, how="late", days=days, left=-1, why=_why(run, matter, due_end))


def _met(matter: Matter, how: str, at: datetime, end: datetime, revived: float | None = None) -> Outcome:
    left = working_days_between(day_of(at), day_of(end - timedelta(seconds=1)))
    return Outcome(matter=matter, how=how, days=(at - matter.at) / DAY, left=left, revived_days=revived)


def _why(run: Run, matter: Matter, end: datetime) -> str:
    """Return what kept an answer from leaving in time, as far as the record tells."""
    truth = run.truth
    tried = [letter for letter in truth.answers[matter.reference, matter.right] if letter.at < end]
    if any(
        truth.bounced.get((letter.message_id, letter.at), end) >= end - 2 * DAY for letter in tried if letter.arrived
    ):
        return "the answer left in time and came back as the date passed"
    if tried:
        return "the answer was tried in time and the outgoing server did not take it"
    proven = truth.proven.get(matter.reference)
    if proven is not None and proven > end - 2 * DAY:
        return "identity was confirmed as the date passed"
    seen = run.world.mailbox.seen.get(matter.mail)
    if seen is None or seen > end:
        return "the mailbox could not be read"
    off = run.world.program.away
    if any(
        until > end - 2 * DAY and (until - max(start, matter.at)) > timedelta(hours=12)
        for start, until in off
        if start < end
    ):
        return "the program stood still as the date neared"
    return "nobody decided in time"


def spread(values: Sequence[float]) -> tuple[float, float] | None:
    """Return median and worst of some figures, None where there are none."""
    return (median(values), max(values)) if values else None
