"""A person says what an unsure mail is: a request for these rights, or none."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from inbox_bot.case.matching import asker, same_matter
from inbox_bot.case.opening import add_claims, new_claims, note_subject, open_case, points_to_us, settled
from inbox_bot.clock import Clock, stockholm_day
from inbox_bot.domain.address import normal_address
from inbox_bot.domain.case import CaseRecord, ClaimState, Event, EventName, MailRecord, MailState
from inbox_bot.domain.correspondence import sendable
from inbox_bot.domain.dates import Calendar
from inbox_bot.domain.example import Keeper, KeptExample, asked_in
from inbox_bot.domain.mail import Address, Message
from inbox_bot.domain.rights import Claim
from inbox_bot.domain.verdict import Outcome
from inbox_bot.errors import NotAllowedError, NotFoundError
from inbox_bot.store.unit import Desk, Unit


@dataclass(frozen=True, kw_only=True)
class _Decided:
    """What a person (``by``) says of a mail: who asks for which rights. ``alone``: it follows up nothing of that person's."""

    claims: Sequence[Claim]
    person: Address
    by: str
    for_another: bool
    alone: bool


def sort(
    desk: Desk,
    calendar: Calendar,
    clock: Clock,
    keeper: Keeper,
    *,
    prefix: str,
    own: frozenset[str],
    mail_id: int,
    claims: Sequence[Claim],
    by: str,
    for_another: bool = False,
    person: Address | None = None,
    answerable: Callable[[str], bool] = bool,
) -> CaseRecord | None:
    """File a waiting mail as the person says; return its case, or None if it is no request and has been emptied.

    ``for_another``: its sender asks for someone else, so a person decides how that someone is asked (law.md 2.3).
    ``person``: who asks, where the mail itself does not say; ``answerable`` tells a sender that is nobody (a form's noreply).
    The decision is kept as an example to learn from. Raises NotFoundError for an unknown mail and NotAllowedError for one
    that does not wait or has no sender to answer.
    """
    keeper.ready()
    today = stockholm_day(clock.now())
    with desk.write() as unit:
        mail = unit.mails.get(mail_id)
        if mail is None:
            raise NotFoundError(f"There is no mail {mail_id}.")
        if mail.state is not MailState.TO_SORT or mail.message is None:
            raise NotAllowedError(f"Mail {mail_id} does not wait to be sorted (it is {mail.state.value}).")
        if not claims:
            _leave(unit, mail, by=by, example=keeper.example(mail, (), today))
            return None
        who = asker(mail.message, own, answerable)
        if who is None or not answerable(who.address):
            who = person or who
        who = _writable(mail_id, who, own)
        # Whoever writes by way of an address that nobody reads is not who wrote by way of it before.
        alone = for_another or not answerable(who.address)
        decided = _Decided(claims=claims, person=who, by=by, for_another=for_another, alone=alone)
        case = _filed(unit, mail, decided, calendar, clock, prefix)
        unit.examples.keep(keeper.example(mail, claims, today))
        return unit.cases.get(case.id)


def take_up(
    desk: Desk,
    calendar: Calendar,
    clock: Clock,
    *,
    prefix: str,
    own: frozenset[str],
    mail_id: int,
    claims: Sequence[Claim],
    person: Address,
    words: str,
    by: str,
    for_another: bool = False,
) -> CaseRecord:
    """Make a case of a mail that nobody can read, as a person says who asks for what; its clock runs from its receipt.

    Nothing is learnt from it: ``words`` are not the sender's. Raises NotFoundError for an unknown mail and NotAllowedError for
    one that is not in quarantine, for no right, and for an address no letter can be sent to.
    """
    if not claims:
        raise NotAllowedError("A case needs a right that somebody asks for.", hint="Say which.")
    with desk.write() as unit:
        who = _writable(mail_id, person, own)
        described = Message(message_id=None, sender=who, subject="", reply_text=words)
        if not unit.quarantine.describe(mail_id, described, by):
            raise NotAllowedError(f"Mail {mail_id} is not in quarantine.")
        mail = unit.mails.get(mail_id)
        assert mail is not None
        decided = _Decided(claims=claims, person=who, by=by, for_another=for_another, alone=for_another)
        case = _filed(unit, mail, decided, calendar, clock, prefix)
        return unit.cases.get(case.id) or case


def _writable(mail_id: int, person: Address | None, own: frozenset[str]) -> Address:
    """Return who can be answered. Raises NotAllowedError where nobody can."""
    if person is None or normal_address(person.address) in own:
        raise NotAllowedError(
            f"Mail {mail_id} names no sender but ourselves, so there is nobody to answer.",
            hint="Find the person another way, then sort it as none.",
        )
    if sendable(person.address) is None:
        raise NotAllowedError(
            f"No letter can be sent to the address that mail {mail_id} came from.",
            hint="Answer it by hand, within the month, then sort it as none.",
        )
    return person


def _filed(
    unit: Unit, mail: MailRecord, decided: _Decided, calendar: Calendar, clock: Clock, prefix: str
) -> CaseRecord:
    """Put a mail that waits to be sorted into the case that runs already, or into a new one, and note who did."""
    # What is asked for someone else is no reminder of what the sender has asked for before.
    cases = [] if decided.alone else unit.cases.of_requester(normal_address(decided.person.address))
    known = same_matter(decided.claims, cases)
    if known is not None:
        unit.cases.lock(known.id)
        known = same_matter(decided.claims, [case for case in [unit.cases.get(known.id)] if case is not None])
    if known is None:
        case = open_case(
            unit,
            mail,
            decided.claims,
            calendar,
            clock,
            person=decided.person,
            prefix=prefix,
            actor=decided.by,
            old=MailState.TO_SORT,
            for_another=decided.for_another,
        )
    elif unit.mails.move(mail.id, MailState.TO_SORT, MailState.FILED, sorted_by=decided.by, case_id=known.id):
        note_subject(unit, mail, known)
        case = known
    else:
        raise NotAllowedError(f"Mail {mail.id} was sorted by someone else just now.")
    rights = [{"right": claim.right.value, "marketing": claim.marketing} for claim in decided.claims]
    details = {"mail": mail.id, "as": rights}
    unit.cases.record(case.id, Event(at=clock.now(), name=EventName.MAIL_SORTED, actor=decided.by, details=details))
    return case


def add_right(
    desk: Desk,
    calendar: Calendar,
    clock: Clock,
    keeper: Keeper,
    *,
    prefix: str,
    reference: str,
    mail_id: int,
    claims: Sequence[Claim],
    by: str,
) -> CaseRecord:
    """Take up rights that a person found in a case's follow-up mail; each starts its clock at that mail's receipt.

    They join the case while it is open; a closed one is over, so the mail becomes a case of its own. What the mail is now
    known to ask for is kept as an example to learn from. Raises NotFoundError for a mail that is not the case's,
    NotAllowedError where the open case already has every right named.
    """
    keeper.ready()
    today = stockholm_day(clock.now())
    with desk.write() as unit:
        case = unit.cases.by_reference(reference)
        mail = unit.mails.get(mail_id)
        if case is None or mail is None or mail.case_id != case.id or not claims:
            raise NotFoundError(f"There is no mail {mail_id} in case {reference}.")
        unit.cases.lock(case.id)
        case = unit.cases.get(case.id) or case
        new = new_claims(case, claims)
        if case.closed_at is not None or set(new) & settled(case):
            unit.mails.mark_mail_read(mail.id)
            unit.examples.keep(keeper.example(mail, _now_known(unit, case, mail, claims), today))
            person = Address(address=case.requester, name=case.requester_name)
            return open_case(unit, mail, new, calendar, clock, person=person, prefix=prefix, actor=by, old=mail.state)
        if not new:
            raise NotAllowedError(f"Case {reference} already has these rights.")
        unit.examples.keep(keeper.example(mail, _now_known(unit, case, mail, claims), today))
        threaded = points_to_us(unit, mail, case)
        add_claims(unit, case, new, mail, calendar, clock, actor=by, threaded=threaded)
        return unit.cases.get(case.id) or case


def _leave(unit: Unit, mail: MailRecord, *, by: str, example: KeptExample | None) -> None:
    """Empty a mail that is no request, and keep the example if the judgement was about its words."""
    if unit.mails.move(mail.id, MailState.TO_SORT, MailState.LEFT, sorted_by=by, reason="sorted"):
        unit.mails.empty([mail.id], MailState.LEFT)
        if _waited_for_its_words(mail):
            unit.examples.keep(example)


def _waited_for_its_words(mail: MailRecord) -> bool:
    """True if the program was unsure of what a mail says, so that "none" is a judgement of its words.

    One that waited for another cause (found at the first look back, no address to answer) may be sorted as none because it
    has been answered by hand: to learn from that would be to learn that such words ask for nothing.
    """
    verdict = mail.verdict
    if verdict is None or verdict.outcome is not Outcome.UNSURE:
        return False
    return mail.reason == (",".join(verdict.reasons) or Outcome.UNSURE.value)


def _now_known(unit: Unit, case: CaseRecord, mail: MailRecord, found: Sequence[Claim]) -> set[Claim]:
    """Return all that a mail is known to ask for: what a person found now, and what was heard in it before."""
    earlier = asked_in(unit.cases.events(case.id)).get(mail.id, frozenset())
    if not earlier and mail.verdict is not None and mail.verdict.outcome is Outcome.REQUEST:
        # A reminder of rights that ran already opened nothing, and still asks for them.
        earlier = frozenset(mail.verdict.claims)
    dismissed = {record.claim for record in case.claims if record.state is ClaimState.DISMISSED}
    return {*found, *(earlier - dismissed)}
