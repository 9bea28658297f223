"""The port to what people do in the same mailbox. A connection of its own: no trouble on it ever stops the reading."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from inbox_bot.domain.beside import Marking, Place
from inbox_bot.domain.mail import RawMail


@dataclass(frozen=True, kw_only=True)
class Glimpse:
    r"""A folder as it stands. ``next_uid``: what the next mail will get (UIDNEXT, RFC 9051 section 2.3.1.1).

    ``uids``: what is there above the UID asked about; ``drafts``: those of them that carry ``\Draft``.
    """

    uidvalidity: int
    next_uid: int
    uids: frozenset[int] = frozenset()
    drafts: frozenset[int] = frozenset()


class Neighbour(Protocol):
    """One account, seen as one of several people who use it. Used by one thread at a time.

    Every method may raise MailboxError. Folders are opened read-only, except by ``mark`` to set a keyword.
    """

    @property
    def name(self) -> str:
        """The mailbox's name in the settings."""
        ...

    def open(self) -> None:
        """Connect and log in, closing any old connection first."""
        ...

    def folders(self) -> Sequence[str]:
        """Return the folders the program reads, those left out in which mails come and go by themselves (drafts)."""
        ...

    def sent(self) -> Sequence[str]:
        """Return the folders that hold what people have sent; none where the server has none that can be told."""
        ...

    def glimpse(self, folder: str, above: int | None) -> Glimpse:
        """Return how a folder stands, with the UIDs above one; None asks for no UIDs."""
        ...

    def uids_since(self, folder: str, day: date) -> Sequence[int]:
        """Return the UIDs that came into a folder on or after ``day`` by the server's calendar, ascending."""
        ...

    def headers(self, folder: str, uids: Sequence[int]) -> Sequence[RawMail]:
        """Return those of the mails that still exist, with their headers alone for content, flags untouched."""
        ...

    def mark(self, place: Place, action: Marking, target: str) -> bool:
        """Set a keyword on a mail, or copy it to a folder, if that has not been done; False if the mail is not there any more."""
        ...

    def close(self) -> None:
        """Log out and disconnect; safe to call twice."""
        ...
