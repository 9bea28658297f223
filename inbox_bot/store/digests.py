"""Which periods have had their letter to staff."""

from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from inbox_bot.store.tables import DigestRow


class Digests:
    """The rows of ``digest``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def is_done(self, kind: str, period: str) -> bool:
        query = select(DigestRow.id).where(DigestRow.kind == kind, DigestRow.period == period)
        return self._session.exec(query).first() is not None

    def claim(self, kind: str, period: str, at: datetime) -> bool:
        """Take a period for oneself; False if another worker has it. The unique key decides, not a look before."""
        try:
            with self._session.begin_nested():
                self._session.add(DigestRow(kind=kind, period=period, made_at=at))
        except IntegrityError:
            return False
        return True
