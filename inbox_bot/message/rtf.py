"""RTF to the text it shows, for the bodies that Outlook packs into winmail.dat (MS-OXRTFCP, MS-OXRTFEX)."""

import re

from inbox_bot.message import charset

_MOST_BYTES = 1_000_000
_PRESET = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript "
    rb"\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
"""What every compressor and reader begins with in its window (MS-OXRTFCP, 2.1.2.1)."""

_WINDOW = 4096
_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,9})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z'])|([{}])|[\r\n]+|([^\\{}\r\n]+)|\\"
)
_SKIPPED = frozenset(
    {
        b"fonttbl",
        b"colortbl",
        b"stylesheet",
        b"info",
        b"pict",
        b"header",
        b"footer",
        b"filetbl",
        b"listtable",
        b"generator",
    }
)
_WRITTEN = {b"par": "\n", b"line": "\n", b"tab": "\t", b"lquote": "‘", b"rquote": "’", b"ldblquote": "“"} | {
    b"rdblquote": "”", b"bullet": "•", b"endash": "–", b"emdash": "—", b"cell": " ", b"row": "\n"
}  # fmt: skip


def decompressed(data: bytes) -> bytes:
    """Return the RTF behind Outlook's compression, at most a megabyte of it; ``b""`` for what is none."""
    if data[8:12] == b"MELA":
        return data[16 : 16 + _MOST_BYTES]
    if data[8:12] != b"LZFu":
        return b""
    window = bytearray(_PRESET.ljust(_WINDOW, b" "))
    place, at, found = len(_PRESET), 16, bytearray()
    while at < len(data) and len(found) < _MOST_BYTES:
        flags, at = data[at], at + 1
        for bit in range(8):
            if flags >> bit & 1:
                reference = int.from_bytes(data[at : at + 2], "big")
                start, at = reference >> 4, at + 2
                if at > len(data) or start == place:
                    return bytes(found)
                run = [(start + step) % _WINDOW for step in range((reference & 15) + 2)]
            elif at < len(data):
                window[place], run, at = data[at], [place], at + 1
            else:
                return bytes(found)
            for source in run:
                window[place] = window[source]
                found.append(window[place])
                place = (place + 1) % _WINDOW
    return bytes(found)


def to_text(rtf: bytes) -> tuple[str, bool]:
    """Return what RTF says, and whether it is HTML that was wrapped in RTF and comes out as HTML. Never raises."""
    page = _Page(is_html=b"\\fromhtml" in rtf[:2_000])
    for token in _TOKEN.finditer(rtf[:_MOST_BYTES]):
        page.take(token)
    return page.text(), page.is_html


class _Page:
    """The text as it grows, and for each open group whether it is hidden and how many letters stand in for a Unicode one."""

    def __init__(self, *, is_html: bool) -> None:
        self.is_html = is_html
        self._groups: list[tuple[bool, int]] = []
        self._hidden = False
        self._stand_ins = 1
        self._to_skip = 0
        self._is_rtf_only = False
        self._charset = "cp1252"
        self._waiting = bytearray()
        self._texts: list[str] = []

    def text(self) -> str:
        self._flush()
        return "".join(self._texts)

    def take(self, token: "re.Match[bytes]") -> None:
        word, number, code, sign, brace, plain = token.groups()
        if brace == b"{":
            self._groups.append((self._hidden, self._stand_ins))
        elif brace == b"}":
            if self._groups:
                self._hidden, self._stand_ins = self._groups.pop()
        elif word:
            self._control(word, number)
        elif sign == b"*":
            self._hidden = True  # A destination that old readers do not know; htmltag alone is shown again.
        elif sign in {b"\r", b"\n"}:
            self._say("\n")
        elif sign == b"~":
            self._say(" ")
        else:
            content = bytes([int(code, 16)]) if code else sign if sign in {b"\\", b"{", b"}"} else plain
            if content:
                self._bytes(content)

    def _control(self, word: bytes, number: bytes | None) -> None:
        if word == b"ansicpg" and number:
            self._charset = f"cp{int(number)}" if int(number) != 65001 else "utf-8"
        elif word == b"uc":
            self._stand_ins = min(int(number or 1), 8)
        elif word == b"u" and number:
            self._say(chr(int(number) % 0x10000))
            self._to_skip = self._stand_ins
        elif word == b"htmlrtf":
            self._is_rtf_only = number != b"0"
        elif word == b"htmltag" and self.is_html:
            self._hidden = False
        elif word in _SKIPPED:
            self._hidden = True
        elif word in _WRITTEN:
            self._say("\n" if self.is_html and word in {b"par", b"line"} else _WRITTEN[word])

    def _bytes(self, content: bytes) -> None:
        skipped = min(self._to_skip, len(content))
        self._to_skip -= skipped
        if not (self._hidden or self._is_rtf_only):
            self._waiting += content[skipped:]

    def _say(self, text: str) -> None:
        if not (self._hidden or self._is_rtf_only):
            self._flush()
            self._texts.append(text)

    def _flush(self) -> None:
        if self._waiting:
            self._texts.append(charset.decode(bytes(self._waiting), self._charset))
            self._waiting.clear()
