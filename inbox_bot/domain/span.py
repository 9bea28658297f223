"""A stretch of time that a person asks the figures of: a month, a quarter, a year, or all there is. In Stockholm days."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from inbox_bot.domain.dates import add_months

_NAME = re.compile(r"(?P<year>[12]\d{3})(?:-(?P<month>0[1-9]|1[0-2])|-[kKqQ](?P<quarter>[1-4]))?")
EVERYTHING = "allt"


class SpanKind(StrEnum):
    """How long a span is."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    ALL = "all"


_MONTHS = {SpanKind.MONTH: 1, SpanKind.QUARTER: 3, SpanKind.YEAR: 12}


@dataclass(frozen=True, kw_only=True)
class Span:
    """The days from ``first`` to ``last``, both counted. ``first`` of all there is: the day before which there is nothing."""

    kind: SpanKind
    first: date
    last: date

    @property
    def name(self) -> str:
        """Return ``2026-11``, ``2026-K4``, ``2026`` or ``allt``, as :func:`span_named` reads it."""
        match self.kind:
            case SpanKind.MONTH:
                return f"{self.first:%Y-%m}"
            case SpanKind.QUARTER:
                return f"{self.first.year}-K{(self.first.month + 2) // 3}"
            case SpanKind.YEAR:
                return str(self.first.year)
            case SpanKind.ALL:
                return EVERYTHING

    @property
    def before(self) -> "Span | None":
        """Return the span of the same length before this one; None for all there is."""
        if self.kind is SpanKind.ALL:
            return None
        return _span(self.kind, add_months(self.first, -_MONTHS[self.kind]))


def span_named(name: str, *, oldest: date, today: date) -> Span | None:
    """Read a span's name; None if it is none. ``oldest`` and ``today`` bound all there is (``allt``, ``all``)."""
    wanted = name.strip().lower()
    if wanted in {EVERYTHING, "all"}:
        return Span(kind=SpanKind.ALL, first=min(oldest, today), last=today)
    found = _NAME.fullmatch(wanted)
    if found is None:
        return None
    year, month, quarter = int(found["year"]), found["month"], found["quarter"]
    if month:
        return _span(SpanKind.MONTH, date(year, int(month), 1))
    if quarter:
        return _span(SpanKind.QUARTER, date(year, int(quarter) * 3 - 2, 1))
    return _span(SpanKind.YEAR, date(year, 1, 1))


def year_of(day: date) -> Span:
    """Return the calendar year a day is in."""
    return _span(SpanKind.YEAR, day.replace(month=1, day=1))


def month_of(day: date) -> Span:
    """Return the month a day is in."""
    return _span(SpanKind.MONTH, day.replace(day=1))


def choices(oldest: date, today: date) -> dict[SpanKind, list[Span]]:
    """Return what a person may choose among, the newest first: twelve months, eight quarters, every year, all."""
    found: dict[SpanKind, list[Span]] = {}
    first = min(oldest, today)
    for kind, most in ((SpanKind.MONTH, 12), (SpanKind.QUARTER, 8), (SpanKind.YEAR, 12)):
        months = _MONTHS[kind]
        one: Span | None = _span(kind, today.replace(month=(today.month - 1) // months * months + 1, day=1))
        spans: list[Span] = []
        while one is not None and one.last >= first and len(spans) < most:
            spans.append(one)
            one = one.before
        found[kind] = spans
    found[SpanKind.ALL] = [Span(kind=SpanKind.ALL, first=first, last=today)]
    return found


def _span(kind: SpanKind, first: date) -> Span:
    return Span(kind=kind, first=first, last=add_months(first, _MONTHS[kind]) - timedelta(days=1))
