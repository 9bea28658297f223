"""Whose turn it is when one sender writes very much: everyone's first mails go before anyone's hundredth."""

import re
from collections import OrderedDict
from datetime import datetime

CALM = 20
"""Mails a sender may have in hand before those after them wait for other people's."""

PER_MINUTE = 10.0
"""How fast what a sender has sent is forgiven: a web form that sends on people's questions never comes near."""

_REMEMBERED = 10_000
_FROM = re.compile(rb"^from[ \t]*:([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)", re.IGNORECASE | re.MULTILINE)
_ADDRESS = re.compile(rb"[^\s<>()\[\],;:\"\\@]{1,128}@[^\s<>()\[\],;:\"\\@]{1,255}")
_HEAD = 32_768


class Crowd:
    """Counts by sender what has come in lately, in memory: by the hash of an address, which no restart remembers.

    Mails are taken in order of their turn, then of their receipt. Within a sender the order of receipt stays, but for what
    lies minutes apart.
    """

    def __init__(self) -> None:
        self._levels: OrderedDict[int, tuple[datetime, float]] = OrderedDict()

    def turn(self, content: bytes, now: datetime) -> int:
        """Return the turn of one mail that has just come in: 0 for a sender's first twenty, then 1, 2 …"""
        key = hash(_sender(content))
        at, level = self._levels.pop(key, (now, 0.0))
        level = max(0.0, level - max(0.0, (now - at).total_seconds()) / 60 * PER_MINUTE)
        self._levels[key] = (now, level + 1)
        while len(self._levels) > _REMEMBERED:
            self._levels.popitem(last=False)
        return int(level) // CALM


def _sender(content: bytes) -> bytes:
    """Return the address a mail says it is from, lower-case; ``b""`` where it says none. Nothing leans on its being true."""
    head = content[:_HEAD].partition(b"\r\n\r\n")[0]
    found = _FROM.search(head)
    addresses = _ADDRESS.findall(found.group(1)[:2_000]) if found else []
    return addresses[-1].lower() if addresses else b""
