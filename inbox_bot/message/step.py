"""Reads *received* mails and leaves them *read*, as a *bounce*, *set aside* with the reason, or *quarantined*."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from inbox_bot import log
from inbox_bot.clock import Clock, SystemClock
from inbox_bot.domain.case import MailState
from inbox_bot.domain.mail import Abridged, Extent, Message
from inbox_bot.domain.reading import Reading, as_far_as_seen
from inbox_bot.message.authenticity import Trust
from inbox_bot.message.headers import decode
from inbox_bot.message.outcome import tried
from inbox_bot.message.parse import read as read_bytes
from inbox_bot.message.self_check import take_out
from inbox_bot.store.unit import Desk, Unit

BATCH = 50
MOST_BYTES = 8_000_000
"""What the mails of one batch may weigh together: three batches are in hand at once, and each is in two processes."""

MOST_ATTEMPTS = 3
"""A mail that has taken the whole program down with it this often is put in quarantine unread."""

_log = log.get("message")


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Mails taken up to be read: ``spent`` have been tried too often already and are not to be touched.

    ``alone``: it holds one mail that has been tried before, and nothing else should be in hand beside it.
    """

    ids: tuple[int, ...]
    contents: Mapping[int, bytes]
    spent: tuple[int, ...]
    alone: bool = False


def read(
    desk: Desk,
    own: frozenset[str],
    trust: Trust | None = None,
    edition: str = "",
    clock: Clock | None = None,
) -> int:
    """Read a batch of received mails; return how many.

    ``trust``: whose word on who wrote them counts, None for nobody's. ``edition`` of the program is noted with what it cannot read.
    """
    # The attempt is committed before the bytes are touched: a mail that kills the process is counted all the same.
    with desk.write() as unit:
        batch = take(unit)
    if not batch.ids and not batch.spent:
        return 0
    readings = [tried(read_bytes, batch.contents[mail_id], own) for mail_id in batch.ids]
    with desk.write() as unit:
        pairs = completed(unit, zip(batch.ids, readings, strict=True))
        put_down(unit, without_ours(unit, pairs, (clock or SystemClock()).now()), batch.spent, trust, edition)
    return len(batch.ids) + len(batch.spent)


@dataclass(frozen=True, kw_only=True)
class Hands:
    """Who takes mails up, at what moment; ``is_gone`` tells of another holder that it has ended without letting go."""

    name: str
    now: datetime
    is_gone: Callable[[str], bool]
    held_for: timedelta


def take(unit: Unit, besides: Collection[int] = (), hands: Hands | None = None) -> Batch:
    """Take up the oldest received mails but those a caller has in hand already, counting an attempt on each.

    With ``hands`` they are held until they are put down: no other worker reads them, and so none counts an attempt.
    """
    found = _free(unit, BATCH + len(besides), hands)
    ids = [mail_id for mail_id in found if mail_id not in besides][:BATCH]
    alone = bool(ids) and any(unit.mails.attempts(ids).values())
    if ids and not alone:
        ids = _that_fit(ids, unit.mails.sizes(ids))
    if alone:
        # One in an earlier batch was poison: go one by one, and count only that one, so that its neighbours get through.
        ids = [] if besides else ids[:1]
    attempts = unit.mails.count_attempt(ids) if ids else {}
    if ids and hands is not None:
        unit.mails.hold(ids, hands.name, hands.now)
    spent = tuple(mail_id for mail_id in ids if attempts[mail_id] > MOST_ATTEMPTS)
    fit = tuple(mail_id for mail_id in ids if mail_id not in spent)
    contents = unit.mails.contents(fit) if fit else {}
    return Batch(ids=fit, contents={mail_id: contents.get(mail_id, b"") for mail_id in fit}, spent=spent, alone=alone)


def _free(unit: Unit, most: int, hands: Hands | None) -> Sequence[int]:
    """Return the oldest received mails; with hands, those no one else holds."""
    if hands is None:
        return unit.mails.next_ids(MailState.RECEIVED, most)
    others = [name for name in unit.mails.holders(MailState.RECEIVED) if name != hands.name]
    free = [hands.name, *(name for name in others if hands.is_gone(name))]
    return unit.mails.unheld(MailState.RECEIVED, most, free=free, stale=hands.now - hands.held_for)


def _that_fit(ids: list[int], sizes: Mapping[int, int]) -> list[int]:
    """Return the first mails that are not too much to hold at once; one that is by itself goes alone."""
    held = 0
    for place, mail_id in enumerate(ids):
        held += sizes.get(mail_id, 0)
        if place and held > MOST_BYTES:
            return ids[:place]
    return ids


def without_ours(unit: Unit, pairs: Sequence[tuple[int, Reading]], now: datetime) -> list[tuple[int, Reading]]:
    """Return what was read but our daily mail to ourselves, which is noted and set aside."""
    ours = take_out(
        unit, [(mail_id, reading.message) for mail_id, reading in pairs if reading.message is not None], now
    )
    return [(mail_id, reading) for mail_id, reading in pairs if mail_id not in ours]


def completed(unit: Unit, readings: Iterable[tuple[int, Reading]]) -> list[tuple[int, Reading]]:
    """Return what was read with what the bytes could not tell: the attachments that were not fetched, who brought the mail in.

    A mail that a person brought in is never set aside as automatic: they have seen what it is.
    """
    pairs = list(readings)
    beside = unit.mails.not_as_sent([mail_id for mail_id, _ in pairs])
    return [
        (mail_id, _completed(reading, *beside[mail_id]) if mail_id in beside else reading) for mail_id, reading in pairs
    ]


def _completed(reading: Reading, abridged: Abridged | None, imported: bool) -> Reading:
    message, verdict = reading.message, reading.verdict
    if message is None:
        return reading
    if imported:
        message = replace(message, automatic=None)
    if abridged is not None and abridged.extent is Extent.PARTS:
        files = tuple(replace(file, filename=decode(file.filename)) for file in abridged.attachments)
        message = replace(message, attachments=files)
    if verdict is not None:
        verdict = as_far_as_seen(verdict, message, abridged, imported=imported)
    return replace(reading, message=message, verdict=verdict)


def put_down(
    unit: Unit,
    readings: Sequence[tuple[int, Reading]],
    spent: Iterable[int] = (),
    trust: Trust | None = None,
    edition: str = "",
) -> list[int]:
    """Save what was read, by mail id, and that those ``spent`` cannot be; return the ids of those left *read*."""
    asks = trust is not None and trust.is_given and readings
    mailboxes = unit.mails.mailboxes([mail_id for mail_id, _ in readings]) if asks else {}
    read_mails, unreadable = [], [(mail_id, "the program stopped each time it was read") for mail_id in spent]
    for mail_id, reading in readings:
        if reading.message is None:
            if reading.error:
                _log.warning("mail_unreadable", mail_id=mail_id, error=reading.error)
            unreadable.append((mail_id, reading.reason))
        else:
            mailbox = mailboxes.get(mail_id, "")
            message = replace(reading.message, trace=()) if trust is None else trust.judged(reading.message, mailbox)
            read_mails.append((mail_id, message, *_state(message)))
    unit.mails.save_read(read_mails)
    for mail_id, reason in unreadable:
        unit.mails.move(mail_id, MailState.RECEIVED, MailState.QUARANTINED, reason=reason, tried_by=edition)
    aside = [mail_id for mail_id, _, state, _ in read_mails if state is MailState.SET_ASIDE]
    unit.mails.empty(aside, MailState.SET_ASIDE, old=MailState.SET_ASIDE)
    return [mail_id for mail_id, _, state, _ in read_mails if state is MailState.READ]


def _state(message: Message) -> tuple[MailState, str]:
    if message.automatic is None:
        return MailState.READ, ""
    reason = f"{message.automatic.kind.value}: {message.automatic.reason}"
    tells = message.bounce is not None or message.report is not None
    return (MailState.BOUNCE if tells else MailState.SET_ASIDE), reason
