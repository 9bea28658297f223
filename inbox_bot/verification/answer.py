"""The person's answer to the question of identity: a code typed on the page, or a reply to the mail. A link alone does nothing."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
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
    MailRecord,
    MailState,
)
from inbox_bot.domain.mail import Message
from inbox_bot.domain.rights import Claim
from inbox_bot.domain.verdict import Outcome
from inbox_bot.store.unit import Unit
from inbox_bot.verification.challenge import codes_in, keyed_hash, matches
from inbox_bot.verification.desk import Verification
from inbox_bot.verification.proof import assents, denies, speaks_of_denial

BETWEEN_RENEWALS = timedelta(minutes=2)
_FEW_WORDS = 12


_UNIDENTIFIED = (ClaimState.AWAITING_APPROVAL, ClaimState.APPROVED, ClaimState.ANSWERED)
"""Where an unproven claim stands while "we cannot identify you" is given back, is on its way, or has left."""


class Standing(StrEnum):
    """How a question of identity looks to the person who opens its link."""

    OPEN = "open"
    EXPIRED = "expired"
    LOCKED = "locked"
    CONFIRMED = "confirmed"
    DISOWNED = "disowned"
    UNKNOWN = "unknown"


class Result(StrEnum):
    """What a typed code, or a wish for a new link, led to."""

    CONFIRMED = "confirmed"
    DISOWNED = "disowned"
    WRONG_CODE = "wrong_code"
    LOCKED = "locked"
    EXPIRED = "expired"
    RENEWED = "renewed"
    NOT_NOW = "not_now"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class QuestionView:
    """What the page behind a link may show before anything is proven: no name, no address, no wording of the mail."""

    standing: Standing
    language: str = "sv"
    reference: str = ""
    claims: tuple[Claim, ...] = ()
    received_at: datetime | None = None
    attempts_left: int = 0


def look(room: Verification, token: str) -> QuestionView:
    """Return what a link stands for; changes nothing, whoever opens it."""
    with room.desk.look() as unit:
        challenge = unit.challenges.by_token(keyed_hash(room.key, "token", token))
        case = None if challenge is None else unit.cases.get(challenge.case_id)
    if challenge is None or case is None:
        return QuestionView(standing=Standing.UNKNOWN)
    asked = [claim for claim in case.claims if claim.id in challenge.claim_ids]
    return QuestionView(
        standing=_standing(room, challenge),
        language=case.language,
        reference=case.reference,
        claims=tuple(claim.claim for claim in asked),
        received_at=min((claim.clock.received_at for claim in asked), default=case.opened_at),
        attempts_left=max(0, room.identity.attempts - challenge.attempts),
    )


def answer(room: Verification, token: str, code: str, *, mine: bool) -> Result:
    """Take a typed code as "yes, I asked" (``mine``) or "it was not me". Every try is counted before it is compared."""
    with room.desk.write() as unit:
        challenge = unit.challenges.by_token(keyed_hash(room.key, "token", token))
        if challenge is None:
            return Result.UNKNOWN
        unit.cases.lock(challenge.case_id)
        return _try(room, unit, challenge, [code], mine=mine, via="page")


def renew(room: Verification, token: str) -> Result:
    """Send a new link and code to the address the old ones went to, a limited number of times."""
    with room.desk.write() as unit:
        challenge = unit.challenges.by_token(keyed_hash(room.key, "token", token))
        if challenge is None:
            return Result.UNKNOWN
        earlier = unit.challenges.of_case(challenge.case_id)
        now = room.clock.now()
        # A scanner that presses buttons shall not fill anyone's mailbox.
        hasty = any(now - other.asked_at < BETWEEN_RENEWALS for other in earlier[1:])
        if hasty or len(earlier) > room.identity.renewals:
            return Result.NOT_NOW
        return _ask_anew(room, unit, challenge.case_id, challenge.claim_ids, actor="requester")


def ask_again(room: Verification, reference: str, *, by: str) -> Result:
    """Send a new link and code because a person on the staff says so: the first letter bounced, or its code ran out."""
    with room.desk.write() as unit:
        case = unit.cases.by_reference(reference)
        if case is None:
            return Result.UNKNOWN
        return _ask_anew(room, unit, case.id, tuple(claim.id for claim in case.claims), actor=by)


def _ask_anew(room: Verification, unit: Unit, case_id: int, claim_ids: Sequence[int], *, actor: str) -> Result:
    unit.cases.lock(case_id)
    case = unit.cases.get(case_id)
    found = () if case is None else case.claims
    waiting = [claim for claim in found if claim.id in claim_ids and _revivable(claim.state, claim.proven)]
    if case is None or not waiting:
        return Result.NOT_NOW
    earlier = unit.challenges.of_case(case_id)
    room.ask(unit, case, [], waiting, "identity_link")
    _replace(unit, earlier, {claim.id for claim in waiting})
    unit.cases.record(case_id, Event(at=room.clock.now(), name=EventName.IDENTITY_RENEWED, actor=actor))
    return Result.RENEWED


def read_replies(room: Verification) -> int:
    """Look through one follow-up mail for a code or a denial, then file it; return 1, or 0 if there was none."""
    with room.desk.write() as unit:
        for mail in unit.mails.load(unit.mails.next_ids(MailState.JOINED, 1)):
            if unit.mails.move(mail.id, MailState.JOINED, MailState.FILED) and mail.case_id and mail.message:
                unit.cases.lock(mail.case_id)
                codes, mine = _said(mail.message)
                if codes and _read_codes(room, unit, mail.case_id, codes, mine=mine):
                    if _says_no_more(mail):
                        unit.mails.mark_mail_read(mail.id)
                elif not speaks_of_denial(mail.message.reply_text):
                    _renew_if_run_out(room, unit, mail.case_id)
            return 1
    return 0


def _says_no_more(mail: MailRecord) -> bool:
    """True for a reply that gives the code and little else: anything more is for a person to read."""
    few = mail.message is not None and len(mail.message.reply_text.split()) <= _FEW_WORDS
    return few and (mail.verdict is None or mail.verdict.outcome is Outcome.NOT_REQUEST)


def _renew_if_run_out(room: Verification, unit: Unit, case_id: int) -> None:
    """Keep the letters' word: who answers one whose code no longer works gets a new one, a limited number of times."""
    earlier = unit.challenges.of_case(case_id)
    if not earlier or len(earlier) > room.identity.renewals:
        return
    if not any(_standing(room, challenge) is Standing.OPEN for challenge in earlier):
        claim_ids = {claim_id for challenge in earlier for claim_id in challenge.claim_ids}
        _ask_anew(room, unit, case_id, tuple(claim_ids), actor="requester")


def _said(message: Message) -> tuple[tuple[str, ...], bool]:
    """Return the codes a reply gives and whether it says yes or no with them; none where a person should read it.

    A code newly typed counts as given. One that is only quoted counts below a plain "yes", a plain "it was not me" or
    nothing at all; below anything else it says no more than that our mail was read.
    """
    typed, quoted = codes_in(message.reply_text), codes_in(message.quoted_text)
    if denies(message.reply_text) and not typed:
        return quoted, False
    if speaks_of_denial(message.reply_text):
        return (), True  # Whoever types the code and says "inte jag" too may mean either.
    if typed:
        return typed, True
    return (quoted if assents(message.reply_text) or not message.reply_text.strip() else ()), True


def _read_codes(room: Verification, unit: Unit, case_id: int, codes: Sequence[str], *, mine: bool) -> bool:
    """Try codes found in a mail against the case's questions, newest first; True if one settled the matter."""
    for challenge in reversed(unit.challenges.of_case(case_id)):
        if any(matches(room.key, code, challenge.code_hash) for code in codes):
            return _try(room, unit, challenge, codes, mine=mine, via="reply") in {Result.CONFIRMED, Result.DISOWNED}
    for challenge in unit.challenges.of_case(case_id)[-1:]:
        _try(room, unit, challenge, codes[:1], mine=mine, via="reply")
    return False


def _try(
    room: Verification, unit: Unit, challenge: ChallengeRecord, codes: Sequence[str], *, mine: bool, via: str
) -> Result:
    standing = _standing(room, challenge)
    if standing is not Standing.OPEN:
        return Result(standing.value)
    if not unit.challenges.spend_attempt(challenge.id, room.identity.attempts):
        unit.challenges.move(challenge.id, ChallengeState.LOCKED)
        return Result.LOCKED
    # A list, not a generator: every code is compared, so that the time taken says nothing.
    if not any([matches(room.key, code, challenge.code_hash) for code in codes]):  # noqa: C419
        return _fail(room, unit, challenge, via)
    case = unit.cases.get(challenge.case_id)
    wanted = ChallengeState.CONFIRMED if mine else ChallengeState.DISOWNED
    if case is None or not unit.challenges.move(challenge.id, wanted):
        return Result.UNKNOWN
    settle = _confirm if mine else _disown
    settle(unit, case, challenge, room.clock.now(), via)
    return Result(wanted.value)


def _fail(room: Verification, unit: Unit, challenge: ChallengeRecord, via: str) -> Result:
    event = Event(at=room.clock.now(), name=EventName.IDENTITY_FAILED, actor="requester", details={"via": via})
    unit.cases.record(challenge.case_id, event)
    if challenge.attempts + 1 < room.identity.attempts:
        return Result.WRONG_CODE
    unit.challenges.move(challenge.id, ChallengeState.LOCKED)
    return Result.LOCKED


def _confirm(unit: Unit, case: CaseRecord, challenge: ChallengeRecord, now: datetime, via: str) -> None:
    for claim in case.claims:
        if claim.id not in challenge.claim_ids or not _revivable(claim.state, claim.proven):
            continue
        if unit.cases.move_claim(claim.id, [ClaimState.AWAITING_IDENTITY, *_UNIDENTIFIED], ClaimState.CONFIRMED):
            details = {"via": via, "revived": claim.state is ClaimState.ANSWERED}
            unit.cases.record(
                case.id,
                Event(at=now, name=EventName.IDENTITY_CONFIRMED, actor="requester", claim_id=claim.id, details=details),
            )
    for draft in unit.drafts.of_case(case.id):
        if draft.letter == "cannot_identify" and draft.state is not DraftState.VOID:
            if draft.letter_id is not None:
                unit.letters.move(draft.letter_id, LETTERS_STILL_HERE, LetterState.VOID)
            unit.drafts.change(draft, DraftState.VOID)
    if case.state is CaseState.CLOSED:
        unit.cases.reopen(case.id)
        unit.cases.record(case.id, Event(at=now, name=EventName.REOPENED, actor="requester"))


def _disown(unit: Unit, case: CaseRecord, challenge: ChallengeRecord, now: datetime, via: str) -> None:
    for claim in case.claims:
        if claim.id in challenge.claim_ids and not claim.proven:
            waiting = [ClaimState.AWAITING_IDENTITY, ClaimState.AWAITING_APPROVAL]
            unit.cases.move_claim(claim.id, waiting, ClaimState.DISOWNED)
    unit.cases.record(case.id, Event(at=now, name=EventName.DISOWNED, actor="requester", details={"via": via}))
    for draft in unit.drafts.of_case(case.id):
        if draft.state in {DraftState.OPEN, DraftState.RETURNED} and set(draft.claim_ids) <= set(challenge.claim_ids):
            unit.drafts.change(draft, DraftState.VOID)
    _replace(unit, unit.challenges.of_case(case.id), set(challenge.claim_ids))
    after = unit.cases.get(case.id)
    if after is not None and all(claim.state.is_final for claim in after.claims) and unit.cases.close(case.id, now):
        unit.cases.record(case.id, Event(at=now, name=EventName.CLOSED, details={"why": "disowned"}))


def _replace(unit: Unit, earlier: Sequence[ChallengeRecord], claim_ids: Collection[int]) -> None:
    """End the open questions about these claims; one about another right of the case stays as it is."""
    for other in earlier:
        if set(claim_ids) & set(other.claim_ids):
            unit.challenges.move(other.id, ChallengeState.REPLACED)


def _revivable(state: ClaimState, proven: bool) -> bool:
    """True where a proof still changes something: it waits for one, or is being told "we cannot identify you"."""
    return state is ClaimState.AWAITING_IDENTITY or (state in _UNIDENTIFIED and not proven)


def _standing(room: Verification, challenge: ChallengeRecord) -> Standing:
    match challenge.state:
        case ChallengeState.OPEN if challenge.expires_at <= room.clock.now():
            return Standing.EXPIRED
        case ChallengeState.OPEN:
            return Standing.OPEN
        case ChallengeState.REPLACED:
            return Standing.EXPIRED
        case other:
            return Standing(other.value)
