"""From a folder of labelled mails to a model, with what it says of writers it never met."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inbox_bot.classification import evaluation, limits, training
from inbox_bot.classification.corpus import Example
from inbox_bot.classification.evaluation import Judged
from inbox_bot.classification.model import Model
from inbox_bot.classification.parts import is_ordinary
from inbox_bot.classification.spacy_model import load_untrained
from inbox_bot.classification.training import NewWords
from inbox_bot.classification.weighing import has_heard


@dataclass(frozen=True, kw_only=True)
class Taught:
    """A model, and the verdict on each mail of the corpus when its writer was held back."""

    model: Model
    held_back: Sequence[Judged]


def teach(
    examples: Sequence[Example], rules_dir: Path, shipped: Path, new_words: NewWords, tell: Callable[[str], None]
) -> Taught:
    """Build a model from labelled mails; ``tell`` is given a line when something that takes time begins."""
    reader = load_untrained(rules_dir, shipped)
    tell(f"Reading {len(examples)} mails.")
    rows = training.lay_out_examples(examples, reader.read, reader.book, new_words)
    extra = training.worsened_rows(examples[::3], reader.read, reader.book, new_words)
    tell(f"Holding back each writer in turn ({training.FOLDS} times).")
    held_back = training.hold_back(rows, extra)
    chosen = limits.choose(examples, held_back.opinions, [has_heard(row.by_rules) for row in rows])
    judged = training.judged(held_back, chosen)
    tell("Learning from all mails.")
    model = training.build(rows, extra, held_back, chosen, figures(judged), reader.book.fingerprint)
    return Taught(model=model, held_back=judged)


def figures(judged: Sequence[Judged]) -> dict[str, Any]:
    """Return the figures of held-back mails: all of them, those that are in no contrast pair, and the ordinary ones."""
    kinds = {
        "all": list(judged),
        "in no contrast pair": [one for one in judged if not one.example.pair],
        "ordinary mail": [one for one in judged if is_ordinary(one.example)],
    }
    return {
        kind: {"mails": len(mails)}
        | {name: [share.count, share.of] for name, share in evaluation.figures(mails).rows().items()}
        for kind, mails in kinds.items()
        if mails
    }
