"""The port to a mailbox: what the program asks of it, whatever protocol stands behind."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Protocol

from inbox_bot.domain.mail import RawMail


class MailSource(Protocol):
    """One account on one server. Used by one thread at a time, except ``wake`` and ``close``.

    Every method may raise MailboxError; its ``temporary`` is False only where waiting cannot help (wrong password).
    After an error the source must be ``open``ed anew. Nothing here ever marks, moves or deletes a mail.
    """

    @property
    def name(self) -> str:
        """The mailbox's name in the settings."""
        ...

    def open(self) -> None:
        """Connect and log in, closing any old connection first."""
        ...

    def folders(self) -> Sequence[str]:
        r"""Return the folders to read, the first being the one to wait on; ``\Junk`` is found by SPECIAL-USE or name."""
        ...

    def select(self, folder: str) -> int:
        """Open a folder read-only (EXAMINE) and return its UIDVALIDITY."""
        ...

    def uids_after(self, uid: int) -> Sequence[int]:
        """Return the UIDs above ``uid`` in the open folder, ascending."""
        ...

    def uids_since(self, day: date) -> Sequence[int]:
        """Return the UIDs received on or after ``day`` by the server's calendar, ascending."""
        ...

    def portions(self, uids: Sequence[int]) -> Iterable[Sequence[int]]:
        """Yield the UIDs, ascending, in groups whose mails may be held in memory together: fetch each before the next."""
        ...

    def fetch(self, uids: Sequence[int]) -> Sequence[RawMail]:
        """Return those of the mails that still exist, ascending by UID, flags untouched (BODY.PEEK).

        One that is too large comes abridged; so does one that cannot be fetched though the server answers otherwise.
        """
        ...

    def wait(self, seconds: float) -> None:
        """Return when something may have come, when ``wake`` is called, or after ``seconds``: IDLE where there is, else rest."""
        ...

    def wake(self) -> None:
        """Make ``wait`` return soon, from any thread."""
        ...

    def close(self) -> None:
        """Log out and disconnect; safe to call twice and from any thread."""
        ...
