"""The parts of a mail: what a person reads in it, what came with it, and the mails inside it."""

import re
from dataclasses import dataclass, field
from hashlib import sha256

from inbox_bot.domain.mail import Attachment, Remark
from inbox_bot.message import charset, sealed
from inbox_bot.message.headers import decode, parameter
from inbox_bot.message.hypertext import to_text
from inbox_bot.message.invitation import words
from inbox_bot.message.sealed import is_pgp, unwrapped
from inbox_bot.message.structure import Mail, parse
from inbox_bot.message.text import LONGEST, clean, one_line, shorten, unflow
from inbox_bot.message.tnef import unpacked
from inbox_bot.message.transfer import undone

_MOST_ATTACHMENTS = 500
_MOST_OPENED = 5
"""Signed mails within signed mails that are opened."""

_MOST_BYTES = 4 * LONGEST
_MOST_HTML = 2_000_000
_SHORT = 300
"""A plain text shorter than this beside HTML may be a stub ("your program cannot show this mail"): both are looked at."""

_DELIVERY = frozenset({"message/delivery-status", "message/global-delivery-status"})
_REPORTS = _DELIVERY | {"message/disposition-notification", "message/feedback-report"}
_MAILS = frozenset({"message/rfc822", "message/global", "message/rfc822-headers", "message/global-headers"})
_TNEF = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
_LOOKS_LIKE_HTML = re.compile(r"\s*(?:<!doctype html|<html|<head|<body|<div|<p>|<table)\b", re.IGNORECASE)
_SLASHES = re.compile(r"[/\\]+")


@dataclass(kw_only=True)
class Body:
    """What was found in a mail's parts. ``nested`` are forwarded mails; ``reports`` machine-readable ones (RFC 6522).

    ``texts`` is what is shown, in order; ``spare`` what is read where that is nothing; ``content_types`` the types of all
    parts, lower-cased; ``known`` what was decoded already, by the identity of its part; ``opened`` how many were signed.
    """

    texts: list[str] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    nested: list[Mail] = field(default_factory=list)
    reports: list[Mail] = field(default_factory=list)
    original_headers: list[str] = field(default_factory=list)
    content_types: list[str] = field(default_factory=list)
    known: dict[int, str] = field(default_factory=dict)
    spare: list[str] = field(default_factory=list)
    remarks: set[Remark] = field(default_factory=set)
    opened: int = 0

    @property
    def delivery_reports(self) -> list[Mail]:
        """The reports that speak of delivery (RFC 3464)."""
        return [report for report in self.reports if report.get_content_type() in _DELIVERY]

    @property
    def text(self) -> str:
        """The shown text, clean and at most 200,000 characters."""
        return shorten("\n\n".join(text.strip("\n") for text in self.texts))


def read_body(mail: Mail) -> Body:
    """Return what is in a mail. Never raises for a mail the parser returned."""
    body = Body()
    if not mail.is_whole:
        body.remarks.add(Remark.NOT_WHOLE)
    waiting = [mail]
    while waiting:
        part = waiting.pop()
        body.content_types.append(part.get_content_type())
        waiting.extend(reversed(_within(part, body, alone=part is mail)))
    if not any(text.strip() for text in body.texts):
        body.texts.extend([text for text in body.spare if text.strip()][:1])
    if any(is_pgp(text) for text in body.texts):
        body.remarks.add(Remark.PGP)
    body.texts = [unwrapped(text) for text in body.texts]
    return body


def _within(part: Mail, body: Body, *, alone: bool) -> list[Mail]:
    """Note what a part is, and return the parts in it that are to be read."""
    content_type, children = part.get_content_type(), part.parts
    if content_type == "multipart/alternative" and children:
        return _alternatives(children, body)
    if content_type in _MAILS:
        body.nested.extend(children[:1])
        _attach(part, part.raw, body)
    elif content_type in _REPORTS:
        body.reports.append(part)
    elif children:
        if content_type == "multipart/encrypted":
            body.remarks.add(Remark.PGP)
        return children
    elif content_type == "text/rfc822-headers":
        body.original_headers.append(_decoded_text(part))
    elif _is_shown(part, content_type, alone=alone):
        body.texts.append(_shown_text(part, content_type, body))
    else:
        return _opened(part, content_type, body)
    return []


def _opened(part: Mail, content_type: str, body: Body) -> list[Mail]:
    """Note an attachment, and return the mail in it where it is one that was only signed."""
    content, name = content_of(part), _filename(part).lower()
    if content_type in sealed.TYPES or name.endswith((".p7m", ".p7z")):
        inside = sealed.signed_content(content) if body.opened < _MOST_OPENED else None
        if inside:
            body.opened += 1
            return [parse(inside)]
        body.remarks.add(Remark.SMIME)
    elif content_type == "application/pgp-encrypted" or name.endswith((".pgp", ".gpg")):
        body.remarks.add(Remark.PGP)
    elif content_type in _TNEF or name == "winmail.dat":
        packed = unpacked(content)
        if packed is not None:
            body.spare.insert(0, clean(packed.text[:_MOST_BYTES]))
            for file in packed.files:
                _note(file.name, file.content_type or "application/octet-stream", file.content, body)
            return []
        body.remarks.add(Remark.TNEF)
    elif content_type == "text/calendar":
        body.spare.append(words(_decoded_text(part)))
    elif content_type in {"text/plain", "text/html"}:
        body.spare.append(_shown_text(part, content_type, body))
    _attach(part, content, body)
    return []


def _alternatives(children: list[Mail], body: Body) -> list[Mail]:
    """Return what to read of alternatives: the plain text, or the HTML where the plain text is empty or a stub.

    Calendar and AMP copies of the same words are noted by type and not read again.
    """
    kinds = [child.get_content_type() for child in children]
    plain = next((child for child, kind in zip(children, kinds, strict=True) if kind == "text/plain"), None)
    pairs = list(zip(children, kinds, strict=True))
    rich, html = next(((child, html) for child, kind in reversed(pairs) if (html := _html(child, kind))), (None, None))
    chosen: list[Mail] = []
    if plain is not None and (html is None or _is_full(plain, html, body)):
        chosen.append(plain)
        if rich is not None and rich is not html:
            chosen.extend(child for child in rich.parts if child.get_content_maintype() != "text")
    elif rich is not None:
        chosen.append(rich)
    for child, kind in pairs:
        if child is rich or kind in {"text/plain", "text/html"}:
            continue
        if kind.startswith("text/") and chosen:
            body.content_types.append(kind)
            body.spare.append(words(_decoded_text(child)) if kind == "text/calendar" else "")
        else:
            chosen.append(child)
    return chosen


def _html(part: Mail, kind: str) -> Mail | None:
    """Return the HTML in an alternative: the part itself, or a child of the multipart/related or /mixed that wraps it."""
    if kind == "text/html":
        return part
    if not kind.startswith("multipart/"):
        return None
    return next((child for child in part.parts if child.get_content_type() == "text/html"), None)


def _is_full(plain: Mail, html: Mail, body: Body) -> bool:
    """True unless the plain text is empty or so much shorter than the HTML that it only stands in for it."""
    text = _shown_text(plain, "text/plain", body).strip()
    if len(text) >= _SHORT or not text:
        return bool(text)
    return len(_shown_text(html, "text/html", body)) < 2 * len(text) + 200


def _is_shown(part: Mail, content_type: str, *, alone: bool) -> bool:
    """True for text a mail program shows in the mail itself. What is not multipart at all is shown whatever it says."""
    if content_type not in {"text/plain", "text/html", "text/enriched", "text/richtext"}:
        return part.get_content_maintype() in {"multipart", "message"} and part.content is not None
    if alone:
        return True
    return _disposition(part) != "attachment" and not _filename(part)


def _disposition(part: Mail) -> str:
    return str(part.get("content-disposition", "")).partition(";")[0].strip().lower()


def _shown_text(part: Mail, content_type: str, body: Body) -> str:
    text = body.known.get(id(part))
    if text is None:
        text = _decoded_text(part)
        declared = str(part.get("content-type", ""))
        if content_type == "text/html" or _LOOKS_LIKE_HTML.match(text):
            text = clean(to_text(text[:_MOST_HTML]))
        elif "flowed" in declared.lower() and (parameter(part, "format") or "").lower() == "flowed":
            text = unflow(text, del_sp=(parameter(part, "delsp") or "").lower() == "yes")
        body.known[id(part)] = text
    return text


def _decoded_text(part: Mail) -> str:
    content = content_of(part)[:_MOST_HTML]
    if len(content) > _MOST_BYTES and part.get_content_type() != "text/html":
        content = content[: _MOST_BYTES - LONGEST] + b"\n" + content[-LONGEST:]
    return clean(charset.decode(content, parameter(part, "charset")))


def content_of(part: Mail) -> bytes:
    """Return a part's bytes with its transfer encoding undone, as far as that goes; ``b""`` for a multipart."""
    data = part.content
    return b"" if data is None else undone(data, part.encoding)


def _filename(part: Mail) -> str:
    if "content-disposition" not in part and "name" not in str(part.get("content-type", "")).lower():
        return ""
    name = parameter(part, "filename", "content-disposition") or parameter(part, "name") or ""
    return one_line(decode(name), 200)


def _attach(part: Mail, content: bytes, body: Body) -> None:
    name = _filename(part)
    if content or name:
        _note(name, part.get_content_type(), content, body)


def _note(name: str, content_type: str, content: bytes, body: Body) -> None:
    """Note an attachment by what is kept of it."""
    if len(body.attachments) >= _MOST_ATTACHMENTS:
        body.remarks.add(Remark.NOT_WHOLE)
        return
    body.attachments.append(
        Attachment(
            filename=_SLASHES.sub("_", one_line(name, 200)),
            content_type=one_line(content_type, 100),
            size=len(content),
            sha256=sha256(content).hexdigest(),
        )
    )
