"""The dates of law.md 1.1 to 1.3 worked out anew, in few lines and without the program's own code, to hold it against."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

HOME = ZoneInfo("Europe/Stockholm")
ALARMS = (10, 5, 2, 1)
"""Working days before the date on which staff must have been told (law.md 1.4)."""

DAY = timedelta(days=1)


def day_of(at: datetime) -> date:
    """Return the day it is in Stockholm."""
    return at.astimezone(HOME).date()


def moment(day: date, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    """Return an instant, in UTC, by the clock on the wall in Stockholm."""
    return datetime.combine(day, time(hour, minute, second), HOME).astimezone(UTC)


@cache
def holidays(year: int) -> frozenset[date]:
    """Return the public holidays of lag (1989:253) that are no Sundays anyway."""
    golden, century = year % 19, year // 100
    epact = (century - century // 4 - (8 * century + 13) // 25 + 19 * golden + 15) % 30
    moon = epact - (epact // 28) * (1 - (epact // 28) * (29 // (epact + 1)) * ((21 - golden) // 11))
    weekday = (year + year // 4 + moon + 2 - century + century // 4) % 7
    offset = moon - weekday
    month = 3 + (offset + 40) // 44
    easter = date(year, month, offset + 28 - 31 * (month // 4))
    fixed = [(1, 1), (1, 6), (5, 1), (6, 6), (12, 25), (12, 26)]
    midsummer = next(day for step in range(7) if (day := date(year, 6, 20) + step * DAY).weekday() == 5)
    saints = next(day for step in range(7) if (day := date(year, 10, 31) + step * DAY).weekday() == 5)
    movable = [easter - 2 * DAY, easter + DAY, easter + 39 * DAY, midsummer, saints]
    return frozenset([date(year, month, day) for month, day in fixed] + movable)


def works(day: date) -> bool:
    """Tell whether a day counts as a working day for the law; the three eves do (law.md 0.2)."""
    return day.weekday() < 5 and day not in holidays(day.year)


def forward(day: date) -> date:
    """Return the day itself, or the next working day."""
    while not works(day):
        day += DAY
    return day


def later(day: date, months: int) -> date:
    """Return the day of the same number so many months on, or that month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    number = day.day
    while True:
        try:
            return date(year, month + 1, number)
        except ValueError:
            number -= 1


def strict(received: datetime) -> date:
    """Return the date of Art 12(3): one month from receipt."""
    return forward(later(day_of(received), 1))


def extended(received: datetime) -> date:
    """Return the date that an extension in time gives: three months from receipt."""
    return forward(later(day_of(received), 3))


def fallback(received: datetime, asked: datetime, confirmed: datetime) -> date | None:
    """Return the date that one pause gives by the earliest of the three readings; None if it was asked for too late."""
    start, ask, end = day_of(received), day_of(asked), day_of(confirmed)
    if (ask - start).days > 6:
        return None
    used, paused = (ask - start).days, (end - ask).days
    nominal = later(start, 1)
    readings = (end + (30 - used) * DAY, later(end, 1) - used * DAY, nominal + paused * DAY)
    return forward(max(nominal, min(readings)))


def end_of(day: date) -> datetime:
    """Return the first instant after a day."""
    return moment(day + DAY)


def working_days_before(day: date, count: int) -> date:
    """Return the working day that is so many working days before another."""
    while count:
        day -= DAY
        count -= works(day)
    return day


def working_days_between(first: date, last: date) -> int:
    """Return how many working days lie after the first day up to and with the last; negative if the last is over."""
    if last < first:
        return -max(1, working_days_between(last, first))
    return sum(works(first + step * DAY) for step in range(1, (last - first).days + 1))
