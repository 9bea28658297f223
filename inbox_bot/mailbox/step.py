"""Looks into one mailbox and leaves every mail it has not seen before as *received*."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from inbox_bot.clock import Clock, stockholm_day
from inbox_bot.domain.mail import RawMail
from inbox_bot.errors import MailboxError
from inbox_bot.mailbox.source import MailSource
from inbox_bot.store.mailboxes import Watermark
from inbox_bot.store.mails import NewMail
from inbox_bot.store.unit import Desk

BATCH = 50
"""Mails fetched and stored in one go: enough to make a round trip cheap, few enough to hold in memory."""

EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)
"""No mail server stamped mail before this; a stamp that says so is a broken one, and no calendar could count from it."""

NEVER_READ_THROUGH = 0
"""A UIDVALIDITY no server uses (RFC 9051 section 2.3.1.1: it is above zero): the first look is not finished."""


def collect(
    desk: Desk, source: MailSource, clock: Clock, *, look_back_days: int, ring: Callable[[], None] | None = None
) -> int:
    """Store every new mail of every folder and return how many there were. Raises MailboxError.

    ``ring`` is called whenever there is something to read: the rooms begin while the rest is still being fetched.
    """
    found = 0
    for folder in source.folders():
        for new in _collect_folder(desk, source, clock, folder, look_back_days):
            found += new
            if new and ring is not None:
                ring()
    with desk.write() as unit:
        unit.mailboxes.lock(source.name)
        unit.mailboxes.note_success(source.name, clock.now())
    return found


def note_failure(desk: Desk, mailbox: str, clock: Clock, error: MailboxError) -> None:
    """Store that a mailbox could not be read, so that pages and digest can show it."""
    with desk.write() as unit:
        unit.mailboxes.lock(mailbox)
        unit.mailboxes.note_failure(mailbox, clock.now(), str(error), permanent=not error.temporary)


def _collect_folder(desk: Desk, source: MailSource, clock: Clock, folder: str, look_back_days: int) -> Iterator[int]:
    """Store one folder's new mails and yield, batch by batch, how many there were."""
    uidvalidity = source.select(folder)
    mark = _watermark(desk, source.name, folder, clock)
    if mark.uidvalidity != uidvalidity:
        yield from _scan(desk, source, clock, folder, uidvalidity, mark, look_back_days)
        return
    for batch in _batches(source.uids_after(mark.uid)):
        yield _store(desk, source, clock, folder, uidvalidity, mark, batch, batch[-1])


def _scan(
    desk: Desk, source: MailSource, clock: Clock, folder: str, uidvalidity: int, mark: Watermark, look_back_days: int
) -> Iterator[int]:
    """Go through a folder whose UIDs say nothing yet: the first look, or the server has numbered it anew.

    The watermark is set only at the end, so a scan that is cut short starts over; what it stored is recognised by its
    bytes and not stored twice.
    """
    top = max(source.uids_after(0), default=0)
    since = stockholm_day(mark.first_look_at) - timedelta(days=look_back_days)
    for batch in _batches(source.uids_since(since)):
        with desk.look() as unit:
            seen = unit.mailboxes.seen_uids(source.name, folder, uidvalidity, batch)
        fresh = [uid for uid in batch if uid not in seen and uid <= top]
        if fresh:
            yield _store(desk, source, clock, folder, uidvalidity, mark, fresh, None)
    with desk.write() as unit:
        unit.mailboxes.lock(source.name)
        unit.mailboxes.set_watermark(
            source.name, folder, Watermark(uidvalidity=uidvalidity, uid=top, first_look_at=mark.first_look_at)
        )
        if mark.uidvalidity != NEVER_READ_THROUGH:
            unit.mailboxes.forget_sightings(source.name, folder, mark.uidvalidity)


def _watermark(desk: Desk, mailbox: str, folder: str, clock: Clock) -> Watermark:
    with desk.write() as unit:
        unit.mailboxes.lock(mailbox)
        mark = unit.mailboxes.watermark(mailbox, folder)
        if mark is None:
            mark = Watermark(uidvalidity=NEVER_READ_THROUGH, uid=0, first_look_at=clock.now())
            unit.mailboxes.set_watermark(mailbox, folder, mark)
    return mark


def _store(
    desk: Desk,
    source: MailSource,
    clock: Clock,
    folder: str,
    uidvalidity: int,
    mark: Watermark,
    uids: Sequence[int],
    top: int | None,
) -> int:
    """Fetch and store one batch, its sightings and the watermark in one transaction; return how many mails were new."""
    mails = source.fetch(uids)
    # Light: what a power cut takes is in the mailbox still, and the watermark goes with it. A look ends with one that is not.
    with desk.write(light=True) as unit:
        unit.mailboxes.lock(source.name)
        seen = unit.mailboxes.seen_uids(source.name, folder, uidvalidity, uids)
        fresh = [mail for mail in mails if mail.uid not in seen]
        scanned_from = None if top is not None else mark.first_look_at
        new = [_new(mail, _receipt(mail, clock.now()), scanned_from) for mail in fresh]
        ids = unit.mails.add(source.name, clock.now(), new)
        sightings = [(mail.uid, ids[one.fingerprint]) for mail, one in zip(fresh, new, strict=True)]
        unit.mailboxes.add_sightings(source.name, folder, uidvalidity, sightings)
        if top is not None:
            unit.mailboxes.set_watermark(
                source.name, folder, Watermark(uidvalidity=uidvalidity, uid=top, first_look_at=mark.first_look_at)
            )
    return len(new)


def store_missed(
    desk: Desk, source: MailSource, clock: Clock, folder: str, mark: Watermark, uids: Sequence[int]
) -> int:
    """Fetch and store mails below the watermark that were never seen; return how many of them were new."""
    return _store(desk, source, clock, folder, mark.uidvalidity, mark, uids, None)


def _receipt(mail: RawMail, now: datetime) -> datetime:
    """Return the server's stamp; where it cannot be true, the moment the program saw the mail, the latest it can have come."""
    return mail.received_at if EARLIEST <= mail.received_at <= now else now


def _new(mail: RawMail, received_at: datetime, scanned_from: datetime | None) -> NewMail:
    """``scanned_from``: when the program first saw the folder, if this is a scan; None for what came in above the watermark.

    A mail put into the folder later is new however old its date: a colleague moved it there for the program to see.
    """
    # INTERNALDATE has whole seconds; what came in the very second of the first look is new.
    historic = scanned_from is not None and received_at < scanned_from.replace(microsecond=0)
    return NewMail(
        fingerprint=hashlib.sha256(mail.content).hexdigest(),
        received_at=received_at,
        content=mail.content,
        historic=historic,
    )


def _batches(uids: Sequence[int]) -> list[Sequence[int]]:
    return [uids[start : start + BATCH] for start in range(0, len(uids), BATCH)]
