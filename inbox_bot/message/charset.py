"""Bytes to text where the declared charset is missing, unknown or a lie."""

import codecs
import re

# What mail programs say, and what they write: each right-hand charset holds all of the left-hand one (WHATWG Encoding, 4.2).
_WIDER = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "tis-620": "cp874",
}
# Python codecs that no mail charset means; some are quadratic, some run escapes.
_NOT_CHARSETS = {"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "rot13", "unicode_escape"}
_ONE_BYTE = re.compile(r"cp125\d|iso8859|mac|latin|cp437|cp85\d|ascii")
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_UTF8_PAIR = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")


def decode(content: bytes, declared: str | None = None) -> str:
    """Return the bytes as text: by byte order mark, by the declared charset, as UTF-8, as Windows-1252. Never raises."""
    for bom, name in _BOMS:
        if content.startswith(bom):
            return content[len(bom) :].decode(name, "replace")
    charset = _known(declared)
    if charset is None or _ONE_BYTE.match(charset):
        # Valid UTF-8 with a letter outside ASCII is never an accident: the label is wrong, and the label is often wrong.
        return _strictly(content, "utf-8") or _mostly_utf8(content) or _as_one_byte(content, charset or "cp1252")
    text = _strictly(content, charset)
    if text is not None:
        return text
    if charset == "utf-8":
        return _mostly_utf8(content) or _as_one_byte(content, "cp1252")
    return _strictly(content, "utf-8") or _mostly_utf8(content) or content.decode(charset, "replace")


def _known(declared: str | None) -> str | None:
    """Return Python's name for a declared charset, widened, or None if it is unknown or no charset of texts."""
    if not declared or len(declared) > 40 or not declared.isascii() or "\0" in declared:
        return None
    try:
        name = codecs.lookup(declared.strip(" \"'")).name
        b"a".decode(name, "ignore")  # Raises for codecs of bytes, such as hex and zlib.
    except (LookupError, ValueError):
        return None
    return None if name in _NOT_CHARSETS else _WIDER.get(name, name)


def _strictly(content: bytes, charset: str) -> str | None:
    try:
        return content.decode(charset)
    except (UnicodeError, ValueError):
        return None


def _mostly_utf8(content: bytes) -> str | None:
    """Return UTF-8 that was damaged in a place or two, with U+FFFD there; None for what is no UTF-8 at all."""
    pairs = _UTF8_PAIR.findall(content)
    damaged = sum(byte >= 0x80 for byte in content) - sum(map(len, pairs))
    return content.decode("utf-8", "replace") if len(pairs) > damaged else None


def _as_one_byte(content: bytes, charset: str) -> str:
    text = _strictly(content, charset)
    return content.decode("latin-1") if text is None else text
