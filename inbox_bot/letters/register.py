"""What the company does with personal data, row by row: purposes, categories, recipients, transfers, accounts (Art 13-15, 30)."""

import re
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from inbox_bot.domain.letters import Language
from inbox_bot.domain.recipients import TOLD_OF, Recipient, RecipientKind
from inbox_bot.domain.rights import Right
from inbox_bot.letters.bookkeeping import Bookkeeping
from inbox_bot.letters.table import Table

_RECIPIENT_TEXTS = ("name", "role_sv", "role_en", "data_sv", "data_en", "country_sv", "country_en")
_DAY_OF_YEAR = re.compile(r"(\d\d)-(\d\d)")
_ANY_YEAR = 2027


@dataclass(frozen=True, kw_only=True)
class Purpose:
    """Why data are used, as a whole sentence. ``basis``: the legal basis (Art 6), empty until the company has settled it.

    ``policy`` quotes the clause of the published policy that the row carries out; empty where the policy is silent.
    """

    text_sv: str
    text_en: str
    basis_sv: str
    basis_en: str
    policy: str


@dataclass(frozen=True, kw_only=True)
class Category:
    """A kind of data and how long it is kept, the period a whole sentence: one belongs to the other (Art 15(1)(b), (d))."""

    text_sv: str
    text_en: str
    period_sv: str
    period_en: str
    policy: str


@dataclass(frozen=True, kw_only=True)
class Transfer:
    """A transfer out of the EU and the EEA, to a listed recipient, with its safeguard (Art 15(2), 46)."""

    recipient: str
    country_sv: str
    country_en: str
    safeguard_sv: str
    safeguard_en: str


@dataclass(frozen=True, kw_only=True)
class Register:
    """All rows. ``recipients`` may be empty until the company has named them: then staff name them in each answer."""

    purposes: tuple[Purpose, ...]
    categories: tuple[Category, ...]
    recipients: tuple[Recipient, ...]
    transfers: tuple[Transfer, ...]
    bookkeeping: Bookkeeping

    def said(self, language: Language) -> dict[str, list[dict[str, Any]]]:
        """Return every list as a template uses it: the words of one language, under names without its ending."""
        return {
            "purposes": [_said(row, language) for row in self.purposes],
            "categories": [_said(row, language) for row in self.categories],
            "recipients": [_said(row, language) for row in self.recipients],
            "transfers": [_said(row, language) for row in self.transfers],
        }

    def unsettled(self) -> tuple[str, ...]:
        """Return what the company still has to settle, a sentence each, naming the key."""
        found = []
        if not self.recipients:
            found.append(
                "[[recipients]]: nobody is named, so whoever answers a request for access must type the names (Art 15(1)(c))."
            )
        unreachable = [one.name for one in self.recipients if one.told and not one.address]
        if unreachable:
            found.append(f"[[recipients]] address: no notice (Art 19) can be mailed to {', '.join(unreachable)}.")
        without = sum(not purpose.basis_sv for purpose in self.purposes)
        if without:
            found.append(f"[[purposes]] basis: {without} of {len(self.purposes)} purposes have no legal basis (Art 6).")
        if not self.bookkeeping.is_settled:
            found.append(
                "[bookkeeping] financial_year_ends: unknown, so no last day of keeping is worked out for invoices."
            )
        return tuple(found)


KEYS = frozenset({"purposes", "categories", "recipients", "transfers", "bookkeeping"})


def read_register(root: Table) -> Register:
    """Read the tables of ``rules/controller.toml`` that say what is done with data. Raises RulesError naming the key."""
    recipients = tuple(_recipient(table) for table in root.tables("recipients", may_be_absent=True))
    if len({recipient.name.casefold() for recipient in recipients}) < len(recipients):
        raise root.wrong("recipients", "must not name a recipient twice")
    transfers = tuple(table.texts(Transfer) for table in root.tables("transfers", may_be_absent=True))
    outside = {recipient.name for recipient in recipients if not recipient.eea}
    for transfer in transfers:
        if transfer.recipient not in outside:
            raise root.wrong("transfers", f"names {transfer.recipient}, who is no listed recipient with eea = false")
    for name in sorted(outside - {transfer.recipient for transfer in transfers}):
        raise root.wrong("transfers", f"must give the safeguard for {name}, whose eea is false (Art 46)")
    return Register(
        purposes=tuple(
            _both_or_none(table.texts(Purpose, may_be_empty=("basis_sv", "basis_en", "policy")), table)
            for table in root.tables("purposes")
        ),
        categories=tuple(table.texts(Category, may_be_empty=("policy",)) for table in root.tables("categories")),
        recipients=recipients,
        transfers=transfers,
        bookkeeping=_bookkeeping(root.table("bookkeeping")),
    )


def _both_or_none(purpose: Purpose, table: Table) -> Purpose:
    if bool(purpose.basis_sv) is not bool(purpose.basis_en):
        raise table.wrong("basis_sv", "and basis_en must both say the legal basis, or both be empty")
    return purpose


def _recipient(table: Table) -> Recipient:
    table.only({field.name for field in fields(Recipient)})
    told = table.choices("told", Right) if "told" in table.content else TOLD_OF
    if set(told) - set(TOLD_OF):
        raise table.wrong("told", f"may only hold {', '.join(right.value for right in TOLD_OF)} (Art 19)")
    address = table.text("address", may_be_empty=True)
    if address and ("@" not in address or any(character.isspace() for character in address)):
        raise table.wrong("address", "must be a mail address, or empty until it is settled")
    return Recipient(
        **{name: table.text(name) for name in _RECIPIENT_TEXTS},
        kind=table.choice("kind", RecipientKind),
        processor=table.flag("processor"),
        eea=table.flag("eea"),
        address=address,
        language=table.choice("language", Language),
        told=told,
    )


def _bookkeeping(table: Table) -> Bookkeeping:
    table.only({field.name for field in fields(Bookkeeping)})
    ends = table.text("financial_year_ends", may_be_empty=True)
    found = _DAY_OF_YEAR.fullmatch(ends)
    try:
        if ends:
            # A year that is no leap year: 29 February is no last day of a financial year.
            date(_ANY_YEAR, int(found[1]) if found else 0, int(found[2]) if found else 0)
    except ValueError as error:
        raise table.wrong(
            "financial_year_ends", "must be MM-DD, such as 12-31, or empty until it is settled"
        ) from error
    texts = ("what_sv", "what_en", "why_sv", "why_en")
    return Bookkeeping(
        financial_year_ends=ends, years=table.number("years"), **{name: table.text(name) for name in texts}
    )


def _said(row: Any, language: Language) -> dict[str, Any]:
    own = f"_{language.value}"
    others = tuple(f"_{other.value}" for other in Language if other is not language)
    names = [field.name for field in fields(row) if not field.name.endswith(others)]
    return {name.removesuffix(own): getattr(row, name) for name in names}
