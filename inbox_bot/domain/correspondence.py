"""What several rooms need to write to a requester: the values every letter knows, and the thread it belongs to."""

import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from typing import Any

from inbox_bot.domain.case import CaseRecord, MailRecord
from inbox_bot.domain.letters import Envelope
from inbox_bot.domain.rights import Claim

MOST_REFERENCES = 20
_LOCAL_PART = re.compile(r"[!-~]{1,64}")  # quoted or not; the mail library has the last word
_PLAIN_LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
"""A dot-atom (RFC 5322 section 3.2.3): what nearly everyone has, and what needs no parser."""

_DOMAIN = re.compile(r"(?=.{1,253}$)([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9-]{2,63}")


def sendable(address: str) -> str | None:
    """Return an address as SMTP takes it (the domain in ASCII), or None if no ordinary server would (RFC 6531 needed, or none)."""
    local, at, domain = address.rpartition("@")
    if not at or not _LOCAL_PART.fullmatch(local):
        return None
    try:
        plain = domain if domain.isascii() else domain.encode("idna").decode("ascii")
        if not _DOMAIN.fullmatch(plain):
            return None
        if _PLAIN_LOCAL_PART.fullmatch(local):
            return f"{local}@{plain}"
        return Address(addr_spec=f"{local}@{plain}").addr_spec
    except (ValueError, IndexError, HeaderParseError):
        return None


@dataclass(frozen=True, kw_only=True)
class Thread:
    """Where in a conversation a letter stands (RFC 5322 section 3.6.4). Message-IDs keep their angle brackets."""

    in_reply_to: str | None = None
    references: tuple[str, ...] = ()


def thread_of(mails: Sequence[MailRecord]) -> Thread:
    """Return the thread that answers a case's latest mail."""
    messages = [mail.message for mail in mails if mail.message is not None and mail.message.message_id]
    if not messages:
        return Thread()
    last = messages[-1]
    ids = dict.fromkeys((*last.references, *(message.message_id for message in messages if message.message_id)))
    return Thread(in_reply_to=last.message_id, references=tuple(ids)[-MOST_REFERENCES:])


def new_message_id(sender: str) -> str:
    """Return a Message-ID that cannot be guessed, under the sender's domain."""
    return f"<{secrets.token_urlsafe(24)}@{sender.rpartition('@')[2]}>"


def envelope_for(
    case: CaseRecord, thread: Thread, *, message_id: str, at: datetime, automatic: bool, to: str = ""
) -> Envelope:
    """Address a letter to a case's requester: the address the request came from, never Reply-To; or to ``to``.

    A letter to another address than the sender's carries nothing of the sender's: neither name nor thread.
    """
    if to and to != case.requester:
        return Envelope(to=to, message_id=message_id, at=at, automatic=automatic)
    return Envelope(
        to=case.requester,
        to_name=case.requester_name,
        message_id=message_id,
        at=at,
        automatic=automatic,
        in_reply_to=thread.in_reply_to,
        references=thread.references,
    )


def common_values(case: CaseRecord, claims: Iterable[Claim], received_on: date, *, to: str = "") -> dict[str, Any]:
    """Return the values that every letter to a requester knows; the sender's name only in one that goes to the sender."""
    return {
        "reference": case.reference,
        "name": case.requester_name if to in {"", case.requester} else "",
        "received_on": received_on,
        "claims": [{"right": claim.right.value, "marketing": claim.marketing} for claim in claims],
    }
