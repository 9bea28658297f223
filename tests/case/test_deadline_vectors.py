"""Every row of the law's own table of dates, every column that a row fills."""

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest

from inbox_bot.case.calendar import holiday_name
from inbox_bot.case.deadline import deadline_report, parse_moment, reckon
from inbox_bot.case.period import period_from
from inbox_bot.domain.dates import ClockEvents, Pause

TABLE = Path(__file__).with_name("deadline_vectors.csv").read_text(encoding="utf-8")
ROWS = list(csv.DictReader(TABLE.splitlines()))


def events_of(row: dict[str, str]) -> ClockEvents:
    """A late question is left to the program to refuse; that an objection to marketing is never paused, it is told."""
    pauses = ()
    if row["identity_requested"]:
        asked, confirmed = row["identity_requested"], row["identity_confirmed"]
        pauses = (Pause(asked_at=parse_moment(asked), confirmed_at=parse_moment(confirmed) if confirmed else None),)
    sent = row["extension_notified_at"]
    return ClockEvents(
        received_at=parse_moment(row["received_at"]),
        pauses=pauses,
        extension_sent_at=parse_moment(sent) if sent else None,
        pausable=row["rule"] != "marketing objection",
    )


def test_the_table_is_whole():
    assert len(ROWS) == len({row["id"] for row in ROWS}) == 50
    assert {"D12", "D45", "D73", "D75", "D77"} <= {row["id"] for row in ROWS}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_dates_of_the_row(calendar, row):
    dates = calendar.dates(events_of(row))
    report = deadline_report(dates)

    assert dates.received_day.isoformat() == row["received_local_date"]
    assert dates.strict_deadline.strftime("%a") == row["strict_weekday"]
    assert report["strict_deadline"] == row["strict_deadline"]
    assert report["strict_end_utc"] == row["strict_end_utc"]
    assert report["paused_safe"] == (row["paused_safe"] or None)
    assert report["extension_notice_by"] == (row["extension_notice_by"] or None)
    assert report["extension_valid"] == {"": None, "yes": True, "no": False}[row["extension_valid"]]
    assert report["extended_deadline"] == (row["extended_deadline"] or None)
    assert dates.due.isoformat() == (row["extended_deadline"] or row["strict_deadline"])


@pytest.mark.parametrize("row", [row for row in ROWS if row["paused_30day"]], ids=lambda row: row["id"])
def test_the_fallback_is_never_later_than_the_thirty_day_count(calendar, row):
    assert calendar.dates(events_of(row)).paused_safe <= date.fromisoformat(row["paused_30day"])


def with_eves(day: date) -> str | None:
    """The wrong calendar: the eves that lag (1930:173) 2 § makes free for time set by Swedish enactments are free too."""
    eve = (day.month, day.day) in {(12, 24), (12, 31)} or holiday_name(day + timedelta(days=1)) == "midsommardagen"
    return "afton" if eve else holiday_name(day)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_only_the_eves_part_the_date_from_the_swedish_enactment(row):
    assert reckon(events_of(row), with_eves).answer.end.isoformat() == row["se_1930_173_date"]


def test_the_eves_would_make_51_of_8340_receipt_days_too_late():
    """The count the law notes give for the receipt days from 2018 to October 2040."""
    received = [date(2018, 1, 1) + timedelta(days=step) for step in range(8340)]
    ends = [(period_from(day, 1, holiday_name).end, period_from(day, 1, with_eves).end) for day in received]
    assert all(right <= wrong for right, wrong in ends)
    assert sum(right < wrong for right, wrong in ends) == 51
