"""What every text of a Message keeps to, whatever bytes it was read from."""

from collections.abc import Iterator

from inbox_bot.domain.mail import Message
from inbox_bot.message.text import LONGEST


def broken_promise(message: Message) -> str | None:
    """Return which promise a message breaks, or None."""
    for text in (*_lines(message), message.reply_text, message.quoted_text, message.signature):
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            return "a text holds a lone surrogate"
        if "\0" in text or "\r" in text:
            return "a text holds NUL or CR"
    if any("\n" in line for line in _lines(message)):
        return "what is one line holds a line end"
    if message.sent_at is not None and message.sent_at.tzinfo is None:
        return "the date knows no zone"
    if len(message.references) > 50 or len(message.to) > 200 or len(message.attachments) > 500:
        return "there are more references, recipients or attachments than are kept"
    if max(map(len, (message.reply_text, message.quoted_text, message.signature))) > LONGEST:
        return "a text is longer than is kept"
    return None


def _lines(message: Message) -> Iterator[str]:
    yield message.subject
    yield message.message_id or ""
    yield from (*message.in_reply_to, *message.references, *message.to, *message.reply_to)
    for attachment in message.attachments:
        yield from (attachment.filename, attachment.content_type)
    if message.sender:
        yield from (message.sender.address, message.sender.name)
    if message.automatic:
        yield message.automatic.reason
    if message.bounce:
        yield from (*message.bounce.recipients, message.bounce.status, message.bounce.original_message_id or "")
