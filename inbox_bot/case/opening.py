"""Puts mails and rights into cases: a new case, a further right with its own clock, a follow-up in the case it belongs to."""

from collections.abc import Iterable

from inbox_bot.clock import Clock, stockholm_day
from inbox_bot.domain.address import normal_address
from inbox_bot.domain.case import CaseRecord, Event, EventName, MailRecord, MailState
from inbox_bot.domain.dates import Calendar, ClockEvents
from inbox_bot.domain.letters import Language
from inbox_bot.domain.mail import Address
from inbox_bot.domain.rights import Claim, Right
from inbox_bot.errors import NotAllowedError
from inbox_bot.store.unit import Unit


def open_case(
    unit: Unit,
    mail: MailRecord,
    claims: Iterable[Claim],
    calendar: Calendar,
    clock: Clock,
    *,
    person: Address,
    prefix: str,
    actor: str,
    old: MailState,
    for_another: bool = False,
    language: str = "",
) -> CaseRecord:
    """Open a case of ``person`` for a mail, one clock a right. Raises NotAllowedError if someone filed the mail first.

    ``language``: the person's, where the mail's own verdict does not tell it.
    """
    now = clock.now()
    spoken = language or (mail.verdict.language if mail.verdict is not None else "")
    case = unit.cases.open(
        prefix=prefix,
        year=stockholm_day(mail.received_at).year,
        requester=normal_address(person.address),
        name=person.name,
        language=(Language.EN if spoken == "en" else Language.SV).value,
        at=now,
        mailbox=mail.mailbox,
    )
    if not unit.mails.move(mail.id, old, MailState.FILED, case_id=case.id):
        raise NotAllowedError(f"Mail {mail.id} was filed by someone else just now.")
    subject = "" if mail.message is None else mail.message.subject
    unit.words.add(case.id, person=(case.requester, case.requester_name), subject=subject)
    unit.cases.record(case.id, Event(at=now, name=EventName.OPENED, actor=actor, details={"mail": mail.id}))
    add_claims(unit, case, claims, mail, calendar, clock, actor=actor, for_another=for_another)
    return case


def add_claims(
    unit: Unit,
    case: CaseRecord,
    claims: Iterable[Claim],
    mail: MailRecord,
    calendar: Calendar,
    clock: Clock,
    *,
    actor: str,
    threaded: bool = False,
    for_another: bool = False,
) -> None:
    """Add rights to a case; each starts its own clock at the mail's receipt (law.md 1.4).

    ``threaded``: the mail answers one of our letters to the requester, which only who got that letter can do. ``for_another``: a
    person has found that its sender asks for someone else.
    """
    # What came through our own site's form is the server's own mail, not the person's.
    fails = mail.message is not None and mail.message.fails_check and _is_from(mail, case.requester)
    for claim in sorted(claims):
        pausable = not claim.marketing and claim.right is not Right.CONSENT_WITHDRAWAL
        due = calendar.dates(ClockEvents(received_at=mail.received_at, pausable=pausable)).due
        claim_id = unit.cases.add_claim(case.id, claim, received_at=mail.received_at, pausable=pausable, due=due)
        details = {"mail": mail.id, "right": claim.right.value, "marketing": claim.marketing, "due": due.isoformat()}
        details["threaded"] = threaded
        if for_another:
            details["for_another"] = True
        if fails:
            details["failed_check"] = True
        unit.cases.record(
            case.id,
            Event(at=clock.now(), name=EventName.CLAIM_ADDED, actor=actor, claim_id=claim_id, details=details),
        )


def _is_from(mail: MailRecord, address: str) -> bool:
    sender = mail.message.sender if mail.message is not None else None
    return sender is not None and normal_address(sender.address) == address


def join(unit: Unit, mail: MailRecord, case: CaseRecord, old: MailState, *, unread: bool = True) -> None:
    """Put a mail into the case it follows up. ``unread`` False: it says nothing that a person has not been shown before."""
    if unit.mails.move(mail.id, old, MailState.JOINED, unread=unread, case_id=case.id):
        note_subject(unit, mail, case)
        unit.cases.record(
            case.id,
            Event(at=mail.received_at, name=EventName.MAIL_JOINED, actor="requester", details={"mail": mail.id}),
        )


def note_subject(unit: Unit, mail: MailRecord, case: CaseRecord) -> None:
    """Let a case be found by what its mails are about."""
    if mail.message is not None:
        unit.words.add(case.id, subject=mail.message.subject)


def new_claims(case: CaseRecord, claims: Iterable[Claim]) -> list[Claim]:
    """Return those of the rights asked for that do not run in the case already."""
    running = {record.claim for record in case.claims if not record.state.is_final}
    return [claim for claim in claims if claim not in running]


def settled(case: CaseRecord) -> set[Claim]:
    """Return the rights that were asked for in the case and are at their end."""
    return {record.claim for record in case.claims if record.state.is_final}


def points_to_us(unit: Unit, mail: MailRecord, case: CaseRecord) -> bool:
    """True if the mail answers a letter of ours to the case's requester: its Message-ID cannot be guessed, only received.

    A letter to somebody else in the case (a supplier, an account holder) proves nothing of who answers it.
    """
    assert mail.message is not None
    ids = {*mail.message.in_reply_to, *mail.message.references}
    return unit.letters.any_to(case.requester, case.id, ids)
