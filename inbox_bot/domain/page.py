"""The words of the page that the person who asks reaches by a link: what may be said there of a case, and what took a code."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from inbox_bot.domain.case import CaseRecord, ChallengeRecord, ChallengeState, ClaimRecord
from inbox_bot.domain.mail import Address, Message
from inbox_bot.domain.rights import Claim, Right

PATH = "/arende/"
"""What stands before the token in a link to the page of a case."""

COPIES = (Right.ACCESS, Right.PORTABILITY)
"""The rights that a copy of data answers."""

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
    """One visit to a case's page, known by a secret cookie. ``entered``: its code was typed right.

    ``mailed``: that code was mailed for the page, and not with the question of identity. ``code_hash`` is keyed.
    """

    id: int
    case_id: int
    address: str
    code_hash: str
    attempts: int
    entered: bool
    mailed: bool = False


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
class Deliverable:
    """A file for the person to fetch on their page. ``letter_id``: the answer that says so, None until one is approved.

    ``size`` in bytes, ``sha256`` of them in hexadecimal. ``until``: the last day it can be fetched. ``token``: of the link in that
    letter, in the clear, because the letter is composed again each time it is looked at; without a mailed code it shows no file.
    """

    id: int
    case_id: int
    claim_id: int
    name: str
    media_type: str
    size: int
    sha256: str
    token: str
    put_at: datetime
    put_by: str
    letter_id: int | None = None
    until: date | None = None
    fetched: int = 0
    emptied: bool = False


@dataclass(frozen=True, kw_only=True)
class PageView:
    """What the page of a case shows. ``known`` False: no such link. ``ended``: the case has been emptied.

    ``inside``: the visit has shown the code; only then are ``parts``, ``files`` and ``reasons`` (why more time is needed) told. ``may_fetch``: its code was mailed for
    this very visit, which a file takes; the code of the question of identity opens none.
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
    files: tuple[Deliverable, ...] = ()
    may_fetch: bool = False


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


def takes_file(claim: ClaimRecord) -> bool:
    """True while a file may be put on the page to answer a claim: a copy is asked for, and it is known who asks."""
    return claim.claim.right in COPIES and claim.proven and not claim.state.is_final


def least(stages: Sequence[Stage]) -> Stage:
    """Return the stage of a case whose parts stand at these: the one that has come least far; what is over counts last."""
    order = tuple(Stage)
    return min(stages, key=order.index, default=Stage.RECEIVED)
