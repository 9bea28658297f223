"""Which files may go with which letter, and what in them may be about somebody else: the values of ``rules/attachments.toml``."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from inbox_bot.domain.attachment import Inside

_MOST_SHOWN = 5
_HIDDEN = 4
"""Digits at the end of a number that are not shown."""


@dataclass(frozen=True, kw_only=True)
class FileKind:
    """A kind of file, known by how its name ends. ``readable``: the program can look into it."""

    ending: str
    media_type: str
    readable: bool


@dataclass(frozen=True, kw_only=True)
class AttachmentRules:
    """``largest`` in bytes, ``most`` files on one letter. ``letters`` are those that may carry any."""

    letters: frozenset[str]
    largest: int
    most: int
    addresses: re.Pattern[str]
    numbers: re.Pattern[str]
    kinds: tuple[FileKind, ...]

    def kind_of(self, name: str) -> FileKind | None:
        """Return the kind of a file by its name, None for one that may not be sent."""
        ending = name.rpartition(".")[2].lower()
        return next((kind for kind in self.kinds if kind.ending == ending), None)

    def look_into(self, name: str, content: bytes, own: Collection[str]) -> Inside:
        """Return what a file's text says of others than ``own`` addresses. What cannot be read is said to be unread."""
        kind = self.kind_of(name)
        text = decoded(content) if kind is not None and kind.readable else None
        if text is None:
            return Inside(read=False)
        known = {address.lower() for address in own}
        others = dict.fromkeys(one.lower() for one in self.addresses.findall(text))
        numbers = dict.fromkeys(f"{one[:-_HIDDEN]}{'*' * _HIDDEN}" for one in self.numbers.findall(text))
        return Inside(
            read=True,
            addresses=tuple(one for one in others if one not in known)[:_MOST_SHOWN],
            numbers=tuple(numbers)[:_MOST_SHOWN],
        )


def decoded(content: bytes) -> str | None:
    """Return a file's text; None where it is none, as a workbook that somebody named .csv."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    if b"\0" in content:
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")
