"""What a value looks like before it may stand in a letter: no control characters, no hidden directions, safe greetings."""

import unicodedata
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

_LONGEST_NAME = 60
_MOST_WORDS = 5
_NAME_MARKS = frozenset(" -'’.")
_LINE_ENDS = str.maketrans({"\r": "\n", "\v": "\n", "\f": "\n", "\x85": "\n", "\u2028": "\n", "\u2029": "\n"})


class _Kept(dict[int, int | None]):
    """For ``str.translate``: each character itself, None for what may not stand in a letter. Asked once a character."""

    def __missing__(self, code: int) -> int | None:
        unwanted = unicodedata.category(chr(code))[0] == "C" and code != ord("\n")
        kept = self[code] = None if unwanted else code
        return kept


_KEPT = _Kept()


def clean_text(value: str) -> str:
    r"""Return paragraphs with ``\n`` line ends, NFC, without control and format characters and lone surrogates.

    Format characters (category Cf) go too: a right-to-left override makes a letter read otherwise than it is stored.
    """
    ended = value.replace("\r\n", "\n").translate(_LINE_ENDS).replace("\t", " ")
    return "\n".join(line.rstrip() for line in unicodedata.normalize("NFC", ended.translate(_KEPT)).split("\n")).strip()


def clean_line(value: str) -> str:
    """Return the value as one line, each run of white space a single space, cleaned as ``clean_text`` cleans."""
    return " ".join(clean_text(value).split())


def clean_all(value: Any) -> Any:
    """Clean every string inside a structure of mappings and lists; other values pass as they are."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, Mapping):
        return {key: clean_all(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [clean_all(item) for item in value]
    return value


def greeting_name(value: str) -> str:
    """Return a name fit to be greeted by, or ``""``.

    The name stands beside the address in a stranger's mail, and the receipt goes to whoever that address belongs to: a
    "name" that holds a web address or a message would make us carry it. So only what looks like a name is repeated.
    "Karlsson, Anna" becomes "Anna Karlsson".
    """
    name = clean_line(value).strip("\"' ")
    if name.count(",") == 1:
        last, first = (part.strip() for part in name.split(","))
        name = f"{first} {last}".strip()
    return name if _is_name(name) else ""


def _is_name(name: str) -> bool:
    if not name or len(name) > _LONGEST_NAME or len(name.split(" ")) > _MOST_WORDS:
        return False
    if not all(character in _NAME_MARKS or unicodedata.category(character)[0] in "LM" for character in name):
        return False
    # A full stop ends an initial ("J. Berg"); one inside a word is how web addresses look.
    stops_end_words = all(after == " " for stop, after in pairwise(name) if stop == ".")
    return name[0].isalpha() and stops_end_words
