"""Signatures, lines that telephones add, and the paragraphs companies put under every mail."""

import re
from collections.abc import Sequence
from enum import Enum, auto

from inbox_bot.message.toml_lists import quoting_lists

_MARK = re.compile(r"(?:--|__|—|–)[ \t]?$")
_LONGEST_DEVICE_LINE = 90
_MOST_LINES = 20
_MOST_CHARACTERS = 1_500
_LINK = re.compile(r"<?(?:https?://|www\.)\S{1,300}>?|<mailto:\S{1,300}>")


class Signature(Enum):
    """Why a line is taken for a signature, or that it is not."""

    NONE = auto()
    MARKED = auto()
    DEVICE = auto()


def signature_lines(lines: Sequence[str | None]) -> list[Signature]:
    """Return for each line whether it belongs to a signature; ``None`` lines are older mail and end one.

    A signature begins with a line ``-- `` (RFC 3676, 4.3) under some text and lasts to the end or to older mail. It is
    short, and speaks neither in the first person nor asks for anything: people also rule off their text with ``--``.
    """
    marks = [Signature.DEVICE if line and _is_device_line(line) else Signature.NONE for line in lines]
    index, has_text = 0, False
    while index < len(lines):
        line = lines[index]
        if line is None:
            index += 1
            continue
        if has_text and _MARK.match(line):
            end = _end(lines, index)
            if end and _is_signature([line for line in lines[index + 1 : end] if line is not None]):
                marks[index:end] = [mark if mark is Signature.DEVICE else Signature.MARKED for mark in marks[index:end]]
                index = end
                continue
        has_text = has_text or bool(line.strip())
        index += 1
    return marks


def _end(lines: Sequence[str | None], start: int) -> int:
    """Return the line after a signature that begins at ``start``, or 0 if it is too long to be one."""
    written = 0
    for index in range(start, len(lines)):
        line = lines[index]
        if line is None:
            return index
        written += bool(line.strip())
        if written > _MOST_LINES or index - start > 5 * _MOST_LINES:
            return 0
    return len(lines)


def _is_signature(lines: Sequence[str]) -> bool:
    written = [line for line in lines if line.strip()]
    if sum(map(len, written)) > _MOST_CHARACTERS:
        return False
    # A company's paragraph within the signature may ask the reader to think of the forests; it is judged as such.
    personal = "\n".join(line for line in written if not quoting_lists().disclaimers.match(line.strip(" \t*_")))
    return not _is_personal(personal) and not quoting_lists().asking.search(personal)


def _is_personal(text: str) -> bool:
    return quoting_lists().first_person.search(text) is not None


def _is_device_line(line: str) -> bool:
    """True for "Skickat från min iPhone" and its kin when the line holds nothing else."""
    bare = _LINK.sub("", line[:600]) if ":" in line or "www." in line else line
    bare = bare.strip(" \t*_<>[]()-–—")
    if not bare or len(bare) > _LONGEST_DEVICE_LINE:
        return False
    device = quoting_lists().devices.match(bare)
    if device is None:
        return False
    rest = bare[device.end() :]
    return len(rest.split()) <= 6 and not _is_personal(rest) and not quoting_lists().asking.search(rest)


def disclaimers(lines: Sequence[str | None]) -> set[int]:
    """Return the lines of paragraphs that a company puts on every mail, so far as none speaks in the first person."""
    found: set[int] = set()
    start = 0
    for index in range(len(lines) + 1):
        line = lines[index] if index < len(lines) else None
        if line is not None and line.strip():
            continue
        paragraph = [text for text in lines[start:index] if text is not None]
        if paragraph and _is_disclaimer(paragraph):
            found.update(range(start, index))
        start = index + 1
    return found


def _is_disclaimer(paragraph: Sequence[str]) -> bool:
    text = " ".join(line.strip() for line in paragraph[:_MOST_LINES])
    if not quoting_lists().disclaimers.match(text.lstrip(" *_-[(")[:400]):
        return False
    return sum(map(len, paragraph)) <= 2 * _MOST_CHARACTERS and not _is_personal(text)
