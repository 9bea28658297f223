"""Reads *received* mails and leaves them *read*, as a *bounce*, *set aside* with the reason, or *quarantined*."""

from inbox_bot import log
from inbox_bot.domain.case import MailState
from inbox_bot.domain.mail import Message
from inbox_bot.errors import UnreadableMailError
from inbox_bot.message.parse import read as read_bytes
from inbox_bot.store.unit import Desk

BATCH = 50
MOST_ATTEMPTS = 3
"""A mail that has taken the whole program down with it this often is put in quarantine unread."""

_log = log.get("message")


def read(desk: Desk, own: frozenset[str]) -> int:
    """Read a batch of received mails; return how many."""
    # The attempt is committed before the bytes are touched: a mail that kills the process is counted all the same.
    with desk.write() as unit:
        ids = unit.mails.next_ids(MailState.RECEIVED, BATCH)
        if any(unit.mails.attempts(ids).values()):
            # One in an earlier batch was poison: go one by one, and count only that one, so that its neighbours get through.
            ids = ids[:1]
        attempts = unit.mails.count_attempt(ids) if ids else {}
        contents = unit.mails.contents(ids)
    if not ids:
        return 0
    read_mails, unreadable = [], []
    for mail_id in ids:
        if attempts[mail_id] > MOST_ATTEMPTS:
            unreadable.append((mail_id, "the program stopped each time it was read"))
            continue
        try:
            message = read_bytes(contents.get(mail_id, b""), own)
        except UnreadableMailError as error:
            unreadable.append((mail_id, error.message))
        except Exception as error:  # noqa: BLE001  # whatever a stranger's bytes do to a parser, the mail is kept and shown
            _log.warning("mail_unreadable", mail_id=mail_id, error=type(error).__name__)
            unreadable.append((mail_id, f"the parser failed ({type(error).__name__})"))
        else:
            read_mails.append((mail_id, message, *_state(message)))
    with desk.write() as unit:
        unit.mails.save_read(read_mails)
        for mail_id, reason in unreadable:
            unit.mails.move(mail_id, MailState.RECEIVED, MailState.QUARANTINED, reason=reason)
        aside = [mail_id for mail_id, _, state, _ in read_mails if state is MailState.SET_ASIDE]
        unit.mails.empty(aside, MailState.SET_ASIDE)
    return len(ids)


def _state(message: Message) -> tuple[MailState, str]:
    if message.automatic is None:
        return MailState.READ, ""
    reason = f"{message.automatic.kind.value}: {message.automatic.reason}"
    return (MailState.BOUNCE if message.bounce is not None else MailState.SET_ASIDE), reason
