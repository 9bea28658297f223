"""Secret addresses of the calendar, and how often a claim's date has changed."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, func, or_, select, update
from sqlmodel import Session, SQLModel, col
from sqlmodel import select as typed_select

from inbox_bot.domain.case import CaseState, EventName
from inbox_bot.domain.feed import FeedRecord
from inbox_bot.store.guard import FRESH, add, changed
from inbox_bot.store.tables import CalendarFeedRow

_T = SQLModel.metadata.tables
_CASE, _CLAIM, _EVENT = (_T[name] for name in ("case", "claim", "event"))
_MOVES = [
    name.value
    for name in (
        EventName.EXTENSION_SENT,
        EventName.EXTENSION_LOST,
        EventName.REDATED,
        EventName.ANSWERED,
        EventName.DISOWNED,
        EventName.DISMISSED,
        EventName.WITHDRAWN,
        EventName.REOPENED,
    )
]


class Feeds:
    """The rows of ``calendar_feed``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, *, name: str, token_hash: str, by: str, at: datetime) -> int:
        row = {"name": name, "token_hash": token_hash, "made_at": at, "made_by": by, "revoked_by": ""}
        return add(self._session, "calendar_feed", row)

    def all(self) -> list[FeedRecord]:
        """Return every address that was ever made, the newest first."""
        query = typed_select(CalendarFeedRow).order_by(col(CalendarFeedRow.id).desc()).execution_options(**FRESH)
        return [_record(row) for row in self._session.exec(query)]

    def revoke(self, feed_id: int, *, by: str, at: datetime) -> bool:
        """Close an address; False if it is unknown or closed already."""
        mine = update(CalendarFeedRow).where(
            col(CalendarFeedRow.id) == feed_id, col(CalendarFeedRow.revoked_at).is_(None)
        )
        return changed(self._session, mine.values(revoked_at=at, revoked_by=by))

    def note_read(self, feed_id: int, day: date) -> None:
        mine = update(CalendarFeedRow).where(col(CalendarFeedRow.id) == feed_id)
        changed(self._session, mine.values(read_on=day))

    def cases(self, closed_since: datetime) -> list[int]:
        """Return the cases that are open, or were closed since a moment."""
        closed = and_(_CASE.c.state == CaseState.CLOSED.value, _CASE.c.closed_at >= closed_since)
        query = select(_CASE.c.id).where(or_(_CASE.c.state == CaseState.OPEN.value, closed)).order_by(_CASE.c.id)
        return list(self._session.connection().execute(query).scalars())

    def changes(self, case_ids: Collection[int]) -> dict[int, tuple[int, datetime]]:
        """Return for each claim of some cases how often its date or end has moved, and when anything last happened to it."""
        mine = and_(
            _EVENT.c.case_id == _CLAIM.c.case_id, or_(_EVENT.c.claim_id == _CLAIM.c.id, _EVENT.c.claim_id.is_(None))
        )
        query: Any = (
            select(
                _CLAIM.c.id,
                func.count(_EVENT.c.id).filter(_EVENT.c.name.in_(_MOVES)).label("moves"),
                func.max(_EVENT.c.at).label("last"),
            )
            .select_from(_CLAIM)
            .join(_EVENT, mine)
            .where(_CLAIM.c.case_id.in_(case_ids))
            .group_by(_CLAIM.c.id)
        )
        return {row.id: (int(row.moves), row.last) for row in self._session.connection().execute(query)}


def _record(row: CalendarFeedRow) -> FeedRecord:
    assert row.id is not None
    return FeedRecord(
        id=row.id,
        name=row.name,
        token_hash=row.token_hash,
        made_at=row.made_at,
        made_by=row.made_by,
        revoked_at=row.revoked_at,
        revoked_by=row.revoked_by,
        read_on=row.read_on,
    )
