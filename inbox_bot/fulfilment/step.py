"""Takes up *confirmed* claims: a marketing stop takes effect at once, and each claim is left *answer due*."""

from collections.abc import Sequence

from inbox_bot.clock import Clock
from inbox_bot.domain.case import ClaimState, Event, EventName
from inbox_bot.store.unit import Desk, Unit

BATCH = 25


def prepare(desk: Desk, clock: Clock) -> int:
    """Take up the confirmed claims of some cases; return of how many."""
    with desk.look() as unit:
        waiting = unit.cases.with_claims_in(ClaimState.CONFIRMED, BATCH)
    return desk.together(waiting, lambda unit, case_ids: _prepare(unit, clock, case_ids))


def _prepare(unit: Unit, clock: Clock, case_ids: Sequence[int]) -> None:
    for case in unit.cases.hold(case_ids):
        for claim in case.claims:
            if not unit.cases.move_claim(claim.id, [ClaimState.CONFIRMED], ClaimState.ANSWER_DUE):
                continue
            # Art 21(3): the address gets no marketing from this moment; only the letter waits for a person.
            if claim.claim.marketing:
                unit.letters.suppress(case.requester, clock.now())
                event = Event(at=clock.now(), name=EventName.MARKETING_SUPPRESSED, claim_id=claim.id)
                unit.cases.record(case.id, event)
