"""When the program counts as unwell: the same limits in the digest, on the pages, in letters and for whatever watches it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

STILL_AFTER = timedelta(hours=1)
"""What has stood still for this long is told to the watchers, once."""

SILENT_HOURS = STILL_AFTER.total_seconds() / 3600
"""A mailbox not read for this long is unwell."""

STUCK_AFTER = timedelta(minutes=30)
"""A mail that lies this long between two rooms is stuck: a step fails on it, or nothing works."""

VANISHED_DAYS = 7
"""Mails that went before they were read are told of for so many days."""

SEEN_WITHIN = timedelta(minutes=15)
"""How soon the daily mail to ourselves must have come back."""

CLOCK_SLACK = timedelta(minutes=5)
"""A moment that lies further ahead than this was written by another clock, or by this one before it was set back."""


class Level(StrEnum):
    """How a part is, by the words Nagios knows; the place in this order is the exit status of ``inbox-bot health``."""

    OK = "ok"
    WARNING = "warning"
    CRITICAL = "critical"

    @property
    def status(self) -> int:
        return list(Level).index(self)


@dataclass(frozen=True, kw_only=True)
class Part:
    """One thing that can be well or not. ``name`` is for machines: ``mailbox info``, ``outbox: queued``.

    ``says`` is a Swedish sentence that anyone may read; ``detail``, which may name servers and files, is for those who run
    the program. ``since``: when it began, if known. ``at_once``: told without waiting for an hour. ``again``: told anew when
    a later one of the same kind fails.
    """

    name: str
    level: Level = Level.OK
    says: str = ""
    detail: str = ""
    since: datetime | None = None
    at_once: bool = False
    again: bool = False


@dataclass(frozen=True, kw_only=True)
class Health:
    """How everything is at one moment. ``read_at``: when each mailbox was last read; ``waiting``: letters on their way out."""

    at: datetime
    parts: Sequence[Part]
    read_at: Sequence[tuple[str, datetime | None]] = ()
    waiting: int = 0

    @property
    def level(self) -> Level:
        """The worst of all parts."""
        return max((part.level for part in self.parts), key=lambda level: level.status, default=Level.OK)

    @property
    def ill(self) -> list[Part]:
        """What is not well, the worst first."""
        found = [part for part in self.parts if part.level is not Level.OK]
        return sorted(found, key=lambda part: -part.level.status)


def part_to_json(part: Part, *, public: bool = False) -> dict[str, Any]:
    """Return a part as JSON knows it; ``public`` leaves out what names servers and files."""
    row: dict[str, Any] = {"name": part.name, "status": part.level.value, "says": part.says}
    row["since"] = None if part.since is None else part.since.isoformat()
    return row if public else row | {"detail": part.detail, "at_once": part.at_once}


def part_from_json(row: dict[str, Any]) -> Part:
    """Return what ``part_to_json`` was given. Raises KeyError or ValueError for anything else."""
    return Part(
        name=str(row["name"]),
        level=Level(row["status"]),
        says=str(row["says"]),
        detail=str(row.get("detail", "")),
        since=None if row["since"] is None else datetime.fromisoformat(row["since"]).astimezone(UTC),
        at_once=bool(row.get("at_once", False)),
    )


def health_to_json(health: Health, *, public: bool = False) -> dict[str, Any]:
    """Return a whole report as JSON knows it, without a word of any person."""
    return {
        "moment": health.at.isoformat(),
        "status": health.level.value,
        "mailboxes": {name: None if at is None else at.isoformat() for name, at in health.read_at},
        "letters_waiting": health.waiting,
        "parts": [part_to_json(part, public=public) for part in health.parts],
    }


@dataclass(frozen=True, kw_only=True)
class Proof:
    """The last week in lines for the letters, in Swedish: what is not well, how each day's mail to ourselves went, what was
    compared with the server, and what stood still.
    """

    unwell: Sequence[str] = ()
    self_checks: Sequence[str] = ()
    compared: Sequence[str] = ()
    stood_still: Sequence[str] = ()
