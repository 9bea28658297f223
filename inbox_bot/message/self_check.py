"""Recognises the daily mail to ourselves when it comes back, however a list or a forward has changed it.

It is known by its token, of which the store has the hash, or by its Message-ID; never by our header alone, which anyone can
write. So a stranger can make nothing disappear that would not be set aside anyway (``automatic.py``).
"""

from collections.abc import Iterable
from datetime import datetime

from inbox_bot.domain.case import MailState
from inbox_bot.domain.mail import AutomaticKind, Message
from inbox_bot.domain.self_check import hashes_in
from inbox_bot.store.unit import Unit

REASON = "self_check: our daily mail to ourselves came back"


def take_out(unit: Unit, read: Iterable[tuple[int, Message]], now: datetime) -> frozenset[int]:
    """Note those of some mails that are ours, keep of each hash, class and time, and return their ids.

    What a person wrote above it, forwarding or answering it, is a mail like any other.
    """
    ours = []
    for mail_id, message in read:
        if _is_ours(unit, mail_id, message, now):
            unit.mails.move(mail_id, MailState.RECEIVED, MailState.SET_ASIDE, reason=REASON)
            ours.append(mail_id)
    unit.mails.empty(ours, MailState.SET_ASIDE, old=MailState.SET_ASIDE)
    return frozenset(ours)


def _is_ours(unit: Unit, mail_id: int, message: Message, now: datetime) -> bool:
    """Note the token if the mail is the letter itself, and tell whether nobody wrote anything of their own in it."""
    if message.bounce is not None or (
        message.automatic is not None and message.automatic.kind is AutomaticKind.AUTO_REPLY
    ):
        return False  # It speaks of the letter, or answers it: that is no proof that the letter came.
    found = hashes_in((message.subject, message.reply_text))
    if not message.reply_text.strip():
        found |= hashes_in((message.quoted_text, message.signature))
    # By Message-ID only what is automatic is looked for: ours comes back with our header, and it spares a look a mail.
    if not found and message.automatic is None:
        return False
    if not unit.watching.note_seen(found, message.message_id, at=now, where=unit.watching.place_of(mail_id)):
        return False
    # In an answer whose quotation was not recognised the token stands among a person's own words.
    return message.automatic is not None or not message.in_reply_to or not message.reply_text.strip()
