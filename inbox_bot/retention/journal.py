"""The erasure journal: what was erased and when, without saying of whom, so that a restored backup can be made to forget again.

It lies outside the database, whose backups it must outlive. A line is written before the erasure it tells of is committed:
if the program dies between the two, the next start erases what the line says.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Protocol

MARK = "journal"
"""The database's own note of the last line that it has carried out."""


@dataclass(frozen=True, kw_only=True)
class ErasedCase:
    """A case that was emptied: how it stood, so that a restored one that was still open can be closed as it was.

    ``claims``: the state of each right, by ``right`` or ``right:marketing``.
    """

    reference: str
    closed_at: datetime
    claims: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Erasure:
    """One person's erasure. ``mails``: mailbox and fingerprint of each mail, so that it is not read in anew.

    ``key_check`` tells whether ``person`` was hashed with the secret that is in use.
    """

    number: int
    at: datetime
    person: str
    key_check: str
    cases: tuple[ErasedCase, ...]
    mails: tuple[tuple[str, str], ...]


class Journal(Protocol):
    """Where the lines are kept."""

    def last(self) -> int:
        """Return the number of the last line; 0 when there is none. Raises StoreError for a journal that cannot be read."""
        ...

    def after(self, number: int) -> list[Erasure]:
        """Return the lines after a number, in order. Raises StoreError."""
        ...

    def append(self, erasure: Erasure) -> int:
        """Write a line safely to disk and return its number: the given one, or a higher one that is free. Raises StoreError."""
        ...

    def trim(self, before: datetime) -> int:
        """Take out the lines written before a moment, never the last one; return how many. Raises StoreError."""
        ...


def to_line(erasure: Erasure) -> str:
    """Return a line as it is written."""
    return json.dumps(asdict(erasure), default=datetime.isoformat, ensure_ascii=True, sort_keys=True)


def from_line(line: str) -> Erasure:
    """Return what a line says. Raises ValueError, KeyError or TypeError for one that is none."""
    data: dict[str, Any] = json.loads(line)
    return Erasure(
        number=int(data["number"]),
        at=_moment(data["at"]),
        person=str(data["person"]),
        key_check=str(data["key_check"]),
        cases=tuple(
            ErasedCase(reference=case["reference"], closed_at=_moment(case["closed_at"]), claims=dict(case["claims"]))
            for case in data["cases"]
        ),
        mails=tuple((str(mailbox), str(fingerprint)) for mailbox, fingerprint in data["mails"]),
    )


def _moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("a moment without a zone")
    return at
