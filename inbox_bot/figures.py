"""The figures and the register for a span that a person chooses, and from when they are whole."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from inbox_bot.clock import Clock, stockholm_day
from inbox_bot.domain.dates import add_months
from inbox_bot.domain.register import Register
from inbox_bot.domain.span import Span, SpanKind, choices, month_of, span_named, year_of
from inbox_bot.domain.statistics import Statistics, statistics
from inbox_bot.errors import NotAllowedError
from inbox_bot.store.unit import Desk, Unit

MOST_MONTHS = 24
"""Of a longer span only these, the latest, are told of month by month."""


@dataclass(frozen=True, kw_only=True)
class FigureDesk:
    """Reads the figures. ``newest_deleted``: given a day, the latest closing day whose evidence is no longer kept then."""

    desk: Desk
    clock: Clock
    newest_deleted: Callable[[date], date]

    def span(self, name: str = "") -> Span:
        """Return the span a person means: ``2026-11``, ``2026-K4``, ``2026``, ``allt``; this year if they name none.

        Raises NotAllowedError for a name that is none.
        """
        today = stockholm_day(self.clock.now())
        if not name.strip():
            return year_of(today)
        with self.desk.look() as unit:
            found = span_named(name, oldest=unit.figures.oldest() or today, today=today)
        if found is None:
            raise NotAllowedError(
                f"There is no period {name.strip()[:20]!r}.", hint="Write 2026-11, 2026-K4, 2026 or allt."
            )
        return found

    def choices(self) -> dict[SpanKind, list[Span]]:
        """Return the spans to choose among, the newest first."""
        today = stockholm_day(self.clock.now())
        with self.desk.look() as unit:
            return choices(unit.figures.oldest() or today, today)

    def statistics(self, span: Span, *, compare: bool = True) -> Statistics:
        """Return the figures of a span, and unless told not to, the main ones of the span before it."""
        now = self.clock.now()
        with self.desk.look() as unit:
            counts = unit.figures.counts(span, now)
            before = span.before if compare else None
            earlier = None if before is None else unit.figures.counts(before, now)
            return statistics(
                span,
                counts,
                months=months_in(span, stockholm_day(now)),
                made_at=now,
                whole_from=self._whole_from(unit),
                gone=unit.figures.gone(span.first.year, span.last.year),
                before=earlier,
            )

    def register(self, span: Span) -> Register:
        """Return the register of requests of a span."""
        now = self.clock.now()
        with self.desk.look() as unit:
            return Register(
                span=span,
                made_at=now,
                whole_from=self._whole_from(unit),
                gone=unit.figures.gone(span.first.year, span.last.year),
                rows=tuple(unit.registers.rows(span, stockholm_day(now))),
            )

    def _whole_from(self, unit: Unit) -> date | None:
        """Return the first day from which every request is counted: since the program began, and nothing deleted since.

        What came in after the newest day whose closing is long enough ago cannot have been closed before it.
        """
        began = unit.figures.began()
        kept = self.newest_deleted(stockholm_day(self.clock.now())) + timedelta(days=1)
        return None if began is None else max(began, kept)


def months_in(span: Span, today: date) -> list[str]:
    """Return the months of a span that have begun, the latest ones if there are many."""
    last = month_of(min(span.last, today)).first
    if last < span.first:
        last = span.first.replace(day=1)
    first = max(span.first.replace(day=1), add_months(last, 1 - MOST_MONTHS))
    found = []
    while first <= last:
        found.append(f"{first:%Y-%m}")
        first = add_months(first, 1)
    return found
