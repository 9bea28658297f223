"""The rules laid over what a person wrote: which of them hold, on which words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from inbox_bot.classification.features import WordFeatures
from inbox_bot.classification.pattern import Pattern
from inbox_bot.classification.rulebook import Index, Rule, Rulebook, Strength
from inbox_bot.domain.verdict import Part


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """One sentence: a mask (see lexicon.py) and an offset pair in its part for every token that is not white space.

    ``words`` are the same tokens as the model sees them; empty where there is no model.
    """

    part: Part
    masks: Sequence[int]
    spans: Sequence[tuple[int, int]]
    words: Sequence[WordFeatures] = ()


@dataclass(frozen=True, kw_only=True)
class Hit:
    """A rule that holds on the tokens ``start`` to ``end`` (not counted) of sentence number ``sentence``."""

    rule: Rule
    sentence: int
    start: int
    end: int

    def overlaps(self, other: "Hit") -> bool:
        """True where the two share a word."""
        return self.sentence == other.sentence and self.start < other.end and other.start < self.end


def find(book: Rulebook, sentences: Sequence[Sentence]) -> list[Hit]:
    """Return every rule that holds in a mail, at its first places in each sentence, in the order of the text.

    Doubts and settlements are looked for only where something was asked or hinted at: most mail has neither. Words of
    asking are looked for only in the sentences where something may have been asked for.
    """
    together = [_together(sentence.masks) for sentence in sentences]
    spoken = _needed(_hits(book, book.speaking, sentences, together), sentences, together)
    if not spoken:
        return []
    asked = {hit.sentence for hit in spoken if hit.rule.strength is Strength.REQUEST}
    where = [there if number in asked else 0 for number, there in enumerate(together)]
    weighed = [*_hits(book, book.weighing, sentences, together), *_hits(book, book.asking, sentences, where)]
    hits = [*spoken, *_needed(weighed, sentences, together)]
    return sorted(hits, key=lambda hit: (hit.sentence, hit.start, hit.end))


def _needed(hits: Sequence[Hit], sentences: Sequence[Sentence], together: Sequence[int]) -> list[Hit]:
    """Leave out the hits of rules that need further words, where those stand nowhere in the mail."""
    needy = {hit.rule.id: hit.rule for hit in hits if hit.rule.needs}
    met = {name: _is_met(rule, sentences, together) for name, rule in needy.items()}
    return [hit for hit in hits if met.get(hit.rule.id, True)]


def holds(rule: Rule, sentences: Sequence[Sentence]) -> bool:
    """Return whether one rule holds anywhere in a mail, whatever else does."""
    together = [_together(sentence.masks) for sentence in sentences]
    return (not rule.needs or _is_met(rule, sentences, together)) and any(
        not _is_barred(rule, start, end, sentence.masks, there)
        for sentence, there in zip(sentences, together, strict=True)
        for pattern in rule.patterns
        for start, end in pattern.find(sentence.masks)
    )


def _hits(book: Rulebook, index: Index, sentences: Sequence[Sentence], together: Sequence[int]) -> list[Hit]:
    seen: dict[tuple[int, int, int, int], Hit] = {}
    for number, there in enumerate(together):
        masks = sentences[number].masks
        for rule_number, pattern in _candidates(index, there):
            rule = book.rules[rule_number]
            for start, end in pattern.find(masks):
                place = (rule_number, number, start, end)
                if place not in seen and not _is_barred(rule, start, end, masks, there):
                    seen[place] = Hit(rule=rule, sentence=number, start=start, end=end)
    return list(seen.values())


def _together(masks: Sequence[int]) -> int:
    """Return all bits of some masks."""
    together = 0
    for mask in masks:
        together |= mask
    return together


def _candidates(index: Index, together: int) -> Iterable[tuple[int, Pattern]]:
    """Return the patterns whose indispensable words all stand in a sentence, each once."""
    chosen: dict[int, tuple[int, Pattern]] = {}
    left = together & index.bits
    while left:
        bit = left & -left
        left ^= bit
        for entry in index.patterns[bit]:
            if entry[1].may_hold(together):
                chosen[id(entry[1])] = entry
    return chosen.values()


def _is_barred(rule: Rule, first: int, last: int, masks: Sequence[int], together: int) -> bool:
    return any(
        start < last and first < end
        for pattern in rule.unless
        if pattern.may_hold(together)
        for start, end in pattern.find(masks)
    )


def _is_met(rule: Rule, sentences: Sequence[Sentence], together: Sequence[int]) -> bool:
    return any(
        pattern.may_hold(there) and pattern.find(sentence.masks, most=1)
        for sentence, there in zip(sentences, together, strict=True)
        for pattern in rule.needs
    )
