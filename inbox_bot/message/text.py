"""Text made safe to keep and to search: NFC, LF line ends, without NUL, lone surrogates or invisible characters."""

import re
import unicodedata

LONGEST = 200_000
"""Characters of a body that are read. Of a longer one the beginning and the end are kept (people answer at either)."""

_TAIL = 50_000
_CONTROL = {code: None for code in (*range(0x20), 0x7F, *range(0x80, 0xA0)) if code not in {0x09, 0x0A}}
_INVISIBLE = dict.fromkeys(
    (0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180E, 0x200B, 0x200E, 0x200F, 0x3164, 0xFEFF, 0xFFA0)
) | dict.fromkeys((*range(0x202A, 0x202F), *range(0x2060, 0x2070), *range(0xFFF9, 0xFFFC), *range(0xE0000, 0xE0080)))
"""Signs without a shape: joiners and marks of direction, blank letters, and tags, in which words can hide."""
_LINE_ENDS = dict.fromkeys([0x0B, 0x0C, 0x85, 0x2028, 0x2029], "\n")
_SPACES = dict.fromkeys([0xA0, 0x202F, 0x2007, 0x2800], " ")
_TABLE: dict[int, str | None] = {**_CONTROL, **_INVISIBLE, **_LINE_ENDS, **_SPACES}
_WORTH_MENDING = re.compile("[" + "".join(map(re.escape, map(chr, sorted(_TABLE)))) + "\ud800-\udfff]")
_JOINERS = re.compile("(?:^|(?<=[\0-\u058f\u1e00-\u1fff\u2000-\u200a]))[\u200c\u200d]+", re.MULTILINE)
"""Zero-width joiners shape letters in Persian and Hindi and join emoji; in Latin text they only cut words in two."""
_SURROGATES = re.compile("[\ud800-\udfff]")
_MARKS = "".join(chr(code) for code in range(0x10000) if unicodedata.combining(chr(code)))
_MARK_RUN = re.compile(f"([{_MARKS}]{{30}})[{_MARKS}]+")
_NEEDS_NFC = re.compile("[\u0300-\U0010ffff]")
"""Everything below U+0300, the first combining mark, is NFC as it stands."""
_BLANKS = re.compile(r"\s+")
_LATIN_TO_MEND = bytes(code for code in _TABLE if code < 0x100)
"""The signs to mend that Latin-1 has. In a text of Latin-1 alone, as most in Swedish are, bytes are ten times as quick to look through."""


def clean(text: str) -> str:
    """Return the text with what no person typed taken out; trailing blanks of a line are kept (``-- `` is a mark)."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if _is_plain(text):
        return text
    if _WORTH_MENDING.search(text):
        text = _SURROGATES.sub("", text.translate(_TABLE))
    if "\u200c" in text or "\u200d" in text:
        text = _JOINERS.sub("", text)
    if not _NEEDS_NFC.search(text):
        return text
    # Python's NFC is quadratic in a run of combining marks. Stream-safe text (UAX 15, 13) never needs more than 30.
    return unicodedata.normalize("NFC", _MARK_RUN.sub(r"\1", text))


def _is_plain(text: str) -> bool:
    """Return whether a text is of Latin-1 and holds nothing to mend; such a text is NFC as it stands."""
    try:
        latin = text.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return len(latin.translate(None, _LATIN_TO_MEND)) == len(latin)


def one_line(text: str, longest: int = 2_000) -> str:
    """Return the text on one line, without control characters, cut at ``longest`` characters."""
    return _BLANKS.sub(" ", clean(text[: 2 * longest])).strip()[:longest]


def shorten(text: str) -> str:
    """Return at most ``LONGEST`` characters: the beginning and the end of a text that is longer."""
    if len(text) <= LONGEST:
        return text
    return f"{text[: LONGEST - _TAIL - 1]}\n{text[-_TAIL:]}"


def unflow(text: str, *, del_sp: bool = False) -> str:
    """Return format=flowed text (RFC 3676) with its soft line breaks undone."""
    lines: list[str] = []
    open_depth = -1
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        content = line[depth:].removeprefix(" ")
        if open_depth == depth and content != "-- ":
            lines[-1] += content
        else:
            lines.append(f"{'>' * depth} {content}" if depth else content)
        flows = content.endswith(" ") and content != "-- "
        if flows and del_sp:
            lines[-1] = lines[-1][:-1]
        open_depth = depth if flows else -1
    return "\n".join(lines)
