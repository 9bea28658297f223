"""The first glance: whether any word of a mail, wherever it stands, could have to do with a request.

Most mail to an ``info@`` speaks of nothing of the kind. Where no phrase rule hears anything either, such mail is left alone without
its sentences being weighed, which takes ten times as long.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inbox_bot.classification.features import SIZE, Numbers, WordFeatures, each_once

NEVER = float("inf")
"""What a glance is worth where it does not count, because a rule has heard something: above every limit."""


@dataclass(frozen=True, kw_only=True)
class Glance:
    """A weight for each feature of a word, times ``step`` so that it takes one byte."""

    weights: npt.NDArray[np.int8]
    step: float
    bias: float

    def say(self, glimpse: Numbers) -> float:
        """Return how far the words speak for a request of any kind; the more, the higher."""
        found = float(self.weights.take(glimpse).sum(dtype=np.int64))
        return found * self.step * factor(len(glimpse)) + self.bias


def glimpse(words: Iterable[WordFeatures]) -> Numbers:
    """Return the features of the words of a mail, each once, wherever they stand."""
    met = {id(word): word.alone for word in words}
    return each_once(np.concatenate([*met.values(), np.zeros(0, np.int64)]) & (SIZE - 1))


def factor(features: int) -> float:
    """Return what each feature of a mail counts: less in a long mail, but not in proportion."""
    return float(max(1, features) ** -0.25)


def packed_glance(weights: npt.NDArray[np.float32], bias: float) -> Glance:
    """Return a glance whose weights take one byte each."""
    step = float(np.abs(weights).max() / 127 + 1e-12)
    return Glance(weights=np.rint(weights / step).astype(np.int8), step=step, bias=bias)
