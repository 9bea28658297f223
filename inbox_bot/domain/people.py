"""The people a company knows, as its own register gives them: whose an address is, and how many may read its mail."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class MailboxKind(StrEnum):
    """Who reads an address. ``SHARED``: info@, kurs@, a team. ``EMPLOYER_CONTACT``: whoever the employer has there."""

    PERSONAL = "personal"
    SHARED = "shared"
    EMPLOYER_CONTACT = "employer_contact"


@dataclass(frozen=True, kw_only=True)
class KnownPerson:
    """An account found by one address. ``kind`` is that address's.

    ``addresses`` are those on file, ``previous`` those that were; all in the form cases keep them. ``results``: the data
    hold test results, which calls for more proof (law.md 2.2).
    """

    name: str
    kind: MailboxKind
    addresses: tuple[str, ...]
    previous: tuple[str, ...] = ()
    results: bool = False


class People(Protocol):
    """The company's known people."""

    def find(self, address: str) -> KnownPerson | None:
        """Return whose an address is, whatever its capitals; None if it is not on file and never was.

        Raises PeopleError if the register cannot be used: then nobody may guess.
        """
        ...

    def report(self) -> str:
        """Try the register and say how it is, without a name or an address. Raises PeopleError."""
        ...
