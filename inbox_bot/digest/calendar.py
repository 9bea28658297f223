"""When staff letters are due: every Monday 07:30 in Stockholm, and every working day at the same hour if there is cause."""

from datetime import datetime, time

from inbox_bot.clock import STOCKHOLM, in_utc, stockholm_day

HOUR = time(7, 30)
MONDAY = 1


def weekly_period(now: datetime) -> str | None:
    """Return the ISO week whose digest should have been sent by now (``2026-W47``), or None before Monday 07:30.

    After a stop the letter is caught up on any later day of the same week.
    """
    local = in_utc(now).astimezone(STOCKHOLM)
    if local.isoweekday() == MONDAY and local.time() < HOUR:
        return None
    return week_of(now)


def week_of(now: datetime) -> str:
    """Return the ISO week it is in Stockholm."""
    week = stockholm_day(now).isocalendar()
    return f"{week.year}-W{week.week:02d}"


def daily_period(now: datetime, *, working_day: bool) -> str | None:
    """Return the day whose alarm may be sent by now (``2026-11-23``), or None before 07:30 and on days off."""
    local = in_utc(now).astimezone(STOCKHOLM)
    if not working_day or local.time() < HOUR:
        return None
    return local.date().isoformat()
