"""The register of requests that an authority may ask for (GDPR Art 5(2), 24; law.md 5.1): numbers, dates and decisions, no person."""

from dataclasses import dataclass
from datetime import date, datetime

from inbox_bot.domain.rights import Claim
from inbox_bot.domain.span import Span
from inbox_bot.domain.statistics import Stand


@dataclass(frozen=True, kw_only=True)
class RegisterRow:
    """One right in one case. Days are Stockholm's.

    ``proven_on``: when the person had shown who they are, None where that was not needed or never done; ``needed`` tells which.
    ``extended_on``: when the notice of more time left. ``reason``: what it gave as reasons, ``""`` once that text is no longer kept.
    ``letter``: the name of the letter that answered.
    """

    reference: str
    claim: Claim
    received_on: date
    due: date
    stand: Stand
    asked_on: date | None = None
    proven_on: date | None = None
    extended_on: date | None = None
    reason: str = ""
    answered_on: date | None = None
    letter: str = ""
    late: bool = False


@dataclass(frozen=True, kw_only=True)
class Register:
    """What came in during a span. ``whole_from``: the first day from which no record has been deleted by its period."""

    span: Span
    made_at: datetime
    whole_from: date | None
    gone: int
    rows: tuple[RegisterRow, ...]
