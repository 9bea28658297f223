"""The tools of the room where a person decides, and what every decision looks up."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from inbox_bot.approval.addressee import proved_at
from inbox_bot.approval.attachment_rules import AttachmentRules
from inbox_bot.approval.book import TaskBook
from inbox_bot.approval.draft import Composition, compose
from inbox_bot.approval.files import told_of
from inbox_bot.approval.rulebook import DecisionRules
from inbox_bot.clock import Clock, stockholm_day
from inbox_bot.domain.case import (
    CaseRecord,
    ClaimRecord,
    DraftRecord,
    DraftState,
    Event,
    EventName,
    LetterPurpose,
)
from inbox_bot.domain.dates import Calendar
from inbox_bot.domain.example import Keeper, KeepsNothing
from inbox_bot.domain.letters import LetterBook
from inbox_bot.domain.rights import Right
from inbox_bot.domain.task import recorded_values
from inbox_bot.errors import NotAllowedError, NotFoundError
from inbox_bot.store.unit import Desk, Unit

EDITABLE = frozenset({DraftState.OPEN, DraftState.RETURNED})
WARNING = "erasure_warning"


@dataclass(frozen=True, kw_only=True)
class Approval:
    """The room's tools. ``book``: where it is written down what was done; ``rules``: what a no demands of people; ``attachments``: which files may leave with which letter.

    ``keeper`` makes examples to learn from of what turns out to be no request. ``key``: the secret that hashes are keyed
    with; ``pages``: the address people reach us by.
    """

    desk: Desk
    clock: Clock
    calendar: Calendar
    letters: LetterBook
    sender: str
    book: TaskBook
    rules: DecisionRules
    attachments: AttachmentRules
    keeper: Keeper = field(default_factory=KeepsNothing)
    key: bytes = field(default=b"", repr=False)
    pages: str = ""

    def composition(self, unit: Unit, draft: DraftRecord) -> tuple[CaseRecord, list[ClaimRecord], Composition]:
        """Return a draft's case, claims and letter values. Raises NotFoundError if the case is gone."""
        case = unit.cases.get(draft.case_id)
        if case is None:
            raise NotFoundError("The draft's case does not exist.")
        claims = [claim for claim in case.claims if claim.id in draft.claim_ids]
        recorded = recorded_for(unit, case, claims)
        day = stockholm_day(draft.approved_at or self.clock.now())
        extra = self._dates(draft, claims) | told_of(unit, draft, self.pages, day, self.rules)
        if proved_at(unit, case, claims) != {case.requester}:
            # The name beside the sender's address is the sender's word, and the letter goes to another.
            extra["name"] = ""
        return case, claims, compose(self.letters, self.calendar, case, claims, draft, extra, recorded)

    def _dates(self, draft: DraftRecord, claims: Sequence[ClaimRecord]) -> dict[str, Any]:
        if draft.letter == WARNING:
            day = stockholm_day(draft.approved_at or self.clock.now())
            return {"earliest": self.calendar.add_working_days(day, self.rules.warning_working_days)}
        if draft.purpose is not LetterPurpose.EXTENSION:
            return {}
        # As of the decision: looked at again after the first month, the notice still says what it said.
        at = draft.approved_at or self.clock.now()
        extended = (self.calendar.dates(replace(claim.clock, extension_sent_at=at)) for claim in claims)
        promised = [dates.extended_deadline for dates in extended if dates.extended_deadline is not None]
        strict = min(self.calendar.dates(claim.clock).strict_deadline for claim in claims)
        return {"deadline": strict} | ({"new_deadline": min(promised)} if promised else {})


def recorded_for(unit: Unit, case: CaseRecord, claims: Sequence[ClaimRecord]) -> dict[str, Any]:
    """Return what a letter about these claims may say was done, is kept, and who has been told: what is on record."""
    mine = {claim.id for claim in claims}
    recorded: dict[str, Any] = dict(
        recorded_values(one for one in unit.tasks.outcomes(case.id) if one.claim_id in mine)
    )
    notices = [notice for notice in unit.notices.of_case(case.id) if notice.claim_id in mine]
    if notices:
        told = [(notice.recipient.name, notice.told_at) for notice in notices if notice.state.is_told]
        recorded["recipients_told"] = "\n".join(
            f"- {name}, {stockholm_day(at)}" if at is not None else f"- {name}" for name, at in told
        )
    return recorded


def demand(reason: str, what: str) -> None:
    if not reason.strip():
        raise NotAllowedError(f"A reason is demanded for {what}.")


def event_of(room: Approval, name: EventName, by: str, draft: DraftRecord, **details: str) -> Event:
    return Event(at=room.clock.now(), name=name, actor=by, details={"draft": draft.id, **details})


def find_case(unit: Unit, reference: str) -> CaseRecord:
    case = unit.cases.by_reference(reference)
    if case is None:
        raise NotFoundError(f"There is no case {reference}.", hint="'inbox-bot cases' lists them.")
    return case


def find_draft(unit: Unit, draft_id: int) -> DraftRecord:
    draft = unit.drafts.get(draft_id)
    if draft is None:
        raise NotFoundError(f"There is no draft {draft_id}.")
    return draft


def lock_draft(unit: Unit, draft_id: int) -> DraftRecord:
    unit.cases.lock(find_draft(unit, draft_id).case_id)
    return find_draft(unit, draft_id)


def awaiting(unit: Unit, reference: str, right: Right | None) -> tuple[CaseRecord, DraftRecord, ClaimRecord]:
    """Return the one answer of a case that waits for a decision. Raises NotAllowedError for none, or for several unnamed."""
    case = find_case(unit, reference)
    unit.cases.lock(case.id)
    found = [
        (case, draft, claim)
        for draft in unit.drafts.of_case(case.id)
        for claim in case.claims
        if draft.state in EDITABLE
        and draft.purpose is LetterPurpose.ANSWER
        and claim.id in draft.claim_ids
        and right in {None, claim.claim.right}
    ]
    if not found:
        raise NotAllowedError(f"Case {reference} has no answer that waits for a decision.")
    # Two claims may be to one right, of which a marketing stop takes no such decision: the other is meant.
    found = [one for one in found if not one[2].claim.marketing] or found
    if len(found) > 1:
        names = ", ".join(claim.claim.right.value for _, _, claim in found)
        raise NotAllowedError(
            f"Case {reference} has several answers waiting.", hint=f"Say which with --right: {names}."
        )
    return found[0]
