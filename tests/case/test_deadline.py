"""The month, the pause and the extension, as rules; the table of single dates is in test_deadline_vectors.py."""

import time
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inbox_bot.case.calendar import SwedishCalendar, holiday_name
from inbox_bot.case.deadline import deadline_report, merge_spans, parse_moment, reckon
from inbox_bot.clock import STOCKHOLM
from inbox_bot.domain.dates import ClockEvents, Pause

ONE_SECOND = timedelta(seconds=1)
FIRST, LAST = date(2018, 1, 1), date(2040, 12, 31)
days = st.dates(FIRST, LAST)
CALENDAR = SwedishCalendar()  # Hypothesis does not mix with function fixtures; the calendar holds no state.


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=STOCKHOLM)


def pause(asked: str, confirmed: str | None = None) -> Pause:
    return Pause(asked_at=parse_moment(asked), confirmed_at=parse_moment(confirmed) if confirmed else None)


def dates_of(received: str, *pauses: Pause, extension: str | None = None, pausable: bool = True):
    sent = parse_moment(extension) if extension else None
    return CALENDAR.dates(
        ClockEvents(received_at=parse_moment(received), pauses=pauses, extension_sent_at=sent, pausable=pausable)
    )


# The month


def test_every_receipt_day_has_a_working_deadline_28_to_35_days_later():
    lengths = set()
    for number in range(FIRST.toordinal(), LAST.toordinal() + 1):
        received = date.fromordinal(number)
        strict = CALENDAR.dates(ClockEvents(received_at=noon(received))).strict_deadline
        assert CALENDAR.is_working_day(strict), received
        lengths.add((strict - received).days)
    assert (min(lengths), max(lengths)) == (28, 35)


@given(days)
@settings(deadline=None)
def test_the_day_number_stays_or_is_clipped_and_only_free_days_are_passed(received):
    answer = reckon(ClockEvents(received_at=noon(received)), holiday_name).answer
    following = answer.nominal + timedelta(days=1)
    assert (answer.nominal.month - received.month) % 12 == 1
    assert answer.nominal.day == received.day or (answer.nominal.day < received.day and following.day == 1)
    assert [free.day for free in answer.free] == [
        answer.nominal + timedelta(days=step) for step in range((answer.end - answer.nominal).days)
    ]
    assert not any(CALENDAR.is_working_day(free.day) for free in answer.free)


@given(days)
@settings(deadline=None)
def test_one_second_at_stockholm_midnight_changes_the_day(day):
    midnight = datetime(day.year, day.month, day.day, tzinfo=STOCKHOLM).astimezone(UTC)
    before = CALENDAR.dates(ClockEvents(received_at=midnight - ONE_SECOND))
    after = CALENDAR.dates(ClockEvents(received_at=midnight))
    assert before.received_day == day - timedelta(days=1)
    assert after.received_day == day
    assert before.strict_deadline <= after.strict_deadline


@given(days)
@settings(deadline=None)
def test_the_end_is_the_first_instant_after_the_day(received):
    dates = CALENDAR.dates(ClockEvents(received_at=noon(received)))
    assert dates.strict_end.tzinfo is UTC
    assert (dates.strict_end - ONE_SECOND).astimezone(STOCKHOLM).date() == dates.strict_deadline
    assert dates.strict_end.astimezone(STOCKHOLM).date() == dates.strict_deadline + timedelta(days=1)


@given(
    st.builds(lambda day, seconds: noon(day) + timedelta(seconds=seconds), days, st.integers(-43_200, 43_200)),
    st.sampled_from(["Asia/Tokyo", "America/Los_Angeles"]),
)
@settings(deadline=None)
def test_the_zone_an_instant_is_written_in_does_not_matter(at, zone):
    utc = at.astimezone(UTC)
    elsewhere = utc.astimezone(ZoneInfo(zone))
    assert CALENDAR.dates(ClockEvents(received_at=utc)) == CALENDAR.dates(ClockEvents(received_at=elsewhere))


@pytest.fixture
def machine_zone(monkeypatch):
    """Set the zone of the machine, and take it back."""

    def set_zone(name: str) -> None:
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield set_zone
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Stockholm"])
def test_the_machines_time_zone_does_not_matter(machine_zone, zone):
    machine_zone(zone)
    dates = dates_of(
        "2026-02-28T23:30:00",
        pause("2026-03-01T00:10:00", "2026-03-31T23:59:59"),
        extension="2026-03-30T23:59:59",
    )
    assert deadline_report(dates) | {"explanation": ""} == {
        "strict_deadline": "2026-03-30",
        "strict_end_utc": "2026-03-30T22:00:00Z",
        "paused_safe": "2026-04-27",
        "extension_notice_by": "2026-03-30",
        "extension_valid": True,
        "extended_deadline": "2026-05-28",
        "explanation": "",
    }


def test_a_naive_receipt_is_refused():
    with pytest.raises(ValueError, match="naive"):
        CALENDAR.dates(ClockEvents(received_at=datetime(2026, 3, 2, 12)))  # noqa: DTZ001 -- what is refused


# The pause


@pytest.mark.parametrize(
    ("received", "asked", "confirmed", "safe"),
    [
        # The readings are 13 May, 13 May and 11 May: the one that moves the date by the pause is the earliest.
        ("2022-02-09", "2022-02-15", "2022-04-19", "2022-05-11"),
        # Thirty days from 8 July is 7 August, the others say 8 August.
        ("2025-07-01", "2025-07-01", "2025-07-08", "2025-08-07"),
        # A month from 2 February is 2 March, less the day used 1 March; the others say 3 and 4 March. 1 March is a Sunday.
        ("2026-01-20", "2026-01-21", "2026-02-02", "2026-03-02"),
        # A month from 11 February is 11 March, less one 10 March; the others say 12 and 13 March.
        ("2026-01-20", "2026-01-21", "2026-02-11", "2026-03-10"),
        # Every reading gives a day before the strict date: 31 - 1 days and so on.
        ("2026-07-01", "2026-07-02", "2026-07-02", "2026-08-03"),
    ],
)
def test_the_earliest_reading_is_shown(received, asked, confirmed, safe):
    assert dates_of(received, pause(asked, confirmed)).paused_safe == date.fromisoformat(safe)


@pytest.mark.parametrize(("asked", "safe"), [("2026-03-08", date(2026, 4, 27)), ("2026-03-09", None)])
def test_a_question_asked_after_six_days_gives_no_pause(asked, safe):
    assert dates_of("2026-03-02", pause(asked, "2026-04-02")).paused_safe == safe


@pytest.mark.parametrize("asked", ["2026-04-02T23:59:59", "2026-04-03T00:00:00", "2026-05-20"])
def test_a_question_asked_at_or_after_the_date_gives_no_pause(asked):
    assert dates_of("2026-03-02", pause(asked, "2026-06-01")).paused_safe is None


def test_without_a_pause_there_is_no_fallback_date():
    assert dates_of("2026-03-02").paused_safe is None


def test_an_open_pause_gives_no_fallback_date_yet():
    assert dates_of("2026-03-02", pause("2026-03-02")).paused_safe is None
    assert dates_of("2026-03-02", pause("2026-03-02", "2026-03-03"), pause("2026-03-05")).paused_safe is None


def test_an_open_question_that_came_too_late_does_not_hide_a_pause_that_counts():
    alone = dates_of("2026-03-02", pause("2026-03-02", "2026-03-12")).paused_safe
    assert alone == date(2026, 4, 13)
    assert dates_of("2026-03-02", pause("2026-03-02", "2026-03-12"), pause("2026-03-20")).paused_safe == alone


def test_what_may_not_be_paused_is_not():
    dates = dates_of("2026-03-02", pause("2026-03-02", "2026-03-12"), pausable=False)
    assert (dates.paused_safe, dates.strict_deadline) == (None, date(2026, 4, 2))


def test_days_of_overlapping_pauses_count_once():
    once = dates_of("2026-04-07", pause("2026-04-07", "2026-04-28")).paused_safe
    twice = dates_of(
        "2026-04-07",
        pause("2026-04-10", "2026-04-28"),
        pause("2026-04-07", "2026-04-20"),
        pause("2026-04-08", "2026-04-09"),
    ).paused_safe
    assert once == twice == date(2026, 5, 28)


def test_days_between_two_pauses_are_used_up():
    dates = dates_of("2026-04-07", pause("2026-04-07", "2026-04-09"), pause("2026-04-12", "2026-04-22"))
    assert dates.paused_safe == date(2026, 5, 19)  # 2 + 10 days paused after 7 May


def test_a_question_asked_before_this_request_came_counts_from_its_receipt():
    early = dates_of("2026-04-07", pause("2026-03-20", "2026-04-28"))
    assert early.paused_safe == dates_of("2026-04-07", pause("2026-04-07", "2026-04-28")).paused_safe
    assert dates_of("2026-04-07", pause("2026-03-20", "2026-03-25")).paused_safe is None


def test_a_confirmation_before_the_question_is_refused():
    with pytest.raises(ValueError, match="cannot be confirmed on 2026-04-06, before it was asked for on 2026-04-07"):
        dates_of("2026-04-07", pause("2026-04-07", "2026-04-06"))


spans = st.builds(lambda asked, length: (asked, asked + length), st.integers(-3, 9), st.integers(0, 70))


def paused(received: date, offsets: list[tuple[int, int]]):
    pauses = tuple(
        Pause(asked_at=noon(received + timedelta(days=asked)), confirmed_at=noon(received + timedelta(days=confirmed)))
        for asked, confirmed in offsets
    )
    return CALENDAR.dates(ClockEvents(received_at=noon(received), pauses=pauses))


@given(days, st.lists(spans, max_size=3), spans)
@settings(deadline=None, max_examples=300)
def test_adding_a_pause_never_makes_a_date_earlier(received, some, another):
    without, with_it = paused(received, some), paused(received, [*some, another])
    assert with_it.strict_deadline == without.strict_deadline
    assert with_it.due == without.due
    if without.paused_safe is not None:
        assert with_it.paused_safe is not None
        assert with_it.paused_safe >= without.paused_safe
    if with_it.paused_safe is not None:
        assert with_it.paused_safe >= with_it.strict_deadline
        assert CALENDAR.is_working_day(with_it.paused_safe)


def test_a_second_pause_that_reaches_into_february_takes_nothing_away():
    received = date(2025, 1, 24)
    assert paused(received, [(0, 4)]).paused_safe == date(2025, 2, 27)
    assert paused(received, [(0, 4), (6, 7)]).paused_safe == date(2025, 2, 27)


@given(st.lists(st.tuples(days, days).map(lambda pair: (min(pair), max(pair))), max_size=5))
def test_merged_spans_hold_the_same_days_and_stand_apart(some):
    merged = merge_spans(some)
    assert all(one[1] < other[0] for one, other in pairwise(merged))
    for start, end in some:
        assert sum(one <= start and end <= other for one, other in merged) == 1
    assert {edge for span in merged for edge in span} <= {edge for span in some for edge in span}


# The extension


def test_no_notice_gives_no_extension_dates():
    dates = dates_of("2026-02-10")
    assert (dates.extension_notice_by, dates.extension_valid, dates.extended_deadline) == (None, None, None)
    assert dates.due == date(2026, 3, 10)


@pytest.mark.parametrize(
    ("sent", "valid", "extended"),
    [
        ("2026-02-10", True, date(2026, 5, 11)),
        ("2026-03-10T22:59:59Z", True, date(2026, 5, 11)),
        ("2026-03-10T23:00:00Z", False, None),
        ("2026-03-11", False, None),
        ("2026-02-09", False, None),
    ],
)
def test_a_notice_extends_only_if_sent_within_the_first_month(sent, valid, extended):
    dates = dates_of("2026-02-10", extension=sent)
    assert (dates.extension_valid, dates.extended_deadline) == (valid, extended)
    assert dates.extension_notice_by == dates.strict_deadline == date(2026, 3, 10)
    assert dates.due == (extended or dates.strict_deadline)


def test_a_month_that_ends_on_a_free_day_lets_the_notice_leave_on_the_moved_date():
    assert dates_of("2026-03-05", extension="2026-04-07T23:59:59").extended_deadline == date(2026, 6, 5)


def test_a_pause_does_not_move_the_date_of_the_notice():
    dates = dates_of("2026-02-10", pause("2026-02-10", "2026-03-05"), extension="2026-03-20")
    assert dates.paused_safe is not None
    assert dates.paused_safe > date(2026, 3, 20)
    assert (dates.extension_notice_by, dates.extension_valid) == (date(2026, 3, 10), False)
    assert dates.extended_deadline is None


@given(days)
@settings(deadline=None)
def test_an_extended_date_is_a_working_day_89_to_97_days_after_receipt(received):
    dates = CALENDAR.dates(ClockEvents(received_at=noon(received), extension_sent_at=noon(received)))
    assert dates.extended_deadline is not None
    assert CALENDAR.is_working_day(dates.extended_deadline)
    assert 89 <= (dates.extended_deadline - received).days <= 97


# Moments and the report


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-01-31T23:59:00+01:00", "2026-01-31T22:59:00+00:00"),
        ("2026-03-31T18:30:00-07:00", "2026-04-01T01:30:00+00:00"),
        ("2026-06-30T22:30:00Z", "2026-06-30T22:30:00+00:00"),
        ("2026-01-31", "2026-01-31T11:00:00+00:00"),
        ("2026-07-31", "2026-07-31T10:00:00+00:00"),
        ("20260731", "2026-07-31T10:00:00+00:00"),
        (" 2026-07-31T08:15\n", "2026-07-31T06:15:00+00:00"),
        ("2026-07-31 08:15:30", "2026-07-31T06:15:30+00:00"),
    ],
)
def test_a_moment_is_read(text, utc):
    assert parse_moment(text).isoformat() == utc


@pytest.mark.parametrize(
    "text",
    [
        "",
        "i går",
        "2026-02-29",
        "2026-13-01",
        "31/1 2026",
        "2026-01-31T25:00",
        "12:00",
        "9999-12-31T23:30Z",
        "0001-01-01T00:00",
    ],
)
def test_what_is_no_moment_is_refused_with_a_sentence(text):
    with pytest.raises(ValueError, match="is not a moment: write a date") as caught:
        parse_moment(text)
    assert repr(text) in str(caught.value)


def test_the_report_of_a_plain_claim_says_null_where_there_is_nothing():
    dates = dates_of("2027-03-05T10:00:00+01:00")
    assert deadline_report(dates) == {
        "strict_deadline": "2027-04-05",
        "strict_end_utc": "2027-04-05T22:00:00Z",
        "paused_safe": None,
        "extension_notice_by": None,
        "extension_valid": None,
        "extended_deadline": None,
        "explanation": dates.explanation,
    }
