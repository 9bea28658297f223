"""Ways of telling requests from other mail, side by side: the same split by writer, the same mails, one command.

    .venv/bin/python benchmarks/classifiers.py [--ways rules,linear] [--markdown]

Learns from the writers of folds 1 to 4 of rules/corpus and measures on those of fold 0, whom none of the ways has met. Each way is
given a mail's subject and newly written words. Times are of the processor, on one core. Training leaves out taking the mails apart, which
is done once for all; rates are of mails one by one, from text to answer, all words met before. Sizes are of what is learnt, compressed. The
settings of the spaCy ways were set once and not searched for; nothing is pretrained. Needs scikit-learn; downloads nothing.
Takes about twelve minutes.
"""

import argparse
import io
import os
import pickle
import random
import sys
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import spacy
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_union
from spacy.attrs import PREFIX
from spacy.tokens import Doc, Span
from spacy.training import Example as SpacyExample
from thinc.api import Adam, fix_random_seed, get_current_ops
from thinc.types import Ragged
from threadpoolctl import threadpool_limits

sys.path.insert(0, str(Path(__file__).parents[1]))
# Training shares its work out to every core, and only the time of this process is counted.
os.environ["LOKY_MAX_CPU_COUNT"] = "1"

from inbox_bot.classification import corpus
from inbox_bot.classification.corpus import Example, fingerprint
from inbox_bot.classification.fitting import SEED, Row, closer_stage, first_stage, second_stage, tables
from inbox_bot.classification.layout import lay_out, rule_flags
from inbox_bot.classification.model import ANY, RIGHTS, closely, closer_values, mail_values, opinion_of
from inbox_bot.classification.parts import is_ordinary
from inbox_bot.classification.rules import find
from inbox_bot.classification.sentences import Shape, shape, split
from inbox_bot.classification.spacy_model import SpacyClassifier, load_untrained
from inbox_bot.classification.training import folds, hold_back, lay_out_examples, worsened_rows
from inbox_bot.classification.verdict import decide_on
from inbox_bot.domain.verdict import Outcome, Part
from inbox_bot.message.parse import read_text

ROOT = Path(__file__).parents[1]
CAUGHT = 0.99
DRAWS = 500
LABELS = [*(right.value for right in RIGHTS), "any"]
"""In the order of the model's first heads: each right, then any right at all."""


@dataclass(frozen=True)
class Mail:
    """A mail laid out: ``row`` is what our own stages see, ``asks`` the sentences that ask, by offsets in ``text``."""

    example: Example
    subject: str
    words: str
    row: Row
    asks: tuple[tuple[int, int, str], ...]

    @property
    def text(self) -> str:
        return f"{self.subject}\n\n{self.words}"

    @property
    def truth(self) -> list[bool]:
        return [*(right in self.example.rights for right in RIGHTS), bool(self.example.rights)]


@dataclass(frozen=True)
class Split:
    """``copies`` are worse-typed copies of every second mail; the model learns from them too."""

    reader: SpacyClassifier
    learnt: Sequence[Mail]
    copies: Sequence[Mail]
    test: Sequence[Mail]
    corpus: str


@dataclass(frozen=True)
class Said:
    """A way's answer on a mail: the higher, the likelier it is a request, and the numbers of the rights it would be for."""

    score: float
    chosen: tuple[int, ...]


Classify = Callable[[Mail], Said]
Way = Callable[[Split], tuple[Classify, float]]
"""Learns from a split; returns what classifies a mail, and the size of what was learnt in MB."""


def new_words(subject: str, body: str) -> str:
    return read_text(subject, body).reply_text


def load_split(limit: int | None = None) -> Split:
    """Return the corpus split by writer; ``limit``: only so many mails, to try the program out."""
    examples = corpus.read_files(corpus.files(ROOT / "rules" / "corpus"))
    told = fingerprint(examples)[:12]
    if limit:
        examples = random.Random(SEED).sample(examples, limit)
    reader = load_untrained(ROOT / "rules", ROOT / "rules")
    fold = folds(examples, 5)
    rows = lay_out_examples(examples, reader.read, reader.book, new_words)
    extra = worsened_rows(examples[::2], reader.read, reader.book, new_words)
    test_writers = {example.writer for example, at in zip(examples, fold, strict=True) if at == 0}
    mails = [as_mail(row, reader) for row in rows]
    return Split(
        reader=reader,
        learnt=[mail for mail in mails if mail.example.writer not in test_writers],
        copies=[as_mail(row, reader) for row in extra if row.example.writer not in test_writers],
        test=[mail for mail in mails if mail.example.writer in test_writers],
        corpus=told,
    )


def as_mail(row: Row, reader: SpacyClassifier) -> Mail:
    subject, words = row.example.subject, new_words(row.example.subject, row.example.body)
    asks = []
    if row.labels[:, : ANY + 1].any():
        for sentence, labels in zip(reader.read(subject, words).sentences, row.labels, strict=True):
            first = 0 if sentence.part is Part.SUBJECT else len(subject) + 2
            for head in np.flatnonzero(labels[: ANY + 1] > 0).tolist():
                asks += [(first + sentence.spans[0][0], first + sentence.spans[-1][1], LABELS[head])]
    return Mail(row.example, subject, words, row, tuple(asks))


def megabytes(packed: bytes) -> float:
    return len(zlib.compress(packed)) / 1e6


def chosen(said: Any, limit: float) -> tuple[int, ...]:
    """The numbers of the likely rights; the likeliest one where none is more likely than not.

    Which rights a mail asks for is asked only of requests, so that chances are given as shares of that of any right.
    """
    rights = said[: len(RIGHTS)]
    return tuple(np.flatnonzero(rights > limit).tolist()) or (int(rights.argmax()),)


# --- the ways ---


def rules_alone(parts: Split) -> tuple[Classify, float]:
    levels = {Outcome.NOT_REQUEST: 0.0, Outcome.UNSURE: 1.0, Outcome.REQUEST: 2.0}

    def classify(mail: Mail) -> Said:
        reading = parts.reader.read(mail.subject, mail.words)
        verdict = decide_on(parts.reader.book, reading, find(parts.reader.book, reading.sentences))
        return Said(levels[verdict.outcome], tuple(sorted({RIGHTS.index(claim.right) for claim in verdict.claims})))

    files = [path for path in sorted((ROOT / "rules" / "phrases").rglob("*")) if path.is_file()]
    return classify, megabytes(b"".join(path.read_bytes() for path in files))


def linear(parts: Split) -> tuple[Classify, float]:
    """Character and word n-grams of the whole mail, a logistic regression for each label."""
    vectors = make_union(
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=3, sublinear_tf=True, dtype=np.float32),
        TfidfVectorizer(ngram_range=(1, 3), token_pattern=r"\w+|[?!]", min_df=2, sublinear_tf=True, dtype=np.float32),
    )
    mails = [*parts.learnt, *parts.copies]
    table = vectors.fit_transform([mail.text for mail in mails]).tocsr()
    truth = np.array([mail.truth for mail in mails])
    asked = truth[:, ANY]
    weights, biases = np.zeros((table.shape[1], ANY + 1), np.float32), np.zeros(ANY + 1, np.float32)
    for head in range(ANY + 1):
        # As in our second stage: which right it is, is learnt from the mails that ask for any.
        known = np.ones(len(mails), bool) if head == ANY else asked
        if truth[known, head].any() and not truth[known, head].all():
            learner = LogisticRegression(C=20.0, solver="liblinear", random_state=SEED)
            learner.fit(table[known], truth[known, head])
            weights[:, head], biases[head] = learner.coef_[0], learner.intercept_[0]

    def classify(mail: Mail) -> Said:
        said = np.asarray(vectors.transform([mail.text]) @ weights)[0] + biases
        return Said(float(said[ANY]), chosen(said, 0))

    return classify, megabytes(pickle.dumps((vectors, weights.astype(np.float16))))


def own_first(parts: Split) -> tuple[Classify, float]:
    """What the strongest sentence says; the sums of the mail in one piece are learnt too but not asked."""
    laid_out = tables([mail.row for mail in [*parts.learnt, *parts.copies]])
    first = first_stage(laid_out, np.ones(len(laid_out.heeded), bool))

    def classify(mail: Mail) -> Said:
        reading = parts.reader.read(mail.subject, mail.words)
        sums, _ = first.say(lay_out(reading, find(parts.reader.book, reading.sentences)))
        best = sums.max(axis=0, initial=-4.0)
        return Said(float(best[ANY]), chosen(best, 0))

    return classify, packed_size(first.weights, {})


def own_all(parts: Split) -> tuple[Classify, float]:
    """The pipeline in use but for its glance and its third stage, which alter no set; learning to hold writers back needs both."""
    rows, extra = [mail.row for mail in parts.learnt], [mail.row for mail in parts.copies]
    held_back = hold_back(rows, extra)
    first = first_stage(held_back.laid_out, np.ones(len(rows) + len(extra), bool))
    closer = closer_stage(held_back.closer, np.ones(len(rows), bool))
    second = second_stage(rows, held_back.values)

    def classify(mail: Mail) -> Said:
        book = parts.reader.book
        reading = parts.reader.read(mail.subject, mail.words)
        hits = find(book, reading.sentences)
        features, flags = lay_out(reading, hits), rule_flags(decide_on(book, reading, hits))
        sums, whole = first.say(features)
        close = closely(closer, closer_values(sums, whole, flags)[1])
        opinion = opinion_of(second.say(mail_values(sums, whole, features, flags, close)), sums, whole)
        return Said(opinion.asked, opinion.chosen)

    further = {
        f"{name}.{part}": array
        for name, one in (("closer", closer), ("second", second))
        for part, array in one.arrays().items()
    }
    return classify, packed_size(np.hstack([first.weights, first.whole]), further)


def packed_size(weights: np.ndarray[Any, Any], further: dict[str, Any]) -> float:
    """Return the size of the file that the model would be stored in, in MB."""
    used = np.flatnonzero(weights.any(axis=1))
    stored = io.BytesIO()
    arrays = {"first.columns": used.astype(np.int32), "first.weights": weights[used]} | further
    np.savez_compressed(stored, allow_pickle=False, **arrays)
    return len(stored.getvalue()) / 1e6


def tok2vec(width: int, depth: int) -> dict[str, Any]:
    return {
        "@architectures": "spacy.Tok2Vec.v2",
        "embed": {
            "@architectures": "spacy.MultiHashEmbed.v2",
            "width": width,
            "attrs": ["NORM", "PREFIX", "SUFFIX", "SHAPE"],
            "rows": [8000, 4000, 4000, 1000],
            "include_static_vectors": False,
        },
        "encode": {
            "@architectures": "spacy.MaxoutWindowEncoder.v2",
            "width": width,
            "depth": depth,
            "window_size": 1,
            "maxout_pieces": 3,
        },
    }


def blank() -> Any:
    """Blank Swedish whose prefixes are of four letters, as beginnings of words; spaCy's own are of one."""
    fix_random_seed(SEED)
    nlp = spacy.blank("sv")
    nlp.vocab.lex_attr_getters[PREFIX] = lambda word: word[:4].lower()
    return nlp


def teach(nlp: Any, examples: list[SpacyExample], *, epochs: int, rate: float, batch: int = 32) -> None:
    """Train a pipeline: the rate rises quickly, then falls to nothing, so that the last steps only settle."""
    chance = random.Random(SEED)
    optimizer = Adam(rate, L2=1e-4, grad_clip=1.0, L2_is_weight_decay=True)
    nlp.initialize(lambda: examples[:500], sgd=optimizer)
    steps, step = epochs * -(-len(examples) // batch), 0
    for _ in range(epochs):
        chance.shuffle(examples)
        for first in range(0, len(examples), batch):
            share = step / steps
            optimizer.learn_rate = rate * min(1.0, 0.05 + share / 0.1) * (1 - share)
            nlp.update(examples[first : first + batch], drop=0.2, sgd=optimizer)
            step += 1


def textcat(parts: Split, model: dict[str, Any], prepare: Callable[[str], str], **how: Any) -> tuple[Classify, float]:
    nlp = blank()
    part = nlp.add_pipe("textcat_multilabel", config={"model": model, "threshold": 0.5})
    for label in LABELS:
        part.add_label(label)
    teach(
        nlp,
        [
            SpacyExample.from_dict(
                nlp.make_doc(prepare(mail.text)),
                {"cats": dict(zip(LABELS, map(float, mail.truth), strict=True))},
            )
            for mail in [*parts.learnt, *parts.copies]
        ],
        **how,
    )

    def classify(mail: Mail) -> Said:
        found = nlp(prepare(mail.text)).cats
        said = np.array([found[label] for label in LABELS])
        return Said(float(said[ANY]), chosen(said / max(said[ANY], 1e-9), 0.5))

    return classify, megabytes(nlp.to_bytes(exclude=["vocab", "tokenizer"]))


def spacy_bow(parts: Split) -> tuple[Classify, float]:
    model = {
        "@architectures": "spacy.TextCatBOW.v3",
        "exclusive_classes": False,
        "ngram_size": 2,
        "no_output_layer": False,
        "length": 1 << 18,
    }
    return textcat(parts, model, str.lower, epochs=8, rate=0.005)


def spacy_tok2vec(parts: Split) -> tuple[Classify, float]:
    model = {
        "@architectures": "spacy.TextCatReduce.v1",
        "exclusive_classes": False,
        "use_reduce_first": False,
        "use_reduce_last": False,
        "use_reduce_max": True,
        "use_reduce_mean": True,
        "tok2vec": tok2vec(width=64, depth=2),
    }
    return textcat(parts, model, str, epochs=8, rate=0.003)


@lru_cache(maxsize=200_000)
def shape_of(word: str) -> Shape:
    return shape(word)


def sentence_bounds(doc: Doc) -> list[tuple[int, int]]:
    """Return where our sentences begin and end, in spaCy's tokens."""
    found = split([shape_of(token.text) for token in doc], [token.idx for token in doc])
    return [(numbers[0], numbers[-1] + 1) for numbers in found] or [(0, len(doc))]


@spacy.registry.misc("inbox_bot.sentence_suggester.v1")
def sentence_suggester() -> Callable[..., Ragged]:
    def suggest(docs: Sequence[Doc], *, ops: Any = None) -> Ragged:
        ops = ops or get_current_ops()
        bounds = [sentence_bounds(doc) for doc in docs]
        flat = [pair for pairs in bounds for pair in pairs]
        return Ragged(ops.asarray(flat, dtype="i"), ops.asarray([len(pairs) for pairs in bounds], dtype="i"))

    return suggest


def spacy_spancat(parts: Split) -> tuple[Classify, float]:
    nlp = blank()
    model = {
        "@architectures": "spacy.SpanCategorizer.v1",
        "tok2vec": tok2vec(width=64, depth=2),
        "reducer": {"@layers": "spacy.mean_max_reducer.v1", "hidden_size": 96},
        "scorer": {"@layers": "spacy.LinearLogistic.v1"},
    }
    suggester = {"@misc": "inbox_bot.sentence_suggester.v1"}
    part = nlp.add_pipe("spancat", config={"model": model, "suggester": suggester, "threshold": 0.5})
    for label in LABELS:
        part.add_label(label)
    teach(nlp, [with_spans(nlp, mail) for mail in [*parts.learnt, *parts.copies]], epochs=8, rate=0.003)
    labels = list(part.labels)
    order = [labels.index(label) for label in LABELS]

    def classify(mail: Mail) -> Said:
        _, scores = part.predict([nlp.make_doc(mail.text)])
        said = np.asarray(scores).max(axis=0)[order]
        return Said(float(said[ANY]), chosen(said / max(said[ANY], 1e-9), 0.5))

    return classify, megabytes(nlp.to_bytes(exclude=["vocab", "tokenizer"]))


def with_spans(nlp: Any, mail: Mail) -> SpacyExample:
    doc, told = nlp.make_doc(mail.text), nlp.make_doc(mail.text)
    spans = {}
    for first, last in sentence_bounds(told):
        start, end = told[first].idx, told[last - 1].idx + len(told[last - 1])
        for ask_start, ask_end, label in mail.asks:
            shared = min(end, ask_end) - max(start, ask_start)
            if 2 * shared >= min(end - start, ask_end - ask_start):
                spans[first, last, label] = Span(told, first, last, label=label)
    told.spans["sc"] = list(spans.values())
    return SpacyExample(doc, told)


WAYS: dict[str, tuple[str, Way]] = {
    "rules": ("rules alone", rules_alone),
    "bow": ("spaCy textcat_multilabel, bag of words and pairs", spacy_bow),
    "tok2vec": ("spaCy textcat_multilabel, trained tok2vec", spacy_tok2vec),
    "spancat": ("spaCy spancat on sentences, trained tok2vec", spacy_spancat),
    "linear": ("character and word n-grams, linear", linear),
    "first": ("our first stage alone, best sentence", own_first),
    "both": ("our first and second stage", own_all),
}


# --- the figures ---

COLUMNS = ["AUC", "AUC, ordinary", "left alone at 99 %", "(90 % interval)", "set right", "set right, ordinary"]


def figures(mails: Sequence[Mail], said: Sequence[Said]) -> list[str]:
    """Return the cells under ``COLUMNS``. The interval is of other writers drawn from the same ones (bootstrap)."""
    asked = np.array([bool(mail.example.rights) for mail in mails])
    ordinary = np.array([is_ordinary(mail.example) for mail in mails])
    # As where the limits are chosen: a request that may also be left alone is none that must be caught.
    must = np.array([frozenset() not in mail.example.accepted for mail in mails]) & asked
    score = np.array([one.score for one in said])
    right = np.array(
        [
            frozenset(RIGHTS[number] for number in one.chosen) in mail.example.accepted
            for mail, one in zip(mails, said, strict=True)
        ]
    )
    writers: dict[str, list[int]] = {}
    for at in np.flatnonzero(ordinary).tolist():
        writers.setdefault(mails[at].example.writer, []).append(at)
    chance = random.Random(SEED)
    drawn = []
    for _ in range(DRAWS):
        some = [at for writer in chance.choices(list(writers), k=len(writers)) for at in writers[writer]]
        drawn.append(left_alone(score[some], must[some], ~asked[some]))
    low, high = np.nanquantile(drawn, [0.05, 0.95])
    return [
        f"{roc_auc_score(asked, score):.3f}",
        f"{roc_auc_score(asked[ordinary], score[ordinary]):.3f}",
        f"{left_alone(score[ordinary], must[ordinary], ~asked[ordinary]):.1%}",
        f"{low:.0%} to {high:.0%}",
        f"{right[asked].mean():.1%}",
        f"{right[asked & ordinary].mean():.1%}",
    ]


def left_alone(score: Any, must: Any, other: Any) -> float:
    """Return the share of other mail below the limit that all but 1 % of the requests reach."""
    wanted = np.sort(score[must])
    if not len(wanted) or not other.any():
        return np.nan
    return float((score[other] < wanted[int((1 - CAUGHT) * len(wanted))]).mean())


def print_table(head: list[str], lines: list[list[str]], *, markdown: bool) -> None:
    if markdown:
        print("| " + " | ".join(head) + " |")
        print("|---" + "|--:" * (len(head) - 1) + "|")
        for line in lines:
            print("| " + " | ".join(line) + " |")
        return
    wide = [max(len(line[at]) for line in [head, *lines]) for at in range(len(head))]
    for line in [head, *lines]:
        first, *rest = (cell.ljust(wide[at]) if at == 0 else cell.rjust(wide[at]) for at, cell in enumerate(line))
        print("  ".join([first, *rest]))


def describe(parts: Split) -> str:
    def count(mails: Sequence[Mail]) -> str:
        asked = sum(bool(mail.example.rights) for mail in mails)
        return f"{len(mails)} mails ({asked} requests) of {len({mail.example.writer for mail in mails})} writers"

    ordinary = [mail for mail in parts.test if is_ordinary(mail.example)]
    return (
        f"{time.strftime('%Y-%m-%d')}, corpus {parts.corpus}. Learnt from {count(parts.learnt)}, "
        f"with {len(parts.copies)} worse-typed copies of them.\n"
        f"Measured on {count(parts.test)}; ordinary mail among them: {count(ordinary)}.\n"
    )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--ways", default=",".join(WAYS), help=f"some of: {','.join(WAYS)}")
    options.add_argument("--markdown", action="store_true", help="print a Markdown table")
    options.add_argument("--mails", type=int, help="only so many mails, to try it out")
    given = options.parse_args()
    names = given.ways.split(",")
    if unknown := [name for name in names if name not in WAYS]:
        options.error(f"no such way: {', '.join(unknown)}")
    threadpool_limits(1)
    parts = load_split(given.mails)
    print(describe(parts))
    lines = []
    for name in names:
        title, way = WAYS[name]
        start = time.process_time()
        classify, size = way(parts)
        trained = time.process_time() - start
        said = [classify(mail) for mail in parts.test]
        start = time.process_time()
        for mail in parts.test:
            classify(mail)
        rate = len(said) / (time.process_time() - start)
        seconds = "–" if name == "rules" else f"{trained:.0f}"
        lines.append([title, *figures(parts.test, said), seconds, f"{rate:.0f}", f"{size:.2f}"])
        print(f"{title}: learnt in {trained:.0f} s", file=sys.stderr, flush=True)
        if name == "rules":
            caught = [one.score > 0 for mail, one in zip(parts.test, said, strict=True) if mail.example.rights]
            alone = [one.score == 0 for mail, one in zip(parts.test, said, strict=True) if not mail.example.rights]
            print(
                f"The rules leave no more choice than three answers: they catch {np.mean(caught):.1%} of all requests "
                f"and leave {np.mean(alone):.1%} of all other mail alone.\n"
            )
    print_table(["way", *COLUMNS, "s to train", "mails/s", "MB"], lines, markdown=given.markdown)


if __name__ == "__main__":
    main()
