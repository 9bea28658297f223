"""Which dates staff have been warned of, and how many working days ahead."""

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from inbox_bot.store.tables import AlarmRow


class Alarms:
    """The rows of ``alarm``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def sent(self, claim_ids: Collection[int]) -> frozenset[tuple[int, int, date]]:
        """Return what has been warned of for some claims: claim, days ahead, date."""
        rows = self._session.exec(select(AlarmRow).where(col(AlarmRow.claim_id).in_(claim_ids)))
        return frozenset((row.claim_id, row.days, row.due) for row in rows)

    def take(self, claim_id: int, days: int, due: date, at: datetime) -> bool:
        """Take an alarm for oneself; False if it has been sent, or another worker has it. The unique key decides."""
        try:
            with self._session.begin_nested():
                self._session.add(AlarmRow(claim_id=claim_id, days=days, due=due, sent_at=at))
        except IntegrityError:
            return False
        return True
