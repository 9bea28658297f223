"""Tells a person, before anything is erased, what the erasure leads to that they may not expect (law.md 3.2, T13)."""

from collections.abc import Sequence

from inbox_bot.approval.grounds import check_person
from inbox_bot.approval.room import WARNING, Approval
from inbox_bot.domain.case import ClaimState, DraftState, Event, EventName, LetterPurpose
from inbox_bot.domain.rights import Right
from inbox_bot.errors import NotAllowedError, NotFoundError


def draft_warning(room: Approval, reference: str, *, lines: Sequence[str], by: str) -> int:
    """Draft the letter for approval and return its id; until it has left and its days have passed nothing may be erased.

    Raises NotAllowedError where no erasure is under way, or nothing is said.
    """
    check_person(by)
    said = [line.strip() for line in lines if line.strip()]
    if not said:
        raise NotAllowedError("Say what the person is to be told before the erasure.")
    with room.desk.write() as unit:
        case = unit.cases.by_reference(reference)
        if case is None:
            raise NotFoundError(f"There is no case {reference}.", hint="'inbox-bot cases' lists them.")
        unit.cases.lock(case.id)
        case = unit.cases.get(case.id) or case
        waiting = (ClaimState.CONFIRMED, ClaimState.ANSWER_DUE, ClaimState.AWAITING_APPROVAL)
        claim = next(
            (one for one in case.claims if one.claim.right is Right.ERASURE and one.proven and one.state in waiting),
            None,
        )
        if claim is None:
            raise NotAllowedError(f"Nothing is about to be erased in case {reference}.")
        for draft in unit.drafts.of_case(case.id):
            if draft.letter == WARNING and draft.state is not DraftState.VOID and claim.id in draft.claim_ids:
                raise NotAllowedError("The person has such a letter already, or it waits for approval.")
        values = {"warnings": "\n".join(f"- {line}" for line in said)}
        draft_id = unit.drafts.add(
            case_id=case.id, claim_ids=[claim.id], letter=WARNING, purpose=LetterPurpose.NOTICE, values=values
        )
        details = {"draft": draft_id}
        event = Event(
            at=room.clock.now(),
            name=EventName.WARNING_DRAFTED,
            actor=by.strip(),
            claim_id=claim.id,
            details=details,
        )
        unit.cases.record(case.id, event)
        return draft_id
