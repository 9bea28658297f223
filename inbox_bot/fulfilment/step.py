"""Takes up *confirmed* claims: a marketing stop takes effect at once, and each claim is left *answer due*."""

from inbox_bot.clock import Clock
from inbox_bot.domain.case import ClaimState, Event, EventName
from inbox_bot.store.unit import Desk


def prepare(desk: Desk, clock: Clock) -> int:
    """Take up one case's confirmed claims; return 1, or 0 if there were none."""
    with desk.write() as unit:
        for case_id in unit.cases.with_claims_in(ClaimState.CONFIRMED, 1):
            unit.cases.lock(case_id)
            case = unit.cases.get(case_id)
            for claim in case.claims if case is not None else ():
                if not unit.cases.move_claim(claim.id, [ClaimState.CONFIRMED], ClaimState.ANSWER_DUE):
                    continue
                # Art 21(3): the address gets no marketing from this moment; only the letter waits for a person.
                if case is not None and claim.claim.marketing:
                    unit.letters.suppress(case.requester, clock.now())
                    event = Event(at=clock.now(), name=EventName.MARKETING_SUPPRESSED, claim_id=claim.id)
                    unit.cases.record(case.id, event)
            return 1
    return 0
