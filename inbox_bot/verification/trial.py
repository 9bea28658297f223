"""A code is tried, and what the right one says is carried out: it was me, it was not me, and here is what only I know."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from inbox_bot.domain.case import (
    LETTERS_STILL_HERE,
    CaseRecord,
    CaseState,
    ChallengeRecord,
    ChallengeState,
    ClaimState,
    DraftState,
    Event,
    EventName,
    LetterState,
)
from inbox_bot.domain.proof import UNIDENTIFIED
from inbox_bot.store.unit import Unit
from inbox_bot.verification.challenge import matches
from inbox_bot.verification.desk import Verification

MOST_WORDS = 500
"""Characters kept of the one thing only the person knows."""

_UNIDENTIFIED = (ClaimState.AWAITING_APPROVAL, ClaimState.APPROVED, ClaimState.ANSWERED)
"""Where an unproven claim stands while "we cannot identify you" is given back, is on its way, or has left."""


class Standing(StrEnum):
    """How a question of identity looks to the person who opens its link."""

    OPEN = "open"
    EXPIRED = "expired"
    LOCKED = "locked"
    CHECKING = "checking"
    CONFIRMED = "confirmed"
    DISOWNED = "disowned"
    UNKNOWN = "unknown"


class Result(StrEnum):
    """What a typed code, or a wish for a new link, led to."""

    CONFIRMED = "confirmed"
    CHECKING = "checking"
    FACT_MISSING = "fact_missing"
    DISOWNED = "disowned"
    WRONG_CODE = "wrong_code"
    LOCKED = "locked"
    EXPIRED = "expired"
    RENEWED = "renewed"
    NOT_NOW = "not_now"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Fact:
    """The one thing only the person knows, as it was given: typed on the page, or in a reply (``mail_id``)."""

    words: str = ""
    mail_id: int | None = None


def attempt(
    room: Verification,
    unit: Unit,
    challenge: ChallengeRecord,
    codes: Sequence[str],
    *,
    mine: bool,
    via: str,
    fact: Fact,
) -> Result:
    """Compare codes with a question's, having counted the try, and carry out what the right one says."""
    stands = standing(room, challenge)
    if stands is not Standing.OPEN:
        return Result(stands.value)
    if not unit.challenges.spend_attempt(challenge.id, room.identity.attempts):
        unit.challenges.move(challenge.id, ChallengeState.LOCKED)
        return Result.LOCKED
    # A list, not a generator: every code is compared, so that the time taken says nothing.
    if not any([matches(room.key, code, challenge.code_hash) for code in codes]):  # noqa: C419
        return _fail(room, unit, challenge, via)
    case = unit.cases.get(challenge.case_id)
    return Result.UNKNOWN if case is None else _obey(unit, case, challenge, room.clock.now(), mine, via, fact)


def _obey(
    unit: Unit, case: CaseRecord, challenge: ChallengeRecord, now: datetime, mine: bool, via: str, fact: Fact
) -> Result:
    """Do what the person says who gave the right code."""
    if not mine:
        return _disown(unit, case, challenge, now, via)
    if challenge.fact_claim_ids:
        return _take_fact(unit, case, challenge, fact, now, via)
    if not unit.challenges.move(challenge.id, ChallengeState.CONFIRMED):
        return Result.UNKNOWN
    confirm(unit, case, challenge, challenge.claim_ids, now, {"via": via})
    return Result.CONFIRMED


def _fail(room: Verification, unit: Unit, challenge: ChallengeRecord, via: str) -> Result:
    event = Event(at=room.clock.now(), name=EventName.IDENTITY_FAILED, actor="requester", details={"via": via})
    unit.cases.record(challenge.case_id, event)
    if challenge.attempts + 1 < room.identity.attempts:
        return Result.WRONG_CODE
    unit.challenges.move(challenge.id, ChallengeState.LOCKED)
    return Result.LOCKED


def _take_fact(unit: Unit, case: CaseRecord, challenge: ChallengeRecord, fact: Fact, now: datetime, via: str) -> Result:
    """Keep the words given beside a right code until a person has checked them; what takes no more is confirmed at once."""
    simple = set(challenge.claim_ids) - set(challenge.fact_claim_ids)
    words = fact.words.strip()[:MOST_WORDS]
    if simple:
        confirm(unit, case, challenge, simple, now, {"via": via})
    if not words:
        return Result.FACT_MISSING
    kept = {"fact": words, "fact_mail_id": fact.mail_id}
    if not unit.challenges.move(challenge.id, ChallengeState.ANSWERED, **kept):
        return Result.UNKNOWN
    details = {"via": via, "challenge": challenge.id}
    unit.cases.record(
        case.id,
        *(
            Event(at=now, name=EventName.FACT_GIVEN, actor="requester", claim_id=claim_id, details=details)
            for claim_id in challenge.fact_claim_ids
        ),
    )
    return Result.CHECKING


def confirm(
    unit: Unit,
    case: CaseRecord,
    challenge: ChallengeRecord,
    claim_ids: Collection[int],
    now: datetime,
    how: Mapping[str, str],
) -> None:
    """Note that claims are proven, by which question and how; take up again what was being given up."""
    for claim in case.claims:
        if claim.id not in claim_ids or not revivable(claim.state, claim.proven):
            continue
        if unit.cases.move_claim(claim.id, [ClaimState.AWAITING_IDENTITY, *_UNIDENTIFIED], ClaimState.CONFIRMED):
            details = {**how, "revived": claim.state is ClaimState.ANSWERED, "challenge": challenge.id}
            unit.cases.record(
                case.id,
                Event(at=now, name=EventName.IDENTITY_CONFIRMED, actor="requester", claim_id=claim.id, details=details),
            )
    for draft in unit.drafts.of_case(case.id):
        gives_up = draft.letter in UNIDENTIFIED and bool(set(draft.claim_ids) & set(claim_ids))
        if gives_up and draft.state is not DraftState.VOID:
            if draft.letter_id is not None:
                unit.letters.move(draft.letter_id, LETTERS_STILL_HERE, LetterState.VOID)
            unit.drafts.change(draft, DraftState.VOID)
            for claim_id in set(draft.claim_ids) - set(claim_ids):
                unit.cases.move_claim(claim_id, [ClaimState.APPROVED], ClaimState.AWAITING_IDENTITY)
    if case.state is CaseState.CLOSED:
        unit.cases.reopen(case.id)
        unit.cases.record(case.id, Event(at=now, name=EventName.REOPENED, actor="requester"))


def _disown(unit: Unit, case: CaseRecord, challenge: ChallengeRecord, now: datetime, via: str) -> Result:
    if not unit.challenges.move(challenge.id, ChallengeState.DISOWNED):
        return Result.UNKNOWN
    replace(unit, unit.challenges.of_case(case.id), set(challenge.claim_ids))
    details = {"via": via, "challenge": challenge.id}
    unit.cases.record(case.id, Event(at=now, name=EventName.DISOWNED, actor="requester", details=details))
    if challenge.address != case.requester:
        # An account holder's no ends the link, not the case: the sender is answered as if nobody were on file, in due time.
        return Result.DISOWNED
    for claim in case.claims:
        if claim.id in challenge.claim_ids and not claim.proven:
            waiting = [ClaimState.AWAITING_IDENTITY, ClaimState.AWAITING_APPROVAL]
            unit.cases.move_claim(claim.id, waiting, ClaimState.DISOWNED)
    for draft in unit.drafts.of_case(case.id):
        if draft.state in {DraftState.OPEN, DraftState.RETURNED} and set(draft.claim_ids) <= set(challenge.claim_ids):
            unit.drafts.change(draft, DraftState.VOID)
    after = unit.cases.get(case.id)
    if after is not None and all(claim.state.is_final for claim in after.claims) and unit.cases.close(case.id, now):
        unit.cases.record(case.id, Event(at=now, name=EventName.CLOSED, details={"why": "disowned"}))
    return Result.DISOWNED


def replace(unit: Unit, earlier: Sequence[ChallengeRecord], claim_ids: Collection[int]) -> None:
    """End the open questions about these claims; one about another right of the case stays as it is."""
    for other in earlier:
        if set(claim_ids) & set(other.claim_ids):
            unit.challenges.move(other.id, ChallengeState.REPLACED)


def revivable(state: ClaimState, proven: bool) -> bool:
    """True where a proof still changes something: it waits for one, or is being told "we cannot identify you"."""
    return state is ClaimState.AWAITING_IDENTITY or (state in _UNIDENTIFIED and not proven)


def standing(room: Verification, challenge: ChallengeRecord) -> Standing:
    """Return how a question stands to whoever opens its link."""
    match challenge.state:
        case ChallengeState.OPEN if challenge.expires_at <= room.clock.now():
            return Standing.EXPIRED
        case ChallengeState.OPEN:
            return Standing.OPEN
        case ChallengeState.ANSWERED:
            return Standing.CHECKING
        case ChallengeState.REPLACED | ChallengeState.MISMATCH:
            return Standing.EXPIRED
        case other:
            return Standing(other.value)
