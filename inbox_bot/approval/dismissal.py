"""Closing a case that is found to be no request."""

from inbox_bot.approval.room import EDITABLE, Approval, demand, find_case
from inbox_bot.clock import stockholm_day
from inbox_bot.domain.case import (
    LETTERS_STILL_HERE,
    CaseRecord,
    ChallengeState,
    ClaimState,
    DraftState,
    Event,
    EventName,
    LetterPurpose,
    LetterState,
)
from inbox_bot.domain.example import asked_in
from inbox_bot.errors import NotAllowedError
from inbox_bot.store.unit import Unit


def dismiss(room: Approval, reference: str, *, reason: str, by: str, upto: int | None = None) -> None:
    """Close a case that a person finds to be no request: taken for one by mistake. A reason is demanded and kept.

    ``upto``: the newest mail the person has seen; what came after may be a request. Raises NotAllowedError where one has come,
    while an answer is on its way, and for a case that is closed.
    """
    demand(reason, "dismissing a case")
    room.keeper.ready()
    with room.desk.write() as unit:
        unit.cases.lock(find_case(unit, reference).id)
        case = find_case(unit, reference)
        running = [claim for claim in case.claims if not claim.state.is_final]
        if not running or any(claim.state is ClaimState.APPROVED for claim in running):
            raise NotAllowedError(f"Case {reference} is closed, or an answer in it is on its way.")
        if upto is not None and any(mail.id > upto for mail in unit.mails.of_case(case.id)):
            raise NotAllowedError("A mail has come to this case since the page was opened.", hint="Read it first.")
        now = room.clock.now()
        _keep_examples(room, unit, case)
        for claim in running:
            unit.cases.move_claim(claim.id, [claim.state], ClaimState.DISMISSED)
        lay_down(unit, case.id)
        details = {"reason": reason.strip()}
        unit.cases.record(case.id, Event(at=now, name=EventName.DISMISSED, actor=by, details=details))
        if unit.cases.close(case.id, now):
            unit.cases.record(case.id, Event(at=now, name=EventName.CLOSED, actor=by))


def lay_down(unit: Unit, case_id: int, *, notices: bool = True) -> None:
    """Void what is being written to the person of a case that ends; ``notices``: what stands beside the answer, too."""
    for draft in unit.drafts.of_case(case_id):
        if draft.state in EDITABLE and (notices or draft.purpose is not LetterPurpose.NOTICE):
            unit.drafts.change(draft, DraftState.VOID)
    for challenge in unit.challenges.of_case(case_id):
        unit.challenges.move(challenge.id, ChallengeState.REPLACED)
    for letter in unit.letters.of_case(case_id):
        if letter.purpose is LetterPurpose.EXTENSION:
            unit.letters.move(letter.id, LETTERS_STILL_HERE, LetterState.VOID)


def _keep_examples(room: Approval, unit: Unit, case: CaseRecord) -> None:
    """Keep each mail that was taken to ask for what is dismissed as an example of asking for the rest, mostly nothing."""
    let_go = {claim.claim for claim in case.claims if not claim.state.is_final or claim.state is ClaimState.DISMISSED}
    asked = asked_in(unit.cases.events(case.id))
    today = stockholm_day(room.clock.now())
    unit.examples.keep(
        *(
            room.keeper.example(mail, asked[mail.id] - let_go, today)
            for mail in unit.mails.of_case(case.id)
            if mail.id in asked and asked[mail.id] & let_go
        )
    )
