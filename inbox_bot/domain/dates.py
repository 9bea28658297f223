"""The clock of one claim: the events it is computed from, and the dates that follow."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class Pause:
    """Identity was asked for, and perhaps confirmed."""

    asked_at: datetime
    confirmed_at: datetime | None = None


class PauseStanding(StrEnum):
    """What a pause is worth. Only ``COUNTED`` moves the fallback date; ``OPEN`` may come to do so."""

    COUNTED = "counted"
    OPEN = "open"
    LATE = "late"
    OVER_BEFORE_RECEIPT = "over_before_receipt"
    NOT_ALLOWED = "not_allowed"


@dataclass(frozen=True, kw_only=True)
class JudgedPause:
    """A pause in Stockholm days. ``confirmed`` is None while the answer is awaited."""

    asked: date
    confirmed: date | None
    standing: PauseStanding


@dataclass(frozen=True, kw_only=True)
class ClockEvents:
    """All that moves a claim's dates. Instants are aware.

    ``pausable`` is False where the law allows no pause: marketing objections, consent withdrawal, no reasonable doubt.
    """

    received_at: datetime
    pauses: tuple[Pause, ...] = ()
    extension_sent_at: datetime | None = None
    pausable: bool = True


@dataclass(frozen=True, kw_only=True)
class Dates:
    """The dates of one claim. ``strict_deadline`` is *the* date (Art 12(3)); the others stand beside it.

    ``strict_end`` is the first instant after the deadline, in UTC. ``paused_safe`` is the fallback date if a pause
    holds, None without one. ``extension_*`` are None unless an extension notice was sent; ``extended_deadline`` is None
    unless it was sent in time. ``explanation`` tells a person, in Swedish, why the date is what it is; ``why`` says it in
    one sentence. ``pauses`` are those of the events, each with what it is worth.
    """

    received_day: date
    strict_deadline: date
    strict_end: datetime
    explanation: str
    paused_safe: date | None = None
    extension_notice_by: date | None = None
    extension_valid: bool | None = None
    extended_deadline: date | None = None
    pauses: tuple[JudgedPause, ...] = ()
    why: str = ""

    @property
    def due(self) -> date:
        """The day an answer must have left: the extended date where an extension stands, else the strict one."""
        return self.extended_deadline or self.strict_deadline


class Calendar(Protocol):
    """Counts days as the law does: Stockholm days, Swedish public holidays, Reg. 1182/71."""

    def dates(self, events: ClockEvents) -> Dates:
        """Return the dates that follow from the events."""
        ...

    def is_working_day(self, day: date) -> bool:
        """True unless ``day`` is a Saturday, a Sunday or a public holiday."""
        ...

    def add_working_days(self, day: date, count: int) -> date:
        """Return the day ``count`` working days after ``day`` (before it, if negative); ``day`` itself is not counted."""
        ...

    def working_days_left(self, today: date, due: date) -> int:
        """Return how many working days remain after ``today`` up to and with ``due``; negative when overdue."""
        ...


def add_months(day: date, months: int) -> date:
    """Return the same day number ``months`` later, or that month's last day where it has none (Reg. 1182/71 Art 3(2)(c))."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
