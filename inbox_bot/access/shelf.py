"""Where what renews a login is kept: locked, in the database, with the key elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError

from inbox_bot.access.grant import Renewed
from inbox_bot.errors import AccessError, StoreError
from inbox_bot.store.grants import GrantRecord
from inbox_bot.store.unit import Desk


class Box(Protocol):
    """Locks and opens with a key that is not in the database. ``open`` raises AccessError for what another key locked."""

    def seal(self, content: bytes) -> str: ...

    def open(self, sealed: str) -> bytes: ...


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What renews a login, and which version of it this is."""

    version: int
    secret: bytes = field(repr=False)


class Shelf:
    """Locked logins by name. ``box`` is built when it is needed: who keeps nothing needs no key.

    Raises StoreError where the database does not answer.
    """

    def __init__(self, desk: Desk, box: Callable[[], Box]) -> None:
        self._desk = desk
        self._box = box

    def take(self, name: str) -> Kept:
        """Return what renews a login. Raises AccessError where nobody has logged in, or the key is missing or wrong."""
        record = self.look(name)
        if record is None or not record.sealed:
            raise AccessError(f"Login {name}: nobody has logged in yet.", hint=f"Run: inbox-bot login {name}")
        try:
            return Kept(version=record.version, secret=self._box().open(record.sealed))
        except AccessError as error:
            raise AccessError(
                f"Login {name}: {error.message}",
                hint=f"{error.hint} Then: inbox-bot login {name}, if it cannot be found.",
            ) from error

    def put(self, name: str, renewed: Renewed, now: datetime, *, after: int | None) -> bool:
        """Store a renewal in the place of version ``after``, or of any (None: a person has logged in).

        False if another process has stored a later one, which then stands.
        """
        sealed = self._box().seal(renewed.kept) if renewed.kept else ""
        until = None if renewed.kept_for is None else now + renewed.kept_for
        with _asking(), self._desk.write() as unit:
            return unit.grants.renew(name, sealed=sealed, at=now, until=until, after=after)

    def check_key(self) -> None:
        """Raise AccessError where there is no key to lock with."""
        self._box().seal(b"")

    def note_failure(self, name: str, failure: str, now: datetime) -> None:
        """Store that a person must act."""
        with _asking(), self._desk.write() as unit:
            unit.grants.note_failure(name, failure, now)

    def look(self, name: str) -> GrantRecord | None:
        """Return what is on record of a login, still locked."""
        with _asking(), self._desk.look() as unit:
            return unit.grants.get(name)


@contextmanager
def _asking() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        raise StoreError(
            f"the database does not keep its logins ({type(error).__name__}).", hint="Is it up, and its disk not full?"
        ) from error
