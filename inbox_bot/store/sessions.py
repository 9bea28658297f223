"""Open logins in the pages; their tokens are kept as keyed hashes only."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import and_, delete, not_, or_, update
from sqlmodel import Session, col, select

from inbox_bot.domain.staff import SessionRecord
from inbox_bot.store.guard import FRESH, changed
from inbox_bot.store.tables import SessionRow


class Sessions:
    """The rows of ``session``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def open(
        self, *, token_hash: str, address: str, role: str, way: str, browser: str, at: datetime, expires_at: datetime
    ) -> None:
        row = SessionRow(
            token_hash=token_hash,
            address=address,
            role=role,
            way=way,
            browser=browser,
            opened_at=at,
            seen_at=at,
            expires_at=expires_at,
        )
        self._session.add(row)

    def find(self, token_hash: str) -> SessionRecord | None:
        """Return the session a token opens, ended or not."""
        query = select(SessionRow).where(SessionRow.token_hash == token_hash).execution_options(**FRESH)
        row = self._session.exec(query).one_or_none()
        return None if row is None else _record(row)

    def of(self, address: str | None = None) -> list[SessionRecord]:
        """Return a person's sessions, or everyone's: last used first."""
        query = select(SessionRow).order_by(col(SessionRow.seen_at).desc(), col(SessionRow.id).desc())
        if address is not None:
            query = query.where(SessionRow.address == address)
        return [_record(row) for row in self._session.exec(query.execution_options(**FRESH))]

    def see(self, session_id: int, at: datetime) -> None:
        """Note that a session was used."""
        changed(self._session, update(SessionRow).where(col(SessionRow.id) == session_id).values(seen_at=at))

    def end(self, session_id: int, address: str | None = None) -> bool:
        """End one session, only if it is this person's where one is named; False if there is none such."""
        mine = delete(SessionRow).where(col(SessionRow.id) == session_id)
        if address is not None:
            mine = mine.where(col(SessionRow.address) == address)
        return changed(self._session, mine)

    def end_all(self, address: str) -> None:
        self._session.execute(delete(SessionRow).where(col(SessionRow.address) == address))

    def sweep(self, now: datetime, idle_since: datetime, roles: Mapping[str, str]) -> None:
        """Delete what has ended by time, lain unused since a moment, or is of someone who may no longer what it says."""
        known = or_(
            *(and_(col(SessionRow.address) == one, col(SessionRow.role) == role) for one, role in roles.items())
        )
        over = or_(col(SessionRow.expires_at) <= now, col(SessionRow.seen_at) <= idle_since, not_(known))
        self._session.execute(delete(SessionRow).where(over))


def _record(row: SessionRow) -> SessionRecord:
    assert row.id is not None
    return SessionRecord(
        id=row.id,
        address=row.address,
        role=row.role,
        way=row.way,
        browser=row.browser,
        opened_at=row.opened_at,
        seen_at=row.seen_at,
        expires_at=row.expires_at,
    )
