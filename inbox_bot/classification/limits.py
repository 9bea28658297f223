"""Where the three outcomes part, chosen by what each mistake costs, on mails whose writers were held back from training."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inbox_bot.classification.corpus import Example
from inbox_bot.classification.model import Limits, Opinion

MOST_MISSED = 1 / 200
"""The share of requests that may be left alone: the worst mistake there is."""

MOST_WRONG = 0.055
"""The share of the sorted requests that may be sorted as the wrong rights; each costs a wrong receipt and a correction."""

SEVERAL = 1 / 5
"""The share of requests that ask for several rights at once in a mailbox; the corpus has more of them, to learn from."""

RIDDLES = re.compile(r"[ab]\d-")
"""Writers of the corpus whose mails are full of riddles, as no mailbox is."""

MOST_TAKEN = 0.02
"""The share of other mail that may be taken for a request; each costs a stranger a puzzling letter."""


@dataclass(frozen=True, kw_only=True)
class _Held:
    asked: npt.NDArray[np.float64]
    surely: npt.NDArray[np.float64]
    weight: npt.NDArray[np.float64]
    is_request: npt.NDArray[np.bool_]
    may_be_left: npt.NDArray[np.bool_]
    is_right: npt.NDArray[np.bool_]


def choose(examples: Sequence[Example], opinions: Sequence[Opinion]) -> Limits:
    """Return the limits that sort most requests without help while the three shares above hold.

    Riddles and contrast pairs are left out: they are written to fool a reader, and in no mailbox are they most of the mail.
    """
    held = _held([one for one in zip(examples, opinions, strict=True) if is_ordinary(one[0])])
    left = _left(held)
    best, limits = -1.0, Limits(left=left, asked=max(left, 8.0), surely=1.0)
    others = max(1.0, float((~held.is_request).sum()))
    for surely in np.linspace(0.3, 0.98, 69):
        sure = held.surely >= surely
        for asked in np.quantile(held.asked[held.asked >= left], np.linspace(0, 0.98, 99)):
            taken = sure & (held.asked >= asked)
            requests = held.weight * (taken & held.is_request)
            exact = float((requests * held.is_right).sum())
            strangers = float((taken & ~held.is_request & ~held.is_right).sum())
            if (
                exact > best
                and requests.sum() - exact <= MOST_WRONG * requests.sum()
                and strangers <= MOST_TAKEN * others
            ):
                best, limits = exact, Limits(left=left, asked=float(asked), surely=float(surely))
    return limits


def is_ordinary(example: Example) -> bool:
    """Return whether a mail is such as a mailbox gets them."""
    return not example.pair and not RIDDLES.match(example.writer)


def _left(held: _Held) -> float:
    """Return the limit below which mail is left alone: all but ``MOST_MISSED`` of the requests lie above it."""
    asked = np.sort(held.asked[held.is_request & ~held.may_be_left])
    return float(asked[int(MOST_MISSED * len(asked))]) if len(asked) else 0.0


def _held(pairs: Sequence[tuple[Example, Opinion]]) -> _Held:
    is_request = np.array([bool(example.rights) for example, _ in pairs])
    several = np.array([len(example.rights) > 1 for example, _ in pairs])
    share = float(several.sum()) / max(1.0, float(is_request.sum()))
    weight = np.ones(len(pairs))
    if 0 < share < 1:
        weight = np.where(several, SEVERAL / share, (1 - SEVERAL) / (1 - share))
    return _Held(
        asked=np.array([opinion.asked for _, opinion in pairs]),
        surely=np.array([opinion.sureness for _, opinion in pairs]),
        weight=weight,
        is_request=is_request,
        may_be_left=np.array([frozenset() in example.accepted for example, _ in pairs]),
        is_right=np.array([opinion.chosen_rights in example.accepted for example, opinion in pairs]),
    )
