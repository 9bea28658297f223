"""Mails that were taken for no request: of each, that it came, where it lies and what it was taken for."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, SQLModel

from inbox_bot.domain.case import MailState
from inbox_bot.domain.left import NEAR, LeftMail
from inbox_bot.store import tables
from inbox_bot.store.stockholm import EPOCH, local_day, seconds_of, start_of

_T = SQLModel.metadata.tables
_MAIL, _SIGHTING = _T[str(tables.MailRow.__tablename__)], _T[str(tables.SightingRow.__tablename__)]
_STATES = [MailState.LEFT.value, MailState.SET_ASIDE.value, MailState.RECALLED.value]
_LONGEST_AWAY = timedelta(days=60)
"""How long a mail may have lain in its mailbox before the program reads it: longer than any outage, or look back at a start."""

_MINE = (_MAIL.c.state.in_(_STATES), _MAIL.c.case_id.is_(None))


class Left:
    """Reads the rows of ``mail`` that were let go."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def days(self, today: date) -> Mapping[date, int]:
        """Return how many there are of each Stockholm day, the earliest first."""
        first = self._run(select(func.min(_MAIL.c.received_at)).where(*_MINE)).scalar()
        if first is None:
            return {}
        day = local_day(seconds_of(_MAIL.c.received_at), first.date(), today)
        counted = select(day.label("day"), func.count().label("number")).where(*_MINE).group_by(day).order_by(day)
        return {EPOCH + timedelta(days=int(row.day)): int(row.number) for row in self._run(counted)}

    def of_day(self, day: date) -> list[LeftMail]:
        """Return those received on a Stockholm day, in the order they came."""
        return self._those(
            _MAIL.c.received_at >= start_of(day), _MAIL.c.received_at < start_of(day + timedelta(days=1))
        )

    def near_since(self, day: date) -> list[LeftMail]:
        """Return those read since a Stockholm day that were nearly taken for a request, and that nobody has looked at since."""
        read = (
            _MAIL.c.fetched_at >= start_of(day),
            _MAIL.c.received_at >= start_of(day - _LONGEST_AWAY),  # for the index: a table of years is not gone through
        )
        near = (_MAIL.c.state == MailState.LEFT.value, _MAIL.c.reason == NEAR, _MAIL.c.sorted_by == "")
        return self._those(*near, *read)

    def _those(self, *conditions: Any) -> list[LeftMail]:
        columns = ("id", "mailbox", "received_at", "state", "reason", "sorted_by", "imported_by")
        query = select(*(_MAIL.c[name] for name in columns)).where(*_MINE, *conditions)
        rows = self._run(query.order_by(_MAIL.c.received_at, _MAIL.c.id)).all()
        folders = self._folders(*conditions)
        return [
            LeftMail(
                id=row.id,
                mailbox=row.mailbox,
                received_at=row.received_at,
                state=MailState(row.state),
                reason=row.reason,
                sorted_by=row.sorted_by,
                recalled_by=row.imported_by,
                folders=folders.get(row.id, ()),
            )
            for row in rows
        ]

    def _folders(self, *conditions: Any) -> dict[int, tuple[str, ...]]:
        query = (
            select(_SIGHTING.c.mail_id, _SIGHTING.c.folder)
            .join(_MAIL, _MAIL.c.id == _SIGHTING.c.mail_id)
            .where(*_MINE, *conditions)
            .distinct()
            .order_by(_SIGHTING.c.mail_id, _SIGHTING.c.folder)
        )
        found: dict[int, tuple[str, ...]] = {}
        for row in self._run(query):
            found[row.mail_id] = (*found.get(row.mail_id, ()), row.folder)
        return found

    def _run(self, statement: Any) -> Any:
        return self._session.connection().execute(statement)
