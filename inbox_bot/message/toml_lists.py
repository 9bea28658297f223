"""The lists under ``rules/`` that this room decides by, read once: automatic.toml and quoting.toml."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from inbox_bot.errors import RulesError


@dataclass(frozen=True, kw_only=True)
class AutomaticLists:
    """rules/automatic.toml, lower-cased."""

    daemons: frozenset[str]
    noreply: tuple[str, ...]
    automatic_subjects: tuple[str, ...]
    bounce_subjects: tuple[str, ...]
    bounce_phrases: re.Pattern[str]
    delayed_phrases: re.Pattern[str]
    original_phrases: re.Pattern[str]
    person_words: re.Pattern[str]
    list_prefixes: tuple[str, ...]
    list_suffixes: tuple[str, ...]
    most_hops: int
    same_text_hours: int


@dataclass(frozen=True, kw_only=True)
class QuotingLists:
    """rules/quoting.toml, compiled. ``labels`` gives a header label's meaning: ``from``, ``sent`` or ``other``."""

    markers: frozenset[str]
    labels: dict[str, str]
    wrote: re.Pattern[str]
    narrators: re.Pattern[str]
    forward_subjects: tuple[str, ...]
    reply_subjects: tuple[str, ...]
    devices: re.Pattern[str]
    disclaimers: re.Pattern[str]
    first_person: re.Pattern[str]
    asking: re.Pattern[str]
    attached: frozenset[str]
    covering: frozenset[str]


def folder() -> Path:
    """Return the folder of rules: inside the package where it was installed, beside it in a working copy."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "rules"
    return inside if inside.is_dir() else package.parent / "rules"


def load_automatic(path: Path) -> AutomaticLists:
    """Return the lists in a file such as rules/automatic.toml. Raises RulesError."""
    data = _read(path)
    return AutomaticLists(
        daemons=frozenset(_list(data, path, "sender", "daemons")),
        noreply=_list(data, path, "sender", "noreply"),
        automatic_subjects=_list(data, path, "subject", "automatic"),
        bounce_subjects=_list(data, path, "subject", "bounce"),
        bounce_phrases=_words(_list(data, path, "bounce", "phrases")),
        delayed_phrases=_words(_list(data, path, "bounce", "delayed")),
        original_phrases=_words(_list(data, path, "bounce", "original")),
        person_words=_words(_list(data, path, "person", "words")),
        list_prefixes=_list(data, path, "sender", "list_prefixes"),
        list_suffixes=_list(data, path, "sender", "list_suffixes"),
        most_hops=_number(data, path, "loop", "most_hops", 10, 200),
        same_text_hours=_number(data, path, "loop", "same_text_hours", 0, 720),
    )


def load_quoting(path: Path) -> QuotingLists:
    """Return the lists in a file such as rules/quoting.toml. Raises RulesError."""
    data = _read(path)
    labels = {label: kind for kind in ("other", "sent", "from") for label in _list(data, path, "older", kind)}
    return QuotingLists(
        markers=frozenset(_list(data, path, "older", "markers")),
        labels=labels,
        wrote=_words(_list(data, path, "older", "wrote")),
        narrators=_words(_list(data, path, "older", "narrators", lower=False)),
        forward_subjects=_list(data, path, "older", "forward_subjects"),
        reply_subjects=_list(data, path, "older", "reply_subjects"),
        devices=_patterns(path, _list(data, path, "signature", "devices", lower=False)),
        disclaimers=_patterns(path, _list(data, path, "signature", "disclaimers", lower=False)),
        first_person=_words(_list(data, path, "signature", "first_person", lower=False)),
        asking=_words(_list(data, path, "signature", "asking")),
        attached=frozenset(_list(data, path, "covering", "attached")),
        covering=frozenset(_list(data, path, "covering", "words")),
    )


@cache
def automatic_lists() -> AutomaticLists:
    """Return rules/automatic.toml as shipped, read at the first call. Raises RulesError."""
    return load_automatic(folder() / "automatic.toml")


@cache
def quoting_lists() -> QuotingLists:
    """Return rules/quoting.toml as shipped, read at the first call. Raises RulesError."""
    return load_quoting(folder() / "quoting.toml")


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RulesError(f"{path} cannot be read.", hint="Reinstall the program or restore the file.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RulesError(f"{path} is no valid TOML: {error}.") from error


def _list(data: dict[str, Any], path: Path, section: str, key: str, *, lower: bool = True) -> tuple[str, ...]:
    table = data.get(section)
    values = table.get(key) if isinstance(table, dict) else None
    if not isinstance(values, list) or not values or not all(isinstance(value, str) and value for value in values):
        raise RulesError(f"{path} needs [{section}] {key}, a list of texts.")
    return tuple(value.lower() if lower else value for value in values)


def _number(data: dict[str, Any], path: Path, section: str, key: str, least: int, most: int) -> int:
    table = data.get(section)
    value = table.get(key) if isinstance(table, dict) else None
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise RulesError(f"{path} needs [{section}] {key}, a whole number from {least} to {most}.")
    return value


def _words(words: tuple[str, ...]) -> re.Pattern[str]:
    """Return a pattern of whole words; a word written with a capital letter is compared exactly, the others are not."""
    alternatives = (re.escape(word) if word != word.lower() else f"(?i:{re.escape(word)})" for word in words)
    return re.compile(rf"(?<!\w)(?:{'|'.join(alternatives)})(?!\w)")


def _patterns(path: Path, patterns: tuple[str, ...]) -> re.Pattern[str]:
    try:
        return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)
    except re.error as error:
        raise RulesError(f"{path} holds an expression that cannot be used: {error}.") from error
