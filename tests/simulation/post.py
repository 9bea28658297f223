"""The two ends of the mail: a mailbox that people write to, and a way out that keeps every letter as it left."""

import base64
import email
import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from email.header import decode_header, make_header
from email.utils import format_datetime
from random import Random
from types import MappingProxyType

from inbox_bot.domain.mail import RawMail
from inbox_bot.outbox.transport import Attempt, Fate
from tests.simulation.reckoning import HOME
from tests.simulation.timeline import Timeline
from tests.support.house import CODE, MemoryMailbox, unreachable

OURS = "info@example.com"
JUNK = "Skräppost"
REFERENCE = re.compile(r"\b[A-Z]{1,6}-\d{4}-\d{4,6}\b")
_TOKEN = re.compile(r"/identitet/([\w-]{20,})")


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A letter of ours as it left: when, to whom, and what stands in it. ``arrived``: it reached the person's mailbox."""

    at: datetime
    to: str
    arrived: bool
    fate: Fate
    name: str
    subject: str
    text: str
    message_id: str
    answers: str
    automatic: bool
    content: bytes

    @property
    def reference(self) -> str:
        """The case it speaks of, or nothing."""
        found = REFERENCE.search(self.subject) or REFERENCE.search(self.text)
        return found[0] if found else ""

    @property
    def code(self) -> str:
        found = CODE.search(self.text)
        return found[0] if found and self.token else ""

    @property
    def token(self) -> str:
        found = _TOKEN.search(self.text)
        return found[1] if found else ""


def read_letter(content: bytes, *, at: datetime, to: str, arrived: bool, fate: Fate) -> Letter:
    """Read a letter's bytes as the person who gets it would."""
    mail = email.message_from_bytes(content)
    plain = next(part for part in mail.walk() if part.get_content_type() == "text/plain")
    payload = plain.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return Letter(
        at=at,
        to=to,
        arrived=arrived,
        fate=fate,
        name=str(mail["X-Inbox-Bot-Letter"] or ""),
        subject=str(make_header(decode_header(str(mail["Subject"] or "")))),
        text=payload.decode("utf-8").replace("\r\n", "\n"),
        message_id=str(mail["Message-ID"] or ""),
        answers=str(mail["In-Reply-To"] or ""),
        automatic=mail["Auto-Submitted"] is not None,
        content=content,
    )


def write_mail(
    *,
    sender: str,
    name: str,
    subject: str,
    body: str,
    message_id: str,
    at: datetime,
    html: bool = False,
    headers: Mapping[str, str] = MappingProxyType({}),
) -> bytes:
    """Return a mail's bytes, as a mail program would have written them."""
    lines = {
        "From": f"{_word(name)} <{sender}>" if name else sender,
        "To": OURS,
        "Subject": _word(subject),
        "Message-ID": message_id,
        "Date": format_datetime(at.astimezone(HOME)),
        "MIME-Version": "1.0",
    } | dict(headers)
    if html:
        paragraphs = "".join(f"<p>{part}</p>" for part in body.split("\n\n"))
        lines["Content-Type"] = 'multipart/alternative; boundary="grans"'
        text = (
            f"--grans\n{_AS_TEXT}\n\n{body}\n--grans\n{_AS_TEXT.replace('plain', 'html')}\n\n"
            f"<html><body>{paragraphs}</body></html>\n--grans--"
        )
    else:
        head, _, _ = _AS_TEXT.partition("\n")
        lines.setdefault("Content-Type", head.partition(": ")[2])
        lines["Content-Transfer-Encoding"] = "8bit"
        text = body
    head = "".join(f"{key}: {value}\n" for key, value in lines.items())
    return f"{head}\n{text}\n".replace("\n", "\r\n").encode()


_AS_TEXT = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit"


def write_report(letter: Letter, *, message_id: str, at: datetime, permanent: bool, status: str) -> bytes:
    """Return the report of a mail server that could not deliver a letter, for good or not yet (RFC 3464)."""
    action = "failed" if permanent else "delayed"
    return (
        (
            f"Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.net\nTo: {OURS}\nSubject: Undelivered Mail\n"
            f"Message-ID: {message_id}\nDate: {format_datetime(at.astimezone(HOME))}\nMIME-Version: 1.0\n"
            'Content-Type: multipart/report; report-type=delivery-status; boundary="grans"\n\n'
            "--grans\nContent-Type: text/plain\n\nYour message could not be delivered.\n"
            "--grans\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.net\n\n"
            f"Final-Recipient: rfc822; {letter.to}\nAction: {action}\nStatus: {status}\n\n"
            f"--grans\nContent-Type: text/rfc822-headers\n\nFrom: {OURS}\nTo: {letter.to}\nMessage-ID: {letter.message_id}\n"
            "--grans--\n"
        )
        .replace("\n", "\r\n")
        .encode()
    )


def quoted(letter: Letter) -> str:
    """Return a letter's text as it stands below a reply."""
    day = letter.at.astimezone(HOME)
    below = "\n".join(f"> {line}".rstrip() for line in letter.text.splitlines())
    return f"\n\nDen {day:%Y-%m-%d} kl. {day:%H:%M} skrev Exempel <{OURS}>:\n\n{below}"


def _word(text: str) -> str:
    return text if text.isascii() else f"=?utf-8?b?{base64.b64encode(text.encode()).decode()}?="


class MailServer(MemoryMailbox):
    """The company's mailbox. In an outage nobody can read it, and mail arrives all the same, stamped as it comes."""

    def __init__(self, timeline: Timeline) -> None:
        super().__init__()
        self._timeline = timeline
        self.down_until: datetime | None = None
        self.down_since: datetime | None = None
        self.seen: dict[str, datetime] = {}
        self._ids: dict[tuple[str, int], str] = {}

    def deliver(self, content: bytes, message_id: str, *, folder: str = "INBOX", at: datetime | None = None) -> None:
        uid = self.put(content, at or self._timeline.now, folder)
        self._ids[folder, uid] = message_id

    def renumber(self, folder: str = "INBOX") -> None:
        names = [self._ids[folder, mail.uid] for mail in self._folders[folder][1]]
        super().renumber(folder)
        self._ids.update({(folder, number): name for number, name in enumerate(names, 1)})

    @property
    def is_down(self) -> bool:
        return self.down_until is not None and self._timeline.now < self.down_until

    def open(self) -> None:
        if self.is_down:
            raise unreachable()

    def uids_after(self, uid: int) -> Sequence[int]:
        mails = self._folders[self._open][1]
        return [mail.uid for mail in mails[bisect_right(mails, uid, key=lambda mail: mail.uid) :]]

    def uids_since(self, day: date) -> Sequence[int]:
        return [mail.uid for mail in self._folders[self._open][1] if mail.received_at.astimezone(HOME).date() >= day]

    def portions(self, uids: Sequence[int]) -> Sequence[Sequence[int]]:
        return [uids] if uids else []

    def fetch(self, uids: Sequence[int]) -> Sequence[RawMail]:
        mails = self._folders[self._open][1]
        found = [mails[bisect_right(mails, uid, key=lambda mail: mail.uid) - 1] for uid in uids]
        for mail in found:
            self.seen.setdefault(self._ids[self._open, mail.uid], self._timeline.now)
        return found


class WayOut:
    """The outgoing mail server: mostly takes letters, sometimes not, and now and then hangs up without a word.

    ``tell`` hears of every try. ``refused`` addresses get a 5yz answer, ``grey`` ones a 4yz the first time.
    """

    def __init__(self, timeline: Timeline, chance: Random, tell: Callable[[Letter], None]) -> None:
        self._timeline = timeline
        self._chance = chance
        self._tell = tell
        self.down_until: datetime | None = None
        self.tries: list[Letter] = []
        self.refused: set[str] = set()
        self.grey: set[str] = set()
        self.hang_ups = 0.004
        self.before_taking: Callable[[], None] = lambda: None
        self.after_taking: Callable[[], None] = lambda: None

    @property
    def is_down(self) -> bool:
        return self.down_until is not None and self._timeline.now < self.down_until

    async def send(self, *, sender: str, recipient: str, content: bytes) -> Attempt:
        self.before_taking()
        fate, arrived, answer = self._fate(recipient)
        letter = read_letter(content, at=self._timeline.now, to=recipient, arrived=arrived, fate=fate)
        assert sender == OURS
        self.tries.append(letter)
        self._tell(letter)
        if arrived:
            self.after_taking()
        return Attempt(fate=fate, answer=answer)

    def _fate(self, recipient: str) -> tuple[Fate, bool, str]:
        if self.is_down:
            return Fate.DEFERRED, False, self._chance.choice(["no connection", "421 4.3.2", "451 4.3.0"])
        if recipient in self.refused:
            return Fate.REFUSED, False, "550 5.1.1"
        if recipient in self.grey:
            self.grey.discard(recipient)
            return Fate.DEFERRED, False, "450 4.2.0"
        if self._chance.random() < self.hang_ups:
            return Fate.UNKNOWN, self._chance.random() < 0.5, "connection lost"
        return Fate.ACCEPTED, True, "250 2.0.0"

    def did_arrive(self, message_id: str, since: datetime | None) -> bool:
        """Answer what a person finds in the mail server's own log: whether it took that letter over since a moment."""
        return any(
            letter.arrived and (since is None or letter.at >= since)
            for letter in self.tries
            if letter.message_id == message_id
        )

    async def close(self) -> None:
        """Nothing is kept open."""


def soon_after(at: datetime, chance: Random, low: float, high: float) -> datetime:
    """Return a moment between so many hours later and so many."""
    return at + timedelta(hours=chance.uniform(low, high))
