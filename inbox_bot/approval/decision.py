"""A person's decision on an answer: read, edit, give back, approve, refuse. What is approved is frozen, byte for byte."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from typing import Any

from inbox_bot.approval.attaching import carried
from inbox_bot.approval.draft import stopgaps_for, takes_as_done, with_note
from inbox_bot.approval.freezing import addressed, checked, findings, freeze
from inbox_bot.approval.grounds import check_kind, check_person
from inbox_bot.approval.mark import mark_of
from inbox_bot.approval.room import EDITABLE, Approval, awaiting, demand, event_of, find_draft, lock_draft
from inbox_bot.clock import stockholm_day
from inbox_bot.domain.attachment import AttachedFile
from inbox_bot.domain.case import (
    LETTERS_STILL_HERE,
    ClaimState,
    DraftRecord,
    DraftState,
    EventName,
    LetterPurpose,
    LetterState,
)
from inbox_bot.domain.letters import Finding, Language, Piece, Rendered
from inbox_bot.domain.rights import Right
from inbox_bot.errors import InboxBotError, LetterIncompleteError, NotAllowedError, NotFoundError
from inbox_bot.store.unit import Unit


def preview(room: Approval, draft_id: int) -> Rendered:
    """Return the letter as it would be sent. Raises LetterIncompleteError for what is still missing."""
    with room.desk.look() as unit:
        draft = find_draft(unit, draft_id)
        case, _, found = room.composition(unit, draft)
    if found.missing:
        raise LetterIncompleteError(draft.letter, found.missing)
    return room.letters.render(draft.letter, Language(case.language), found.values)


def lint(room: Approval, draft_id: int) -> tuple[Finding, ...]:
    """Return what is wrong with the letter as it would be sent, what stops it first.

    While values are missing: what is wrong with those that are there already.
    """
    with room.desk.look() as unit:
        draft = find_draft(unit, draft_id)
        case, _, found = room.composition(unit, draft)
    if not found.missing:
        return findings(room, draft.letter, case, found)
    stopgaps = stopgaps_for(room.letters, draft.letter, found.missing, stockholm_day(room.clock.now()))
    whole = replace(found, values={**found.values, **stopgaps}, missing=())
    said = found.values.keys() - set(found.missing)
    return tuple(one for one in findings(room, draft.letter, case, whole) if one.field in said)


def layout(room: Approval, draft_id: int) -> tuple[Piece, ...]:
    """Return the letter's text in fixed parts and places to fill in, also while values are missing."""
    with room.desk.look() as unit:
        draft = find_draft(unit, draft_id)
        case, _, found = room.composition(unit, draft)
    return room.letters.layout(draft.letter, Language(case.language), found.values)


def hindrance(room: Approval, draft_id: int, *, by: str) -> InboxBotError | None:
    """Return what would stop a draft, as it is stored, from being approved by a person; None where nothing would."""
    with room.desk.look() as unit:
        try:
            case, claims, _, _ = checked(room, unit, find_draft(unit, draft_id), by)
            addressed(room, unit, case, claims)
        except InboxBotError as error:
            return error
    return None


def heading(room: Approval, draft_id: int) -> tuple[tuple[str, str], ...]:
    """Return the letter's headers, decoded, as they would be if it were approved now. Raises as ``preview`` does."""
    with room.desk.look() as unit:
        draft = find_draft(unit, draft_id)
        case, claims, found = room.composition(unit, draft)
        envelope = addressed(room, unit, case, claims)
        # The headers of a letter with files do not depend on what is in them.
        files = [
            AttachedFile(name=one.name, media_type=one.media_type, content=b"") for one in carried(room, unit, draft)
        ]
    content = room.letters.freeze(draft.letter, Language(case.language), found.values, envelope, files)
    return tuple((name, str(value)) for name, value in message_from_bytes(content, policy=default).items())


def edit(
    room: Approval, draft_id: int, *, values: Mapping[str, Any], by: str, letter: str | None = None
) -> DraftRecord:
    """Save what a person filled in, and perhaps another letter. An approval that has not left yet is voided by it.

    Raises NotAllowedError if the approved letter has left already.
    """
    with room.desk.write() as unit:
        draft = lock_draft(unit, draft_id)
        if letter is not None and letter not in room.letters.names():
            raise NotFoundError(f"There is no letter {letter}.")
        if draft.state is DraftState.APPROVED:
            draft = _void_approval(room, unit, draft, by)
        if draft.state not in EDITABLE:
            raise NotAllowedError("This draft is no longer in use.")
        check_kind(replace(draft, letter=letter or draft.letter))
        said = dict(values)
        rows: dict[str, Any] = {name: said.pop(name) for name in ("actions", "kept") if name in said}
        if rows:
            _write_down(room, unit, draft, rows, by)
        changes: dict[str, Any] = {"values": said} | ({"letter": letter} if letter else {})
        if not unit.drafts.change(draft, DraftState.OPEN, **changes):
            raise NotAllowedError("Someone else changed this draft just now.", hint="Look at it again.")
        unit.cases.record(draft.case_id, event_of(room, EventName.EDITED, by, draft))
        return find_draft(unit, draft_id)


def give_back(room: Approval, draft_id: int, *, reason: str, by: str) -> None:
    """Send a draft back to whoever fills it in, saying what is missing. A reason is demanded."""
    demand(reason, "returning a draft")
    with room.desk.write() as unit:
        draft = lock_draft(unit, draft_id)
        if draft.state not in EDITABLE or not unit.drafts.change(draft, DraftState.RETURNED, note=reason.strip()):
            raise NotAllowedError("This draft does not wait for approval.")
        unit.cases.record(draft.case_id, event_of(room, EventName.RETURNED, by, draft, reason=reason.strip()))


def approve(
    room: Approval, draft_ids: Sequence[int], *, by: str, note: str = "", seen: str | None = None, rest: bool = False
) -> list[int]:
    """Freeze the letters of one case's drafts and put them in the outbox, all or none; return the letters' ids.

    ``seen`` is the mark of what the person looked at; what has changed since is not approved. ``rest``: the person says that the
    systems nothing is recorded about hold nothing. Raises LetterIncompleteError for missing values, LetterFaultyError for a letter
    the lint refuses, NotAllowedError where identity is unproven or someone was first.
    """
    with room.desk.write() as unit:
        return [_approve(room, unit, draft_id, by=by, note=note, seen=seen, rest=rest) for draft_id in draft_ids]


def _approve(room: Approval, unit: Unit, draft_id: int, *, by: str, note: str, seen: str | None, rest: bool) -> int:
    draft = lock_draft(unit, draft_id)
    if draft.state not in EDITABLE:
        raise NotAllowedError(f"This answer is {draft.state.value}, not waiting for approval.")
    check_person(by)
    case, claims, found = room.composition(unit, draft)
    if seen is not None and seen != mark_of(unit, draft, case, claims, found):
        raise NotAllowedError("The answer was changed after you opened it.", hint="Read it again, then approve.")
    filled: Mapping[str, Any] = draft.values
    if note.strip() and takes_as_done(room.letters, draft.letter, found.values):
        for claim in claims:
            room.book.note(unit, case, claim, note, by=by)
    else:
        filled = with_note(room.letters, draft.letter, draft.values, note)
    for claim in claims if rest and draft.purpose is LetterPurpose.ANSWER else ():
        room.book.rest(unit, case, claim, by=by)
    return freeze(room, unit, replace(draft, values=filled), draft, by=by, note=note)


def refuse(
    room: Approval, reference: str, *, right: Right | None, reasons: str, by: str, values: Mapping[str, Any]
) -> int:
    """Decide against a claim and freeze the refusal with its reasons (Art 12(4)); return the letter's id.

    Raises NotAllowedError for a marketing stop, which is unconditional (Art 21(2)-(3)), and without a reason.
    """
    demand(reasons, "a refusal")
    with room.desk.write() as unit:
        _, draft, claim = awaiting(unit, reference, right)
        if claim.claim.marketing:
            raise NotAllowedError("A marketing stop is unconditional and cannot be refused (article 21(3)).")
        letter = f"refused_{claim.claim.right.value}"
        chosen = replace(draft, letter=letter, values={**draft.values, **values, "reasons": reasons.strip()})
        return freeze(room, unit, chosen, draft, by=by, note="")


def write_refusal(room: Approval, reference: str, *, right: Right | None, reasons: str, by: str) -> int:
    """Turn the answer that waits into a refusal without sending it: to be read, seconded, approved. Returns the draft's id.

    Raises NotAllowedError as ``refuse`` does.
    """
    demand(reasons, "a refusal")
    check_person(by)
    with room.desk.look() as unit:
        _, draft, claim = awaiting(unit, reference, right)
    if claim.claim.marketing:
        raise NotAllowedError("A marketing stop is unconditional and cannot be refused (article 21(3)).")
    values = {**draft.values, "reasons": reasons.strip()}
    return edit(room, draft.id, values=values, by=by, letter=f"refused_{claim.claim.right.value}").id


def _write_down(room: Approval, unit: Unit, draft: DraftRecord, rows: Mapping[str, Any], by: str) -> None:
    """Make the records say what a form's rows say: a letter takes what was done from there and from nowhere else."""
    case = unit.cases.get(draft.case_id)
    if case is None:
        raise NotFoundError("The draft's case does not exist.")
    for claim in case.claims:
        if claim.id in draft.claim_ids:
            room.book.replace(unit, case, claim, rows, by=by)


def _void_approval(room: Approval, unit: Unit, draft: DraftRecord, by: str) -> DraftRecord:
    if draft.letter_id is None or not unit.letters.move(draft.letter_id, LETTERS_STILL_HERE, LetterState.VOID):
        raise NotAllowedError("The approved letter has already left.", hint="Write to the person in a new letter.")
    if not unit.drafts.change(draft, DraftState.OPEN, approved_by="", approved_at=None, letter_id=None):
        raise NotAllowedError("Someone else changed this answer just now.")
    for claim_id in draft.claim_ids if draft.purpose is LetterPurpose.ANSWER else ():
        unit.cases.move_claim(claim_id, [ClaimState.APPROVED], ClaimState.AWAITING_APPROVAL)
    unit.cases.record(draft.case_id, event_of(room, EventName.APPROVAL_VOIDED, by, draft))
    return find_draft(unit, draft.id)
