"""A mail that a person has sorted, kept for the program to learn from: redacted, and tied to no mail, case or person."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from inbox_bot.domain.case import Event, EventName, MailRecord
from inbox_bot.domain.rights import Claim, Right


@dataclass(frozen=True, kw_only=True)
class KeptExample:
    """What a person decided about a mail whose words are redacted. ``said`` and ``said_claims``: what the program had thought.

    ``number`` is 0 until it is stored; ``day`` is the Stockholm day of the decision, and no moment is kept.
    """

    subject: str
    text: str
    claims: tuple[Claim, ...]
    language: str
    said: str
    said_claims: tuple[Claim, ...]
    day: date
    number: int = 0


class Keeper(Protocol):
    """Makes examples of sorted mails. Never raises: no decision of a person may fail because nothing was learnt from it."""

    def ready(self) -> None:
        """Load what redacting takes (a second, the first time). To be called before a transaction, not in one."""
        ...

    def example(self, mail: MailRecord, claims: Iterable[Claim], day: date) -> KeptExample | None:
        """Return the example that a mail makes, or None if it makes none or none are kept."""
        ...


class KeepsNothing:
    """Stands where examples are not to be kept."""

    def ready(self) -> None:
        return

    def example(self, mail: MailRecord, claims: Iterable[Claim], day: date) -> None:  # noqa: ARG002  # the protocol's signature
        return


def asked_in(events: Iterable[Event]) -> Mapping[int, frozenset[Claim]]:
    """Return what each mail of a case was taken to ask for, by its id: what the program added, and what people said."""
    found: defaultdict[int, set[Claim]] = defaultdict(set)
    for event in events:
        if event.name is EventName.CLAIM_ADDED:
            found[event.details["mail"]].add(_claim(event.details))
        elif event.name is EventName.MAIL_SORTED:
            found[event.details["mail"]].update(_claim(details) for details in event.details["as"])
    return {mail_id: frozenset(claims) for mail_id, claims in found.items()}


def _claim(details: Mapping[str, object]) -> Claim:
    return Claim(right=Right(str(details["right"])), marketing=bool(details["marketing"]))
