"""What the model sees of a mail: hashed features of each sentence, of its neighbours, and of the mail as a whole.

A feature is a number below ``SIZE``. Words count folded (see spelling.py), as their lemma, as a beginning, as runs of
letters and as members of word lists; pairs and triples of neighbours say how they stand to one another. Everything
here must stay as it is while a trained model is in use: ``VERSION`` is stored in the model and compared when it is loaded.
"""

import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inbox_bot.classification.spelling import fold

VERSION = 2
BITS = 19
SIZE = 1 << BITS

Numbers = npt.NDArray[np.int64]

_MASK = np.int64(SIZE - 1)
_WIDE = np.int64((1 << 40) - 1)
_FIRST, _SECOND = np.int64(0x9E3779B1), np.int64(0x85EBCA6B)
_DIGIT = re.compile(r"\d")
_MOST_LETTERS = 40
_MOST_TOKENS = 1_500
"""Tokens of a mail that the model reads; beyond them the phrase rules alone look."""

_EDGE = 7
_REACH = 10
_MOST_SHIFTS = 40


def _hash(text: str) -> int:
    return zlib.crc32(text.encode("utf-8", "surrogatepass"))


@dataclass(frozen=True, slots=True)
class WordFeatures:
    """What is known of one word form wherever it stands."""

    word: int
    lemma: int
    stem: int
    ending: int
    alone: tuple[int, ...]
    lists: tuple[int, ...]


def word_features(text: str, lemma: str, lists: Iterable[str]) -> WordFeatures:
    """Return the features of a word form, its lemma in small letters, and the names of the word lists it is in."""
    low = fold(_DIGIT.sub("0", text.lower()))[:_MOST_LETTERS]
    if "@" in low:
        low = lemma = "@"
    base = fold(_DIGIT.sub("0", lemma))[:_MOST_LETTERS]
    edged = f"<{low}>"
    alone = {_hash(f"w:{low}"), _hash(f"l:{base}")}
    if len(low) > 1 and low.isalpha():
        alone |= {_hash(f"c:{edged[at : at + size]}") for size in (3, 4, 5) for at in range(len(edged) - size + 1)}
    names = sorted(set(lists))
    alone |= {_hash(f"k:{name}") for name in names}
    return WordFeatures(
        word=_hash(f"W:{low}"),
        lemma=_hash(f"L:{base}"),
        stem=_hash(f"S:{base[:5]}"),
        ending=_hash(f"E:{low[-4:]}"),
        alone=tuple(alone),
        lists=tuple(_hash(f"K:{name}") for name in names),
    )


@dataclass(frozen=True)
class SentenceWords:
    """One sentence for the model: its words, whether it is the subject, and the numbers of rules that hold in it."""

    words: Sequence[WordFeatures]
    is_subject: bool
    asks: bool
    rules: Sequence[int] = ()


@dataclass(frozen=True)
class MailFeatures:
    """``rows`` and ``columns``: feature ``columns[i]`` is in row ``rows[i]``, each once. One row a sentence, then the mail.

    ``tokens`` is the token (counted through the mail) a feature belongs to, or -1 for one that belongs to none.
    """

    rows: Numbers
    columns: Numbers
    tokens: Numbers
    sentences: int


def rule_number(name: str) -> int:
    """Return the number under which a rule's hit is a feature."""
    return _hash(f"R:{name}")


def mail_features(sentences: Sequence[SentenceWords]) -> MailFeatures:
    """Return the features of a mail's sentences. Beyond ``_MOST_TOKENS`` tokens it is read no further."""
    return _Reader(sentences).read()


class _Reader:
    """Lays the words of all sentences side by side once, so that each kind of feature is one pass over arrays."""

    def __init__(self, sentences: Sequence[SentenceWords]) -> None:
        self._sentences = sentences
        self._rows: list[Numbers] = []
        self._columns: list[Numbers] = []
        self._tokens: list[Numbers] = []

    def read(self) -> MailFeatures:
        words: list[WordFeatures] = []
        owners: list[int] = []
        for number, sentence in enumerate(self._sentences):
            taken = sentence.words[: max(0, _MOST_TOKENS - len(words))]
            words += taken
            owners += [number] * len(taken)
        owner = np.array(owners, np.int64)
        place = np.arange(len(words), dtype=np.int64)
        self._alone(words, owner)
        word, lemma, stem = (
            np.array([getattr(one, kind) for one in words], np.int64) for kind in ("word", "lemma", "stem")
        )
        self._neighbours(word, owner, place, (1, 2), salt=11)
        self._neighbours(lemma, owner, place, (1,), salt=13)
        self._triples(word, owner, place, salt=17)
        self._triples(stem, owner, place, salt=19)
        for step in (2, 3, 4, 5):
            self._pairs(stem, owner, place, step, salt=23)
        self._lists(words, lemma, owner)
        self._around(lemma, owner)
        self._whole(words, lemma)
        self._marks()
        return self._unique()

    def _add(self, rows: Numbers, columns: Numbers, tokens: Numbers | None = None) -> None:
        self._rows.append(rows)
        self._columns.append(columns & _MASK)
        self._tokens.append(np.full(len(rows), -1, np.int64) if tokens is None else tokens)

    def _alone(self, words: Sequence[WordFeatures], owner: Numbers) -> None:
        counts = np.array([len(one.alone) for one in words], np.int64)
        columns = np.array([feature for one in words for feature in one.alone], np.int64)
        self._add(np.repeat(owner, counts), columns, np.repeat(np.arange(len(words), dtype=np.int64), counts))

    def _neighbours(self, kind: Numbers, owner: Numbers, place: Numbers, steps: Sequence[int], salt: int) -> None:
        """Add pairs of neighbours, and the words that begin and end a sentence."""
        for step in steps:
            self._pairs(kind, owner, place, step, salt + 100 * step)
        if len(kind):
            starts = np.r_[True, owner[1:] != owner[:-1]]
            ends = np.r_[owner[1:] != owner[:-1], True]
            for at, edge in ((starts, 1), (ends, 2)):
                self._add(owner[at], _mix(np.full(at.sum(), _EDGE * edge, np.int64), kind[at], salt), place[at])

    def _pairs(self, kind: Numbers, owner: Numbers, place: Numbers, step: int, salt: int) -> None:
        same = owner[:-step] == owner[step:]
        self._add(owner[step:][same], _mix(kind[:-step][same], kind[step:][same], salt), place[step:][same])

    def _triples(self, kind: Numbers, owner: Numbers, place: Numbers, salt: int) -> None:
        same = owner[:-2] == owner[2:]
        first = _mix(kind[:-2][same], kind[1:-1][same], salt)
        self._add(owner[2:][same], _mix(first, kind[2:][same], salt), place[1:-1][same])

    def _lists(self, words: Sequence[WordFeatures], lemma: Numbers, owner: Numbers) -> None:
        """Add pairs of word lists within reach of each other, and of a list with the words beside it."""
        counts = np.array([len(one.lists) for one in words], np.int64)
        member = np.array([name for one in words for name in one.lists], np.int64)
        at = np.repeat(np.arange(len(words), dtype=np.int64), counts)
        for shift in range(1, min(_MOST_SHIFTS, len(member))):
            first, second = at[:-shift], at[shift:]
            near = (second - first <= _REACH) & (second > first) & (owner[first] == owner[second])
            if not near.any():
                if (second - first > _REACH).all():
                    break
                continue
            pair = _mix(member[:-shift][near], member[shift:][near], 29)
            self._add(owner[second[near]], pair, second[near])
            close = near & (second - first <= 3)
            if close.any():
                pair = _mix(member[:-shift][close], member[shift:][close], 31)
                self._add(owner[second[close]], pair, second[close])
        for step in (-2, -1, 1, 2, 3):
            other = at + step
            inside = (other >= 0) & (other < len(words))
            inside[inside] = owner[at[inside]] == owner[other[inside]]
            pair = _mix(member[inside], lemma[other[inside]], 37 + step)
            self._add(owner[at[inside]], pair, at[inside])

    def _around(self, lemma: Numbers, owner: Numbers) -> None:
        """Add the words of the sentence before, of the one after, and of the subject."""
        last = len(self._sentences) - 1
        for step, salt in ((1, 41), (-1, 43)):
            target = owner + step
            inside = (target >= 0) & (target <= last)
            self._add(target[inside], _mix(lemma[inside], lemma[inside], salt))
        subjects = [number for number, one in enumerate(self._sentences) if one.is_subject]
        inside = np.isin(owner, subjects)
        if inside.any():
            named = _mix(lemma[inside], lemma[inside], 47)
            for number in range(len(self._sentences)):
                if number not in subjects:
                    self._add(np.full(len(named), number, np.int64), named)

    def _whole(self, words: Sequence[WordFeatures], lemma: Numbers) -> None:
        row = len(self._sentences)
        self._add(np.full(len(lemma), row, np.int64), _mix(lemma, lemma, 53))
        if len(lemma) > 1:
            self._add(np.full(len(lemma) - 1, row, np.int64), _mix(lemma[:-1], lemma[1:], 59))
        member = np.array([name for one in words for name in one.lists], np.int64)
        self._add(np.full(len(member), row, np.int64), _mix(member, member, 61))

    def _marks(self) -> None:
        """Add what a sentence is: subject or body, question or not, its length, the rules that hold in it."""
        for number, one in enumerate(self._sentences):
            marks = [
                _hash(f"subject:{one.is_subject}"),
                _hash(f"asks:{one.asks}"),
                _hash(f"length:{min(6, len(one.words) // 4)}"),
                *one.rules,
            ]
            self._add(np.full(len(marks), number, np.int64), np.array(marks, np.int64))

    def _unique(self) -> MailFeatures:
        rows, columns, tokens = (np.concatenate(parts) for parts in (self._rows, self._columns, self._tokens))
        _, first = np.unique(rows << np.int64(BITS) | columns, return_index=True)
        return MailFeatures(
            rows=rows[first], columns=columns[first], tokens=tokens[first], sentences=len(self._sentences)
        )


def _mix(first: Numbers, second: Numbers, salt: int) -> Numbers:
    mixed = ((first * _FIRST) & _WIDE) ^ ((second * _SECOND + np.int64(salt * 7919)) & _WIDE)
    return mixed ^ (mixed >> np.int64(15))
