"""A mail laid out for the model: the features of its sentences, and what the phrase rules say of it."""

from collections.abc import Sequence

import numpy as np

from inbox_bot.classification.features import (
    MailFeatures,
    SentenceWords,
    TokenFeatures,
    mail_features,
    rule_number,
    token_features,
)
from inbox_bot.classification.model import REASONS, RIGHTS, RULE_FLAGS, Floats
from inbox_bot.classification.rules import Hit
from inbox_bot.classification.verdict import Reading
from inbox_bot.domain.verdict import Outcome, Part, Verdict


def lay_out(reading: Reading, hits: Sequence[Hit]) -> MailFeatures:
    """Return the features of a mail."""
    return mail_features(_spoken(reading, hits))


def lay_out_tokens(reading: Reading, hits: Sequence[Hit], sentence: int) -> TokenFeatures:
    """Return which features of one sentence are due to which of its words."""
    return token_features(_spoken(reading, hits), sentence)


def _spoken(reading: Reading, hits: Sequence[Hit]) -> list[SentenceWords]:
    rules: list[list[int]] = [[] for _ in reading.sentences]
    for hit in hits:
        right = hit.rule.claim.right.value if hit.rule.claim else "-"
        rules[hit.sentence] += [rule_number(hit.rule.id), rule_number(f"{hit.rule.strength.value} {right}")]
    return [
        SentenceWords(
            words=sentence.words,
            is_subject=sentence.part is Part.SUBJECT,
            asks="?" in reading.texts[sentence.part][sentence.spans[-1][0] : sentence.spans[-1][1]],
            rules=rules[number],
        )
        for number, sentence in enumerate(reading.sentences)
    ]


def rule_flags(verdict: Verdict) -> Floats:
    """Return what the rules alone say: which rights, surely or perhaps, and why they doubt."""
    flags = np.zeros(RULE_FLAGS, np.float32)
    sure = verdict.outcome is Outcome.REQUEST
    for claim in verdict.claims:
        flags[RIGHTS.index(claim.right) + (0 if sure else len(RIGHTS))] = 1
    flags[2 * len(RIGHTS)] = sure
    flags[2 * len(RIGHTS) + 1] = verdict.outcome is Outcome.UNSURE
    for reason in verdict.reasons:
        if reason in REASONS:
            flags[2 * len(RIGHTS) + 2 + REASONS.index(reason)] = 1
    return flags
