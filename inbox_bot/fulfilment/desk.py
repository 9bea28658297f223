"""What the room fulfilment works with, handed to each of its steps."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from inbox_bot.clock import Clock
from inbox_bot.domain.case import LetterPurpose
from inbox_bot.domain.correspondence import new_message_id
from inbox_bot.domain.dates import Calendar
from inbox_bot.domain.letters import Envelope, Language, LetterBook
from inbox_bot.domain.notice import Addressee
from inbox_bot.domain.waiting import at_place
from inbox_bot.fulfilment.rulebook import TaskRules
from inbox_bot.store.unit import Desk, Unit


class ListFile(Protocol):
    """The file of addresses that get no marketing, which other systems read."""

    def is_at(self, revision: int) -> bool:
        """True if this process has written that revision and the file is still there."""
        ...

    def write(self, addresses: Sequence[str], revision: int) -> None:
        """Replace the file's content whole. Raises ListFileError."""
        ...


@dataclass(frozen=True, kw_only=True)
class Fulfilment:
    """The room's tools. ``own`` are our addresses; ``recipients`` those who get data from us; ``list_file`` None for none."""

    desk: Desk
    clock: Clock
    calendar: Calendar
    letters: LetterBook
    rules: TaskRules
    sender: str
    pages: str
    staff: tuple[str, ...]
    own: frozenset[str]
    recipients: tuple[Addressee, ...] = ()
    list_file: ListFile | None = None

    def alarm(self, unit: Unit, headline: str, text: str, path: str, told: Iterable[str] = ()) -> None:
        """Queue a letter to each member of staff that cannot wait for the daily one. ``path``: where on the pages to look.

        ``told``: the names of what waits (domain.waiting) that need not be told again.
        """
        now, told = self.clock.now(), tuple(told)
        values = {"headline": headline, "text": text, "link": at_place(self.pages, path)}
        for address in self.staff:
            message_id = new_message_id(self.sender)
            envelope = Envelope(to=address, message_id=message_id, at=now, automatic=True)
            unit.letters.queue(
                name="urgent_alarm",
                purpose=LetterPurpose.STAFF,
                recipient=address,
                message_id=message_id,
                content=self.letters.freeze("urgent_alarm", Language.SV, values, envelope),
                at=now,
            )
            for what in told:
                unit.tellings.add(address, what, now)
