"""What the weekly letter begins with: what must be done this week, the weeks ahead, and how the month before went."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from inbox_bot.clock import stockholm_day
from inbox_bot.digest.facts import Facts, Running, running
from inbox_bot.digest.lines import Pen, fit, section
from inbox_bot.domain.case import ClaimState
from inbox_bot.domain.dates import add_months
from inbox_bot.domain.span import month_of
from inbox_bot.domain.statistics import Key, key_of
from inbox_bot.store.unit import Unit

MOST_FIRST = 40
"""Lines of what must be done first; the others of that week stand by name below them, and with their dates in the list of all."""

WEEKS_AHEAD = 6
"""This week and those after it: what comes in now is due in the fifth."""


@dataclass(frozen=True, kw_only=True)
class Week:
    """How many answers are due in a week. ``late``: of those in this week, how many are overdue already."""

    number: int
    first: date
    last: date
    count: int
    late: int


def outlook(unit: Unit, facts: Facts, pen: Pen) -> dict[str, Any]:
    """Return the ``outlook`` of the weekly ``summary``: lines and numbers, the template has the words."""
    month = month_of(add_months(stockholm_day(facts.now).replace(day=1), -1))
    counts = unit.figures.counts(month, facts.now)
    return picture(running(facts, pen.calendar), pen, stockholm_day(facts.now), key_of(counts.tallies, counts.answered))


def picture(claims: Sequence[Running], pen: Pen, today: date, key: Key) -> dict[str, Any]:
    """Return what is to be done first, the weeks ahead, and the figures of the month before (``key``)."""
    ahead = weeks(claims, today)
    urgent = [one for one in claims if one.due <= ahead[0].last and one.claim.state is not ClaimState.APPROVED]
    widest = max(week.count for week in ahead) or 1
    return {
        "urgent": next(iter(fit([section("", pen.claims(urgent), "", most=MOST_FIRST)])), None),
        "quiet": not claims,
        "weeks": [
            {
                "number": week.number,
                "first": week.first,
                "last": week.last,
                "count": week.count,
                "late": week.late,
                # Per cent of the row, so that a mail program without styles draws the same picture.
                "late_width": round(week.late / widest * 100),
                "width": round((week.count - week.late) / widest * 100),
            }
            for week in ahead
        ],
        "asked": key.asked,
        "answered": key.answered,
        "on_time": key.on_time,
        "due": key.due_by_now,
        "share": _per_cent(key),
        "median": key.median,
    }


def weeks(claims: Sequence[Running], today: date) -> list[Week]:
    """Return this week and those after it; what is overdue belongs to this one."""
    monday = today - timedelta(days=today.weekday())
    found = []
    for index in range(WEEKS_AHEAD):
        first = monday + timedelta(weeks=index)
        last = first + timedelta(days=6)
        due = [one.due for one in claims if one.due <= last and (one.due >= first or index == 0)]
        late = sum(day < today for day in due)
        found.append(Week(number=first.isocalendar().week, first=first, last=last, count=len(due), late=late))
    return found


def _per_cent(key: Key) -> int | None:
    """Return the share in time; never 100 for what is not all."""
    if key.share is None:
        return None
    return 100 if key.on_time == key.due_by_now else min(99, round(key.share * 100))
