"""Looks into one mailbox and leaves every mail it has not seen before as *received*."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from inbox_bot.clock import Clock, stockholm_day
from inbox_bot.domain.mail import Extent, RawMail
from inbox_bot.errors import MailboxError
from inbox_bot.mailbox.crowd import Crowd
from inbox_bot.mailbox.identity import identity
from inbox_bot.mailbox.source import MailSource
from inbox_bot.store.mailboxes import Watermark
from inbox_bot.store.mails import NewMail
from inbox_bot.store.unit import Desk

BATCH = 50
"""Mails looked at in one go: enough to make a round trip cheap. How many are held together goes by their bytes."""

UNFETCHED = "unfetched"
"""Why a mail is in quarantine that the server told of and would not give."""

GONE = "gone"
"""Why it is there still when it was to be fetched again: it is in none of the folders we read."""

EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)
"""No mail server stamped mail before this; a stamp that says so is a broken one, and no calendar could count from it."""

READ_BEFORE = timedelta(days=1)
"""How long before the last look a mail must have come for it to have been read then, whatever the clocks of both say."""

NEVER_READ_THROUGH = 0
"""A UIDVALIDITY no server uses (RFC 9051 section 2.3.1.1: it is above zero): the first look is not finished."""


def collect(
    desk: Desk,
    source: MailSource,
    clock: Clock,
    *,
    look_back_days: int,
    ring: Callable[[], None] | None = None,
    crowd: Crowd | None = None,
    edition: str = "",
) -> int:
    """Store every new mail of every folder and return how many there were. Raises MailboxError.

    ``ring`` is called whenever there is something to read: the rooms begin while the rest is still being fetched. ``crowd``
    knows who has sent much lately. ``edition`` is noted with what the server would not give.
    """
    found = 0
    look = _Look(desk=desk, source=source, clock=clock, crowd=crowd or Crowd(), edition=edition)
    with desk.look() as unit:
        wanted = unit.quarantine.wanted(source.name)
    for folder in source.folders():
        for new in _collect_folder(look, folder, look_back_days):
            found += new
            if new and ring is not None:
                ring()
    with desk.write() as unit:
        unit.mailboxes.lock(source.name)
        unit.mailboxes.note_success(source.name, clock.now())
        for mail_id in wanted:  # What no folder had is gone; what came is not wanted any more.
            unit.quarantine.give_up(mail_id, GONE, edition)
    return found


def note_failure(desk: Desk, mailbox: str, clock: Clock, error: MailboxError) -> None:
    """Store that a mailbox could not be read, so that pages and digest can show it."""
    with desk.write() as unit:
        unit.mailboxes.lock(mailbox)
        unit.mailboxes.note_failure(mailbox, clock.now(), str(error), permanent=not error.temporary)


@dataclass(frozen=True, kw_only=True)
class _Look:
    """One look into a mailbox, and what it works with."""

    desk: Desk
    source: MailSource
    clock: Clock
    crowd: Crowd
    edition: str


def _collect_folder(look: _Look, folder: str, look_back_days: int) -> Iterator[int]:
    """Store one folder's new mails and yield, portion by portion, how many there were."""
    uidvalidity = look.source.select(folder)
    mark = _watermark(look.desk, look.source.name, folder, look.clock)
    yield fetch_again(look.desk, look.source, look.clock, folder, uidvalidity, edition=look.edition)
    if mark.uidvalidity != uidvalidity:
        yield from _scan(look, folder, uidvalidity, mark, look_back_days)
        return
    for batch in batches(look.source.uids_after(mark.uid)):
        for portion in look.source.portions(batch):
            yield _store(look, folder, uidvalidity, mark, portion, portion[-1])


def _scan(look: _Look, folder: str, uidvalidity: int, mark: Watermark, look_back_days: int) -> Iterator[int]:
    """Go through a folder whose UIDs say nothing yet: the first look, or the server has numbered it anew.

    The watermark is set only at the end, so a scan that is cut short starts over; what it stored is recognised by its
    bytes and not stored twice. What is no request is forgotten after a while (rules/retention.toml), and would not be
    recognised: a folder that was read before is gone through from so many days before the last look, and what came before
    that look and is not known is for a person alone, as at the first look.
    """
    desk, source = look.desk, look.source
    top = max(source.uids_after(0), default=0)
    read_until = _read_until(look, mark)
    since = stockholm_day(read_until) - timedelta(days=look_back_days)
    for batch in batches(source.uids_since(since)):
        with desk.look() as unit:
            seen = unit.mailboxes.seen_uids(source.name, folder, uidvalidity, batch)
        fresh = [uid for uid in batch if uid not in seen and uid <= top]
        for portion in source.portions(fresh) if fresh else ():
            yield _store(look, folder, uidvalidity, mark, portion, None, read_until)
    with desk.write() as unit:
        unit.mailboxes.lock(source.name)
        unit.mailboxes.set_watermark(
            source.name, folder, Watermark(uidvalidity=uidvalidity, uid=top, first_look_at=mark.first_look_at)
        )
        if mark.uidvalidity != NEVER_READ_THROUGH:
            unit.mailboxes.forget_sightings(source.name, folder, mark.uidvalidity)


def _read_until(look: _Look, mark: Watermark) -> datetime:
    """Return until when a folder is known to have been read: its first look, or a day before the last one that succeeded."""
    if mark.uidvalidity == NEVER_READ_THROUGH:
        return mark.first_look_at
    with look.desk.look() as unit:
        looks = [box.looked_at for box in unit.mailboxes.health() if box.name == look.source.name]
    last = next((at for at in looks if at is not None), mark.first_look_at)
    return max(mark.first_look_at, last - READ_BEFORE)


def _watermark(desk: Desk, mailbox: str, folder: str, clock: Clock) -> Watermark:
    with desk.write() as unit:
        unit.mailboxes.lock(mailbox)
        mark = unit.mailboxes.watermark(mailbox, folder)
        if mark is None:
            mark = Watermark(uidvalidity=NEVER_READ_THROUGH, uid=0, first_look_at=clock.now())
            unit.mailboxes.set_watermark(mailbox, folder, mark)
    return mark


def _store(
    look: _Look,
    folder: str,
    uidvalidity: int,
    mark: Watermark,
    uids: Sequence[int],
    top: int | None,
    read_until: datetime | None = None,
) -> int:
    """Fetch and store one portion, its sightings and the watermark in one transaction; return how many mails were new.

    ``top``: the watermark to set, None in a scan, where what came before ``read_until`` (the first look) is historic.
    """
    mails = look.source.fetch(uids)
    name, now = look.source.name, look.clock.now()
    # Light: what a power cut takes is in the mailbox still, and the watermark goes with it. A look ends with one that is not.
    with look.desk.write(light=True) as unit:
        unit.mailboxes.lock(name)
        seen = unit.mailboxes.seen_uids(name, folder, uidvalidity, uids)
        fresh = [mail for mail in mails if mail.uid not in seen]
        scanned_from = None if top is not None else read_until or mark.first_look_at
        new = [_new(look, mail, _receipt(mail, now), scanned_from) for mail in fresh]
        ids = unit.mails.add(name, now, new)
        sightings = [(mail.uid, ids[one.fingerprint]) for mail, one in zip(fresh, new, strict=True)]
        unit.mailboxes.add_sightings(name, folder, uidvalidity, sightings)
        if top is not None:
            unit.mailboxes.set_watermark(
                name, folder, Watermark(uidvalidity=uidvalidity, uid=top, first_look_at=mark.first_look_at)
            )
    return len(new)


def fetch_again(
    desk: Desk, source: MailSource, clock: Clock, folder: str, uidvalidity: int, *, edition: str = ""
) -> int:
    """Fetch what a person or a new version wants of the open folder and the server did not give before; return how many came.

    What does not come now either, or is not there any more, is in quarantine again.
    """
    with desk.look() as unit:
        wanted = unit.quarantine.wanted_in(source.name, folder, uidvalidity)
    came = 0
    for portion in source.portions(sorted(wanted)) if wanted else ():
        mails, now = {mail.uid: mail for mail in source.fetch(portion)}, clock.now()
        with desk.write() as unit:
            for uid in portion:
                mail = mails.get(uid)
                if mail is None or (mail.abridged is not None and mail.abridged.extent is Extent.NOTHING):
                    unit.quarantine.give_up(wanted[uid], GONE if mail is None else UNFETCHED, edition)
                else:
                    came += unit.quarantine.arrive(wanted[uid], _filled(mail, now), now)
    return came


def _filled(mail: RawMail, now: datetime) -> NewMail:
    found = identity(mail)
    return NewMail(
        fingerprint=found.fingerprint,
        head_print=found.head,
        received_at=_receipt(mail, now),
        content=mail.content,
        historic=False,
        abridged=mail.abridged,
    )


def store_missed(
    desk: Desk,
    source: MailSource,
    clock: Clock,
    folder: str,
    mark: Watermark,
    uids: Sequence[int],
    *,
    crowd: Crowd,
    edition: str,
) -> int:
    """Fetch and store mails of the open folder below the watermark that were never seen; return how many of them were new.

    ``crowd`` and ``edition`` as for ``collect``.
    """
    look = _Look(desk=desk, source=source, clock=clock, crowd=crowd, edition=edition)
    return sum(_store(look, folder, mark.uidvalidity, mark, portion, None) for portion in source.portions(uids))


def _receipt(mail: RawMail, now: datetime) -> datetime:
    """Return the server's stamp; where it cannot be true, the moment the program saw the mail, the latest it can have come."""
    return mail.received_at if EARLIEST <= mail.received_at <= now else now


def _new(look: _Look, mail: RawMail, received_at: datetime, scanned_from: datetime | None) -> NewMail:
    """``scanned_from``: until when the folder had been read, if this is a scan; None for what came in above the watermark.

    A mail put into the folder later is new however old its date: a colleague moved it there for the program to see.
    """
    # INTERNALDATE has whole seconds; what came in the very second of the first look is new.
    historic = scanned_from is not None and received_at < scanned_from.replace(microsecond=0)
    found = identity(mail)
    return NewMail(
        fingerprint=found.fingerprint,
        head_print=found.head,
        received_at=received_at,
        content=mail.content,
        historic=historic,
        abridged=mail.abridged,
        turn=look.crowd.turn(mail.content, look.clock.now()),
        reason=UNFETCHED if mail.abridged is not None and mail.abridged.extent is Extent.NOTHING else "",
        tried_by=look.edition,
    )


def batches(uids: Sequence[int]) -> list[Sequence[int]]:
    """Return UIDs, so many at a time as are looked up in one go."""
    return [uids[start : start + BATCH] for start in range(0, len(uids), BATCH)]
