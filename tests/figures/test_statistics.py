"""What is made of counts: medians, shares that leave out nothing that is late, and spans that have no gap between them."""

import itertools
from datetime import UTC, date, datetime, timedelta
from statistics import median

from hypothesis import given
from hypothesis import strategies as st

from inbox_bot.domain.rights import Claim, Right
from inbox_bot.domain.span import SpanKind, choices, span_named
from inbox_bot.domain.statistics import (
    Answered,
    Counts,
    Finder,
    Stand,
    Tally,
    bins_of,
    key_of,
    median_of,
    statistics,
)
from inbox_bot.figures import months_in
from inbox_bot.web.staff.statistics import days, share

ACCESS = Claim(right=Right.ACCESS)
OLDEST, TODAY = date(2024, 2, 29), date(2026, 11, 23)


def tally(stand, count, *, late=False, finder=Finder.PROGRAM):
    return Tally(month="2026-11", claim=ACCESS, stand=stand, late=late, finder=finder, count=count)


@given(st.lists(st.integers(0, 100), max_size=40))
def test_the_median_is_that_of_the_numbers_written_out(numbers):
    counts = {number: numbers.count(number) for number in numbers}
    assert median_of(counts) == (median(numbers) if numbers else None)


@given(st.lists(st.tuples(st.integers(0, 200), st.booleans()), max_size=30))
def test_every_answer_is_in_one_bin(answers):
    found = bins_of(Answered(claim=ACCESS, days=one, late=late, count=1) for one, late in answers)
    assert sum(one.count for one in found) == len(answers)
    assert sum(one.late for one in found) == sum(late for _, late in answers)


def test_what_is_open_after_its_date_counts_against_the_share():
    key = key_of([tally(Stand.ANSWERED, 8), tally(Stand.OPEN, 2, late=True), tally(Stand.OPEN, 5)], [])
    assert (key.asked, key.open, key.overdue, key.due_by_now, key.share) == (15, 7, 2, 10, 0.8)


def test_what_was_no_request_is_in_no_other_figure():
    key = key_of([tally(Stand.DISMISSED, 3), tally(Stand.DISOWNED, 2, late=True)], [])
    assert (key.asked, key.due_by_now, key.share, key.dismissed, key.disowned) == (0, 0, None, 3, 2)


def test_what_was_there_before_the_program_is_no_miss():
    tallies = [tally(Stand.OPEN, number, finder=finder) for finder, number in zip(Finder, (6, 1, 1, 9), strict=True)]
    found = statistics(
        span_named("2026-11", oldest=OLDEST, today=TODAY),
        Counts(tallies=tallies),
        months=["2026-11"],
        made_at=datetime(2026, 11, 23, tzinfo=UTC),
        whole_from=None,
        gone=0,
        before=None,
    )
    assert found.caught == 0.25


def test_spans_follow_one_another_without_a_gap_and_are_read_as_they_are_named():
    for kind, spans in choices(OLDEST, TODAY).items():
        for later, earlier in itertools.pairwise(spans):
            assert earlier.last + timedelta(days=1) == later.first
            assert later.before == earlier
        for one in spans:
            assert span_named(one.name, oldest=OLDEST, today=TODAY) == one
        assert spans[0].first <= TODAY <= spans[0].last
        assert spans[0].kind is kind
    assert span_named("all", oldest=OLDEST, today=TODAY).kind is SpanKind.ALL


def test_what_is_no_span_is_none():
    for name in ("", "2026-13", "2026-K5", "26", "2026-1", "förra året", "2026-11; DROP"):
        assert span_named(name, oldest=OLDEST, today=TODAY) is None


def test_months_that_have_not_begun_are_not_drawn():
    year = span_named("2026", oldest=OLDEST, today=TODAY)
    assert months_in(year, TODAY)[-1] == "2026-11"
    everything = span_named("allt", oldest=OLDEST, today=TODAY)
    assert len(months_in(everything, TODAY)) == 24
    assert months_in(span_named("2027-03", oldest=OLDEST, today=TODAY), TODAY) == ["2027-03"]


def test_a_share_is_never_rounded_to_all_or_nothing():
    assert [share(one) for one in (None, 0, 0.001, 0.5, 0.999, 1)] == [
        "–", "0 %", "under 1 %", "50 %", "över 99 %", "100 %",
    ]  # fmt: skip
    assert [days(one) for one in (None, 0, 1, 2.5, 12.0)] == ["–", "0 dagar", "1 dag", "2,5 dagar", "12 dagar"]
