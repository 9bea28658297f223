"""What the room health works with, handed to each of its steps."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from inbox_bot.clock import Clock
from inbox_bot.domain.case import LetterPurpose
from inbox_bot.domain.correspondence import new_message_id
from inbox_bot.domain.health import Health
from inbox_bot.domain.letters import Envelope, Language, LetterBook
from inbox_bot.health.board import Board
from inbox_bot.store.unit import Desk, Unit


class StatusFile(Protocol):
    """The file that watchers outside the program read."""

    def write(self, health: Health) -> None:
        """Replace the file's content whole. Raises OSError."""
        ...


@dataclass(frozen=True, kw_only=True)
class Watchman:
    """The room's tools.

    ``mailboxes``: their names in the settings. ``folders``: ``mailbox/folder`` of those named there, so junk folders are not
    among them. ``check_hour``: None where the daily mail to ourselves is switched off; ``check_address``: where it goes.
    ``free``: bytes left on the fullest disk. ``worker``: this process's name.
    """

    desk: Desk
    clock: Clock
    letters: LetterBook
    sender: str
    pages: str
    staff: tuple[str, ...]
    watchers: tuple[str, ...]
    mailboxes: tuple[str, ...]
    folders: frozenset[str]
    junk_read: bool
    check_hour: int | None
    check_address: str
    compare_days: int
    worker: str
    board: Board
    free: Callable[[], int | None]
    file: StatusFile | None = None

    @property
    def told(self) -> tuple[str, ...]:
        """Who is told that something stands still: the watchers, staff where there are none."""
        return self.watchers or self.staff

    @property
    def everyone(self) -> tuple[str, ...]:
        """Staff and watchers, each once."""
        return tuple(dict.fromkeys((*self.staff, *self.watchers)))

    def alarm(self, unit: Unit, to: Sequence[str], headline: str, text: str) -> None:
        """Queue a letter that cannot wait, to some of our own people."""
        values = {"headline": headline, "text": text, "link": f"{self.pages}/halsa"}
        for address in to:
            self.queue(unit, "urgent_alarm", address, values, LetterPurpose.STAFF)

    def queue(self, unit: Unit, name: str, to: str, values: dict[str, str], purpose: LetterPurpose) -> str:
        """Queue a letter to one of our own addresses; return its Message-ID."""
        now, message_id = self.clock.now(), new_message_id(self.sender)
        envelope = Envelope(to=to, message_id=message_id, at=now, automatic=True)
        content = self.letters.freeze(name, Language.SV, values, envelope)
        unit.letters.queue(
            name=name, purpose=purpose, recipient=to, message_id=message_id, content=content, at=now
        )  # fmt: skip
        return message_id
