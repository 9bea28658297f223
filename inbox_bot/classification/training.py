"""Builds the model from labelled mails: the same mails, the same seed, the same model.

Needs scikit-learn (``pip install 'inbox-bot[train]'``); the trained model does not.
"""

import platform
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy
import sklearn
from scipy import sparse
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from inbox_bot.classification.corpus import Example, fingerprint
from inbox_bot.classification.evaluation import Judged
from inbox_bot.classification.features import SIZE, VERSION, MailFeatures
from inbox_bot.classification.forest import grown
from inbox_bot.classification.layout import lay_out, rule_flags
from inbox_bot.classification.model import (
    ANY,
    BEHALF,
    COLUMNS,
    HEADS,
    MARKETING,
    RIGHTS,
    TOLD,
    First,
    Floats,
    Limits,
    Model,
    Opinion,
    Stage,
    mail_values,
    opinion_of,
    packed,
    row_factors,
    sureness,
    trust_values,
    whole_columns,
)
from inbox_bot.classification.rules import find
from inbox_bot.classification.verdict import Reading, decide_on
from inbox_bot.classification.weighing import outcome
from inbox_bot.classification.worsening import worsened
from inbox_bot.domain.rights import MARKETING_RIGHTS
from inbox_bot.domain.verdict import Part, Verdict

Folds = npt.NDArray[np.int64]
Known = npt.NDArray[np.bool_]
Read = Callable[[str, str], Reading]
NewWords = Callable[[str, str], str]
"""From subject and body as they arrived to what the sender newly wrote."""

SEED = 20261122
FOLDS = 5
_REGULARISATION = 0.1
_WHOLE_REGULARISATION = 0.05
_SECOND_REGULARISATION = 0.1
_TREES = {
    "n_estimators": 160,
    "learning_rate": 0.04,
    "max_depth": 5,
    "subsample": 0.6,
    "max_features": 0.15,
    "min_samples_leaf": 10,
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One labelled mail laid out for the model. ``labels``: a row a sentence, a column a head; NaN where not known."""

    example: Example
    features: MailFeatures
    flags: Floats
    labels: Floats
    by_rules: Verdict


@dataclass(frozen=True, kw_only=True)
class HeldBack:
    """What the model says of each mail when its writer was held back from training; ``values``: what its second stage saw."""

    rows: Sequence[Row]
    opinions: Sequence[Opinion]
    values: Floats
    folds: Folds


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
        features=lay_out(reading, hits),
        flags=rule_flags(by_rules),
        labels=_labels(example, reading, text),
        by_rules=by_rules,
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
    fold_of = {row.example.writer: int(number) for row, number in zip(rows, fold, strict=True)}
    extra_fold = np.array([fold_of[row.example.writer] for row in extra], np.int64)
    values: list[Floats] = [np.zeros(0, np.float32)] * len(rows)
    sums: list[tuple[Floats, Floats]] = [(np.zeros((0, HEADS), np.float32), np.zeros(TOLD, np.float32))] * len(rows)
    for number in range(count):
        learnt = [row for row, at in zip(rows, fold, strict=True) if at != number]
        learnt += [row for row, at in zip(extra, extra_fold, strict=True) if at != number]
        first = _first_stage(learnt)
        for at in np.flatnonzero(fold == number).tolist():
            sums[at] = first.say(rows[at].features)
            values[at] = mail_values(*sums[at], rows[at].features, rows[at].flags)
    table = np.array(values)
    opinions = _apart(rows, fold, table, sums)
    return HeldBack(rows=rows, opinions=_trusted(rows, fold, table, opinions), values=table, folds=fold)


def _apart(rows: Sequence[Row], fold: Folds, table: Floats, sums: Sequence[tuple[Floats, Floats]]) -> list[Opinion]:
    """Return each mail's opinion by a second stage that never saw its writer."""
    said: dict[int, Opinion] = {}
    for number in range(int(fold.max()) + 1):
        second = _second_stage([row for row, at in zip(rows, fold, strict=True) if at != number], table[fold != number])
        for at in np.flatnonzero(fold == number).tolist():
            said[at] = opinion_of(second.say(table[at]), *sums[at])
    return [said[at] for at in range(len(rows))]


def _trusted(rows: Sequence[Row], fold: Folds, table: Floats, opinions: Sequence[Opinion]) -> list[Opinion]:
    """Return the opinions with how far each can be trusted, by a third stage that never saw its writer."""
    said: dict[int, Opinion] = {}
    for number in range(int(fold.max()) + 1):
        learnt = np.flatnonzero(fold != number).tolist()
        third = _third_stage([rows[at] for at in learnt], table[learnt], [opinions[at] for at in learnt])
        for at in np.flatnonzero(fold == number).tolist():
            said[at] = replace(opinions[at], sureness=sureness(third, opinions[at], table[at]))
    return [said[at] for at in range(len(rows))]


def judged(held_back: HeldBack, limits: Limits) -> list[Judged]:
    """Return the verdict on each mail as it falls when its writer is held back."""
    return [
        Judged(example=row.example, verdict=outcome(limits, opinion, row.by_rules))
        for row, opinion in zip(held_back.rows, held_back.opinions, strict=True)
    ]


def build(rows: Sequence[Row], extra: Sequence[Row], held_back: HeldBack, limits: Limits, figures: Any) -> Model:
    """Return the model learnt from all mails; ``held_back`` gives the second stage what the first says of strangers."""
    first = _first_stage([*rows, *extra])
    second = _second_stage(rows, held_back.values)
    third = _third_stage(rows, held_back.values, held_back.opinions)
    examples = [row.example for row in rows]
    return Model(
        first=first,
        second=second,
        third=third,
        limits=limits,
        card={
            "corpus": fingerprint(examples),
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


def _first_stage(rows: Sequence[Row]) -> First:
    table, owner = _table([row.features for row in rows])
    labels = np.concatenate([row.labels for row in rows])
    used, narrow = _met_twice(table)
    weights, biases = np.zeros((SIZE, COLUMNS), np.float32), np.full(COLUMNS, -1.0, np.float32)
    for head in range(HEADS):
        known = ~np.isnan(labels[:, head])
        if head == BEHALF:
            # The head is about the mail: one row of each, so that long mails count no more than short ones.
            known &= np.r_[True, owner[1:] != owner[:-1]]
        wanted = labels[known, head] > 0
        if wanted.sum() < 2 or wanted.all():
            continue
        learner = LinearSVC(C=_REGULARISATION, random_state=SEED)
        learner.fit(narrow[known], wanted)
        weights[used, head] = learner.coef_[0]
        biases[head] = learner.intercept_[0]
    used, narrow = _met_twice(_whole_table([row.features for row in rows]))
    for number, truth in enumerate(_asked(rows)):
        if truth.any() and not truth.all():
            learner = LinearSVC(C=_WHOLE_REGULARISATION, random_state=SEED)
            learner.fit(narrow, truth)
            weights[used, HEADS + number], biases[HEADS + number] = learner.coef_[0], learner.intercept_[0]
    return packed(weights, biases)


def _met_twice(table: sparse.csr_matrix) -> tuple[npt.NDArray[np.int64], sparse.csr_matrix]:
    """Return the columns of features met more than once, and the table of these alone: one met once teaches a name."""
    used = np.flatnonzero(np.asarray((table > 0).sum(axis=0)).ravel() >= 2)
    return used, table[:, used].tocsr()


def _asked(rows: Sequence[Row]) -> list[Known]:
    """Return for each right, and for any at all, which mails ask for it."""
    asked = [np.array([right in row.example.rights for row in rows]) for right in RIGHTS]
    return [*asked, np.array([bool(row.example.rights) for row in rows])]


def _whole_table(features: Sequence[MailFeatures]) -> sparse.csr_matrix:
    """Return a row for each mail in one piece."""
    columns = [whole_columns(one) for one in features]
    counts = np.array([len(one) for one in columns])
    values = np.repeat(row_factors(counts), counts)
    rows = np.repeat(np.arange(len(features)), counts)
    return sparse.csr_matrix((values, (rows, np.concatenate(columns))), shape=(len(features), SIZE), dtype=np.float32)


def _table(features: Sequence[MailFeatures]) -> tuple[sparse.csr_matrix, npt.NDArray[np.int64]]:
    """Return a row for each sentence of each mail, with what is said of the mail added to each, and each row's mail."""
    rows, columns, values, owner = [], [], [], []
    first = 0
    for number, one in enumerate(features):
        counts = np.bincount(one.rows, minlength=one.sentences + 1)
        factors = row_factors(counts)
        of_mail = one.rows == one.sentences
        rows.append(one.rows[~of_mail] + first)
        columns.append(one.columns[~of_mail])
        values.append(factors[one.rows[~of_mail]])
        shared = one.columns[of_mail]
        rows.append(np.repeat(np.arange(first, first + one.sentences), len(shared)))
        columns.append(np.tile(shared, one.sentences))
        values.append(np.full(len(shared) * one.sentences, factors[-1], np.float32))
        owner.append(np.full(one.sentences, number))
        first += one.sentences
    table = sparse.csr_matrix(
        (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=(first, SIZE), dtype=np.float32
    )
    return table, np.concatenate(owner)


def _second_stage(rows: Sequence[Row], table: Floats) -> Stage:
    *by_right, asked = _asked(rows)
    # Which rights are asked for is learnt from the mails that ask for any; in other mail it never matters.
    return _stage(table, [(asked, np.ones(len(rows), bool)), *((truth, asked) for truth in by_right)])


def _third_stage(rows: Sequence[Row], table: Floats, opinions: Sequence[Opinion]) -> Stage:
    values = np.array([trust_values(opinion, one) for opinion, one in zip(opinions, table, strict=True)])
    is_right = [opinion.chosen_rights in row.example.accepted for row, opinion in zip(rows, opinions, strict=True)]
    return _stage(values, [(np.array(is_right), _asked(rows)[-1])])


def _stage(table: Floats, heads: Sequence[tuple[Known, Known]]) -> Stage:
    """Return a stage; each head is what is true of each mail, and the mails to learn it from."""
    mean = table.mean(axis=0).astype(np.float32)
    scale = (table.std(axis=0) + 1e-3).astype(np.float32)
    values = ((table - mean) / scale).astype(np.float32)
    weights, biases = np.zeros((table.shape[1], len(heads)), np.float32), np.zeros(len(heads), np.float32)
    boosters: list[Any] = []
    for column, (truth, learnt) in enumerate(heads):
        told = truth[learnt]
        if not told.any() or told.all():
            biases[column] = 4.0 if told.any() else -4.0
            boosters.append(None)
            continue
        learner = LogisticRegression(C=_SECOND_REGULARISATION, max_iter=2_000)
        learner.fit(values[learnt], told)
        weights[:, column], biases[column] = learner.coef_[0], learner.intercept_[0]
        boosters.append(GradientBoostingClassifier(**_TREES, random_state=SEED).fit(values[learnt], told))
    return Stage(mean=mean, scale=scale, weights=weights, biases=biases, forest=grown(boosters, biases.tolist()))
