"""What the room digest works with, handed to each of its steps."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from inbox_bot.clock import Clock
from inbox_bot.digest.hours import Hours
from inbox_bot.digest.lines import Pen
from inbox_bot.domain.case import LetterPurpose
from inbox_bot.domain.correspondence import new_message_id
from inbox_bot.domain.dates import Calendar
from inbox_bot.domain.health import Proof
from inbox_bot.domain.letters import Envelope, Language, LetterBook
from inbox_bot.store.unit import Desk, Unit


@dataclass(frozen=True, kw_only=True)
class Digest:
    """The room's tools. ``staff`` are the addresses that get the letters; ``warnings`` tells, in Swedish, what else is unwell.

    ``logins`` tells, in Swedish, how long each login at a mail provider lasts; ``proof`` how the program has shown that it works.
    ``hours``: when each of the staff may be told of what has come to wait.
    """

    desk: Desk
    clock: Clock
    calendar: Calendar
    letters: LetterBook
    sender: str
    pages: str
    staff: tuple[str, ...]
    warnings: Callable[[], Sequence[str]] = tuple
    logins: Callable[[], Sequence[str]] = tuple
    proof: Callable[[], Proof] = Proof
    hours: Mapping[str, Hours] = field(default_factory=dict)

    @property
    def pen(self) -> Pen:
        return Pen(calendar=self.calendar, pages=self.pages, failure=self.letters.failure)

    def hours_of(self, address: str) -> Hours:
        return self.hours.get(address, Hours())

    def new_message_id(self) -> str:
        return new_message_id(self.sender)

    def queue(self, unit: Unit, letter: str, address: str, values: Mapping[str, Any], message_id: str = "") -> None:
        """Put a letter to one member of staff in the outbox."""
        now, message_id = self.clock.now(), message_id or self.new_message_id()
        envelope = Envelope(to=address, message_id=message_id, at=now, automatic=True)
        unit.letters.queue(
            name=letter,
            purpose=LetterPurpose.STAFF,
            recipient=address,
            message_id=message_id,
            content=self.letters.freeze(letter, Language.SV, values, envelope),
            at=now,
        )
