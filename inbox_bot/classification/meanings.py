"""What words mean, coarsely: the classes of rules/meanings.toml, so that a word no labelled mail holds still says something."""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

from inbox_bot.classification.spelling import fold
from inbox_bot.errors import RulesError

_SHORTEST_ENDING = 4


class Meanings:
    """The classes of words, looked up by lemma, by the word itself, and for compounds by the longest known ending."""

    def __init__(self, classes: Mapping[str, Iterable[str]]) -> None:
        found: dict[str, set[str]] = {}
        for name, words in classes.items():
            for word in words:
                found.setdefault(fold(word), set()).add(name)
        self._classes = {word: tuple(sorted(names)) for word, names in found.items()}

    def of(self, word: str, lemma: str) -> tuple[str, ...]:
        """Return the classes of a word in small letters and its lemma; none for a word that is not known."""
        known = self._classes
        base = fold(lemma)
        if base in known:
            return known[base]
        low = fold(word)
        if low in known:
            return known[low]
        for start in range(2, len(base) - _SHORTEST_ENDING + 1):
            if base[start:] in known:
                return known[base[start:]]
        return ()


def load_meanings(rules_dir: Path) -> Meanings:
    """Return the meanings of ``rules_dir/meanings.toml``. Raises RulesError for a file that cannot be used."""
    path = rules_dir / "meanings.toml"
    try:
        classes = tomllib.loads(path.read_text(encoding="utf-8")).get("classes")
    except OSError as fault:
        raise RulesError(
            f"{path} cannot be read: {fault.strerror}.", hint="Restore it from the installation."
        ) from fault
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise RulesError(f"{path.name} is not TOML in UTF-8: {fault}.", hint="Mend that line.") from fault
    if not isinstance(classes, dict) or not all(
        isinstance(words, list) and all(isinstance(word, str) for word in words) for words in classes.values()
    ):
        raise RulesError(f"{path.name}: [classes] must hold lists of words.", hint='Write name = ["word", …].')
    return Meanings(classes)
