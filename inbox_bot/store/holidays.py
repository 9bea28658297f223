"""The table of public holidays, with the source of each, and its version."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy import select as sa_select
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel, col, select

from inbox_bot.domain.holiday import Holiday
from inbox_bot.store.guard import changed
from inbox_bot.store.marks import Marks
from inbox_bot.store.tables import HolidayRow

_VERSION = "holidays"
_DAY = SQLModel.metadata.tables["holiday"].c.day


class Holidays:
    """The rows of ``holiday``."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._marks = Marks(session)

    def version(self) -> int:
        """Return a number that grows with every change; 0 while the table is empty."""
        return self._marks.reached(_VERSION)

    def all(self) -> list[Holiday]:
        """Return every day of the table, in order."""
        rows = self._session.exec(select(HolidayRow).order_by(col(HolidayRow.day)))
        return [Holiday(day=row.day, name=row.name, free=row.free, source=row.source, by=row.by) for row in rows]

    def fill(self, days: Sequence[Holiday]) -> None:
        """Add days that the table does not hold yet; what a person has said of a day stays."""
        held = set(
            self._session.connection().execute(sa_select(_DAY).where(_DAY.in_([day.day for day in days]))).scalars()
        )
        rows = [asdict(day) for day in days if day.day not in held]
        if rows and self._add(rows):
            self._changed()

    def put(self, day: Holiday) -> None:
        """Say what a day is, whatever the table held."""
        values = asdict(day)
        mine = update(HolidayRow).where(col(HolidayRow.day) == values.pop("day")).values(**values)
        if not changed(self._session, mine) and not self._add([asdict(day)]):
            changed(self._session, mine)
        self._changed()

    def _add(self, rows: list[dict[str, Any]]) -> bool:
        """Add rows; False, and none added, if another worker added one of them just now."""
        try:
            with self._session.begin_nested():
                self._session.execute(insert(HolidayRow), rows)
        except IntegrityError:
            return False
        return True

    def _changed(self) -> None:
        self._marks.advance(_VERSION, self.version() + 1)
