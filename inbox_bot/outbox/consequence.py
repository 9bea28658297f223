"""What follows for a case when a letter has left, has failed or comes back, and when the last half of it is there."""

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
from inbox_bot.domain.notice import NoticeState
from inbox_bot.domain.task import open_tasks, owes_nothing
from inbox_bot.store.unit import Unit


def settle_sent(
    unit: Unit, calendar: Calendar, letter: LetterRecord, now: datetime, *, actor: str, left_at: datetime | None = None
) -> None:
    """Note in the case that a letter has left: an extension now stands, a recipient is told, a claim may be answered.

    ``left_at``: when it was handed over, where that is noted only later; it decides whether an extension came in time.
    """
    if letter.case_id is None:
        return
    details = {"letter": letter.id, "name": letter.name}
    unit.cases.record(letter.case_id, Event(at=now, name=EventName.LETTER_SENT, actor=actor, details=details))
    if letter.purpose is LetterPurpose.RECIPIENT:
        _note_told(unit, letter, left_at or now, actor)
    if letter.purpose not in {LetterPurpose.EXTENSION, LetterPurpose.ANSWER}:
        return
    unit.attachments.empty_of_letter(letter.case_id, letter.id)
    unit.cases.lock(letter.case_id)
    for claim_id in letter.claim_ids if letter.purpose is LetterPurpose.EXTENSION else ():
        event = Event(at=left_at or now, name=EventName.EXTENSION_SENT, actor=actor, claim_id=claim_id, details=details)
        unit.cases.record(letter.case_id, event)
    conclude(unit, letter.case_id, now, actor=actor)
    case = unit.cases.get(letter.case_id)
    for claim in case.claims if case is not None else ():
        unit.cases.set_due(claim.id, calendar.dates(claim.clock).due)


def conclude(unit: Unit, case_id: int, now: datetime, *, actor: str) -> None:
    """Note as answered what both halves are there of, and close the case if that was all (law.md 7, rule 7).

    A claim is at its end only when its answer has left and something is on record for every system it concerns. Called
    with the case held, when a letter has left and when something was recorded.
    """
    case = unit.cases.get(case_id)
    if case is None:
        return
    tasks, outcomes = unit.tasks.of_case(case_id), unit.tasks.outcomes(case_id)
    for claim in case.claims:
        letter = unit.sent_answer(claim) if claim.state is ClaimState.APPROVED else None
        if letter is None:
            continue
        left = open_tasks((task for task in tasks if task.claim_id == claim.id), outcomes)
        if left and not owes_nothing(letter.name):
            continue
        if unit.cases.move_claim(claim.id, [ClaimState.APPROVED], ClaimState.ANSWERED):
            details = {"letter": letter.id, "name": letter.name}
            event = Event(at=now, name=EventName.ANSWERED, actor=actor, claim_id=claim.id, details=details)
            unit.cases.record(case_id, event)
    after = unit.cases.get(case_id)
    if after is None or not after.claims or not all(claim.state.is_final for claim in after.claims):
        return
    if unit.cases.close(case_id, now):
        unit.cases.record(case_id, Event(at=now, name=EventName.CLOSED, actor=actor))


def _note_told(unit: Unit, letter: LetterRecord, at: datetime, actor: str) -> None:
    notice = unit.notices.of_letter(letter.id)
    old = [NoticeState.APPROVED, NoticeState.DRAFTED]
    if notice is not None and unit.notices.move(notice.id, old, NoticeState.SENT, told_at=at):
        event = Event(at=at, name=EventName.RECIPIENT_TOLD, actor=actor, claim_id=notice.claim_id)
        unit.cases.record(notice.case_id, event)


def take_back_notice(unit: Unit, letter: LetterRecord, now: datetime) -> None:
    """A recipient whom the letter did not reach has not been told: a person decides anew."""
    notice = unit.notices.of_letter(letter.id)
    old = [NoticeState.APPROVED, NoticeState.SENT, NoticeState.CHASED]
    if notice is not None and unit.notices.move(notice.id, old, NoticeState.DRAFTED, told_at=None):
        event = Event(at=now, name=EventName.RECIPIENT_NOT_REACHED, claim_id=notice.claim_id)
        unit.cases.record(notice.case_id, event)


def give_answer_back(unit: Unit, calendar: Calendar, letter: LetterRecord, now: datetime) -> None:
    """An answer that did not arrive is no answer: its claims and its draft wait for a person again.

    Nor is an extension whose notice did not arrive (Art 12(3)): the date falls back to the first month's.
    """
    if letter.case_id is not None:
        unit.cases.lock(letter.case_id)
    if letter.case_id is not None and letter.purpose is LetterPurpose.EXTENSION:
        _lose_extension(unit, calendar, letter, now)
    if letter.purpose is LetterPurpose.RECIPIENT:
        take_back_notice(unit, letter, now)
    if letter.case_id is None or letter.purpose is not LetterPurpose.ANSWER:
        return
    for claim_id in letter.claim_ids:
        unit.cases.move_claim(claim_id, [ClaimState.APPROVED, ClaimState.ANSWERED], ClaimState.AWAITING_APPROVAL)
    for draft in unit.drafts.of_case(letter.case_id):
        if draft.letter_id == letter.id and draft.state is DraftState.APPROVED:
            unit.drafts.change(draft, DraftState.OPEN, approved_by="", approved_at=None, letter_id=None)
    _reopen(unit, letter, now)


def call_answer_back(unit: Unit, letter: LetterRecord, now: datetime) -> None:
    """An answer that a full mailbox sent back is on its way again: its claims are not answered before it has left anew."""
    if letter.case_id is None or letter.purpose is not LetterPurpose.ANSWER:
        return
    unit.cases.lock(letter.case_id)
    for claim_id in letter.claim_ids:
        unit.cases.move_claim(claim_id, [ClaimState.ANSWERED], ClaimState.APPROVED)
    _reopen(unit, letter, now)


def _reopen(unit: Unit, letter: LetterRecord, now: datetime) -> None:
    case = None if letter.case_id is None else unit.cases.get(letter.case_id)
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
