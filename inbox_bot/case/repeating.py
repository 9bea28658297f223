"""The same sender with the same words again: one matter, not two (a double click, a mail program that sends twice, a loop)."""

from collections.abc import Iterable
from datetime import timedelta

from inbox_bot.domain.address import normal_address
from inbox_bot.domain.case import CaseRecord, MailRecord
from inbox_bot.domain.mail import Message
from inbox_bot.store.unit import Unit

MOST_COMPARED = 20
"""Mails, and cases, that one is compared with, to find that it only says the same again."""


def repeats(mail: MailRecord, earlier: Iterable[MailRecord], within: timedelta) -> MailRecord | None:
    """Return the mail whose words a later one only says again: the same sender, subject, text and attachments; else None.

    ``within``: the time after which the same words may ask for something anew. What one mail quotes makes no difference:
    who answers with the same words quotes our latest letter each time.
    """
    if mail.message is None or not _words(mail.message.reply_text):
        return None
    said = _said(mail.message)
    for one in earlier:
        if one.id == mail.id or one.message is None or _writer(one.message) != _writer(mail.message):
            continue
        if one.message.fails_check and not mail.message.fails_check:
            continue  # What somebody wrote in a person's name is not what the person says.
        if abs(mail.received_at - one.received_at) <= within and _said(one.message) == said:
            return one
    return None


def said_before(
    unit: Unit, mail: MailRecord, case: CaseRecord | None, within: timedelta, *, anywhere: bool = False
) -> MailRecord | None:
    """Return the mail that said the same: in the case this one follows up, or in another of the sender's.

    ``anywhere``: or among those that wait to be sorted. Only the newest are looked at, so that a flood costs no more a mail.
    """
    if not within or mail.message is None or mail.message.sender is None:
        return None
    since = mail.received_at - within
    cases = [case] if case is not None else unit.cases.of_requester(_sender(mail.message))
    for known in cases[-MOST_COMPARED:]:
        found = repeats(mail, unit.mails.recent(since, MOST_COMPARED, case_id=known.id), within)
        if found is not None:
            return found
    waiting = unit.mails.recent(since, MOST_COMPARED) if case is None and anywhere else ()
    return repeats(mail, waiting, within)


def _said(message: Message) -> tuple[object, ...]:
    return _subject(message.subject), _words(message.reply_text), message.attachments


def _subject(text: str) -> str:
    """Return a subject without what mail programs put before it: "Re:", "SV:", "Fwd:"."""
    words = _words(text)
    while (head := words.partition(":"))[1] and len(head[0]) <= 3:
        words = head[2].strip()
    return words


def _words(text: str) -> str:
    return " ".join(text.casefold().split())


def _writer(message: Message) -> tuple[str, frozenset[str]]:
    """Return who wrote: of what a form sends on, only Reply-To tells one person from another."""
    return _sender(message), frozenset(normal_address(address) for address in message.reply_to)


def _sender(message: Message) -> str:
    return "" if message.sender is None else normal_address(message.sender.address)
