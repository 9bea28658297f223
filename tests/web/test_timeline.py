"""The picture of a case's clocks: every mark in the picture and in order of time, whatever has happened to the clock."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inbox_bot.case.calendar import SwedishCalendar
from inbox_bot.clock import stockholm_day
from inbox_bot.domain.case import (
    CaseRecord,
    CaseState,
    ClaimRecord,
    ClaimState,
    Event,
    EventName,
    LetterPurpose,
    LetterRecord,
    LetterState,
)
from inbox_bot.domain.dates import ClockEvents, Pause
from inbox_bot.domain.rights import Claim, Right
from inbox_bot.overview import CaseFile, CaseView, ClaimView
from inbox_bot.web.staff.clock_plot import GAP, LEFT, RADIUS, RIGHT, draw
from inbox_bot.web.staff.timeline import Kind, Stretch, clocks

CALENDAR = SwedishCalendar()
RECEIVED = datetime(2026, 9, 7, 8, 0, tzinfo=UTC)


def at(days):
    return RECEIVED + timedelta(days=days)


def claim(number, *, received=0, pauses=(), extended=None, state=ClaimState.ANSWER_DUE, pausable=True):
    events = ClockEvents(
        received_at=at(received),
        pauses=tuple(
            Pause(asked_at=at(received + asked), confirmed_at=None if done is None else at(received + asked + done))
            for asked, done in pauses
        ),
        extension_sent_at=None if extended is None else at(received + extended),
        pausable=pausable,
    )
    right = list(Right)[number % len(Right)]
    return ClaimView(
        record=ClaimRecord(id=number, case_id=1, claim=Claim(right=right), state=state, clock=events),
        dates=CALENDAR.dates(events),
        days_left=0,
        steps=(),
    )


def answer_to(number, day):
    return LetterRecord(
        id=number,
        case_id=1,
        claim_ids=(number,),
        name="no_data",
        purpose=LetterPurpose.ANSWER,
        recipient="kalle@example.se",
        message_id="",
        sha256="",
        state=LetterState.SENT,
        attempts=1,
        created_at=at(day),
        sent_at=at(day),
    )


def file(*claims, letters=(), events=(), closed=None):
    record = CaseRecord(
        id=1,
        reference="PK-2026-0001",
        state=CaseState.OPEN,
        requester="kalle@example.se",
        requester_name="",
        language="sv",
        opened_at=RECEIVED,
        claims=tuple(one.record for one in claims),
        closed_at=None if closed is None else at(closed),
    )
    view = CaseView(record=record, claims=claims, due=None, days_left=None, unread=False)
    return CaseFile(view=view, mails=(), drafts=(), letters=tuple(letters), events=tuple(events))


def only(case, day=5):
    [clock] = clocks(case, stockholm_day(at(day)))
    return clock


def seen(clock):
    return [moment.kind for moment in clock.moments], [span.kind for span in clock.spans]


def test_a_clock_begins_with_the_mail_and_ends_with_the_date():
    assert seen(only(file(claim(1)))) == ([Kind.RECEIVED, Kind.DUE], [])


@pytest.mark.parametrize(
    ("pauses", "pausable", "stretch"),
    [
        ([(0, 10)], True, Stretch.PAUSE),
        ([(0, None)], True, Stretch.PAUSE_OPEN),
        ([(9, 3)], True, Stretch.PAUSE_VOID),
        ([(0, 3)], False, Stretch.PAUSE_VOID),
    ],
)
def test_a_pause_is_drawn_as_what_it_is_worth(pauses, pausable, stretch):
    clock = only(file(claim(1, pauses=pauses, pausable=pausable)), day=20)
    assert [span.kind for span in clock.spans] == [stretch]
    assert (Kind.RESERVE in seen(clock)[0]) is (stretch is Stretch.PAUSE)
    [span] = clock.spans
    assert span.end == (stockholm_day(at(20)) if stretch is Stretch.PAUSE_OPEN else clock.moments[2].day)


def test_who_confirms_the_same_day_has_no_pause_of_no_days():
    clock = only(file(claim(1, pauses=[(0, 0)])), day=20)
    assert clock.spans == ()
    assert Kind.CONFIRMED in seen(clock)[0]


def test_more_time_counts_only_where_the_notice_was_in_time():
    kinds, spans = seen(only(file(claim(1, extended=20))))
    assert kinds == [Kind.RECEIVED, Kind.NOTICE, Kind.FIRST, Kind.DUE]
    assert spans == [Stretch.EXTENSION]
    kinds, spans = seen(only(file(claim(1, extended=40)), day=41))
    assert kinds == [Kind.RECEIVED, Kind.DUE, Kind.NOTICE_VOID]
    assert spans == [Stretch.LATE]


def test_what_is_late_grows_until_the_answer_has_left():
    assert only(file(claim(1)), day=31).spans[0].end == stockholm_day(at(31))
    clock = only(file(claim(1, state=ClaimState.ANSWERED), letters=[answer_to(1, 40)]), day=90)
    assert clock.ended == stockholm_day(at(40)) == clock.spans[0].end
    assert clock.moments[-1].kind is Kind.ANSWERED
    assert only(file(claim(1)), day=30).spans == ()


def test_an_answer_that_came_back_stops_no_clock():
    letter = answer_to(1, 10)
    back = LetterRecord(**{**letter.__dict__, "state": LetterState.BOUNCED})
    assert only(file(claim(1), letters=[back])).ended is None


@pytest.mark.parametrize(
    ("state", "event", "day"),
    [
        (ClaimState.DISOWNED, Event(at=at(3), name=EventName.DISOWNED), 3),
        (ClaimState.DISMISSED, Event(at=at(4), name=EventName.DISMISSED), 4),
        (ClaimState.DISMISSED, Event(at=at(4), name=EventName.CLOSED), 6),
    ],
)
def test_a_claim_that_was_none_ends_without_an_answer(state, event, day):
    clock = only(file(claim(1, state=state), events=[event], closed=6))
    assert clock.ended == stockholm_day(at(day))
    assert Kind.ENDED in seen(clock)[0]


def test_what_was_answered_by_hand_ended_on_the_day_it_was_written():
    details = {"answered_on": "2026-09-10"}
    event = Event(at=at(8), name=EventName.ANSWERED_BY_HAND, claim_id=1, details=details)
    assert only(file(claim(1, state=ClaimState.ANSWERED), events=[event])).ended == date(2026, 9, 10)


def test_claims_whose_clocks_run_alike_are_one_picture():
    together = clocks(file(claim(1), claim(2), claim(3, received=4)), stockholm_day(at(5)))
    assert [len(clock.claims) for clock in together] == [2, 1]


_pauses = st.lists(st.tuples(st.integers(0, 40), st.one_of(st.none(), st.integers(0, 90))), max_size=2)
_claims = st.builds(
    SimpleNamespace,
    received=st.integers(0, 60),
    pauses=_pauses,
    extended=st.one_of(st.none(), st.integers(0, 60)),
    answered=st.one_of(st.none(), st.integers(0, 200)),
    pausable=st.booleans(),
)


@settings(max_examples=150, deadline=None)
@given(drawn=st.lists(_claims, min_size=1, max_size=4), today=st.integers(60, 500))
def test_every_mark_lies_in_the_picture_and_in_order_of_time(drawn, today):
    views = [
        claim(number, received=one.received, pauses=one.pauses, extended=one.extended, pausable=one.pausable)
        for number, one in enumerate(drawn, 1)
    ]
    letters = [
        answer_to(number, one.received + one.answered)
        for number, one in enumerate(drawn, 1)
        if one.answered is not None and one.received + one.answered <= today
    ]
    day = stockholm_day(at(today))
    for picture in draw(clocks(file(*views, letters=letters), day), day):
        assert [mark.number for mark in picture.marks] == list(range(1, len(picture.marks) + 1))
        assert [mark.day for mark in picture.marks] == sorted(mark.day for mark in picture.marks)
        assert [mark.x for mark in picture.marks] == sorted(mark.x for mark in picture.marks)
        for mark in picture.marks:
            assert LEFT <= mark.x <= RIGHT
            assert RADIUS + 16 <= mark.y <= picture.band - RADIUS
        for level in {mark.level for mark in picture.marks}:
            row = [mark.x for mark in picture.marks if mark.level == level]
            assert all(right - left >= GAP for left, right in pairwise(row))
        for strip in picture.strips:
            assert strip.x >= LEFT
            assert strip.width > 0
            assert strip.x + strip.width <= 100
            assert picture.band <= strip.y
            assert strip.y + strip.height <= picture.height
        for label in (picture.due, *([picture.today] if picture.today else []), *picture.ticks):
            assert LEFT <= label.x <= RIGHT
        assert len(picture.ticks) <= 6


def test_the_page_tells_the_picture_in_words(house, staff):
    receipt = house.ask("#erasure #access")
    house.days(3)
    house.flow.confirm(receipt.token, receipt.code)
    house.drain()
    staff.log_in()
    page = staff.case()
    [svg] = page.tree.css("svg[role=img]")
    named = (svg.attributes["aria-labelledby"] or "").split()
    title, told = (page.tree.css_first(f"#{name}").text() for name in named)
    assert title == "Tidslinje: Registerutdrag, Radering"
    assert "Svar senast onsdag 7 oktober 2026: en månad från måndag 7 september 2026, då begäran kom in." in told
    assert "I dag är det torsdag 10 september 2026: 19 arbetsdagar kvar." in told
    key = [" ".join(node.text().split()) for node in page.tree.css(".clock-key li")]
    assert key == [
        "1 Brevet kom till oss mån 7 september",
        "2 Frågan vem det är skickades mån 7 september",
        "3 Personen bekräftade tor 10 september",
        "4 Svar senast ons 7 oktober",
        "5 Reservdatum, bara om pausen får räknas bort mån 12 oktober",
        "Paus som kan räknas bort: 3 dagar",
    ]
    assert "style=" not in page.html
    assert "<script" not in page.html
