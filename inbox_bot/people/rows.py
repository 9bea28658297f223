"""What the rows of a register say: checked one by one, then put together to the account an address belongs to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from inbox_bot.domain.people import KnownPerson, MailboxKind
from inbox_bot.errors import PeopleError

NEEDED = ("name", "kind")
_YES = frozenset({"1", "yes", "ja", "true", "t", "y", "j"})
_NO = frozenset({"", "0", "no", "nej", "false", "f", "n"})


@dataclass(frozen=True, kw_only=True)
class PersonRow:
    """One address of one account."""

    address: str
    name: str
    kind: MailboxKind
    account: str
    previous: bool
    results: bool


def normal(address: str) -> str:
    """Return an address as cases keep it (law.md 0.8: a capital letter must hide no one)."""
    return address.strip().lower()


def row_of(values: Mapping[str, Any], *, place: str, account: str, address: str = "") -> PersonRow:
    """Read one row. ``account`` and ``address`` stand in where the row has none.

    Raises PeopleError naming ``place`` and the column that is wrong; never its value, which may be somebody's.
    """
    found = {name: _text(values.get(name)) for name in ("address", "name", "kind", "account", "previous", "results")}
    whose = normal(found["address"]) or address
    if "@" not in whose:
        raise PeopleError(f"{place}: address is no mail address.", hint="Mend the row.")
    try:
        kind = MailboxKind(found["kind"].lower())
    except ValueError:
        known = ", ".join(kind.value for kind in MailboxKind)
        raise PeopleError(f"{place}: kind is none of {known}.", hint="Mend the row.") from None
    return PersonRow(
        address=whose,
        name=found["name"],
        kind=kind,
        account=found["account"] or account,
        previous=_flag(found["previous"], "previous", place),
        results=_flag(found["results"], "results", place),
    )


def person_of(address: str, rows: Iterable[PersonRow]) -> KnownPerson | None:
    """Return whose an address is among the rows of every account it stands in; None if it stands in none.

    An address of several accounts is read by several people, so it counts as shared, and leads to none of them.
    """
    found = tuple(rows)
    own = [row for row in found if row.address == address]
    if not own:
        return None
    kinds = {row.kind for row in own}
    accounts = {row.account for row in own}
    together = [row for row in found if row.account in accounts]
    kind = next((kind for kind in (MailboxKind.EMPLOYER_CONTACT, MailboxKind.SHARED) if kind in kinds), None)
    if len(accounts) > 1:
        together = own
        kind = kind or MailboxKind.SHARED
    current = tuple(dict.fromkeys(row.address for row in together if not row.previous))
    return KnownPerson(
        name=own[0].name if len(accounts) == 1 else "",
        kind=kind or MailboxKind.PERSONAL,
        addresses=current,
        previous=tuple(dict.fromkeys(row.address for row in together if row.previous and row.address not in current)),
        results=any(row.results for row in together),
    )


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value).strip()


def _flag(text: str, name: str, place: str) -> bool:
    if text.lower() in _YES:
        return True
    if text.lower() in _NO:
        return False
    raise PeopleError(f"{place}: {name} is neither yes nor no.", hint="Mend the row.")
