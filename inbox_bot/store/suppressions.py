"""The addresses that get no marketing, who put them there, and how far the file of them is up to date."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from inbox_bot.store.guard import changed
from inbox_bot.store.tables import PublicationRow, SuppressionChangeRow, SuppressionRow

_FILE = "suppression"


@dataclass(frozen=True, kw_only=True)
class Suppressed:
    """An address on the list, since when."""

    address: str
    since: datetime


@dataclass(frozen=True, kw_only=True)
class Change:
    """Something done to the list."""

    at: datetime
    added: bool
    actor: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Publication:
    """How the file of the list is: up to date with ``revision``, or failing since ``failed_at``."""

    revision: int = 0
    written_at: datetime | None = None
    failed_at: datetime | None = None
    failure: str = ""


class Suppressions:
    """The rows of ``suppression``, ``suppression_change`` and the list's row of ``publication``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, address: str, at: datetime, *, actor: str = "program", reason: str = "") -> bool:
        """Put an address on the list; False if it was there already, with its first moment unchanged."""
        if self.since(address) is not None:
            return False
        try:
            with self._session.begin_nested():
                self._session.add(SuppressionRow(address=address, since=at))
        except IntegrityError:
            return False  # Another worker put it there just now.
        self._note(address, at, added=True, actor=actor, reason=reason)
        return True

    def remove(self, address: str, at: datetime, *, actor: str, reason: str) -> bool:
        """Take an address off the list; False if it was not there. The reason stays, the address does not."""
        if not changed(self._session, delete(SuppressionRow).where(col(SuppressionRow.address) == address)):
            return False
        self._note(address, at, added=False, actor=actor, reason=reason)
        return True

    def since(self, address: str) -> datetime | None:
        """Return since when an address gets no marketing, None if it is not on the list."""
        return self._session.exec(select(SuppressionRow.since).where(SuppressionRow.address == address)).first()

    def addresses(self) -> tuple[str, ...]:
        """Return every address, sorted."""
        return tuple(self._session.exec(select(SuppressionRow.address).order_by(SuppressionRow.address)))

    def matching(self, part: str, most: int) -> list[Suppressed]:
        """Return addresses that hold ``part``, the newest first."""
        found = col(SuppressionRow.address).contains(part, autoescape=True)
        query = select(SuppressionRow).where(found).order_by(col(SuppressionRow.id).desc()).limit(most)
        return [Suppressed(address=row.address, since=row.since) for row in self._session.exec(query)]

    def count(self) -> int:
        return int(self._session.exec(select(func.count()).select_from(SuppressionRow)).one())

    def history(self, address: str) -> Iterator[Change]:
        """Yield what has been done about one address, oldest first."""
        query = (
            select(SuppressionChangeRow)
            .where(SuppressionChangeRow.fingerprint == _fingerprint(address))
            .order_by(col(SuppressionChangeRow.id))
        )
        for row in self._session.exec(query):
            yield Change(at=row.at, added=row.added, actor=row.actor, reason=row.reason)

    def revision(self) -> int:
        """Return a number that grows with each change of the list."""
        return int(self._session.exec(select(func.max(SuppressionChangeRow.id))).one() or 0)

    def publication(self) -> Publication:
        """Return how the file of the list is."""
        query = select(PublicationRow).where(PublicationRow.name == _FILE)
        row = self._session.exec(query.execution_options(populate_existing=True)).one_or_none()
        if row is None:
            return Publication()
        return Publication(
            revision=row.revision, written_at=row.written_at, failed_at=row.failed_at, failure=row.failure
        )

    def note_written(self, revision: int, at: datetime) -> None:
        self._publish(revision=revision, written_at=at, failed_at=None, failure="")

    def note_failure(self, at: datetime, failure: str) -> bool:
        """Note that the file cannot be written; True if that is news."""
        known = self.publication()
        if known.failed_at is not None:
            self._publish(failure=failure)
            return False
        self._publish(failed_at=at, failure=failure)
        return True

    def note_no_file(self) -> None:
        """Forget a failure: no file is wanted any more."""
        if self.publication().failed_at is not None:
            self._publish(failed_at=None, failure="")

    def _publish(self, **values: Any) -> None:
        mine = update(PublicationRow).where(col(PublicationRow.name) == _FILE)
        if changed(self._session, mine.values(**values)):
            return
        try:
            with self._session.begin_nested():
                self._session.add(PublicationRow(name=_FILE, **values))
        except IntegrityError:
            changed(self._session, mine.values(**values))

    def _note(self, address: str, at: datetime, *, added: bool, actor: str, reason: str) -> None:
        change = SuppressionChangeRow(at=at, fingerprint=_fingerprint(address), added=added, actor=actor, reason=reason)
        self._session.add(change)
        self._session.flush()


def _fingerprint(address: str) -> str:
    return hashlib.sha256(address.encode()).hexdigest()
