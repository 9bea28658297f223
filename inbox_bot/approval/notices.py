"""A person lets out what a recipient is told (T26, T27): who, what was done, what to do, by when. Never why (law.md 3.3)."""

import hashlib
from datetime import date
from typing import Any

from inbox_bot.approval.addressee import proved_at
from inbox_bot.approval.grounds import check_person
from inbox_bot.approval.room import Approval
from inbox_bot.clock import stockholm_day
from inbox_bot.domain.address import typed_address
from inbox_bot.domain.case import CaseRecord, ClaimRecord, Event, EventName, LetterPurpose
from inbox_bot.domain.correspondence import new_message_id, sendable
from inbox_bot.domain.letters import Done, Envelope, Language, Rendered
from inbox_bot.domain.notice import NoticeRecord, NoticeState
from inbox_bot.domain.task import OutcomeKind, open_tasks
from inbox_bot.errors import LetterFaultyError, LetterIncompleteError, NotAllowedError, NotFoundError
from inbox_bot.store.unit import Unit


def known_as(room: Approval, notice_id: int) -> str:
    """Return what a recipient is told the person is called, where nobody says otherwise."""
    with room.desk.look() as unit:
        _, case, claim = _found(unit, notice_id)
        return _known_as(unit, case, claim)


def preview_notice(room: Approval, notice_id: int, *, due: date, who: str = "", new_value: str = "") -> Rendered:
    """Return the letter to a recipient as it would be sent. Raises LetterIncompleteError for what is missing."""
    with room.desk.look() as unit:
        notice, case, claim = _found(unit, notice_id)
        values = _values(case, notice, due=due, who=who.strip() or _known_as(unit, case, claim), new_value=new_value)
        _demand_values(room, notice, values)
        _demand_lint(room, unit, notice, values)
    return room.letters.render(notice.recipient.letter, Language(notice.recipient.language), values)


def tell_recipient(
    room: Approval,
    notice_id: int,
    *,
    by: str,
    due: date,
    who: str = "",
    new_value: str = "",
    contact: str = "",
) -> int:
    """Freeze the letter to a recipient and put it in the outbox; return its id. ``who``: what they know the person by.

    Raises NotAllowedError where nothing is on record as done in every system, or where someone was first.
    """
    check_person(by)
    with room.desk.write() as unit:
        notice, case, claim = _found(unit, notice_id)
        unit.cases.lock(case.id)
        _check_done(unit, claim)
        address = typed_address(contact or notice.recipient.contact)
        if address is None or sendable(address) is None:
            raise NotAllowedError(f"There is no mail address for {notice.recipient.name}: give one.")
        if due < stockholm_day(room.clock.now()):
            raise NotAllowedError(f"{due} has passed already: choose a later day.")
        values = _values(case, notice, due=due, who=who.strip() or _known_as(unit, case, claim), new_value=new_value)
        _demand_values(room, notice, values)
        _demand_lint(room, unit, notice, values)
        letter_id, digest = _queue(room, unit, case, notice, values, address, by)
        moved = unit.notices.move(
            notice_id,
            [NoticeState.DRAFTED],
            NoticeState.APPROVED,
            letter_id=letter_id,
            due=due,
            new_value=new_value.strip(),
            contact=address,
        )
        if not moved:
            raise NotAllowedError("This recipient has been told already, or somebody decided just now.")
        details = {"letter": letter_id, "name": notice.recipient.letter, "sha256": digest}
        event = Event(
            at=room.clock.now(), name=EventName.APPROVED, actor=by.strip(), claim_id=claim.id, details=details
        )
        unit.cases.record(case.id, event)
        return letter_id


def _queue(
    room: Approval,
    unit: Unit,
    case: CaseRecord,
    notice: NoticeRecord,
    values: dict[str, Any],
    address: str,
    by: str,
) -> tuple[int, str]:
    now = room.clock.now()
    message_id = new_message_id(room.sender)
    envelope = Envelope(to=address, message_id=message_id, at=now, automatic=False)
    language = Language(notice.recipient.language)
    content = room.letters.freeze(notice.recipient.letter, language, values, envelope)
    letter_id = unit.letters.queue(
        name=notice.recipient.letter,
        purpose=LetterPurpose.RECIPIENT,
        recipient=address,
        message_id=message_id,
        content=content,
        at=now,
        case_id=case.id,
        approved_by=by.strip(),
    )
    return letter_id, hashlib.sha256(content).hexdigest()


def _found(unit: Unit, notice_id: int) -> tuple[NoticeRecord, CaseRecord, ClaimRecord]:
    notice = unit.notices.get(notice_id)
    case = None if notice is None else unit.cases.get(notice.case_id)
    claim = next((one for one in (case.claims if case else ()) if notice and one.id == notice.claim_id), None)
    if notice is None or case is None or claim is None:
        raise NotFoundError(f"There is no recipient {notice_id}.")
    return notice, case, claim


def _check_done(unit: Unit, claim: ClaimRecord) -> None:
    """Telling someone to do the same says that we have done it: it must be on record, and somebody must have been proven."""
    outcomes = [one for one in unit.tasks.outcomes(claim.case_id) if one.claim_id == claim.id]
    tasks = [task for task in unit.tasks.of_case(claim.case_id) if task.claim_id == claim.id]
    done = any(one.finding.kind is OutcomeKind.DONE for one in outcomes)
    if not claim.proven or not done or open_tasks(tasks, outcomes):
        raise NotAllowedError("Nothing is on record as done in every system: nobody can be told that it is.")


def _known_as(unit: Unit, case: CaseRecord, claim: ClaimRecord) -> str:
    # Who asked from another address than the one on file is known by the one on file, and by no name that mail gave.
    [address] = proved_at(unit, case, [claim])
    return case.asker if address == case.requester else address


def _values(case: CaseRecord, notice: NoticeRecord, *, due: date, who: str, new_value: str) -> dict[str, Any]:
    return {
        "reference": case.reference,
        "recipient": notice.recipient.name,
        "who": who,
        "right": notice.right.value,
        "on": notice.done_on,
        "due": due,
        "new_value": new_value.strip(),
    } | ({"processor": True} if notice.recipient.processor and notice.recipient.letter == "recipient_supplier" else {})


def _demand_values(room: Approval, notice: NoticeRecord, values: dict[str, Any]) -> None:
    missing = room.letters.missing(notice.recipient.letter, values)
    if missing:
        raise LetterIncompleteError(notice.recipient.letter, missing)


def _demand_lint(room: Approval, unit: Unit, notice: NoticeRecord, values: dict[str, Any]) -> None:
    done = [
        Done(what=one.finding.what, system=one.finding.system, on=one.finding.day)
        for one in unit.tasks.outcomes(notice.case_id)
        if one.claim_id == notice.claim_id and one.finding.kind is OutcomeKind.DONE and one.finding.day is not None
    ]
    found = room.letters.lint(notice.recipient.letter, Language(notice.recipient.language), values, done)
    faults = tuple(finding.text for finding in found if finding.stops)
    if faults:
        raise LetterFaultyError(notice.recipient.letter, faults)
