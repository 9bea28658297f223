"""What follows for a case when a letter has left, has failed or comes back."""

from datetime import datetime

from inbox_bot.domain.case import (
    CaseState,
    ClaimState,
    DraftState,
    Event,
    EventName,
    LetterPurpose,
    LetterRecord,
)
from inbox_bot.domain.dates import Calendar
from inbox_bot.store.unit import Unit


def settle_sent(
    unit: Unit, calendar: Calendar, letter: LetterRecord, now: datetime, *, actor: str, left_at: datetime | None = None
) -> None:
    """Note in the case that a letter has left: an extension now stands, an answered claim is at its end, a case may close.

    ``left_at``: when it was handed over, where that is noted only later; it decides whether an extension came in time.
    """
    if letter.case_id is None:
        return
    details = {"letter": letter.id, "name": letter.name}
    unit.cases.record(letter.case_id, Event(at=now, name=EventName.LETTER_SENT, actor=actor, details=details))
    if letter.purpose not in {LetterPurpose.EXTENSION, LetterPurpose.ANSWER}:
        return
    unit.cases.lock(letter.case_id)
    for claim_id in letter.claim_ids:
        if letter.purpose is LetterPurpose.EXTENSION:
            event = Event(
                at=left_at or now, name=EventName.EXTENSION_SENT, actor=actor, claim_id=claim_id, details=details
            )
            unit.cases.record(letter.case_id, event)
        elif unit.cases.move_claim(claim_id, [ClaimState.APPROVED], ClaimState.ANSWERED):
            event = Event(at=now, name=EventName.ANSWERED, actor=actor, claim_id=claim_id, details=details)
            unit.cases.record(letter.case_id, event)
    case = unit.cases.get(letter.case_id)
    if case is None:
        return
    for claim in case.claims:
        unit.cases.set_due(claim.id, calendar.dates(claim.clock).due)
    if case.claims and all(claim.state.is_final for claim in case.claims) and unit.cases.close(case.id, now):
        unit.cases.record(case.id, Event(at=now, name=EventName.CLOSED, actor=actor))


def give_answer_back(unit: Unit, calendar: Calendar, letter: LetterRecord, now: datetime) -> None:
    """An answer that did not arrive is no answer: its claims and its draft wait for a person again.

    Nor is an extension whose notice did not arrive (Art 12(3)): the date falls back to the first month's.
    """
    if letter.case_id is not None:
        unit.cases.lock(letter.case_id)
    if letter.case_id is not None and letter.purpose is LetterPurpose.EXTENSION:
        _lose_extension(unit, calendar, letter, now)
    if letter.case_id is None or letter.purpose is not LetterPurpose.ANSWER:
        return
    for claim_id in letter.claim_ids:
        unit.cases.move_claim(claim_id, [ClaimState.APPROVED, ClaimState.ANSWERED], ClaimState.AWAITING_APPROVAL)
    for draft in unit.drafts.of_case(letter.case_id):
        if draft.letter_id == letter.id and draft.state is DraftState.APPROVED:
            unit.drafts.change(draft, DraftState.OPEN, approved_by="", approved_at=None, letter_id=None)
    case = unit.cases.get(letter.case_id)
    if case is not None and case.state is CaseState.CLOSED:
        unit.cases.reopen(case.id)
        unit.cases.record(case.id, Event(at=now, name=EventName.REOPENED, details={"letter": letter.id}))


def _lose_extension(unit: Unit, calendar: Calendar, letter: LetterRecord, now: datetime) -> None:
    assert letter.case_id is not None
    for claim_id in letter.claim_ids:
        event = Event(at=now, name=EventName.EXTENSION_LOST, claim_id=claim_id, details={"letter": letter.id})
        unit.cases.record(letter.case_id, event)
    for draft in unit.drafts.of_case(letter.case_id):
        if draft.letter_id == letter.id:
            unit.drafts.change(draft, DraftState.VOID)
    case = unit.cases.get(letter.case_id)
    for claim in case.claims if case is not None else ():
        unit.cases.set_due(claim.id, calendar.dates(claim.clock).due)
