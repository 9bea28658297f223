"""What the letters to staff are made from, read in one transaction, and which of it is near its date or a cause to write."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from inbox_bot.clock import Clock, stockholm_day
from inbox_bot.domain.beside import Surroundings
from inbox_bot.domain.breach import BreachRecord
from inbox_bot.domain.case import (
    LETTERS_IN_TROUBLE,
    CaseRecord,
    ClaimRecord,
    DraftRecord,
    LetterRecord,
    MailRecord,
    MailState,
)
from inbox_bot.domain.dates import Calendar
from inbox_bot.domain.health import SILENT_HOURS, STUCK_AFTER, VANISHED_DAYS, Proof
from inbox_bot.domain.notice import NoticeRecord
from inbox_bot.domain.task import Half, HalfDone
from inbox_bot.store.mailboxes import MailboxHealth
from inbox_bot.store.unit import Unit

ALARMS = (10, 5, 2, 1)
"""Working days before a date at which staff are warned, each once (law.md 1.4)."""

FEW_DAYS = 6
"""Fewer working days left than this makes a daily letter (law.md 1.4: a weekly one alone is too coarse)."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Everything the letters are made from, read in one transaction. ``references``: the case numbers of all that is named here.

    ``reading``: mails that have been fetched are still on their way through the rooms.
    """

    now: datetime
    cases: Sequence[CaseRecord]
    to_sort: Sequence[MailRecord]
    unread: Sequence[MailRecord]
    quarantined: Sequence[MailRecord]
    troubled: Sequence[LetterRecord]
    drafts: Sequence[DraftRecord]
    mailboxes: Sequence[MailboxHealth]
    stuck: int
    reading: bool = False
    references: Mapping[int, str] = field(default_factory=dict)
    halves: Sequence[HalfDone] = ()
    untold: Sequence[tuple[NoticeRecord, str]] = ()
    list_failure: str = ""
    warnings: Sequence[str] = ()
    beside: Surroundings = field(default_factory=Surroundings)
    logins: Sequence[str] = ()
    proof: Proof = field(default_factory=Proof)
    breaches: Sequence[BreachRecord] = ()


@dataclass(frozen=True, kw_only=True)
class Running:
    """An open claim with its date."""

    case: CaseRecord
    claim: ClaimRecord
    due: date
    days_left: int


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """A date that has come near. ``days``: the numbers of working days it has passed that nobody has been warned at."""

    one: Running
    days: tuple[int, ...]


def gather(
    unit: Unit, clock: Clock, warnings: Sequence[str] = (), logins: Sequence[str] = (), proof: Proof | None = None
) -> Facts:
    """Read what the letters need."""
    cases = unit.cases.all(open_only=True)
    unread, troubled = unit.mails.unread(), unit.letters.in_states(*LETTERS_IN_TROUBLE)
    oldest = unit.watching.oldest_between_rooms()
    named = {*(mail.case_id for mail in unread), *(letter.case_id for letter in troubled)}
    closed = sorted(one for one in named - {case.id for case in cases} if one is not None)
    return Facts(
        now=clock.now(),
        cases=cases,
        to_sort=unit.mails.in_states(MailState.TO_SORT),
        unread=unread,
        quarantined=unit.mails.in_states(MailState.QUARANTINED, MailState.WANTED),
        troubled=troubled,
        references={case.id: case.reference for case in (*cases, *unit.cases.get_all(closed))},
        drafts=unit.drafts.awaiting(),
        mailboxes=unit.mailboxes.health(),
        stuck=unit.mails.stuck(clock.now() - STUCK_AFTER),
        reading=oldest is not None and clock.now() - oldest < STUCK_AFTER,
        halves=unit.halves(cases),
        untold=unit.untold(),
        list_failure=unit.suppressions.publication().failure,
        warnings=tuple(warnings),
        beside=unit.surroundings(stockholm_day(clock.now()) - timedelta(days=VANISHED_DAYS - 1)),
        logins=tuple(logins),
        proof=proof or Proof(),
        breaches=unit.breaches.all(open_only=True),
    )


def running(facts: Facts, calendar: Calendar) -> list[Running]:
    """Return every open claim, overdue first, then by date."""
    today = stockholm_day(facts.now)
    found = []
    for case in facts.cases:
        for claim in case.claims:
            if not claim.state.is_final:
                due = calendar.dates(claim.clock).due
                left = calendar.working_days_left(today, due)
                found.append(Running(case=case, claim=claim, due=due, days_left=left))
    return sorted(found, key=lambda one: (one.due, one.case.reference, one.claim.id))


def alarms_due(facts: Facts, calendar: Calendar, sent: Collection[tuple[int, int, date]]) -> list[Alarm]:
    """Return the dates that have come so near that staff must be warned, those already warned of left out.

    After days off or a stop one alarm tells of all the days that went by.
    """
    found = []
    for one in running(facts, calendar):
        days = tuple(limit for limit in ALARMS if one.days_left <= limit and (one.claim.id, limit, one.due) not in sent)
        if days:
            found.append(Alarm(one=one, days=days))
    return found


def has_cause(facts: Facts, calendar: Calendar) -> bool:
    """True if the daily letter should be sent: something has few working days left, or stands unread."""
    few = any(one.days_left < FEW_DAYS or one.claim.waits_for_staff for one in running(facts, calendar))
    undone = any(one.half is Half.UNDONE for one in facts.halves)
    fresh = any(one.day >= _last_working_day(facts, calendar) for one in facts.beside.vanished)
    waiting = (
        fresh
        or facts.breaches
        or facts.beside.asks
        or facts.to_sort
        or facts.unread
        or facts.quarantined
        or facts.troubled
        or facts.untold
    )
    return few or undone or bool(waiting or is_unwell(facts))


def is_unwell(facts: Facts) -> bool:
    """True if something in the program does not go as it should."""
    return bool(silent(facts) or facts.stuck or facts.list_failure or facts.warnings)


def silent(facts: Facts) -> list[MailboxHealth]:
    """Return the mailboxes that have not been read for long."""
    limit = facts.now - timedelta(hours=SILENT_HOURS)
    return [box for box in facts.mailboxes if box.looked_at is None or box.looked_at < limit]


def _last_working_day(facts: Facts, calendar: Calendar) -> date:
    """Return the working day before today: the last on which a daily letter could have told what came after it."""
    day = stockholm_day(facts.now) - timedelta(days=1)
    while not calendar.is_working_day(day):
        day -= timedelta(days=1)
    return day
