"""Time as a thing that is handed in: aware instants in UTC, and calendar days in Stockholm where the law counts days."""

from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

STOCKHOLM = ZoneInfo("Europe/Stockholm")


class Clock(Protocol):
    """Tells the time; every part of the program that needs it is given one."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class SetClock:
    """A clock that stands still until it is moved: for tests and simulations."""

    def __init__(self, at: datetime) -> None:
        self._at = in_utc(at)

    def now(self) -> datetime:
        return self._at

    def set(self, at: datetime) -> None:
        self._at = in_utc(at)

    def advance(self, by: timedelta) -> None:
        self._at += by


def in_utc(at: datetime) -> datetime:
    """Return the same instant in UTC. Raises ValueError for a naive datetime: its zone would be a guess."""
    if at.tzinfo is None:
        raise ValueError("a naive datetime has no place on the time line")
    return at.astimezone(UTC)


def stockholm_day(at: datetime) -> date:
    """Return the calendar day in Stockholm at an instant (Reg. 1182/71: the day where the act is to be done)."""
    return in_utc(at).astimezone(STOCKHOLM).date()


def stockholm_moment(text: str) -> datetime:
    """Return the instant a person means who writes ``2026-11-22`` (that day's start here) or ``2026-11-22T14:05``.

    What names no zone is Stockholm time. Raises ValueError for anything else.
    """
    said = datetime.fromisoformat(text.strip())
    return in_utc(said if said.tzinfo is not None else said.replace(tzinfo=STOCKHOLM))
