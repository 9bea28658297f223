"""The end of a restriction: the person is told first (T18), and only then may it be lifted (Art 18(3))."""

from dataclasses import dataclass
from datetime import date

from inbox_bot.approval.grounds import check_person
from inbox_bot.approval.lifting_day import LIFTING, check_lift_day, earliest_lift, lift_day
from inbox_bot.approval.room import EDITABLE, Approval
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
from inbox_bot.domain.rights import Right
from inbox_bot.domain.task import OutcomeKind, owes_nothing
from inbox_bot.errors import NotAllowedError, NotFoundError
from inbox_bot.store.unit import Unit


@dataclass(frozen=True, kw_only=True)
class Restriction:
    """A restriction that has been carried out. ``told_on``: when the letter about its end left; ``from_day``: when it may end.

    ``owes_letter`` is False where it was locked in haste for a request that was then refused or taken back.
    """

    claim: ClaimRecord
    draft: DraftRecord | None = None
    told_on: date | None = None
    from_day: date | None = None
    lifted: bool = False
    owes_letter: bool = True

    @property
    def may_draft(self) -> bool:
        """True if the letter about its end is still to be written."""
        return not self.lifted and self.owes_letter and self.draft is None

    def may_lift(self, today: date) -> bool:
        """True if it may be lifted today."""
        if self.lifted:
            return False
        return not self.owes_letter or (self.from_day is not None and today >= self.from_day)


def restrictions(room: Approval, unit: Unit, case: CaseRecord) -> list[Restriction]:
    """Return the restrictions of a case that have been carried out, and where their end stands."""
    done = {one.claim_id for one in unit.tasks.outcomes(case.id) if one.finding.kind is OutcomeKind.DONE}
    lifted = {event.claim_id for event in unit.cases.events(case.id) if event.name is EventName.RESTRICTION_LIFTED}
    return [
        _standing(room, unit, claim, lifted=claim.id in lifted)
        for claim in case.claims
        if claim.claim.right is Right.RESTRICTION and claim.id in done
    ]


def draft_lifting(room: Approval, reference: str, *, reasons: str, resumes: str, lift_on: date | None, by: str) -> int:
    """Draft the letter that tells the person that the restriction ends, for approval; return the draft's id.

    Raises NotAllowedError without a reason, where nothing is restricted, or where the end is drafted already.
    """
    check_person(by)
    if not reasons.strip():
        raise NotAllowedError("A reason is demanded for lifting a restriction.")
    today = stockholm_day(room.clock.now())
    with room.desk.write() as unit:
        case, found = _running(room, unit, reference)
        if found.draft is not None:
            raise NotAllowedError("The end of this restriction has its letter already.")
        if not found.owes_letter:
            raise NotAllowedError("This restriction was never granted: lift it without a letter.")
        if not found.claim.proven:
            raise NotAllowedError("Nobody has confirmed who asks: the person cannot be told yet.")
        slack = earliest_lift(room.calendar, room.rules, room.calendar.add_working_days(today, 2))
        day = lift_on or slack
        values = {"result": reasons.strip(), "resumes": resumes.strip(), "lifts_on": day.isoformat()}
        draft_id = unit.drafts.add(
            case_id=case.id, claim_ids=[found.claim.id], letter=LIFTING, purpose=LetterPurpose.NOTICE, values=values
        )
        draft = unit.drafts.get(draft_id)
        assert draft is not None
        check_lift_day(room.calendar, room.rules, draft, today)
        details = {"draft": draft_id}
        event = Event(
            at=room.clock.now(),
            name=EventName.LIFTING_DRAFTED,
            actor=by.strip(),
            claim_id=found.claim.id,
            details=details,
        )
        unit.cases.record(case.id, event)
        return draft_id


def lift(room: Approval, reference: str, *, by: str) -> None:
    """Record that a restriction has been lifted. Raises NotAllowedError until the person has been told, and in time."""
    check_person(by)
    today = stockholm_day(room.clock.now())
    with room.desk.write() as unit:
        case, found = _running(room, unit, reference)
        if not found.may_lift(today):
            raise NotAllowedError(_why_not(found))
        event = Event(at=room.clock.now(), name=EventName.RESTRICTION_LIFTED, actor=by.strip(), claim_id=found.claim.id)
        unit.cases.record(case.id, event)


def drop_notice(room: Approval, draft_id: int, *, by: str) -> None:
    """Take away the draft of a notice that is not to be sent. Raises NotAllowedError for any other, or one that is approved."""
    check_person(by)
    with room.desk.write() as unit:
        draft = unit.drafts.get(draft_id)
        if draft is None:
            raise NotFoundError(f"There is no draft {draft_id}.")
        unit.cases.lock(draft.case_id)
        droppable = draft.purpose is LetterPurpose.NOTICE and draft.state in EDITABLE
        if not droppable or not unit.drafts.change(draft, DraftState.VOID):
            raise NotAllowedError("This draft does not wait for approval.")


def _running(room: Approval, unit: Unit, reference: str) -> tuple[CaseRecord, Restriction]:
    case = unit.cases.by_reference(reference)
    if case is None:
        raise NotFoundError(f"There is no case {reference}.", hint="'inbox-bot cases' lists them.")
    unit.cases.lock(case.id)
    found = [one for one in restrictions(room, unit, case) if not one.lifted]
    if not found:
        raise NotAllowedError(f"Nothing is restricted in case {reference}, or it is lifted already.")
    return case, found[0]


def _standing(room: Approval, unit: Unit, claim: ClaimRecord, *, lifted: bool) -> Restriction:
    drafts = [
        draft
        for draft in unit.drafts.of_case(claim.case_id)
        if draft.letter == LIFTING and draft.state is not DraftState.VOID and claim.id in draft.claim_ids
    ]
    draft = drafts[-1] if drafts else None
    letter = None if draft is None or draft.letter_id is None else unit.letters.get(draft.letter_id)
    told = None
    if letter is not None and letter.state is LetterState.SENT and letter.sent_at is not None:
        told = stockholm_day(letter.sent_at)
    from_day = None
    if draft is not None and told is not None:
        from_day = max(earliest_lift(room.calendar, room.rules, told), lift_day(draft) or told)
    return Restriction(
        claim=claim,
        draft=draft,
        told_on=told,
        from_day=from_day,
        lifted=lifted,
        owes_letter=not _never_granted(unit, claim),
    )


def _never_granted(unit: Unit, claim: ClaimRecord) -> bool:
    """True where the person took the request back, or has been told that there is no restriction."""
    if claim.state in {ClaimState.DISOWNED, ClaimState.DISMISSED, ClaimState.WITHDRAWN}:
        return True
    letter = unit.sent_answer(claim)
    return letter is not None and owes_nothing(letter.name)


def _why_not(found: Restriction) -> str:
    if found.told_on is None:
        return (
            "The person has not been told that the restriction ends: that letter must have left first (article 18(3))."
        )
    return f"The person must have some working days: lift it on {found.from_day} or later."
