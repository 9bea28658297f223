"""What nobody could read: looked at as it came, taken out, tried again by a person or by a new edition of the program."""

from dataclasses import dataclass

from inbox_bot import log
from inbox_bot.clock import Clock
from inbox_bot.domain.case import MailRecord, MailState
from inbox_bot.errors import NotAllowedError, NotFoundError
from inbox_bot.message import charset
from inbox_bot.message.text import clean
from inbox_bot.store.quarantine import Viewing
from inbox_bot.store.unit import Desk, Unit

MOST_SHOWN = 64 * 1024
"""Bytes shown of a mail: what a person needs to see whose it is. The rest is in the file."""

AT_ONCE = 25
ONE_TRY_LEFT = 2
"""Attempts counted beforehand on what a new edition tries: it goes alone, and one death of the reader is enough."""

_log = log.get("message")


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A quarantined mail as a page shows it: text as it was sent, nothing in it followed, opened or run.

    ``size``: bytes there are here. ``cut``: they go on after what is shown. ``viewings``: who has looked before.
    """

    record: MailRecord
    header: str
    body: str
    size: int
    cut: bool
    folders: tuple[str, ...]
    viewings: tuple[Viewing, ...]


def look(desk: Desk, clock: Clock, mail_id: int, *, by: str) -> Shown:
    """Return a quarantined mail to look at, and note who looked. Raises NotAllowedError for any other mail."""
    with desk.write() as unit:
        record = _quarantined(unit, mail_id)
        start, size = unit.quarantine.start(mail_id, MOST_SHOWN), unit.quarantine.size(mail_id)
        viewings = unit.quarantine.viewings(mail_id)
        unit.quarantine.note_viewing(mail_id, at=clock.now(), by=by, how="seen")
        folders = unit.quarantine.folders([mail_id]).get(mail_id, ())
    header, body = _legible(start)
    _log.info("mail_viewed", mail_id=mail_id, how="seen")
    return Shown(
        record=record,
        header=header,
        body=body,
        size=size,
        cut=size > len(start),
        folders=folders,
        viewings=viewings,
    )


def export(desk: Desk, clock: Clock, mail_id: int, *, by: str) -> bytes:
    """Return a quarantined mail's bytes, and note who took them out. Raises NotAllowedError for any other mail."""
    with desk.write() as unit:
        _quarantined(unit, mail_id)
        content = unit.mails.contents([mail_id]).get(mail_id)
        if not content:
            raise NotAllowedError(f"Mail {mail_id} has no bytes here.", hint="The original is in the mailbox.")
        unit.quarantine.note_viewing(mail_id, at=clock.now(), by=by, how="exported")
    _log.info("mail_viewed", mail_id=mail_id, how="exported")
    return content


def retry(desk: Desk, clock: Clock, mail_id: int) -> None:
    """Read a quarantined mail again, or fetch it again if it never came. Raises NotAllowedError for any other."""
    with desk.write() as unit:
        if not unit.quarantine.try_again(mail_id, clock.now()):
            raise _not_there(mail_id)


def discard(desk: Desk, mail_id: int, *, by: str) -> None:
    """Empty a quarantined mail that a person has found to be no request. Raises NotAllowedError for any other."""
    with desk.write() as unit:
        if not unit.quarantine.dismiss(mail_id, "sorted", by):
            raise _not_there(mail_id)


def retry_for(desk: Desk, clock: Clock, edition: str) -> int:
    """Try again what another edition of the program gave up on, once; return how many. Without an edition, nothing."""
    if not edition:
        return 0
    with desk.look() as unit:
        ids = unit.quarantine.tried_by_others(edition, AT_ONCE)
    if not ids:
        return 0
    with desk.write() as unit:
        done = sum(unit.quarantine.try_again(mail_id, clock.now(), attempts=ONE_TRY_LEFT) for mail_id in ids)
    if done:
        _log.info("quarantine_tried_again", count=done, edition=edition)
    return done


def _quarantined(unit: Unit, mail_id: int) -> MailRecord:
    record = unit.mails.get(mail_id)
    if record is None:
        raise NotFoundError(f"There is no mail {mail_id}.")
    if record.state not in {MailState.QUARANTINED, MailState.WANTED}:
        raise _not_there(mail_id)
    return record


def _not_there(mail_id: int) -> NotAllowedError:
    return NotAllowedError(f"Mail {mail_id} is not in quarantine.", hint="'inbox-bot quarantine list' shows what is.")


def _legible(content: bytes) -> tuple[str, str]:
    """Return header and body as text, without signs that a page or a terminal would obey."""
    header, gap, body = content.partition(b"\r\n\r\n")
    if not gap:
        header, gap, body = content.partition(b"\n\n")
    if not gap or b":" not in header[:1000]:
        header, body = b"", content
    return clean(charset.decode(header)), clean(charset.decode(body))
