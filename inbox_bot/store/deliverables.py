"""Files that people fetch on their pages."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, or_, update
from sqlalchemy import select as sa_select
from sqlmodel import Session, SQLModel, col, select

from inbox_bot.domain.case import ClaimState
from inbox_bot.domain.page import Deliverable
from inbox_bot.store.guard import add, changed
from inbox_bot.store.tables import ClaimRow, DeliverableRow

_FILE = SQLModel.metadata.tables["deliverable"].c
_ROWS = sa_select(*(column for column in _FILE if column.name != "content"))
"""Files without their bytes: the page of a case names them each time it is opened."""

_EMPTIED: dict[str, Any] = {"content": b"", "name": "", "token": ""}


class Deliverables:
    """The rows of ``deliverable``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def put(
        self,
        *,
        case_id: int,
        claim_id: int,
        name: str,
        media_type: str,
        content: bytes,
        sha256: str,
        token: str,
        at: datetime,
        by: str,
    ) -> int:
        """Keep a file for a claim, in the place of one that no letter has told of yet. Returns its id."""
        untold = update(DeliverableRow).where(
            col(DeliverableRow.claim_id) == claim_id,
            col(DeliverableRow.letter_id).is_(None),
            col(DeliverableRow.emptied_at).is_(None),
        )
        changed(self._session, untold.values(emptied_at=at, **_EMPTIED))
        row = {
            "case_id": case_id,
            "claim_id": claim_id,
            "name": name,
            "media_type": media_type,
            "content": content,
            "size": len(content),
            "sha256": sha256,
            "token": token,
            "put_at": at,
            "put_by": by,
            "fetched": 0,
        }
        return add(self._session, "deliverable", row)

    def of_case(self, case_id: int) -> list[Deliverable]:
        """Return the files of a case, oldest first, also those whose bytes are gone."""
        query = _ROWS.where(_FILE.case_id == case_id).order_by(_FILE.id)
        return [_record(row) for row in self._session.connection().execute(query)]

    def content(self, deliverable_id: int) -> bytes:
        """Return the bytes, none if they are gone."""
        query = select(DeliverableRow.content).where(DeliverableRow.id == deliverable_id)
        return bytes(self._session.exec(query).one())

    def tell(self, deliverable_id: int, letter_id: int, until: date) -> None:
        """Note the letter that says where the file is, and its last day; a later letter says it anew."""
        mine = update(DeliverableRow).where(col(DeliverableRow.id) == deliverable_id)
        changed(self._session, mine.values(letter_id=letter_id, until=until))

    def count(self, deliverable_id: int, at: datetime) -> None:
        mine = update(DeliverableRow).where(col(DeliverableRow.id) == deliverable_id)
        changed(self._session, mine.values(fetched=DeliverableRow.fetched + 1, fetched_at=at))

    def empty(self, today: date, at: datetime) -> bool:
        """Take away the bytes of the files whose last day has passed, or that no letter tells of and none will.

        True if there was one.
        """
        over = select(ClaimRow.id).where(col(ClaimRow.state).in_([one.value for one in ClaimState if one.is_final]))
        untold = and_(col(DeliverableRow.letter_id).is_(None), col(DeliverableRow.claim_id).in_(over))
        old = update(DeliverableRow).where(
            or_(col(DeliverableRow.until) < today, untold), col(DeliverableRow.emptied_at).is_(None)
        )
        return changed(self._session, old.values(emptied_at=at, **_EMPTIED))


def _record(row: Any) -> Deliverable:
    return Deliverable(
        id=row.id,
        case_id=row.case_id,
        claim_id=row.claim_id,
        name=row.name,
        media_type=row.media_type,
        size=row.size,
        sha256=row.sha256,
        token=row.token,
        put_at=row.put_at,
        put_by=row.put_by,
        letter_id=row.letter_id,
        until=row.until,
        fetched=row.fetched,
        emptied=row.emptied_at is not None or not row.token,
    )
