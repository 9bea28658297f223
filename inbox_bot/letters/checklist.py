"""What the law demands of letters and what no letter may say, read from ``_shared/elements.toml`` and ``_shared/lint.toml``."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from inbox_bot.domain.letters import Language
from inbox_bot.errors import TemplateError
from inbox_bot.letters.letterbook import Declaration, Reader

ELEMENTS_FILE = "_shared/elements.toml"
LINT_FILE = "_shared/lint.toml"
Patterns = tuple[re.Pattern[str], ...]

_ELEMENT_KEYS = {"article", "says", "values", "facts", "sv", "en", "any", "within", "each", "instead"}
_FORBIDDEN_KEYS = {"name", "patterns", "says", "stops", "secret", "readers", "letters", "not_in", "finds", "leaves"}
_DONE_KEYS = {"name", "patterns", "recorded", "says", "not_in", "finds", "leaves"}
_PLAIN_KEYS = {"lix", "words_in_a_sentence", "fewest_words", "not_in"}


@dataclass(frozen=True, kw_only=True)
class Element:
    """One thing a letter must say; ``elements.toml`` explains each key. ``patterns`` are by language."""

    name: str
    article: str
    says: str
    values: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    patterns: Mapping[Language, Patterns] = field(default_factory=dict)
    within: str = ""
    each: bool = False
    instead: str = ""


@dataclass(frozen=True, kw_only=True)
class Forbidden:
    """Words that may not stand in a letter. ``secret``: what was found is not repeated. ``readers``, ``letters``: empty is all."""

    name: str
    patterns: Patterns
    says: str
    finds: tuple[str, ...]
    leaves: tuple[str, ...]
    stops: bool = True
    secret: bool = False
    readers: tuple[Reader, ...] = ()
    letters: tuple[str, ...] = ()
    not_in: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DoneClaim:
    """Words that claim something is done. ``recorded``: stems, one of which an action that bears them out must hold."""

    name: str
    patterns: Patterns
    recorded: tuple[str, ...]
    says: str
    finds: tuple[str, ...]
    leaves: tuple[str, ...]
    not_in: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Plain:
    """From where staff are warned that their words are hard to read. ``fewest_words``: shorter texts are not measured."""

    lix: int
    words_in_a_sentence: int
    fewest_words: int
    not_in: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Checklists:
    """All of it. ``common``: the elements of every letter to a reader."""

    elements: Mapping[str, Element]
    common: Mapping[Reader, tuple[str, ...]]
    forbidden: tuple[Forbidden, ...]
    done: tuple[DoneClaim, ...]
    plain: Plain

    def demanded(self, declaration: Declaration, values: Mapping[str, Any]) -> Iterator[Element]:
        """Yield what a letter with these values must say."""
        called = [names for when, names in declaration.demands_when.items() if _calls(when, values)]
        names = dict.fromkeys((*self.common[declaration.reader], *declaration.demands, *sum(called, ())))
        return (self.elements[name] for name in names if name not in declaration.waives)

    def unknown(self, declaration: Declaration) -> Iterator[str]:
        """Yield the elements a letter names that do not exist."""
        when = sum(declaration.demands_when.values(), ())
        named = (*declaration.demands, *when, *declaration.advises, *declaration.waives)
        return (name for name in named if name not in self.elements)


def read_checklists(elements: Mapping[str, Any], rules: Mapping[str, Any], places: Sequence[str]) -> Checklists:
    """Build the checklists from both files' content; ``places`` name the files. Raises TemplateError naming file and key."""
    elements_place, rules_place = places
    try:
        found = {name: _element(name, table) for name, table in elements["elements"].items()}
        common = {reader: tuple(elements["common"][reader.value]) for reader in Reader}
    except (KeyError, TypeError, ValueError, AttributeError, re.error) as error:
        raise TemplateError(f"{elements_place}: {_fault(error)}.", hint="Mend the file.") from error
    for name in (*sum(common.values(), ()), *(one.instead for one in found.values() if one.instead)):
        if name not in found:
            raise TemplateError(f"{elements_place} names the element {name}, which it does not define.")
    try:
        return Checklists(
            elements=found,
            common=common,
            forbidden=tuple(_forbidden(table) for table in rules["forbidden"]),
            done=tuple(_done(table) for table in rules["done"]),
            plain=_plain(rules["plain"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError, re.error) as error:
        raise TemplateError(f"{rules_place}: {_fault(error)}.", hint="Mend the file.") from error


def _element(name: str, table: Mapping[str, Any]) -> Element:
    _known(table, _ELEMENT_KEYS, name)
    shared = _patterns(table.get("any", []))
    patterns = {language: shared + _patterns(table.get(language.value, [])) for language in Language}
    if len({bool(found) for found in patterns.values()}) > 1:
        raise ValueError(f"{name} has patterns in one language only")
    if not (table.get("values") or table.get("facts") or patterns[Language.SV]):
        raise ValueError(f"{name} says nothing of how it is recognised")
    return Element(
        name=name,
        article=str(table["article"]),
        says=str(table["says"]),
        values=tuple(table.get("values", ())),
        facts=tuple(table.get("facts", ())),
        patterns=patterns,
        within=str(table.get("within", "")),
        each=bool(table.get("each", False)),
        instead=str(table.get("instead", "")),
    )


def _forbidden(table: Mapping[str, Any]) -> Forbidden:
    _known(table, _FORBIDDEN_KEYS, str(table["name"]))
    return Forbidden(
        name=str(table["name"]),
        patterns=_patterns(table["patterns"]),
        says=str(table["says"]),
        finds=tuple(table["finds"]),
        leaves=tuple(table["leaves"]),
        stops=bool(table.get("stops", True)),
        secret=bool(table.get("secret", False)),
        readers=tuple(Reader(one) for one in table.get("readers", ())),
        letters=tuple(table.get("letters", ())),
        not_in=tuple(table.get("not_in", ())),
    )


def _done(table: Mapping[str, Any]) -> DoneClaim:
    _known(table, _DONE_KEYS, str(table["name"]))
    return DoneClaim(
        name=str(table["name"]),
        patterns=_patterns(table["patterns"]),
        recorded=tuple(table["recorded"]),
        says=str(table["says"]),
        finds=tuple(table["finds"]),
        leaves=tuple(table["leaves"]),
        not_in=tuple(table.get("not_in", ())),
    )


def _plain(table: Mapping[str, Any]) -> Plain:
    _known(table, _PLAIN_KEYS, "plain")
    return Plain(
        lix=int(table["lix"]),
        words_in_a_sentence=int(table["words_in_a_sentence"]),
        fewest_words=int(table["fewest_words"]),
        not_in=tuple(table["not_in"]),
    )


def _calls(when: str, values: Mapping[str, Any]) -> bool:
    name, equals, word = when.partition("=")
    value = values.get(name)
    return str(value) == word if equals else bool(value)


def _patterns(sources: Sequence[str]) -> Patterns:
    return tuple(re.compile(source) for source in sources)


def _known(table: Mapping[str, Any], keys: set[str], name: str) -> None:
    unknown = sorted(table.keys() - keys)
    if unknown:
        raise ValueError(f"{name} has the key {unknown[0]}, which is not known")


def _fault(error: Exception) -> str:
    return f"the key {error} is missing" if isinstance(error, KeyError) else str(error)
