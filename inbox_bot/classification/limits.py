"""Where the three outcomes part, chosen by what each mistake costs, on mails whose writers were held back from training."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from inbox_bot.classification.corpus import Example
from inbox_bot.classification.glance import NEVER
from inbox_bot.classification.model import Limits, Opinion
from inbox_bot.classification.parts import is_ordinary

MOST_MISSED = 1 / 200
"""The share of requests that may be left alone: the worst mistake there is."""

MOST_WRONG = 0.05
"""The share of the sorted requests that may be sorted as the wrong rights; each costs a wrong receipt and a correction."""

SEVERAL = 1 / 5
"""The share of requests that ask for several rights at once in a mailbox; the corpus has more of them, to learn from."""

MOST_OVERRULED = 1 / 1_000
"""The share of the held-back requests in which the phrase rules heard something that may lie below where the model overrules them."""

FARTHER = 0.5
"""How much farther down than those requests a mail must lie for the model to overrule the rules, in log odds."""

_LOWEST = -20.0

MOST_TAKEN = 0.02
"""The share of other mail that may be taken for a request; each costs a stranger a puzzling letter."""


@dataclass(frozen=True, kw_only=True)
class _Held:
    glance: npt.NDArray[np.float64]
    asked: npt.NDArray[np.float64]
    surely: npt.NDArray[np.float64]
    weight: npt.NDArray[np.float64]
    is_request: npt.NDArray[np.bool_]
    may_be_left: npt.NDArray[np.bool_]
    is_right: npt.NDArray[np.bool_]


def choose(examples: Sequence[Example], opinions: Sequence[Opinion], heard: Sequence[bool] = ()) -> Limits:
    """Return the limits that sort most requests without help while the three shares above hold.

    Riddles and contrast pairs are left out: they are written to fool a reader, and in no mailbox are they most of the mail.
    ``heard``: whether the phrase rules alone would have a person look at each mail; without it they are never overruled.
    """
    ordinary = [one for one in zip(examples, opinions, strict=True) if is_ordinary(one[0])]
    glance, left = _left_alone(_held(ordinary))
    held = _held([(example, _after(glance, opinion)) for example, opinion in ordinary])
    overruled = _overruled(examples, opinions, heard, left)
    best, limits = -1.0, Limits(glance=glance, overruled=overruled, left=left, asked=max(left, 8.0), surely=1.0)
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
                best, limits = exact, replace(limits, asked=float(asked), surely=float(surely))
    return limits


def _left_alone(held: _Held) -> tuple[float, float]:
    """Return the limits of the glance and of the model below which mail is left alone: all but ``MOST_MISSED`` of the requests
    lie above the model's, and none of these below the glance's: it is there to save time, and what it passes over nobody weighs.

    The glance's is never so high that words which speak for a request would be passed over, however seldom requests
    have such words alone.
    """
    asks = held.is_request & ~held.may_be_left
    count = int(asks.sum())
    if not count:
        return -NEVER, 0.0
    left = float(np.sort(held.asked[asks])[int(MOST_MISSED * count)])
    return min(0.0, float(held.glance[asks & (held.asked >= left)].min())), left


def _overruled(examples: Sequence[Example], opinions: Sequence[Opinion], heard: Sequence[bool], left: float) -> float:
    """Return the limit below which the model overrules the phrase rules: farther down than all but ``MOST_OVERRULED`` of the
    held-back requests in which they have heard something, riddles apart.
    """
    met = sorted(
        opinion.asked
        for example, opinion, is_heard in zip(examples, opinions, heard, strict=bool(heard))
        if is_heard and example.rights and is_ordinary(example)
    )
    return min(left, met[int(MOST_OVERRULED * len(met))] - FARTHER) if met else _LOWEST


def _after(glance: float, opinion: Opinion) -> Opinion:
    """Return the opinion of a mail, the lowest there is of one the first glance passes over."""
    return opinion if opinion.glance >= glance else replace(opinion, asked=_LOWEST)


def _held(pairs: Sequence[tuple[Example, Opinion]]) -> _Held:
    is_request = np.array([bool(example.rights) for example, _ in pairs])
    several = np.array([len(example.rights) > 1 for example, _ in pairs])
    share = float(several.sum()) / max(1.0, float(is_request.sum()))
    weight = np.ones(len(pairs))
    if 0 < share < 1:
        weight = np.where(several, SEVERAL / share, (1 - SEVERAL) / (1 - share))
    return _Held(
        glance=np.array([opinion.glance for _, opinion in pairs]),
        asked=np.array([opinion.asked for _, opinion in pairs]),
        surely=np.array([opinion.sureness for _, opinion in pairs]),
        weight=weight,
        is_request=is_request,
        may_be_left=np.array([frozenset() in example.accepted for example, _ in pairs]),
        is_right=np.array([opinion.chosen_rights in example.accepted for example, opinion in pairs]),
    )
