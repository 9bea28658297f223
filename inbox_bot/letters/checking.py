"""Whether the lint rules hold on their own examples: a pattern that finds nothing guards nothing."""

from collections.abc import Callable, Iterator

from inbox_bot.letters.checklist import Checklists, DoneClaim, Forbidden
from inbox_bot.letters.lint import claimed_done, forbidden_words


def rule_problems(checklists: Checklists, place: str) -> Iterator[str]:
    """Yield a sentence for each example that a rule judges otherwise than the file says."""
    for rule in checklists.forbidden:
        yield from _misjudged(rule, lambda text, rule=rule: forbidden_words(rule.patterns, text) is not None, place)  # type: ignore[misc]
    for claim in checklists.done:
        yield from _misjudged(claim, lambda text, claim=claim: any(claimed_done(claim.patterns, text)), place)  # type: ignore[misc]


def _misjudged(rule: Forbidden | DoneClaim, finds: Callable[[str], bool], place: str) -> Iterator[str]:
    for text in rule.finds:
        if not finds(text):
            yield f"{place}: {rule.name} does not find its own example {text!r}."
    for text in rule.leaves:
        if finds(text):
            yield f"{place}: {rule.name} finds {text!r}, which it should leave."
