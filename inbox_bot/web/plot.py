"""Geometry of the plots: bars and columns in per cent of the width, so that one SVG is readable on a phone and on a screen.

Heights and letters keep their size whatever the width: nothing is scaled, so no text gets small at 390 pixels. What is late is
hatched and said in words; colour is never the only sign.
"""

from collections.abc import Sequence
from dataclasses import dataclass

FULL = 100.0
WIDEST = 14.0
"""Per cent of the width a column has at most: three months are three columns, not three walls."""

GAP = 1.2
"""Per cent of the width between two columns, at most a fifth of one."""


@dataclass(frozen=True, kw_only=True)
class Piece:
    """One part of a bar or column: ``kind`` is how it is drawn (``plain`` or ``hatched``), the rest where, in per cent and pixels."""

    kind: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A bar or column with what it is called and what it says. ``middle``: where its words stand, in per cent."""

    label: str
    value: str
    pieces: tuple[Piece, ...]
    middle: float
    top: float


@dataclass(frozen=True, kw_only=True)
class Datum:
    """What is drawn: an amount and how much of it is hatched."""

    label: str
    value: str
    plain: float
    hatched: float = 0


def columns(data: Sequence[Datum], *, height: float, most: float | None = None) -> tuple[Mark, ...]:
    """Return upright columns side by side on a ground line at ``height`` pixels; the highest of ``most`` reaches the top."""
    highest = most or max((one.plain + one.hatched for one in data), default=0) or 1
    step = FULL / max(1, len(data))
    wide = min(step - min(GAP, step / 5), WIDEST)
    found = []
    for index, one in enumerate(data):
        pieces = []
        top = height
        for kind, amount in (("plain", one.plain), ("hatched", one.hatched)):
            if amount:
                tall = max(2.0, amount / highest * height)
                top -= tall
                pieces.append(Piece(kind=kind, x=(index + 0.5) * step - wide / 2, y=top, width=wide, height=tall))
        found.append(
            Mark(label=one.label, value=one.value, pieces=tuple(pieces), middle=(index + 0.5) * step, top=max(top, 0))
        )
    return tuple(found)


def bars(data: Sequence[Datum], *, row: float, thick: float) -> tuple[Mark, ...]:
    """Return lying bars below one another, each with its words above it; the longest fills the width."""
    longest = max((one.plain + one.hatched for one in data), default=0) or 1
    found = []
    for index, one in enumerate(data):
        pieces = []
        at = 0.0
        for kind, amount in (("plain", one.plain), ("hatched", one.hatched)):
            if amount:
                wide = amount / longest * FULL
                pieces.append(Piece(kind=kind, x=at, y=(index + 1) * row - thick - 10, width=wide, height=thick))
                at += wide
        found.append(
            Mark(label=one.label, value=one.value, pieces=tuple(pieces), middle=0, top=(index + 1) * row - thick - 16)
        )
    return tuple(found)
