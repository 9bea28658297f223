"""Labels and copies that the settings ask for on requests: each once, tried again until it is there."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import exists, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from inbox_bot.domain.beside import Mark, Marking, MarkState, MarkTrouble, Place
from inbox_bot.domain.case import CaseState, MailState
from inbox_bot.store.guard import changed, move
from inbox_bot.store.tables import CaseRow, MailMarkRow, MailRow, SightingRow


class MailMarks:
    """The rows of ``mail_mark``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def missing(self, mailbox: str, action: Marking, target: str) -> list[tuple[int, int]]:
        """Return the mails of open cases that this mark has not been asked for yet: mail id and case id."""
        asked = exists().where(
            col(MailMarkRow.mail_id) == col(MailRow.id),
            col(MailMarkRow.action) == action.value,
            col(MailMarkRow.target) == target,
        )
        open_cases = select(CaseRow.id).where(CaseRow.state == CaseState.OPEN.value)
        query = (
            select(MailRow.id, MailRow.case_id)
            .where(
                MailRow.mailbox == mailbox,
                # Joined to nothing, so that no index on states is taken: of filed mails there are years, of open cases few.
                col(MailRow.state).concat("") == MailState.FILED.value,
                col(MailRow.case_id).in_(open_cases),
                ~asked,
            )
            .order_by(col(MailRow.id))
        )
        return [(mail_id, case_id) for mail_id, case_id in self._session.exec(query) if mail_id and case_id]

    def ask(self, mailbox: str, mail_id: int, action: Marking, target: str, at: datetime) -> bool:
        """Write down that a mail is to be marked; False if that was done already. The unique key decides."""
        row = MailMarkRow(
            mail_id=mail_id,
            mailbox=mailbox,
            action=action.value,
            target=target,
            state=MarkState.WAITING.value,
            next_at=at,
        )
        try:
            with self._session.begin_nested():
                self._session.add(row)
        except IntegrityError:
            return False
        return True

    def due(self, mailbox: str, now: datetime, most: int) -> list[Mark]:
        """Return marks whose time has come, oldest first."""
        query = (
            select(MailMarkRow)
            .where(
                MailMarkRow.mailbox == mailbox, MailMarkRow.state == MarkState.WAITING.value, MailMarkRow.next_at <= now
            )
            .order_by(col(MailMarkRow.id))
            .limit(most)
        )
        return [_mark(row) for row in self._session.exec(query)]

    def take(self, mark_id: int, now: datetime, until: datetime) -> bool:
        """Claim by guarded update: True if the mark was due and is now ours, until a moment at which it is due again."""
        return changed(
            self._session,
            update(MailMarkRow)
            .where(
                col(MailMarkRow.id) == mark_id,
                col(MailMarkRow.state) == MarkState.WAITING.value,
                col(MailMarkRow.next_at) <= now,
            )
            .values(next_at=until, attempts=MailMarkRow.attempts + 1),
        )

    def end(self, mark_id: int, state: MarkState, at: datetime) -> bool:
        values = {"done_at": at, "failure": ""}
        return move(self._session, "mail_mark", mark_id, [MarkState.WAITING], state, values)

    def put_off(self, mark_id: int, until: datetime, failure: str) -> None:
        values = {"next_at": until, "failure": failure}
        move(self._session, "mail_mark", mark_id, [MarkState.WAITING], MarkState.WAITING, values)

    def troubles(self) -> tuple[MarkTrouble, ...]:
        """Return what has been tried and could not be marked, a line for each mailbox and kind of mark."""
        query = select(MailMarkRow).where(MailMarkRow.state == MarkState.WAITING.value, MailMarkRow.failure != "")
        found: defaultdict[tuple[str, str, str], list[str]] = defaultdict(list)
        for row in self._session.exec(query.order_by(MailMarkRow.mailbox, MailMarkRow.action, col(MailMarkRow.id))):
            found[row.mailbox, row.action, row.target].append(row.failure)
        return tuple(
            MarkTrouble(mailbox=mailbox, action=Marking(action), target=target, count=len(said), failure=said[-1])
            for (mailbox, action, target), said in found.items()
        )

    def places(self, mail_id: int) -> Sequence[Place]:
        """Return where a mail has been seen, the latest place first."""
        query = select(SightingRow).where(SightingRow.mail_id == mail_id).order_by(col(SightingRow.id).desc())
        return [Place(folder=row.folder, uidvalidity=row.uidvalidity, uid=row.uid) for row in self._session.exec(query)]


def _mark(row: MailMarkRow) -> Mark:
    assert row.id is not None
    return Mark(id=row.id, mail_id=row.mail_id, action=Marking(row.action), target=row.target, attempts=row.attempts)
