"""Whether a person wrote a mail, by its headers first (RFC 3834, 2): what no person wrote is set aside and not answered.

What is set aside is not kept, so doubt speaks for the person. Three kinds of mail are therefore let through although a
header speaks against them: a form on the company's own site (own From, the person's address in Reply-To), mail through
the company's own group address, and mail from a mailing service in which someone speaks of *my* data.
"""

import re

from inbox_bot.domain.loops import takes_no_answer
from inbox_bot.domain.mail import Automatic, AutomaticKind, Bounce
from inbox_bot.domain.return_path import without_detail
from inbox_bot.message.body import Body
from inbox_bot.message.bounces import has_null_path, is_daemon, tag_of
from inbox_bot.message.headers import Headers
from inbox_bot.message.toml_lists import automatic_lists

OWN_LETTER = "x-inbox-bot-letter"
"""The header every letter of ours carries; a mail that bears it is our own, come back."""

_REPLY_HEADERS = (
    "x-autoreply",
    "x-autorespond",
    "x-auto-reply",
    "x-autoreply-from",
    "x-mail-autoreply",
    "x-autoresponder",
)
_LIST_HEADERS = ("list-id", "list-post", "list-unsubscribe", "list-subscribe", "mailing-list", "x-mailing-list")
_MOST_READ = 20_000


def judge(headers: Headers, body: Body, reply: str, own: frozenset[str], bounce: Bounce | None) -> Automatic | None:
    """Return why a mail is automatic, or None if a person may have written it. The reason names headers, never people.

    ``X-Auto-Response-Suppress`` alone is no sign: Exchange sets it on ordinary mail.
    """
    if OWN_LETTER in headers:
        return _because(AutomaticKind.LOOP, "our own letter came back (X-Inbox-Bot-Letter)")
    if bounce is not None:
        return _because(AutomaticKind.BOUNCE, "delivery report")
    is_form = _is_form(headers, own)
    bulk = _bulk(headers, own, is_form=is_form)
    return (
        _report(headers, body)
        or (None if is_form else _declared(headers) or _own(headers, own))
        or _answers_envelope(headers, own)
        or _auto_reply(headers)
        or (None if bulk and _speaks_for_a_person(headers, reply) else bulk)
        or (None if is_form else _unanswerable(headers))
        or _calendar(body, reply)
    )


def _because(kind: AutomaticKind, reason: str) -> Automatic:
    return Automatic(kind=kind, reason=reason)


def _report(headers: Headers, body: Body) -> Automatic | None:
    """Judge machine-readable reports (RFC 6522): complaints (RFC 5965), read receipts (RFC 8098), notices of success."""
    kinds = {report.get_content_type().removeprefix("message/") for report in body.reports}
    if headers.token("content-type") == "multipart/report":
        kinds.add("report")
    for kind, reason in (
        ("feedback-report", "complaint (feedback-report)"),
        ("disposition-notification", "read receipt (disposition-notification)"),
        ("delivery-status", "notice of delivery (delivery-status)"),
        ("global-delivery-status", "notice of delivery (delivery-status)"),
        ("report", "multipart/report"),
    ):
        if kind in kinds:
            return _because(AutomaticKind.AUTO_GENERATED, reason)
    return None


def _declared(headers: Headers) -> Automatic | None:
    """Judge Auto-Submitted (RFC 3834, 5)."""
    value = re.sub(r"[^a-z-]", "", headers.token("auto-submitted"))
    if value in {"", "no"}:
        return None
    known = value if value in {"auto-replied", "auto-generated", "auto-notified"} else "other"
    kind = AutomaticKind.AUTO_REPLY if known == "auto-replied" else AutomaticKind.AUTO_GENERATED
    return _because(kind, f"Auto-Submitted: {known}")


def _own(headers: Headers, own: frozenset[str]) -> Automatic | None:
    senders = headers.addresses("from", 1)
    if senders and (senders[0].address.lower() in own or without_detail(senders[0].address) in own):
        return _because(AutomaticKind.OWN, "From is our own address")
    return None


def _answers_envelope(headers: Headers, own: frozenset[str]) -> Automatic | None:
    """Judge what was sent to the address a letter of ours left from: mail programs answer From, machines that (RFC 3834, 4)."""
    if tag_of(headers, own):
        return _because(AutomaticKind.AUTO_REPLY, "sent to the envelope sender of a letter of ours")
    return None


def _is_form(headers: Headers, own: frozenset[str]) -> bool:
    """True for what a form on the company's site sends: From at the company, Reply-To somebody else who can be answered."""
    senders = headers.addresses("from", 1)
    domains = {address.rpartition("@")[2] for address in own}
    if not senders or senders[0].address.rpartition("@")[2] not in domains:
        return False
    return _has_person_to_answer(headers, own)


def _has_person_to_answer(headers: Headers, own: frozenset[str]) -> bool:
    sender = next((found.address.lower() for found in headers.addresses("from", 1)), "")
    replies = [found.address.lower() for found in headers.addresses("reply-to", 10)]
    noreply = automatic_lists().noreply
    return any(
        address not in own and address != sender and not takes_no_answer(address, noreply) for address in replies
    )


def _auto_reply(headers: Headers) -> Automatic | None:
    """Judge the headers and subjects of absence messages."""
    for name in _REPLY_HEADERS:
        if name in headers and headers.token(name) not in {"no", "none", "false", "0"}:
            return _because(AutomaticKind.AUTO_REPLY, name.title())
    if headers.token("precedence") in {"auto_reply", "auto-reply", "autoreply"}:
        return _because(AutomaticKind.AUTO_REPLY, "Precedence: auto_reply")
    if "autoresponder" in headers.first("x-post-messageclass").lower():
        return _because(AutomaticKind.AUTO_REPLY, "X-POST-MessageClass")
    if headers.first("subject").lower().startswith(automatic_lists().automatic_subjects):
        return _because(AutomaticKind.AUTO_REPLY, "subject of an absence message")
    return None


def _bulk(headers: Headers, own: frozenset[str], *, is_form: bool) -> Automatic | None:
    """Judge list headers (RFC 2919, 2369), Precedence and mail servers.

    A ``noreply`` sender alone is no sign: a form elsewhere may send a person's request so. The mail is read as any other, and
    no letter goes to that address before a person has looked (``domain.loops``).
    """
    if not _is_own_group(headers, own):
        # A customer system adds List-Unsubscribe to what people write in it: an answer in a thread is a person's.
        is_answer = "list-id" not in headers and "in-reply-to" in headers
        for name in _LIST_HEADERS:
            if name in headers and not (is_answer and name == "list-unsubscribe"):
                return _because(AutomaticKind.LIST, name.title())
        precedence = headers.token("precedence")
        if precedence in {"bulk", "list", "junk"} and not is_form:
            kind = AutomaticKind.LIST if precedence == "list" else AutomaticKind.AUTO_GENERATED
            return _because(kind, f"Precedence: {precedence}")
    if is_daemon(headers):
        return _because(AutomaticKind.AUTO_GENERATED, "sender is a mail server")
    return None


def _unanswerable(headers: Headers) -> Automatic | None:
    """Judge a null Return-Path: such mail must not be answered (RFC 3834, 2; RFC 5321, 4.5.5)."""
    if has_null_path(headers):
        return _because(AutomaticKind.AUTO_GENERATED, "null Return-Path")
    return None


def _calendar(body: Body, reply: str) -> Automatic | None:
    if not reply.strip() and "text/calendar" in body.content_types:
        return _because(AutomaticKind.AUTO_GENERATED, "calendar entry without text")
    return None


def _is_own_group(headers: Headers, own: frozenset[str]) -> bool:
    """True where the list is the mailbox itself: a company's info@ is often a group, whose mail bears list headers."""
    said = f"{headers.first('list-id')} {headers.first('list-post')}".lower()
    return any(f"<{address.replace('@', '.')}>" in said or f"mailto:{address}" in said for address in own)


def _speaks_for_a_person(headers: Headers, reply: str) -> bool:
    words = automatic_lists().person_words
    return words.search(f"{headers.first('subject')}\n{reply[:_MOST_READ]}") is not None
