"""What the room outbox works with, handed to each of its steps."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from inbox_bot.clock import Clock, stockholm_day
from inbox_bot.domain.case import Event, EventName, LetterPurpose, LetterRecord
from inbox_bot.domain.dates import Calendar
from inbox_bot.outbox.returns import ReturnRules
from inbox_bot.outbox.transport import Transport
from inbox_bot.settings import OutboxSettings
from inbox_bot.store.unit import Desk, Unit


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """How staff are told at once: headline, text, where to look on the pages, and what need not be told again then.

    ``readers``: letters that one alarm makes.
    """

    raise_it: Callable[[Unit, str, str, str, Sequence[str]], None]
    readers: int


@dataclass(frozen=True, kw_only=True)
class Outbox:
    """The room's tools. ``worker`` names this process in the claims it makes; once ``halted`` is set it makes no more.

    ``tags``: the envelope sender names the letter (domain.return_path), because the server takes ``info+anything@``.
    ``answerable``: False for an address that no automatic letter goes to, by its form alone (a list, a mail server).
    ``among``: only letters of these purposes leave by this way.
    """

    desk: Desk
    clock: Clock
    calendar: Calendar
    transport: Transport
    limits: OutboxSettings
    sender: str
    never_write: frozenset[str]
    worker: str
    returns: ReturnRules
    tags: bool = False
    alarm: Alarm | None = None
    answerable: Callable[[str], bool] = bool
    among: tuple[LetterPurpose, ...] = tuple(LetterPurpose)
    halted: threading.Event = field(default_factory=threading.Event)

    def record(self, unit: Unit, letter: LetterRecord, name: EventName, **details: str) -> None:
        """Note in a letter's case what became of it; a letter of no case leaves no note."""
        if letter.case_id is not None:
            told = {"letter": letter.id, "name": letter.name} | {key: value for key, value in details.items() if value}
            unit.cases.record(letter.case_id, Event(at=self.clock.now(), name=name, details=told))

    def has_time(self, unit: Unit, letter: LetterRecord, working_days: int) -> bool:
        """True if every claim a letter is about has more than so many working days left."""
        case = None if letter.case_id is None else unit.cases.get(letter.case_id)
        today = stockholm_day(self.clock.now())
        return all(
            self.calendar.working_days_left(today, self.calendar.dates(claim.clock).due) > working_days
            for claim in (case.claims if case is not None else ())
            if claim.id in letter.claim_ids
        )
