"""All letters of a case both ways, in the one order in which they came and went."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from inbox_bot.domain.case import LetterRecord
from inbox_bot.web.staff.mail import MailCard


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One mail in or one letter out; exactly one of the two is there. ``at``: when it reached us, or left (or was written)."""

    at: datetime
    mail: MailCard | None = None
    letter: LetterRecord | None = None


def correspondence(mails: Sequence[MailCard], letters: Sequence[LetterRecord]) -> tuple[Entry, ...]:
    """Return mails in and letters out, the newest first."""
    found = [Entry(at=card.record.received_at, mail=card) for card in mails]
    found += [Entry(at=letter.sent_at or letter.created_at, letter=letter) for letter in letters]
    # A letter answers the mail of the same second, and so stands above it.
    return tuple(sorted(found, key=lambda one: (one.at, one.letter is not None), reverse=True))


def opening_mails(cards: Sequence[MailCard]) -> tuple[MailCard, ...]:
    """Return the mails to be read on the page itself: first what nobody has read yet, then the one the case began with."""
    unread = [card for card in cards if card.record.unread]
    return (*unread, *(card for card in cards[:1] if not card.record.unread))
