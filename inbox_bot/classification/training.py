"""Builds the model from labelled mails: the same mails, the same seed, the same model.

Needs scikit-learn (``pip install 'inbox-bot[train]'``); the trained model does not.
"""

import platform
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy
import sklearn

from inbox_bot.classification.corpus import Example, fingerprint
from inbox_bot.classification.evaluation import Judged
from inbox_bot.classification.features import VERSION
from inbox_bot.classification.fitting import (
    SEED,
    Closer,
    Row,
    Tables,
    closer_rows,
    closer_stage,
    first_stage,
    glance,
    second_stage,
    tables,
    third_stage,
)
from inbox_bot.classification.glance import NEVER, glimpse
from inbox_bot.classification.layout import lay_out, rule_flags
from inbox_bot.classification.model import (
    ANY,
    BEHALF,
    HEADS,
    MARKETING,
    OF_MAIL,
    RIGHTS,
    Floats,
    Limits,
    Model,
    Opinion,
    closely,
    mail_values,
    opinion_of,
    sureness,
)
from inbox_bot.classification.rules import find
from inbox_bot.classification.verdict import Reading, decide_on
from inbox_bot.classification.weighing import is_kept, outcome
from inbox_bot.classification.worsening import worsened
from inbox_bot.domain.rights import MARKETING_RIGHTS
from inbox_bot.domain.verdict import Outcome, Part

Folds = npt.NDArray[np.int64]
Read = Callable[[str, str], Reading]
NewWords = Callable[[str, str], str]
"""From subject and body as they arrived to what the sender newly wrote."""

FOLDS = 4


@dataclass(frozen=True, kw_only=True)
class HeldBack:
    """What the model says of each mail when its writer was held back from training; ``closer``: what its closer look saw,
    ``values``: what its second stage saw, ``laid_out``: what the first learns from, the worsened copies last.
    """

    rows: Sequence[Row]
    opinions: Sequence[Opinion]
    closer: Closer
    values: Floats
    folds: Folds
    laid_out: Tables


def lay_out_examples(examples: Sequence[Example], classifier_read: Read, rules: Any, new_words: NewWords) -> list[Row]:
    """Return every example as the model sees it."""
    return [_row(example, classifier_read, rules, new_words) for example in examples]


def _row(example: Example, read: Read, rules: Any, new_words: NewWords) -> Row:
    text = new_words(example.subject, example.body)
    reading = read(example.subject, text)
    hits = find(rules, reading.sentences)
    by_rules = decide_on(rules, reading, hits)
    return Row(
        example=example,
        glimpse=glimpse(chain.from_iterable(sentence.words for sentence in reading.sentences)),
        features=lay_out(reading, hits),
        flags=rule_flags(by_rules),
        labels=_labels(example, reading, text),
        by_rules=by_rules,
        kept=is_kept(reading, by_rules),
    )


def _labels(example: Example, reading: Reading, text: str) -> Floats:
    labels = np.zeros((len(reading.sentences), HEADS), np.float32)
    if example.rights and not example.asks:
        # A person sorted it and marked no words: it asks somewhere, and only a mail of one sentence tells where.
        labels[:] = np.nan
        if len(labels) == 1:
            labels[:] = 0
            labels[0, [ANY, *(RIGHTS.index(right) for right in example.rights)]] = 1
    labels[:, BEHALF] = example.on_behalf
    for ask in example.asks:
        source = example.subject if ask.part is Part.SUBJECT else example.body
        words = source[ask.start : ask.end]
        start = (example.subject if ask.part is Part.SUBJECT else text).find(words)
        if start < 0:
            continue
        end = start + len(words)
        for number, sentence in enumerate(reading.sentences):
            if sentence.part is not ask.part:
                continue
            first, last = sentence.spans[0][0], sentence.spans[-1][1]
            shared = min(end, last) - max(start, first)
            if shared > 0 and 2 * shared >= min(end - start, last - first):
                labels[number, RIGHTS.index(ask.right)] = labels[number, ANY] = 1
                if ask.right in MARKETING_RIGHTS:
                    # Beside other rights the label of the whole mail does not tell what this one concerns.
                    alone = example.marketing_only or example.rights.issubset(MARKETING_RIGHTS)
                    labels[number, MARKETING] = float(example.marketing_only) if alone else np.nan
    return labels


def folds(examples: Sequence[Example], count: int = FOLDS, seed: int = SEED) -> Folds:
    """Return the fold of each example; all mails of a writer are in one."""
    writers = sorted({example.writer for example in examples})
    random.Random(seed).shuffle(writers)  # noqa: S311  # a draw, not a secret
    fold_of = {writer: number % count for number, writer in enumerate(writers)}
    return np.array([fold_of[example.writer] for example in examples], np.int64)


def hold_back(rows: Sequence[Row], extra: Sequence[Row], count: int = FOLDS) -> HeldBack:
    """Return what is said of each mail by models that never saw its writer. ``extra`` (worsened copies) are only learnt from."""
    fold = folds([row.example for row in rows], count)
    laid_out = tables([*rows, *extra])
    fold_of = {row.example.writer: int(number) for row, number in zip(rows, fold, strict=True)}
    extra_fold = np.array([fold_of[row.example.writer] for row in extra], np.int64)
    sums: list[tuple[Floats, Floats]] = [(np.zeros((0, HEADS), np.float32), np.zeros(OF_MAIL, np.float32))] * len(rows)
    glances: list[float] = [NEVER] * len(rows)
    for number in range(count):
        learnt = [row for row, at in zip(rows, fold, strict=True) if at != number]
        learnt += [row for row, at in zip(extra, extra_fold, strict=True) if at != number]
        first, look = first_stage(laid_out, np.r_[fold, extra_fold] != number), glance(learnt)
        for at in np.flatnonzero(fold == number).tolist():
            sums[at] = first.say(rows[at].features)
            if rows[at].by_rules.outcome is Outcome.NOT_REQUEST:
                glances[at] = look.say(rows[at].glimpse)
    closer = closer_rows(rows, sums)
    close = _looked_at(closer, fold)
    table = np.array(
        [mail_values(*said, row.features, row.flags, seen) for row, said, seen in zip(rows, sums, close, strict=True)]
    )
    opinions = _trusted(rows, fold, table, _apart(rows, fold, table, sums))
    seen = [replace(opinion, glance=said) for opinion, said in zip(opinions, glances, strict=True)]
    return HeldBack(rows=rows, opinions=seen, closer=closer, values=table, folds=fold, laid_out=laid_out)


def _looked_at(closer: Closer, fold: Folds) -> list[Floats]:
    """Return what a closer look that never met its writer says of each mail."""
    stages = [closer_stage(closer, fold != number) for number in range(int(fold.max()) + 1)]
    bounds = np.searchsorted(closer.mail, np.arange(len(fold) + 1)).tolist()
    return [
        closely(stages[number], closer.table[start:end])
        for number, start, end in zip(fold.tolist(), bounds, bounds[1:], strict=False)
    ]


def _apart(rows: Sequence[Row], fold: Folds, table: Floats, sums: Sequence[tuple[Floats, Floats]]) -> list[Opinion]:
    """Return each mail's opinion by a second stage that never saw its writer."""
    said: dict[int, Opinion] = {}
    for number in range(int(fold.max()) + 1):
        second = second_stage([row for row, at in zip(rows, fold, strict=True) if at != number], table[fold != number])
        for at in np.flatnonzero(fold == number).tolist():
            said[at] = opinion_of(second.say(table[at]), *sums[at])
    return [said[at] for at in range(len(rows))]


def _trusted(rows: Sequence[Row], fold: Folds, table: Floats, opinions: Sequence[Opinion]) -> list[Opinion]:
    """Return the opinions with how far each can be trusted, by a third stage that never saw its writer."""
    said: dict[int, Opinion] = {}
    for number in range(int(fold.max()) + 1):
        learnt = np.flatnonzero(fold != number).tolist()
        third = third_stage([rows[at] for at in learnt], table[learnt], [opinions[at] for at in learnt])
        for at in np.flatnonzero(fold == number).tolist():
            said[at] = replace(opinions[at], sureness=sureness(third, opinions[at], table[at]))
    return [said[at] for at in range(len(rows))]


def judged(held_back: HeldBack, limits: Limits) -> list[Judged]:
    """Return the verdict on each mail as it falls when its writer is held back."""
    return [
        Judged(example=row.example, verdict=outcome(limits, opinion, row.by_rules, kept=row.kept))
        for row, opinion in zip(held_back.rows, held_back.opinions, strict=True)
    ]


def build(
    rows: Sequence[Row], extra: Sequence[Row], held_back: HeldBack, limits: Limits, figures: Any, rules: str = ""
) -> Model:
    """Return the model learnt from all mails; ``held_back`` gives the second stage what the first says of strangers.

    ``rules`` is the fingerprint of the phrase rules it was learnt with.
    """
    first = first_stage(held_back.laid_out, np.ones(len(rows) + len(extra), bool))
    closer = closer_stage(held_back.closer, np.ones(len(rows), bool))
    second = second_stage(rows, held_back.values)
    third = third_stage(rows, held_back.values, held_back.opinions)
    examples = [row.example for row in rows]
    return Model(
        glance=glance([*rows, *extra]),
        first=first,
        closer=closer,
        second=second,
        third=third,
        limits=limits,
        card={
            "corpus": fingerprint(examples),
            "rules": rules,
            "mails": len(examples),
            "requests": sum(bool(example.rights) for example in examples),
            "writers": len({example.writer for example in examples}),
            "features": VERSION,
            "seed": SEED,
            "versions": {
                "python": platform.python_version(),
                "numpy": np.__version__,
                "scipy": scipy.__version__,
                "scikit-learn": sklearn.__version__,
            },
            "held_back": figures,
        },
    )


def worsened_rows(
    examples: Sequence[Example], read: Read, rules: Any, new_words: NewWords, seed: int = SEED
) -> list[Row]:
    """Return a worse-typed copy of each example: misspelt, without å ä ö, without capitals or marks."""
    chance = random.Random(seed)  # noqa: S311  # a draw, not a secret
    return lay_out_examples([worsened(example, chance) for example in examples], read, rules, new_words)
