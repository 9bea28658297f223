"""What can be chosen on the page of a case, and what was: nothing that is not offered counts."""

from collections.abc import Sequence

from inbox_bot.domain.page import Part
from inbox_bot.domain.rights import Claim, Right


def offered(parts: Sequence[Part]) -> list[Claim]:
    """Return the rights that can be added: every one that does not run already."""
    running = {part.claim for part in parts if part.may_withdraw}
    every = [*(Claim(right=right) for right in Right), Claim(right=Right.OBJECTION, marketing=True)]
    return [claim for claim in every if claim not in running]


def chosen(names: Sequence[str], parts: Sequence[Part]) -> list[Claim]:
    """Return the rights that were ticked."""
    by_name = {claim.name: claim for claim in offered(parts)}
    return [by_name[name] for name in dict.fromkeys(names) if name in by_name]


def picked(numbers: Sequence[str], parts: Sequence[Part]) -> tuple[Part, ...]:
    """Return what was ticked to be taken back; ``alla`` is all of it."""
    wanted = set(numbers)
    return tuple(part for part in parts if part.may_withdraw and ("alla" in wanted or str(part.claim_id) in wanted))
