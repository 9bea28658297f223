"""The trained model: what it says of each sentence, and of the mail they make up.

First a glance at the words alone (see glance.py). First stage: for each sentence, and each of ``HEADS``, a weighted sum of its features (see features.py), and the same for the mail
in one piece, which is also asked what it is like (see likeness.py). A closer look: what the strongest sentences ask
for, given what stands beside them and what the mail is like. Second stage: from the
strongest sentences, and from what the phrase rules said, how surely the mail is a request and which rights it asks for: the
mean of a weighted sum and of a set of decision trees (see forest.py). Third stage: how far that set of rights can be trusted.
"""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from inbox_bot.classification.features import SIZE, VERSION, MailFeatures, TokenFeatures, each_once
from inbox_bot.classification.forest import Forest, restored
from inbox_bot.classification.glance import NEVER, Glance
from inbox_bot.classification.likeness import LIKENESSES
from inbox_bot.domain.rights import Right
from inbox_bot.errors import RulesError

Floats = npt.NDArray[np.float32]

RIGHTS = tuple(Right)
ANY, MARKETING, BEHALF = len(RIGHTS), len(RIGHTS) + 1, len(RIGHTS) + 2
HEADS = len(RIGHTS) + 3
"""A head for each right, one for any right at all, one for marketing stops, one for mail on another person's behalf."""

TOLD = ANY + 1
"""Heads that also look at the mail in one piece: each right, and any right at all."""

OF_MAIL = TOLD + len(LIKENESSES)
"""Heads of the mail in one piece: those, and what it is like."""

COLUMNS = HEADS + OF_MAIL
_LOWEST = -4.0
REASONS = (
    *("negated", "reported", "conditional", "question", "quoted", "employer", "proxy", "minor", "deceased"),
    *("third_person", "status_question", "right_named", "not_received", "signing_up", "addressed_to_reader"),
)
RULE_FLAGS = 2 * len(RIGHTS) + 2 + len(REASONS)
_TRUST = 13
_CLOSELY = 4
"""How many sentences of a mail are looked at more closely, at most."""

_FAINT = -1.4
"""What a sentence must say at least to be looked at more closely: only 2 of 6,729 held-back requests had none that said so much, and a
third of the other mails had none.
"""

_NOTHING_SEEN = -12.0
CLOSER_VALUES = HEADS + 2 * TOLD + OF_MAIL + 4 + RULE_FLAGS
CLOSE_VALUES = TOLD + 1
MAIL_VALUES = 3 * TOLD + OF_MAIL + CLOSE_VALUES + 2 * len(RIGHTS) + 4 + RULE_FLAGS
_HINT = "Restore rules/model from the installation, or build it with inbox-bot train."


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Where the outcomes part, in the second stage's own measure (log odds), chosen on held-back writers.

    Below ``left`` a mail is left alone; above ``asked`` it is a request, if the set of rights is at least ``surely`` likely.
    Below ``glance``, in the glance's measure, it is left alone unweighed. Between ``overruled`` and ``left`` it still
    goes to a person if the phrase rules have heard a right; below ``overruled`` only if they have changed since the model learnt to
    weigh them.
    """

    glance: float
    overruled: float
    left: float
    asked: float
    surely: float


@dataclass(frozen=True, kw_only=True)
class Opinion:
    """What the model says of a mail. ``asked`` is in log odds, ``rights`` in log odds for each of ``RIGHTS``.

    ``sureness`` is how likely it is that exactly the ``chosen`` rights are asked for, if any is. ``sentences`` holds the first
    stage's sums, a row a sentence and a column a head; ``whole`` those of the mail in one piece. ``glance`` is what the first glance
    said, where it counts.
    """

    asked: float
    rights: Floats
    behalf: float
    sentences: Floats
    whole: Floats
    sureness: float = 0.0
    glance: float = NEVER

    @property
    def chosen(self) -> tuple[int, ...]:
        """The numbers of the likely rights; the likeliest one where none is more likely than not."""
        likely = tuple(int(number) for number in np.flatnonzero(self.rights > 0))
        return likely or (int(np.argmax(self.rights)),)

    @property
    def chosen_rights(self) -> frozenset[Right]:
        """The chosen rights themselves."""
        return frozenset(RIGHTS[number] for number in self.chosen)


@dataclass(frozen=True, kw_only=True)
class First:
    """The first stage: ``weights`` of a sentence and ``whole`` of a mail in one piece, times ``steps`` (a step a column), so that a
    weight takes one byte.
    """

    weights: npt.NDArray[np.int8]
    whole: npt.NDArray[np.int8]
    steps: Floats
    biases: Floats

    def say(self, features: MailFeatures) -> tuple[Floats, Floats]:
        """Return the sums of each sentence, in which what is said of the mail counts too, and of the mail in one piece."""
        rows = features.sentences + 1
        sums = np.zeros((rows, HEADS), np.float32)
        if len(features.rows):
            starts = np.flatnonzero(np.diff(features.rows, prepend=-1))
            found = np.add.reduceat(self.weights.take(features.columns, 0), starts, axis=0, dtype=np.int32)
            sums[features.rows[starts]] = found * self.steps[:HEADS]
        sums *= row_factors(np.bincount(features.rows, minlength=rows))[:, None]
        columns = whole_columns(features)
        # A product with ones takes a quarter of the time of a sum, and is as exact: whole numbers far below 2^24.
        whole = np.ones(len(columns), np.float32) @ self.whole.take(columns, 0).astype(np.float32)
        whole *= self.steps[HEADS:] * row_factors(np.array([len(columns)]))[0]
        return sums[:-1] + sums[-1] + self.biases[:HEADS], whole + self.biases[HEADS:]


def whole_columns(features: MailFeatures) -> npt.NDArray[np.int64]:
    """Return the features of a mail in one piece: those of any of its sentences, each once."""
    return each_once(features.columns)


def packed(weights: Floats, biases: Floats) -> First:
    """Return a first stage whose weights take one byte each."""
    steps = (np.abs(weights).max(axis=0) / 127 + 1e-12).astype(np.float32)
    return _parted(np.rint(weights / steps).astype(np.int8), steps, biases)


def _parted(weights: npt.NDArray[np.int8], steps: Floats, biases: Floats) -> First:
    """Return a first stage; what belongs together lies together, for it is fetched from all over the table."""
    of_sentence, of_mail = weights[:, :HEADS], weights[:, HEADS:]
    return First(
        weights=np.ascontiguousarray(of_sentence), whole=np.ascontiguousarray(of_mail), steps=steps, biases=biases
    )


@dataclass(frozen=True, kw_only=True)
class Stage:
    """The closer look, the second or the third stage: values of a sentence or a mail in, log odds of each head out."""

    mean: Floats
    scale: Floats
    weights: Floats
    biases: Floats
    forest: Forest

    def say(self, values: Floats) -> Floats:
        """Return the log odds of the mean of both chances."""
        level = ((values - self.mean) / self.scale).astype(np.float32)
        both = (_chance(level @ self.weights + self.biases) + _chance(self.forest.sums(level))) / 2
        chance = np.clip(both, 1e-5, 1 - 1e-5)
        said: Floats = np.log(chance / (1 - chance)).astype(np.float32)
        return said

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return the stage as arrays to be stored."""
        own = {"mean": self.mean, "scale": self.scale, "weights": self.weights, "biases": self.biases}
        return own | self.forest.arrays()


def _chance(odds: Floats) -> Floats:
    chance = 1 / (1 + np.exp(-np.clip(odds, -30, 30)))
    return chance.astype(np.float32)


@dataclass(frozen=True, kw_only=True)
class Model:
    """A trained model. ``card`` tells from what it was built and how well it does."""

    glance: Glance
    first: First
    closer: Stage
    second: Stage
    third: Stage
    limits: Limits
    card: Mapping[str, Any]

    def opinion(self, features: MailFeatures, rule_flags: Floats) -> Opinion:
        """Return what the model says of a mail. How far its rights can be trusted is not asked of one that is left alone."""
        sums, whole = self.first.say(features)
        close = closely(self.closer, closer_values(sums, whole, rule_flags)[1])
        values = mail_values(sums, whole, features, rule_flags, close)
        opinion = opinion_of(self.second.say(values), sums, whole)
        if opinion.asked < self.limits.left:
            return opinion
        return replace(opinion, sureness=sureness(self.third, opinion, values))

    def shares(self, features: TokenFeatures, head: int) -> Floats:
        """Return how much each token of a sentence speaks for a head; tokens that say nothing at the end are left out."""
        weights = self.first.weights[features.columns, head]
        return np.bincount(features.tokens, weights).astype(np.float32)


def opinion_of(said: Floats, sums: Floats, whole: Floats) -> Opinion:
    """Return the opinion that both stages make up."""
    return Opinion(
        asked=float(said[0]),
        rights=said[1:],
        behalf=float(sums[:, BEHALF].max(initial=_LOWEST)),
        sentences=sums,
        whole=whole,
    )


def sureness(third: Stage, opinion: Opinion, values: Floats) -> float:
    """Return how likely it is that exactly the chosen rights are asked for."""
    return float(_chance(third.say(trust_values(opinion, values)))[0])


def trust_values(opinion: Opinion, values: Floats) -> Floats:
    """Return what the third stage sees of a mail: how clearly the rights part, and how many sentences ask."""
    clear = np.sort(np.abs(opinion.rights))[:4]
    strongest = np.sort(opinion.rights)[::-1][:4]
    asking = opinion.sentences[:, ANY]
    perhaps, surely = float((asking > -0.3).sum()), float((asking > 0).sum())
    count = float(len(opinion.chosen))
    counts = [count, opinion.asked, perhaps, surely, perhaps - count]
    return np.concatenate([clear, strongest, counts, values]).astype(np.float32)


def row_factors(counts: npt.NDArray[Any]) -> Floats:
    """Return what the features of a row count: less each in a long sentence, but not in proportion."""
    factors: Floats = np.maximum(counts, 1).astype(np.float32) ** np.float32(-0.25)
    return factors


def closer_values(sums: Floats, whole: Floats, rule_flags: Floats) -> tuple[npt.NDArray[np.int64], Floats]:
    """Return the numbers of a mail's strongest sentences, the strongest first, and what the closer look sees of each: what it
    says itself, what those before and after it say, what the mail in one piece says, where it stands, and what the rules said.
    """
    asking = sums[:, ANY]
    chosen = np.argsort(-asking, kind="stable")[: min(_CLOSELY, int((asking >= _FAINT).sum()))]
    edge = np.full((1, TOLD), _LOWEST, np.float32)
    around = np.concatenate([edge, sums[:, :TOLD], edge])
    count = len(chosen)
    table = np.empty((count, CLOSER_VALUES), np.float32)
    own, before, after = HEADS, HEADS + TOLD, HEADS + 2 * TOLD
    table[:, :own] = sums[chosen]
    table[:, own:before] = around[chosen]
    table[:, before:after] = around[chosen + 2]
    table[:, after : after + OF_MAIL] = whole
    place = after + OF_MAIL
    table[:, place] = len(sums)
    table[:, place + 1] = chosen
    table[:, place + 2] = np.arange(count)
    table[:, place + 3] = asking.max(initial=_LOWEST) - asking[chosen]
    table[:, place + 4 :] = rule_flags
    return chosen, table


def closely(stage: Stage, table: Floats) -> Floats:
    """Return how far any sentence of a mail asks for each right and for any at all, the strongest of each, and how far at least one
    of them asks for anything; in log odds.
    """
    if not len(table):
        return np.full(CLOSE_VALUES, _NOTHING_SEEN, np.float32)
    said = np.array([stage.say(values) for values in table], np.float64)
    anywhere = np.clip(1 - np.prod(1 - 1 / (1 + np.exp(-said[:, ANY]))), 1e-5, 1 - 1e-5)
    return np.append(said.max(axis=0), np.log(anywhere / (1 - anywhere))).astype(np.float32)


def mail_values(sums: Floats, whole: Floats, features: MailFeatures, rule_flags: Floats, close: Floats) -> Floats:
    """Return what the second stage sees of a mail: its strongest sentences, what the closer look (``close``) said of them, its
    size, and what the rules said.
    """
    told = sums[:, :TOLD] if len(sums) else np.full((1, TOLD), _LOWEST, np.float32)
    ordered = np.sort(told, axis=0)[::-1]
    next_best = ordered[1] if len(ordered) > 1 else np.full(TOLD, _LOWEST, np.float32)
    chance = 1 / (1 + np.exp(-2 * told))
    anywhere = np.log(np.clip(1 - np.prod(1 - chance, axis=0), 1e-4, 1 - 1e-4))
    # A sentence that asks for one right seldom asks for another: what counts is where a right comes out on top.
    rights = told[:, : len(RIGHTS)]
    best = np.sort(rights, axis=1)
    rival = np.where(rights == best[:, -1:], best[:, -2:-1], best[:, -1:])
    margins = (rights - rival).max(axis=0)
    asked_there = told[rights.argmax(axis=0), ANY]
    behalf = sums[:, BEHALF].max() if len(sums) else _LOWEST
    marketing = sums[:, MARKETING].max() if len(sums) else _LOWEST
    size = [np.log1p(features.sentences), np.log1p(len(features.rows)), behalf, marketing]
    parts = [ordered[0], next_best, anywhere, margins, asked_there, whole, close, size, rule_flags]
    return np.concatenate(parts).astype(np.float32)


def save(model: Model, folder: Path) -> None:
    """Write a model as ``weights.npz`` and ``card.json``."""
    folder.mkdir(parents=True, exist_ok=True)
    first = np.hstack([model.first.weights, model.first.whole])
    used, glanced = np.flatnonzero(first.any(axis=1)), np.flatnonzero(model.glance.weights)
    arrays: dict[str, Any] = {
        "glance.columns": glanced.astype(np.int32),
        "glance.weights": model.glance.weights[glanced],
        "glance.numbers": np.array([model.glance.step, model.glance.bias], np.float64),
        "columns": used.astype(np.int32),
        "weights": first[used],
        "steps": model.first.steps,
        "biases": model.first.biases,
        "limits": np.array(list(asdict(model.limits).values()), np.float64),
    }
    for stage in ("closer", "second", "third"):
        arrays |= {f"{stage}.{name}": part for name, part in getattr(model, stage).arrays().items()}
    stored = io.BytesIO()
    np.savez_compressed(stored, allow_pickle=False, **arrays)
    (folder / "weights.npz").write_bytes(stored.getvalue())
    card = {**model.card, "limits": asdict(model.limits)}
    (folder / "card.json").write_text(json.dumps(card, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def load_model(folder: Path) -> Model:
    """Read a model. Raises RulesError for one that is missing, damaged or made for other features."""
    try:
        card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
        with np.load(io.BytesIO((folder / "weights.npz").read_bytes()), allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
    except OSError as fault:
        raise RulesError(f"The model in {folder} cannot be read: {fault.strerror}.", hint=_HINT) from fault
    except Exception as fault:  # a damaged archive raises whatever its reader stumbles on
        raise RulesError(f"The model in {folder} is damaged.", hint=_HINT) from fault
    if card.get("features") != VERSION:
        raise RulesError(f"The model in {folder} was built for another version of the program.", hint=_HINT)
    try:
        weights = np.zeros((SIZE, COLUMNS), np.int8)
        weights[arrays["columns"]] = arrays["weights"]
        glances = np.zeros(SIZE, np.int8)
        glances[arrays["glance.columns"]] = arrays["glance.weights"]
        step, bias = arrays["glance.numbers"].tolist()
        glance, overruled, left, asked, surely = arrays["limits"].tolist()
        return Model(
            glance=Glance(weights=glances, step=step, bias=bias),
            first=_parted(weights, _shaped(arrays, "steps", (COLUMNS,)), _shaped(arrays, "biases", (COLUMNS,))),
            closer=_restored_stage(arrays, "closer", CLOSER_VALUES, TOLD),
            second=_restored_stage(arrays, "second", MAIL_VALUES, 1 + len(RIGHTS)),
            third=_restored_stage(arrays, "third", _TRUST + MAIL_VALUES, 1),
            limits=Limits(glance=glance, overruled=overruled, left=left, asked=asked, surely=surely),
            card=card,
        )
    except (KeyError, ValueError, IndexError) as fault:
        raise RulesError(f"The model in {folder} does not fit this program.", hint=_HINT) from fault


def _restored_stage(arrays: Mapping[str, npt.NDArray[Any]], stage: str, values: int, heads: int) -> Stage:
    own = {name.removeprefix(f"{stage}."): part for name, part in arrays.items() if name.startswith(f"{stage}.")}
    return Stage(
        mean=_shaped(own, "mean", (values,)),
        scale=_shaped(own, "scale", (values,)),
        weights=_shaped(own, "weights", (values, heads)),
        biases=_shaped(own, "biases", (heads,)),
        forest=restored(own, values, heads),
    )


def _shaped(arrays: Mapping[str, npt.NDArray[Any]], name: str, shape: Sequence[int]) -> Floats:
    found = arrays[name].astype(np.float32)
    if found.shape != tuple(shape):
        raise ValueError(name)
    return found
