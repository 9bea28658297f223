"""Where sentences begin in mail, whose writers often leave out full stops and capitals."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from inbox_bot.classification.spelling import fold

_SHORT_LINE = 60
_ENDS = frozenset({".", "!", "?", "…", "...", "!!", "!!!", "??", "?!", "!?"})
_ABBREVIATIONS = frozenset({"art", "nr", "tel", "resp", "ev", "kl", "p", "st", "ca", "bla", "tex", "forts", "f", "d"})
_BULLETS = frozenset({"-", "*", "•", "–", "—", "·"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """What the look of one token says about sentences. ``breaks`` counts line ends in white space."""

    is_space: bool
    breaks: int
    ends_sentence: bool
    starts_line: bool
    is_capital: bool
    is_abbreviation: bool


def shape(word: str) -> Shape:
    """Return what a token looks like."""
    return Shape(
        is_space=word.isspace(),
        breaks=word.count("\n") if word.isspace() else 0,
        ends_sentence=word in _ENDS,
        starts_line=word in _BULLETS or word.isdigit(),
        is_capital=word[:1].isupper(),
        is_abbreviation=fold(word) in _ABBREVIATIONS,
    )


def split(shapes: Sequence[Shape], offsets: Sequence[int]) -> Iterator[list[int]]:
    """Yield the token numbers of each sentence, white space left out.

    A sentence ends after . ! ?, at an empty line, before a bullet, and where a short line is followed by a capital.
    """
    sentence: list[int] = []
    line = breaks = 0
    ended = was_short = was_abbreviation = False
    for number, token in enumerate(shapes):
        if token.is_space:
            if token.breaks:
                breaks += token.breaks
                was_short = offsets[number] - line < _SHORT_LINE
                line = offsets[number]
            continue
        new_line = breaks > 1 or (breaks == 1 and (token.starts_line or (was_short and token.is_capital)))
        if sentence and (new_line or (ended and not token.ends_sentence)):
            yield sentence
            sentence = []
        ended = (ended and token.ends_sentence) or (token.ends_sentence and not was_abbreviation)
        sentence.append(number)
        breaks, was_abbreviation = 0, token.is_abbreviation
    if sentence:
        yield sentence
