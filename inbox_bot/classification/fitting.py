"""Learns each part of the model from mails laid out (see training.py), on as many cores as there are, with one seed."""

from collections.abc import Callable, Mapping, Sequence
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
from inbox_bot.classification.likeness import LIKENESSES
from inbox_bot.classification.model import (
    ANY,
    BEHALF,
    COLUMNS,
    HEADS,
    RIGHTS,
    TOLD,
    First,
    Floats,
    Opinion,
    Stage,
    closer_values,
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
_TOLERANCE = 0.2
"""How far from its end liblinear may stop: forty times nearer takes four times as long and ranks no better. (Its tables are float64
because it would turn them into that itself, once for each head.)
"""

_GLANCE_REQUESTS = 4
"""How many other mails a request counts as: what the glance passes over, nobody sees."""

_WORTH_PROCESSES = 20_000
"""Rows to learn from, of all heads together, above which it is worth starting a process for each core."""

_NEARLY_ALL = 0.99
"""The share of columns in use above which the few others are not worth a copy of the table: gigabytes, of the whole corpus."""

_SECOND_REGULARISATION = 0.1
_TREES = {
    "n_estimators": 160,
    "learning_rate": 0.04,
    "max_depth": 5,
    "subsample": 0.6,
    "max_features": 0.15,
    "min_samples_leaf": 10,
}
_CLOSER_TREES = {**_TREES, "n_estimators": 80, "learning_rate": 0.08}
"""Fewer, for each of a mail's strongest sentences is asked of in turn."""


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
    table = sparse.csr_matrix((values, places), shape=(len(rows), SIZE), dtype=np.float64)
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


@dataclass(frozen=True, kw_only=True)
class Tables:
    """Mails as the first stage learns from them, laid out once however often it learns from some of them.

    ``of_sentences`` has a row a sentence, with what it asks for in ``asks`` and whose it is in ``owner``; ``of_mails`` a row a mail,
    with what is true of it in ``truths``.
    """

    of_sentences: sparse.csr_matrix
    owner: npt.NDArray[np.int64]
    asks: Floats
    of_mails: sparse.csr_matrix
    truths: Sequence[Known]
    heeded: Floats


def tables(rows: Sequence[Row]) -> Tables:
    """Return some mails laid out for the first stage."""
    features = [row.features for row in rows]
    of_sentences, owner = _table(features)
    return Tables(
        of_sentences=of_sentences,
        owner=owner,
        asks=np.concatenate([row.labels for row in rows]),
        of_mails=_whole_table(features),
        truths=[*asked_for(rows), *_resembling(rows)],
        heeded=_heeded(rows),
    )


def first_stage(laid_out: Tables, mails: Known) -> First:
    """Return the first stage, learnt from the labels of each sentence and of each mail in one piece, of some of the mails."""
    weights, biases = np.zeros((SIZE, COLUMNS), np.float32), np.full(COLUMNS, -1.0, np.float32)
    sentences = mails[laid_out.owner]
    owner, labels = laid_out.owner[sentences], laid_out.asks[sentences]
    used, narrow = _met_twice(laid_out.of_sentences[sentences])
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
            tasks.append((narrow, known, wanted, laid_out.heeded[owner], _REGULARISATION))
    for head, (found, bias) in zip(heads, _side_by_side(_line, tasks), strict=True):
        weights[used, head], biases[head] = found, bias
    used, narrow = _met_twice(laid_out.of_mails[mails])
    everything = np.ones(int(mails.sum()), bool)
    truths = [(number, truth[mails]) for number, truth in enumerate(laid_out.truths)]
    truths = [(number, truth) for number, truth in truths if truth.any() and not truth.all()]
    tasks = [(narrow, everything, truth, laid_out.heeded[mails], _WHOLE_REGULARISATION) for _, truth in truths]
    for (number, _), (found, bias) in zip(truths, _side_by_side(_line, tasks), strict=True):
        weights[used, HEADS + number], biases[HEADS + number] = found, bias
    return packed(weights, biases)


Task = tuple[Any, ...]


def _side_by_side(learn: Callable[..., Any], tasks: Sequence[Task]) -> list[Any]:
    """Return what is learnt from each task, in their order, on as many cores as there are: liblinear's dice are one a process."""
    worth_it = len(tasks) > 1 and sum(task[0].shape[0] for task in tasks) > _WORTH_PROCESSES
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
    used = np.flatnonzero(np.bincount(table.indices, minlength=table.shape[1]) >= 2)
    if len(used) > _NEARLY_ALL * table.shape[1]:
        return np.arange(table.shape[1]), table
    return used, table[:, used].tocsr()


def asked_for(rows: Sequence[Row]) -> list[Known]:
    """Return for each right, and for any at all, which mails ask for it."""
    asked = [np.array([right in row.example.rights for row in rows]) for right in RIGHTS]
    return [*asked, np.array([bool(row.example.rights) for row in rows])]


def _resembling(rows: Sequence[Row]) -> list[Known]:
    """Return for each likeness which mails have it."""
    return [np.array([likeness(row.example) for row in rows]) for likeness in LIKENESSES]


def _whole_table(features: Sequence[MailFeatures]) -> sparse.csr_matrix:
    """Return a row for each mail in one piece."""
    columns = [whole_columns(one).astype(np.int32) for one in features]
    counts = np.array([len(one) for one in columns])
    values = np.repeat(row_factors(counts).astype(np.float64), counts)
    return sparse.csr_matrix(
        (values, np.concatenate(columns), np.r_[0, np.cumsum(counts)]), shape=(len(features), SIZE)
    )


def _table(features: Sequence[MailFeatures]) -> tuple[sparse.csr_matrix, npt.NDArray[np.int64]]:
    """Return a row for each sentence of each mail, with what is said of the mail added to each, and each row's mail."""
    pieces: list[npt.NDArray[np.int32]] = []
    factors: list[float] = []
    for one in features:
        ends = np.searchsorted(one.rows, np.arange(one.sentences + 1))
        columns = one.columns.astype(np.int32)
        of_mail = columns[ends[-1] :]
        *each, shared = row_factors(np.diff(ends, append=len(columns))).tolist()
        for start, end, own in zip(ends.tolist(), ends[1:].tolist(), each, strict=False):
            pieces += (columns[start:end], of_mail)
            factors += (own, shared)
    lengths = np.array([len(piece) for piece in pieces])
    bounds = np.r_[0, np.cumsum(lengths[::2] + lengths[1::2])]
    # Laid out row by row as it will be used: a list of places would take twice the memory and five times as long to be sorted.
    table = sparse.csr_matrix(
        (np.repeat(np.array(factors, np.float64), lengths), np.concatenate(pieces), bounds),
        shape=(len(bounds) - 1, SIZE),
    )
    counts = [one.sentences for one in features]
    return table, np.repeat(np.arange(len(features)), counts)


@dataclass(frozen=True, kw_only=True)
class Closer:
    """The strongest sentences of mails as the closer look sees them: ``mail`` is whose each is, ``asks`` what it asks for (a column
    for each right and one for any; NaN where not known), ``requested`` whether its mail asks for anything.
    """

    table: Floats
    mail: npt.NDArray[np.int64]
    asks: Floats
    requested: Known
    heeded: Floats


def closer_rows(rows: Sequence[Row], sums: Sequence[tuple[Floats, Floats]]) -> Closer:
    """Return the strongest sentences of each mail, from what the first stage says of mails whose writers it never met."""
    tables, mails, labels = [], [], []
    for number, (row, (of_sentences, whole)) in enumerate(zip(rows, sums, strict=True)):
        chosen, table = closer_values(of_sentences, whole, row.flags)
        tables.append(table)
        mails.append(np.full(len(chosen), number))
        labels.append(row.labels[chosen, :TOLD])
    mail = np.concatenate(mails)
    return Closer(
        table=np.concatenate(tables),
        mail=mail,
        asks=np.concatenate(labels),
        requested=asked_for(rows)[-1][mail],
        heeded=_heeded(rows)[mail],
    )


def closer_stage(closer: Closer, mails: Known) -> Stage:
    """Return the closer look learnt from some of the mails."""
    chosen = mails[closer.mail]
    asks, requested = closer.asks[chosen], closer.requested[chosen]
    known = ~np.isnan(asks)
    # Which right a sentence asks for is learnt from mails that ask for any; in other mail it never matters.
    heads = [(asks[:, head] > 0, known[:, head] & (requested | (head == ANY))) for head in range(TOLD)]
    return _stage(closer.table[chosen], closer.heeded[chosen], heads, _CLOSER_TREES)


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


def _stage(
    table: Floats, heeded: Floats, heads: Sequence[tuple[Known, Known]], trees: Mapping[str, Any] = _TREES
) -> Stage:
    """Return a stage; each head is what is true of each mail (or sentence), and those to learn it from."""
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
            tasks.append((values[learnt], told, heeded[learnt], trees))
        else:
            biases[column] = 4.0 if told.any() else -4.0
    boosters: list[Any] = [None] * len(heads)
    for column, (found, bias, booster) in zip(columns, _side_by_side(_both, tasks), strict=True):
        weights[:, column], biases[column], boosters[column] = found, bias, booster
    return Stage(mean=mean, scale=scale, weights=weights, biases=biases, forest=grown(boosters, biases.tolist()))


def _both(values: Floats, told: Known, heeded: Floats, trees: Mapping[str, Any]) -> tuple[Floats, float, Any]:
    learner = LogisticRegression(C=_SECOND_REGULARISATION, max_iter=2_000)
    learner.fit(values, told, sample_weight=heeded)
    booster = GradientBoostingClassifier(**trees, random_state=SEED).fit(values, told, sample_weight=heeded)
    return learner.coef_[0].astype(np.float32), float(learner.intercept_[0]), booster
