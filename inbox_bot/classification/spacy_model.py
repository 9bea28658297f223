"""spaCy takes the words apart (blank Swedish), simplemma gives their lemmas; the rules decide on them."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import spacy
from simplemma import Lemmatizer
from simplemma.strategies import DefaultStrategy
from spacy.strings import StringStore

from inbox_bot.classification.features import WordFeatures, word_features
from inbox_bot.classification.language import detect, weights
from inbox_bot.classification.lexicon import Lexicon
from inbox_bot.classification.meanings import Meanings, load_meanings
from inbox_bot.classification.model import Model, load_model
from inbox_bot.classification.rulebook import Rulebook, build
from inbox_bot.classification.rules import Sentence
from inbox_bot.classification.sentences import shape, split
from inbox_bot.classification.spelling import fold
from inbox_bot.classification.toml_files import read
from inbox_bot.classification.verdict import Reading, decide
from inbox_bot.classification.weighing import weigh
from inbox_bot.domain.verdict import Part, Verdict

# Beyond these a text is no letter any more. The rest is still searched for words that smell, so nothing is dropped.
_READ_CHARACTERS = 30_000
_SMELT_CHARACTERS = 400_000
_CACHED_WORDS = 100_000

# spaCy's tokenizer takes signs off a word one by one, in quadratic time: 20,000 brackets cost it 40 seconds.
_ENDLESS_WORD = re.compile(r"\S{121,}")
_LINK = re.compile(r"\S*(?:://|www\.)\S*", re.IGNORECASE)
_QUOTED_LINE = re.compile(r"^[ \t]*>.*$", re.MULTILINE)
_QUOTED_WORDS = re.compile(r"[\"”“«»][^\"”“«»\n]{20,600}[\"”“«»]")
_ANSWER = re.compile(r"\s*(?:re|sv|vs|fwd?|vb|aw|antw)\s*:", re.IGNORECASE)
_BARE_WORD = re.compile(r"[^\W_]{2,40}")
_MARKED_LETTER = re.compile(r"[^\W\d_\x00-\x7f]")
# Lone surrogates are no text (spaCy refuses them); the others stand between words and would glue them together.
_BETWEEN_WORDS = re.compile("[\u00a0_|`/\x00\ud800-\udfff]")
_SOFT_HYPHEN = "\u00ad"

# To simplemma "min" and "mig" are forms of "jag", "er" one of "ni": the rules must tell who asks from whose data it is.
_PRONOUNS = frozenset({"jag", "du", "vi", "ni", "han", "hon", "den", "jeg", "hun", "de"})

# The packed dictionary is slower to ask (each new word once) and takes 12 MB of memory where the plain one takes 94.
_LEMMATIZER = Lemmatizer(lemmatization_strategy=DefaultStrategy(greedy=True, low_memory=True))

# Swedish lemmas are looked up for every word; the others only where the mail is in that language.
_SIMPLEMMA_CODES = {"en": "en", "no": "nb", "da": "da"}


class SpacyClassifier:
    """Classifies by phrase rules and, where there is one, by the trained model on top of them.

    Implements ``domain.verdict.Classifier``. Safe to share between threads once loaded. ``meanings`` are needed by a model.
    """

    def __init__(self, book: Rulebook, meanings: Meanings | None = None, model: Model | None = None) -> None:
        self.book = book
        self.model = model
        self.meanings = meanings
        self._vocabulary = _Vocabulary(book.lexicon, meanings)
        # The first word makes simplemma read its Swedish dictionary; the first mail should not wait for that.
        _mask("uppvärmning", book.lexicon, "", plain=False)

    def classify(self, subject: str, text: str) -> Verdict:
        """Return the verdict on a mail's subject and newly written text. Never raises for any text."""
        reading = self.read(subject, text)
        if self.model is None:
            return decide(self.book, reading)
        return weigh(self.book, self.model, reading)

    def read(self, subject: str, text: str) -> Reading:
        """Return the mail as masks and offsets, ready for the rules."""
        if self._vocabulary.is_full:
            self._vocabulary = _Vocabulary(self.book.lexicon, self.meanings)
        vocabulary = self._vocabulary
        texts = {Part.SUBJECT: subject, Part.BODY: text}
        tokens = {part: vocabulary.tokens(_readable(content)) for part, content in texts.items()}
        language = detect(word.weights for part in (Part.BODY, Part.SUBJECT) for word in tokens[part].words)
        plain = _is_plain(f"{subject} {text[:4000]}")
        masks = vocabulary.masks(language, plain=plain)
        features = vocabulary.features(language, plain=plain) if self.meanings is not None else None
        return Reading(
            texts=texts,
            sentences=[
                sentence for part, found in tokens.items() for sentence in _sentences(part, found, masks, features)
            ],
            language=language,
            quoted={part: _quotations(content) for part, content in texts.items()},
            is_answer=_ANSWER.match(subject) is not None,
            unread=self._unread(subject, plain=plain) | self._unread(text, plain=plain),
        )

    def _unread(self, text: str, *, plain: bool) -> int:
        """Return the mask of the words beyond what is read sentence by sentence."""
        found = 0
        if len(text) > _READ_CHARACTERS:
            for word in set(_BARE_WORD.findall(text, _READ_CHARACTERS - 50, _SMELT_CHARACTERS)):
                found |= _mask(word, self.book.lexicon, "", plain=plain)
        return found


class _Word:
    """What the look of one token form says, however often it is met."""

    __slots__ = ("length", "shape", "text", "weights")

    def __init__(self, text: str) -> None:
        self.text = text
        self.length = len(text)
        self.shape = shape(text)
        self.weights = weights(text.lower())


@dataclass(frozen=True, kw_only=True)
class _Tokens:
    """The tokens of one text: spaCy's number for each, what is known of it, and where it stands."""

    orths: Sequence[int] = ()
    words: Sequence[_Word] = ()
    starts: Sequence[int] = ()


class _Words(dict[int, _Word]):
    """The words met so far, by spaCy's number for them; a new one is looked at when it is first asked for."""

    def __init__(self, strings: StringStore) -> None:
        self._strings = strings

    def __missing__(self, orth: int) -> _Word:
        word = self[orth] = _Word(self._strings[orth])
        return word


class _Masks(dict[int, int]):
    """Which word lists hold each word met so far, in mails of one language, typed with or without å, ä, ö."""

    def __init__(self, words: _Words, lexicon: Lexicon, language: str, *, plain: bool) -> None:
        self._words, self._lexicon, self._language, self._plain = words, lexicon, language, plain

    def __missing__(self, orth: int) -> int:
        mask = self[orth] = _mask(self._words[orth].text, self._lexicon, self._language, plain=self._plain)
        return mask


class _Features(dict[int, WordFeatures]):
    """What the model sees of each word met so far, in mails of one language, typed with or without å, ä, ö."""

    def __init__(self, words: _Words, masks: _Masks, lexicon: Lexicon, meanings: Meanings, language: str) -> None:
        self._words, self._masks, self._lexicon = words, masks, lexicon
        self._meanings, self._language = meanings, language

    def __missing__(self, orth: int) -> WordFeatures:
        text = self._words[orth].text
        forms = _forms(text, self._language)
        lists = [
            *self._lexicon.named(self._masks[orth]),
            *(f"m {name}" for name in self._meanings.of(forms[0], forms[-1])),
        ]
        features = self[orth] = word_features(text, forms[-1], lists)
        return features


class _Vocabulary:
    """The tokenizer and every word it has met. Both begin anew together, so that no stranger's text fills the memory."""

    def __init__(self, lexicon: Lexicon, meanings: Meanings | None) -> None:
        self._lexicon = lexicon
        self._meanings = meanings
        self._features: dict[tuple[str, bool], _Features] = {}
        pipeline = spacy.blank("sv")
        self._tokenize = pipeline.make_doc
        self._words = _Words(pipeline.vocab.strings)
        self._masks: dict[tuple[str, bool], _Masks] = {}

    @property
    def is_full(self) -> bool:
        """Whether it is time for a new one."""
        return len(self._words) >= _CACHED_WORDS

    def tokens(self, text: str) -> _Tokens:
        """Return a text's tokens."""
        if not text:
            return _Tokens()
        columns = self._tokenize(text).to_array(["ORTH", "IDX"])
        orths = columns[:, 0].tolist()
        return _Tokens(orths=orths, words=[self._words[orth] for orth in orths], starts=columns[:, 1].tolist())

    def masks(self, language: str, *, plain: bool) -> _Masks:
        """Return the masks of words in mails of a language; ``plain``: typed without å, ä, ö."""
        found = self._masks.get((language, plain))
        if found is None:
            found = self._masks[language, plain] = _Masks(self._words, self._lexicon, language, plain=plain)
        return found

    def features(self, language: str, *, plain: bool) -> _Features:
        """Return what the model sees of words in mails of a language. Only where there are meanings."""
        assert self._meanings is not None
        found = self._features.get((language, plain))
        if found is None:
            masks = self.masks(language, plain=plain)
            found = _Features(self._words, masks, self._lexicon, self._meanings, language)
            self._features[language, plain] = found
        return found


def _sentences(part: Part, tokens: _Tokens, masks: _Masks, features: _Features | None) -> Iterator[Sentence]:
    orths, words, starts = tokens.orths, tokens.words, tokens.starts
    for numbers in split([word.shape for word in words], starts):
        yield Sentence(
            part=part,
            masks=[masks[orths[at]] for at in numbers],
            spans=[(starts[at], starts[at] + words[at].length) for at in numbers],
            words=[features[orths[at]] for at in numbers] if features is not None else (),
        )


def _mask(word: str, lexicon: Lexicon, language: str, *, plain: bool) -> int:
    """Return which word lists hold a token, by its own form and its lemmas; ``plain``: typed without å, ä, ö."""
    forms = _forms(word, language)
    return lexicon.mask([fold(form) for form in forms] if plain else forms, folded=plain)


def load(rules_dir: Path) -> SpacyClassifier:
    """Return a classifier by the rules under ``rules_dir/phrases``. Raises RulesError for a file that cannot be used."""
    return SpacyClassifier(build(read(rules_dir)))


def load_trained(rules_dir: Path, shipped: Path, model_dir: Path) -> SpacyClassifier:
    """Return a classifier by rules and model; ``shipped`` holds the meanings. Raises RulesError for what cannot be used."""
    return SpacyClassifier(build(read(rules_dir)), load_meanings(shipped), load_model(model_dir))


def load_untrained(rules_dir: Path, shipped: Path) -> SpacyClassifier:
    """Return a classifier by rules alone that lays out mails for a model to learn from. Raises RulesError."""
    return SpacyClassifier(build(read(rules_dir)), load_meanings(shipped))


def _forms(word: str, language: str) -> list[str]:
    """Return a token in small letters, its Swedish lemma, and its lemma in the mail's own language."""
    low = unicodedata.normalize("NFC", word).lower().replace(_SOFT_HYPHEN, "").strip("'")
    forms = [low]
    if low.isalpha():
        languages = ("sv", _SIMPLEMMA_CODES[language]) if language in _SIMPLEMMA_CODES else ("sv",)
        lemmas = [_LEMMATIZER.lemmatize(low, lang=code).lower() for code in languages]
        forms += [lemma for lemma in lemmas if lemma not in _PRONOUNS]
    return forms


def _is_plain(sample: str) -> bool:
    """Return whether a mail is typed without å, ä and ö: fewer than one letter in 150 has a dot, ring or stroke."""
    return sample.isascii() or len(_MARKED_LETTER.findall(sample)) * 150 < len(sample)


def _readable(text: str) -> str:
    """Return the text with what cannot be read blanked out, every character still at its place."""
    text = text[:_READ_CHARACTERS]
    if "://" in text or "www." in text.lower():
        text = _LINK.sub(_blank, text)
    if ">" in text:
        text = _QUOTED_LINE.sub(_blank, text)
    return _ENDLESS_WORD.sub(_blank, _BETWEEN_WORDS.sub(" ", text))


def _blank(found: re.Match[str]) -> str:
    return " " * len(found.group())


def _quotations(text: str) -> list[tuple[int, int]]:
    """Return where words stand between quotation marks, long enough to be someone else's sentence."""
    return [found.span() for found in _QUOTED_WORDS.finditer(text, 0, _READ_CHARACTERS)]
