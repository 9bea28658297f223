"""What must have happened before anything is erased: a copy asked for has left, and a person to be warned has been."""

from datetime import date

from inbox_bot.clock import stockholm_day
from inbox_bot.domain.case import CaseRecord, ClaimRecord, DraftState, LetterState
from inbox_bot.domain.rights import Right
from inbox_bot.errors import NotAllowedError
from inbox_bot.fulfilment.desk import Fulfilment
from inbox_bot.store.unit import Unit

WARNING_LETTER = "erasure_warning"


def hinder(room: Fulfilment, unit: Unit, case: CaseRecord, claim: ClaimRecord) -> None:
    """Raise NotAllowedError if the claim may not be carried out at present."""
    why = hindrance(room, unit, case, claim)
    if why:
        raise NotAllowedError(why)


def hindrance(room: Fulfilment, unit: Unit, case: CaseRecord, claim: ClaimRecord) -> str:
    """Return why a claim may not be carried out at present, ``""`` if it may. Only an erasure can wait (law.md 3.2)."""
    if claim.claim.right is not Right.ERASURE:
        return ""
    waiting = _undelivered(room, unit, case)
    if waiting:
        return f"Nothing may be erased before the answer to {waiting} has left: answer that first."
    return _unwarned(room, unit, case, claim)


def _undelivered(room: Fulfilment, unit: Unit, case: CaseRecord) -> str:
    """Return what the same person has asked to be given and has not got yet.

    In another case only where somebody has confirmed who asks: a forged mail must not stop an erasure.
    """
    for other in unit.cases.of_requester(case.requester):
        for claim in other.claims:
            open_one = claim.claim.right in room.rules.before_erasure and not claim.state.is_final
            counts = other.id == case.id or claim.proven
            if open_one and counts and unit.sent_answer(claim) is None:
                return f"{claim.claim.right.value} in {other.reference}"
    return ""


def _unwarned(room: Fulfilment, unit: Unit, case: CaseRecord, claim: ClaimRecord) -> str:
    for draft in unit.drafts.of_case(case.id):
        if draft.letter != WARNING_LETTER or draft.state is DraftState.VOID or claim.id not in draft.claim_ids:
            continue
        letter = None if draft.letter_id is None else unit.letters.get(draft.letter_id)
        if letter is None or letter.state is not LetterState.SENT:
            return "The person is to be told first what the erasure leads to: send that letter, or take its draft away."
        earliest = date.fromisoformat(str(draft.values["earliest"]))
        if stockholm_day(room.clock.now()) < earliest:
            return f"The person was told that nothing is erased before {earliest}."
    return ""
