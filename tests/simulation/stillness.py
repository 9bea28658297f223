"""What must be told of an outage, and that nothing is told of what was none: from the letters that left, and the log of outages."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from tests.simulation.post import Letter
from tests.simulation.run import Run

AN_HOUR = timedelta(hours=1)
SLACK = timedelta(minutes=15)
"""A look is made at the next mark of five minutes, and the worker may have been killed in it."""

PATIENCE = timedelta(hours=5)
"""How long after an outage a letter that could not leave in it may take: the longest pause between two tries, and a little."""


def untold(run: Run) -> Iterator[str]:
    """Yield every outage of mailbox or program over an hour that nobody was told of, and every stillness told that was none."""
    spans = _spans(run)
    for what, start, end in _joined(spans):
        if what == "smtp" or end - start <= AN_HOUR + SLACK or end > run.world.timeline.now - PATIENCE:
            continue
        until = _until(spans, start, end)
        if not any("stått oläst" in one.subject or "läses inte" in one.subject for one in _between(run, start, until)):
            yield f"nobody was told of an outage of {what} from {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC"
    for letter in run.told:
        # "It works again" may wait twice: the daily mail for the next try to send it, and the letter about it for the next look.
        if not any(start <= letter.at <= _until(spans, start, end) + AN_HOUR for _, start, end in spans):
            yield f"told of a stillness that was none at {letter.at:%Y-%m-%d %H:%M} UTC: {letter.subject}"


def unproven(run: Run) -> Iterator[str]:
    """Yield every day whose mail to ourselves did not come back in time although nothing was broken."""
    spans = _spans(run)
    with run.world.program.flow.desk.look() as unit:
        checks = unit.watching.self_checks(1000)
    made = {check.day for check in checks}
    if len(made) < (run.world.timeline.now - min(check.made_at for check in checks)).days - 5:
        yield f"only {len(made)} mails to ourselves were made"
    for check in checks:
        due = check.made_at + timedelta(minutes=15)
        troubled = any(start < due + SLACK and end > check.made_at - SLACK for _, start, end in spans)
        in_time = check.seen_at is not None and check.seen_at <= due
        if not in_time and not troubled and run.world.timeline.now > due:
            yield f"the mail to ourselves of {check.day} did not come back in time"


def _joined(spans: list[tuple[str, datetime, datetime]]) -> list[tuple[str, datetime, datetime]]:
    """Return the spans with those of a kind that overlap made one: what stands still goes on doing so, and is told once."""
    joined: list[tuple[str, datetime, datetime]] = []
    for what, start, end in sorted(spans):
        if joined and joined[-1][0] == what and start <= joined[-1][2]:
            joined[-1] = (what, joined[-1][1], max(end, joined[-1][2]))
        else:
            joined.append((what, start, end))
    return joined


def _between(run: Run, start: datetime, until: datetime) -> list[Letter]:
    return [letter for letter in run.told if start <= letter.at <= until]


def _until(spans: list[tuple[str, datetime, datetime]], start: datetime, end: datetime) -> datetime:
    """Return when a letter about it must have left at last: other outages may have kept it."""
    until = end + PATIENCE
    for _, other, over in sorted(spans, key=lambda span: span[1]):
        if other <= until and over > start:
            until = max(until, over + PATIENCE)
    return until


def _spans(run: Run) -> list[tuple[str, datetime, datetime]]:
    """Return what did not work when: the outages that were planned, and the times between a kill and the next start."""
    planned = [(one.what, one.start, one.end) for one in run.outages if one.what in {"mailbox", "smtp"}]
    kills = [("kill", at - SLACK, at + SLACK) for at in run.world.program.kills]
    return planned + kills + [("program", was, until) for was, until in run.world.program.away]
