"""Whether what was asked is clear beyond reasonable doubt: asked here and now, and no other right half heard beside it."""

from collections.abc import Iterable, Sequence

from inbox_bot.classification.rules import Hit, Sentence
from inbox_bot.domain.verdict import Part

_REACH = 14
"""Words that may stand between the asking words and what is asked for. Beyond them a new thought has begun."""

_NOTE = 9
"""A body of no more words than this ("Se ämnesraden.", "Mvh Bo") leaves it to the subject to say what the mail is about."""


def why_unclear(
    live: Sequence[Hit], heard: Iterable[Hit], voices: Sequence[Hit], sentences: Sequence[Sentence], turns: int
) -> tuple[str, ...]:
    """Return reasons to let a person decide on hits that no doubt has reached; none where all is clear.

    ``heard``: hints and doubted hits, which may speak of further rights. ``turns``: the mask of words at which a
    sentence turns to something else than what was asked.
    """
    clear = [hit for hit in live if _is_voiced(hit, voices, sentences[hit.sentence], turns)]
    if not clear:
        return ("unclear_ask",)
    rights = {hit.rule.claim.right for hit in clear if hit.rule.claim}
    others = [hit for hit in (*live, *heard) if hit.rule.claim and hit.rule.claim.right not in rights]
    if not all(any(_explains(known, hit) for known in clear) for hit in others):
        return ("unclear_rights",)
    if any(_share_words(one, other) for one in clear for other in clear):
        return ("unclear_rights",)
    return ("subject_only",) if _is_subject_only(clear, sentences) else ()


def _is_voiced(hit: Hit, voices: Sequence[Hit], sentence: Sentence, turns: int) -> bool:
    """True where the writer asks for what the hit names: by the rule's own words, or by words of asking before them."""
    return hit.rule.own_voice or any(
        voice.sentence == hit.sentence
        and (voice.rule.claim is None or voice.rule.claim == hit.rule.claim)
        and voice.start < hit.end
        and hit.start - voice.end <= _REACH
        and not any(mask & turns for mask in sentence.masks[voice.end : hit.start])
        for voice in voices
    )


def _explains(known: Hit, hit: Hit) -> bool:
    """True where a hit speaks of nothing that a clear one does not speak of already.

    Words that follow at once belong to it as well: "radera alla uppgifter" and then "ni har om mig".
    """
    return known.sentence == hit.sentence and known.start <= hit.start <= known.end


def _share_words(one: Hit, other: Hit) -> bool:
    """True where the same words were taken for two rights: at most one of them is meant."""
    if one.rule.claim is None or other.rule.claim is None:
        return False
    return one.rule.claim.right is not other.rule.claim.right and one.overlaps(other)


def _is_subject_only(clear: Sequence[Hit], sentences: Sequence[Sentence]) -> bool:
    """True where the subject asks and a body of some length does not: the body says what the mail is about."""
    in_body = sum(len(sentence.masks) for sentence in sentences if sentence.part is Part.BODY)
    return in_body > _NOTE and all(sentences[hit.sentence].part is Part.SUBJECT for hit in clear)
