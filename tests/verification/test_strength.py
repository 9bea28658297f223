"""How strong a proof is, and what was given for it, read from the events alone."""

from datetime import UTC, datetime, timedelta

import pytest

from inbox_bot.domain.case import ClaimRecord, ClaimState, Event, EventName
from inbox_bot.domain.dates import ClockEvents
from inbox_bot.domain.proof import Given, Strength
from inbox_bot.domain.rights import Claim, Right
from inbox_bot.verification.strength import Act, acts_of, strength_of

START = datetime(2026, 9, 7, 8, 0, tzinfo=UTC)
ACCESS = Claim(right=Right.ACCESS)
STOP = Claim(right=Right.OBJECTION, marketing=True)


def happened(*told):
    """Return events of one claim, a minute apart, of names and their details."""
    return [
        Event(at=START + timedelta(minutes=place), name=name, actor=details.pop("by", "requester"), details=details)
        for place, (name, details) in enumerate((name, dict(details)) for name, details in told)
    ]


def claim(right=ACCESS, *, proven=True):
    clock = ClockEvents(received_at=START)
    return ClaimRecord(id=1, case_id=1, claim=right, state=ClaimState.CONFIRMED, clock=clock, proven=proven)


ASKED, CONFIRMED = EventName.IDENTITY_ASKED, EventName.IDENTITY_CONFIRMED
FREE = (EventName.IDENTITY_NOT_NEEDED, {"row": "confirmed"})


@pytest.mark.parametrize(
    ("one", "told", "strength"),
    [
        (claim(proven=False), [(ASKED, {"row": "on_file"})], Strength.NONE),
        (claim(STOP), [FREE], Strength.NOT_NEEDED),
        (claim(), [FREE], Strength.EARLIER),
        (claim(), [(ASKED, {"source": "personal"}), (CONFIRMED, {"via": "page"})], Strength.LINK),
        (claim(), [(ASKED, {"source": "no_register"}), (CONFIRMED, {"via": "page"})], Strength.SENDER),
        (claim(), [(ASKED, {"source": "register_failed"}), (CONFIRMED, {"via": "reply"})], Strength.SENDER),
        (claim(), [(ASKED, {"source": "shared"}), (CONFIRMED, {"via": "fact"})], Strength.FACT),
        (claim(), [(ASKED, {"source": "shared"}), (ASKED, {"row": "by_hand"}), (CONFIRMED, {})], Strength.BY_HAND),
    ],
)
def test_a_proof_is_as_strong_as_what_was_asked_and_given(one, told, strength):
    assert strength_of(one, happened(*told)) is strength


def test_what_was_given_is_told_in_order_with_who_checked_it():
    events = happened(
        (EventName.IDENTITY_UNDECIDED, {"by": "program"}),
        (ASKED, {"by": "anna"}),
        (EventName.FACT_GIVEN, {}),
        (EventName.FACT_CHECKED, {"by": "bo", "holds": False}),
        (EventName.FACT_CHECKED, {"by": "bo", "holds": True}),
        (CONFIRMED, {"via": "fact"}),
        (CONFIRMED, {"via": "page"}),
        (CONFIRMED, {"via": "reply"}),
        (EventName.DRAFTED, {}),
    )
    said = [
        (Given.LEFT_TO_STAFF, "", 0),
        (Given.ASKED, "anna", 1),
        (Given.FACT, "", 2),
        (Given.FACT_FAILED, "bo", 3),
        (Given.FACT_HELD, "bo", 4),
        (Given.CODE, "", 6),
        (Given.CODE_BY_MAIL, "", 7),
    ]
    assert list(acts_of(events)) == [
        Act(given=given, at=START + timedelta(minutes=at), by=by) for given, by, at in said
    ]
