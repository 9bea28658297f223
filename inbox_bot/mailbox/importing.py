"""Mails that a person brings in: a mail from elsewhere, a whole mbox, a letter that was scanned."""

import hashlib
import mimetypes
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parsedate_to_datetime

from inbox_bot import log
from inbox_bot.clock import Clock, in_utc
from inbox_bot.domain.case import MailState
from inbox_bot.errors import NotAllowedError
from inbox_bot.mailbox.identity import identity_of
from inbox_bot.mailbox.step import EARLIEST
from inbox_bot.store.mails import NewMail
from inbox_bot.store.unit import Desk, Unit

_ENVELOPE = re.compile(rb"(?:\A|(?<=\n\n)|(?<=\r\n\r\n))From [^\r\n]{1,500}\r?\n")
_ESCAPED = re.compile(rb"^>(>*From )", re.MULTILINE)
_FIELD = re.compile(rb"\A(?:[!-9;-~]{1,80}[ \t]?:|From )")
_RECEIVED = re.compile(rb"^received[ \t]*:([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)", re.IGNORECASE | re.MULTILINE)
_HEAD = 256 * 1024
_log = log.get("mailbox")


@dataclass(frozen=True, kw_only=True)
class Brought:
    """A mail that was brought in. ``known``: it was here before, and was not brought in anew."""

    mail_id: int
    known: bool


def is_mail(content: bytes) -> bool:
    """Tell a mail or an mbox from any other file: a mail begins with a header."""
    return _FIELD.match(content.lstrip(b"\r\n \t\xef\xbb\xbf")) is not None and b"\0" not in content[:1000]


def mails_in(content: bytes) -> Iterator[bytes]:
    """Yield the mails of an mbox (RFC 4155), or the one mail that a file is."""
    if not content.startswith(b"From "):
        yield content
        return
    starts = [(found.start(), found.end()) for found in _ENVELOPE.finditer(content)]
    for (_, begin), (end, _) in zip(starts, [*starts[1:], (len(content), 0)], strict=True):
        mail = _ESCAPED.sub(rb"\1", content[begin:end])
        if mail.strip():
            yield mail


def as_mail(name: str, content: bytes, *, sender: str = "", text: str = "") -> bytes:
    """Return a mail that carries a file (a scanned letter) as its only attachment. The same file gives the same mail.

    ``sender``: the address of who wrote the letter, if there is one. ``text``: what stands in it, as far as someone typed it.
    """
    mail = EmailMessage(policy=SMTP)
    if sender:
        mail["From"] = sender
    mail["Subject"] = f"Inläst fil: {name}"
    mail.set_content(text or "")
    kind = (mimetypes.guess_type(name)[0] or "application/octet-stream").split("/")
    mail.add_attachment(content, maintype=kind[0], subtype=kind[1], filename=name)
    mail.set_boundary(f"inbox-bot-{hashlib.sha256(content).hexdigest()[:24]}")
    return mail.as_bytes()


def stamped(content: bytes) -> datetime | None:
    """Return when the last server that had a mail received it: its topmost Received line (RFC 5321 4.4); None without one.

    The sender's Date is never asked: whoever writes it chooses it.
    """
    found = _RECEIVED.search(content[:_HEAD].partition(b"\r\n\r\n")[0].partition(b"\n\n")[0] + b"\n")
    if found is None:
        return None
    with suppress(ValueError, TypeError, OverflowError, IndexError):
        said = parsedate_to_datetime(" ".join(found.group(1).decode("latin-1").rpartition(";")[2].split()))
        return in_utc(said if said.tzinfo is not None else said.replace(tzinfo=UTC))
    return None


def bring_in(
    desk: Desk,
    clock: Clock,
    *,
    mailbox: str,
    content: bytes,
    received_at: datetime | None,
    by: str,
    instead_of: int | None = None,
) -> Brought:
    """Store one mail as if it had come to a mailbox at that moment, to be read as any other.

    ``received_at``: when it reached the company, where the law's clock starts; None takes the stamp in the mail.
    ``instead_of``: the quarantined mail that this is, mended by hand; it is emptied, and its receipt counts where none is given.
    One that was let go before comes back. Raises NotAllowedError without a moment, or with one that cannot be.
    """
    now = clock.now()
    found = identity_of(content)
    with desk.write() as unit:
        moment = received_at or _receipt_of(unit, instead_of) or stamped(content)
        new = NewMail(
            fingerprint=found.fingerprint,
            head_print=found.head,
            received_at=_checked(moment, now),
            content=content,
            historic=False,
            imported_by=by,
        )
        before = unit.mails.by_fingerprint(mailbox, new.fingerprint)
        mail_id = unit.mails.add(mailbox, now, [new])[new.fingerprint]
        known = before is not None and not unit.quarantine.revive(mail_id, new, now)
        if instead_of is not None and instead_of != mail_id:
            unit.quarantine.dismiss(instead_of, f"replaced by mail {mail_id}", by)
    _log.info("mail_brought_in", mail_id=mail_id, known=known)
    return Brought(mail_id=mail_id, known=known)


def _receipt_of(unit: Unit, mail_id: int | None) -> datetime | None:
    if mail_id is None:
        return None
    mail = unit.mails.get(mail_id)
    if mail is None or mail.state is not MailState.QUARANTINED:
        raise NotAllowedError(
            f"Mail {mail_id} is not in quarantine.", hint="'inbox-bot quarantine list' shows what is."
        )
    return mail.received_at


def _checked(moment: datetime | None, now: datetime) -> datetime:
    if moment is None:
        raise NotAllowedError(
            "It is not known when the mail reached the company, and its time runs from then.",
            hint="Say it: --received-at 2026-11-22 (or with an hour, 2026-11-22T14:05).",
        )
    if moment > now:
        raise NotAllowedError("A mail cannot have reached the company later than now.", hint="Check the day.")
    if moment < EARLIEST:
        raise NotAllowedError("A mail cannot have reached the company so long ago.", hint="Check the year.")
    return moment
