"""Who is told of a correction, an erasure or a restriction, and where that stands."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from inbox_bot.domain.notice import Addressee, NoticeRecord, NoticeState
from inbox_bot.domain.rights import Right
from inbox_bot.store.guard import move
from inbox_bot.store.tables import NoticeRow


class Notices:
    """The rows of ``notice``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, case_id: int, claim_id: int, right: Right, recipient: Addressee, *, done_on: date) -> int | None:
        """List a recipient for a claim, with the case held; None if it is listed already."""
        mine = (NoticeRow.claim_id == claim_id, NoticeRow.name == recipient.name)
        if self._session.exec(select(NoticeRow.id).where(*mine)).first() is not None:
            return None
        row = NoticeRow(
            case_id=case_id,
            claim_id=claim_id,
            right=right.value,
            name=recipient.name,
            kind=recipient.kind,
            contact=recipient.contact,
            what=recipient.what,
            language=recipient.language,
            processor=recipient.processor,
            state=NoticeState.DRAFTED.value,
            done_on=done_on,
        )
        self._session.add(row)
        self._session.flush()
        return row.id

    def move(self, notice_id: int, old: Collection[NoticeState], new: NoticeState, **values: Any) -> bool:
        """Claim by guarded update: True if the notice stood in one of ``old`` and now, by us, stands in ``new``."""
        return move(self._session, "notice", notice_id, old, new, values)

    def get(self, notice_id: int) -> NoticeRecord | None:
        found = self._where(NoticeRow.id == notice_id)
        return found[0] if found else None

    def of_case(self, case_id: int) -> list[NoticeRecord]:
        """Return a case's notices, oldest first."""
        return self._where(NoticeRow.case_id == case_id)

    def of_letter(self, letter_id: int) -> NoticeRecord | None:
        """Return the notice a letter carries."""
        found = self._where(NoticeRow.letter_id == letter_id)
        return found[0] if found else None

    def in_states(self, *states: NoticeState) -> list[NoticeRecord]:
        return self._where(col(NoticeRow.state).in_([state.value for state in states]))

    def unanswered_since(self, moment: datetime) -> list[NoticeRecord]:
        """Return those told before a moment who have neither answered nor been chased."""
        return self._where(NoticeRow.state == NoticeState.SENT.value, col(NoticeRow.told_at) <= moment)

    def _where(self, *conditions: Any) -> list[NoticeRecord]:
        query = select(NoticeRow).where(*conditions).order_by(col(NoticeRow.id))
        return [_record(row) for row in self._session.exec(query.execution_options(populate_existing=True))]


def _record(row: NoticeRow) -> NoticeRecord:
    assert row.id is not None
    recipient = Addressee(
        name=row.name,
        kind=row.kind,
        contact=row.contact,
        what=row.what,
        language=row.language,
        processor=row.processor,
    )
    return NoticeRecord(
        id=row.id,
        case_id=row.case_id,
        claim_id=row.claim_id,
        right=Right(row.right),
        recipient=recipient,
        state=NoticeState(row.state),
        done_on=row.done_on,
        due=row.due,
        new_value=row.new_value,
        letter_id=row.letter_id,
        told_at=row.told_at,
        chased_at=row.chased_at,
        answered_at=row.answered_at,
        answer=row.answer,
        reason=row.reason,
    )
