"""winmail.dat, in which Outlook packs text and attachments for another Outlook (MS-OXTNEF): what it says and what it holds.

Written here because it is little: two lists of attributes, of which nine matter. The library there is (tnefparse) is
LGPL, a further licence to look after, and reads what no one asks of it (times, recipients, rules), a stranger's bytes in each.
"""

import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from inbox_bot.message import charset, rtf
from inbox_bot.message.hypertext import to_text

_SIGNATURE = b"\x78\x9f\x3e\x22"
_BODY, _CODE_PAGE, _PROPERTIES = 0x2800C, 0x69007, 0x69003
_NEXT_FILE, _FILE_TITLE, _FILE_DATA, _FILE_PROPERTIES = 0x69002, 0x18010, 0x6800F, 0x69005
_P_BODY, _P_HTML, _P_RTF, _P_CODE_PAGE = 0x1000, 0x1013, 0x1009, 0x3FDE
_P_LONG_NAME, _P_SHORT_NAME, _P_NAME, _P_TYPE, _P_DATA = 0x3707, 0x3704, 0x3001, 0x370E, 0x3701
_STRING, _UNICODE, _OBJECT, _BINARY, _MULTIPLE, _NAMED = 0x1E, 0x1F, 0x0D, 0x102, 0x1000, 0x8000
_FIXED = {0x01: 0, 0x02: 4, 0x03: 4, 0x04: 4, 0x0A: 4, 0x0B: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x14: 8, 0x40: 8, 0x48: 16}
_MOST = 2_000
"""Attributes or properties that are read; people's mails have a hundred."""


@dataclass(kw_only=True)
class File:
    """A file in winmail.dat."""

    name: str = ""
    content_type: str = ""
    content: bytes = b""


@dataclass(kw_only=True)
class Packed:
    """What winmail.dat holds: its text, ``""`` if none, and its files."""

    text: str = ""
    files: list[File] = field(default_factory=list)


def unpacked(data: bytes) -> Packed | None:
    """Return what is in a winmail.dat, as far as it can be followed; None for what is none. Never raises."""
    if not data.startswith(_SIGNATURE):
        return None
    packed, code_page = Packed(), "cp1252"
    texts: dict[int, str] = {}
    for name, value in _attributes(data):
        if name == _CODE_PAGE and len(value) >= 4:
            code_page = _charset(value)
        elif name == _BODY:
            texts[_BODY] = charset.decode(value.rstrip(b"\0"), code_page)
        elif name == _PROPERTIES:
            texts |= _texts(dict(_properties(value)), code_page)
        elif name == _NEXT_FILE:
            packed.files.append(File())
        elif packed.files:
            _fill(packed.files[-1], name, value, code_page)
    packed.text = next((texts[kind] for kind in (_P_BODY, _P_HTML, _BODY, _P_RTF) if texts.get(kind, "").strip()), "")
    return packed


def _fill(file: File, name: int, value: bytes, code_page: str) -> None:
    if name == _FILE_DATA:
        file.content = value
    elif name == _FILE_TITLE:
        file.name = file.name or charset.decode(value.rstrip(b"\0"), code_page)
    elif name == _FILE_PROPERTIES:
        found = dict(_properties(value))
        names = (_text(found[kind], code_page) for kind in (_P_LONG_NAME, _P_NAME, _P_SHORT_NAME) if kind in found)
        file.name = next(filter(None, names), file.name)
        file.content_type = _text(found[_P_TYPE], "ascii") if _P_TYPE in found else file.content_type
        if not file.content and _P_DATA in found:
            kind, content = found[_P_DATA]
            file.content = content[16:] if kind == _OBJECT else content


def _texts(found: dict[int, tuple[int, bytes]], code_page: str) -> dict[int, str]:
    texts: dict[int, str] = {}
    if _P_BODY in found:
        texts[_P_BODY] = _text(found[_P_BODY], code_page)
    if _P_HTML in found:
        named = _charset(found[_P_CODE_PAGE][1]) if _P_CODE_PAGE in found else code_page
        texts[_P_HTML] = to_text(_text(found[_P_HTML], named))
    if _P_RTF in found:
        text, is_html = rtf.to_text(rtf.decompressed(found[_P_RTF][1]))
        texts[_P_RTF] = to_text(text) if is_html else text
    return texts


def _text(value: tuple[int, bytes], code_page: str) -> str:
    kind, content = value
    if kind == _UNICODE:
        return content.decode("utf-16-le", "replace").rstrip("\0")
    return charset.decode(content.rstrip(b"\0"), code_page)


def _charset(value: bytes) -> str:
    number = int.from_bytes(value[:4], "little")
    return {65001: "utf-8", 28591: "iso-8859-1", 20127: "ascii"}.get(number, f"cp{number}")


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the attributes: a byte of level, four of name, four of length, the value, two of checksum (2.1.3.1)."""
    at = 6
    for _ in range(_MOST):
        if at + 9 > len(data):
            return
        name, length = struct.unpack_from("<II", data, at + 1)
        yield name, data[at + 9 : at + 9 + length]
        at += 9 + length + 2


def _properties(data: bytes) -> Iterator[tuple[int, tuple[int, bytes]]]:
    """Yield the MAPI properties of a list (2.1.3.4), each with its type; of many values the first. Ends where it breaks off."""
    at = 4
    with suppress(struct.error):
        for _ in range(_MOST):
            kind, name = struct.unpack_from("<HH", data, at)
            at += 4
            if name >= _NAMED:
                is_string, length = struct.unpack_from("<II", data, at + 16)
                at += 24 + (_padded(length) if is_string else 0)
            value, at = _value(data, at, kind)
            yield name, (kind & ~_MULTIPLE, value)


def _value(data: bytes, at: int, kind: int) -> tuple[bytes, int]:
    """Return a property's first value and where the next property begins. Raises struct.error where none can be told."""
    size = _FIXED.get(kind & ~_MULTIPLE)
    if size is None and kind & ~_MULTIPLE not in {_STRING, _UNICODE, _OBJECT, _BINARY}:
        raise struct.error
    if size is not None and not kind & _MULTIPLE:
        return data[at : at + size], at + size
    [count] = struct.unpack_from("<I", data, at)
    at += 4
    values: list[bytes] = []
    for _ in range(min(count, _MOST)):
        if size is None:
            [length] = struct.unpack_from("<I", data, at)
            values.append(data[at + 4 : at + 4 + length])
            at += 4 + _padded(length)
        else:
            values.append(data[at : at + size])
            at += size
    return (values[0] if values else b""), at


def _padded(length: int) -> int:
    return length + -length % 4
