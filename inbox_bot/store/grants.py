"""Logins at mail providers: what renews them, locked, and whether they work."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from inbox_bot.store.guard import changed
from inbox_bot.store.tables import GrantRow


@dataclass(frozen=True, kw_only=True)
class GrantRecord:
    """One login. ``until``: when what renews it ends if nobody uses it; ``failure``: why a person must act, ``""`` if none."""

    name: str
    version: int
    sealed: str = field(repr=False)
    renewed_at: datetime | None
    until: datetime | None
    failed_at: datetime | None
    failure: str


class Grants:
    """The rows of ``access_grant``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, name: str) -> GrantRecord | None:
        row = self._session.get(GrantRow, name)
        return None if row is None else GrantRecord(**row.model_dump())

    def renew(self, name: str, *, sealed: str, at: datetime, until: datetime | None, after: int | None) -> bool:
        """Store a renewal where version ``after`` stands, or whatever stands (None); False, and nothing, if a later one does."""
        values: dict[str, Any] = {"sealed": sealed, "renewed_at": at, "until": until, "failed_at": None, "failure": ""}
        change = update(GrantRow).where(col(GrantRow.name) == name)
        if after is not None and sealed:
            change = change.where(col(GrantRow.version) == after)
        change = change.values(**values, version=GrantRow.version + 1)
        if changed(self._session, change):
            return True
        if after:
            return False
        return self._add(GrantRow(name=name, version=1, **values)) or changed(self._session, change)

    def note_failure(self, name: str, failure: str, at: datetime) -> None:
        """Store why a person must act; the moment stays where the same was noted before."""
        mine = update(GrantRow).where(col(GrantRow.name) == name)
        fresh = mine.where(col(GrantRow.failure) != failure).values(failure=failure, failed_at=at)
        if not changed(self._session, fresh) and self.get(name) is None:
            self._add(GrantRow(name=name, failure=failure, failed_at=at))

    def _add(self, row: GrantRow) -> bool:
        """Add a row; False if another process did so just now."""
        try:
            with self._session.begin_nested():
                self._session.add(row)
        except IntegrityError:
            return False
        return True
