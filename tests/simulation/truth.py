"""What truly happened, noted by the simulation itself from what people did, from the mailbox and from what left by SMTP."""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from inbox_bot.outbox.transport import Fate
from tests.simulation.post import Letter

MARK = re.compile(r"([A-Z]{1,6})\s*-\s*(\d{4})\s*-\s*(\d{4,6})\s*/\s*([a-z_]+)")
"""The mark that staff put into every decision they write: which case, which right. It is looked for in the bytes that left."""

ACTS = frozenset({"erasure", "rectification", "restriction", "objection", "consent_withdrawal", "marketing"})
"""Rights whose granting letter claims that something was done."""


@dataclass(kw_only=True)
class Matter:
    """One right that one person truly asked for in one mail. ``at``: when that mail reached the mailbox."""

    person: int
    address: str
    right: str
    mail: str
    at: datetime
    sure: bool = True
    historic: bool = False
    reference: str = ""
    merged: bool = False
    """The person had asked for the same right already, and it was running: a reminder, with no clock of its own."""
    taken_back_at: datetime | None = None
    dismissed_at: datetime | None = None
    denied_at: datetime | None = None
    """When the owner of the address said that it was not theirs."""
    delivered_by_hand_at: datetime | None = None
    """When staff found another way, because no letter reached the address."""
    suppressed_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Decision:
    """A decision that staff took. ``acted_at``: when they had done in the systems what the letter claims; None if it claims nothing."""

    at: datetime
    by: str
    kind: str
    acted_at: datetime | None = None


@dataclass
class Truth:
    """The whole record. Keys are (reference, right) where not said otherwise."""

    matters: list[Matter] = field(default_factory=list)
    by_mail: dict[str, list[Matter]] = field(default_factory=lambda: defaultdict(list))
    kinds: dict[str, str] = field(default_factory=dict)
    """Message-ID to what the mail is: ``request``, ``ordinary``, ``automatic``, ``reply``, ``withdrawal`` …"""
    delivered: dict[str, datetime] = field(default_factory=dict)
    writers: dict[str, str] = field(default_factory=dict)
    """Message-ID of a person's mail to the address it came from."""
    owners: dict[str, str] = field(default_factory=dict)
    """Reference to the address whose mail the case's first letter answers."""
    mistaken: set[str] = field(default_factory=set)
    """References of cases that the program opened for a mail that asked for nothing."""
    reads: dict[str, str] = field(default_factory=dict)
    """Message-ID of a follow-up to the case it belongs to, as its writer means it."""
    decisions: dict[tuple[str, str], list[Decision]] = field(default_factory=lambda: defaultdict(list))
    answers: dict[tuple[str, str], list[Letter]] = field(default_factory=lambda: defaultdict(list))
    """Decisions that left, by the mark in their bytes."""
    extensions: dict[tuple[str, str], list[Letter]] = field(default_factory=lambda: defaultdict(list))
    receipts: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Message-ID of a person's mail to the Message-IDs of the receipts it got."""
    proven: dict[str, datetime] = field(default_factory=dict)
    """Reference to the first time that whoever reads the case's address gave a code that was sent there."""
    asked: dict[str, datetime] = field(default_factory=dict)
    """Reference to when the first question of identity left."""
    bounced: dict[tuple[str, datetime], datetime] = field(default_factory=dict)
    """Message-ID of a letter of ours and when it left, to when the report of its failure reached the mailbox."""
    added_by_hand: dict[tuple[str, str], datetime] = field(default_factory=dict)
    """Message-ID and right to when staff took up a right that the program had not seen in the mail."""
    sorted_by_hand: dict[str, datetime] = field(default_factory=dict)
    found_by_hand: int = 0
    """Mails that ask for something, let go by the program as a near thing and found by staff."""
    numbers: dict[str, int] = field(default_factory=dict)
    """Message-ID to the number staff see a mail under while it waits to be sorted."""
    staff_letters: list[Letter] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    refused_doors: int = 0
    """How often the program rightly refused what must not be done."""
    wrong_doors: list[str] = field(default_factory=list)
    """What the program let someone do that must not be done."""

    def add(self, matter: Matter) -> None:
        self.matters.append(matter)
        self.by_mail[matter.mail].append(matter)

    def note_letter(self, letter: Letter, staff: frozenset[str]) -> None:
        """Note one try to send a letter."""
        if letter.to in staff:
            if letter.arrived:
                self.staff_letters.append(letter)
            return
        self.letters.append(letter)
        if letter.fate is Fate.DEFERRED:
            return
        reference = letter.reference
        if letter.name.startswith("receipt") and letter.answers:
            self.receipts[letter.answers].add(letter.message_id)
        if letter.answers in self.writers and reference:
            self.owners.setdefault(reference, self.writers[letter.answers])
        if letter.answers in self.by_mail and reference:
            for matter in self.by_mail[letter.answers]:
                matter.reference = matter.reference or reference
        if letter.code and reference and letter.arrived:
            self.asked.setdefault(reference, letter.at)
        for found in marks(letter.text):
            kept = self.extensions if letter.name == "extension" else self.answers
            kept[found].append(letter)

    def reached(self, letter: Letter, by: datetime | None = None) -> bool:
        """Tell whether a letter arrived and no report (before a moment) said otherwise."""
        bounced = self.bounced.get((letter.message_id, letter.at))
        return letter.arrived and (bounced is None or (by is not None and bounced > by))


def marks(text: str) -> set[tuple[str, str]]:
    """Return the cases and rights that staff's own marks in a letter name."""
    return {(f"{prefix}-{year}-{number}", right) for prefix, year, number, right in MARK.findall(text)}


def mark(reference: str, right: str) -> str:
    """Return the words staff put into a decision to tell one from another."""
    return f"({reference}/{right})"
