"""How a word is made comparable: small letters, and letters with dots, rings and strokes written plain."""

import unicodedata
from functools import lru_cache

# NFKD takes å ä ö é apart; these have no parts, so they are spelt out as people without the key spell them.
_WHOLE = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ß": "ss", "ð": "d", "þ": "th", "ł": "l", "’": "'", "´": "'"})


@lru_cache(maxsize=65_536)
def fold(word: str) -> str:
    """Return a word so that ``Återkallar``, ``aterkallar`` and ``ÅTERKALLAR`` become the same string."""
    low = word.lower()
    if low.isascii():
        return low
    parts = unicodedata.normalize("NFKD", low.translate(_WHOLE))
    return "".join(letter for letter in parts if not unicodedata.combining(letter))
