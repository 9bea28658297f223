"""Lists who must be told when something was corrected, erased or restricted, and reminds once those who do not answer (Art 19)."""

from collections.abc import Sequence

from inbox_bot.clock import stockholm_day
from inbox_bot.domain.address import typed_address
from inbox_bot.domain.case import CaseRecord, ClaimRecord, Event, EventName, LetterPurpose
from inbox_bot.domain.correspondence import new_message_id
from inbox_bot.domain.letters import Envelope, Language
from inbox_bot.domain.notice import KINDS, TOLD_RIGHTS, Addressee, NoticeRecord, NoticeState
from inbox_bot.domain.task import Finding, OutcomeKind, open_tasks
from inbox_bot.errors import NotAllowedError, NotFoundError
from inbox_bot.fulfilment.desk import Fulfilment
from inbox_bot.store.unit import Unit

_AT_ONCE = 25
_UNTOLD = frozenset({NoticeState.DRAFTED})


def done_for(unit: Unit, claim: ClaimRecord) -> list[Finding]:
    """Return what was done for a claim of which recipients are told; nothing while a system is left, or nobody is proven."""
    if claim.claim.right not in TOLD_RIGHTS or not claim.proven:
        return []
    outcomes = [outcome for outcome in unit.tasks.outcomes(claim.case_id) if outcome.claim_id == claim.id]
    tasks = [task for task in unit.tasks.of_case(claim.case_id) if task.claim_id == claim.id]
    if open_tasks(tasks, outcomes):
        return []
    return [outcome.finding for outcome in outcomes if outcome.finding.kind is OutcomeKind.DONE]


def list_for(room: Fulfilment, unit: Unit, case: CaseRecord, claim: ClaimRecord) -> None:
    """List every recipient of the register for a claim that has been carried out. Safe to call again."""
    days = [finding.day for finding in done_for(unit, claim) if finding.day is not None]
    if not days:
        return
    listed = [
        recipient.name
        for recipient in room.recipients
        if claim.claim.right in recipient.told
        and unit.notices.add(case.id, claim.id, claim.claim.right, recipient, done_on=max(days)) is not None
    ]
    if listed:
        details = {"count": len(listed)}
        event = Event(at=room.clock.now(), name=EventName.RECIPIENTS_LISTED, claim_id=claim.id, details=details)
        unit.cases.record(case.id, event)


def add(room: Fulfilment, reference: str, recipient: Addressee, *, claim_id: int | None, by: str) -> int:
    """List someone who is not in the register, such as the employer of this person. Returns the notice's number.

    Raises NotAllowedError where nothing has been carried out that they must be told of.
    """
    if not recipient.name.strip() or recipient.kind not in KINDS:
        raise NotAllowedError(f"Give the recipient a name, and say which it is: {', '.join(KINDS)}.")
    if recipient.contact and typed_address(recipient.contact) is None:
        raise NotAllowedError("The recipient's address is not a mail address.")
    with room.desk.write() as unit:
        case = _case(unit, reference)
        for claim in case.claims:
            days = [finding.day for finding in done_for(unit, claim) if finding.day is not None]
            if days and claim_id in {None, claim.id}:
                found = unit.notices.add(case.id, claim.id, claim.claim.right, recipient, done_on=max(days))
                if found is None:
                    raise NotAllowedError("This recipient is listed already.")
                event = Event(at=room.clock.now(), name=EventName.RECIPIENT_ADDED, actor=by, claim_id=claim.id)
                unit.cases.record(case.id, event)
                return found
        raise NotAllowedError(
            f"Nothing in case {reference} has been corrected, erased or restricted in every system yet."
        )


def answered(room: Fulfilment, reference: str, which: str | int, *, answer: str, by: str) -> None:
    """Record that a recipient has answered. Raises NotAllowedError for one who has not been told."""
    told = frozenset({NoticeState.SENT, NoticeState.CHASED})
    now = room.clock.now()
    _settle(
        room,
        reference,
        which,
        told,
        NoticeState.ANSWERED,
        EventName.RECIPIENT_ANSWERED,
        by,
        answered_at=now,
        answer=answer.strip(),
    )


def told_otherwise(room: Fulfilment, reference: str, which: str | int, *, how: str, by: str) -> None:
    """Record that a recipient was told without a letter of ours: by telephone, say. How is demanded."""
    if not how.strip():
        raise NotAllowedError("A reason is demanded: say how the recipient was told.")
    now = room.clock.now()
    _settle(
        room, reference, which, _UNTOLD, NoticeState.TOLD, EventName.RECIPIENT_TOLD, by, told_at=now, reason=how.strip()
    )


def excused(room: Fulfilment, reference: str, which: str | int, *, reason: str, by: str) -> None:
    """Record that telling a recipient is impossible or would take a disproportionate effort (Art 19). Why is demanded."""
    if not reason.strip():
        raise NotAllowedError("A reason is demanded for not telling a recipient.")
    _settle(
        room, reference, which, _UNTOLD, NoticeState.EXCUSED, EventName.RECIPIENT_NOT_TOLD, by, reason=reason.strip()
    )


def chase(room: Fulfilment) -> int:
    """Remind, once, those who were told some working days ago and have not answered; return how many."""
    now = room.clock.now()
    with room.desk.look() as unit:
        late = [notice.id for notice in unit.notices.unanswered_since(now) if _is_late(room, notice)]
    return room.desk.together(late[:_AT_ONCE], lambda unit, ids: _chase(room, unit, ids))


def _chase(room: Fulfilment, unit: Unit, notice_ids: Sequence[int]) -> None:
    now = room.clock.now()
    for notice_id in sorted(notice_ids):
        notice = unit.notices.get(notice_id)
        case = None if notice is None else unit.cases.get(notice.case_id)
        if notice is None or case is None or notice.told_at is None:
            continue
        if not unit.notices.move(notice_id, [NoticeState.SENT], NoticeState.CHASED, chased_at=now):
            continue
        unit.cases.lock(case.id)
        values = {
            "reference": case.reference,
            "recipient": notice.recipient.name,
            "told_on": stockholm_day(notice.told_at),
        }
        message_id = new_message_id(room.sender)
        envelope = Envelope(to=notice.recipient.contact, message_id=message_id, at=now, automatic=True)
        language = Language(notice.recipient.language)
        unit.letters.queue(
            name="recipient_reminder",
            purpose=LetterPurpose.RECIPIENT,
            recipient=notice.recipient.contact,
            message_id=message_id,
            content=room.letters.freeze("recipient_reminder", language, values, envelope),
            at=now,
            case_id=case.id,
        )
        event = Event(at=now, name=EventName.RECIPIENT_CHASED, claim_id=notice.claim_id)
        unit.cases.record(case.id, event)


def _is_late(room: Fulfilment, notice: NoticeRecord) -> bool:
    assert notice.told_at is not None
    told = stockholm_day(notice.told_at)
    return stockholm_day(room.clock.now()) >= room.calendar.add_working_days(told, room.rules.chase_working_days)


def _settle(
    room: Fulfilment,
    reference: str,
    which: str | int,
    old: frozenset[NoticeState],
    new: NoticeState,
    event_name: EventName,
    by: str,
    **values: object,
) -> None:
    """Record what came of one notice, by its number, or of all to a recipient of that name, whatever right they are about."""
    if not by.strip():
        raise NotAllowedError("Say who records it (--by).")
    with room.desk.write() as unit:
        case = _case(unit, reference)
        wanted = which if isinstance(which, int) else which.strip().lower()
        mine = [one for one in unit.notices.of_case(case.id) if wanted in {one.id, one.recipient.name.lower()}]
        if not mine:
            raise NotFoundError(f"There is no recipient {which} in case {reference}.")
        moved = [one for one in mine if unit.notices.move(one.id, old, new, **values)]
        if not moved:
            states = ", ".join(one.state.value for one in mine)
            raise NotAllowedError(f"This recipient is {states}, so that cannot be recorded.")
        for one in moved:
            event = Event(at=room.clock.now(), name=event_name, actor=by.strip(), claim_id=one.claim_id)
            unit.cases.record(case.id, event)


def _case(unit: Unit, reference: str) -> CaseRecord:
    case = unit.cases.by_reference(reference)
    if case is None:
        raise NotFoundError(f"There is no case {reference}.", hint="'inbox-bot cases' lists them.")
    unit.cases.lock(case.id)
    return unit.cases.get(case.id) or case
