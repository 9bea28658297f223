"""A mail's tree of parts, cut out of its bytes: time and memory linear in their length, however deep and however many.

The headers of each part are read by Python's own parser; where a part begins and ends is found here. That
parser asks for each line whether it ends any of the multiparts around it (30 MB nested 90 deep: two minutes), raises
RecursionError when they are many, and needs a gigabyte for 30 MB of short lines.
"""

import re
from dataclasses import dataclass
from email.message import Message as ParsedMail
from email.parser import BytesHeaderParser
from email.policy import Compat32
from typing import NamedTuple

from inbox_bot.message import charset
from inbox_bot.message.headers import as_bytes, parameter
from inbox_bot.message.transfer import undone

_MOST_HEAD = 500_000
"""Bytes of a part's headers that are read."""

_MOST_PARTS = 10_000
_MOST_DEPTH = 30
"""People's mails are nested ten deep where forwards hold forwards; what lies deeper than this is shown as it stands."""

_MOST_SCANNED = 150_000_000
"""Bytes looked through for boundaries in all: two seconds. Parts lie inside parts, and each looks through its own."""

_MOST_BLOCKS = 2_000
_MOST_HEADER = {"content-type": 2_000, "content-disposition": 2_000}
_BLANK_LINE = re.compile(rb"(?:\r\n|\r(?!\n)|\n)(?:\r\n|\r|\n)")
_LINE_END = re.compile(rb"\r\n|\r|\n")
_AFTER_BOUNDARY = re.compile(rb"(--)?[ \t]*(?=[\r\n]|\Z)")
_BARE_CR = re.compile(rb"\r(?!\n)")
_HEADER_LINE = re.compile(rb"[!-9;-~]{1,80}[ \t]?:|[ \t]")


class _Bounded(Compat32):
    """compat32 with bounded headers: the parser's own reading of parameters is quadratic in their length."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        longest = _MOST_HEADER.get(name.lower())
        if longest is None:
            return name, value
        if not value.isascii():
            value = charset.decode(as_bytes(value))
        return name, value[:longest]


class Mail(ParsedMail):
    """A mail or part: its headers as Python's parser reads them, and its bytes or the parts inside it.

    ``parts`` are those of a multipart, or the mail inside a part; empty for one that holds bytes. ``span`` is where its body
    lies in ``source``. ``is_whole`` is False on a mail of which some parts were not looked into: too deep, or too many.
    """

    parts: "list[Mail]"
    is_whole: bool
    source: bytes
    span: tuple[int, int]
    _payload: str | None

    @property
    def content(self) -> bytes | None:
        """The bytes of a part before its transfer encoding is undone; None for one that has parts."""
        return None if self.parts else self.raw

    @property
    def raw(self) -> bytes:
        """The bytes under the headers, whatever they are."""
        return self.source[slice(*self.span)]

    def get_content_type(self) -> str:
        """Return the type, lower-cased, also where the semicolon after it is missing: ``text/html charset=utf-8``."""
        kind = super().get_content_type().split()[:1]
        return kind[0] if kind and kind[0].count("/") == 1 else "text/plain"

    @property
    def encoding(self) -> str:
        """The transfer encoding, lower-cased; ``""`` where none is named."""
        return str(self.get("content-transfer-encoding", "")).strip().lower()

    def left_over(self) -> int:
        """Take what the parser of headers did not take for headers away, and return how many bytes it was."""
        left, self._payload = self._payload, None
        return len(left or "")

    def decode(self) -> None:
        """Undo the transfer encoding where it stands."""
        self.source = b"\n" + undone(self.raw, self.encoding)  # A boundary stands under a line end.
        self.span = (1, len(self.source))


_PARSER = BytesHeaderParser(Mail, policy=_Bounded())


@dataclass(kw_only=True)
class _Budget:
    """What may still be looked into."""

    parts: int = _MOST_PARTS
    bytes: int = _MOST_SCANNED
    is_spent: bool = False

    def allows(self, depth: int, size: int) -> bool:
        if depth > _MOST_DEPTH or self.parts <= 0 or size > self.bytes:
            self.is_spent = True
            return False
        self.bytes -= size
        return True


def parse(content: bytes) -> Mail:
    """Return the mail in these bytes. Never raises; a multipart that cannot be followed keeps its bytes as its content."""
    content = content.lstrip(b"\r\n \t\0").removeprefix(b"\xef\xbb\xbf")
    if b"\r\r\n" in content[:_MOST_HEAD]:  # A gateway has ended each line twice.
        content = content.replace(b"\r\r\n", b"\r\n")
    content = _mended(content)
    budget = _Budget()
    mail = _head(content, 0, len(content))
    _look_inside(mail, 0, budget)
    mail.is_whole = not budget.is_spent
    return mail


def _mended(content: bytes) -> bytes:
    """Return the mail with bare CRs in its headers made blanks, and stray lines there taken for continuations.

    A server that ends lines with CRLF takes a bare CR for a letter. Were it a line end here, a sender could write headers
    that the server never saw as such, Authentication-Results among them.
    """
    blank = _BLANK_LINE.search(content, 0, _MOST_HEAD)
    if blank is None:  # Nothing tells where the headers end: what is no header is text.
        return content
    head, rest = content[: blank.start()], content[blank.start() :]
    mended = _BARE_CR.sub(b" ", head) if b"\r\n" in head + rest[:2] else head
    lines = mended.splitlines()
    strays = [index for index, line in enumerate(lines) if line and not _HEADER_LINE.match(line)]
    if strays and 0 not in strays and 3 * len(strays) <= len(lines):
        for index in strays:
            lines[index] = b" " + lines[index]
        mended = b"\n".join(lines)
    return content if mended == head else mended + rest


def _head_end(source: bytes, start: int, end: int) -> int:
    """Return where the headers that begin at ``start`` end: under the first empty line."""
    first = _LINE_END.match(source, start, end)
    if first:
        return first.end()
    blank = _BLANK_LINE.search(source, start, end)
    return blank.end() if blank else end


def _head(source: bytes, start: int, end: int, default_type: str = "text/plain") -> Mail:
    """Return the mail or part that lies between two places, not yet looked into."""
    body = _head_end(source, start, end)
    head = source[start : min(body, start + _MOST_HEAD)]
    mail = _PARSER.parsebytes(head)
    assert isinstance(mail, Mail)
    # What the parser finds to be no header begins the body.
    left_over = mail.left_over()
    if left_over:
        body = start + len(head) - left_over
    mail.set_default_type(default_type)
    mail.source, mail.span, mail.parts, mail.is_whole = source, (body, end), [], True
    return mail


def _look_inside(mail: Mail, depth: int, budget: _Budget) -> None:
    kind = mail.get_content_type()
    scanned = mail.span[1] - mail.span[0] if kind.startswith("multipart/") else 0
    if not kind.startswith(("multipart/", "message/")) or not budget.allows(depth, scanned):
        return
    if kind in {"message/delivery-status", "message/global-delivery-status"}:
        mail.parts = _blocks(mail.source, *mail.span)
    elif kind.startswith("message/"):
        if mail.encoding in {"base64", "quoted-printable"}:
            mail.decode()
        if mail.span[1] > mail.span[0]:
            budget.parts -= 1
            mail.parts = [_head(mail.source, *mail.span)]
            _look_inside(mail.parts[0], depth + 1, budget)
    elif boundary := _boundary(mail):
        mail.parts = _split(mail, boundary, depth, budget)
        if not mail.parts and mail.encoding == "base64":  # Forbidden, and done (RFC 2045, 6.4).
            mail.decode()
            mail.parts = _split(mail, boundary, depth, budget)


def _boundary(mail: Mail) -> str:
    return (parameter(mail, "boundary") or "").rstrip()


def _split(mail: Mail, boundary: str, depth: int, budget: _Budget) -> list[Mail]:
    """Return the parts of a multipart.

    A closing boundary ends a part, not the search: parts under it are no less there. A part that is itself a multipart with
    the very same boundary lasts to the next closing one.
    """
    source, (start, end) = mail.source, mail.span
    default_type = "message/rfc822" if mail.get_content_type() == "multipart/digest" else "text/plain"
    line = _written(source, boundary, start, end)
    parts: list[Mail] = []
    found = _divider(source, line, max(0, start - 1), end)
    while found:
        following = _divider(source, line, found.end, end)
        if not found.closes:
            if budget.parts <= 0:
                budget.is_spent = True
                break
            budget.parts -= 1
            line_end = _LINE_END.match(source, found.end, end)
            begin = line_end.end() if line_end else end
            part = _head(source, begin, _before(source, begin, following, end), default_type)
            if part.get_content_maintype() == "multipart" and _boundary(part) == boundary:
                while following and not following.closes:
                    following = _divider(source, line, following.end, end)
                part.span = (part.span[0], _before(source, part.span[0], following, end))
            _look_inside(part, depth + 1, budget)
            parts.append(part)
        found = following
    return parts


class _Divider(NamedTuple):
    """A line that divides a multipart: from the line end before it to behind its blanks."""

    start: int
    end: int
    closes: bool


def _written(source: bytes, boundary: str, start: int, end: int) -> bytes:
    """Return how the dividing lines of a stretch begin: a boundary that is not ASCII is written in UTF-8, or else as Windows does."""
    lines = [b"--" + boundary.encode(name, "replace") for name in ("utf-8", "cp1252")]
    return next((line for line in lines if source.find(line, start, end) >= 0), lines[0])


def _divider(source: bytes, line: bytes, start: int, end: int) -> _Divider | None:
    """Return the first dividing line in a stretch. A pattern for each boundary would take longer to build than to use."""
    at = source.find(line, start + 1, end)
    while at >= 0:
        if source[at - 1] in b"\r\n" and (rest := _AFTER_BOUNDARY.match(source, at + len(line), end)):
            return _Divider(at - 1, rest.end(), bool(rest[1]))
        at = source.find(line, at + 1, end)
    return None


def _before(source: bytes, begin: int, following: _Divider | None, end: int) -> int:
    """Return where a part ends: before the line end that belongs to the boundary under it."""
    if following is None:
        return end
    stop = following.start
    if source[stop : stop + 1] == b"\n" and source[stop - 1 : stop] == b"\r":
        stop -= 1
    return max(begin, stop)


def _blocks(source: bytes, start: int, end: int) -> list[Mail]:
    """Return the blocks of fields in a delivery report (RFC 3464, 2.1), each as headers without a body."""
    blocks: list[Mail] = []
    while start < end and len(blocks) < _MOST_BLOCKS:
        stop = _head_end(source, start, end)
        blocks.append(_head(source, start, stop))
        start = stop
    return blocks
