"""The lines that mail programs put above older mail: "Den … skrev …:", header blocks, "---- Original Message ----"."""

import re
from collections.abc import Sequence

from inbox_bot.message.toml_lists import quoting_lists

_LONGEST_LINE = 400
_MOST_WRAPPED = 4
_MOST_HEADER_LINES = 30

_CLOCK = re.compile(r"\b\d{1,2}[:.]\d{2}\b")
_DAY = re.compile(
    r"\b\d{1,4}[-/.]\d{1,2}\b(?![.:]\d\d\b)[-/.]?|\b\d{1,2}(?:\.|st|nd|rd|th)? [^\W\d]{3,}|[^\W\d]{3,}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4}\b"
)
_ADDRESS = re.compile(r"[^\s<>()@]{1,128}@[^\s<>()@]{1,255}")
_ANGLE_ADDRESS = re.compile(r"<(?:mailto:)?\s?[^\s<>()@]{1,128}@[^\s<>()@]{1,255}>")
_ABBREVIATION = re.compile(r"\b\w{1,5}\.")
_DIGIT = re.compile(r"\d")
_SENTENCE_BREAK = re.compile(r"[.!?]\s+[A-ZÅÄÖ]")
_LABEL = re.compile(r"[ \t>*]{0,6}([^\W\d][\w \-]{0,14}?)[ \t]{0,2}\*{0,2}[ \t]?:\*{0,2}(?:\s|$)")
_MARKER = re.compile(r"[ \t>]{0,6}[-_=*]{2,}\s?(\w[^\n]{2,40}?)\s?[-_=*]{2,}[ \t]*$")
_DATE_AND_ADDRESS = re.compile(
    r"[ \t]{0,3}\d{4}/\d{1,2}/\d{1,2} [^<>\n]{0,200}<[^\s<>@]{1,128}@[^\s<>@]{1,255}>[ \t]*$"
)
"""What Gmail wrote above a quotation until 2013: "2013/3/3 Anna <anna@example.se>"."""

_DASHED_ATTRIBUTION = re.compile(r"[ \t]{0,6}-{2,}\s?(\w[^\n]{8,200}?)\s?-{2,}[ \t]*$")
_COLON_MARKER = re.compile(r"[ \t>]{0,6}(\w[^\n:]{2,40}?):[ \t]*$")


def is_marker(line: str) -> bool:
    """True for ``-----Original Message-----`` and its kin, and for Apple's ``Begin forwarded message:``."""
    if len(line) > 250:
        return False
    written = _DASHED_ATTRIBUTION.match(line)
    if (
        written
        and (_CLOCK.search(written[1]) or _ADDRESS.search(written[1]))
        and quoting_lists().wrote.search(written[1])
    ):
        return True
    dashed = _MARKER.match(line)
    if dashed:
        return _is_known(dashed[1])
    plain = _COLON_MARKER.match(line)
    return plain is not None and " " in plain[1] and _is_known(plain[1])


def _is_known(words: str) -> bool:
    known = quoting_lists().markers
    words = words.lower().strip()
    # "Forwarded message from Anna" names the writer after the words.
    return words in known or any(words.startswith((f"{marker} from ", f"{marker} från ")) for marker in known)


def attribution_end(lines: Sequence[str], start: int, *, sure: bool = False) -> int:
    """Return the line after an attribution that begins at ``start``, or 0 if none does.

    An attribution is at most four lines, ends in a colon, holds a verb of writing and no narrator ("Den 3 mars skrev jag
    till er:" is a person's sentence). It is ``sure`` if it also says the time of day or an address; without that the
    caller must see a quotation below it.
    """
    if not lines[start].strip() or len(lines[start]) > _LONGEST_LINE:
        return 0
    if not sure and _DATE_AND_ADDRESS.match(lines[start]):
        return start + 1
    text = ""
    for end in range(start, min(start + _MOST_WRAPPED, len(lines))):
        line = lines[end].strip()
        if not line or len(line) > _LONGEST_LINE or (end > start and line.startswith(">")):
            return 0
        text = f"{text} {line}"
        if line.endswith((":", ":*")):
            return end + 1 if _attributes(text, sure=sure) else 0
        if end == start and not _may_begin(line):
            return 0
    return 0


def _may_begin(line: str) -> bool:
    """True for a first line that the rest of a wrapped attribution may follow: one that holds a date or an address."""
    return _DIGIT.search(line) is not None or "@" in line


def _attributes(text: str, *, sure: bool) -> bool:
    lists = quoting_lists()
    has_clock = _CLOCK.search(text) is not None
    if lists.wrote.search(text) is None:
        # Gmail once wrote no verb: "2016-10-24 15:36 GMT+02:00 Anna <anna@example.se>:"; so do tongues not listed.
        return has_clock and _ANGLE_ADDRESS.search(text) is not None and not (sure and _is_told(text))
    if _is_told(text):
        # "At 10:15 PM, you wrote:" is a program's line if a quotation follows; the caller looks.
        return has_clock and not sure
    if not sure:
        return True
    # "Läraren skrev kl. 10:15:" is a person's sentence; a program says the day as well.
    return (has_clock and _DAY.search(text) is not None) or _ADDRESS.search(text) is not None


def _is_told(text: str) -> bool:
    """True for a sentence in which a person tells who wrote: it has a pronoun, or a full stop before another sentence."""
    named = _ADDRESS.sub(" ", text)
    return bool(quoting_lists().narrators.search(named) or _SENTENCE_BREAK.search(_ABBREVIATION.sub("", named)))


def block_end(lines: Sequence[str], start: int, *, sure: bool) -> int:
    """Return the line after a header block (From, Sent, To, Subject) that begins at ``start``, or 0 if none does.

    A block begins with From or Sent and holds both. ``sure``: it must also show that a program wrote it, by the time of
    day it was sent or an address in its From; a person's letter may begin with "Från: … Datum: …" too.
    """
    if start >= len(lines):
        return 0
    kinds: dict[str, str] = {}
    end = index = start
    while index < len(lines) and index - start < _MOST_HEADER_LINES:
        line = lines[index]
        if not line.strip():
            # Some programs put blank lines between the headers: look one line ahead.
            if index + 1 < len(lines) and kinds and _kind(lines[index + 1]):
                index += 1
                continue
            break
        kind = _kind(line)
        if kind:
            kinds.setdefault(kind, line)
            end = index + 1
        elif index == start or not _continues(line):
            break
        index += 1
    if _kind(lines[start]) not in {"from", "sent"} or not {"from", "sent"} <= kinds.keys() or len(kinds) < 2:
        return 0
    if sure and not (_CLOCK.search(kinds["sent"]) or "@" in kinds["from"]):
        return 0
    return _after_wrapped(lines, end)


def is_label(line: str) -> bool:
    """True for a line that begins like one of a header block: ``Från: …``."""
    return _kind(line) is not None


def _kind(line: str) -> str | None:
    label = _LABEL.match(line[:60])
    return quoting_lists().labels.get(" ".join(label[1].lower().split())) if label else None


def _continues(line: str) -> bool:
    """True for what may be the rest of a wrapped header: more recipients, or an indented line."""
    return line.startswith((" ", "\t")) or "@" in line or line.rstrip().endswith((";", ">"))


def _after_wrapped(lines: Sequence[str], end: int) -> int:
    while end < len(lines) and lines[end].strip() and _continues(lines[end]) and lines[end].startswith((" ", "\t")):
        end += 1
    return end
