"""Staff logins: one-time codes and sessions, both kept as keyed hashes only."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, update
from sqlmodel import Session, col, select

from inbox_bot.store.guard import changed
from inbox_bot.store.tables import LoginCodeRow, SessionRow


class Staff:
    """The rows of ``login_code`` and ``session``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add_code(self, *, address: str, code_hash: str, at: datetime, expires_at: datetime) -> None:
        """Store a new code for an address; older ones stop working."""
        changed(self._session, update(LoginCodeRow).where(col(LoginCodeRow.address) == address).values(used=True))
        self._session.add(LoginCodeRow(address=address, code_hash=code_hash, made_at=at, expires_at=expires_at))

    def codes_since(self, address: str, moment: datetime) -> int:
        """Count the codes made for an address since a moment."""
        query = (
            select(func.count())
            .select_from(LoginCodeRow)
            .where(LoginCodeRow.address == address, col(LoginCodeRow.made_at) >= moment)
        )
        return self._session.exec(query).one()

    def spend_attempt(self, address: str, now: datetime, limit: int) -> tuple[int, str] | None:
        """Count a try on the address's open code and return its id and hash; None when there is none or no try is left."""
        counted = changed(
            self._session,
            update(LoginCodeRow)
            .where(
                col(LoginCodeRow.address) == address,
                ~col(LoginCodeRow.used),
                col(LoginCodeRow.expires_at) > now,
                col(LoginCodeRow.attempts) < limit,
            )
            .values(attempts=LoginCodeRow.attempts + 1),
        )
        if not counted:
            return None
        query = select(LoginCodeRow.id, LoginCodeRow.code_hash).where(
            LoginCodeRow.address == address, ~col(LoginCodeRow.used), col(LoginCodeRow.expires_at) > now
        )
        code_id, code_hash = self._session.exec(query).one()
        assert code_id is not None
        return code_id, code_hash

    def use_code(self, code_id: int) -> bool:
        """Use a code up; False if it was used already."""
        return changed(
            self._session,
            update(LoginCodeRow).where(col(LoginCodeRow.id) == code_id, ~col(LoginCodeRow.used)).values(used=True),
        )

    def open_session(self, *, token_hash: str, address: str, expires_at: datetime) -> None:
        self._session.add(SessionRow(token_hash=token_hash, address=address, expires_at=expires_at))

    def session_address(self, token_hash: str, now: datetime) -> str | None:
        """Return whose session this is, or None if there is none or it has ended."""
        query = select(SessionRow.address).where(SessionRow.token_hash == token_hash, col(SessionRow.expires_at) > now)
        return self._session.exec(query).one_or_none()

    def close_session(self, token_hash: str) -> None:
        self._session.execute(delete(SessionRow).where(col(SessionRow.token_hash) == token_hash))

    def sweep(self, now: datetime) -> None:
        """Delete ended sessions, and codes too old to count against the hourly limit."""
        self._session.execute(delete(SessionRow).where(col(SessionRow.expires_at) <= now))
        hour_ago = now - timedelta(hours=1)
        self._session.execute(
            delete(LoginCodeRow).where(col(LoginCodeRow.expires_at) <= now, col(LoginCodeRow.made_at) <= hour_ago)
        )
