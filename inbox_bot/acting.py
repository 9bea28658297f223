"""What people do about a case beside answering it: tick tasks, tell recipients, lift restrictions, keep the list against marketing.

Pages and commands reach the rooms fulfilment and approval through here, as ``flow.acting``.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from inbox_bot.approval import decision, delivering, grounds, lifting, notices, second, warning
from inbox_bot.approval.lifting import Restriction
from inbox_bot.approval.lifting_day import LIFTING
from inbox_bot.approval.room import EDITABLE, Approval
from inbox_bot.clock import stockholm_day
from inbox_bot.domain.case import CaseRecord, ClaimRecord, DraftRecord, Event
from inbox_bot.domain.letters import Rendered
from inbox_bot.domain.notice import Addressee, NoticeRecord
from inbox_bot.domain.page import Deliverable
from inbox_bot.domain.rights import Right
from inbox_bot.domain.task import Finding, Outcome, OutcomeKind, TaskRecord, covers, open_tasks, owes_nothing
from inbox_bot.errors import NotAllowedError, NotFoundError
from inbox_bot.fulfilment import freeze, recipients, suppression
from inbox_bot.fulfilment.desk import Fulfilment
from inbox_bot.fulfilment.recording import Recording
from inbox_bot.fulfilment.rulebook import Suggestion, Warned, named_in
from inbox_bot.fulfilment.suppression import ListView
from inbox_bot.outbox.consequence import conclude
from inbox_bot.store.unit import Unit


@dataclass(frozen=True, kw_only=True)
class TaskView:
    """A system of a claim: what to do, what is recorded of that system, and the words to begin with.

    ``is_open``: nothing is recorded of it, nor of all systems together.
    """

    task: TaskRecord
    outcomes: tuple[Outcome, ...]
    suggestion: Suggestion
    is_open: bool


@dataclass(frozen=True, kw_only=True)
class ClaimSheet:
    """What is to be done for one claim. ``further``: records that name no system, or one the rules do not.

    ``hindrance``: why nothing may be done yet. ``warnings``: what the person may not expect.
    """

    claim: ClaimRecord
    tasks: tuple[TaskView, ...]
    further: tuple[Outcome, ...]
    hindrance: str
    warnings: tuple[Warned, ...]
    may_record: bool
    may_tell: bool
    owes_nothing: bool

    @property
    def left(self) -> int:
        """How many systems nothing is recorded about."""
        return sum(view.is_open for view in self.tasks)


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """All that is to be done in a case. ``seconds`` are those who stand behind a no, by draft; ``needs_second`` drafts' ids."""

    case: CaseRecord
    claims: tuple[ClaimSheet, ...]
    restrictions: tuple[Restriction, ...]
    notices: tuple[NoticeRecord, ...]
    seconds: dict[int, list[Event]]
    needs_second: frozenset[int]
    today: date
    due: date


@dataclass(frozen=True, kw_only=True)
class Acting:
    """The doors. Each that changes something demands a name (``by``) and raises NotAllowedError with a clear sentence."""

    fulfilment: Fulfilment
    approval: Approval

    # Tasks

    def sheet(self, reference: str) -> Sheet:
        """Return what is to be done in a case. Raises NotFoundError."""
        with self.fulfilment.desk.look() as unit:
            case = _case(unit, reference)
            drafts = [draft for draft in unit.drafts.of_case(case.id) if draft.state in EDITABLE]
            needing = [draft for draft in drafts if second.second_needed(self.approval, unit, draft)]
            return Sheet(
                case=case,
                claims=tuple(self._claim(unit, case, claim) for claim in case.claims),
                restrictions=tuple(lifting.restrictions(self.approval, unit, case)),
                notices=tuple(unit.notices.of_case(case.id)),
                seconds={draft.id: second.seconds(self.approval, unit, case, draft) for draft in needing},
                needs_second=frozenset(draft.id for draft in needing),
                today=self._today(),
                due=self._due(),
            )

    def _claim(self, unit: Unit, case: CaseRecord, claim: ClaimRecord) -> ClaimSheet:
        rules = self.fulfilment.rules
        tasks = [task for task in unit.tasks.of_case(case.id) if task.claim_id == claim.id]
        outcomes = [one for one in unit.tasks.outcomes(case.id) if one.claim_id == claim.id]
        views = []
        for task in tasks:
            suggestion = rules.suggest(claim.claim, task.system, case.language, self._today())
            mine = tuple(one for one in outcomes if one.finding.system == task.system)
            left = not any(covers(one, task) for one in outcomes)
            views.append(TaskView(task=task, outcomes=mine, suggestion=suggestion, is_open=left))
        listed = {task.system for task in tasks}
        answer = unit.drafts.approved_answer(case.id, claim.id)
        erasing = claim.claim.right is Right.ERASURE and not claim.state.is_final
        return ClaimSheet(
            claim=claim,
            tasks=tuple(views),
            further=tuple(one for one in outcomes if one.finding.system not in listed),
            hindrance=freeze.hindrance(self.fulfilment, unit, case, claim) if erasing else "",
            warnings=rules.warnings if erasing else (),
            owes_nothing=owes_nothing(answer.letter) if answer is not None else False,
            may_tell=bool(recipients.done_for(unit, claim)),
            may_record=not claim.state.is_final and (claim.proven or claim.claim.right is Right.RESTRICTION),
        )

    def leaves_open(self, letter: str) -> bool:
        """True for an answer that by itself says nothing of the systems no record speaks of."""
        return not owes_nothing(letter) and letter not in self.fulfilment.rules.answers

    def record(
        self, reference: str, finding: Finding, *, by: str, right: Right | None = None, claim_id: int | None = None
    ) -> None:
        """Record what came of one system's task: done, absent or kept. Raises NotAllowedError for half a record."""
        if finding.kind is OutcomeKind.DONE and finding.day is None:
            finding = replace(finding, day=self._today())
        if not finding.is_complete:
            raise NotAllowedError(
                "Something is missing: say what was done, or for what is kept what, why and until when."
            )
        with self.fulfilment.desk.write() as unit:
            case, claim = _running(unit, reference, right, finding.system, claim_id)
            self._book.record(unit, case, claim, [finding], by=by)
            conclude(unit, case.id, self.fulfilment.clock.now(), actor=by.strip())

    def say_done(
        self,
        reference: str,
        whats: Sequence[str],
        *,
        by: str,
        system: str = "",
        day: date | None = None,
        right: Right | None = None,
    ) -> None:
        """Record things as done: in one system, in those their words name, or, where none is named, in all."""
        with self.fulfilment.desk.write() as unit:
            case, claim = _running(unit, reference, right, system)
            known = [place.name for place in self.fulfilment.rules.places]
            for what in whats:
                systems = [system] if system else named_in(what, known)
                self._book.say_done(unit, case, claim, what, systems, by=by, day=day)
            conclude(unit, case.id, self.fulfilment.clock.now(), actor=by.strip())

    def rest_absent(self, reference: str, *, by: str, right: Right | None = None, claim_id: int | None = None) -> None:
        """Record that the systems nothing is recorded about hold nothing of the person."""
        with self.fulfilment.desk.write() as unit:
            case, claim = _running(unit, reference, right, "", claim_id)
            self._book.rest(unit, case, claim, by=by)
            conclude(unit, case.id, self.fulfilment.clock.now(), actor=by.strip())

    def withdraw(self, reference: str, outcome_id: int, *, by: str) -> None:
        """Take back a record that was a mistake, as long as no approved answer leans on it."""
        with self.fulfilment.desk.write() as unit:
            case = _held(unit, reference)
            self._book.withdraw(unit, case, outcome_id, by=by)

    def kept_until(self, day: date) -> date:
        """Return the last day a voucher of ``day`` must be kept by law (bokföringslagen 7 kap. 2 §)."""
        return self.fulfilment.rules.kept_until(day)

    # Warnings, restrictions, a second person

    def deliver(self, reference: str, *, name: str, content: bytes, right: Right | None, by: str) -> int:
        """Keep a file that the person fetches on their page; the answer approved next says where. Returns its id."""
        return delivering.put(self.approval, reference, name=name, content=content, right=right, by=by)

    def files(self, reference: str) -> list[Deliverable]:
        """Return the files of a case, oldest first."""
        with self.approval.desk.look() as unit:
            return unit.deliverables.of_case(_case(unit, reference).id)

    def draft_warning(self, reference: str, names: Sequence[str], own_words: str, *, by: str) -> int:
        """Draft the letter that tells a person what an erasure leads to, of the rules' warnings and one's own words."""
        with self.fulfilment.desk.look() as unit:
            language = _case(unit, reference).language
        lines = [one.person[language] for one in self.fulfilment.rules.warnings if one.name in names]
        return warning.draft_warning(self.approval, reference, lines=[*lines, own_words], by=by)

    def draft_lifting(
        self, reference: str, *, reasons: str, by: str, resumes: str = "", lift_on: date | None = None
    ) -> int:
        """Draft the letter that tells a person that a restriction ends (T18)."""
        return lifting.draft_lifting(self.approval, reference, reasons=reasons, resumes=resumes, lift_on=lift_on, by=by)

    def lift(self, reference: str, *, by: str) -> None:
        """Record that a restriction is lifted; only after the person has been told."""
        lifting.lift(self.approval, reference, by=by)

    def liftable(self) -> list[tuple[str, Restriction]]:
        """Return the restrictions that may be lifted today, by case: the person has been told, or it was never granted."""
        today = self._today()
        with self.fulfilment.desk.look() as unit:
            ids = unit.worklist.restricted(LIFTING)
            return [
                (case.reference, one)
                for case in unit.cases.get_all(ids)
                for one in lifting.restrictions(self.approval, unit, case)
                if one.may_lift(today)
            ]

    def drop_notice(self, draft_id: int, *, by: str) -> None:
        lifting.drop_notice(self.approval, draft_id, by=by)

    def second(self, reference: str, *, words: str, by: str, right: Right | None = None) -> None:
        """Stand behind the no that waits in a case, in words of one's own."""
        with self.fulfilment.desk.look() as unit:
            case = _case(unit, reference)
            draft = _refusal(unit, case, right)
        self.second_draft(draft.id, words=words, by=by)

    def second_draft(self, draft_id: int, *, words: str, by: str) -> None:
        second.second(self.approval, draft_id, words=words, by=by)

    def write_refusal(self, reference: str, *, right: Right | None, reasons: str, by: str) -> int:
        """Turn the answer that waits into a refusal, to be read and approved; return the draft's id."""
        return decision.write_refusal(self.approval, reference, right=right, reasons=reasons, by=by)

    @staticmethod
    def same_person(one: str, other: str) -> bool:
        """True for two names of one person, as a second person is told from the first."""
        return grounds.same_person(one, other)

    # Recipients

    def known_as(self, notice_id: int) -> str:
        return notices.known_as(self.approval, notice_id)

    def preview_notice(self, notice_id: int, **values: Any) -> Rendered:
        return notices.preview_notice(self.approval, notice_id, **({"due": self._due()} | values))

    def tell_recipient(self, notice_id: int, *, by: str, due: date | None = None, **values: str) -> int:
        """Let out the letter to one recipient; ``due``: by when they are asked to do the same."""
        return notices.tell_recipient(self.approval, notice_id, by=by, due=due or self._due(), **values)

    def add_recipient(self, reference: str, recipient: Addressee, *, by: str, claim_id: int | None = None) -> int:
        return recipients.add(self.fulfilment, reference, recipient, claim_id=claim_id, by=by)

    def recipient_answered(self, reference: str, which: str | int, *, answer: str, by: str) -> None:
        recipients.answered(self.fulfilment, reference, which, answer=answer, by=by)

    def recipient_told(self, reference: str, which: str | int, *, how: str, by: str) -> None:
        recipients.told_otherwise(self.fulfilment, reference, which, how=how, by=by)

    def recipient_excused(self, reference: str, which: str | int, *, reason: str, by: str) -> None:
        recipients.excused(self.fulfilment, reference, which, reason=reason, by=by)

    # The list against marketing

    def suppressed(self, part: str = "") -> ListView:
        return suppression.look(self.fulfilment, part)

    def suppressed_since(self, address: str) -> datetime | None:
        return suppression.since(self.fulfilment, address)

    def suppressed_addresses(self) -> Sequence[str]:
        return suppression.addresses(self.fulfilment)

    def list_failure(self) -> str:
        """Return why the file of the list cannot be written, ``""`` if it can."""
        return suppression.failure(self.fulfilment)

    def suppress(self, address: str, *, by: str, reason: str = "") -> str:
        return suppression.add(self.fulfilment, address, by=by, reason=reason)

    def unsuppress(self, address: str, *, by: str, reason: str) -> str:
        return suppression.remove(self.fulfilment, address, by=by, reason=reason)

    @property
    def _book(self) -> Recording:
        return Recording(room=self.fulfilment)

    def _today(self) -> date:
        return stockholm_day(self.fulfilment.clock.now())

    def _due(self) -> date:
        return self.fulfilment.calendar.add_working_days(self._today(), self.fulfilment.rules.due_working_days)


def _case(unit: Unit, reference: str) -> CaseRecord:
    case = unit.cases.by_reference(reference)
    if case is None:
        raise NotFoundError(f"There is no case {reference}.", hint="'inbox-bot cases' lists them.")
    return case


def _held(unit: Unit, reference: str) -> CaseRecord:
    case = _case(unit, reference)
    unit.cases.lock(case.id)
    return unit.cases.get(case.id) or case


def _running(
    unit: Unit, reference: str, right: Right | None, system: str, claim_id: int | None = None
) -> tuple[CaseRecord, ClaimRecord]:
    """Return a case, held, and the one claim meant: the only one that runs, or has that system's task open, or is named."""
    case = _held(unit, reference)
    running = [
        claim
        for claim in case.claims
        if not claim.state.is_final and right in {None, claim.claim.right} and claim_id in {None, claim.id}
    ]
    if not running:
        raise NotAllowedError(f"Case {reference} has no open claim that anything can be recorded for.")
    if len(running) > 1 and right is None:
        tasks, outcomes = unit.tasks.of_case(case.id), unit.tasks.outcomes(case.id)
        left = {task.claim_id for task in open_tasks(tasks, outcomes) if system in {"", task.system}}
        running = [claim for claim in running if claim.id in left] or running
    if len(running) > 1:
        names = ", ".join(claim.claim.right.value for claim in running)
        raise NotAllowedError(f"Case {reference} has several claims.", hint=f"Say which with --right: {names}.")
    return case, running[0]


def _refusal(unit: Unit, case: CaseRecord, right: Right | None) -> DraftRecord:
    rights = {claim.id: claim.claim.right for claim in case.claims}
    found = [
        draft
        for draft in unit.drafts.of_case(case.id)
        if draft.state in EDITABLE
        and second.is_no(draft)
        and (right is None or right in {rights[claim_id] for claim_id in draft.claim_ids})
    ]
    if not found:
        raise NotAllowedError("Only a no that waits for approval takes a second person.")
    if len(found) > 1:
        raise NotAllowedError(f"Case {case.reference} has several answers waiting.", hint="Say which with --right.")
    return found[0]
