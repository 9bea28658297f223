"""What kind of mail each part of the corpus holds, and how much the model heeds it.

Mail that is like what a mailbox gets teaches more than mail written to fool a reader: learnt from alone, two thousand mails
of part ``f`` rank strangers' requests of that kind better than the nearly nine thousand before them do.
"""

import re

from inbox_bot.classification.corpus import Example

_RIDDLES = re.compile(r"[ab]\d-")
"""Writers whose mails are full of irony, ellipsis, and words that turn the sense, as no mailbox is."""

_AGAINST = re.compile(r"[lm]\d")
"""Writers who knew what the program mishears, or had its answer to each mail: a choice by what fools it is no mailbox."""

_OF_ONE_THEME = re.compile(r"[cde]\d-")
"""Writers who were given one right or one kind of mail to write about."""

_SELDOM, _AS_IT_IS, _OFTEN = 0.3, 1.0, 3.0


def is_ordinary(example: Example) -> bool:
    """Return whether a mail is such as a mailbox gets them: no riddle, in no contrast pair, and not written against the program."""
    return not _is_riddle(example) and not _AGAINST.match(example.writer)


def _is_riddle(example: Example) -> bool:
    return bool(example.pair) or bool(_RIDDLES.match(example.writer))


def weight(example: Example) -> float:
    """Return how many mails one counts as when the model learns. What staff sorted counts most: it is the company's own mail."""
    if _is_riddle(example):
        return _SELDOM
    return _AS_IT_IS if _OF_ONE_THEME.match(example.writer) else _OFTEN
