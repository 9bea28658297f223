"""Turns each claim that is *answer due* into a draft that *awaits approval*."""

from collections.abc import Callable, Sequence

from inbox_bot.clock import Clock
from inbox_bot.domain.case import ClaimState, Event, EventName, LetterPurpose
from inbox_bot.domain.rights import Claim
from inbox_bot.store.unit import Desk, Unit

BATCH = 25


def draft(desk: Desk, clock: Clock, letter_for: Callable[[Claim], str]) -> int:
    """Draft the answers of some cases; return of how many."""
    with desk.look() as unit:
        waiting = unit.cases.with_claims_in(ClaimState.ANSWER_DUE, BATCH)
    return desk.together(waiting, lambda unit, case_ids: _draft(unit, clock, letter_for, case_ids))


def _draft(unit: Unit, clock: Clock, letter_for: Callable[[Claim], str], case_ids: Sequence[int]) -> None:
    for case in unit.cases.hold(case_ids):
        for claim in case.claims:
            if not unit.cases.move_claim(claim.id, [ClaimState.ANSWER_DUE], ClaimState.AWAITING_APPROVAL):
                continue
            letter = letter_for(claim.claim)
            unit.drafts.add(
                case_id=case.id, claim_ids=[claim.id], letter=letter, purpose=LetterPurpose.ANSWER, values={}
            )
            details = {"letter": letter}
            event = Event(at=clock.now(), name=EventName.DRAFTED, claim_id=claim.id, details=details)
            unit.cases.record(case.id, event)
