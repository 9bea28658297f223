"""Bytes to a Message: what a person newly wrote, or why no person did."""

import re
from email.feedparser import BytesFeedParser
from email.policy import Compat32

from inbox_bot.domain.mail import Message
from inbox_bot.errors import UnreadableMailError
from inbox_bot.message import charset
from inbox_bot.message.automatic import judge
from inbox_bot.message.body import Body, Mail, read_body
from inbox_bot.message.bounces import read_bounce
from inbox_bot.message.headers import Headers, as_bytes
from inbox_bot.message.quoting import split
from inbox_bot.message.reports import read_report
from inbox_bot.message.statements import trace_of
from inbox_bot.message.text import clean, one_line, shorten
from inbox_bot.message.toml_lists import automatic_lists

_MOST_RECIPIENTS = 100
_MOST_SENDERS = 10
_MOST_IDS = 50
_MOST_NESTED = 3
_HEADER_LINE = re.compile(rb"[!-9;-~]{1,80}[ \t]?:|[ \t]")
_MOST_HEADER = {"content-type": 2_000, "content-disposition": 2_000}


class _Bounded(Compat32):
    """compat32 with bounded headers: the parser's own reading of parameters is quadratic in their length."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        longest = _MOST_HEADER.get(name.lower())
        if longest is None:
            return name, value
        if not value.isascii():
            value = charset.decode(as_bytes(value))
        return name, value[:longest]


_POLICY = _Bounded()


def read(content: bytes, own: frozenset[str]) -> Message:
    """Return what a mail says. ``own``: the company's own addresses, lower-case.

    Raises UnreadableMailError when there is nothing a person could read at all: no headers and no text. Anything less
    broken comes back as a Message. Raises nothing else for any bytes, and takes time linear in their length.
    """
    mail = parse(content)
    headers = Headers.of(mail)
    body = read_body(mail)
    text = body.text
    if not text.strip() and not headers:
        raise UnreadableMailError
    return _message(headers, body, text, own, trace_of(mail.raw_items()))


def read_text(subject: str, text: str) -> Message:
    """Return what a mail says of which only the subject and the text are known, as in a file of labelled mails."""
    parts = split(clean(text), one_line(subject))
    return Message(
        message_id=None,
        sender=None,
        subject=one_line(subject),
        reply_text=parts.reply,
        quoted_text=shorten(parts.quoted),
        signature=parts.signature,
    )


def parse(content: bytes) -> Mail:
    """Return the parsed mail. One the parser cannot follow comes back with its headers and its body as plain text."""
    content = content.lstrip(b"\r\n \t\0").removeprefix(b"\xef\xbb\xbf")
    try:
        mail = _parsed(content)
        if any(type(defect).__name__ == "MissingHeaderBodySeparatorDefect" for defect in mail.defects):
            mail = _parsed(_mended(content))
    except RecursionError:
        # Parts nested a hundred deep: no person's mail, but its words may still be shown to one.
        return _parsed(
            re.sub(rb"(?i)^content-type[ \t]*:[ \t]*(?:multipart|message)/", b"X-Nested: ", content, flags=re.MULTILINE)
        )
    return mail


def _parsed(content: bytes) -> Mail:
    parser = BytesFeedParser(Mail, policy=_POLICY)
    parser.feed(content)
    mail = parser.close()
    assert isinstance(mail, Mail)
    return mail


def _mended(content: bytes) -> bytes:
    """Return the mail with stray lines among its headers taken for continuations, if most lines there are headers."""
    head, separator, rest = content.partition(b"\r\n\r\n" if b"\r\n\r\n" in content[:100_000] else b"\n\n")
    lines = head.splitlines()
    strays = [index for index, line in enumerate(lines) if not _HEADER_LINE.match(line)]
    if not strays or 0 in strays or 3 * len(strays) > len(lines):
        return content
    for index in strays:
        lines[index] = b" " + lines[index]
    return b"\n".join(lines) + (separator or b"\n\n") + rest


def _message(
    headers: Headers, body: Body, text: str, own: frozenset[str], trace: tuple[tuple[str, str], ...]
) -> Message:
    senders = headers.addresses("from", _MOST_SENDERS)
    subject = headers.first("subject")
    parts = split(text, subject)
    bounce = read_bounce(headers, body, text, own)
    references = headers.message_ids("references")
    message_ids = headers.message_ids("message-id")
    recipients = (*headers.addresses("to", _MOST_RECIPIENTS), *headers.addresses("cc", _MOST_RECIPIENTS))
    return Message(
        message_id=message_ids[0] if message_ids else None,
        sender=senders[0] if senders else None,
        subject=subject,
        reply_text=parts.reply,
        quoted_text=shorten("\n\n".join(filter(None, [parts.quoted, *_nested_texts(body)]))),
        signature=parts.signature,
        reply_to=tuple(found.address for found in headers.addresses("reply-to", 10)),
        to=tuple(dict.fromkeys(found.address for found in recipients)),
        in_reply_to=headers.message_ids("in-reply-to")[:_MOST_IDS],
        references=references[-_MOST_IDS:],
        sent_at=headers.date("date"),
        attachments=tuple(body.attachments),
        automatic=judge(headers, body, parts.reply, own, bounce),
        bounce=bounce,
        froms=tuple(found.address for found in senders) if len(senders) > 1 else (),
        trace=trace,
        report=None if bounce is not None else read_report(headers, body, own),
        looping=len(headers.raw("received")) > automatic_lists().most_hops,
    )


def _nested_texts(body: Body) -> list[str]:
    """Return the texts of mails that came inside this one, each under its sender and subject."""
    texts: list[str] = []
    for mail in body.nested[:_MOST_NESTED]:
        headers = Headers.of(mail)
        heading = [f"{name.title()}: {headers.first(name)}" for name in ("from", "date", "subject") if name in headers]
        inner = read_body(mail)
        texts.append("\n".join([*heading, "", clean(inner.text)]).strip())
    return texts
