"""Turns each claim that is *answer due* into a draft that *awaits approval*."""

from collections.abc import Callable

from inbox_bot.clock import Clock
from inbox_bot.domain.case import ClaimState, Event, EventName, LetterPurpose
from inbox_bot.domain.rights import Claim
from inbox_bot.store.unit import Desk


def draft(desk: Desk, clock: Clock, letter_for: Callable[[Claim], str]) -> int:
    """Draft the answers of one case; return 1, or 0 if none is due."""
    with desk.write() as unit:
        for case_id in unit.cases.with_claims_in(ClaimState.ANSWER_DUE, 1):
            unit.cases.lock(case_id)
            case = unit.cases.get(case_id)
            for claim in case.claims if case is not None else ():
                if not unit.cases.move_claim(claim.id, [ClaimState.ANSWER_DUE], ClaimState.AWAITING_APPROVAL):
                    continue
                letter = letter_for(claim.claim)
                unit.drafts.add(
                    case_id=case_id, claim_ids=[claim.id], letter=letter, purpose=LetterPurpose.ANSWER, values={}
                )
                details = {"letter": letter}
                event = Event(at=clock.now(), name=EventName.DRAFTED, claim_id=claim.id, details=details)
                unit.cases.record(case_id, event)
            return 1
    return 0
