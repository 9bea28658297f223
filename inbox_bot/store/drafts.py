"""Answers in the making."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from inbox_bot.domain.case import DraftRecord, DraftState, LetterPurpose
from inbox_bot.store.guard import changed
from inbox_bot.store.tables import DraftRow


class Drafts:
    """The rows of ``draft``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(
        self, *, case_id: int, claim_ids: Sequence[int], letter: str, purpose: LetterPurpose, values: Mapping[str, Any]
    ) -> int:
        row = DraftRow(
            case_id=case_id,
            claim_ids=list(claim_ids),
            letter=letter,
            purpose=purpose.value,
            values=dict(values),
            state=DraftState.OPEN.value,
        )
        self._session.add(row)
        self._session.flush()
        assert row.id is not None
        return row.id

    def get(self, draft_id: int) -> DraftRecord | None:
        query = select(DraftRow).where(DraftRow.id == draft_id).execution_options(populate_existing=True)
        row = self._session.exec(query).one_or_none()
        return None if row is None else _record(row)

    def of_case(self, case_id: int) -> list[DraftRecord]:
        """Return a case's drafts, oldest first."""
        query = select(DraftRow).where(DraftRow.case_id == case_id).order_by(col(DraftRow.id))
        return [_record(row) for row in self._session.exec(query.execution_options(populate_existing=True))]

    def approved_answer(self, case_id: int, claim_id: int) -> DraftRecord | None:
        """Return the approved answer to a claim, None while there is none."""
        found = [
            draft
            for draft in self.of_case(case_id)
            if draft.state is DraftState.APPROVED
            and draft.purpose is LetterPurpose.ANSWER
            and claim_id in draft.claim_ids
        ]
        return found[-1] if found else None

    def awaiting(self) -> list[DraftRecord]:
        """Return drafts that wait for a person, oldest first."""
        states = [DraftState.OPEN.value, DraftState.RETURNED.value]
        query = select(DraftRow).where(col(DraftRow.state).in_(states)).order_by(col(DraftRow.id))
        return [_record(row) for row in self._session.exec(query)]

    def change(self, draft: DraftRecord, new: DraftState, **values: Any) -> bool:
        """Save a change to a draft that is still as ``draft`` says (state and version); False if someone was first."""
        return changed(
            self._session,
            update(DraftRow)
            .where(
                col(DraftRow.id) == draft.id,
                col(DraftRow.state) == draft.state.value,
                col(DraftRow.version) == draft.version,
            )
            .values(state=new.value, version=draft.version + 1, **values),
        )


def _record(row: DraftRow) -> DraftRecord:
    assert row.id is not None
    return DraftRecord(
        id=row.id,
        case_id=row.case_id,
        claim_ids=tuple(row.claim_ids),
        letter=row.letter,
        purpose=LetterPurpose(row.purpose),
        values=dict(row.values),
        state=DraftState(row.state),
        version=row.version,
        note=row.note,
        approved_by=row.approved_by,
        approved_at=row.approved_at,
        letter_id=row.letter_id,
    )
