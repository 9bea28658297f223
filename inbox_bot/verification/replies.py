"""A reply to our letter may give the code, say that it was not its writer, or name what lets us find who asks."""

from collections.abc import Sequence
from dataclasses import replace

from inbox_bot.domain.case import (
    CaseRecord,
    ChallengeRecord,
    ClaimState,
    Event,
    EventName,
    MailRecord,
    MailState,
)
from inbox_bot.domain.mail import Message
from inbox_bot.domain.proof import Ask
from inbox_bot.domain.verdict import Outcome
from inbox_bot.store.unit import Unit
from inbox_bot.verification.answer import ask_anew
from inbox_bot.verification.asking import NEUTRAL, asked_event, carry_out, decide, find_origin, link_elsewhere
from inbox_bot.verification.challenge import codes_in, matches, without_code
from inbox_bot.verification.desk import LINK_PATH, Verification
from inbox_bot.verification.origin import addresses_in
from inbox_bot.verification.said import assents, denies, speaks_of_denial
from inbox_bot.verification.trial import Fact, Result, Standing, attempt, standing

MOST_NEUTRAL = 3
"""Letters "if we hold an account" that one case may bring: a sender who goes on naming addresses gets no more."""

_FEW_WORDS = 12
_MOST_FACT_WORDS = 60
_SETTLES = frozenset({Result.CONFIRMED, Result.DISOWNED, Result.CHECKING})


def read_replies(room: Verification) -> int:
    """Look through one follow-up mail for a code, a denial or a further address, then file it; return 1, or 0 if there was none."""
    with room.desk.write() as unit:
        for mail in unit.mails.load(unit.mails.next_ids(MailState.JOINED, 1)):
            if unit.mails.move(mail.id, MailState.JOINED, MailState.FILED) and mail.case_id and mail.message:
                unit.cases.lock(mail.case_id)
                codes, mine = _said(mail.message)
                if mail.message.fails_check:
                    _leave_uncounted(room, unit, mail, codes)
                    return 1
                _vouch(room, unit, mail)
                if codes and _read_codes(room, unit, mail, codes, mine=mine):
                    if _says_no_more(mail):
                        unit.mails.mark_mail_read(mail.id)
                elif not mail.message.looping and not speaks_of_denial(mail.message.reply_text):
                    _renew_if_run_out(room, unit, mail)
                    _look_again(room, unit, mail)
            return 1
    return 0


def _leave_uncounted(room: Verification, unit: Unit, mail: MailRecord, codes: Sequence[str]) -> None:
    """Let a mail that our mail server says is not from its sender confirm, deny, renew and cost nothing; a person reads it.

    Where it gives the right code the person may well have written it (a mail that was forwarded fails too): the one reminder goes
    at once to the address that was asked, and says to use the link. Nobody without the code makes a letter leave.
    """
    assert mail.case_id is not None
    case = unit.cases.get(mail.case_id)
    for challenge in reversed(unit.challenges.of_case(mail.case_id)):
        right = any([matches(room.key, code, challenge.code_hash) for code in codes])  # noqa: C419  # as in trial.attempt
        if case is None or not right or standing(room, challenge) is not Standing.OPEN:
            continue
        now = room.clock.now()
        unit.cases.record(
            case.id,
            Event(at=now, name=EventName.IDENTITY_NOT_COUNTED, actor="requester", details={"challenge": challenge.id}),
        )
        asked = [claim for claim in case.claims if claim.id in challenge.claim_ids]
        waiting = [claim for claim in asked if claim.state is ClaimState.AWAITING_IDENTITY]
        if waiting and challenge.reminded_at is None and unit.challenges.mark_reminded(challenge.id, now):
            new = room.ask(
                unit,
                case,
                [],
                waiting,
                "identity_reminder",
                to=challenge.address,
                facts=challenge.fact_claim_ids,
                by_link=True,
            )
            unit.challenges.mark_reminded(new, now)
            unit.cases.record(case.id, Event(at=now, name=EventName.IDENTITY_REMINDED))
        return


def _vouch(room: Verification, unit: Unit, mail: MailRecord) -> None:
    """Decide anew where somebody asks for what a mail that failed the check asked for, in a mail that does not fail it."""
    assert mail.case_id is not None
    case = unit.cases.get(mail.case_id)
    if case is None or mail.verdict is None or _sender(mail) != case.requester:
        return
    asked = set(mail.verdict.claims)
    unheard = [
        replace(claim, failed_check=False, threaded=False)
        for claim in case.claims
        if claim.failed_check
        and claim.claim in asked
        and claim.state is ClaimState.AWAITING_IDENTITY
        and claim.asked == Ask.PERSON
        and not claim.for_another
    ]
    if unheard:
        carry_out(room, unit, case, decide(room, unit, case, unheard, find_origin(room, unit, case)))


def _says_no_more(mail: MailRecord) -> bool:
    """True for a reply that gives the code and little else: anything more is for a person to read."""
    few = mail.message is not None and len(mail.message.reply_text.split()) <= _FEW_WORDS
    return few and (mail.verdict is None or mail.verdict.outcome is Outcome.NOT_REQUEST)


def _sender(mail: MailRecord) -> str:
    return mail.message.sender.address.lower() if mail.message is not None and mail.message.sender is not None else ""


def _renew_if_run_out(room: Verification, unit: Unit, mail: MailRecord) -> None:
    """Keep the letters' word: who answers one whose code no longer works gets a new one, a limited number of times."""
    assert mail.case_id is not None
    earlier = unit.challenges.of_case(mail.case_id)
    # Nobody but who got the letters makes new ones leave: a stranger's mails shall not fill an account holder's mailbox.
    mine = [challenge for challenge in earlier if challenge.address == _sender(mail)]
    if not mine or len(earlier) > room.identity.renewals:
        return
    if not any(standing(room, challenge) in {Standing.OPEN, Standing.CHECKING} for challenge in mine):
        claim_ids = {claim_id for challenge in mine for claim_id in challenge.claim_ids}
        ask_anew(room, unit, mail.case_id, tuple(claim_ids), actor="requester")


def _look_again(room: Verification, unit: Unit, mail: MailRecord) -> None:
    """Look once more for who asks, where a sender who is not on file answers with addresses the program has not seen.

    The sender is told the same whatever the register says, so that a reply tells nobody whether an account exists.
    """
    assert mail.case_id is not None
    assert mail.message is not None
    case = unit.cases.get(mail.case_id)
    if room.people is None or case is None or _sender(mail) != case.requester:
        return
    waiting = [claim for claim in case.claims if claim.state is ClaimState.AWAITING_IDENTITY and claim.unlinked]
    waiting = [claim for claim in waiting if not claim.for_another]
    told = [letter for letter in unit.letters.of_case(case.id) if letter.name == NEUTRAL]
    if not waiting or len(told) >= MOST_NEUTRAL:
        return
    before = [one.message for one in unit.mails.of_case(case.id) if one.message is not None and one.id != mail.id]
    leave_out = room.own | room.never_write | {case.requester}
    new = set(addresses_in([mail.message], leave_out)) - set(addresses_in(before, leave_out))
    if new:
        room.write(unit, case, waiting, NEUTRAL, {})
        for claim in waiting:
            _decide_again(room, unit, case, claim.id)
    elif any(claim.asked == Ask.QUESTION for claim in waiting):
        # What the answer says is for a person, who has it before them as an unread mail.
        for claim in waiting:
            if claim.asked == Ask.QUESTION:
                _decide_again(room, unit, case, claim.id)


def _decide_again(room: Verification, unit: Unit, case: CaseRecord, claim_id: int) -> None:
    claims = [claim for claim in case.claims if claim.id == claim_id]
    [found] = decide(room, unit, case, claims, find_origin(room, unit, case))
    linked = {one.address for one in unit.challenges.of_case(case.id) if claim_id in one.claim_ids}
    if found.row.ask.is_link and found.link_to(case) in linked:
        return
    link_elsewhere(room, unit, case, [found])
    unit.cases.record(case.id, asked_event(room, case, found))


def _said(message: Message) -> tuple[tuple[str, ...], bool]:
    """Return the codes a reply gives and whether it says yes or no with them; none where a person should read it.

    A code newly typed counts as given. One that is only quoted counts below a plain "yes" or a plain "it was not me"; below
    anything else, or nothing, it says no more than that our mail reached something that answers.
    """
    typed, quoted = codes_in(message.reply_text), codes_in(message.quoted_text)
    if LINK_PATH in message.reply_text:
        # Our letter stands there with its link, without a mark of quotation: what gives it back may be a machine.
        return (), True
    if denies(message.reply_text) and not typed:
        return quoted, False
    if speaks_of_denial(message.reply_text):
        return (), True  # Whoever types the code and says "inte jag" too may mean either.
    if typed:
        return typed, True
    return (quoted if assents(message.reply_text) else ()), True


def _read_codes(room: Verification, unit: Unit, mail: MailRecord, codes: Sequence[str], *, mine: bool) -> bool:
    """Try codes found in a mail against the case's questions, newest first; True if one settled the matter."""
    assert mail.case_id is not None
    earlier = unit.challenges.of_case(mail.case_id)
    for challenge in reversed(earlier):
        if any(matches(room.key, code, challenge.code_hash) for code in codes):
            fact = _fact_in(room, mail, challenge)
            return attempt(room, unit, challenge, codes, mine=mine, via="reply", fact=fact) in _SETTLES
    # A wrong code costs a try of the question its sender was asked; a stranger's locks nobody else's.
    for challenge in [one for one in earlier if one.address == _sender(mail)][-1:]:
        attempt(room, unit, challenge, codes[:1], mine=mine, via="reply", fact=Fact())
    return False


def _fact_in(room: Verification, mail: MailRecord, challenge: ChallengeRecord) -> Fact:
    """Return what a reply says beside the code: the one thing only the person knows, if that is all it says."""
    assert mail.message is not None
    words = without_code(room.key, mail.message.reply_text, challenge.code_hash)
    asks = mail.verdict is not None and mail.verdict.outcome is not Outcome.NOT_REQUEST
    return Fact() if asks or len(words.split()) > _MOST_FACT_WORDS else Fact(words=words, mail_id=mail.id)
