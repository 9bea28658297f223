"""Sends receipts with or without a question of identity, reminds once, and gives up in time for a person to say so."""

from collections.abc import Sequence
from datetime import date

from inbox_bot import log
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
from inbox_bot.errors import InboxBotError
from inbox_bot.store.unit import Unit
from inbox_bot.verification.desk import Verification
from inbox_bot.verification.proof import has_confirmed_address, needs_proof

BATCH = 10
MOST_WAITING = 1000
CANNOT_IDENTIFY = "cannot_identify"
_log = log.get("verification")


def acknowledge(room: Verification) -> int:
    """Send the receipts of a batch of cases with newly opened claims; return for how many cases.

    A case whose receipt cannot be written stays *opened*, with its date, and does not hold up those behind it.
    """
    with room.desk.look() as unit:
        waiting = unit.cases.with_claims_in(ClaimState.OPENED, MOST_WAITING)
    for start in range(0, len(waiting), BATCH):
        batch = sorted(waiting[start : start + BATCH])
        try:
            done = _acknowledge_all(room, batch)
        except InboxBotError:
            done = sum(_acknowledge_alone(room, case_id) for case_id in batch)
        if done:
            return done
    return 0


def _acknowledge_alone(room: Verification, case_id: int) -> int:
    try:
        return _acknowledge_all(room, [case_id])
    except InboxBotError as error:
        _log.error("receipt_not_written", case_id=case_id, error=str(error))
        return 0


def _acknowledge_all(room: Verification, case_ids: Sequence[int]) -> int:
    """Send the receipts of these cases in one transaction, all or none; return for how many cases there was one to send."""
    done = 0
    if not case_ids:
        return done
    # Light: no letter leaves before the outbox has claimed it in a transaction that is not.
    with room.desk.write(light=True) as unit:
        for case in unit.cases.hold(case_ids):
            opened = [claim for claim in case.claims if claim.state is ClaimState.OPENED]
            if opened:
                _acknowledge(room, unit, case, opened)
                done += 1
    return done


def _acknowledge(room: Verification, unit: Unit, case: CaseRecord, opened: list[ClaimRecord]) -> None:
    now = room.clock.now()
    confirmed = has_confirmed_address(case.claims)
    asked = [claim for claim in opened if needs_proof(claim, address_confirmed=confirmed)]
    free = [claim for claim in opened if claim not in asked]
    if asked:
        room.ask(unit, case, free, asked, "receipt_identity")
    else:
        room.write(unit, case, free, "receipt", {})
    events = []
    for claim in asked:
        unit.cases.move_claim(claim.id, [ClaimState.OPENED], ClaimState.AWAITING_IDENTITY)
        events.append(Event(at=now, name=EventName.IDENTITY_ASKED, claim_id=claim.id))
    for claim in free:
        unit.cases.move_claim(claim.id, [ClaimState.OPENED], ClaimState.CONFIRMED)
        why = "marketing" if claim.claim.marketing else "confirmed_in_this_case"
        events.append(Event(at=now, name=EventName.IDENTITY_NOT_NEEDED, claim_id=claim.id, details={"why": why}))
    unit.cases.record(case.id, *events)


def remind(room: Verification) -> int:
    """Send the one reminder for each question that has stood open for some working days; return how many."""
    now = room.clock.now()
    sent = 0
    with room.desk.write() as unit:
        for challenge in unit.challenges.open_unreminded(now):
            asked = stockholm_day(challenge.asked_at)
            if stockholm_day(now) < room.calendar.add_working_days(asked, room.identity.reminder_working_days):
                continue
            unit.cases.lock(challenge.case_id)
            case = unit.cases.get(challenge.case_id)
            waiting = [] if case is None else _waiting(case, challenge.claim_ids)
            if not unit.challenges.mark_reminded(challenge.id, now) or case is None or not waiting:
                continue
            new = room.ask(unit, case, [], waiting, "identity_reminder")
            unit.challenges.mark_reminded(new, now)
            unit.cases.record(case.id, Event(at=now, name=EventName.IDENTITY_REMINDED))
            sent += 1
    return sent


def give_up(room: Verification) -> int:
    """Draft "we cannot identify you" for claims whose date nears unanswered (law.md 1.2); a person decides. Return how many."""
    today = stockholm_day(room.clock.now())
    drafted = 0
    with room.desk.write() as unit:
        for case_id in unit.cases.with_claims_in(ClaimState.AWAITING_IDENTITY, 1000):
            unit.cases.lock(case_id)
            case = unit.cases.get(case_id)
            if case is None:
                continue
            asked = {
                claim_id for draft in unit.drafts.of_case(case_id) if _stands(draft) for claim_id in draft.claim_ids
            }
            late = [claim for claim in _waiting(case) if claim.id not in asked and _nears(room, claim, today)]
            if late:
                unit.drafts.add(
                    case_id=case_id,
                    claim_ids=[claim.id for claim in late],
                    letter=CANNOT_IDENTIFY,
                    purpose=LetterPurpose.ANSWER,
                    values={},
                )
                details = {"letter": CANNOT_IDENTIFY}
                unit.cases.record(case_id, Event(at=room.clock.now(), name=EventName.DRAFTED, details=details))
                drafted += 1
    return drafted


def _stands(draft: DraftRecord) -> bool:
    # An extension gives no more time for this: a refusal must leave within the first month (Art 12(4)).
    return draft.state is not DraftState.VOID and draft.purpose is LetterPurpose.ANSWER


def _nears(room: Verification, claim: ClaimRecord, today: date) -> bool:
    due = room.calendar.dates(claim.clock).strict_deadline
    return room.calendar.working_days_left(today, due) <= room.identity.give_up_working_days


def _waiting(case: CaseRecord, among: tuple[int, ...] | None = None) -> list[ClaimRecord]:
    return [
        claim
        for claim in case.claims
        if claim.state is ClaimState.AWAITING_IDENTITY and (among is None or claim.id in among)
    ]
