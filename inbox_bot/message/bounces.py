"""Delivery reports: RFC 3464 where the server wrote one, else the common shapes of the servers that do not."""

import re
from collections.abc import Iterator, Sequence

from inbox_bot.domain.mail import Bounce
from inbox_bot.domain.return_path import tag_in
from inbox_bot.message import charset
from inbox_bot.message.body import Body
from inbox_bot.message.headers import Headers, addresses, as_bytes, message_ids, normal
from inbox_bot.message.structure import Mail
from inbox_bot.message.toml_lists import automatic_lists
from inbox_bot.message.transfer import lenient_base64

_MOST_READ = 20_000
_MOST_FIELDS = 2_000
_MOST_RECIPIENTS = 50
_LONGEST_ENVELOPE_ID = 200
_SENT_TO = ("to", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to")
_FIELD = re.compile(r"([A-Za-z][A-Za-z0-9-]{0,60})[ \t]*:[ \t]*(.*)")
_NULL_PATH = re.compile(r"\s*<\s*(?:mailer-daemon(?:@[^\s<>@]{0,255})?)?\s*>\s*", re.IGNORECASE)
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_REPLY_CODE = re.compile(r"(?<![\d.:/-])([45]\d\d)(?=[ \-#])(?! ?(?:kB|bytes|MB))")
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"'@]{1,64}@[^\s<>()\[\],;:\"'@]{1,255}\.[A-Za-z]{2,24}")
_MESSAGE_ID = re.compile(r"(?im)^[> \t]{0,4}message-id[ \t]*:[ \t]*(?:\n[ \t]+)?(<[^<>\s]{1,990}>)")
_RECIPIENT = re.compile(r"(?im)^[> \t]{0,4}to[ \t]*:[ \t]*([^\n]{1,400})")
_ORIGINAL_HEADER = re.compile(
    r"(?im)^[> \t]{0,4}(?:return-path|received|message-id|mime-version|x-mailer)[ \t]*:[ \t]*\S"
)


def read_bounce(headers: Headers, body: Body, text: str, own: frozenset[str]) -> Bounce | None:
    """Return what a delivery report says, or None for a mail that is none (a notice of success is none).

    ``own``: the company's addresses, lower-case; they are never failed recipients. Takes time linear in the text.
    """
    groups = groups_of(body)
    verdicts = [group for group in groups if _is_verdict(group)]
    if verdicts:
        return _from_report(headers, body, text, groups, verdicts, own)
    if any("feedback-type" in group or "disposition" in group for group in groups):
        return None  # A complaint or a receipt, whatever the text beside it quotes.
    tag = tag_of(headers, own)
    # Only machines write to the address a letter left from, so their words alone are enough there.
    says = bool(tag) and automatic_lists().bounce_phrases.search(text[:_MOST_READ]) is not None
    if not says and not _is_unwritten_report(headers, body, text):
        return None
    notice = _notice(text)
    status = _status(notice)
    is_delayed = automatic_lists().delayed_phrases.search(f"{headers.first('subject')} {notice}") is not None
    return Bounce(
        recipients=_named(headers, body, text, notice, own),
        permanent=not (is_delayed and not status.startswith("5")),
        status=status,
        original_message_id=original_id(headers, body, text),
        envelope_id=_envelope_id(groups),
        tag=tag,
    )


def is_daemon(headers: Headers) -> bool:
    """True for a mail from a mail server itself: MAILER-DAEMON, postmaster."""
    daemons = automatic_lists().daemons
    locals_ = [found.address.rpartition("@")[0].lower() for found in headers.addresses("from", 3)]
    if locals_:
        return any(local in daemons for local in locals_)
    # Some servers write a bare name, without a domain.
    words = re.split(r"[\s<>()@\"]+", headers.first("from").lower())
    return any(word in daemons for word in words)


def has_null_path(headers: Headers) -> bool:
    """True for the envelope sender ``<>`` of delivery reports and other mail that must not be answered (RFC 5321, 4.5.5)."""
    return any(_NULL_PATH.fullmatch(value) for value in headers.raw("return-path")[:1])


def _from_report(
    headers: Headers,
    body: Body,
    text: str,
    groups: Sequence[dict[str, str]],
    verdicts: Sequence[dict[str, str]],
    own: frozenset[str],
) -> Bounce | None:
    failed = [group for group in verdicts if action_of(group) == "failed"]
    delayed = [group for group in verdicts if action_of(group) == "delayed"]
    told = failed or delayed
    if not told:
        return None
    recipients = [address for group in told if (address := recipient_of(group)) and address.lower() not in own]
    if not recipients:
        recipients = list(_named(headers, body, text, _notice(text), own))
    statuses = [status for group in told if (status := _exact_status(group))]
    return Bounce(
        recipients=tuple(dict.fromkeys(recipients))[:_MOST_RECIPIENTS],
        permanent=bool(failed),
        status=statuses[0] if statuses else "",
        original_message_id=original_id(headers, body, text),
        envelope_id=_envelope_id(groups),
        tag=tag_of(headers, own),
    )


def _envelope_id(groups: Sequence[dict[str, str]]) -> str:
    """Return what we called the letter when we handed it over (RFC 3464, 2.2.1), as the server gives it back."""
    said = (group.get("original-envelope-id", "") for group in groups)
    return next((one[:_LONGEST_ENVELOPE_ID] for one in said if one), "")


def _exact_status(group: dict[str, str]) -> str:
    """Return a recipient's status; the one in the server's own words where the field names only a class (``5.0.0``)."""
    status = _STATUS.search(group.get("status", ""))
    said = _STATUS.search(group.get("diagnostic-code", ""))
    if said and (status is None or (status[1].endswith(".0.0") and status[1][0] == said[1][0])):
        return said[1]
    return status[1] if status else ""


def _is_verdict(group: dict[str, str]) -> bool:
    if "disposition" in group:
        # A filter that rejects mail after accepting it says so with a receipt (RFC 5429): no person deleted it.
        return re.match(r"automatic-action\s*/.*;\s*deleted", group["disposition"].lower()) is not None
    return "action" in group or "status" in group or ("final-recipient" in group and "feedback-type" not in group)


def action_of(group: dict[str, str]) -> str:
    """Return ``failed``, ``delayed`` or another action; by the class of the status where no action is given."""
    action = re.split(r"[^a-z]", group.get("action", "").lower(), maxsplit=1)[0]
    if action in {"failed", "failure", "fail", "expired"}:
        return "failed"
    if action in {"delayed", "delay"}:
        return "delayed"
    if action in {"delivered", "relayed", "expanded"}:
        return action
    return {"5": "failed", "4": "delayed"}.get(
        group.get("status", "")[:1], "failed" if "final-recipient" in group else ""
    )


def recipient_of(group: dict[str, str]) -> str | None:
    """Return the address our letter was sent to (RFC 3464, 2.3.1), else the one it was passed on to (2.3.2)."""
    for name in (
        "original-recipient",
        "final-recipient",
        "x-actual-recipient",
        "original-rcpt-to",
        "removal-recipient",
    ):
        value = group.get(name, "")
        kind, separator, address = value.partition(";")
        found = next(addresses(address if separator else kind), None)
        if found:
            return found.address
    return None


def groups_of(body: Body) -> list[dict[str, str]]:
    """Return the groups of fields of a mail's machine-readable reports."""
    return [group for report in body.reports for group in _groups(report)]


def tag_of(headers: Headers, own: frozenset[str]) -> str:
    """Return the tag of the address of ours that a report was sent to, ``""`` where that address had none."""
    return tag_in([found.address for name in _SENT_TO for found in headers.addresses(name, _MOST_RECIPIENTS)], own)


def _groups(report: Mail) -> Iterator[dict[str, str]]:
    """Yield the groups of fields of a delivery-status part, however the parser cut it and whatever it is encoded in."""
    encoded = Headers.of(report).token("content-transfer-encoding") == "base64"
    for part in report.parts[:_MOST_FIELDS] or [report]:
        if part is not report and part:
            yield {name.lower(): charset.decode(as_bytes(value)) for name, value in part.raw_items()}
        rest = part.content
        if rest and rest.strip():
            yield from _groups_in(charset.decode(lenient_base64(rest) if encoded else rest))


def _groups_in(text: str) -> Iterator[dict[str, str]]:
    group: dict[str, str] = {}
    for line in text.splitlines()[:_MOST_FIELDS]:
        field = _FIELD.match(line)
        if field:
            group.setdefault(field[1].lower(), field[2].strip())
        elif not line.strip() and group:
            yield group
            group = {}
    if group:
        yield group


def _is_unwritten_report(headers: Headers, body: Body, text: str) -> bool:
    """True for a delivery report without a machine-readable part. Two signs are asked for, but for a header that is one."""
    if "x-failed-recipients" in headers:
        return True
    if "delivery-status" in headers.first("content-type").lower():
        return True
    lists = automatic_lists()
    by_subject = headers.first("subject").lower().startswith(lists.bounce_subjects)
    by_daemon = is_daemon(headers)
    if not (by_subject or by_daemon or has_null_path(headers)):
        return False
    by_words = lists.bounce_phrases.search(text[:_MOST_READ]) is not None
    if by_daemon:
        is_delayed = lists.delayed_phrases.search(text[:_MOST_READ]) is not None
        return by_subject or by_words or is_delayed or has_null_path(headers) or bool(_status(_notice(text)))
    if has_null_path(headers):
        return by_subject or by_words
    # From any other sender, subject and words are not enough: people tell us that our mail came back.
    brings_original = bool(
        body.nested or body.original_headers or len(_ORIGINAL_HEADER.findall(text[:_MOST_READ])) >= 2
    )
    return by_words and brings_original


def _notice(text: str) -> str:
    """Return what the server says, without the copy of our mail below it."""
    text = text[:_MOST_READ]
    ends = [match.start() for match in (_ORIGINAL_HEADER.search(text), *_below_announcement(text)) if match]
    return text[: min(ends)] if ends else text


def _below_announcement(text: str) -> Iterator[re.Match[str] | None]:
    """Yield where the announcement of the copy stands, unless nothing is said above it."""
    match = automatic_lists().original_phrases.search(text, 40)
    if match and _ADDRESS.search(text, 0, match.start()):
        yield match


def _status(notice: str) -> str:
    """Return the enhanced status (RFC 3463) a text names, or the class of its SMTP reply code (``5.0.0``), or ``""``."""
    enhanced = _STATUS.search(notice)
    if enhanced:
        return enhanced[1]
    code = _REPLY_CODE.search(notice)
    return f"{code[1][0]}.0.0" if code else ""


def _named(headers: Headers, body: Body, text: str, notice: str, own: frozenset[str]) -> tuple[str, ...]:
    """Return the failed recipients: of a header that names them, else of the notice, else those our mail was sent to."""
    named = [found.address for found in headers.addresses("x-failed-recipients", _MOST_RECIPIENTS)]
    sent_to = [
        found.address for mail in body.nested[:1] for found in Headers.of(mail).addresses("to", _MOST_RECIPIENTS)
    ]
    for copy in (*body.original_headers, text[len(notice) : len(notice) + _MOST_READ]):
        sent_to += [found.address for line in _RECIPIENT.findall(copy)[:2] for found in addresses(line)]
    if not named:
        told = [address for match in _ADDRESS.findall(notice) if (address := normal(match))]
        both = {address.lower() for address in told} & {address.lower() for address in sent_to}
        named = [address for address in told if address.lower() in both] if both else (told or sent_to)
    senders = {found.address.lower() for found in headers.addresses("from", 3)}
    kept = [address for address in named if address.lower() not in own | senders]
    return tuple({address.lower(): address for address in kept}.values())[:_MOST_RECIPIENTS]


def original_id(headers: Headers, body: Body, text: str) -> str | None:
    """Return the Message-ID of our mail: from the copy that came with the report, else from what it answers."""
    for mail in body.nested[:1]:
        for identity in Headers.of(mail).message_ids("message-id"):
            return identity
    for copy in (*body.original_headers, text):
        found = _MESSAGE_ID.search(copy)
        if found:
            return next(message_ids(found[1]), None)
    return next(iter((*headers.message_ids("in-reply-to"), *reversed(headers.message_ids("references")))), None)
