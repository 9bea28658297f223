"""What the model sees of a mail: hashed features of each sentence, of its neighbours, and of the mail as a whole.

A feature is a number below ``SIZE``. Words count folded (see spelling.py), as their lemma, as a beginning, as runs of
letters and as members of word lists; pairs and triples of neighbours say how they stand to one another. Everything
here must stay as it is while a trained model is in use: ``VERSION`` is stored in the model and compared when it is loaded.
"""

import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from inbox_bot.classification.spelling import fold

VERSION = 4
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
_CLOSE = 3
_MOST_SHIFTS = 40
_BESIDE = np.array([-2, -1, 1, 2, 3], np.int64)


def _hash(text: str) -> int:
    return zlib.crc32(text.encode("utf-8", "surrogatepass"))


@dataclass(frozen=True, slots=True, eq=False)
class WordFeatures:
    """What is known of one word form wherever it stands. ``faces``: it as a word, a lemma and a beginning, to be paired.

    ``is_known``: whether any word list holds it.
    """

    faces: Numbers
    alone: Numbers
    lists: Numbers
    is_known: bool


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
        faces=np.array([_hash(f"W:{low}"), _hash(f"L:{base}"), _hash(f"S:{base[:5]}")], np.int64),
        alone=np.array(sorted(alone), np.int64),
        lists=np.array([_hash(f"K:{name}") for name in names], np.int64),
        is_known=bool(names),
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
    """``rows`` and ``columns``: feature ``columns[i]`` is in row ``rows[i]``, each once. One row a sentence, then the mail."""

    rows: Numbers
    columns: Numbers
    sentences: int


@dataclass(frozen=True)
class TokenFeatures:
    """The features of one sentence that belong to a token: ``columns[i]`` to ``tokens[i]``, counted in the sentence."""

    columns: Numbers
    tokens: Numbers


def rule_number(name: str) -> int:
    """Return the number under which a rule's hit is a feature."""
    return _hash(f"R:{name}")


def mail_features(sentences: Sequence[SentenceWords]) -> MailFeatures:
    """Return the features of a mail's sentences. Beyond ``_MOST_TOKENS`` tokens it is read no further."""
    reader = _Reader(sentences)
    keys = each_once(reader.rows() << BITS | reader.columns())
    return MailFeatures(rows=keys >> BITS, columns=keys & _MASK, sentences=len(sentences))


def each_once(numbers: Numbers) -> Numbers:
    """Return the numbers in order, each once: numpy's own ``unique`` takes three times as long for as few as a mail has."""
    ordered = np.sort(numbers)
    found: Numbers = ordered[np.concatenate([ordered[:1] >= 0, ordered[1:] != ordered[:-1]])]
    return found


def token_features(sentences: Sequence[SentenceWords], number: int) -> TokenFeatures:
    """Return which features of sentence ``number`` are due to which of its tokens, each feature once."""
    reader = _Reader(sentences)
    tokens = reader.tokens()
    inside = (reader.rows() == number) & (tokens >= 0)
    columns, first = np.unique(reader.columns()[inside], return_index=True)
    before = sum(len(one.words) for one in sentences[:number])
    return TokenFeatures(columns=columns, tokens=tokens[inside][first] - before)


class _Reader:
    """Lays the words of all sentences side by side once, so that each kind of feature is one pass over arrays."""

    def __init__(self, sentences: Sequence[SentenceWords]) -> None:
        words: list[WordFeatures] = []
        lengths: list[int] = []
        for sentence in sentences:
            taken = sentence.words[: max(0, _MOST_TOKENS - len(words))]
            words += taken
            lengths.append(len(taken))
        self._sentences = sentences
        self._parts: list[tuple[Numbers, Numbers, Numbers]] = []
        self._owner = np.repeat(np.arange(len(lengths), dtype=np.int64), lengths)
        self._place = np.arange(len(words), dtype=np.int64)
        self._marks()
        if words:
            self._ends = np.cumsum(lengths, dtype=np.int64)
            self._alone([one.alone for one in words])
            word, lemma, stem = np.stack([one.faces for one in words], axis=1)
            lists = [one.lists for one in words]
            member, at = np.concatenate(lists), np.repeat(self._place, [len(one) for one in lists])
            self._pairs(word, lemma, stem)
            self._triples(word, stem)
            self._edges(word, lemma)
            self._lists(member, at)
            self._beside(member, at, lemma)
            self._around(lemma)
            self._whole(lemma, member)

    def rows(self) -> Numbers:
        """Return the row of every feature, some more than once."""
        return np.concatenate([rows for rows, _, _ in self._parts])

    def columns(self) -> Numbers:
        """Return the column of every feature, in the order of ``rows``."""
        return np.concatenate([columns for _, columns, _ in self._parts]) & _MASK

    def tokens(self) -> Numbers:
        """Return the token every feature belongs to, in the order of ``rows``, or -1 for none."""
        return np.concatenate([tokens for _, _, tokens in self._parts])

    def _add(self, rows: Numbers, columns: Numbers, tokens: Numbers) -> None:
        self._parts.append((rows, columns, tokens))

    def _add_to_none(self, rows: Numbers, columns: Numbers) -> None:
        self._parts.append((rows, columns, np.broadcast_to(_NO_TOKEN, len(rows))))

    def _alone(self, columns: Sequence[Numbers]) -> None:
        counts = [len(one) for one in columns]
        self._add(np.repeat(self._owner, counts), np.concatenate(columns), np.repeat(self._place, counts))

    def _pairs(self, word: Numbers, lemma: Numbers, stem: Numbers) -> None:
        """Add pairs of words that stand one to five places apart."""
        owner = self._owner
        kinds = [(word, 1, 111), (word, 2, 211), (lemma, 1, 113), *((stem, step, 23) for step in (2, 3, 4, 5))]
        places = {step: np.flatnonzero(owner[step:] == owner[:-step]) for step in (1, 2, 3, 4, 5)}
        first = np.concatenate([kind[places[step]] for kind, step, _ in kinds])
        second = np.concatenate([kind[places[step] + step] for kind, step, _ in kinds])
        at = np.concatenate([places[step] + step for _, step, _ in kinds])
        salts = np.repeat([salt for _, _, salt in kinds], [len(places[step]) for _, step, _ in kinds])
        self._add(owner[at], _mix(first, second, salts), at)

    def _triples(self, word: Numbers, stem: Numbers) -> None:
        owner = self._owner
        at = np.flatnonzero(owner[2:] == owner[:-2])
        for kind, salt in ((word, 17), (stem, 19)):
            first = _mix(kind[at], kind[at + 1], salt)
            self._add(owner[at], _mix(first, kind[at + 2], salt), at + 1)

    def _edges(self, word: Numbers, lemma: Numbers) -> None:
        """Add the words that begin and end a sentence."""
        owner = self._owner
        apart = owner[1:] != owner[:-1]
        for at, edge in ((np.flatnonzero(np.r_[True, apart]), 1), (np.flatnonzero(np.r_[apart, True]), 2)):
            mark = np.full(len(at), _EDGE * edge, np.int64)
            for kind, salt in ((word, 11), (lemma, 13)):
                self._add(owner[at], _mix(mark, kind[at], salt), at)

    def _lists(self, member: Numbers, at: Numbers) -> None:
        """Add pairs of word lists within reach of each other."""
        reach = np.minimum(at + _REACH, self._ends[self._owner[at]] - 1)
        begin, end = np.searchsorted(at, at, "right"), np.searchsorted(at, reach, "right")
        end = np.minimum(end, np.arange(len(at)) + _MOST_SHIFTS)
        counts = np.maximum(end - begin, 0)
        left = np.repeat(np.arange(len(at)), counts)
        right = np.arange(len(left)) + np.repeat(begin - (np.cumsum(counts) - counts), counts)
        near = at[right] - at[left] <= _CLOSE
        for first, second, salt in ((left, right, 29), (left[near], right[near], 31)):
            place = at[second]
            self._add(self._owner[place], _mix(member[first], member[second], salt), place)

    def _beside(self, member: Numbers, at: Numbers, lemma: Numbers) -> None:
        """Add pairs of a word list and a word that stands beside it."""
        other = at[:, None] + _BESIDE
        inside = (other >= 0) & (other < len(lemma))
        inside[inside] = np.broadcast_to(self._owner[at][:, None], inside.shape)[inside] == self._owner[other[inside]]
        number, step = np.nonzero(inside)
        self._add(self._owner[at[number]], _mix(member[number], lemma[other[inside]], 37 + _BESIDE[step]), at[number])

    def _around(self, lemma: Numbers) -> None:
        """Add the words of the sentence before, of the one after, and of the subject."""
        last = len(self._sentences) - 1
        for step, salt in ((1, 41), (-1, 43)):
            target = self._owner + step
            inside = (target >= 0) & (target <= last)
            self._add_to_none(target[inside], _mix(lemma[inside], lemma[inside], salt))
        is_subject = np.array([one.is_subject for one in self._sentences])
        if is_subject.any():
            inside = is_subject[self._owner]
            named = _mix(lemma[inside], lemma[inside], 47)
            others = np.flatnonzero(~is_subject)
            self._add_to_none(np.repeat(others, len(named)), np.tile(named, len(others)))

    def _whole(self, lemma: Numbers, member: Numbers) -> None:
        columns = np.concatenate(
            [_mix(lemma, lemma, 53), _mix(lemma[:-1], lemma[1:], 59), _mix(member, member, 61)],
        )
        self._add_to_none(np.broadcast_to(np.int64(len(self._sentences)), len(columns)), columns)

    def _marks(self) -> None:
        """Add what a sentence is: subject or body, question or not, its length, the rules that hold in it."""
        marks = [
            [
                _mark(f"subject:{one.is_subject}"),
                _mark(f"asks:{one.asks}"),
                _mark(f"length:{min(6, len(one.words) // 4)}"),
                *one.rules,
            ]
            for one in self._sentences
        ]
        rows = np.repeat(np.arange(len(marks), dtype=np.int64), [len(one) for one in marks])
        self._add_to_none(rows, np.array([mark for one in marks for mark in one], np.int64))


_NO_TOKEN = np.int64(-1)
_mark = lru_cache(maxsize=64)(_hash)


def _mix(first: Numbers, second: Numbers, salt: int | Numbers) -> Numbers:
    mixed = ((first * _FIRST) & _WIDE) ^ ((second * _SECOND + np.int64(7919) * salt) & _WIDE)
    return mixed ^ (mixed >> np.int64(15))
