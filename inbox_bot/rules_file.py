"""One TOML file under ``rules/``, read so that whatever is wrong with it is said with file, key and cure."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inbox_bot.errors import RulesError

_CURE = "Mend the file, or remove your own copy to use the one that came with the program."


@dataclass(frozen=True, kw_only=True)
class RulesTable:
    """A table of a rules file. Every method raises RulesError naming the file and the key."""

    file: Path
    where: str
    values: Mapping[str, Any]

    def only(self, *known: str) -> "RulesTable":
        """Return the table itself if it holds no other keys."""
        for name in self.values:
            if name not in known:
                raise self.wrong(name, f"is no key that is known here ({', '.join(known)})")
        return self

    def text(self, name: str, default: str | None = None) -> str:
        value = self.values.get(name, default)
        if not isinstance(value, str) or (default is None and not value.strip()):
            raise self.wrong(name, "must be a text" if isinstance(value, str | None) else "must be a text in quotes")
        return value.strip()

    def number(self, name: str, least: int, most: int) -> int:
        value = self.values.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise self.wrong(name, f"must be a whole number from {least} to {most}")
        return value

    def flag(self, name: str) -> bool:
        value = self.values.get(name, False)
        if not isinstance(value, bool):
            raise self.wrong(name, "must be true or false")
        return value

    def words(self, name: str, *, may_be_missing: bool = False) -> tuple[str, ...]:
        value = self.values.get(name, [] if may_be_missing else None)
        if not isinstance(value, list) or not all(isinstance(one, str) and one.strip() for one in value):
            raise self.wrong(name, "must be a list of texts")
        return tuple(value)

    def table(self, name: str) -> "RulesTable":
        value = self.values.get(name)
        if not isinstance(value, dict):
            raise self.wrong(name, "must be a table")
        return RulesTable(file=self.file, where=f"{self.where}{name}.", values=value)

    def tables(self, name: str) -> Sequence["RulesTable"]:
        """Return the tables written [[name]], numbered from 1 in what is said of them."""
        value = self.values.get(name, [])
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            raise self.wrong(name, f"must be tables that each begin with [[{self.where}{name}]]")
        return [
            RulesTable(file=self.file, where=f"{self.where}{name} {number}: ", values=one)
            for number, one in enumerate(value, 1)
        ]

    def wrong(self, name: str, what: str) -> RulesError:
        """Return the error that says of a key what is wrong with it."""
        return RulesError(f"{self.file}: {self.where}{name} {what}.", hint=_CURE)


def read_rules_file(path: Path) -> RulesTable:
    """Return a file's outermost table."""
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise RulesError(f"{path} cannot be read: {error.strerror}.", hint=_CURE) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RulesError(f"{path} is not valid TOML: {error}.", hint=_CURE) from error
    return RulesTable(file=path, where="", values=values)
