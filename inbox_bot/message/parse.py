"""Bytes to a Message: what a person newly wrote, or why no person did."""

from inbox_bot.domain.mail import Message, Remark
from inbox_bot.errors import UnreadableMailError
from inbox_bot.message.automatic import judge
from inbox_bot.message.body import Body, read_body
from inbox_bot.message.bounces import read_bounce
from inbox_bot.message.covering import is_letter_attached
from inbox_bot.message.headers import Headers
from inbox_bot.message.quoting import split
from inbox_bot.message.reports import read_report
from inbox_bot.message.statements import trace_of
from inbox_bot.message.structure import parse
from inbox_bot.message.text import clean, one_line, shorten
from inbox_bot.message.toml_lists import automatic_lists

_MOST_RECIPIENTS = 100
_MOST_SENDERS = 10
_MOST_IDS = 50
_MOST_NESTED = 3


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


def _message(
    headers: Headers, body: Body, text: str, own: frozenset[str], trace: tuple[tuple[str, str], ...]
) -> Message:
    senders = headers.addresses("from", _MOST_SENDERS)
    subject = headers.first("subject")
    parts = split(text, subject)
    bounce = read_bounce(headers, body, text, own)
    references = headers.message_ids("references")
    message_ids = headers.message_ids("message-id")
    older = shorten("\n\n".join(filter(None, [parts.quoted, *_nested_texts(body)])))
    recipients = (*headers.addresses("to", _MOST_RECIPIENTS), *headers.addresses("cc", _MOST_RECIPIENTS))
    return Message(
        message_id=message_ids[0] if message_ids else None,
        sender=senders[0] if senders else None,
        subject=subject,
        reply_text=parts.reply,
        quoted_text=older,
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
        remarks=_remarks(body, parts.reply),
    )


def _remarks(body: Body, reply: str) -> tuple[Remark, ...]:
    found = set(body.remarks)
    if not found and is_letter_attached(reply, body.attachments):
        found.add(Remark.LETTER_ATTACHED)
    return tuple(sorted(found))


def _nested_texts(body: Body) -> list[str]:
    """Return the texts of mails that came inside this one, each under its sender and subject."""
    texts: list[str] = []
    for mail in body.nested[:_MOST_NESTED]:
        headers = Headers.of(mail)
        heading = [f"{name.title()}: {headers.first(name)}" for name in ("from", "date", "subject") if name in headers]
        inner = read_body(mail)
        body.remarks |= inner.remarks
        if is_letter_attached(inner.text, inner.attachments):
            body.remarks.add(Remark.LETTER_ATTACHED)
        texts.append("\n".join([*heading, "", clean(inner.text)]).strip())
    return texts
