"""The person says on the page of the case that we have understood them wrong: in rights they choose, in words of their own, or both.

A right they add starts its clock at that moment. Their words become a mail in the case that a person reads; where they chose
nothing, the program reads it first, as it reads any other mail. Nothing that runs already is touched.
"""

from collections.abc import Sequence

from inbox_bot.case.opening import add_claims, join, new_claims, open_case, settled
from inbox_bot.clock import Clock, stockholm_day
from inbox_bot.domain.case import CaseRecord, Event, EventName, MailState
from inbox_bot.domain.dates import Calendar
from inbox_bot.domain.mail import Address
from inbox_bot.domain.page import PAGE, PageLink, written_on
from inbox_bot.domain.rights import Claim
from inbox_bot.store.unit import Desk, Unit

MOST_WORDS = 10_000
"""Characters kept of what is written on the page."""

MOST_A_DAY = 20
"""Messages one visit's case may bring in a day; who has more to say writes a mail."""


def correct(
    desk: Desk,
    calendar: Calendar,
    clock: Clock,
    link: PageLink,
    *,
    prefix: str,
    claims: Sequence[Claim],
    words: str,
    subject: str,
    text: str,
) -> CaseRecord | None:
    """Take up what the person at a link's address adds; return the case it went into, None where too much was written today.

    The caller has seen that the visit has shown its code. ``text``: what staff read, the person's ``words`` in it. A right
    goes into a case of its own where this one is closed, has had it before, or is somebody else's.
    """
    with desk.write() as unit:
        unit.cases.lock(link.case_id)
        case = unit.cases.get(link.case_id)
        if case is None or case.emptied_at is not None or _is_too_much(unit, case, clock):
            return None
        new = new_claims(case, claims)
        now = clock.now()
        message = written_on(link, subject, text[:MOST_WORDS] if new else words[:MOST_WORDS])
        mail_id = unit.mails.write_down(PAGE, now, message, case_id=None)
        details = {"mail": mail_id}
        unit.cases.record(case.id, Event(at=now, name=EventName.PAGE_WRITTEN, actor="requester", details=details))
        if not new:
            return case
        mail = unit.mails.get(mail_id)
        assert mail is not None
        own = case.requester == link.address
        if not own or case.closed_at is not None or set(new) & settled(case):
            name = case.requester_name if own else ""
            person = Address(address=link.address, name=name)
            return open_case(
                unit,
                mail,
                new,
                calendar,
                clock,
                person=person,
                prefix=prefix,
                actor="requester",
                old=MailState.READ,
                language=case.language,
            )
        join(unit, mail, case, MailState.READ)
        unit.mails.move(mail.id, MailState.JOINED, MailState.FILED)
        add_claims(unit, case, new, mail, calendar, clock, actor="requester", threaded=True)
        return case


def _is_too_much(unit: Unit, case: CaseRecord, clock: Clock) -> bool:
    today = stockholm_day(clock.now())
    written = [event for event in unit.cases.events(case.id) if event.name is EventName.PAGE_WRITTEN]
    return sum(stockholm_day(event.at) == today for event in written) >= MOST_A_DAY
