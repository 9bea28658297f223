"""The person takes a request back on the page of the case: that claim alone ends, nothing about it leaves, and staff read of it.

It takes a code and a second step. What an answer of ours has left about is past taking back. Nothing is undone in any
system: what was done for the claim meanwhile (a restriction, a stop for marketing) stays until a person decides.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from inbox_bot.domain.case import (
    LETTERS_STILL_HERE,
    CaseRecord,
    ChallengeState,
    ClaimRecord,
    ClaimState,
    DraftRecord,
    DraftState,
    Event,
    EventName,
    LetterPurpose,
    LetterState,
)
from inbox_bot.domain.page import PAGE, concerns, written_on
from inbox_bot.domain.rights import Claim
from inbox_bot.store.unit import Unit
from inbox_bot.verification.desk import Verification
from inbox_bot.verification.page import find_link, find_visit, may_withdraw

LETTER = "withdrawn"


@dataclass(frozen=True, kw_only=True)
class Withdrawal:
    """What became of a wish to take something back. ``left``: what could not be, because its answer had gone already."""

    gone: tuple[Claim, ...] = ()
    left: tuple[Claim, ...] = ()


def withdraw(
    room: Verification,
    token: str,
    visit: str,
    claim_ids: Collection[int],
    *,
    tell: Callable[[Sequence[Claim]], tuple[str, str]],
) -> Withdrawal:
    """Take back some claims of a case in a visit that has shown its code. Claims of other people are left as they are.

    ``tell``: what staff are to read of it as a mail in the case, subject and text, from the claims that are gone.
    """
    now = room.clock.now()
    with room.desk.write() as unit:
        link = find_link(room, unit, token)
        found = None if link is None else find_visit(room, unit, link, visit)
        if link is None or found is None or not found.entered:
            return Withdrawal()
        unit.cases.lock(link.case_id)
        case = unit.cases.get(link.case_id)
        if case is None or case.emptied_at is not None:
            return Withdrawal()
        challenges = unit.challenges.of_case(case.id)
        mine = [claim for claim in case.claims if concerns(case, claim, challenges, link.address)]
        wanted = [claim for claim in mine if claim.id in claim_ids and not claim.state.is_final]
        gone = [claim for claim in wanted if may_withdraw(unit, claim)]
        left = [claim for claim in wanted if claim not in gone]
        if gone:
            _end(unit, case, gone, now)
            still = [claim for claim in mine if claim not in gone and not claim.state.is_final]
            _tell(room, unit, case, gone, still, link.address)
            subject, text = tell([claim.claim for claim in gone])
            unit.mails.write_down(PAGE, now, written_on(link, subject, text), case_id=case.id)
        return Withdrawal(gone=tuple(claim.claim for claim in gone), left=tuple(claim.claim for claim in left))


def _end(unit: Unit, case: CaseRecord, gone: list[ClaimRecord], now: datetime) -> None:
    ids = {claim.id for claim in gone}
    for draft in unit.drafts.of_case(case.id):
        if ids & set(draft.claim_ids):
            _lay_down(unit, draft, ids, now)
    for claim in gone:
        if unit.cases.move_claim(claim.id, [state for state in ClaimState if not state.is_final], ClaimState.WITHDRAWN):
            details = {"right": claim.claim.right.value, "marketing": claim.claim.marketing, "old": claim.state.value}
            event = Event(at=now, name=EventName.WITHDRAWN, actor="requester", claim_id=claim.id, details=details)
            unit.cases.record(case.id, event)
    after = unit.cases.get(case.id)
    running = {claim.id for claim in after.claims if not claim.state.is_final} if after is not None else set()
    for challenge in unit.challenges.of_case(case.id):
        if not running & set(challenge.claim_ids):
            unit.challenges.move(challenge.id, ChallengeState.REPLACED)
    if not running and unit.cases.close(case.id, now):
        details = {"why": ClaimState.WITHDRAWN.value}
        unit.cases.record(case.id, Event(at=now, name=EventName.CLOSED, actor="requester", details=details))


def _lay_down(unit: Unit, draft: DraftRecord, gone: Collection[int], now: datetime) -> None:
    """Take some claims out of a letter that has not left: where it was about nothing else it is void, else decided on anew."""
    rest = [claim_id for claim_id in draft.claim_ids if claim_id not in gone]
    if draft.state in {DraftState.OPEN, DraftState.RETURNED}:
        unit.drafts.change(draft, draft.state if rest else DraftState.VOID, claim_ids=rest or list(draft.claim_ids))
    elif draft.state is DraftState.APPROVED and draft.letter_id is not None:
        if not unit.letters.move(draft.letter_id, LETTERS_STILL_HERE, LetterState.VOID):
            return  # It has left, and it was no answer to these claims: those are past taking back.
        approval = {"approved_by": "", "approved_at": None, "letter_id": None}
        again = {"claim_ids": rest, **approval} if rest else {}
        unit.drafts.change(draft, DraftState.OPEN if rest else DraftState.VOID, **again)
        for claim_id in rest if draft.purpose is LetterPurpose.ANSWER else ():
            unit.cases.move_claim(claim_id, [ClaimState.APPROVED], ClaimState.AWAITING_APPROVAL)
        details = {"draft": draft.id, "letter": draft.letter_id}
        event = Event(at=now, name=EventName.APPROVAL_VOIDED, actor="requester", details=details)
        unit.cases.record(draft.case_id, event)


def _tell(
    room: Verification,
    unit: Unit,
    case: CaseRecord,
    gone: list[ClaimRecord],
    still: list[ClaimRecord],
    address: str,
) -> None:
    """Mail what was taken back, and what still runs: so whoever reads the mailbox learns of it, and how to take it up again."""
    values = {
        "still": [{"right": claim.claim.right.value, "marketing": claim.claim.marketing} for claim in still],
        "marketing": any(claim.claim.marketing for claim in gone),
    }
    room.write(unit, case, gone, LETTER, values, to=address)
