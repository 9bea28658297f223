"""The reasoned notice that an answer takes up to three months (Art 12(3))."""

from inbox_bot.approval.freezing import freeze
from inbox_bot.approval.room import Approval, demand, event_of, find_case, find_draft
from inbox_bot.domain.case import (
    CaseRecord,
    ClaimRecord,
    DraftState,
    EventName,
    LetterPurpose,
)
from inbox_bot.domain.rights import Right
from inbox_bot.errors import NotAllowedError
from inbox_bot.store.unit import Unit


def extend(room: Approval, reference: str, *, right: Right | None, reasons: str, by: str) -> list[int]:
    """Send the reasoned notice that an answer takes up to three months (Art 12(3)); return the letters' ids.

    Raises NotAllowedError when the first month has run out, when the claim has been extended or is about to be, for a
    marketing stop, and without a reason.
    """
    demand(reasons, "an extension")
    with room.desk.write() as unit:
        case = find_case(unit, reference)
        unit.cases.lock(case.id)
        claims = [
            claim
            for claim in case.claims
            if not claim.state.is_final and not claim.claim.marketing and right in {None, claim.claim.right}
        ]
        if not claims and any(not claim.state.is_final and right in {None, claim.claim.right} for claim in case.claims):
            raise NotAllowedError("A marketing stop takes effect at once; its answer cannot be extended.")
        if not claims:
            raise NotAllowedError(f"Case {reference} has no open claim to extend.")
        return [_extend(room, unit, case, claim, reasons.strip(), by) for claim in claims]


def _extend(room: Approval, unit: Unit, case: CaseRecord, claim: ClaimRecord, reasons: str, by: str) -> int:
    dates = room.calendar.dates(claim.clock)
    name = claim.claim.right.value
    if room.clock.now() >= dates.strict_end:
        raise NotAllowedError(
            f"The first month for {name} ran out on {dates.strict_deadline}: no extension exists any more."
        )
    earlier = [
        draft
        for draft in unit.drafts.of_case(case.id)
        if draft.purpose is LetterPurpose.EXTENSION and draft.state is not DraftState.VOID
    ]
    if claim.clock.extension_sent_at or any(claim.id in draft.claim_ids for draft in earlier):
        raise NotAllowedError(f"The answer on {name} has been extended once; there is no second extension.")
    draft_id = unit.drafts.add(
        case_id=case.id,
        claim_ids=[claim.id],
        letter="extension",
        purpose=LetterPurpose.EXTENSION,
        values={"reasons": reasons},
    )
    draft = find_draft(unit, draft_id)
    unit.cases.record(case.id, event_of(room, EventName.EXTENSION_APPROVED, by, draft, right=name))
    return freeze(room, unit, draft, draft, by=by, note="")
