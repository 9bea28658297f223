"""The calendar of legal dates that staff subscribe to: who may read it, and what stands in it. It names no person."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from inbox_bot.domain.rights import Claim


@dataclass(frozen=True, kw_only=True)
class FeedRecord:
    """A secret address of the calendar. ``name``: what staff call it. ``read_on``: the last day some program read it."""

    id: int
    name: str
    token_hash: str
    made_at: datetime
    made_by: str
    revoked_at: datetime | None = None
    revoked_by: str = ""
    read_on: date | None = None


class Wait(StrEnum):
    """What a date waits for, as the calendar tells it."""

    PROOF = "proof"
    STAFF = "staff"
    APPROVAL = "approval"
    OUTBOX = "outbox"
    SORTING = "sorting"
    OVER = "over"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One legal date. ``alarms``: the days on which to be reminded, working days before it (law.md 1.4).

    ``uid`` stays the same for a claim; ``sequence`` grows each time its date or its end changes (RFC 5545, 3.8.7.4), and
    ``changed_at`` is when anything in it last did. ``cancelled``: nothing is owed any more.
    """

    uid: str
    due: date
    changed_at: datetime
    sequence: int
    wait: Wait
    cancelled: bool
    alarms: tuple[date, ...]
    reference: str = ""
    claim: Claim | None = None
    mail: int | None = None
