"""An adapter for a scorer of real mails: ``score.py benchmarks.mail_samples:adapt`` (the samples are not ours to keep)."""

from typing import Any

from inbox_bot.errors import UnreadableMailError
from inbox_bot.message.body import read_body
from inbox_bot.message.parse import read
from inbox_bot.message.structure import parse

_OWN = frozenset({"info@example.se"})


def adapt(raw: bytes) -> dict[str, Any]:
    """Return what the program makes of a mail, in the scorer's words."""
    try:
        message = read(raw, _OWN)
    except UnreadableMailError:
        return {"is_auto": False, "is_bounce": False, "from": "", "subject": "", "text": "", "reply_text": ""}
    return {
        "is_auto": message.automatic is not None,
        "is_bounce": message.bounce is not None,
        "from": message.sender.address if message.sender else "",
        "subject": message.subject,
        "text": read_body(parse(raw)).text,
        "reply_text": message.reply_text,
    }
