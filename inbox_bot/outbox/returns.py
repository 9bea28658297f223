"""What it means that a letter came back, by its enhanced status code (RFC 3463), and how a person goes on from there."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from inbox_bot.domain.case import LetterPurpose, LetterRecord

_STATUS = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.])")

MOST_TELLING = (LetterPurpose.ANSWER, LetterPurpose.EXTENSION, LetterPurpose.NOTICE, LetterPurpose.RECIPIENT)
"""What a person has approved: that it came back always alarms."""


@dataclass(frozen=True, kw_only=True)
class ReturnRow:
    """One meaning. ``status``: patterns such as ``*.1.1``. ``what`` and ``way``: Swedish, for staff.

    ``wait``: the same letter may go again in a while. ``dead``: the address takes no mail.
    """

    id: str
    status: tuple[str, ...]
    what: str
    way: str
    wait: bool = False
    dead: bool = False


@dataclass(frozen=True, kw_only=True)
class ReturnRules:
    """``rules/returns.toml``. The last row fits every status. ``commands``: the next step by the command line, or ``""``."""

    rows: Sequence[ReturnRow]
    next_steps: Mapping[LetterPurpose, str]
    commands: Mapping[LetterPurpose, str]
    tie: timedelta
    again_times: int
    again_after: timedelta
    again_working_days: int
    most_alarms: int

    def row(self, answer: str) -> ReturnRow:
        """Return what a status means: one alone (``5.1.1``), or the one in what a letter's record says of a try."""
        found = _STATUS.search(answer)
        status = found[0] if found else ""
        return next(row for row in self.rows if any(fits(pattern, status) for pattern in row.status))

    def is_dead(self, answer: str) -> bool:
        """True if what the record says of a letter means that its address takes no mail."""
        return bool(answer) and self.row(answer).dead

    def advice(self, letter: LetterRecord, reference: str) -> tuple[str, str, str]:
        """Return what happened to a letter that came back, another way to reach the person, and the next step."""
        row = self.row(letter.answer)
        return row.what, row.way, _filled(self.next_steps.get(letter.purpose, ""), letter, reference)

    def command(self, letter: LetterRecord, reference: str) -> str:
        """Return how the next step is taken on the command line, ``""`` where there is no command for it."""
        return _filled(self.commands.get(letter.purpose, ""), letter, reference)


def _filled(text: str, letter: LetterRecord, reference: str) -> str:
    return text.replace("{reference}", reference).replace("{letter}", str(letter.id))


def fits(pattern: str, status: str) -> bool:
    """True if a status is one a pattern stands for; ``*`` alone stands for all, none included."""
    if pattern == "*":
        return True
    wanted, parts = pattern.split("."), status.split(".")
    return len(parts) == len(wanted) and all(one in {"*", part} for one, part in zip(wanted, parts, strict=True))
