"""A person says what an unsure mail is: a request for these rights, or none."""

from collections.abc import Sequence

from inbox_bot.case.matching import asker, normal_address, same_matter
from inbox_bot.case.step import add_claims, new_claims, open_case, points_to_us, settled
from inbox_bot.clock import Clock
from inbox_bot.domain.case import CaseRecord, Event, EventName, MailState
from inbox_bot.domain.correspondence import sendable
from inbox_bot.domain.dates import Calendar
from inbox_bot.domain.mail import Address
from inbox_bot.domain.rights import Claim
from inbox_bot.errors import NotAllowedError, NotFoundError
from inbox_bot.store.unit import Desk


def sort(
    desk: Desk,
    calendar: Calendar,
    clock: Clock,
    *,
    prefix: str,
    own: frozenset[str],
    mail_id: int,
    claims: Sequence[Claim],
    by: str,
) -> CaseRecord | None:
    """File a waiting mail as the person says; return its case, or None if it is no request and has been emptied.

    Raises NotFoundError for an unknown mail and NotAllowedError for one that does not wait or has no sender to answer.
    """
    with desk.write() as unit:
        mail = unit.mails.get(mail_id)
        if mail is None:
            raise NotFoundError(f"There is no mail {mail_id}.")
        if mail.state is not MailState.TO_SORT or mail.message is None:
            raise NotAllowedError(f"Mail {mail_id} does not wait to be sorted (it is {mail.state.value}).")
        if not claims:
            if unit.mails.move(mail_id, MailState.TO_SORT, MailState.LEFT, sorted_by=by, reason="sorted"):
                unit.mails.empty([mail_id], MailState.LEFT)
            return None
        person = asker(mail.message, own)
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
        known = same_matter(claims, unit.cases.of_requester(normal_address(person.address)))
        if known is not None:
            unit.cases.lock(known.id)
            known = same_matter(claims, [case for case in [unit.cases.get(known.id)] if case is not None])
        if known is None:
            case = open_case(
                unit, mail, claims, calendar, clock, person=person, prefix=prefix, actor=by, old=MailState.TO_SORT
            )
        elif unit.mails.move(mail_id, MailState.TO_SORT, MailState.FILED, sorted_by=by, case_id=known.id):
            case = known
        else:
            raise NotAllowedError(f"Mail {mail_id} was sorted by someone else just now.")
        rights = [{"right": claim.right.value, "marketing": claim.marketing} for claim in claims]
        unit.cases.record(
            case.id,
            Event(at=clock.now(), name=EventName.MAIL_SORTED, actor=by, details={"mail": mail_id, "as": rights}),
        )
        return unit.cases.get(case.id)


def add_right(
    desk: Desk,
    calendar: Calendar,
    clock: Clock,
    *,
    prefix: str,
    reference: str,
    mail_id: int,
    claims: Sequence[Claim],
    by: str,
) -> CaseRecord:
    """Take up rights that a person found in a case's follow-up mail; each starts its clock at that mail's receipt.

    They join the case while it is open; a closed one is over, so the mail becomes a case of its own. Raises NotFoundError
    for a mail that is not the case's, NotAllowedError where the open case already has every right named.
    """
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
            person = Address(address=case.requester, name=case.requester_name)
            return open_case(unit, mail, new, calendar, clock, person=person, prefix=prefix, actor=by, old=mail.state)
        if not new:
            raise NotAllowedError(f"Case {reference} already has these rights.")
        threaded = points_to_us(unit, mail, case)
        add_claims(unit, case, new, mail, calendar, clock, actor=by, threaded=threaded)
        return unit.cases.get(case.id) or case
