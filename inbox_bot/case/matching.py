"""Whether a mail belongs to a case that is already there. Another person's mail never does."""

import re
from collections.abc import Callable, Iterable, Mapping

from inbox_bot.domain.address import normal_address
from inbox_bot.domain.case import CaseRecord, CaseState
from inbox_bot.domain.mail import Address, Message
from inbox_bot.domain.rights import Claim

__all__ = ["asker", "belongs_to", "is_site_form", "normal_address", "references_in", "same_matter", "thread_ids"]

_REFERENCE = re.compile(r"\b([A-ZÅÄÖ]{1,6})\s?-\s?(\d{4})\s?-\s?(\d{4,6})\b", re.IGNORECASE)


def references_in(subject: str) -> tuple[str, ...]:
    """Return the case references a subject names, in the form they are stored."""
    return tuple(f"{prefix.upper()}-{year}-{number}" for prefix, year, number in _REFERENCE.findall(subject))


def thread_ids(message: Message) -> tuple[str, ...]:
    """Return every Message-ID a mail points back to (RFC 5322 section 3.6.4), and its own: a copy of it may be known."""
    own = (message.message_id,) if message.message_id else ()
    return tuple(dict.fromkeys((*message.in_reply_to, *message.references, *own)))


def belongs_to(
    message: Message, candidates: Iterable[CaseRecord], asked: Mapping[int, frozenset[str]] | None = None
) -> CaseRecord | None:
    """Return the case that a mail follows up: named by thread or subject, and opened by the same address; else None.

    ``asked``: addresses on file that a question of identity in the case has gone to; what comes from there answers it.
    """
    if message.sender is None:
        return None
    sender = normal_address(message.sender.address)
    linked = asked or {}
    own = [case for case in candidates if sender == case.requester or sender in linked.get(case.id, frozenset())]
    return max(own, key=lambda case: (case.state is CaseState.OPEN, case.id), default=None)


def same_matter(claims: Iterable[Claim], cases: Iterable[CaseRecord]) -> CaseRecord | None:
    """Return an open case of the same person that already holds every one of the rights asked for: a reminder of it."""
    wanted = set(claims)
    for case in cases:
        running = {claim.claim for claim in case.claims if not claim.state.is_final}
        if case.state is CaseState.OPEN and wanted and wanted <= running:
            return case
    return None


def is_site_form(message: Message, own: frozenset[str]) -> bool:
    """True for a mail that our own site or a colleague's address sent on for someone else: only Reply-To names the person.

    Anyone can write such a mail, so a person looks at it before anything leaves for the address it names.
    """
    if message.sender is None or not message.reply_to:
        return False
    domains = {address.rpartition("@")[2] for address in own}
    return normal_address(message.sender.address).rpartition("@")[2] in domains and any(
        normal_address(address).rpartition("@")[2] not in domains for address in message.reply_to
    )


def asker(message: Message, own: frozenset[str], answerable: Callable[[str], bool] = bool) -> Address | None:
    """Return who asks: the sender, and never Reply-To, unless the mail came through a form: our own site's, or a machine's.

    ``answerable``: False for an address that nobody reads (``domain.loops``).
    """
    if is_site_form(message, own):
        return Address(address=message.reply_to[0])
    if message.sender is not None and not answerable(message.sender.address):
        people = (address for address in message.reply_to if answerable(address) and normal_address(address) not in own)
        return next((Address(address=address) for address in people), message.sender)
    return message.sender
