"""Which words are ordinary, and which may be somebody's name: for redaction, which keeps the former and hides the latter."""

import tomllib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from simplemma.strategies import DictionaryLookupStrategy
from simplemma.strategies.dictionaries import LOW_MEMORY_DICTIONARY_FACTORY

from inbox_bot.classification.identifiers import word_set
from inbox_bot.classification.lexicon import Lexicon
from inbox_bot.classification.meanings import Meanings, load_meanings
from inbox_bot.classification.spelling import fold
from inbox_bot.classification.toml_files import read
from inbox_bot.errors import RulesError

_LANGUAGES = ("sv", "en")  # The Norwegian dictionary takes Swedish names for forms of its own words.
_SMALL = frozenset({"me", "you", "prep", "and", "but", "neg", "if", "modal", "others", "question", "past", "future"})
_SMALL_TOO = word_set(
    "i a am an the that it he she we they my your det den de en ett som att för på med av till från är var har hade kan ska "
    "skulle om nu så när hur vad och eller men inte han hon vi ni du jag mig dig oss er sig där här då ju väl blir blev et "
    "ikke ikkje jeg og å til fra"
)
_OFTEN_CAPITAL = word_set(
    "monday tuesday wednesday thursday friday saturday sunday january february march april june july august september "
    "october november december gdpr imy pul dsgvo arn ps"
)
_PLACES = "geo"  # Words of the land, but the names of countries and counties too; these say where someone lives.
_SHORTEST_ENDING = 7  # In "Kursanmälan" the end is telling; in "Lindberg" and "Sandström" it is not.
_SURNAME_ENDINGS = ("sson", "qvist", "kvist", "stedt")


class Words:
    """Ordinary words and names. All methods take a word in small letters."""

    def __init__(
        self, lexicon: Lexicon, meanings: Meanings, names: Iterable[str] = (), words_too: Iterable[str] = ()
    ) -> None:
        self._lexicon = lexicon
        self._meanings = meanings
        self._names = _with_genitives(names)
        self._given = self._names | _with_genitives(words_too)
        self._dictionary = DictionaryLookupStrategy(LOW_MEMORY_DICTIONARY_FACTORY)
        self.is_small = lru_cache(4_096)(self._is_small)
        self.is_listed = lru_cache(16_384)(self._is_listed)
        self.is_known = lru_cache(16_384)(self._is_known)
        self.is_name = lru_cache(16_384)(self._is_name)

    def is_given(self, word: str) -> bool:
        """True for a given name of rules/names.toml, some of which are words too."""
        return fold(word) in self._given

    def is_ruled(self, word: str) -> bool:
        """True for a word the phrase rules speak of."""
        return bool(self._lexicon.mask((word,), folded=False)) or word in _OFTEN_CAPITAL

    def _is_small(self, word: str) -> bool:
        """True for the little words every sentence is full of."""
        return word in _SMALL_TOO or (len(word) < 8 and not _SMALL.isdisjoint(self._meanings.of(word, "")))

    def _is_listed(self, word: str) -> bool:
        """True for a word (or its lemma) in the lists of the rules or the model."""
        if fold(word) in self._names:
            return False
        if word in _SMALL_TOO or self.is_ruled(word):
            return True
        if not word.isascii() and self.is_name(word) and not self._lemmas(word):
            return False  # The meanings take "Ånge" for "ange".
        forms = {word, *self._lemmas(word)}
        # Without a lemma the meanings look for the word itself, not for the end of a compound: many surnames are such.
        return any(not {_PLACES}.issuperset(self._meanings.of(form, "")) for form in forms)

    def _is_known(self, word: str) -> bool:
        """True for a listed word, one in a dictionary, or a compound of these."""
        if self.is_listed(word):
            return True
        if self._lemmas(word):
            return True
        ends = (word[start:] for start in range(2, len(word) - _SHORTEST_ENDING + 1))
        return any(self._meanings.of(end, "") for end in ends)

    def _is_name(self, word: str) -> bool:
        """True for a word that may be a name when it has a capital: dictionaries write names with one."""
        folded = fold(word)
        if self.is_given(word) or (len(folded) > 6 and folded.endswith(_SURNAME_ENDINGS)):
            return True
        bare = word.removesuffix("s") if len(word) > 3 else word
        return any(
            self._dictionary.is_dictionary_member(form.capitalize(), language)
            for form in {word, bare}
            for language in _LANGUAGES
        )

    def _lemmas(self, word: str) -> list[str]:
        """Return the lemmas of a word that is no name: those of names have a capital."""
        found = (self._dictionary.exact_lemma(word, language) for language in _LANGUAGES)
        return [lemma for lemma in found if lemma is not None and lemma == lemma.lower()]


def _with_genitives(names: Iterable[str]) -> frozenset[str]:
    folded = frozenset(map(fold, names))
    return folded | {f"{name}s" for name in folded if len(name) > 2 and not name.endswith("s")}


def load_words(rules_dir: Path, shipped: Path, names_file: Path) -> Words:
    """Return the words of the rules, the meanings and the names. Raises RulesError for a file that cannot be used."""
    lexicon = Lexicon()
    try:
        for _, document in read(rules_dir):
            for name, entries in document.get("words", {}).items():
                lexicon.add(name, entries)
        lists = tomllib.loads(names_file.read_text(encoding="utf-8"))
        names, words_too = ([str(name) for name in lists[key]] for key in ("names", "words_too"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as fault:
        raise RulesError(
            f"The word lists or {names_file.name} cannot be used ({type(fault).__name__}).",
            hint="Restore it from the installation, or run 'inbox-bot check'.",
        ) from fault
    return Words(lexicon, load_meanings(shipped), names, words_too)
