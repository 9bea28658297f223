"""Which mails came into a folder and had gone before they were read: UIDs that were given out and that nobody ever saw."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from inbox_bot.mailbox.neighbour import Glimpse
from inbox_bot.store.folder_notes import FolderNote

AT_WORK = timedelta(minutes=15)
"""A mail read within this time of its receipt was read while the program was at work. When such a one turns up in another
folder that is read, it is taken for the one that left; after a stop nothing can be told apart, and the gap is said."""

_LARGEST_GAP = 10_000
"""UIDs that no mails stood behind: a server that jumps this far has numbered anew, and the jump says nothing of mails."""


def account(
    note: FolderNote | None, glimpse: Glimpse, sighted: frozenset[int], watermark: int
) -> tuple[FolderNote, int]:
    """Return how far a folder is accounted for now, and how many mails were found to have vanished.

    What came since the last look waits for the next: the program may be reading it this moment. ``sighted``: UIDs above
    the mark that the program has read; ``watermark``: how far it has read the folder. The first look counts nothing.
    """
    if note is None or note.uidvalidity != glimpse.uidvalidity:
        top = max(glimpse.next_uid - 1, 0)
        return FolderNote(uidvalidity=glimpse.uidvalidity, uid=top, next_uid=glimpse.next_uid), 0
    unread = [uid for uid in glimpse.uids - sighted if uid > watermark]
    top = min([note.next_uid - 1, *(uid - 1 for uid in unread)])
    draft = max([note.draft_uid, *glimpse.drafts])
    if top <= note.uid:
        return replace(note, next_uid=glimpse.next_uid, draft_uid=draft), 0
    missing = 0
    if top - note.uid <= _LARGEST_GAP:
        drafts = {note.draft_uid, *glimpse.drafts} - {0}
        for first, last in _runs(note.uid + 1, top, sighted | glimpse.uids):
            # A mail program that saves a draft again and again leaves a row of UIDs before or behind the last version.
            if last + 1 in drafts or first - 1 in drafts:
                drafts.add(last)
                draft = max(draft, last)
            else:
                missing += last - first + 1
    return FolderNote(uidvalidity=note.uidvalidity, uid=top, next_uid=glimpse.next_uid, draft_uid=draft), missing


def unexplained(missing: dict[str, int], arrived: dict[str, int]) -> dict[str, int]:
    """Return what is left of each folder's missing mails when those that turned up in the other folders are taken off."""
    total = sum(arrived.values())
    left = {folder: count - (total - arrived.get(folder, 0)) for folder, count in missing.items()}
    return {folder: count for folder, count in left.items() if count > 0}


def _runs(first: int, last: int, known: frozenset[int]) -> Iterator[tuple[int, int]]:
    """Yield the unbroken rows of unknown UIDs from ``first`` to ``last``."""
    start: int | None = None
    for uid in range(first, last + 1):
        if uid in known:
            if start is not None:
                yield start, uid - 1
            start = None
        elif start is None:
            start = uid
    if start is not None:
        yield start, last
