"""A person decides about a letter the program lost track of, held or could not deliver: it has left, or it shall go again."""

from datetime import datetime

from inbox_bot.clock import Clock
from inbox_bot.domain.case import (
    LETTERS_IN_TROUBLE,
    ClaimState,
    DraftState,
    Event,
    EventName,
    LetterPurpose,
    LetterRecord,
    LetterState,
)
from inbox_bot.domain.dates import Calendar
from inbox_bot.errors import NotAllowedError, NotFoundError
from inbox_bot.outbox.consequence import settle_sent, take_back_notice
from inbox_bot.store.unit import Desk, Unit


def settle(desk: Desk, calendar: Calendar, clock: Clock, *, letter_id: int, sent: bool, by: str) -> LetterRecord:
    """Mark a letter as sent, or queue the same bytes again. Raises NotAllowedError for one that needs no decision."""
    now = clock.now()
    with desk.write() as unit:
        letter = unit.letters.get(letter_id)
        if letter is None:
            raise NotFoundError(f"There is no letter {letter_id}.")
        if letter.case_id is not None:
            unit.cases.lock(letter.case_id)
        if not sent and not unit.letters.content(letter_id):
            raise NotAllowedError(
                f"Letter {letter_id} held a code and was emptied when it left.",
                hint="Send the person a new link instead.",
            )
        if sent:
            moved = unit.letters.move(letter_id, LETTERS_IN_TROUBLE, LetterState.SENT, sent_at=now)
        else:
            # One attempt, not none: a person has decided, so the limit for each address holds it back no more.
            moved = unit.letters.move(letter_id, LETTERS_IN_TROUBLE, LetterState.QUEUED, next_at=now, attempts=1)
        if not moved:
            raise NotAllowedError(f"Letter {letter_id} is {letter.state.value} and needs no decision.")
        if letter.case_id is not None:
            details = {"letter": letter_id, "as": "sent" if sent else "again"}
            unit.cases.record(letter.case_id, Event(at=now, name=EventName.LETTER_SETTLED, actor=by, details=details))
            _take_answer_up(unit, letter, now)
        if sent:
            unit.letters.empty_secrets(letter)
            settle_sent(unit, calendar, letter, now, actor=by, left_at=letter.claimed_at)
        return unit.letters.get(letter_id) or letter


def lay_aside(desk: Desk, clock: Clock, *, letter_id: int, by: str) -> None:
    """Take a letter off the list of those in trouble without sending it: another has taken its place, or none is needed.

    Raises NotAllowedError for one that needs no decision, and for an answer that nothing else has replaced: that one is
    still owed.
    """
    with desk.write() as unit:
        letter = unit.letters.get(letter_id)
        if letter is None:
            raise NotFoundError(f"There is no letter {letter_id}.")
        case = None if letter.case_id is None else unit.cases.get(letter.case_id)
        owed = {ClaimState.APPROVED} if letter.state in {LetterState.UNKNOWN, LetterState.HELD} else set()
        claims = [] if case is None or letter.purpose is not LetterPurpose.ANSWER else case.claims
        if any(claim.id in letter.claim_ids and claim.state in owed for claim in claims):
            raise NotAllowedError(f"Letter {letter_id} is still owed: nothing has taken its place.")
        if not unit.letters.move(letter_id, LETTERS_IN_TROUBLE, LetterState.VOID):
            raise NotAllowedError(f"Letter {letter_id} is {letter.state.value} and needs no decision.")
        if letter.case_id is not None:
            details = {"letter": letter_id, "as": "aside"}
            event = Event(at=clock.now(), name=EventName.LETTER_SETTLED, actor=by, details=details)
            unit.cases.record(letter.case_id, event)
            take_back_notice(unit, letter, clock.now())


def _take_answer_up(unit: Unit, letter: LetterRecord, now: datetime) -> None:
    """Undo what followed when an answer failed or came back. Raises NotAllowedError if another answer has taken its place."""
    if letter.case_id is None or letter.purpose is not LetterPurpose.ANSWER:
        return
    if letter.state not in {LetterState.FAILED, LetterState.BOUNCED}:
        return
    for claim_id in letter.claim_ids:
        if not unit.cases.move_claim(claim_id, [ClaimState.AWAITING_APPROVAL], ClaimState.APPROVED):
            raise NotAllowedError(f"Letter {letter.id} has been replaced: what it answered no longer waits.")
    for draft in unit.drafts.of_case(letter.case_id):
        waits = draft.purpose is LetterPurpose.ANSWER and draft.state in {DraftState.OPEN, DraftState.RETURNED}
        if waits and set(draft.claim_ids) & set(letter.claim_ids):
            by = letter.approved_by
            unit.drafts.change(draft, DraftState.APPROVED, letter_id=letter.id, approved_by=by, approved_at=now)
