"""Files judged mails: a follow-up joins its case, a request opens one, the unsure wait for a person, the rest is left."""

from collections.abc import Iterable

from inbox_bot import log
from inbox_bot.case.matching import belongs_to, is_site_form, normal_address, references_in, same_matter, thread_ids
from inbox_bot.clock import Clock, stockholm_day
from inbox_bot.domain.case import CaseRecord, Event, EventName, MailRecord, MailState
from inbox_bot.domain.correspondence import sendable
from inbox_bot.domain.dates import Calendar, ClockEvents
from inbox_bot.domain.letters import Language
from inbox_bot.domain.mail import Address
from inbox_bot.domain.rights import Claim, Right
from inbox_bot.errors import NotAllowedError
from inbox_bot.store.unit import Desk, Unit

BATCH = 200
OTHER_ADDRESS = "other_address"
_log = log.get("case")


def leave(desk: Desk) -> int:
    """Empty a batch of mails that are no request and follow up no case; join those that do. Return how many."""
    with desk.write() as unit:
        mails = unit.mails.take(MailState.NOT_REQUEST, BATCH)
        pointing = {mail.id: _pointers(mail) for mail in mails}
        known = _cases_of(unit, {message_id for ids in pointing.values() for message_id in ids})
        left = []
        for mail in mails:
            case = _known_case(unit, mail, {known[found] for found in pointing[mail.id] if found in known})
            if case is not None:
                _join(unit, mail, case, MailState.NOT_REQUEST)
            elif _answers_us(unit, mail):
                unit.mails.move(mail.id, MailState.NOT_REQUEST, MailState.TO_SORT, reason=OTHER_ADDRESS)
            else:
                left.append(mail.id)
        unit.mails.empty(left, MailState.LEFT)
    return len(mails)


def file(
    desk: Desk, calendar: Calendar, clock: Clock, *, prefix: str, own: frozenset[str], never_write: frozenset[str]
) -> int:
    """File the oldest request or unsure mail; return 1, or 0 if there was none.

    A mail that cannot be filed (a receipt date no calendar covers, say) goes to a person and never stops those behind it.
    """
    mail: MailRecord | None = None
    try:
        with desk.write() as unit:
            for state in (MailState.REQUEST, MailState.UNSURE):
                for mail in unit.mails.take(state, 1):
                    _file_one(unit, mail, calendar, clock, prefix=prefix, own=own, never_write=never_write)
                    return 1
    except Exception as error:
        if mail is None:
            raise
        _log.error("mail_not_filed", mail_id=mail.id, error=type(error).__name__)
        with desk.write() as unit:
            unit.mails.move(mail.id, mail.state, MailState.TO_SORT, reason="not_filed")
        return 1
    return 0


def _file_one(
    unit: Unit,
    mail: MailRecord,
    calendar: Calendar,
    clock: Clock,
    *,
    prefix: str,
    own: frozenset[str],
    never_write: frozenset[str],
) -> None:
    assert mail.message is not None
    assert mail.verdict is not None
    claims = mail.verdict.claims if mail.state is MailState.REQUEST else ()
    reason = _reason_for_a_person(mail, own, never_write)
    unit.cases.lock_requester(normal_address(_sender(mail)))
    case = _known_case(unit, mail, set(_cases_of(unit, set(_pointers(mail))).values()))
    if case is None and claims and not reason:
        case = same_matter(claims, unit.cases.of_requester(normal_address(_sender(mail))))
    if case is not None:
        # Another worker may close the case in the meantime; what is decided below must hold when it is written.
        unit.cases.lock(case.id)
        case = unit.cases.get(case.id)
    elif not reason and not claims and _answers_us(unit, mail):
        reason = OTHER_ADDRESS
    if case is not None and claims and not reason:
        claims = tuple(new_claims(case, claims))
        if case.closed_at is not None or (set(claims) & settled(case)):
            case = None  # What was answered is over: asked anew, even for the same right, it gets a clock of its own.
    if case is not None and not (claims and reason):
        _join(unit, mail, case, mail.state)
        threaded = points_to_us(unit, mail, case)
        add_claims(unit, case, claims, mail, calendar, clock, actor="program", threaded=threaded)
    elif claims and not reason:
        assert mail.message.sender is not None
        person = mail.message.sender
        open_case(unit, mail, claims, calendar, clock, person=person, prefix=prefix, actor="program", old=mail.state)
    else:
        unit.mails.move(
            mail.id, mail.state, MailState.TO_SORT, reason=reason or ",".join(mail.verdict.reasons) or "unsure"
        )


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
) -> CaseRecord:
    """Open a case of ``person`` for a mail, one clock a right. Raises NotAllowedError if someone filed the mail first."""
    now = clock.now()
    language = Language.EN if mail.verdict is not None and mail.verdict.language == "en" else Language.SV
    case = unit.cases.open(
        prefix=prefix,
        year=stockholm_day(mail.received_at).year,
        requester=normal_address(person.address),
        name=person.name,
        language=language.value,
        at=now,
    )
    if not unit.mails.move(mail.id, old, MailState.FILED, case_id=case.id):
        raise NotAllowedError(f"Mail {mail.id} was filed by someone else just now.")
    unit.cases.record(case.id, Event(at=now, name=EventName.OPENED, actor=actor, details={"mail": mail.id}))
    add_claims(unit, case, claims, mail, calendar, clock, actor=actor)
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
) -> None:
    """Add rights to a case; each starts its own clock at the mail's receipt (law.md 1.4).

    ``threaded``: the mail answers one of our letters in the case, which only who got that letter can do.
    """
    for claim in sorted(claims):
        pausable = not claim.marketing and claim.right is not Right.CONSENT_WITHDRAWAL
        due = calendar.dates(ClockEvents(received_at=mail.received_at, pausable=pausable)).due
        claim_id = unit.cases.add_claim(case.id, claim, received_at=mail.received_at, pausable=pausable, due=due)
        details = {"mail": mail.id, "right": claim.right.value, "marketing": claim.marketing, "due": due.isoformat()}
        details["threaded"] = threaded
        unit.cases.record(
            case.id,
            Event(at=clock.now(), name=EventName.CLAIM_ADDED, actor=actor, claim_id=claim_id, details=details),
        )


def _join(unit: Unit, mail: MailRecord, case: CaseRecord, old: MailState) -> None:
    if unit.mails.move(mail.id, old, MailState.JOINED, unread=True, case_id=case.id):
        unit.cases.record(
            case.id,
            Event(at=mail.received_at, name=EventName.MAIL_JOINED, actor="requester", details={"mail": mail.id}),
        )


def _pointers(mail: MailRecord) -> tuple[str, ...]:
    return thread_ids(mail.message) if mail.message is not None else ()


def _cases_of(unit: Unit, message_ids: set[str]) -> dict[str, int]:
    return unit.letters.cases_with_message(message_ids) | unit.mails.cases_with_message(message_ids)


def _known_case(unit: Unit, mail: MailRecord, threaded: set[int]) -> CaseRecord | None:
    """Return the case that a mail follows up, among those its thread or its subject names."""
    assert mail.message is not None
    cases = [unit.cases.get(case_id) for case_id in sorted(threaded)]
    cases += [unit.cases.by_reference(reference) for reference in references_in(mail.message.subject)]
    return belongs_to(mail.message, [case for case in cases if case is not None])


def new_claims(case: CaseRecord, claims: Iterable[Claim]) -> list[Claim]:
    """Return those of the rights asked for that do not run in the case already."""
    running = {record.claim for record in case.claims if not record.state.is_final}
    return [claim for claim in claims if claim not in running]


def settled(case: CaseRecord) -> set[Claim]:
    """Return the rights that were asked for in the case and are at their end."""
    return {record.claim for record in case.claims if record.state.is_final}


def points_to_us(unit: Unit, mail: MailRecord, case: CaseRecord) -> bool:
    """True if the mail answers a letter of ours in the case: its Message-ID cannot be guessed, only received."""
    assert mail.message is not None
    ids = {*mail.message.in_reply_to, *mail.message.references}
    return case.id in unit.letters.cases_with_message(ids).values()


def _answers_us(unit: Unit, mail: MailRecord) -> bool:
    """True if a mail that joins no case answers a letter of ours or names a case: someone writes from another address."""
    assert mail.message is not None
    ids = {*mail.message.in_reply_to, *mail.message.references}
    named = references_in(mail.message.subject)
    return bool(unit.letters.cases_with_message(ids)) or any(
        unit.cases.by_reference(name) is not None for name in named
    )


def _reason_for_a_person(mail: MailRecord, own: frozenset[str], never_write: frozenset[str]) -> str:
    """Return why the program may not open a case and write by itself, or ``""``."""
    if mail.historic:
        return "historic"
    if not _sender(mail):
        return "no_sender"
    if mail.message is not None and is_site_form(mail.message, own):
        return "site_form"
    if normal_address(_sender(mail)) in never_write:
        return "never_write"
    if sendable(_sender(mail)) is None:
        return "unwritable_address"  # No letter could ever leave for it; a person finds another way.
    return ""


def _sender(mail: MailRecord) -> str:
    return mail.message.sender.address if mail.message is not None and mail.message.sender is not None else ""
