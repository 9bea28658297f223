"""Learns each part of the model from mails laid out (see training.py), on as many cores as there are, with one seed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from joblib import Parallel, delayed
from scipy import sparse
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from inbox_bot.classification.corpus import Example
from inbox_bot.classification.features import SIZE, MailFeatures, Numbers
from inbox_bot.classification.forest import grown
from inbox_bot.classification.glance import Glance, factor, packed_glance
from inbox_bot.classification.model import (
    BEHALF,
    COLUMNS,
    HEADS,
    RIGHTS,
    First,
    Floats,
    Opinion,
    Stage,
    packed,
    row_factors,
    trust_values,
    whole_columns,
)
from inbox_bot.classification.parts import weight
from inbox_bot.domain.verdict import Verdict

Known = npt.NDArray[np.bool_]

SEED = 20261122
_REGULARISATION = 0.05
_WHOLE_REGULARISATION = 0.02
_GLANCE_REGULARISATION = 0.01
_TOLERANCE = 0.05
"""How far from its end liblinear may stop: ten times nearer takes three times as long and ranks no better."""

_GLANCE_REQUESTS = 4
"""How many other mails a request counts as: what the glance passes over, nobody sees."""

_WORTH_PROCESSES = 20_000
"""Rows to learn from, of all heads together, above which it is worth starting a process for each core."""

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
    """One labelled mail laid out for the model. ``labels``: a row a sentence, a column a head; NaN where not known.

    ``kept``: whatever the model says, a person looks at it.
    """

    example: Example
    glimpse: Numbers
    features: MailFeatures
    flags: Floats
    labels: Floats
    by_rules: Verdict
    kept: bool


def glance(rows: Sequence[Row]) -> Glance:
    """Return the first glance, learnt from the words of each mail and whether it asks for anything."""
    counts = np.array([len(row.glimpse) for row in rows])
    values = np.repeat([factor(count) for count in counts.tolist()], counts)
    places = (np.repeat(np.arange(len(rows)), counts), np.concatenate([row.glimpse for row in rows]))
    table = sparse.csr_matrix((values, places), shape=(len(rows), SIZE), dtype=np.float32)
    used, narrow = _met_twice(table)
    asked = asked_for(rows)[-1]
    weights = np.zeros(SIZE, np.float32)
    if not asked.any() or asked.all():
        return packed_glance(weights, float(asked.any()))
    learner = LinearSVC(
        C=_GLANCE_REGULARISATION, random_state=SEED, class_weight={True: _GLANCE_REQUESTS, False: 1}, tol=_TOLERANCE
    )
    learner.fit(narrow, asked, sample_weight=_heeded(rows))
    weights[used] = learner.coef_[0]
    return packed_glance(weights, float(learner.intercept_[0]))


def first_stage(rows: Sequence[Row]) -> First:
    """Return the first stage, learnt from the labels of each sentence and of each mail in one piece."""
    table, owner = _table([row.features for row in rows])
    labels = np.concatenate([row.labels for row in rows])
    used, narrow = _met_twice(table)
    weights, biases = np.zeros((SIZE, COLUMNS), np.float32), np.full(COLUMNS, -1.0, np.float32)
    heeded = _heeded(rows)
    heads: list[int] = []
    tasks: list[Task] = []
    for head in range(HEADS):
        known = ~np.isnan(labels[:, head])
        if head == BEHALF:
            # The head is about the mail: one row of each, so that long mails count no more than short ones.
            known &= np.r_[True, owner[1:] != owner[:-1]]
        wanted = labels[known, head] > 0
        if wanted.sum() >= 2 and not wanted.all():
            heads.append(head)
            tasks.append((narrow, known, wanted, heeded[owner], _REGULARISATION))
    for head, (found, bias) in zip(heads, _side_by_side(_line, tasks), strict=True):
        weights[used, head], biases[head] = found, bias
    used, narrow = _met_twice(_whole_table([row.features for row in rows]))
    everything = np.ones(len(rows), bool)
    truths = [(number, truth) for number, truth in enumerate(asked_for(rows)) if truth.any() and not truth.all()]
    tasks = [(narrow, everything, truth, heeded, _WHOLE_REGULARISATION) for _, truth in truths]
    for (number, _), (found, bias) in zip(truths, _side_by_side(_line, tasks), strict=True):
        weights[used, HEADS + number], biases[HEADS + number] = found, bias
    return packed(weights, biases)


Task = tuple[Any, ...]


def _side_by_side(learn: Callable[..., Any], tasks: Sequence[Task]) -> list[Any]:
    """Return what is learnt from each task, in their order, on as many cores as there are: liblinear's dice are one a process."""
    worth_it = sum(task[0].shape[0] for task in tasks) > _WORTH_PROCESSES
    found: list[Any] = Parallel(n_jobs=-1 if worth_it else 1)(delayed(learn)(*task) for task in tasks)
    return found


def _line(
    table: sparse.csr_matrix, known: Known, wanted: Known, heeded: Floats, regularisation: float
) -> tuple[Floats, float]:
    learner = LinearSVC(C=regularisation, random_state=SEED, tol=_TOLERANCE)
    learner.fit(table if known.all() else table[known], wanted, sample_weight=heeded[known])
    return learner.coef_[0].astype(np.float32), float(learner.intercept_[0])


def _heeded(rows: Sequence[Row]) -> Floats:
    """Return how much each mail counts."""
    return np.array([weight(row.example) for row in rows], np.float32)


def _met_twice(table: sparse.csr_matrix) -> tuple[npt.NDArray[np.int64], sparse.csr_matrix]:
    """Return the columns of features met more than once, and the table of these alone: one met once teaches a name."""
    used = np.flatnonzero(np.asarray((table > 0).sum(axis=0)).ravel() >= 2)
    return used, table[:, used].tocsr()


def asked_for(rows: Sequence[Row]) -> list[Known]:
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


def second_stage(rows: Sequence[Row], table: Floats) -> Stage:
    """Return the second stage, learnt from what the first says of mails whose writers it never met."""
    *by_right, asked = asked_for(rows)
    # Which rights are asked for is learnt from the mails that ask for any; in other mail it never matters.
    return _stage(table, _heeded(rows), [(asked, np.ones(len(rows), bool)), *((truth, asked) for truth in by_right)])


def third_stage(rows: Sequence[Row], table: Floats, opinions: Sequence[Opinion]) -> Stage:
    """Return the third stage, learnt from where both others chose the right rights for such mails."""
    values = np.array([trust_values(opinion, one) for opinion, one in zip(opinions, table, strict=True)])
    is_right = [opinion.chosen_rights in row.example.accepted for row, opinion in zip(rows, opinions, strict=True)]
    return _stage(values, _heeded(rows), [(np.array(is_right), asked_for(rows)[-1])])


def _stage(table: Floats, heeded: Floats, heads: Sequence[tuple[Known, Known]]) -> Stage:
    """Return a stage; each head is what is true of each mail, and the mails to learn it from."""
    mean = table.mean(axis=0).astype(np.float32)
    scale = (table.std(axis=0) + 1e-3).astype(np.float32)
    values = ((table - mean) / scale).astype(np.float32)
    weights, biases = np.zeros((table.shape[1], len(heads)), np.float32), np.zeros(len(heads), np.float32)
    columns: list[int] = []
    tasks: list[Task] = []
    for column, (truth, learnt) in enumerate(heads):
        told = truth[learnt]
        if told.any() and not told.all():
            columns.append(column)
            tasks.append((values[learnt], told, heeded[learnt]))
        else:
            biases[column] = 4.0 if told.any() else -4.0
    boosters: list[Any] = [None] * len(heads)
    for column, (found, bias, booster) in zip(columns, _side_by_side(_both, tasks), strict=True):
        weights[:, column], biases[column], boosters[column] = found, bias, booster
    return Stage(mean=mean, scale=scale, weights=weights, biases=biases, forest=grown(boosters, biases.tolist()))


def _both(values: Floats, told: Known, heeded: Floats) -> tuple[Floats, float, Any]:
    learner = LogisticRegression(C=_SECOND_REGULARISATION, max_iter=2_000)
    learner.fit(values, told, sample_weight=heeded)
    trees = GradientBoostingClassifier(**_TREES, random_state=SEED).fit(values, told, sample_weight=heeded)
    return learner.coef_[0].astype(np.float32), float(learner.intercept_[0]), trees
