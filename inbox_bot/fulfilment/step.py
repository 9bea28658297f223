"""Takes up *confirmed* claims: a marketing stop takes effect at once, tasks are written, each claim is left *answer due*.

A restriction begins before that: it harms nobody and can be undone, so it is done first and confirmed after (law.md 2.2).
"""

from collections.abc import Sequence

from inbox_bot.domain.case import CaseRecord, ClaimRecord, ClaimState, Event, EventName
from inbox_bot.domain.rights import Right
from inbox_bot.fulfilment import recipients
from inbox_bot.fulfilment.desk import Fulfilment
from inbox_bot.fulfilment.suppression import named_addresses
from inbox_bot.store.unit import Unit

BATCH = 25
_UNANSWERED = (
    *(ClaimState.OPENED, ClaimState.AWAITING_IDENTITY, ClaimState.CONFIRMED),
    *(ClaimState.ANSWER_DUE, ClaimState.AWAITING_APPROVAL),
)


def prepare(room: Fulfilment) -> int:
    """Take up the confirmed claims of some cases; return of how many."""
    with room.desk.look() as unit:
        waiting = unit.cases.with_claims_in(ClaimState.CONFIRMED, BATCH)
    return room.desk.together(waiting, lambda unit, case_ids: _prepare(room, unit, case_ids))


def protect(room: Fulfilment) -> int:
    """Alarm staff about new claims to restriction, once each, and write their tasks at once; return of how many cases."""
    with room.desk.look() as unit:
        waiting = unit.tasks.cases_without(EventName.RESTRICTION_ALARMED, Right.RESTRICTION, _UNANSWERED, BATCH)
    return room.desk.together(waiting, lambda unit, case_ids: _protect(room, unit, case_ids))


def _prepare(room: Fulfilment, unit: Unit, case_ids: Sequence[int]) -> None:
    for case in unit.cases.hold(case_ids):
        for claim in case.claims:
            if not unit.cases.move_claim(claim.id, [ClaimState.CONFIRMED], ClaimState.ANSWER_DUE):
                continue
            if claim.claim.marketing:
                _suppress(room, unit, case, claim)
            _write_tasks(room, unit, case, claim)
            recipients.list_for(room, unit, case, claim)


def _protect(room: Fulfilment, unit: Unit, case_ids: Sequence[int]) -> None:
    for case in unit.cases.hold(case_ids):
        alarmed = {
            event.claim_id for event in unit.cases.events(case.id) if event.name is EventName.RESTRICTION_ALARMED
        }
        for claim in case.claims:
            new = claim.claim.right is Right.RESTRICTION and claim.state in _UNANSWERED and claim.id not in alarmed
            if not new:
                continue
            _write_tasks(room, unit, case, claim)
            room.alarm(
                unit,
                f"Lås uppgifter nu: {case.reference}",
                "Någon begär att uppgifter inte får användas (artikel 18). Lås dem genast i de system som står på "
                "ärendets sida. Det går att ta tillbaka. Vänta inte på att personen bekräftar vem hen är.",
                f"/personal/arende/{case.reference}#att-gora",
            )
            event = Event(at=room.clock.now(), name=EventName.RESTRICTION_ALARMED, claim_id=claim.id)
            unit.cases.record(case.id, event)


def _suppress(room: Fulfilment, unit: Unit, case: CaseRecord, claim: ClaimRecord) -> None:
    """Art 21(3): these addresses get no marketing from this moment; only the letter waits for a person."""
    asked = [event for event in unit.cases.events(case.id) if event.name is EventName.CLAIM_ADDED]
    mail_ids = {event.details.get("mail") for event in asked if event.claim_id == claim.id}
    texts = [
        f"{mail.message.subject}\n{mail.message.reply_text}"
        for mail in unit.mails.of_case(case.id)
        if mail.id in mail_ids and mail.message is not None
    ]
    named = named_addresses("\n".join(texts), room.own)
    now = room.clock.now()
    for address in dict.fromkeys((case.requester, *named)):
        unit.suppressions.add(address, now)
    details = {"named": len(named)}
    event = Event(at=now, name=EventName.MARKETING_SUPPRESSED, claim_id=claim.id, details=details)
    unit.cases.record(case.id, event)


def _write_tasks(room: Fulfilment, unit: Unit, case: CaseRecord, claim: ClaimRecord) -> None:
    written = unit.tasks.write(case.id, claim.id, room.rules.todo(claim.claim))
    if written:
        details = {"count": written}
        event = Event(at=room.clock.now(), name=EventName.TASKS_WRITTEN, claim_id=claim.id, details=details)
        unit.cases.record(case.id, event)
