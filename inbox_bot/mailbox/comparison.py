"""Once a day: does the server hold mails that the program ought to have seen and has not? What is found is fetched."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import partial

from inbox_bot import log
from inbox_bot.clock import Clock, stockholm_day
from inbox_bot.mailbox.crowd import Crowd
from inbox_bot.mailbox.source import MailSource
from inbox_bot.mailbox.step import batches, store_missed
from inbox_bot.store.mailboxes import Watermark
from inbox_bot.store.unit import Desk
from inbox_bot.store.watching import Comparison

_log = log.get("mailbox")


def compare_daily(
    desk: Desk,
    source: MailSource,
    clock: Clock,
    *,
    days: int,
    look_back_days: int,
    ring: Callable[[], None] | None = None,
    crowd: Crowd | None = None,
    edition: str = "",
) -> int:
    """Compare every folder once a Stockholm day and return how many mails were recovered. Raises MailboxError.

    Called when the mailbox has just been read, so that what lies above the watermark is there. ``days``: how young a mail
    must be to be looked for; 0 compares nothing. ``crowd`` and ``edition`` as for ``collect``.
    """
    today = stockholm_day(clock.now())
    if not days or _is_done(desk, source, today):
        return 0
    recovered = 0
    fetch = partial(store_missed, desk, source, clock, crowd=crowd or Crowd(), edition=edition)
    for folder in source.folders():
        found = _compare(desk, source, clock, folder, today - timedelta(days=days), look_back_days, fetch)
        recovered += found
        if found and ring is not None:
            ring()
    with desk.write() as unit:
        unit.marks.advance(_mark(source.name), today.toordinal())
    return recovered


def _mark(mailbox: str) -> str:
    return f"compared {mailbox}"


def _is_done(desk: Desk, source: MailSource, today: date) -> bool:
    with desk.look() as unit:
        return unit.marks.reached(_mark(source.name)) >= today.toordinal()


def _compare(
    desk: Desk,
    source: MailSource,
    clock: Clock,
    folder: str,
    since: date,
    look_back_days: int,
    fetch: Callable[[str, Watermark, Sequence[int]], int],
) -> int:
    """Compare one folder; ``fetch`` stores what was missed of it."""
    uidvalidity = source.select(folder)
    with desk.look() as unit:
        mark = unit.mailboxes.watermark(source.name, folder)
    if mark is None or mark.uidvalidity != uidvalidity:
        return 0  # It is still to be gone through whole.
    # What came in before the first look back was left alone on purpose. The server's days may be others than ours.
    since = max(since, stockholm_day(mark.first_look_at) - timedelta(days=look_back_days))
    there = [uid for uid in source.uids_since(since) if uid <= mark.uid]
    missed = _missed(desk, source.name, folder, mark, there)
    recovered = sum(fetch(folder, mark, batch) for batch in batches(missed))
    if missed:
        _log.warning("mails_missed", mailbox=source.name, folder=folder, missed=len(missed), recovered=recovered)
    with desk.write() as unit:
        unit.watching.note_compared(
            Comparison(
                mailbox=source.name,
                folder=folder,
                at=clock.now(),
                since=since,
                on_server=len(there),
                missed=len(missed),
                recovered=recovered,
            )
        )
    return recovered


def _missed(desk: Desk, mailbox: str, folder: str, mark: Watermark, uids: Sequence[int]) -> list[int]:
    missed: list[int] = []
    with desk.look() as unit:
        for batch in batches(uids):
            seen = unit.mailboxes.seen_uids(mailbox, folder, mark.uidvalidity, batch)
            missed += [uid for uid in batch if uid not in seen]
    return missed
