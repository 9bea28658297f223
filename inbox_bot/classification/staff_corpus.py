"""The corpus as staff add to it: kept examples written in its form, and files of labelled mails looked through."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from inbox_bot.classification.corpus import Example, as_row, read_file
from inbox_bot.domain.example import KeptExample
from inbox_bot.errors import RulesError

# Line ends to Python and not to JSON; a file of examples is read line by line.
_LINE_ENDS = str.maketrans({end: f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"})


@dataclass(frozen=True, kw_only=True)
class Found:
    """What some files of labelled mails hold. ``faults`` are sentences, each with file and line."""

    messages: int
    requests: int
    writers: int
    pairs: int
    faults: tuple[str, ...]


def as_lines(kept: Iterable[KeptExample]) -> list[str]:
    """Return each example as a line that ``corpus.read_file`` reads.

    Each counts as a writer of its own, since nobody knows any more who wrote it. ``asks`` is left out: nobody marked words.
    """
    return [json.dumps(_row(example), ensure_ascii=False).translate(_LINE_ENDS) for example in kept]


def _row(kept: KeptExample) -> dict[str, object]:
    row = as_row(
        Example(
            writer=f"staff-{kept.number}",
            language=kept.language,
            subject=kept.subject,
            body=kept.text,
            rights=frozenset(claim.right for claim in kept.claims),
            marketing_only=bool(kept.claims) and all(claim.marketing for claim in kept.claims),
        )
    )
    return {name: value for name, value in row.items() if name != "asks"}


def look_through(paths: Sequence[Path]) -> Found:
    """Return what the files hold. Of a file that cannot be read the first fault is told, and nothing in it counted."""
    examples: list[Example] = []
    faults: list[str] = []
    for path in paths:
        try:
            examples += read_file(path)
        except RulesError as fault:
            faults.append(str(fault))
    pairs = Counter(example.pair for example in examples if example.pair)
    return Found(
        messages=len(examples),
        requests=sum(bool(example.rights) for example in examples),
        writers=len({example.writer for example in examples}),
        pairs=len(pairs),
        faults=(*faults, *_doubtful(examples, pairs)),
    )


def _doubtful(examples: Sequence[Example], pairs: Counter[str]) -> list[str]:
    faults = []
    seen: dict[tuple[str, str], Example] = {}
    for example in examples:
        if not example.writer.strip():
            faults.append(f"{example.place} has no writer.")
        if not (example.subject.strip() or example.body.strip()):
            faults.append(f"{example.place} has no words.")
        if example.pair and pairs[example.pair] != 2:
            faults.append(f"{example.place}: {pairs[example.pair]} mails have the pair {example.pair}, not two.")
        earlier = seen.setdefault((example.subject, example.body), example)
        if earlier.rights != example.rights:
            faults.append(f"{example.place} has the words of {earlier.place}, and other rights.")
    return faults
