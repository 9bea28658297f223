"""What was understood of a mail, and the words that decided it."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from inbox_bot.domain.rights import Claim, Right


class Outcome(StrEnum):
    """``unsure`` goes to a person, with the clock running as if it were a request."""

    REQUEST = "request"
    UNSURE = "unsure"
    NOT_REQUEST = "not_request"


class Part(StrEnum):
    """Which text of the mail an offset counts in."""

    SUBJECT = "subject"
    BODY = "body"


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """Words that speak for a right. ``start`` and ``end`` count characters in the subject or in ``reply_text``.

    ``right`` is None for words that only made a person's look necessary. ``rule`` names the phrase rule.
    """

    right: Right | None
    text: str
    start: int
    end: int
    rule: str
    part: Part = Part.BODY


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The outcome for one mail. For ``unsure`` the claims are those that seem likely, perhaps none.

    ``reasons`` are short constant names for why a person must look (``employer``, ``proxy``, ``minor`` …). A ``request`` that has
    any is understood, but a person decides on it: who asks matters there.
    ``language`` is an ISO 639-1 code, or ``""`` where the text is too short to tell. ``near``: no request, but not far from one
    a person would have been asked about.
    """

    outcome: Outcome
    claims: tuple[Claim, ...] = ()
    language: str = ""
    evidence: tuple[Evidence, ...] = ()
    reasons: tuple[str, ...] = ()
    near: bool = field(default=False, compare=False)

    @property
    def is_for_a_person(self) -> bool:
        """Whether a person must look before anything is done."""
        return self.outcome is Outcome.UNSURE or bool(self.reasons)


class Classifier(Protocol):
    """Understands what a person newly wrote."""

    def classify(self, subject: str, text: str) -> Verdict:
        """Return the verdict on a mail's subject and newly written text. Never raises for any text."""
        ...
