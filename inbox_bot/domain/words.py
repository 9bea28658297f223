"""The words a case is found by: of who asked, and of the subjects of its mails."""

import re
import unicodedata

MOST_WORDS = 40
"""Words taken of one text: what a stranger writes into a subject may be endless."""

LONGEST = 80
MOST_TERMS = 6
_PIECE = re.compile(r"\w+")
_EDGE = " \t.,;:!?()[]{}<>\"'`´*_/\\|#-–—…”’“"
_FEWEST_DIGITS = 4


def words_of_person(*texts: str) -> frozenset[str]:
    """Return the words of a name or an address: whole ("anna-karin", kim@example.se) and in their parts."""
    found: set[str] = set()
    for text in texts:
        for chunk in _chunks(text)[:MOST_WORDS]:
            found |= {chunk, chunk.rpartition("@")[2], *_PIECE.findall(chunk)}
    return frozenset(word for word in found if 1 < len(word) <= LONGEST)


def words_of_subject(subject: str) -> frozenset[str]:
    """Return the words of a subject but those that hold a number: it may be a personal identity number or a part of one,
    which nobody needs to search by (dataskyddslagen 3 kap. 10 §).
    """
    return frozenset(word for word in words_of_person(subject) if not _holds_a_number(word))


def terms_of(text: str) -> tuple[str, ...]:
    """Return what a person searches for, in the form words are kept in: each the beginning of a word."""
    return tuple(dict.fromkeys(chunk[:LONGEST] for chunk in _chunks(text) if len(chunk) > 1 or chunk.isdecimal()))[
        :MOST_TERMS
    ]


def _chunks(text: str) -> list[str]:
    plain = unicodedata.normalize("NFC", text).casefold()
    return [stripped for chunk in plain.split() if (stripped := chunk.strip(_EDGE))]


def _holds_a_number(word: str) -> bool:
    return sum(sign.isdigit() for sign in word) >= _FEWEST_DIGITS
