"""Who writes the letters: the company, the authority above it and the facts every answer must give, read from one file."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from inbox_bot.domain.letters import Language
from inbox_bot.errors import RulesError

Value = TypeVar("Value")


@dataclass(frozen=True, kw_only=True)
class Company:
    """The controller (Art 4(7)), as it stands in the footer of each letter."""

    name: str
    short_name: str
    orgnr: str
    street: str
    postcode: str
    city: str
    phone: str
    mail: str


@dataclass(frozen=True, kw_only=True)
class Authority:
    """The supervisory authority (Art 51): where a person may complain (Art 12(4), 15(1)(f))."""

    name: str
    short_name: str
    address: str
    phone: str
    mail: str


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is told in one language. Those in ``MAY_BE_EMPTY`` wait for the company; a letter leaves out what is empty."""

    court: str
    request_records: str
    purposes: str
    categories: str
    periods: str
    source: str
    automated_decisions: str
    transfers: str
    service_mail: str
    recipients: str = ""
    legal_basis: str = ""
    backups: str = ""


@dataclass(frozen=True, kw_only=True)
class System:
    """A place where the company keeps personal data. ``name`` and ``holds`` are Swedish; both stand inside a sentence."""

    name: str
    holds: str
    name_en: str


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """One who gets data from us and is told of what is corrected, erased or restricted (Art 19).

    ``kind``: supplier, employer or host. ``contact``: a mail address, or empty where a person must find one. ``what``: which
    data. ``language`` of letters to them.
    """

    name: str
    kind: str
    contact: str = ""
    what: str = ""
    language: str = "sv"


@dataclass(frozen=True, kw_only=True)
class Controller:
    """All facts about the company. Nothing about it stands in code or templates."""

    reference_prefix: str
    company: Company
    authority: Authority
    facts: Mapping[Language, Facts]
    systems: tuple[System, ...]
    recipients: tuple[Recipient, ...] = ()

    def system_name(self, name: str, language: Language) -> str:
        """Return what a system is called in a language; a name that is not listed is returned as it is."""
        if language is Language.SV:
            return name
        return next((system.name_en for system in self.systems if system.name == name), name)


MAY_BE_EMPTY = frozenset({"recipients", "legal_basis", "backups"})


def read_controller(path: Path) -> Controller:
    """Read ``rules/controller.toml``. Raises RulesError naming the file and the key that is missing, unknown or wrong."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RulesError(
            f"{path} cannot be read: {error.strerror}.", hint="It must hold the company's facts; restore the file."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RulesError(f"{path} is not TOML in UTF-8: {error}.", hint="Mend the line it names.") from error
    return _controller(_Table(path=path, key="", content=document))


def _controller(root: "_Table") -> Controller:
    root.only({"reference_prefix", "company", "authority", "facts", "systems", "recipients"})
    facts = root.table("facts")
    facts.only({language.value for language in Language})
    systems = tuple(_value(table, System) for table in root.tables("systems"))
    if len({system.name for system in systems}) < len(systems):
        raise root.wrong("systems", "must not name a system twice")
    prefix = root.text("reference_prefix")
    if not (prefix.isascii() and prefix.isalpha() and prefix.isupper()):
        raise root.wrong("reference_prefix", "must be capital letters A to Z")
    return Controller(
        reference_prefix=prefix,
        company=_value(root.table("company"), Company),
        authority=_value(root.table("authority"), Authority),
        facts=MappingProxyType({language: _value(facts.table(language.value), Facts) for language in Language}),
        systems=systems,
        recipients=_recipients(root),
    )


def _recipients(root: "_Table") -> tuple[Recipient, ...]:
    tables = root.tables("recipients") if "recipients" in root.content else []
    found = tuple(_recipient(table) for table in tables)
    if len({recipient.name.lower() for recipient in found}) < len(found):
        raise root.wrong("recipients", "must not name a recipient twice")
    return found


def _recipient(table: "_Table") -> Recipient:
    table.only({"name", "kind", "contact", "what", "language"})
    optional = {name: table.text(name, may_be_empty=True) for name in ("contact", "what") if name in table.content}
    language = table.text("language") if "language" in table.content else Language.SV.value
    if language not in set(Language):
        raise table.wrong("language", "must be sv or en")
    if table.text("kind") not in {"supplier", "employer", "host"}:
        raise table.wrong("kind", "must be supplier, employer or host")
    if optional.get("contact") and "@" not in optional["contact"]:
        raise table.wrong("contact", "must be a mail address, or empty")
    return Recipient(name=table.text("name"), kind=table.text("kind"), language=language, **optional)


def _value(table: "_Table", kind: type[Value]) -> Value:
    """Build a dataclass of texts from a table that has a key for each of its fields."""
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]  # always one of the dataclasses above
    table.only(set(names))
    return kind(**{name: table.text(name, may_be_empty=name in MAY_BE_EMPTY) for name in names})


@dataclass(frozen=True, kw_only=True)
class _Table:
    """One table of the file, which knows how to say what is wrong with it."""

    path: Path
    key: str
    content: Mapping[str, Any]

    def only(self, known: set[str]) -> None:
        unknown = sorted(self.content.keys() - known)
        if unknown:
            raise self.wrong(unknown[0], f"is not a known key; known are {', '.join(sorted(known))}")

    def text(self, name: str, *, may_be_empty: bool = False) -> str:
        value = self.content.get(name)
        if not isinstance(value, str):
            raise self.wrong(name, "must be a text")
        if not value.strip() and not may_be_empty:
            raise self.wrong(name, "must not be empty")
        return value.strip()

    def table(self, name: str) -> "_Table":
        value = self.content.get(name)
        if not isinstance(value, Mapping):
            raise self.wrong(name, "must be a table")
        return _Table(path=self.path, key=self._full(name), content=value)

    def tables(self, name: str) -> list["_Table"]:
        value = self.content.get(name)
        if not isinstance(value, list) or not value or not all(isinstance(item, Mapping) for item in value):
            raise self.wrong(name, f"must be one or more tables, each beginning [[{self._full(name)}]]")
        return [_Table(path=self.path, key=f"{self._full(name)}[{at}]", content=item) for at, item in enumerate(value)]

    def wrong(self, name: str, what: str) -> RulesError:
        return RulesError(f"{self.path}: {self._full(name)} {what}.", hint="Mend the file and start again.")

    def _full(self, name: str) -> str:
        return f"{self.key}.{name}" if self.key else name
