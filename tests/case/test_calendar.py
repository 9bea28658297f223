"""The calendar against the statute, and the counting of working days."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inbox_bot.case.calendar import SwedishCalendar, holiday_name

CALENDAR = SwedishCalendar()
days = st.dates(date(2018, 1, 1), date(2040, 12, 31))


def easter_sunday(year: int) -> date:
    """The Gregorian computus, in the anonymous form of 1876."""
    golden = year % 19
    century, rest = divmod(year, 100)
    epact = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    shift = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * shift + 114, 31)
    return date(year, month, day + 1)


def statute(year: int) -> dict[date, str]:
    """The public holidays of lag (1989:253), written out anew from its text."""

    def saturday_from(month: int, day: int) -> date:
        first = date(year, month, day)
        return first + timedelta(days=(5 - first.weekday()) % 7)

    easter = easter_sunday(year)
    table = {
        date(year, 1, 1): "nyårsdagen",
        date(year, 1, 6): "trettondedag jul",
        date(year, 5, 1): "första maj",
        date(year, 6, 6): "nationaldagen",
        date(year, 12, 25): "juldagen",
        date(year, 12, 26): "annandag jul",
        saturday_from(6, 20): "midsommardagen",
        saturday_from(10, 31): "alla helgons dag",
    }
    movable = {
        -2: "långfredagen",
        0: "påskdagen",
        1: "annandag påsk",
        39: "Kristi himmelsfärdsdag",
        49: "pingstdagen",
    }
    for offset, name in movable.items():
        day = easter + timedelta(days=offset)
        table[day] = f"{table[day]} och {name}" if day in table else name
    return table


@pytest.mark.parametrize("year", range(2005, 2101))
def test_the_public_holidays_are_those_of_the_statute(year):
    first = date(year, 1, 1)
    year_days = [first + timedelta(days=step) for step in range((date(year + 1, 1, 1) - first).days)]
    assert {day: name for day in year_days if (name := holiday_name(day))} == statute(year)


def test_two_holidays_on_one_day_are_both_named():
    assert holiday_name(date(2008, 5, 1)) == "första maj och Kristi himmelsfärdsdag"


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2026, 12, 24), "julafton"),
        (date(2026, 12, 31), "nyårsafton"),
        (date(2026, 6, 19), "midsommarafton"),
        (date(2026, 4, 2), "skärtorsdagen"),
        (date(2026, 4, 30), "Valborgsmässoafton"),
        (date(2026, 5, 15), "dagen efter Kristi himmelsfärdsdag"),
        (date(2026, 5, 25), "annandag pingst"),
        (date(2026, 10, 30), "allhelgonaafton"),
        (date(2027, 1, 5), "trettondagsafton"),
    ],
)
def test_an_eve_or_squeezed_day_is_a_working_day(day, name):
    assert CALENDAR.is_working_day(day), name


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2026, 4, 4), "påskafton, a Saturday"),
        (date(2026, 5, 23), "pingstafton, a Saturday"),
        (date(2026, 3, 1), "a Sunday"),
        (date(2026, 4, 3), "långfredagen"),
        (date(2025, 6, 6), "nationaldagen, a Friday"),
    ],
)
def test_a_free_day_is_not_a_working_day(day, name):
    assert not CALENDAR.is_working_day(day), name


@pytest.mark.parametrize("year", [1, 1952, 2101, 9999])
def test_a_year_whose_holidays_are_not_known_is_refused(year):
    with pytest.raises(ValueError, match=f"the public holidays of {year} are not known"):
        holiday_name(date(year, 3, 2))


@pytest.mark.parametrize(
    ("day", "count", "there"),
    [
        (date(2026, 3, 2), 0, date(2026, 3, 2)),
        (date(2026, 3, 1), 0, date(2026, 3, 1)),
        (date(2026, 3, 2), 1, date(2026, 3, 3)),
        (date(2026, 4, 2), 1, date(2026, 4, 7)),
        (date(2026, 4, 7), -1, date(2026, 4, 2)),
        (date(2026, 4, 5), 1, date(2026, 4, 7)),
        (date(2026, 4, 5), -1, date(2026, 4, 2)),
        (date(2026, 12, 21), 5, date(2026, 12, 29)),
    ],
)
def test_working_days_are_added(day, count, there):
    assert CALENDAR.add_working_days(day, count) == there


@pytest.mark.parametrize(
    ("today", "due", "left"),
    [
        (date(2026, 3, 2), date(2026, 3, 2), 0),
        (date(2026, 3, 2), date(2026, 3, 3), 1),
        (date(2026, 2, 28), date(2026, 3, 2), 1),
        (date(2026, 4, 2), date(2026, 4, 7), 1),
        (date(2026, 3, 31), date(2026, 4, 7), 3),
        (date(2026, 3, 7), date(2026, 3, 6), -1),
        (date(2026, 3, 9), date(2026, 3, 6), -1),
        (date(2026, 3, 10), date(2026, 3, 6), -2),
        (date(2026, 3, 8), date(2026, 3, 7), -1),
    ],
)
def test_the_working_days_left_are_counted(today, due, left):
    assert CALENDAR.working_days_left(today, due) == left


@given(days, st.integers(-40, 40).filter(bool))
@settings(deadline=None)
def test_added_working_days_are_the_days_left(day, count):
    there = CALENDAR.add_working_days(day, count)
    assert CALENDAR.is_working_day(there)
    if count > 0 or CALENDAR.is_working_day(day):
        assert CALENDAR.working_days_left(day, there) == count


@given(days, st.integers(1, 40))
@settings(deadline=None)
def test_there_and_back_is_the_same_working_day(day, count):
    start = CALENDAR.add_working_days(day, 1)
    assert CALENDAR.add_working_days(CALENDAR.add_working_days(start, count), -count) == start


@given(days, st.integers(1, 30))
@settings(deadline=None)
def test_what_is_overdue_is_negative_and_never_gets_better(due, days_late):
    late = CALENDAR.working_days_left(due + timedelta(days=days_late), due)
    assert late < 0
    assert CALENDAR.working_days_left(due + timedelta(days=days_late + 1), due) <= late
