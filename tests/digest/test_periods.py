"""When staff letters are due: Stockholm's clock, ISO weeks, summer time and the turn of the year."""

from datetime import UTC, datetime, timedelta

import pytest

from inbox_bot.clock import STOCKHOLM
from inbox_bot.digest.calendar import daily_period, weekly_period


def stockholm(*when):
    return datetime(*when, tzinfo=STOCKHOLM).astimezone(UTC)


@pytest.mark.parametrize(
    ("when", "week"),
    [
        ((2026, 9, 7, 7, 29, 59), None),
        ((2026, 9, 7, 7, 30), "2026-W37"),
        ((2026, 9, 8, 0, 0), "2026-W37"),
        ((2026, 9, 13, 23, 59), "2026-W37"),
        ((2026, 9, 14, 0, 0), None),
        # The year has 53 weeks: Monday 28 December to Sunday 3 January.
        ((2026, 12, 28, 7, 30), "2026-W53"),
        ((2027, 1, 3, 23, 59), "2026-W53"),
        ((2027, 1, 4, 7, 29), None),
        ((2027, 1, 4, 7, 30), "2027-W01"),
        # Week 1 of 2025 begins in December 2024.
        ((2024, 12, 30, 8, 0), "2025-W01"),
        # The Mondays after the clocks were changed (29 March, 25 October).
        ((2026, 3, 30, 7, 29), None),
        ((2026, 3, 30, 7, 30), "2026-W14"),
        ((2026, 10, 26, 7, 29), None),
        ((2026, 10, 26, 7, 30), "2026-W44"),
    ],
)
def test_the_week_whose_letter_should_have_gone(when, week):
    assert weekly_period(stockholm(*when)) == week


def test_half_past_seven_is_half_past_seven_summer_and_winter():
    assert weekly_period(datetime(2026, 7, 6, 5, 30, tzinfo=UTC)) == "2026-W28"
    assert weekly_period(datetime(2026, 7, 6, 5, 29, tzinfo=UTC)) is None
    assert weekly_period(datetime(2026, 11, 23, 6, 30, tzinfo=UTC)) == "2026-W48"
    assert weekly_period(datetime(2026, 11, 23, 6, 29, tzinfo=UTC)) is None


def test_a_worker_that_looks_all_the_time_sees_each_week_of_a_year_once_and_in_order():
    at, seen = stockholm(2026, 1, 1), []
    while at < stockholm(2027, 1, 12):
        week = weekly_period(at)
        if week is not None and (not seen or seen[-1] != week):
            seen.append(week)
        at += timedelta(minutes=30)
    assert seen[0] == "2026-W01"
    assert seen[-2:] == ["2027-W01", "2027-W02"]
    assert len(seen) == len(set(seen)) == 55
    assert seen == sorted(seen)


def test_the_daily_letter_has_its_hour_and_its_working_days():
    assert daily_period(stockholm(2026, 9, 8, 7, 29), working_day=True) is None
    assert daily_period(stockholm(2026, 9, 8, 7, 30), working_day=True) == "2026-09-08"
    assert daily_period(stockholm(2026, 9, 8, 23, 59), working_day=True) == "2026-09-08"
    assert daily_period(stockholm(2026, 9, 8, 12, 0), working_day=False) is None


def test_a_naive_moment_is_refused():
    with pytest.raises(ValueError, match="naive"):
        weekly_period(datetime(2026, 9, 7, 8, 0))  # noqa: DTZ001  # that it has no zone is the point
