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
    LetterState,
)
from inbox_bot.errors import InboxBotError
from inbox_bot.store.unit import Unit
from inbox_bot.verification.asking import carry_out, decide, find_origin
from inbox_bot.verification.desk import Verification
from inbox_bot.verification.origin import Origin

BATCH = 10
MOST_WAITING = 1000
CANNOT_IDENTIFY = "cannot_identify"
CANNOT_IDENTIFY_SENDER = "cannot_identify_sender"
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
    origins = _origins(room, case_ids)
    # Light: no letter leaves before the outbox has claimed it in a transaction that is not.
    with room.desk.write(light=True) as unit:
        for case in unit.cases.hold(case_ids):
            opened = [claim for claim in case.claims if claim.state is ClaimState.OPENED]
            if opened:
                origin = origins.get(case.id) or find_origin(room, unit, case)
                carry_out(room, unit, case, decide(room, unit, case, opened, origin))
                done += 1
    return done


def _origins(room: Verification, case_ids: Sequence[int]) -> dict[int, Origin]:
    """Look the cases up in the register before the transaction: a slow database of the company's holds up no other room."""
    if room.people is None:
        return {}
    with room.desk.look() as unit:
        return {case.id: find_origin(room, unit, case) for case in unit.cases.get_all(case_ids)}


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
            asked_in = unit.letters.by_message_id(challenge.message_id)
            if asked_in is not None and asked_in.state is LetterState.BOUNCED:
                continue  # It never arrived, and a person has been told: a second one to the same address is no reminder.
            facts = challenge.fact_claim_ids
            new = room.ask(unit, case, [], waiting, "identity_reminder", to=challenge.address, facts=facts)
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
            _draft_unidentified(room, unit, case, late, actor="program")
            drafted += bool(late)
    return drafted


def give_up_now(room: Verification, reference: str, *, by: str) -> bool:
    """Draft the same because a person has looked and found nobody; False if no claim waits for it."""
    with room.desk.write() as unit:
        case = unit.cases.by_reference(reference)
        if case is None:
            return False
        unit.cases.lock(case.id)
        case = unit.cases.get(case.id) or case
        drafts = unit.drafts.of_case(case.id)
        asked = {claim_id for draft in drafts if _stands(draft) for claim_id in draft.claim_ids}
        waiting = [claim for claim in _waiting(case) if claim.id not in asked]
        _draft_unidentified(room, unit, case, waiting, actor=by)
        return bool(waiting)


def _draft_unidentified(
    room: Verification, unit: Unit, case: CaseRecord, claims: Sequence[ClaimRecord], *, actor: str
) -> None:
    """Draft "we cannot identify you", in the words that hold for what was asked: a link of one's own, or none."""
    for unlinked, letter in ((False, CANNOT_IDENTIFY), (True, CANNOT_IDENTIFY_SENDER)):
        concerned = [claim.id for claim in claims if claim.unlinked is unlinked]
        if concerned:
            unit.drafts.add(
                case_id=case.id, claim_ids=concerned, letter=letter, purpose=LetterPurpose.ANSWER, values={}
            )
            event = Event(at=room.clock.now(), name=EventName.DRAFTED, actor=actor, details={"letter": letter})
            unit.cases.record(case.id, event)


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
