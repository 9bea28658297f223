"""Periods of months as Reg. (EEC, Euratom) 1182/71 counts them, the law of the month in Art 12(3) GDPR (EDPB 01/2022 p. 160).

Days are Stockholm days: the regulation looks to the place where the act is to be done. Public holidays are handed in,
so that this file holds no calendar of its own. Articles cited here are those of the regulation.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from inbox_bot.clock import STOCKHOLM
from inbox_bot.domain.dates import add_months

HolidayName = Callable[[date], str | None]
"""Tells the Swedish name of the public holiday (lag 1989:253) that falls on a day, or None."""

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class FreeDay:
    """A day that moves a period's end: ``holiday`` names the public holiday, or is None for a plain weekend day."""

    day: date
    holiday: str | None


@dataclass(frozen=True, kw_only=True)
class Period:
    """Where a period of months ends: ``nominal`` by Art 3(2)(c), moved past the ``free`` days to ``end`` by Art 3(4)."""

    nominal: date
    free: tuple[FreeDay, ...]
    end: date


def is_free(day: date, holiday_name: HolidayName) -> bool:
    """True for Saturdays, Sundays and public holidays (Art 3(4)).

    Midsommarafton, julafton and nyårsafton are not free: lag (1930:173) 2 § makes them so for time set by Swedish
    enactments only, and counting them would give a date that is too late.
    """
    return day.isoweekday() >= 6 or holiday_name(day) is not None


def move_to_working_day(day: date, holiday_name: HolidayName) -> date:
    """Return ``day``, or the first working day after it where it is free (Art 3(4))."""
    while is_free(day, holiday_name):
        day += _ONE_DAY
    return day


def period_from(received: date, months: int, holiday_name: HolidayName) -> Period:
    """Return the period of whole months that runs from the receipt day."""
    nominal = add_months(received, months)
    end = move_to_working_day(nominal, holiday_name)
    passed = (nominal + _ONE_DAY * step for step in range((end - nominal).days))
    return Period(nominal=nominal, free=tuple(FreeDay(day=day, holiday=holiday_name(day)) for day in passed), end=end)


def first_instant_after(day: date) -> datetime:
    """Return, in UTC, the midnight in Stockholm at which ``day`` is over (Art 3(2)(c): expiry of the last hour)."""
    return datetime.combine(day + _ONE_DAY, time(), STOCKHOLM).astimezone(UTC)
