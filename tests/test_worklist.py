"""The list of work: what a case waits for, what is near, and what each choice of a filter would show."""

from datetime import date, timedelta

import pytest

from inbox_bot.case.calendar import SwedishCalendar
from inbox_bot.domain.case import ClaimState
from inbox_bot.domain.words import words_of_subject
from inbox_bot.domain.worklist import (
    FEW_DAYS,
    Band,
    Beside,
    Errand,
    OpenClaim,
    Wait,
    Wanted,
    days_of,
    errand_of,
    items,
    tally,
)

TODAY = date(2026, 12, 21)
DAYS = days_of(SwedishCalendar(), TODAY)


def claim(case_id, state="awaiting_identity", due=TODAY, right="access", **more):
    values = {"marketing": False, "by_person": False, "to_check": False, "mailbox": "info"} | more
    return OpenClaim(case_id=case_id, right=right, due=due, state=state, **values)


@pytest.mark.parametrize("start", [TODAY, date(2026, 9, 7), date(2027, 3, 26)])
def test_a_day_is_near_exactly_while_fewer_than_six_working_days_are_left(start):
    calendar, days = SwedishCalendar(), days_of(SwedishCalendar(), start)
    for offset in range(-20, 40):
        due = start + timedelta(days=offset)
        left = calendar.working_days_left(start, due)
        band = Band.LATE if left < 0 else Band.NEAR if left < FEW_DAYS else Band.CALM
        assert days.band(due) is band, due


@pytest.mark.parametrize(
    ("claims", "beside", "errand"),
    [
        ([claim(1)], Beside(), Errand.PROOF),
        ([claim(1, by_person=True)], Beside(), Errand.DECIDE),
        ([claim(1, by_person=True, to_check=True)], Beside(), Errand.CHECK),
        ([claim(1, "opened")], Beside(), Errand.PROGRAM),
        ([claim(1, "approved")], Beside(), Errand.OUTBOX),
        ([claim(1, "approved")], Beside(undone=frozenset({1})), Errand.UNDONE),
        ([claim(1), claim(1, "opened", right="erasure")], Beside(), Errand.PROOF),
        ([claim(1), claim(1, "awaiting_approval", right="erasure")], Beside(), Errand.APPROVAL),
        ([claim(1, "awaiting_approval")], Beside(troubled=frozenset({1, 7})), Errand.TROUBLE),
        ([claim(1)], Beside(troubled=frozenset({1}), unread=frozenset({1})), Errand.UNREAD),
        ([], Beside(unread=frozenset({1})), Errand.UNREAD),
    ],
)
def test_of_several_things_the_first_is_said(claims, beside, errand):
    [item] = items(claims, beside, DAYS)
    assert (item.errand, item.wait) == (errand, errand.waits_for)
    assert item.is_urgent


def test_every_state_waits_for_somebody():
    for state in ClaimState:
        for by_person in (False, True):
            for to_check in (False, True):
                assert errand_of(state, by_person=by_person, to_check=to_check).waits_for in Wait


def test_the_nearest_date_of_a_case_counts_and_cases_without_one_come_last():
    later = TODAY + timedelta(days=20)
    found = items(
        [claim(2, due=later), claim(1, due=later), claim(2, due=TODAY, right="erasure")],
        Beside(unread=frozenset({9})),
        DAYS,
    )
    assert [(item.case_id, item.due) for item in found] == [(2, TODAY), (1, later), (9, None)]
    assert found[0].rights == {"access", "erasure"}
    assert not found[1].is_urgent


def test_a_choice_counts_what_it_would_show():
    later = TODAY + timedelta(days=40)
    found = items(
        [
            claim(1, due=later),
            claim(2, "awaiting_approval", due=later, right="erasure"),
            claim(3, "awaiting_approval", mailbox="kurs"),
            claim(4, right="objection", marketing=True),
        ],
        Beside(),
        DAYS,
    )
    for wanted in (Wanted(), Wanted(right="access"), Wanted(wait="staff", band="calm"), Wanted(mailbox="info")):
        counted = tally(found, wanted)
        for field, counts in (
            ("right", counted.rights),
            ("wait", counted.waits),
            ("band", counted.bands),
            ("mailbox", counted.mailboxes),
        ):
            for value, count in counts.items():
                chosen = {name: getattr(wanted, name) for name in ("right", "wait", "band", "mailbox")}
                assert count == sum(Wanted(**chosen | {field: value}).takes(item) for item in found)
    assert tally(found, Wanted()).rights["objection:marketing"] == 1


def test_an_endless_subject_gives_few_words_and_a_number_none():
    assert len(words_of_subject(" ".join(f"ord{letter}" for letter in "abcdefghij" * 50))) <= 80
    assert words_of_subject("x" * 5000) == frozenset()
    assert words_of_subject("Mitt nr 850101 1234, kod 12") == {"mitt", "nr", "kod", "12"}
    assert words_of_subject("ÄNGSVÄGEN Ängsvägen") == {"ängsvägen"}
