"""The table of public holidays: filled, checked on 1 November, changed by people, and open cases dated anew."""

from datetime import UTC, date, datetime

import pytest

from inbox_bot.case import holidays
from inbox_bot.case.calendar import SwedishCalendar
from inbox_bot.case.holidays import agreed, by_year, in_package, parting, problems, sure_name, years_to_hold
from inbox_bot.case.statute import easter_sunday, public_holidays
from inbox_bot.clock import SetClock
from inbox_bot.domain.dates import ClockEvents
from inbox_bot.domain.holiday import Holiday
from inbox_bot.errors import NotAllowedError
from tests.case.test_calendar import easter_sunday as easter_of_1876
from tests.support.house import EVA, STAFF, both_databases

NATIONAL_DAY = date(2027, 6, 6)


def said(day, *, free, name="en ny helgdag", by="anna"):
    return Holiday(day=day, name=name, free=free, source="SFS 2026:1", by=by)


@pytest.fixture
def package_lacks(monkeypatch):
    """Let the package know a day no longer, as after a mistaken release."""

    def lacks(day):
        whole = in_package
        known = {year: {one: name for one, name in whole(year).items() if one != day} for year in range(2020, 2031)}
        monkeypatch.setattr(holidays, "in_package", lambda year: known.get(year) or whole(year))

    return lacks


@pytest.mark.parametrize("year", range(2005, 2101))
def test_the_statute_and_the_package_say_the_same(year):
    assert dict(public_holidays(year)) == dict(in_package(year))
    assert parting(year) == []


@pytest.mark.parametrize("year", [1954, 1981, 2019, 2038, 2049, 2076, 2100, 2199, 2298])
def test_easter_in_the_years_that_are_hard(year):
    assert easter_sunday(year) == easter_of_1876(year)


def test_years_before_the_statute_read_as_now_are_refused_by_it_and_known_by_the_package():
    with pytest.raises(ValueError, match="otherwise in 2004"):
        public_holidays(2004)
    assert sure_name(date(2004, 5, 31)) == "annandag pingst"
    assert sure_name(date(2005, 5, 16)) is None


def test_where_they_part_a_day_is_no_holiday(package_lacks):
    package_lacks(NATIONAL_DAY)
    assert parting(2027) == [NATIONAL_DAY]
    assert sure_name(NATIONAL_DAY) is None
    assert sure_name(date(2027, 1, 6)) == "trettondedag jul"
    assert agreed(2027) == []


@pytest.mark.parametrize(
    ("today", "years"),
    [(date(2026, 10, 31), [2025, 2026]), (date(2026, 11, 1), [2025, 2026, 2027]), (date(2027, 1, 1), [2026, 2027])],
)
def test_the_year_to_come_is_held_from_the_first_of_november(today, years):
    assert years_to_hold(today) == years


def test_nothing_is_wrong_while_table_package_and_statute_agree():
    rows = [*agreed(2025), *agreed(2026)]
    assert problems(rows, date(2026, 10, 31)) == []
    [missing] = problems(rows, date(2026, 11, 1))
    assert "2027 finns inte i tabellen" in missing
    assert problems([*rows, *agreed(2027)], date(2026, 11, 1)) == []


def test_what_parts_is_told_until_a_person_has_decided(package_lacks):
    rows = [*agreed(2025), *agreed(2026), *agreed(2027)]
    package_lacks(NATIONAL_DAY)
    [told] = problems(rows, date(2026, 11, 1))
    assert "2027-06-06" in told
    others = [row for row in rows if row.day != NATIONAL_DAY]
    assert problems([*others, said(NATIONAL_DAY, free=True)], date(2026, 11, 1)) == []
    only = [row for row in rows if row.day.year < 2027]
    assert problems([*only, said(NATIONAL_DAY, free=True)], date(2026, 11, 1)) == []


def test_a_persons_row_is_laid_over_the_year():
    table = by_year([*agreed(2026), said(date(2026, 10, 7), free=True), said(date(2026, 12, 25), free=False)])
    calendar = SwedishCalendar()
    calendar.learn(table, 1)
    assert calendar.holiday_name(date(2026, 10, 7)) == "en ny helgdag"
    assert calendar.is_working_day(date(2026, 12, 25))
    assert not calendar.is_working_day(date(2027, 12, 24 + 1))
    dates = calendar.dates(ClockEvents(received_at=datetime(2026, 9, 7, 8, tzinfo=UTC)))
    assert dates.strict_deadline == date(2026, 10, 8)
    assert "Det är en ny helgdag" in dates.explanation
    alone = by_year([said(date(2031, 3, 3), free=True)])
    assert len(alone[2031]) == len(in_package(2031)) + 1


@both_databases
def test_the_table_is_filled_with_its_source_and_the_next_year_on_the_first_of_november(house):
    assert {row.day.year for row in house.flow.holidays()} == {2025, 2026}
    assert house.flow.holidays()[0].source.startswith("lag (1989:253); holidays 0.")
    house.clock.set(datetime(2026, 11, 1, 6, tzinfo=UTC))
    house.drain()
    assert {row.day.year for row in house.flow.holidays()} == {2025, 2026, 2027}


@both_databases
def test_a_changed_table_dates_open_cases_anew_and_notes_old_and_new(house):
    house.ask_and_confirm("#erasure")
    house.flow.approve_case("PK-2026-0001", by="anna", note="Raderat i kursplattformen.", rest=True)
    house.drain()
    house.ask("#access", sender=EVA)
    assert (
        house.flow.decide_holiday(date(2026, 10, 7), free=True, name="en ny helgdag", source="SFS 2026:1", by="anna")
        == 1
    )
    [event] = [event for event in house.file("PK-2026-0002").events if event.name.value == "redated"]
    assert dict(event.details) == {"old": "2026-10-07", "new": "2026-10-08"}
    assert house.sql("SELECT due FROM claim ORDER BY id")[1][0] in {"2026-10-08", date(2026, 10, 8)}
    assert "redated" not in house.events("PK-2026-0001")
    house.drain()
    assert house.events("PK-2026-0002").count("redated") == 1
    assert (
        house.flow.decide_holiday(date(2026, 10, 7), free=False, name="ingen helgdag", source="SFS 2026:2", by="anna")
        == 1
    )
    with pytest.raises(NotAllowedError, match="where that is written"):
        house.flow.decide_holiday(date(2026, 10, 7), free=True, name="x", source=" ", by="anna")


def test_another_process_counts_with_the_changed_table_too(house, build):
    house.ask("#access")
    other = build(clock=house.clock)
    house.flow.decide_holiday(date(2026, 10, 7), free=True, name="en ny helgdag", source="SFS 2026:1", by="anna")
    assert other.flow.archive.cases()[0].due == date(2026, 10, 8)


def test_the_process_whose_page_saw_the_change_first_dates_anew_as_well(house, build):
    house.ask("#access")
    with house.flow.desk.write() as unit:
        unit.holidays.put(said(date(2026, 10, 7), free=True))
    assert house.flow.archive.cases()[0].due == date(2026, 10, 8)
    house.drain()
    assert "redated" in house.events()


def test_other_holidays_in_a_new_program_date_anew_the_next_day(house):
    house.ask("#access")
    with house.building.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE claim SET due = '2026-10-05'")
    house.drain()
    assert "redated" not in house.events()
    house.days(1)
    house.drain()
    assert house.events()[-1] == "redated"


def test_staff_are_told_on_the_first_working_day_of_november_and_every_day_until_it_is_mended(build, package_lacks):
    package_lacks(NATIONAL_DAY)
    house = build(clock=SetClock(datetime(2026, 10, 30, 9, tzinfo=UTC)))
    house.drain()
    assert not [letter for letter in house.to(STAFF) if "2027" in letter.text]
    for day in (2, 3):
        house.clock.set(datetime(2026, 11, day, 9, tzinfo=UTC))
        house.drain()
    told = [letter for letter in house.to(STAFF) if letter.subject.startswith("Att göra")]
    assert len(told) == 2
    assert all("2027-06-06" in letter.text for letter in told)
    house.flow.decide_holiday(NATIONAL_DAY, free=True, name="nationaldagen", source="lag (1989:253)", by="anna")
    house.clock.set(datetime(2026, 11, 4, 9, tzinfo=UTC))
    house.drain()
    assert [letter for letter in house.to(STAFF) if letter.subject.startswith("Att göra")] == told
