"""Which parts of a large mail are worth fetching, and the small mail they make: what BODYSTRUCTURE says, and what we do with it.

The sizes a server or a stranger's mail claims are never trusted with memory: whoever fetches asks for so many bytes and no more.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote_to_bytes

from inbox_bot.domain.mail import Attachment

MOST_PARTS = 200
"""Parts a mail is looked at for; a person's mail has fewer than twenty."""

MOST_DEPTH = 12
MOST_TEXTS = 12
MOST_TEXT = 256 * 1024
"""Bytes fetched of one text: a hundred and twenty pages of plain text, or a long mail's HTML."""

MOST_HEADER = 256 * 1024
"""Bytes fetched of the header. Servers refuse far shorter ones; a mail's identity is the hash of so much of it."""

_READ = frozenset(
    {
        "text/plain",
        "text/html",
        "text/enriched",
        "text/richtext",
        "text/rfc822-headers",
        "message/delivery-status",
        "message/global-delivery-status",
        "message/disposition-notification",
        "message/feedback-report",
    }
)
_MAILS = frozenset({"message/rfc822", "message/global"})
_TOKEN = re.compile(rb"[A-Za-z0-9!#$&^_.+-]{1,80}")
_KEPT = frozenset({"report-type", "type"})
"""Parameters of a multipart that say what it is; the boundary is ours."""


class UnclearOutlineError(ValueError):
    """The server's description of a mail's parts cannot be followed."""


@dataclass(frozen=True, kw_only=True)
class Piece:
    """One part to fetch. ``section`` as FETCH names it (``1.2``, ``2.HEADER``); ``mime``: where its own header stands."""

    section: str
    mime: str
    most: int = MOST_TEXT


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part as the server describes it. ``size`` after transfer decoding; ``parts`` of a multipart or of a mail in the mail."""

    section: str
    content_type: str
    filename: str = ""
    size: int = 0
    raw_size: int = 0
    disposition: str = ""
    parts: tuple["Part", ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()

    @property
    def is_multipart(self) -> bool:
        return self.content_type.startswith("multipart/")

    @property
    def is_read(self) -> bool:
        """True for a text that is shown in the mail itself, and for what machines report in."""
        shown = self.content_type in _READ
        return shown and self.disposition != "attachment" and not (self.filename and self.content_type[:5] == "text/")


@dataclass(kw_only=True)
class _Count:
    left: int = MOST_PARTS
    cut: bool = False


def outline(structure: Any) -> tuple[Part, bool]:
    """Return the tree that BODYSTRUCTURE describes, and whether there was more of it than is looked at.

    ``structure`` is imapclient's BodyData. Raises UnclearOutlineError for what no mail can be.
    """
    count = _Count()
    try:
        root = _part(structure, "", count, MOST_DEPTH)
    except UnclearOutlineError:
        raise
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise UnclearOutlineError(type(error).__name__) from None
    if root.content_type in _READ:
        # A text that is all of the mail is shown, whatever it says of itself.
        root = replace(root, filename="", disposition="")
    return root, count.cut


def pieces(root: Part) -> list[Piece]:
    """Return what to fetch beside the header, at most so many texts."""
    return list(_pieces(root, alone=True))[:MOST_TEXTS]


def attachments(root: Part) -> tuple[Attachment, ...]:
    """Return what came with the mail, by name, type and size. What is in a mail in the mail counts as part of that one."""
    found = []
    waiting = [root]
    while waiting:
        part = waiting.pop()
        if part.is_multipart:
            waiting.extend(reversed(part.parts))
        elif not part.is_read and (part.filename or part.size):
            found.append(Attachment(filename=part.filename, content_type=part.content_type, size=part.size))
    return tuple(found)


def is_cut(root: Part, fetched: Mapping[str, bytes]) -> bool:
    """Return whether a text that is read goes on after what was fetched of it. Servers count a few line ends more or less."""
    return any(
        part.is_read and (len(got) >= MOST_TEXT or part.raw_size > 1.1 * len(got) + 100)
        for part in _walk(root)
        for got in [fetched.get(part.section, b"")]
    )


def assemble(header: bytes, root: Part, fetched: Mapping[str, bytes]) -> bytes:
    """Return a mail with the header as it came and the parts that were fetched; the others are there by name and type, empty.

    ``fetched`` by section. A part's own header is kept as it was sent, for the parser to make of it what it can.
    """
    return _mail(header, root, fetched, depth=0)


def _mail(header: bytes, root: Part, fetched: Mapping[str, bytes], *, depth: int) -> bytes:
    if root.is_multipart:
        own = b"".join(line for line in _fields(header) if line[:8].lower() != b"content-")
        return own + _body(root, fetched, depth=depth)
    return _ended(header) + _content(root, fetched, depth=depth)


def _content(part: Part, fetched: Mapping[str, bytes], *, depth: int) -> bytes:
    """Return what stands in a part that is no multipart: its text, the mail in it, or nothing."""
    if part.parts and f"{part.section}.HEADER" in fetched:
        return _mail(_safe(fetched[f"{part.section}.HEADER"]), part.parts[0], fetched, depth=depth + 1)
    return _safe(fetched.get(part.section, b""))


def _body(part: Part, fetched: Mapping[str, bytes], *, depth: int) -> bytes:
    """Return a multipart: its own type, and its parts between boundaries."""
    boundary = f"inbox-bot-{depth}"
    said = "".join(f'; {name}="{value}"' for name, value in part.parameters)
    lines = [f'Content-Type: {part.content_type}{said}; boundary="{boundary}"\r\n\r\n'.encode("ascii", "replace")]
    for child in part.parts:
        lines.append(f"--{boundary}\r\n".encode())
        if child.is_multipart:
            lines.append(_body(child, fetched, depth=depth + 1))
        else:
            own = fetched.get(f"{child.section}.MIME", b"") if child.section in fetched else b""
            lines += [_safe(_ended(own)) if own.strip() else _description(child), _content(child, fetched, depth=depth)]
        lines.append(b"\r\n")
    lines.append(f"--{boundary}--\r\n".encode())
    return b"".join(lines)


def _pieces(part: Part, *, alone: bool) -> Iterator[Piece]:
    """``alone``: the part is all of its mail, so that the mail's header is its own, too."""
    if part.is_multipart:
        for child in part.parts:
            yield from _pieces(child, alone=False)
    elif part.parts:
        yield Piece(section=f"{part.section}.HEADER", mime="")
        yield from _pieces(part.parts[0], alone=True)
    elif part.is_read:
        yield Piece(section=part.section, mime="" if alone else f"{part.section}.MIME")


def _part(structure: Any, section: str, count: _Count, depth: int) -> Part:
    count.left -= 1
    if not isinstance(structure[0], list | tuple):
        return _leaf(structure, section or "1", count, depth)
    # imapclient gathers the parts of a multipart in a list, but not those of one in a mail in the mail.
    rest = structure[1:] if isinstance(structure[0], list) else [item for item in structure if not _is_part(item)]
    children = structure[0] if isinstance(structure[0], list) else [item for item in structure if _is_part(item)]
    parts = []
    for number, child in enumerate(children, 1):
        if count.left <= 0 or depth <= 0:
            count.cut = True
            break
        parts.append(_part(child, f"{section}.{number}" if section else str(number), count, depth - 1))
    given = _parameters(rest[1]) if len(rest) > 1 else {}
    said = [
        (name, value.decode("latin-1")) for name, value in given.items() if name in _KEPT and _TOKEN.fullmatch(value)
    ]
    content_type = f"multipart/{_word(rest[0])}"
    return Part(section=section, content_type=content_type, parts=tuple(parts), parameters=tuple(said))


def _is_part(item: Any) -> bool:
    """Tell a part from the parameters and the disposition that stand after the parts."""
    return isinstance(item, tuple) and len(item) >= 2 and (isinstance(item[0], tuple) or len(item) >= 7)


def _leaf(structure: Any, section: str, count: _Count, depth: int) -> Part:
    content_type = f"{_word(structure[0])}/{_word(structure[1])}"
    raw_size = structure[6] if isinstance(structure[6], int) and structure[6] > 0 else 0
    disposition, given = _disposition(structure)
    encoding = structure[5].lower() if isinstance(structure[5], bytes) else b""
    inner: tuple[Part, ...] = ()
    if content_type in _MAILS and depth > 0 and len(structure) > 8 and isinstance(structure[8], tuple):
        # The parts of a mail in the mail are numbered under it; one that is no multipart is its part 1 (RFC 9051 6.4.5.1).
        child = structure[8]
        place = section if isinstance(child[0], list | tuple) else f"{section}.1"
        inner = (_part(child, place, count, depth - 1),)
    return Part(
        section=section,
        content_type=content_type,
        filename=_filename(given, "filename") or _filename(_parameters(structure[2]), "name"),
        size=raw_size * 3 // 4 if encoding == b"base64" else raw_size,
        raw_size=raw_size,
        disposition=disposition,
        parts=inner,
    )


def _word(value: Any) -> str:
    if not isinstance(value, bytes) or not _TOKEN.fullmatch(value):
        raise UnclearOutlineError("a type is no word")
    return value.decode("ascii").lower()


def _parameters(value: Any) -> dict[str, bytes]:
    if not isinstance(value, tuple):
        return {}
    pairs = zip(value[::2], value[1::2], strict=False)
    return {
        name.decode("latin-1").lower(): text
        for name, text in pairs
        if isinstance(name, bytes) and isinstance(text, bytes)
    }


def _disposition(structure: Any) -> tuple[str, dict[str, bytes]]:
    """Return how a part is to be shown: its place differs with the type, so it is looked for after the size."""
    for item in structure[7:]:
        if isinstance(item, tuple) and len(item) == 2 and isinstance(item[0], bytes):
            word = item[0].decode("latin-1").lower()
            if word in {"attachment", "inline"}:
                return word, _parameters(item[1])
    return "", {}


def _filename(given: Mapping[str, bytes], name: str) -> str:
    """Return a name as it was sent, RFC 2231 undone; RFC 2047 words stay as they are for the header's reader."""
    value = given.get(name)
    if value is None:
        extended = [given[key] for key in sorted(given) if key.startswith(f"{name}*")]
        if not extended:
            return ""
        value = unquote_to_bytes(b"".join(extended).split(b"'", 2)[-1])
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        text = value.decode("cp1252", "replace")
    return re.sub(r"[/\\]+", "_", "".join(sign for sign in text if sign.isprintable()).strip())[:200]


def _walk(root: Part) -> Iterator[Part]:
    waiting = [root]
    while waiting:
        part = waiting.pop()
        yield part
        waiting.extend(reversed(part.parts))


def _description(part: Part) -> bytes:
    """Return the header of a part that was not fetched."""
    name = "".join(sign for sign in part.filename if sign not in '"\\')
    place = "Content-Disposition: attachment" if part.disposition == "attachment" or not part.is_read else ""
    if place and name.isascii():
        place += f'; filename="{name}"' if name else ""
    elif place:
        place += "; filename*=utf-8''" + "".join(f"%{byte:02X}" for byte in name.encode())
    lines = [f"Content-Type: {part.content_type}", *([place] if place else [])]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii", "replace")


def _safe(text: bytes) -> bytes:
    """Return a stranger's bytes without what could be taken for a boundary of ours."""
    return text.replace(b"--inbox-bot-", b"-- inbox-bot-") if b"--inbox-bot-" in text else text


def _ended(header: bytes) -> bytes:
    return header.rstrip(b"\r\n") + b"\r\n\r\n"


def _fields(header: bytes) -> Sequence[bytes]:
    """Return a header's fields, each with its folded lines and its end."""
    lines = header.strip(b"\r\n") + b"\r\n"
    return [match.group() for match in re.finditer(rb"[^\r\n]+\r?\n(?:[ \t][^\r\n]*\r?\n)*", lines)]
