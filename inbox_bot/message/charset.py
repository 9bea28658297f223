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
# What mails are written in. Python knows more: EBCDIC, in which any text is some text, and codecs that are no charsets at all.
_CHARSETS = re.compile(
    r"cp125\d|iso8859-\d+|ascii|mac-|koi8|cp(?:437|737|775|850|852|855|857|858|86\d|874)|tis-620|hp-roman8|utf-(?:7|8|16|32)"
    r"|big5|cp9[345]\d|euc|iso2022|shift|gb|hz|johab|ptcp154|kz1048"
)
_ONE_BYTE = re.compile(r"cp125\d|iso8859|mac|cp437|cp[78]\d\d|ascii|koi8|tis|hp-|ptcp|kz")
_WIDE = re.compile(r"utf-(?:16|32)")
# Escapes are what ISO-2022 is made of; bytes above 127 beside its label are in the charset it switches to.
_RELATIVES = {"iso2022_jp": ("euc_jp", "cp932"), "euc_jp": ("cp932",), "cp932": ("euc_jp",), "iso2022_kr": ("cp949",)}
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_NOT_LATIN = re.compile("[^\0-\u024f\u2000-\u20cf]")
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
    if _WIDE.match(charset) and b"\0" not in content:
        charset = "utf-8"  # Letters of Latin, and every blank, hold a NUL there.
    text = _latin_utf8(content) or _strictly(content, charset)
    if text is not None:
        return text
    if charset == "utf-8":
        return _mostly_utf8(content) or _as_one_byte(content, "cp1252")
    relatives = (_strictly(content, name) for name in ("utf-8", *_RELATIVES.get(charset[:10], ())))
    return (
        next((text for text in relatives if text is not None), None)
        or _mostly_utf8(content)
        or content.decode(charset, "replace")
    )


def _latin_utf8(content: bytes) -> str | None:
    """Return UTF-8 in which letters outside ASCII are Latin, whatever was declared: Asian charsets read that as signs of theirs."""
    if content.isascii():
        return None
    text = _strictly(content, "utf-8")
    return text if text is not None and not _NOT_LATIN.search(text) else None


def _known(declared: str | None) -> str | None:
    """Return Python's name for a declared charset, widened, or None if it is unknown or no charset of texts."""
    if not declared or len(declared) > 40 or not declared.isascii() or "\0" in declared:
        return None
    try:
        name = codecs.lookup(declared.strip(" \"'")).name
        b"a".decode(name, "ignore")  # Raises for codecs of bytes, such as hex and zlib.
    except (LookupError, ValueError):
        return None
    return _WIDER.get(name, name) if _CHARSETS.match(name) else None


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
