"""Counts the mails that people or their rules moved or deleted before the program could read them, by mailbox and day."""

from inbox_bot import log
from inbox_bot.clock import Clock, stockholm_day
from inbox_bot.mailbox.neighbour import Glimpse, Neighbour
from inbox_bot.mailbox.vanished import AT_WORK, account, unexplained
from inbox_bot.store.folder_notes import FolderNote
from inbox_bot.store.unit import Desk, Unit

PURPOSE = "vanished"
_log = log.get("mailbox")


def count(desk: Desk, neighbour: Neighbour, clock: Clock) -> int:
    """Look into every folder that is read and note what vanished since the last look; return how many. Raises MailboxError."""
    neighbour.open()
    seen: dict[str, tuple[FolderNote | None, Glimpse]] = {}
    for folder in neighbour.folders():
        with desk.look() as unit:
            note = unit.folder_notes.note(neighbour.name, folder, PURPOSE)
        seen[folder] = note, neighbour.glimpse(folder, None if note is None else note.uid)
    with desk.look() as unit:
        if not any(_account(unit, neighbour.name, folder, *found)[0] != found[0] for folder, found in seen.items()):
            return 0
    with desk.write() as unit:
        unit.mailboxes.lock(neighbour.name)
        return _note(unit, neighbour.name, seen, clock)


def _note(unit: Unit, mailbox: str, seen: dict[str, tuple[FolderNote | None, Glimpse]], clock: Clock) -> int:
    """Store how far each folder is accounted for; one that another process has gone through meanwhile is left to it."""
    missing: dict[str, int] = {}
    arrived: dict[str, int] = {}
    for folder, (note, glimpse) in seen.items():
        if unit.folder_notes.note(mailbox, folder, PURPOSE) != note:
            continue
        above = glimpse.next_uid if note is None else note.uid
        arrived[folder] = unit.folder_notes.arrived(mailbox, folder, glimpse.uidvalidity, above, AT_WORK)
        new, missing[folder] = _account(unit, mailbox, folder, note, glimpse)
        unit.folder_notes.set_note(mailbox, folder, PURPOSE, new)
    gone = unexplained(missing, arrived)
    for folder, number in gone.items():
        unit.folder_notes.add_vanished(mailbox, folder, stockholm_day(clock.now()), number)
        _log.warning("mails_vanished_unread", mailbox=mailbox, count=number)
    return sum(gone.values())


def _account(
    unit: Unit, mailbox: str, folder: str, note: FolderNote | None, glimpse: Glimpse
) -> tuple[FolderNote, int]:
    mark = unit.mailboxes.watermark(mailbox, folder)
    read_to = mark.uid if mark is not None and mark.uidvalidity == glimpse.uidvalidity else 0
    above = glimpse.next_uid if note is None else note.uid
    sighted = unit.folder_notes.sighted(mailbox, folder, glimpse.uidvalidity, above)
    return account(note, glimpse, sighted, read_to)
