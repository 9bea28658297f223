"""The seven rights the program knows, and a claim: one right as one person asks for it."""

from dataclasses import dataclass
from enum import StrEnum


class Right(StrEnum):
    """A right under the GDPR (Reg. (EU) 2016/679)."""

    ACCESS = "access"
    RECTIFICATION = "rectification"
    ERASURE = "erasure"
    RESTRICTION = "restriction"
    PORTABILITY = "portability"
    OBJECTION = "objection"
    CONSENT_WITHDRAWAL = "consent_withdrawal"

    @property
    def article(self) -> str:
        """The article that gives the right, as it is cited in a letter: ``15``, ``7.3``."""
        return _ARTICLES[self]


_ARTICLES = {
    Right.ACCESS: "15",
    Right.RECTIFICATION: "16",
    Right.ERASURE: "17",
    Right.RESTRICTION: "18",
    Right.PORTABILITY: "20",
    Right.OBJECTION: "21",
    Right.CONSENT_WITHDRAWAL: "7.3",
}


MARKETING_RIGHTS = (Right.OBJECTION, Right.CONSENT_WITHDRAWAL)
"""The rights a marketing stop may be filed under: Art 21(2) and Art 7(3)."""


@dataclass(frozen=True, kw_only=True, order=True)
class Claim:
    """One right as asked for in a mail. ``marketing``: an objection or withdrawal that concerns direct marketing.

    A marketing stop is unconditional (Art 21(2)-(3)): it needs no proof of identity and cannot be refused.
    """

    right: Right
    marketing: bool = False

    @property
    def name(self) -> str:
        """What forms and files call it: ``access``, ``objection:marketing``."""
        return self.right.value + (":marketing" if self.marketing else "")
