"""Mails as people really type them: a labelled mail made worse, so that the model learns to read past it."""

import random
from dataclasses import replace

from inbox_bot.classification.corpus import Example

_PLAIN = str.maketrans("åäöÅÄÖéÉøæ", "aaoAAOeEoa")
_SHARE = 0.04
_NEAR = {
    "a": "sq", "e": "rw", "i": "ou", "o": "ip", "u": "iy", "s": "ad", "d": "sf", "r": "et", "t": "ry", "n": "bm",
    "l": "kö", "g": "fh", "k": "jl", "m": "n", "p": "oå", "b": "vn", "v": "cb", "å": "pa", "ä": "öe", "ö": "äo",
}  # fmt: skip


def worsened(example: Example, chance: random.Random) -> Example:
    """Return a copy of an example with its words worse typed, one character for one, so that every offset holds."""
    way = chance.choice(("plain", "typos", "small", "plain typos", "loud"))
    return replace(
        example,
        subject=_worse(example.subject, way, chance),
        body=_worse(example.body, way, chance),
    )


def _worse(text: str, way: str, chance: random.Random) -> str:
    if "plain" in way:
        text = text.translate(_PLAIN)
    if "typos" in way:
        text = "".join(_mistyped(letter, chance) for letter in text)
    if way == "small":
        text = "".join(" " if letter in ",;" else low if len(low := letter.lower()) == 1 else letter for letter in text)
    if way == "loud":
        text = "".join(high if len(high := letter.upper()) == 1 else letter for letter in text)
    return text


def _mistyped(letter: str, chance: random.Random) -> str:
    near = _NEAR.get(letter)
    return chance.choice(near) if near and chance.random() < _SHARE else letter
