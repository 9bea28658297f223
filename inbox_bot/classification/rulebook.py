"""Phrase rules as values, checked word by word when they are read from what stands in the files."""

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from inbox_bot.classification.grammar import Grammar
from inbox_bot.classification.lexicon import Lexicon
from inbox_bot.classification.pattern import Pattern
from inbox_bot.domain.rights import Claim, Right
from inbox_bot.errors import RulesError

Kind = TypeVar("Kind", bound=StrEnum)

LANGUAGES = ("sv", "en", "no", "da")
_NEEDED_LISTS = ("barrier", "mark", "common")
_TURN = "turn"
_FIELDS = frozenset(
    {
        *("id", "right", "marketing", "strength", "languages", "patterns", "unless", "needs", "absorbs", "fallback"),
        *("reason", "scope", "own_voice", "must_match", "must_not_match"),
    }
)


class Strength(StrEnum):
    """What a rule's words mean. ``request``: the sender asks. ``hint``: a person must look.

    ``doubt`` turns requests within its scope into hints, with a reason (negated, reported, asked by an employer …).
    ``settled`` says that words within its scope speak of something else (a booking, a footer, a consent being given).
    ``ask``: by these words the writer asks, here and now, for what follows them in the sentence (see certainty.py).
    """

    REQUEST = "request"
    HINT = "hint"
    DOUBT = "doubt"
    SETTLED = "settled"
    ASK = "ask"


class Scope(StrEnum):
    """How far a doubt or a settlement reaches from its own words."""

    OVERLAP = "overlap"
    AFTER = "after"
    SENTENCE = "sentence"
    MAIL = "mail"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One phrase rule. ``patterns``: any of them; ``unless``: none overlapping; ``needs``: one somewhere in the mail.

    ``absorbs`` are claims that the same words would otherwise also be taken for. ``fallback`` counts only where no other
    request was found. ``own_voice``: its words ask by themselves; others need words of strength ``ask`` before them. ``reason`` is the constant name shown to the person who must look.
    """

    id: str
    file: str
    claim: Claim | None
    strength: Strength
    scope: Scope
    languages: tuple[str, ...]
    patterns: tuple[Pattern, ...]
    unless: tuple[Pattern, ...]
    needs: tuple[Pattern, ...]
    absorbs: frozenset[Claim]
    fallback: bool
    own_voice: bool
    reason: str
    must_match: tuple[str, ...]
    must_not_match: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Index:
    """Patterns by the bit of a word they cannot do without, each with its rule's number. ``bits``: all these bits."""

    patterns: Mapping[int, tuple[tuple[int, Pattern], ...]]
    bits: int


@dataclass(frozen=True, kw_only=True)
class Rulebook:
    """All rules with their words. ``speaking`` finds requests and hints, ``weighing`` doubts and settlements.

    ``asking`` finds words by which the writer asks. ``turns`` is the mask of the words at which a sentence turns to something else than what was asked.
    ``fingerprint``: of all that stands in the files, to know whether they have changed.
    """

    lexicon: Lexicon
    rules: tuple[Rule, ...]
    speaking: Index
    weighing: Index
    asking: Index
    turns: int
    fingerprint: str


def build(documents: Sequence[tuple[str, Mapping[str, Any]]]) -> Rulebook:
    """Return the rulebook of parsed files (name, content). Raises RulesError naming file, rule, fault and cure."""
    lexicon = Lexicon()
    phrases: dict[str, tuple[str, ...]] = {}
    for file, document in documents:
        _check_sections(file, document)
        for name, entries in document.get("words", {}).items():
            _add_words(lexicon, file, name, entries)
        for name, sources in document.get("phrases", {}).items():
            phrases[name] = phrases.get(name, ()) + _strings(file, f"phrase {name}", "patterns", sources)
    for name in _NEEDED_LISTS:
        if name not in lexicon:
            raise RulesError(
                f"No file under rules/phrases has the word list {name}.",
                hint="Restore words.toml from the installation.",
            )
    grammar = Grammar(lexicon, phrases)
    rules: list[Rule] = []
    seen: dict[str, str] = {}
    for file, document in documents:
        for table in document.get("rule", []):
            rule = _rule(file, table, grammar)
            if rule.id in seen:
                raise _fault(file, rule.id, f"the same id stands in {seen[rule.id]}", "Give one of them another id.")
            seen[rule.id] = file
            rules.append(rule)
    if not rules:
        raise RulesError("There are no rules under rules/phrases.", hint="Restore the files from the installation.")
    return Rulebook(
        lexicon=lexicon,
        rules=tuple(rules),
        speaking=_index(rules, {Strength.REQUEST, Strength.HINT}),
        weighing=_index(rules, {Strength.DOUBT, Strength.SETTLED}),
        asking=_index(rules, {Strength.ASK}),
        turns=lexicon.bit(_TURN) if _TURN in lexicon else 0,
        fingerprint=hashlib.sha256(json.dumps(documents, sort_keys=True, default=str).encode()).hexdigest(),
    )


def _index(rules: Sequence[Rule], strengths: Collection[Strength]) -> Index:
    patterns: dict[int, list[tuple[int, Pattern]]] = {}
    for number, rule in enumerate(rules):
        for pattern in rule.patterns if rule.strength in strengths else ():
            left = pattern.anchor
            while left:
                bit = left & -left
                patterns.setdefault(bit, []).append((number, pattern))
                left ^= bit
    return Index(patterns={bit: tuple(entries) for bit, entries in patterns.items()}, bits=sum(patterns))


def _rule(file: str, table: Any, grammar: Grammar) -> Rule:
    if not isinstance(table, Mapping) or not isinstance(table.get("id"), str) or not table["id"]:
        raise RulesError(f"{file}: a rule has no id.", hint='Write id = "…", a name no other rule has.')
    name = str(table["id"])
    if unknown := sorted(set(table) - _FIELDS):
        raise _fault(file, name, f"the field {unknown[0]} is not known", f"Known are: {', '.join(sorted(_FIELDS))}.")
    strength = _one_of(Strength, file, name, "strength", table.get("strength"))
    right = _one_of(Right, file, name, "right", table["right"]) if "right" in table else None
    if strength is Strength.REQUEST and right is None:
        raise _fault(file, name, "a request must name its right", f"Write right = one of: {', '.join(Right)}.")
    return Rule(
        id=name,
        file=file,
        claim=Claim(right=right, marketing=_flag(file, name, "marketing", table)) if right else None,
        strength=strength,
        scope=_one_of(Scope, file, name, "scope", table.get("scope", Scope.OVERLAP)),
        languages=_languages(file, name, table.get("languages")),
        patterns=_patterns(file, name, "patterns", table.get("patterns"), grammar),
        unless=_patterns(file, name, "unless", table["unless"], grammar) if "unless" in table else (),
        needs=_patterns(file, name, "needs", table["needs"], grammar) if "needs" in table else (),
        absorbs=frozenset(_claim(file, name, text) for text in table.get("absorbs", [])),
        fallback=_flag(file, name, "fallback", table),
        own_voice=_flag(file, name, "own_voice", table),
        reason=str(table.get("reason", "")),
        must_match=_strings(file, name, "must_match", table.get("must_match")),
        must_not_match=_strings(file, name, "must_not_match", table.get("must_not_match")),
    )


def _check_sections(file: str, document: Mapping[str, Any]) -> None:
    shapes: dict[str, type] = {"words": Mapping, "phrases": Mapping, "rule": list}
    for section, content in document.items():
        if section not in shapes or not isinstance(content, shapes[section]):
            raise RulesError(
                f"{file}: the section {section} cannot be used.",
                hint="A file holds [words], [phrases] and [[rule]] only.",
            )


def _add_words(lexicon: Lexicon, file: str, name: str, entries: Any) -> None:
    words = _strings(file, f"word list {name}", "words", entries)
    try:
        lexicon.add(name, words)
    except ValueError as fault:
        raise _fault(
            file, f"word list {name}", str(fault), "See rules/README.md for how entries are written."
        ) from fault


def _patterns(file: str, name: str, field: str, value: Any, grammar: Grammar) -> tuple[Pattern, ...]:
    return tuple(_guarded(file, name, grammar.pattern, source) for source in _strings(file, name, field, value))


def _guarded(file: str, name: str, read: Callable[[str], Pattern], source: str) -> Pattern:
    try:
        return read(source)
    except ValueError as fault:
        raise _fault(file, name, str(fault), "See rules/README.md for how patterns are written.") from fault


def _strings(file: str, name: str, field: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(isinstance(text, str) and text.strip() for text in value):
        raise _fault(file, name, f"{field} must be a list with at least one text", f'Write {field} = ["…"].')
    return tuple(value)


def _languages(file: str, name: str, value: Any) -> tuple[str, ...]:
    codes = _strings(file, name, "languages", value)
    if unknown := [code for code in codes if code not in LANGUAGES]:
        raise _fault(file, name, f"the language {unknown[0]} is not known", f"Known are: {', '.join(LANGUAGES)}.")
    return codes


def _claim(file: str, name: str, text: Any) -> Claim:
    right, _, flag = str(text).partition(":")
    if flag not in {"", "marketing"}:
        raise _fault(file, name, f"absorbs cannot use {text!r}", "Write a right, or a right with :marketing after it.")
    return Claim(right=_one_of(Right, file, name, "absorbs", right), marketing=bool(flag))


def _flag(file: str, name: str, field: str, table: Mapping[str, Any]) -> bool:
    value = table.get(field, False)
    if not isinstance(value, bool):
        raise _fault(file, name, f"{field} must be true or false", f"Write {field} = true.")
    return value


def _one_of(kind: type[Kind], file: str, name: str, field: str, value: Any) -> Kind:
    try:
        return kind(value)
    except ValueError as fault:
        raise _fault(file, name, f"{field} cannot be {value!r}", f"It is one of: {', '.join(kind)}.") from fault


def _fault(file: str, rule: str, fault: str, cure: str) -> RulesError:
    return RulesError(f"{file}, {rule}: {fault}.", hint=cure)
