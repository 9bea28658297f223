"""How far things have come: numbers that only ever grow."""

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from inbox_bot.store.guard import changed
from inbox_bot.store.tables import MarkRow


class Marks:
    """The rows of ``mark``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def reached(self, name: str) -> int:
        """Return how far something has come; 0 before it has begun."""
        return self._session.exec(select(MarkRow.value).where(MarkRow.name == name)).first() or 0

    def advance(self, name: str, value: int) -> bool:
        """Raise a mark; False if it stood there, or further on, already."""
        forward = update(MarkRow).where(col(MarkRow.name) == name, col(MarkRow.value) < value).values(value=value)
        if changed(self._session, forward):
            return True
        if self.reached(name) >= value:
            return False
        try:
            with self._session.begin_nested():
                self._session.add(MarkRow(name=name, value=value))
        except IntegrityError:
            return changed(self._session, forward)  # Someone else made the row just now.
        return True
