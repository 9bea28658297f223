"""What is to be done for a claim in each system, and what has been recorded of it."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import exists, update
from sqlmodel import Session, col, select

from inbox_bot.domain.case import ClaimState, EventName
from inbox_bot.domain.rights import Right
from inbox_bot.domain.task import Finding, Outcome, OutcomeKind, TaskRecord
from inbox_bot.store.guard import changed
from inbox_bot.store.tables import ClaimRow, EventRow, OutcomeRow, TaskRow


class Tasks:
    """The rows of ``task`` and ``outcome``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def write(self, case_id: int, claim_id: int, todo: Mapping[str, str]) -> int:
        """Write what is to be done in each system, passing over those written before; return how many are new.

        Called with the case held, so that two workers do not write the same at once.
        """
        known = set(self._session.exec(select(TaskRow.system).where(TaskRow.claim_id == claim_id)))
        new = {system: sentence for system, sentence in todo.items() if system not in known}
        for system, sentence in new.items():
            self._session.add(TaskRow(case_id=case_id, claim_id=claim_id, system=system, todo=sentence))
        self._session.flush()
        return len(new)

    def of_case(self, case_id: int) -> list[TaskRecord]:
        """Return a case's tasks in the order they were written."""
        return self.of_cases([case_id])

    def of_cases(self, case_ids: Collection[int]) -> list[TaskRecord]:
        query = select(TaskRow).where(col(TaskRow.case_id).in_(case_ids)).order_by(col(TaskRow.id))
        return [_task(row) for row in self._session.exec(query)]

    def add(self, case_id: int, claim_id: int, finding: Finding, *, actor: str, at: datetime) -> int:
        """Write down something recorded and return its number."""
        row = OutcomeRow(
            case_id=case_id,
            claim_id=claim_id,
            kind=finding.kind.value,
            system=finding.system,
            what=finding.what,
            day=finding.day,
            why=finding.why,
            until=finding.until,
            whole=finding.whole,
            by_answer=finding.by_answer,
            actor=actor,
            at=at,
        )
        self._session.add(row)
        self._session.flush()
        assert row.id is not None
        return row.id

    def withdraw(self, outcome_id: int, *, actor: str, at: datetime) -> bool:
        """Take back a record that was a mistake; False if someone has done so already."""
        mine = update(OutcomeRow).where(col(OutcomeRow.id) == outcome_id, col(OutcomeRow.withdrawn_at).is_(None))
        return changed(self._session, mine.values(withdrawn_by=actor, withdrawn_at=at))

    def outcomes(self, case_id: int) -> list[Outcome]:
        """Return what is recorded in a case, in the order it was."""
        return self.outcomes_of([case_id])

    def outcomes_of(self, case_ids: Collection[int]) -> list[Outcome]:
        """Return what is recorded in some cases. Without what was withdrawn."""
        query = (
            select(OutcomeRow)
            .where(col(OutcomeRow.case_id).in_(case_ids), col(OutcomeRow.withdrawn_at).is_(None))
            .order_by(col(OutcomeRow.id))
        )
        return [_outcome(row) for row in self._session.exec(query.execution_options(populate_existing=True))]

    def outcome(self, outcome_id: int) -> Outcome | None:
        """Return one record, None if it is unknown or withdrawn."""
        query = select(OutcomeRow).where(OutcomeRow.id == outcome_id, col(OutcomeRow.withdrawn_at).is_(None))
        row = self._session.exec(query.execution_options(populate_existing=True)).one_or_none()
        return None if row is None else _outcome(row)

    def cases_without(self, event: EventName, right: Right, states: Collection[ClaimState], limit: int) -> list[int]:
        """Return cases that have a claim to ``right`` in one of ``states`` of which ``event`` has not been recorded."""
        recorded = exists().where(
            col(EventRow.case_id) == col(ClaimRow.case_id),
            col(EventRow.claim_id) == col(ClaimRow.id),
            col(EventRow.name) == event.value,
        )
        query = (
            select(ClaimRow.case_id)
            .where(
                ClaimRow.right == right.value,
                col(ClaimRow.state).in_([state.value for state in states]),
                ~recorded,
            )
            .order_by(col(ClaimRow.case_id))
            .distinct()
            .limit(limit)
        )
        return list(self._session.exec(query))


def _task(row: TaskRow) -> TaskRecord:
    assert row.id is not None
    return TaskRecord(id=row.id, case_id=row.case_id, claim_id=row.claim_id, system=row.system, todo=row.todo)


def _outcome(row: OutcomeRow) -> Outcome:
    assert row.id is not None
    finding = Finding(
        kind=OutcomeKind(row.kind),
        system=row.system,
        what=row.what,
        day=row.day,
        why=row.why,
        until=row.until,
        whole=row.whole,
        by_answer=row.by_answer,
    )
    return Outcome(id=row.id, case_id=row.case_id, claim_id=row.claim_id, finding=finding, actor=row.actor, at=row.at)
