"""How long each thing is kept and what happens then: the values of ``rules/retention.toml``, as the program carries them out."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from inbox_bot.domain.dates import add_months

_MOST_CLIPPED = timedelta(days=3)
"""By so many days at most two months part in length: what counting months back may miss."""


class Item(StrEnum):
    """What is kept for a time. ``LOGINS`` are swept by the room verification, hourly; ``SUPPRESSION`` by nobody."""

    EVIDENCE = "evidence"
    CORRESPONDENCE = "correspondence"
    COPIES = "copies"
    IDENTITY_DOCUMENTS = "identity_documents"
    TOKENS = "tokens"
    UNVERIFIED = "unverified"
    REVIVAL = "revival"
    OTHER_MAIL = "other_mail"
    QUARANTINE = "quarantine"
    SUPPRESSION = "suppression"
    JOURNAL = "journal"
    EXAMPLES = "examples"
    STAFF_LETTERS = "staff_letters"
    AUDIT = "audit"
    DIGESTS = "digests"
    LOGINS = "logins"
    BREACHES = "breaches"
    ATTACHMENTS = "attachments"


CARRIED_OUT: Mapping[Item, tuple[str, str]] = {
    Item.EVIDENCE: ("closed", "delete"),
    Item.CORRESPONDENCE: ("closed", "empty"),
    Item.COPIES: ("sent", "empty"),
    Item.IDENTITY_DOCUMENTS: ("closed", "empty"),
    Item.TOKENS: ("closed", "empty"),
    Item.UNVERIFIED: ("closed", "empty"),
    Item.REVIVAL: ("closed", "empty"),
    Item.OTHER_MAIL: ("fetched", "delete"),
    Item.QUARANTINE: ("fetched", "empty"),
    Item.SUPPRESSION: ("made", "delete"),
    Item.JOURNAL: ("erased", "delete"),
    Item.EXAMPLES: ("decided", "delete"),
    Item.STAFF_LETTERS: ("made", "delete"),
    Item.AUDIT: ("made", "delete"),
    Item.DIGESTS: ("made", "delete"),
    Item.LOGINS: ("ended", "delete"),
    Item.BREACHES: ("closed", "delete"),
    Item.ATTACHMENTS: ("closed", "empty"),
}
"""From what each period is counted, and what the program does at its end: the file repeats it for whoever reads it."""


@dataclass(frozen=True, kw_only=True)
class Period:
    """A time to keep something, in whole months and days."""

    months: int
    days: int

    def last_day(self, start: date) -> date:
        """Return the last day on which what began on ``start`` is kept."""
        return add_months(start, self.months) + timedelta(days=self.days)

    def is_over(self, start: date, today: date) -> bool:
        """True from the day after the last one on."""
        return today > self.last_day(start)

    def newest_over(self, today: date) -> date:
        """Return the latest day from which the period is over today; it is over from every day before, too."""
        start = add_months(today - timedelta(days=self.days), -self.months) + _MOST_CLIPPED
        while not self.is_over(start, today):
            start -= timedelta(days=1)
        return start


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One item of the table. ``period`` is None for what is kept as long as the company sends marketing."""

    item: Item
    period: Period | None
    source: str
    why: str
    letters: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RetentionTable:
    """The whole table. ``details``: of an event's details, those that stay in the evidence record."""

    rules: Mapping[Item, Rule]
    details: frozenset[str]
    grounds: tuple[re.Pattern[str], ...]

    def period(self, item: Item) -> Period:
        """Return how long an item is kept. Raises KeyError for what has no end."""
        period = self.rules[item].period
        if period is None:
            raise KeyError(item)
        return period

    def last_day(self, item: Item, start: date) -> date | None:
        """Return the last day an item that began on ``start`` is kept, or None for what has no end."""
        period = self.rules[item].period
        return None if period is None else period.last_day(start)

    def evidence_details(self, details: Mapping[str, Any]) -> dict[str, Any]:
        """Return what stays of an event's details."""
        return {name: value for name, value in details.items() if name in self.details}

    def grounds_in(self, texts: Iterable[str]) -> list[str]:
        """Return the provisions that some texts name, as they are written there, each once."""
        found: dict[str, None] = {}
        for text in texts:
            for pattern in self.grounds:
                found.update((" ".join(match.group().split()), None) for match in pattern.finditer(text))
        return list(found)


def texts_in(value: Any) -> Iterable[str]:
    """Yield every text in a JSON value, however deep."""
    match value:
        case str():
            yield value
        case Mapping():
            for inner in value.values():
                yield from texts_in(inner)
        case list() | tuple():
            for inner in value:
                yield from texts_in(inner)
