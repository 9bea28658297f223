"""Those who have got data from us and must be told of a correction, an erasure or a restriction (Art 19)."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from inbox_bot.domain.rights import Right

TOLD_RIGHTS = frozenset({Right.RECTIFICATION, Right.ERASURE, Right.RESTRICTION})
"""What recipients are told of. Never access, portability or a stop for marketing (law.md 3.3)."""


class NoticeState(StrEnum):
    """Where telling one recipient stands. ``EXCUSED``: impossible or disproportionate, with a reason on record."""

    DRAFTED = "drafted"
    APPROVED = "approved"
    SENT = "sent"
    CHASED = "chased"
    ANSWERED = "answered"
    TOLD = "told"
    EXCUSED = "excused"

    @property
    def is_told(self) -> bool:
        """True once the recipient knows, as far as we know."""
        return self in {NoticeState.SENT, NoticeState.CHASED, NoticeState.ANSWERED, NoticeState.TOLD}

    @property
    def is_final(self) -> bool:
        """True where nothing more is to be done."""
        return self in {NoticeState.ANSWERED, NoticeState.TOLD, NoticeState.EXCUSED}


@dataclass(frozen=True, kw_only=True)
class Addressee:
    """One who is to be told. ``kind``: one of ``KINDS``; ``contact`` a mail address, or empty. ``what``: which data they have got.

    ``language``: that of letters to them. ``processor``: acts on our instructions, so that the letter is one (Art 28(3)).
    ``told``: of which rights they are told.
    """

    name: str
    kind: str
    contact: str
    what: str = ""
    language: str = "sv"
    processor: bool = False
    told: frozenset[Right] = TOLD_RIGHTS

    @property
    def letter(self) -> str:
        """The letter that tells this recipient: T27 for one who decides for itself what it keeps, T26 for the others."""
        return "recipient_employer" if self.kind in {"employer", "authority"} else "recipient_supplier"


KINDS = ("supplier", "employer", "host", "authority")


@dataclass(frozen=True, kw_only=True)
class NoticeRecord:
    """What one recipient is told of one claim, and what came of it. ``done_on``: the day of the action they are told of.

    ``due``: by when they are asked to do the same. ``reason``: why they were not told, or how they were told without a letter.
    """

    id: int
    case_id: int
    claim_id: int
    right: Right
    recipient: Addressee
    state: NoticeState
    done_on: date
    due: date | None = None
    new_value: str = ""
    letter_id: int | None = None
    told_at: datetime | None = None
    chased_at: datetime | None = None
    answered_at: datetime | None = None
    answer: str = ""
    reason: str = ""
