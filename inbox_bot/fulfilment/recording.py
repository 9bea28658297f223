"""Writes down what was done, is absent or is kept in each system. Nothing is done before it may be, or twice for two presses."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from inbox_bot.clock import stockholm_day
from inbox_bot.domain.case import CaseRecord, ClaimRecord, ClaimState, Event, EventName
from inbox_bot.domain.rights import Right
from inbox_bot.domain.task import Finding, Outcome, OutcomeKind, open_tasks
from inbox_bot.errors import NotAllowedError
from inbox_bot.fulfilment import freeze, recipients
from inbox_bot.fulfilment.desk import Fulfilment
from inbox_bot.fulfilment.rulebook import named_in
from inbox_bot.store.unit import Unit


@dataclass(frozen=True, kw_only=True)
class Recording:
    """The room's records, as other rooms write them: implements approval's TaskBook. The case is held by the caller."""

    room: Fulfilment

    def record(self, unit: Unit, case: CaseRecord, claim: ClaimRecord, findings: Sequence[Finding], *, by: str) -> None:
        """Record findings; one that stands there already is not written twice. Raises NotAllowedError."""
        if not by.strip():
            raise NotAllowedError("Say who has done it (--by).")
        _check_claim(claim)
        known = {outcome.finding for outcome in _mine(unit, claim)}
        now = self.room.clock.now()
        for finding in dict.fromkeys(findings):
            if finding in known:
                continue
            self._check(unit, case, claim, finding)
            number = unit.tasks.add(case.id, claim.id, finding, actor=by.strip(), at=now)
            details = {"outcome": number, "kind": finding.kind.value, "system": finding.system}
            event = Event(at=now, name=EventName.TASK_RECORDED, actor=by.strip(), claim_id=claim.id, details=details)
            unit.cases.record(case.id, event)
        recipients.list_for(self.room, unit, case, claim)

    def replace(self, unit: Unit, case: CaseRecord, claim: ClaimRecord, rows: Mapping[str, Any], *, by: str) -> None:
        """Make the records say what a form's rows say. A row whose words alone were changed keeps its place."""
        wanted: list[Finding] = []
        kinds = {OutcomeKind.DONE: "actions", OutcomeKind.KEPT: "kept"}
        current = _mine(unit, claim)
        for kind, name in kinds.items():
            if name in rows:
                mine = [outcome for outcome in current if outcome.finding.kind is kind]
                found = _wanted(kind, rows[name] or (), mine)
                for outcome in mine:
                    if outcome.finding not in found:
                        self._withdraw(unit, outcome, by)
                wanted += found
        known = {outcome.finding for outcome in current}
        new = [finding for finding in wanted if finding not in known]
        if new:
            self.record(unit, case, claim, new, by=by)

    def note(self, unit: Unit, case: CaseRecord, claim: ClaimRecord, note: str, *, by: str) -> None:
        """Record a note as done today in the systems it names; where it names none it speaks of them all."""
        tasks = [task for task in unit.tasks.of_case(case.id) if task.claim_id == claim.id]
        known = dict.fromkeys((*(task.system for task in tasks), *(place.name for place in self.room.rules.places)))
        self.say_done(unit, case, claim, note, named_in(note, list(known)), by=by)

    def say_done(
        self,
        unit: Unit,
        case: CaseRecord,
        claim: ClaimRecord,
        what: str,
        systems: Sequence[str],
        *,
        by: str,
        day: date | None = None,
    ) -> None:
        """Record that something was done in these systems, or, where none is named, in all the claim concerns."""
        done = Finding(kind=OutcomeKind.DONE, what=what.strip(), day=day or self._today(), whole=not systems)
        findings = [replace(done, system=system) for system in systems] or [done]
        self.record(unit, case, claim, findings, by=by)

    def rest(self, unit: Unit, case: CaseRecord, claim: ClaimRecord, *, by: str) -> None:
        """Record that the systems nothing is recorded about hold nothing of the person."""
        tasks = [task for task in unit.tasks.of_case(case.id) if task.claim_id == claim.id]
        left = open_tasks(tasks, _mine(unit, claim))
        if left:
            findings = [Finding(kind=OutcomeKind.ABSENT, system=task.system) for task in left]
            self.record(unit, case, claim, findings, by=by)

    def settle_by(self, unit: Unit, case: CaseRecord, claim: ClaimRecord, letter: str, *, by: str) -> None:
        """Record what approving a letter says by itself; what an earlier approval said so falls."""
        for outcome in _mine(unit, claim):
            if outcome.finding.by_answer:
                self._withdraw(unit, outcome, by)
        rule = self.room.rules.answers.get(letter)
        tasks = [task for task in unit.tasks.of_case(case.id) if task.claim_id == claim.id]
        if rule is None or not open_tasks(tasks, _mine(unit, claim)):
            return
        finding = Finding(kind=rule.kind, what=rule.what, day=self._today(), whole=True, by_answer=True)
        self.record(unit, case, claim, [finding], by=by)

    def hinder(self, unit: Unit, case: CaseRecord, claim: ClaimRecord) -> None:
        """Raise NotAllowedError if the claim may not be carried out or answered with a yes at present."""
        freeze.hinder(self.room, unit, case, claim)

    def withdraw(self, unit: Unit, case: CaseRecord, outcome_id: int, *, by: str) -> None:
        """Take back a record that was a mistake. Raises NotAllowedError once a letter that leans on it is approved."""
        outcome = unit.tasks.outcome(outcome_id)
        claim = next((one for one in case.claims if outcome is not None and one.id == outcome.claim_id), None)
        if outcome is None or claim is None:
            raise NotAllowedError("This record is withdrawn already.")
        if claim.state is ClaimState.APPROVED or claim.state.is_final:
            raise NotAllowedError("The answer leans on this record: take back its approval first, while that goes.")
        self._withdraw(unit, outcome, by)

    def _withdraw(self, unit: Unit, outcome: Outcome, by: str) -> None:
        now = self.room.clock.now()
        if unit.tasks.withdraw(outcome.id, actor=by.strip(), at=now):
            details = {"outcome": outcome.id, "system": outcome.finding.system}
            event = Event(
                at=now,
                name=EventName.TASK_WITHDRAWN,
                actor=by.strip(),
                claim_id=outcome.claim_id,
                details=details,
            )
            unit.cases.record(outcome.case_id, event)

    def _check(self, unit: Unit, case: CaseRecord, claim: ClaimRecord, finding: Finding) -> None:
        if finding.kind is not OutcomeKind.DONE:
            return
        if finding.day is not None and finding.day > self._today():
            raise NotAllowedError(f"{finding.day} has not come yet: record what is done when it is done.")
        if not finding.by_answer:
            freeze.hinder(self.room, unit, case, claim)

    def _today(self) -> date:
        return stockholm_day(self.room.clock.now())


def _check_claim(claim: ClaimRecord) -> None:
    if claim.state.is_final:
        raise NotAllowedError(
            f"The claim to {claim.claim.right.value} is {claim.state.value}: nothing is left to record."
        )
    # A restriction harms nobody and can be undone: it is done first and confirmed after (law.md 2.2).
    if not claim.proven and claim.claim.right is not Right.RESTRICTION:
        raise NotAllowedError(
            f"Nobody has confirmed who asks ({claim.claim.right.value}): nothing may be changed for it yet."
        )


def _mine(unit: Unit, claim: ClaimRecord) -> list[Outcome]:
    return [outcome for outcome in unit.tasks.outcomes(claim.case_id) if outcome.claim_id == claim.id]


def _wanted(kind: OutcomeKind, rows: Iterable[Mapping[str, Any]], current: Sequence[Outcome]) -> list[Finding]:
    """Return what a form's rows say, each as the record it came from where there is one: a form shows less than a record."""
    left = [outcome.finding for outcome in current]
    plain = [_finding(kind, row) for row in rows]
    found: list[Finding | None] = []
    for one in plain:
        same = next((old for old in left if _shown(old) == _shown(one)), None)
        found.append(same)
        if same is not None:
            left.remove(same)
    wanted = []
    for one, same in zip(plain, found, strict=True):
        if same is None:
            # The same thing said in other words still stands where it stood.
            old = next((old for old in left if _changed_words(old, one)), None)
            if old is not None:
                left.remove(old)
                one = replace(one, system=old.system, whole=old.whole)  # noqa: PLW2901  # the row, put in its place
        wanted.append(same or one)
    return wanted


def _shown(finding: Finding) -> tuple[Any, ...]:
    if finding.kind is OutcomeKind.KEPT:
        return finding.what, finding.why, finding.until
    return finding.what, finding.system, finding.day


def _changed_words(old: Finding, new: Finding) -> bool:
    if new.kind is OutcomeKind.KEPT:
        return old.what == new.what or (old.why, old.until) == (new.why, new.until)
    return old.system == new.system


def _finding(kind: OutcomeKind, row: Mapping[str, Any]) -> Finding:
    said = {name: str(row.get(name) or "").strip() for name in ("what", "system", "why", "until", "on")}
    if kind is OutcomeKind.KEPT:
        return Finding(kind=kind, what=said["what"], why=said["why"], until=said["until"])
    return Finding(kind=kind, what=said["what"], system=said["system"], day=_day(said["on"]))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
