"""The one exit of every letter to a requester that a person decides on: checked, then frozen with recipient, bytes and hash."""

import hashlib
from collections.abc import Sequence

from inbox_bot.approval.addressee import check_other_way, check_proof, recipient
from inbox_bot.approval.attaching import carried, files_of
from inbox_bot.approval.delivering import release
from inbox_bot.approval.draft import Composition, answers, recorded
from inbox_bot.approval.grounds import Exit, check_kind, check_person, check_refusal
from inbox_bot.approval.lifting_day import LIFTING, check_lift_day
from inbox_bot.approval.room import WARNING, Approval
from inbox_bot.clock import stockholm_day
from inbox_bot.domain.case import (
    CaseRecord,
    ClaimRecord,
    ClaimState,
    DraftRecord,
    DraftState,
    Event,
    EventName,
    LetterPurpose,
)
from inbox_bot.domain.correspondence import envelope_for, new_message_id, thread_of
from inbox_bot.domain.letters import Envelope, Finding, Language
from inbox_bot.domain.task import owes_nothing
from inbox_bot.errors import LetterFaultyError, LetterIncompleteError, NotAllowedError
from inbox_bot.store.unit import Unit


def findings(room: Approval, letter: str, case: CaseRecord, found: Composition) -> tuple[Finding, ...]:
    done = recorded(room.letters, letter, found.values)
    return room.letters.lint(letter, Language(case.language), found.values, done)


def freeze(room: Approval, unit: Unit, chosen: DraftRecord, stored: DraftRecord, *, by: str, note: str) -> int:
    """Store recipient, exact bytes and hash; the one exit every letter a person decides on to a requester takes."""
    case, claims, found, late = checked(room, unit, chosen, by)
    now = room.clock.now()
    if late:
        event = Event(at=now, name=EventName.REFUSED_LATE, actor=by.strip(), details={"name": chosen.letter})
        unit.cases.record(case.id, event)
    envelope = addressed(room, unit, case, claims)
    to, message_id = envelope.to, envelope.message_id
    files = files_of(room, unit, chosen)
    content = room.letters.freeze(chosen.letter, Language(case.language), found.values, envelope, files)
    letter_id = unit.letters.queue(
        name=chosen.letter,
        purpose=chosen.purpose,
        recipient=to,
        message_id=message_id,
        content=content,
        at=now,
        case_id=case.id,
        claim_ids=chosen.claim_ids,
        approved_by=by.strip(),
    )
    release(room, unit, chosen, letter_id)
    promised = {"earliest": found.values["earliest"].isoformat()} if chosen.letter == WARNING else {}
    changed = unit.drafts.change(
        stored,
        DraftState.APPROVED,
        letter=chosen.letter,
        values={**chosen.values, **promised},
        approved_by=by.strip(),
        approved_at=now,
        letter_id=letter_id,
    )
    if not changed:
        raise NotAllowedError("Someone else changed this answer just now.", hint="Look at it again.")
    details = {"letter": letter_id, "name": chosen.letter, "sha256": hashlib.sha256(content).hexdigest(), "note": note}
    unit.cases.record(case.id, Event(at=now, name=EventName.APPROVED, actor=by.strip(), details=details))
    if chosen.letter.startswith("refused_"):
        unit.cases.record(case.id, Event(at=now, name=EventName.REFUSED, actor=by.strip(), details=details))
    if chosen.purpose is LetterPurpose.ANSWER:
        _take_claims(room, unit, case, claims, chosen.letter, by)
    return letter_id


def addressed(room: Approval, unit: Unit, case: CaseRecord, claims: Sequence[ClaimRecord]) -> Envelope:
    """Return how a letter about some claims travels if it is frozen now. Raises NotAllowedError where that is not settled."""
    thread = thread_of(unit.mails.of_case(case.id))
    to = recipient(unit, case, claims)
    message_id = new_message_id(room.sender)
    return envelope_for(case, thread, message_id=message_id, at=room.clock.now(), automatic=False, to=to)


def checked(
    room: Approval, unit: Unit, chosen: DraftRecord, by: str
) -> tuple[CaseRecord, list[ClaimRecord], Composition, bool]:
    """Return what is about to be frozen, and whether it is a no after the first month. Changes nothing.

    Raises NotAllowedError, LetterIncompleteError or LetterFaultyError for what may not leave.
    """
    check_person(by)
    case, claims, found = room.composition(unit, chosen)
    check_proof(chosen, claims)
    check_kind(chosen)
    check_other_way(unit, case, chosen, claims)
    if chosen.purpose is LetterPurpose.ANSWER and not all(answers(chosen.letter, claim.claim) for claim in claims):
        raise NotAllowedError(
            f"The letter {chosen.letter} is no answer to what was asked.", hint="Choose another letter."
        )
    if chosen.letter == LIFTING:
        check_lift_day(room.calendar, room.rules, chosen, stockholm_day(room.clock.now()))
    if found.missing:
        raise LetterIncompleteError(chosen.letter, found.missing)
    faults = tuple(finding.text for finding in findings(room, chosen.letter, case, found) if finding.stops)
    if faults:
        raise LetterFaultyError(chosen.letter, faults)
    leaving = Exit(
        draft=chosen,
        case=case,
        claims=claims,
        values=found.values,
        by=by,
        events=unit.cases.events(case.id),
        today=stockholm_day(room.clock.now()),
    )
    carried(room, unit, chosen)
    late = check_refusal(room.rules, room.calendar, leaving)
    if chosen.letter.startswith("granted_"):
        for claim in claims:
            room.book.hinder(unit, case, claim)
    return case, claims, found, late


def _take_claims(
    room: Approval, unit: Unit, case: CaseRecord, claims: Sequence[ClaimRecord], letter: str, by: str
) -> None:
    for claim in claims:
        if not owes_nothing(letter):
            room.book.settle_by(unit, case, claim, letter, by=by)
        waiting = [ClaimState.AWAITING_APPROVAL, ClaimState.AWAITING_IDENTITY]
        if not unit.cases.move_claim(claim.id, waiting, ClaimState.APPROVED):
            raise NotAllowedError(f"The claim to {claim.claim.right.value} is {claim.state.value} and takes no answer.")
