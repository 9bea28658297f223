"""Header values as a stranger wrote them, read without trust: always one line, never an exception."""

import binascii
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from inbox_bot.domain.mail import Address
from inbox_bot.message import charset
from inbox_bot.message.text import one_line
from inbox_bot.message.transfer import lenient_base64

if TYPE_CHECKING:
    from email.message import Message as ParsedMail

# The patterns below are bounded so that no header, however long, costs more than a fraction of a second.
_LONGEST = 30_000
_ENCODED_WORD = re.compile(r"=\?([^?\s]{1,40})\?([bBqQ])\?([^?\r\n]*)\?=")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.){0,400})"')
_ANGLE = re.compile(r"<([^<>]*)>")
_BARE = re.compile(r"[^\s<>()\[\],;:\"\\@]{1,128}@[^\s<>()\[\],;:\"\\@]{1,255}")
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"\\@\x00-\x1f\x7f]{1,128}@[^\s<>()\[\],;:\"\\@\x00-\x1f\x7f]{1,255}")
_MESSAGE_ID = re.compile(r"<([^<>\s]{1,990})>")
_BARE_ID = re.compile(r"[^<>\s\"(),;]{1,400}@[^<>\s\"(),;]{1,400}")
_EARLIEST = 1970


class Headers:
    """The headers of one mail or part: raw values by name, decoded when asked for."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._values: dict[str, list[str]] = {}
        self._addresses: dict[str, tuple[Address, ...]] = {}
        for name, value in pairs:
            self._values.setdefault(name.lower(), []).append(value)

    @classmethod
    def of(cls, mail: "ParsedMail") -> "Headers":
        """Return the headers of a parsed mail, without the Header objects compat32 makes of 8-bit values."""
        return cls(mail.raw_items())

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def __bool__(self) -> bool:
        return bool(self._values)

    def raw(self, name: str) -> Sequence[str]:
        """Return the undecoded values of a header (lower-case name), in order, each at most 30,000 characters."""
        return [value[:_LONGEST] for value in self._values.get(name, ())]

    def first(self, name: str) -> str:
        """Return the first value of a header, decoded, on one line; ``""`` where there is none."""
        values = self._values.get(name)
        return decode(values[0]) if values else ""

    def token(self, name: str) -> str:
        """Return the first value lower-cased, without comments or parameters: ``auto-replied``, ``bulk``; or ``""``."""
        if name not in self._values:
            return ""
        return re.split(r"[;(\s]", self.first(name).lower(), maxsplit=1)[0]

    def addresses(self, name: str, most: int) -> tuple[Address, ...]:
        """Return at most ``most`` distinct addresses of a header, in order."""
        known = self._addresses.get(name)
        if known is None:
            found: dict[str, Address] = {}
            for value in self.raw(name):
                for address in addresses(value):
                    found.setdefault(address.address, address)
            known = self._addresses[name] = tuple(found.values())
        return known[:most]

    def message_ids(self, name: str) -> tuple[str, ...]:
        """Return the Message-IDs in a header, with angle brackets, distinct, in order."""
        return tuple(dict.fromkeys(identity for value in self.raw(name) for identity in message_ids(value)))

    def date(self, name: str) -> datetime | None:
        """Return a date header as an instant in UTC; None where it is missing or no date."""
        return date(self.first(name))


def as_bytes(value: str) -> bytes:
    """Return the bytes a parsed value was made of (the parser keeps 8-bit bytes as surrogates, PEP 383)."""
    try:
        return value.encode("ascii", "surrogateescape")
    except UnicodeEncodeError:
        return value.encode("utf-8", "surrogatepass")


def decode(value: str) -> str:
    """Return a header value as text on one line: RFC 2047 words, raw 8-bit letters, folding undone."""
    value = value[:_LONGEST]
    if not value.isascii():
        value = charset.decode(as_bytes(value))
    if "=?" in value:
        value = _decode_words(value)
    return one_line(value)


def _decode_words(value: str) -> str:
    """Decode encoded words. Neighbours in one charset are joined before decoding: mailers cut letters in two."""
    texts: list[str] = []
    waiting, waiting_charset, end = b"", "", 0
    for word in _ENCODED_WORD.finditer(value):
        between = value[end : word.start()]
        name = word[1].split("*", 1)[0].lower()
        if waiting and (between.strip() or name != waiting_charset):
            texts.append(charset.decode(waiting, waiting_charset))
            waiting = b""
        if end == 0 or between.strip():
            texts.append(between)
        waiting, waiting_charset, end = waiting + _word_bytes(word[2], word[3]), name, word.end()
    texts.append(charset.decode(waiting, waiting_charset) if waiting else "")
    texts.append(value[end:])
    return "".join(texts)


def _word_bytes(encoding: str, content: str) -> bytes:
    data = as_bytes(content)
    if encoding in "qQ":
        return binascii.a2b_qp(data.replace(b" ", b"_"), header=True)
    return lenient_base64(data)


def addresses(value: str) -> Iterator[Address]:
    """Yield the addresses in a header value. A name that looks like an address is never taken for one."""
    for piece in _pieces(value[:_LONGEST]):
        address = _address(piece)
        if address:
            yield address


def parameter(part: "ParsedMail", name: str, header: str = "content-type") -> str | None:
    """Return a parameter of a header as text (RFC 2231 undone), or None. Never raises."""
    value: object = None
    with suppress(ValueError, LookupError, TypeError, AttributeError, IndexError):
        value = part.get_param(name, header=header)
        if isinstance(value, tuple):
            return charset.decode(value[2].encode("latin-1", "replace"), value[0] or "utf-8")
    if isinstance(value, str):
        return value
    # One broken parameter makes the library give up on all of them ("name*" beside "name*1*": TypeError).
    plain = re.search(rf'(?i)[;\s]{re.escape(name)}[ \t]*=[ \t]*"?([^";\r\n]*)', str(part.get(header, "")))
    return plain[1].strip() if plain else None


def _pieces(value: str) -> Iterator[str]:
    """Split at commas and semicolons that stand outside quotes, comments and angle brackets."""
    if "," not in value and ";" not in value:
        yield value
        return
    start, quoted, angle, comment, skip = 0, False, False, 0, False
    for index, letter in enumerate(value):
        if skip:
            skip = False
        elif letter == "\\":
            skip = True
        elif letter == '"' and not comment:
            quoted = not quoted
        elif quoted:
            continue
        elif letter in "()":
            comment = max(0, comment + (1 if letter == "(" else -1))
        elif letter in "<>" and not comment:
            angle = letter == "<"
        elif letter in ",;" and not (angle or comment):
            yield value[start:index]
            start = index + 1
    yield value[start:]


def _address(piece: str) -> Address | None:
    outside = _QUOTED.sub(lambda quoted: " " * len(quoted[0]), piece)
    angles = [match for match in _ANGLE.finditer(outside) if "@" in match[1]]
    if angles:
        address, name = normal(angles[0][1]), piece[: angles[0].start()]
    else:
        decoded = decode(piece) if "=?" in piece else outside
        bare = _BARE.search(decoded)
        address = normal(bare[0]) if bare else None
        comment = re.search(r"\(([^()]*)\)", piece)
        name = comment[1] if comment else ""
    return Address(address=address, name=_name(name)) if address else None


def _name(text: str) -> str:
    unquoted = _QUOTED.sub(lambda quoted: re.sub(r"\\(.)", r"\1", quoted[1]), text)
    return one_line(decode(unquoted).strip(" \"'"), 200)


def normal(address: str) -> str | None:
    """Return an address with its domain lower-cased, or None if it is none."""
    text = charset.decode(as_bytes(address)) if not address.isascii() else address
    text = text.strip().removeprefix("mailto:").strip("'").rstrip(".")
    if text[:1] == "@" and ":" in text:  # A source route (RFC 5322, 4.4): @relay.example:anna@example.se
        text = text.rsplit(":", 1)[1]
    if not _ADDRESS.fullmatch(text) or one_line(text) != text:
        return None
    local, _, domain = text.rpartition("@")
    return f"{local}@{domain.lower()}"


def message_ids(value: str) -> Iterator[str]:
    """Yield the Message-IDs in a value with their angle brackets; one without brackets is given them."""
    found = False
    for match in _MESSAGE_ID.finditer(value):
        if one_line(match[1]) == match[1]:
            found = True
            yield match[0]
    if not found and (bare := _BARE_ID.search(value)) and one_line(bare[0]) == bare[0]:
        yield f"<{bare[0]}>"


def date(value: str) -> datetime | None:
    """Return a date as an instant in UTC. ``-0000`` and a missing zone are taken as UTC (RFC 5322, 3.3)."""
    try:
        moment = parsedate_to_datetime(value[:200])
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError, AttributeError):
        return None
    return moment if moment.year >= _EARLIEST else None
