"""What a mail in one piece is like: what makes one that is no request look like one, and what kind of request it is.

A sentence that speaks of erasing is weighed otherwise in a mail that is about a booking, tells what somebody else asked, or gives
a consent: the rights that are asked for do not tell that, the traps do, and the corpus names them for each mail.
"""

from collections.abc import Callable

from inbox_bot.classification.corpus import Example


def _trapped(*traps: str) -> Callable[[Example], bool]:
    """Return what is true of mail that is no request and looks like one by any of these traps (see the corpus' README)."""
    return lambda example: not example.rights and not set(traps).isdisjoint(example.traps)


LIKENESSES: tuple[Callable[[Example], bool], ...] = (
    _trapped("other_object", "other_regime"),
    _trapped("past", "status", "reminder"),
    _trapped("given", "policy"),
    _trapped("negated"),
    _trapped("reported", "forwarded", "vendor"),
    _trapped("question", "hypothetical"),
    _trapped(
        *("other_object", "other_regime", "past", "status", "given", "policy"),
        *("negated", "reported", "vendor", "question", "hypothetical"),
    ),
    lambda example: len(example.rights) > 1,
    lambda example: example.marketing_only,
)
"""Questions to the mail in one piece, each learnt as a head of its own."""
