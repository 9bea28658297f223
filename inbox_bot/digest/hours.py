"""When one member of staff may be mailed about what waits: never at night, and on days off only where a date will not wait."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from inbox_bot.clock import STOCKHOLM, in_utc
from inbox_bot.domain.dates import Calendar

APART = timedelta(hours=1)
"""The least time between two such mails to the same person."""


@dataclass(frozen=True, kw_only=True)
class Hours:
    """When one person wants to be told, on the clock in Stockholm. ``days_off``: on weekends and public holidays, too."""

    on: bool = True
    begins: time = time(7, 30)
    ends: time = time(18, 0)
    days_off: bool = False


def may_tell(hours: Hours, now: datetime, calendar: Calendar, dues: Iterable[date]) -> bool:
    """True if a person may be told now of things with these dates."""
    local = in_utc(now).astimezone(STOCKHOLM)
    if not hours.on or not hours.begins <= local.time() < hours.ends:
        return False
    if hours.days_off or calendar.is_working_day(local.date()):
        return True
    morning = calendar.add_working_days(local.date(), 1)
    return any(due < morning for due in dues)
