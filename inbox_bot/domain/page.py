"""The words of the page that the person who asks reaches by a link: what may be said there of a case, and what took a code."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from inbox_bot.domain.case import CaseRecord, ChallengeRecord, ChallengeState, ClaimRecord
from inbox_bot.domain.mail import Address, Message
from inbox_bot.domain.rights import Claim

PAGE = "sidan"
"""What stands where another mail has its mailbox: it was written on the page of a case."""


@dataclass(frozen=True, kw_only=True)
class PageLink:
    """A link in a letter to ``address``. ``message_id``: of that letter, so that what is written on the page answers it."""

    id: int
    case_id: int
    address: str
    message_id: str
    made_at: datetime


@dataclass(frozen=True, kw_only=True)
class PageVisit:
    """One visit to a case's page, known by a secret cookie. ``entered``: its code was typed right. ``code_hash`` is keyed."""

    id: int
    case_id: int
    address: str
    code_hash: str
    attempts: int
    entered: bool


class Stage(StrEnum):
    """How far a case has come, to whoever opens its page, the one that matters most first.

    ``WAITS``: for the person to confirm. ``BOUNCED``: the answer did not arrive. ``OVER``: nothing was to be answered.
    """

    WAITS = "waits"
    RECEIVED = "received"
    BOUNCED = "bounced"
    WORKING = "working"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"
    OVER = "over"


@dataclass(frozen=True, kw_only=True)
class Part:
    """One right in a case as its page shows it. ``may_withdraw``: it can still be taken back."""

    claim_id: int
    claim: Claim
    stage: Stage
    due: date
    received_at: datetime
    answered_at: datetime | None = None
    extended: bool = False
    may_withdraw: bool = False


@dataclass(frozen=True, kw_only=True)
class PageView:
    """What the page of a case shows. ``known`` False: no such link. ``ended``: the case has been emptied.

    ``inside``: the visit has shown the code; only then are ``parts`` and ``reasons`` (why more time is needed) told.
    ``asked``: a code has been mailed for the visit. ``attempts_left``: of that code.
    """

    known: bool = False
    ended: bool = False
    language: str = "sv"
    reference: str = ""
    stage: Stage = Stage.RECEIVED
    partly: bool = False
    due: date | None = None
    extended: bool = False
    answered_at: datetime | None = None
    inside: bool = False
    asked: bool = False
    attempts_left: int = 0
    parts: tuple[Part, ...] = ()
    reasons: str = ""


def written_on(link: PageLink, subject: str, text: str) -> Message:
    """Return what was written on a page as an answer to the letter that the link stood in."""
    return Message(
        message_id=None,
        sender=Address(address=link.address),
        subject=subject,
        reply_text=text,
        in_reply_to=(link.message_id,) if link.message_id else (),
    )


def concerns(case: CaseRecord, claim: ClaimRecord, challenges: Iterable[ChallengeRecord], address: str) -> bool:
    """True if a claim is told of on the page of ``address``.

    A sender whose own address got no link for a claim is told nothing of it, whether or not somebody else got one: what a
    stranger sees must not depend on who is on file. An account holder is told of what their own link was about.
    """
    proof = next((one.address for one in challenges if one.id == claim.proof), "")
    if proof:
        return proof == address
    if address == case.requester:
        return not claim.unlinked
    asked = [one for one in challenges if claim.id in one.claim_ids and one.address == address]
    return bool(asked) and asked[-1].state is not ChallengeState.DISOWNED


def least(stages: Sequence[Stage]) -> Stage:
    """Return the stage of a case whose parts stand at these: the one that has come least far; what is over counts last."""
    order = tuple(Stage)
    return min(stages, key=order.index, default=Stage.RECEIVED)
