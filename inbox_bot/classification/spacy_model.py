"""spaCy takes the words apart (blank Swedish), simplemma gives their lemmas; the rules decide on them."""

import re
import unicodedata
from pathlib import Path

import simplemma
import spacy
from spacy.strings import StringStore

from inbox_bot.classification.language import detect, weights
from inbox_bot.classification.lexicon import Lexicon
from inbox_bot.classification.rulebook import Rulebook, build
from inbox_bot.classification.rules import Sentence
from inbox_bot.classification.sentences import shape, split
from inbox_bot.classification.spelling import fold
from inbox_bot.classification.toml_files import read
from inbox_bot.classification.verdict import Reading, decide
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

# Swedish lemmas are looked up for every word; the others only where the mail is in that language.
_SIMPLEMMA_CODES = {"en": "en", "no": "nb", "da": "da"}


class SpacyClassifier:
    """Classifies by phrase rules (implements ``domain.verdict.Classifier``). Safe to share between threads once loaded."""

    def __init__(self, book: Rulebook) -> None:
        self.book = book
        self._tokenize = spacy.blank("sv").make_doc
        self._words = _WordCache()
        # The first word makes simplemma read its Swedish dictionary; the first mail should not wait for that.
        _Word("uppvärmning").mask(book.lexicon, "", plain=False)

    def classify(self, subject: str, text: str) -> Verdict:
        """Return the verdict on a mail's subject and newly written text. Never raises for any text."""
        return decide(self.book, self.read(subject, text))

    def read(self, subject: str, text: str) -> Reading:
        """Return the mail as masks and offsets, ready for the rules."""
        texts = {Part.SUBJECT: subject, Part.BODY: text}
        tokens = {part: self._tokens(_readable(content)) for part, content in texts.items()}
        language = detect(word.weights for part in (Part.BODY, Part.SUBJECT) for word, _ in tokens[part])
        plain = _is_plain(f"{subject} {text[:4000]}")
        return Reading(
            texts=texts,
            sentences=[
                self._sentence(part, [found[at] for at in numbers], language, plain=plain)
                for part, found in tokens.items()
                for numbers in split([word.shape for word, _ in found], [start for _, start in found])
            ],
            language=language,
            quoted={part: _quotations(content) for part, content in texts.items()},
            is_answer=_ANSWER.match(subject) is not None,
            unread=self._unread(subject, plain=plain) | self._unread(text, plain=plain),
        )

    def _tokens(self, text: str) -> list[tuple["_Word", int]]:
        """Return each token's word and where it stands."""
        if not text:
            return []
        if self._words.is_full:
            # spaCy too remembers every word it has met; both begin anew, so that no stranger's text fills the memory.
            self._words = _WordCache()
            self._tokenize = spacy.blank("sv").make_doc
        doc = self._tokenize(text)
        known, strings = self._words.known, doc.vocab.strings
        return [(known(token.orth, strings), token.idx) for token in doc]

    def _sentence(self, part: Part, tokens: list[tuple["_Word", int]], language: str, *, plain: bool) -> Sentence:
        return Sentence(
            part=part,
            masks=[word.mask(self.book.lexicon, language, plain=plain) for word, _ in tokens],
            spans=[(start, start + len(word.text)) for word, start in tokens],
        )

    def _unread(self, text: str, *, plain: bool) -> int:
        """Return the mask of the words beyond what is read sentence by sentence."""
        found = 0
        if len(text) > _READ_CHARACTERS:
            for word in set(_BARE_WORD.findall(text, _READ_CHARACTERS - 50, _SMELT_CHARACTERS)):
                found |= _Word(word).mask(self.book.lexicon, "", plain=plain)
        return found


class _Word:
    """What is known of one token form, however often it is met."""

    __slots__ = ("_masks", "shape", "text", "weights")

    def __init__(self, text: str) -> None:
        self.text = text
        self.shape = shape(text)
        self.weights = weights(text.lower())
        self._masks: dict[tuple[str, bool], int] = {}

    def mask(self, lexicon: Lexicon, language: str, *, plain: bool) -> int:
        """Return which word lists hold the token, by its own form and its lemmas; ``plain``: typed without å, ä, ö."""
        found = self._masks.get((language, plain))
        if found is None:
            forms = _forms(self.text, language)
            found = lexicon.mask([fold(form) for form in forms] if plain else forms, folded=plain)
            self._masks[language, plain] = found
        return found


class _WordCache:
    """The words met so far, by spaCy's number for them."""

    def __init__(self) -> None:
        self._words: dict[int, _Word] = {}

    @property
    def is_full(self) -> bool:
        """Whether it is time for a new cache."""
        return len(self._words) >= _CACHED_WORDS

    def known(self, orth: int, strings: StringStore) -> _Word:
        """Return the word with a number of spaCy's."""
        word = self._words.get(orth)
        if word is None:
            word = self._words[orth] = _Word(strings[orth])
        return word


def load(rules_dir: Path) -> SpacyClassifier:
    """Return a classifier by the rules under ``rules_dir/phrases``. Raises RulesError for a file that cannot be used."""
    return SpacyClassifier(build(read(rules_dir)))


def _forms(word: str, language: str) -> list[str]:
    """Return a token in small letters, its Swedish lemma, and its lemma in the mail's own language."""
    low = unicodedata.normalize("NFC", word).lower().replace(_SOFT_HYPHEN, "").strip("'")
    forms = [low]
    if low.isalpha():
        languages = ("sv", _SIMPLEMMA_CODES[language]) if language in _SIMPLEMMA_CODES else ("sv",)
        lemmas = [simplemma.lemmatize(low, lang=code, greedy=True).lower() for code in languages]
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
