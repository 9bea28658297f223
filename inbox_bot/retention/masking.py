"""Hides Swedish personal identity numbers in what a mail says: nobody asked for them (dataskyddslagen 3 kap. 10 §)."""

import re
from collections.abc import Mapping
from typing import Any

_NUMBER = re.compile(
    r"(?<![\d-])(?:19|20)?\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]|6[1-9]|[78]\d|9[01])[ \t]?[-+\u2010-\u2015]?[ \t]?\d{4}(?![\d-])"
)
"""A birth date, the day raised by sixty in a coordination number, and four digits (folkbokföringslagen 18 §, 18 a §)."""

_DIGIT = re.compile(r"\d")
HIDDEN = "•"


def hide_numbers(text: str) -> str:
    """Return a text with every digit of such a number hidden. It keeps its length: evidence points into it by place."""
    return _NUMBER.sub(lambda found: _DIGIT.sub(HIDDEN, found.group()), text)


def hide_in(value: Any) -> Any:
    """Return a JSON value with the numbers in all its texts hidden."""
    match value:
        case str():
            return hide_numbers(value)
        case Mapping():
            return {name: hide_in(inner) for name, inner in value.items()}
        case list():
            return [hide_in(inner) for inner in value]
        case _:
            return value
