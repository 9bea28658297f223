"""How easy a text is to read: LIX (Björnsson 1968) and the length of its longest sentence."""

import re

_WORD = re.compile(r"[^\W\d_]+")
_END = re.compile(r"[.!?:\n]")
_LONG_WORD = 6


def lix(text: str) -> float:
    """Return LIX: words per sentence, plus the share of words longer than six letters in per cent; 0 without words.

    Below 30 is very easy, 40 an ordinary newspaper, above 50 officialese.
    """
    found = _WORD.findall(text)
    if not found:
        return 0.0
    return len(found) / len(_sentences(text)) + 100 * sum(len(word) > _LONG_WORD for word in found) / len(found)


def longest_sentence(text: str) -> str:
    """Return the sentence with most words, with its white space tidied."""
    return " ".join(max(_sentences(text), key=word_count, default="").split())


def word_count(text: str) -> int:
    """Return how many words a text has; numbers are none."""
    return len(_WORD.findall(text))


def _sentences(text: str) -> list[str]:
    return [part for part in _END.split(text) if _WORD.search(part)]
