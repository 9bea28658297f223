"""Whether a mail leaves what it has to say to an attachment: a letter as PDF, as a Word file or as a picture of paper."""

import re
from collections.abc import Iterable

from inbox_bot.domain.mail import Attachment
from inbox_bot.message import sealed
from inbox_bot.message.toml_lists import quoting_lists

_WORD = re.compile(r"\w+")
_MOST_OTHER = 3
"""Words beside those of a covering note, a name among them: "Se bifogad begäran. /Anna Andersson"."""

_MOST_READ = 600
_SMALLEST_PICTURE = 20_000
"""Bytes from which a picture may show a written page; logos and tracking pixels are smaller."""

_NO_LETTERS = sealed.SIGNATURES | {"text/calendar", "application/ics", "text/vcard", "text/x-vcard"}


def is_letter_attached(reply: str, attachments: Iterable[Attachment]) -> bool:
    """Return whether a mail says nothing, or only that something is attached, while something that may be a letter is.

    A picture beside "Tack!" is a logo; under no words at all, or under "se bifogat", it may be a letter.
    """
    pictures, documents = False, False
    for file in attachments:
        kind = file.content_type.lower()
        pictures |= kind.startswith("image/") and file.size >= _SMALLEST_PICTURE
        documents |= file.size > 0 and kind not in _NO_LETTERS and not kind.startswith(("image/", "message/"))
    if not (pictures or documents) or len(reply) > _MOST_READ:
        return False
    words = _WORD.findall(reply.lower())
    lists = quoting_lists()
    others = sum(word not in lists.covering and word not in lists.attached for word in words)
    points = any(word in lists.attached for word in words)
    return not words or (points and others <= _MOST_OTHER) or (documents and (not others or len(words) <= _MOST_OTHER))
