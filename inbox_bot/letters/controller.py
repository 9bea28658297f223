"""Who writes the letters: the company, the authority above it and the facts every answer must give, read from one file."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from inbox_bot.domain.letters import Language
from inbox_bot.domain.recipients import Recipient
from inbox_bot.errors import RulesError
from inbox_bot.letters.register import KEYS, Register, read_register
from inbox_bot.letters.table import Table


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
    source: str
    employer_sees: str
    automated_decisions: str
    no_transfers: str
    service_mail: str
    backups: str = ""


@dataclass(frozen=True, kw_only=True)
class System:
    """A place where the company keeps personal data. ``name`` and ``holds`` are Swedish; both stand inside a sentence."""

    name: str
    holds: str
    name_en: str


@dataclass(frozen=True, kw_only=True)
class Controller:
    """All facts about the company. Nothing about it stands in code or templates."""

    reference_prefix: str
    company: Company
    authority: Authority
    facts: Mapping[Language, Facts]
    systems: tuple[System, ...]
    register: Register

    @property
    def recipients(self) -> tuple[Recipient, ...]:
        """Everyone who gets personal data from the company, by name (Art 15(1)(c), 19); empty until they are settled."""
        return self.register.recipients

    def unsettled(self) -> tuple[str, ...]:
        """Return what the company still has to settle in the file, a sentence each."""
        backups = (
            ()
            if self.facts[Language.SV].backups
            else ("[facts] backups: how long erased data stay in backup copies is not said.",)
        )
        return (*self.register.unsettled(), *backups)

    def system_name(self, name: str, language: Language) -> str:
        """Return what a system is called in a language; a name that is not listed is returned as it is."""
        if language is Language.SV:
            return name
        return next((system.name_en for system in self.systems if system.name == name), name)


MAY_BE_EMPTY = frozenset({"backups"})


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
    return _controller(Table(path=path, key="", content=document))


def _controller(root: Table) -> Controller:
    root.only({"reference_prefix", "company", "authority", "facts", "systems", *KEYS})
    facts = root.table("facts")
    facts.only({language.value for language in Language})
    systems = tuple(table.texts(System) for table in root.tables("systems"))
    if len({system.name for system in systems}) < len(systems):
        raise root.wrong("systems", "must not name a system twice")
    prefix = root.text("reference_prefix")
    if not (prefix.isascii() and prefix.isalpha() and prefix.isupper()):
        raise root.wrong("reference_prefix", "must be capital letters A to Z")
    return Controller(
        reference_prefix=prefix,
        company=root.table("company").texts(Company),
        authority=root.table("authority").texts(Authority),
        facts=MappingProxyType(
            {language: facts.table(language.value).texts(Facts, may_be_empty=MAY_BE_EMPTY) for language in Language}
        ),
        systems=systems,
        register=read_register(root),
    )
