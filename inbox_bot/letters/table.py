"""One table of a TOML file, which knows how to say what is wrong with it: file, key, fault and cure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from inbox_bot.errors import RulesError

Value = TypeVar("Value")
Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table and where it stands. Every method raises RulesError for a key that is missing, unknown or wrong."""

    path: Path
    key: str
    content: Mapping[str, Any]

    def only(self, known: Iterable[str]) -> None:
        """Refuse a key that is not known: it is a misspelling, and the right one would be silently empty."""
        names = set(known)
        unknown = sorted(self.content.keys() - names)
        if unknown:
            raise self.wrong(unknown[0], f"is not a known key; known are {', '.join(sorted(names))}")

    def text(self, name: str, *, may_be_empty: bool = False) -> str:
        """Return a text, without the space around it."""
        value = self.content.get(name)
        if not isinstance(value, str):
            raise self.wrong(name, "must be a text")
        if not value.strip() and not may_be_empty:
            raise self.wrong(name, "must not be empty")
        return value.strip()

    def flag(self, name: str) -> bool:
        """Return true or false; neither is assumed."""
        value = self.content.get(name)
        if not isinstance(value, bool):
            raise self.wrong(name, "must be true or false")
        return value

    def number(self, name: str) -> int:
        """Return a whole number of at least 1."""
        value = self.content.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise self.wrong(name, "must be a whole number of at least 1")
        return value

    def choice(self, name: str, kind: type[Choice]) -> Choice:
        """Return one of an enumeration's values."""
        return self._choice(name, self.text(name), kind)

    def choices(self, name: str, kind: type[Choice]) -> tuple[Choice, ...]:
        """Return a list of an enumeration's values."""
        values = self.content.get(name)
        if not isinstance(values, list):
            raise self.wrong(name, "must be a list")
        return tuple(self._choice(name, value, kind) for value in values)

    def texts(self, kind: type[Value], *, may_be_empty: Iterable[str] = ()) -> Value:
        """Build a dataclass of texts from a table that has a key for each of its fields."""
        names = [field.name for field in fields(kind)]  # type: ignore[arg-type]  # always a dataclass of texts
        self.only(names)
        empty = set(may_be_empty)
        return kind(**{name: self.text(name, may_be_empty=name in empty) for name in names})

    def table(self, name: str) -> "Table":
        """Return a table inside this one."""
        value = self.content.get(name)
        if not isinstance(value, Mapping):
            raise self.wrong(name, "must be a table")
        return Table(path=self.path, key=self._full(name), content=value)

    def tables(self, name: str, *, may_be_absent: bool = False) -> list["Table"]:
        """Return the tables of a list."""
        value = self.content.get(name)
        if value is None and may_be_absent:
            return []
        if not isinstance(value, list) or not value or not all(isinstance(item, Mapping) for item in value):
            raise self.wrong(name, f"must be one or more tables, each beginning [[{self._full(name)}]]")
        return [Table(path=self.path, key=f"{self._full(name)}[{at}]", content=item) for at, item in enumerate(value)]

    def wrong(self, name: str, what: str) -> RulesError:
        """Return the error that names file and key."""
        return RulesError(f"{self.path}: {self._full(name)} {what}.", hint="Mend the file and start again.")

    def _choice(self, name: str, value: Any, kind: type[Choice]) -> Choice:
        try:
            return kind(value)
        except ValueError as error:
            known = ", ".join(one.value for one in kind)
            raise self.wrong(name, f"is {value!r}, which is not known; known are {known}") from error

    def _full(self, name: str) -> str:
        return f"{self.key}.{name}" if self.key else name
