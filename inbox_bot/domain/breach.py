"""A personal data breach: a letter that reached somebody it was not for, what is done about it, and by when (Art 33, 34)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

KNOWN_AT = "known_at"
"""Under this name stand the notes that correct when a breach became known: ``done_at`` is that moment, ``words`` the reason."""

NOTIFY_WITHIN = timedelta(hours=72)
"""From the moment the company became aware of it, weekends and holidays counted (Art 33(1); Reg. 1182/71 art. 3)."""


class Standing(StrEnum):
    """How a breach stands to its time. ``NOTIFIED``: whether the authority is told has been decided and written down."""

    RUNNING = "running"
    NEAR = "near"
    OVER = "over"
    NOTIFIED = "notified"
    CLOSED = "closed"


@dataclass(frozen=True, kw_only=True)
class BreachLetter:
    """A letter that went wrong, known also when its own row is gone: case number, name, hash, and when it left."""

    letter_id: int
    reference: str
    name: str
    sha256: str
    sent_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class BreachNote:
    """What a person wrote down about a step: its choice (``""`` where it has none), words, when it was done, who and when.

    Notes are never changed: a later one on the same step stands in for the earlier, which stays (Art 33(5)).
    """

    step: str
    choice: str
    words: str
    done_at: datetime
    by: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class BreachRecord:
    """A breach as it stands. ``warned``: hours left at the last warning.

    ``first_known_at``: when the company became aware of it, as it was said first; ``corrections`` are what was said since.
    """

    id: int
    first_known_at: datetime
    what: str
    opened_at: datetime
    opened_by: str
    letters: tuple[BreachLetter, ...]
    notes: tuple[BreachNote, ...]
    corrections: tuple[BreachNote, ...] = ()
    warned: int | None = None
    closed_at: datetime | None = None
    closed_by: str = ""

    @property
    def known_at(self) -> datetime:
        """When the company became aware of it, as was said last: the 72 hours run from here (Art 33(1))."""
        return self.corrections[-1].done_at if self.corrections else self.first_known_at

    @property
    def ends_at(self) -> datetime:
        """The last moment at which the authority is told in time."""
        return self.known_at + NOTIFY_WITHIN

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def latest(self) -> Mapping[str, BreachNote]:
        """The note that counts for each step: the last one."""
        return {note.step: note for note in self.notes}

    @property
    def references(self) -> Sequence[str]:
        """The cases whose letters went wrong, each once."""
        return tuple(dict.fromkeys(letter.reference for letter in self.letters))


def hours_left(record: BreachRecord, now: datetime) -> int:
    """Return the whole hours left of the 72, rounded down; negative when they are over."""
    return int((record.ends_at - now) // timedelta(hours=1))


def standing(record: BreachRecord, now: datetime, *, answered: bool, near: int) -> Standing:
    """Return how a breach stands. ``answered``: the clock is, by the rules; ``near``: hours left from which it is close."""
    if not record.is_open:
        return Standing.CLOSED
    if answered:
        return Standing.NOTIFIED
    if now > record.ends_at:
        return Standing.OVER
    return Standing.NEAR if hours_left(record, now) < near else Standing.RUNNING
