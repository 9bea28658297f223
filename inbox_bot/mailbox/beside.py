"""Looks after what goes on beside the reading: mails that vanished, answers from other mail programs, marks on requests."""

from collections.abc import Callable
from dataclasses import dataclass

from inbox_bot import log
from inbox_bot.clock import Clock
from inbox_bot.domain.mail import Message
from inbox_bot.errors import MailboxError
from inbox_bot.mailbox import counting, marking, outside
from inbox_bot.mailbox.neighbour import Neighbour
from inbox_bot.store.unit import Desk

_log = log.get("mailbox")


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What the settings ask for in one mailbox. ``label``: a keyword for requests; ``copy_to``: a folder; ``""``: none."""

    read_sent: bool = True
    count_vanished: bool = True
    label: str = ""
    copy_to: str = ""

    @property
    def nothing(self) -> bool:
        return not (self.read_sent or self.count_vanished or self.label or self.copy_to)


@dataclass(frozen=True, kw_only=True)
class Beside:
    """The tools. ``ours``: addresses of the company and its staff, lower-case. ``read`` reads a mail's headers."""

    desk: Desk
    clock: Clock
    ours: frozenset[str]
    read: Callable[[bytes], Message]
    most_recipients: int


def tend(room: Beside, neighbour: Neighbour, wishes: Wishes) -> int:
    """Do what is due in one mailbox and return how much that was. Each part stands by itself: one that fails stops no other.

    Never raises MailboxError: nothing here may be taken for a mailbox that is not read. What failed is stored and logged.
    """
    parts: list[tuple[str, bool, Callable[[], int]]] = [
        ("vanished", wishes.count_vanished, lambda: counting.count(room.desk, neighbour, room.clock)),
        (
            "sent",
            wishes.read_sent,
            lambda: outside.look(
                room.desk, neighbour, room.clock, ours=room.ours, read=room.read, most_recipients=room.most_recipients
            ),
        ),
        (
            "marks",
            True,
            lambda: marking.mark(room.desk, neighbour, room.clock, label=wishes.label, copy_to=wishes.copy_to),
        ),
    ]
    done = 0
    try:
        for name, wanted, part in parts:
            if wanted:
                done += _attempt(room, neighbour, name, part)
    finally:
        neighbour.close()
    return done


def _attempt(room: Beside, neighbour: Neighbour, name: str, part: Callable[[], int]) -> int:
    """Run one part, and store why it cannot be done if waiting does not help: an outage is told of by the reading."""
    failure, done = "", 0
    try:
        done = part()
    except MailboxError as error:
        neighbour.close()
        _log.warning("beside_failed", mailbox=neighbour.name, part=name, error=str(error))
        if error.temporary:
            return 0
        failure = str(error)
    with room.desk.look() as unit:
        said = [
            text
            for mailbox, part_of, text in unit.folder_notes.failures()
            if (mailbox, part_of) == (neighbour.name, name)
        ]
    if said != ([failure] if failure else []):
        with room.desk.write() as unit:
            unit.mailboxes.lock(neighbour.name)
            unit.folder_notes.note_failure(neighbour.name, name, failure)
    return done
