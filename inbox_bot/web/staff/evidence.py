"""Which words of a mail decided what it is: the text cut where evidence begins and ends."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from inbox_bot.domain.verdict import Evidence, Part


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A stretch of text; ``evidence`` holds those whose words it is part of, none for the words between."""

    text: str
    evidence: tuple[Evidence, ...] = ()


def cut(text: str, evidence: Iterable[Evidence], part: Part) -> tuple[Piece, ...]:
    """Cut a text at the evidence that counts in ``part``; the pieces together are the text, whatever the offsets say."""
    here = [one for one in evidence if one.part is part and 0 <= one.start < one.end <= len(text)]
    edges = sorted({0, len(text), *(one.start for one in here), *(one.end for one in here)})
    return tuple(
        Piece(text=text[start:end], evidence=tuple(one for one in here if one.start <= start and end <= one.end))
        for start, end in pairwise(edges)
    )
