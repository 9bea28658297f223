"""The person's answer to the question of identity: a code typed on the page or in a reply. A link alone does nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from inbox_bot.domain.case import ChallengeRecord, ChallengeState, Event, EventName
from inbox_bot.domain.rights import Claim
from inbox_bot.store.unit import Unit
from inbox_bot.verification.challenge import keyed_hash
from inbox_bot.verification.desk import Verification
from inbox_bot.verification.trial import Fact, Result, Standing, attempt, replace, revivable, standing

BETWEEN_RENEWALS = timedelta(minutes=2)


@dataclass(frozen=True, kw_only=True)
class QuestionView:
    """What the page behind a link may show before anything is proven: no name, no address, no wording of the mail.

    ``fact``: one thing more is asked for. ``elsewhere``: the request came from another address than the link went to.
    ``newer``: when the link that is to be used instead was mailed to the same address.
    """

    standing: Standing
    language: str = "sv"
    reference: str = ""
    claims: tuple[Claim, ...] = ()
    received_at: datetime | None = None
    attempts_left: int = 0
    fact: bool = False
    elsewhere: bool = False
    newer: datetime | None = None


def look(room: Verification, token: str) -> QuestionView:
    """Return what a link stands for; changes nothing, whoever opens it."""
    with room.desk.look() as unit:
        challenge = unit.challenges.by_token(keyed_hash(room.key, "token", token))
        case = None if challenge is None else unit.cases.get(challenge.case_id)
        others = () if challenge is None else unit.challenges.of_case(challenge.case_id)
    if challenge is None or case is None:
        return QuestionView(standing=Standing.UNKNOWN)
    asked = [claim for claim in case.claims if claim.id in challenge.claim_ids]
    return QuestionView(
        standing=standing(room, challenge),
        language=case.language,
        reference=case.reference,
        claims=tuple(claim.claim for claim in asked),
        received_at=min((claim.clock.received_at for claim in asked), default=case.opened_at),
        attempts_left=max(0, room.identity.attempts - challenge.attempts),
        fact=bool(challenge.fact_claim_ids),
        elsewhere=challenge.address != case.requester,
        newer=_newer(challenge, others),
    )


def _newer(challenge: ChallengeRecord, others: Sequence[ChallengeRecord]) -> datetime | None:
    """Return when the link that took an old one's place was mailed; nothing of links to other addresses is told."""
    if challenge.state is not ChallengeState.REPLACED or not challenge.address:
        return None
    after = [one for one in others if one.id > challenge.id and one.address == challenge.address]
    return after[-1].asked_at if after else None


def answer(room: Verification, token: str, code: str, *, mine: bool, fact: str = "") -> Result:
    """Take a typed code as "yes, I asked" (``mine``) or "it was not me". Every try is counted before it is compared.

    ``fact``: the one thing only the person knows, where the question asks for it; a yes that lacks it costs no try.
    """
    with room.desk.write() as unit:
        challenge = unit.challenges.by_token(keyed_hash(room.key, "token", token))
        if challenge is None:
            return Result.UNKNOWN
        unit.cases.lock(challenge.case_id)
        if mine and not fact.strip() and set(challenge.fact_claim_ids) == set(challenge.claim_ids):
            stands = standing(room, challenge)
            return Result.FACT_MISSING if stands is Standing.OPEN else Result(stands.value)
        return attempt(room, unit, challenge, [code], mine=mine, via="page", fact=Fact(words=fact))


def renew(room: Verification, token: str) -> Result:
    """Send a new link and code to the address the old ones went to, a limited number of times."""
    with room.desk.write() as unit:
        challenge = unit.challenges.by_token(keyed_hash(room.key, "token", token))
        if challenge is None:
            return Result.UNKNOWN
        earlier = unit.challenges.of_case(challenge.case_id)
        now = room.clock.now()
        # A scanner that presses buttons as a letter arrives shall neither fill anyone's mailbox nor end the code in it.
        hasty = any(now - other.asked_at < BETWEEN_RENEWALS for other in earlier)
        if hasty or len(earlier) > room.identity.renewals:
            return Result.NOT_NOW
        return ask_anew(room, unit, challenge.case_id, challenge.claim_ids, actor="requester")


def ask_again(room: Verification, reference: str, *, by: str) -> Result:
    """Send a new link and code because a person on the staff says so: the first letter bounced, or its code ran out.

    Each goes where the last one about those claims went; a claim no link was ever sent for gets none.
    """
    with room.desk.write() as unit:
        case = unit.cases.by_reference(reference)
        if case is None:
            return Result.UNKNOWN
        return ask_anew(room, unit, case.id, tuple(claim.id for claim in case.claims), actor=by)


def ask_anew(room: Verification, unit: Unit, case_id: int, claim_ids: Sequence[int], *, actor: str) -> Result:
    """Send new links for those of these claims that still wait, to the addresses the last ones went to."""
    unit.cases.lock(case_id)
    case = unit.cases.get(case_id)
    found = () if case is None else case.claims
    waiting = {claim.id: claim for claim in found if claim.id in claim_ids and revivable(claim.state, claim.proven)}
    earlier = unit.challenges.of_case(case_id)
    last = {claim_id: challenge for challenge in earlier for claim_id in challenge.claim_ids if claim_id in waiting}
    if case is None or not last:
        return Result.NOT_NOW
    by = "" if actor in {"program", "requester"} else actor
    for address in dict.fromkeys(challenge.address for challenge in last.values()):
        again = {claim_id: one for claim_id, one in last.items() if one.address == address}
        facts = {claim_id for claim_id, one in again.items() if claim_id in one.fact_claim_ids}
        claims = [waiting[claim_id] for claim_id in sorted(again)]
        room.ask(unit, case, [], claims, "identity_link", to=address, facts=facts, by=by)
    replace(unit, earlier, last.keys())
    unit.cases.record(case_id, Event(at=room.clock.now(), name=EventName.IDENTITY_RENEWED, actor=actor))
    return Result.RENEWED
