"""Answers that people wrote outside the program, and what staff said of each."""

from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from inbox_bot.domain.beside import OutsideReply, OutsideState
from inbox_bot.domain.case import CaseState
from inbox_bot.store.guard import move
from inbox_bot.store.tables import CaseRow, OutsideReplyRow


class OutsideReplies:
    """The rows of ``outside_reply``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(
        self, *, mailbox: str, fingerprint: str, case_id: int, sent_at: datetime, who: str, at: datetime
    ) -> int | None:
        """Note an answer from outside and return its id; None if it is known already. The unique key decides."""
        row = OutsideReplyRow(
            mailbox=mailbox,
            fingerprint=fingerprint,
            case_id=case_id,
            sent_at=sent_at,
            found_at=at,
            who=who,
            state=OutsideState.ASKED.value,
        )
        try:
            with self._session.begin_nested():
                self._session.add(row)
        except IntegrityError:
            return None
        return row.id

    def asked(self, case_id: int | None = None) -> list[tuple[OutsideReply, str]]:
        """Return the answers that staff are still to be asked about, oldest first, of open cases alone, with each case's reference."""
        query = (
            select(OutsideReplyRow, CaseRow.reference)
            .join(CaseRow, col(CaseRow.id) == col(OutsideReplyRow.case_id))
            .where(OutsideReplyRow.state == OutsideState.ASKED.value, CaseRow.state == CaseState.OPEN.value)
            .order_by(col(OutsideReplyRow.sent_at), col(OutsideReplyRow.id))
        )
        if case_id is not None:
            query = query.where(OutsideReplyRow.case_id == case_id)
        found = self._session.exec(query.execution_options(populate_existing=True))
        return [(_reply(row), reference) for row, reference in found]

    def of_case(self, case_id: int) -> list[OutsideReply]:
        """Return a case's answers from outside, decided on or not, oldest first."""
        query = select(OutsideReplyRow).where(OutsideReplyRow.case_id == case_id).order_by(col(OutsideReplyRow.id))
        return [_reply(row) for row in self._session.exec(query)]

    def decide(self, reply_id: int, state: OutsideState, by: str, at: datetime) -> bool:
        """Take the answer of staff; False if somebody had answered already."""
        values = {"decided_by": by, "decided_at": at}
        return move(self._session, "outside_reply", reply_id, [OutsideState.ASKED], state, values)


def _reply(row: OutsideReplyRow) -> OutsideReply:
    assert row.id is not None
    return OutsideReply(
        id=row.id,
        mailbox=row.mailbox,
        case_id=row.case_id,
        sent_at=row.sent_at,
        found_at=row.found_at,
        who=row.who,
        state=OutsideState(row.state),
    )
