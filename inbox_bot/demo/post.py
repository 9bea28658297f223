"""Letters as people handle them: a mail is written from its file, a letter that came is read, and answered by mail."""

import email
import re
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from functools import lru_cache
from pathlib import Path

from inbox_bot.clock import STOCKHOLM
from inbox_bot.demo.smtp_catcher import CaughtLetter

MAILS = Path(__file__).parent / "mails"
NO_MAIL = b"\0" * 512
"""What a mail looks like that a server's failing disk has swallowed: nothing in it can be read."""

_LINK = re.compile(r"https?://\S+/identitet/\S+")
_CODE = re.compile(r"^(?:Kod|Code): (\S+)$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A letter of ours as the one who got it sees it. ``link`` and ``code`` are ``""`` where it holds none."""

    name: str
    to: str
    subject: str
    text: str
    message_id: str
    link: str
    code: str


@lru_cache(maxsize=1000)
def read_letter(caught: CaughtLetter) -> Letter:
    """Read a letter that was caught on its way out; whoever waits for one looks at all of them again and again."""
    mail = email.message_from_bytes(caught.content, policy=policy.default)
    body = mail.get_body(("plain",))
    text = "" if body is None else body.get_content().replace("\r\n", "\n")
    link, code = _LINK.search(text), _CODE.search(text)
    return Letter(
        name=str(mail["X-Inbox-Bot-Letter"] or ""),
        to=caught.recipients[0],
        subject=str(mail["Subject"] or ""),
        text=text,
        message_id=str(mail["Message-ID"] or ""),
        link="" if link is None else link[0],
        code="" if code is None else code[1],
    )


def write_mail(name: str, *, at: datetime, about: Letter | None = None) -> bytes:
    """Return the bytes of ``mails/<name>.eml`` as if sent at ``at``; ``about`` fills in which letter of ours it speaks of."""
    text = (MAILS / f"{name}.eml").read_text("utf-8")
    if about is not None:
        for mark, value in {"message_id": about.message_id, "recipient": about.to, "subject": about.subject}.items():
            text = text.replace(f"{{{mark}}}", value)
    head, _, body = text.partition("\n\n")
    head += f"\nDate: {_date(at)}\nMessage-ID: {make_msgid(idstring=name, domain='example.com')}\nMIME-Version: 1.0"
    if "\nContent-Type:" not in head:
        head += "\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit"
    return f"{head}\n\n{body}".replace("\n", "\r\n").encode()


def write_reply(letter: Letter, *, sender: str, text: str, at: datetime) -> bytes:
    """Return a reply to a letter of ours: new words above, the letter quoted below, as mail programs do it."""
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"] = sender
    mail["To"] = "info@example.se"
    mail["Subject"] = f"Sv: {letter.subject}"
    mail["Date"] = _date(at)
    mail["Message-ID"] = make_msgid(domain="example.com")
    mail["In-Reply-To"] = mail["References"] = letter.message_id
    quoted = "\n".join(f"> {line}".rstrip() for line in letter.text.splitlines())
    day = at.astimezone(STOCKHOLM)
    mail.set_content(f"{text}\n\nDen {day:%Y-%m-%d} kl. {day:%H:%M} skrev Provkurser <info@example.se>:\n\n{quoted}\n")
    return mail.as_bytes()


def _date(at: datetime) -> str:
    return format_datetime(at.astimezone(STOCKHOLM))
