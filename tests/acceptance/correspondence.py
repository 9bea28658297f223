"""Mails as people write them, and our letters as they read them. All of it invented."""

import email
import re
from dataclasses import dataclass
from datetime import date
from email import policy
from email.message import EmailMessage
from functools import cached_property

import httpx
from selectolax.lexbor import LexborHTMLParser, LexborNode

from inbox_bot.demo.smtp_catcher import CaughtLetter

COMPANY = "info@example.com"
REQUESTS = {
    "access": "Hej! Jag vill ha ett registerutdrag med alla uppgifter som ni har sparade om mig.",
    "erasure": "Hej, radera mitt konto och alla personuppgifter ni har om mig.",
    "rectification": "Hej! Mitt efternamn är fel i ert register. Jag vill att ni rättar mina personuppgifter.",
    "restriction": "Hej, jag begär att ni begränsar behandlingen av mina personuppgifter medan ni utreder saken.",
    "objection": "Hej! Jag invänder mot att ni använder mina personuppgifter till statistik.",
    "marketing": "Sluta skicka nyhetsbrev till mig, tack.",
}
UNSURE = "Hej! Min bror säger att ni ska ta bort hans uppgifter."
BOOKING = "Hej! Jag vill boka två platser på kursen i mars. Fakturan kan gå till Lupinvägen."

_CODE = re.compile(r"\b[BCDFGHJKLMNPQRSTVWXZ2-79]{4}-[BCDFGHJKLMNPQRSTVWXZ2-79]{4}\b")
_WEEKDAYS = ("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag")
_MONTHS = (
    "januari",
    "februari",
    "mars",
    "april",
    "maj",
    "juni",
    "juli",
    "augusti",
    "september",
    "oktober",
    "november",
    "december",
)


def mail(sender: str, body: str, *, message_id: str, subject: str = "Hej", to: str = COMPANY, **headers: str) -> bytes:
    """Return a mail as it lies in a mailbox. ``headers`` are written with ``_`` for ``-``."""
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = sender
    message["To"] = to
    message["Subject"] = subject
    message["Date"] = "Sun, 22 Nov 2026 10:00:00 +0100"
    message["Message-ID"] = f"<{message_id}@example.se>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(body)
    return message.as_bytes()


def delivery_report(to: str = COMPANY) -> bytes:
    """Return a bounce of a letter that was not ours (RFC 3464)."""
    return (
        "From: Mail Delivery System <mailer-daemon@example.org>\r\n"
        "Return-Path: <>\r\n"
        f"To: {to}\r\n"
        "Subject: Delivery Status Notification (Failure)\r\n"
        "Message-ID: <report@example.org>\r\n"
        "Auto-Submitted: auto-replied\r\n"
        "MIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        "Brevet om att radera mina personuppgifter kom inte fram till Lupinvägen.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.example.org\r\n\r\n"
        "Final-Recipient: rfc822; borta@example.org\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
        "--b--\r\n"
    ).encode()


def swedish_day(day: str) -> str:
    """Return an ISO date as a letter writes it: tisdag 22 december 2026."""
    on = date.fromisoformat(day)
    return f"{_WEEKDAYS[on.weekday()]} {on.day} {_MONTHS[on.month - 1]} {on.year}"


@dataclass(frozen=True)
class Letter:
    """One of our letters, as its reader's program shows it."""

    caught: CaughtLetter

    @cached_property
    def message(self) -> EmailMessage:
        parsed = email.message_from_bytes(self.caught.content, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed

    @cached_property
    def text(self) -> str:
        """The plain part as one line: where a line breaks says nothing."""
        body = self.message.get_body(("plain",))
        assert body is not None
        return " ".join(body.get_content().split())

    @property
    def message_id(self) -> str:
        return str(self.message["Message-ID"])

    @property
    def code(self) -> str:
        found = _CODE.search(self.text)
        assert found is not None, "the letter holds no code"
        return found.group()

    @property
    def link(self) -> str:
        found = re.search(r"http\S+/identitet/\S+", self.text)
        assert found is not None, "the letter holds no link"
        return found.group()


def letters_to(letters: tuple[CaughtLetter, ...], address: str) -> list[Letter]:
    """Return those of the letters that went to an address, in order."""
    return [Letter(caught) for caught in letters if caught.recipients == (address,)]


def answer_page(link: str, code: str, button: str) -> httpx.Response:
    """Open the page behind a link, type the code where the form has room for it and press a button, by its words."""
    with httpx.Client() as browser:
        page = browser.get(link)
        assert page.status_code == 200, page.status_code
        parser = LexborHTMLParser(page.text)
        press = next(found for found in parser.css("form button") if button in found.text())
        form = _form_around(press)
        sent = {
            str(field.attributes["name"]): field.attributes.get("value") or "" if _is_hidden(field) else code
            for field in form.css("input")
        }
        name = press.attributes.get("name")
        if name:
            sent[name] = press.attributes.get("value") or ""
        return browser.post(str(page.url.join(form.attributes.get("action") or link)), data=sent)


def _form_around(node: LexborNode) -> LexborNode:
    while node.tag != "form":
        assert node.parent is not None
        node = node.parent
    return node


def _is_hidden(field: LexborNode) -> bool:
    return field.attributes.get("type") == "hidden"
