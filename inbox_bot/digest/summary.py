"""What staff are told: every open matter by its legal date, and everything that waits for a person or is unwell."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from inbox_bot.clock import STOCKHOLM, Clock, stockholm_day
from inbox_bot.digest.breaches import breach_sections
from inbox_bot.digest.outside import beside_failures, outside_sections
from inbox_bot.domain.beside import Surroundings
from inbox_bot.domain.breach import BreachRecord
from inbox_bot.domain.case import (
    LETTERS_IN_TROUBLE,
    CaseRecord,
    ClaimRecord,
    ClaimState,
    DraftState,
    LetterRecord,
    LetterState,
    MailRecord,
    MailState,
)
from inbox_bot.domain.dates import Calendar, ClockEvents
from inbox_bot.domain.health import SILENT_HOURS, STUCK_AFTER, VANISHED_DAYS, Proof
from inbox_bot.domain.notice import NoticeRecord
from inbox_bot.domain.task import Half, HalfDone
from inbox_bot.store.mailboxes import MailboxHealth
from inbox_bot.store.unit import Unit

ALARMS = (10, 5, 2, 1)
"""Working days before a date at which staff are warned, each once (law.md 1.4)."""

FEW_DAYS = 6
"""Fewer working days left than this makes a daily letter (law.md 1.4: a weekly one alone is too coarse)."""

_RIGHTS = {
    "access": "registerutdrag",
    "rectification": "rättelse",
    "erasure": "radering",
    "restriction": "begränsning",
    "portability": "dataportabilitet",
    "objection": "invändning",
    "consent_withdrawal": "återkallat samtycke",
}
_STATES = {
    ClaimState.OPENED: "nyss inkommen",
    ClaimState.AWAITING_IDENTITY: "väntar på att personen bekräftar vem hen är",
    ClaimState.CONFIRMED: "bekräftad",
    ClaimState.ANSWER_DUE: "svar ska skrivas",
    ClaimState.AWAITING_APPROVAL: "väntar på ditt godkännande",
    ClaimState.APPROVED: "godkänt, på väg ut",
}


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Everything the letters are made from, read in one transaction."""

    now: datetime
    cases: Sequence[CaseRecord]
    to_sort: Sequence[MailRecord]
    unread: Sequence[MailRecord]
    quarantined: Sequence[MailRecord]
    troubled: Sequence[LetterRecord]
    returned: int
    mailboxes: Sequence[MailboxHealth]
    stuck: int
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
    return Facts(
        now=clock.now(),
        cases=cases,
        to_sort=unit.mails.in_states(MailState.TO_SORT),
        unread=unit.mails.unread(),
        quarantined=unit.mails.in_states(MailState.QUARANTINED, MailState.WANTED),
        troubled=unit.letters.in_states(*LETTERS_IN_TROUBLE),
        returned=sum(draft.state is DraftState.RETURNED for draft in unit.drafts.awaiting()),
        mailboxes=unit.mailboxes.health(),
        stuck=unit.mails.stuck(clock.now() - STUCK_AFTER),
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
    return few or undone or bool(waiting or _unwell(facts))


def weekly(facts: Facts, calendar: Calendar, period: str, pages: str) -> dict[str, Any]:
    """Return the weekly digest's ``summary``; sent also when all is well."""
    claims = running(facts, calendar)
    waiting = [one for one in claims if one.claim.state is ClaimState.AWAITING_APPROVAL]
    asked = [one for one in claims if one.claim.state is ClaimState.AWAITING_IDENTITY]
    identity = [one for one in asked if not one.claim.waits_for_staff]
    sections = [
        _section("Öppna ärenden efter lagens datum", _claim_lines(claims, pages), "inget öppet ärende"),
        _section("Väntar på godkännande", _names(waiting, f"{pages}/personal"), "inget svar att godkänna"),
        _section("Väntar på att personen bekräftar", _names(identity, ""), "ingen som ska bekräfta"),
        *_attention(facts, calendar, pages),
        _section("Brevlådorna lästes senast", _mailbox_lines(facts), "ingen brevlåda som har lästs"),
        *([_section("Inloggningar hos Microsoft och Google", _lines(facts.logins), "")] if facts.logins else []),
        _section(
            "Dagliga prov: programmets mejl till sig självt",
            _lines(facts.proof.self_checks),
            "inget dagligt prov i veckan",
        ),
        _section(
            "Brevlådorna jämförda med programmet", _lines(facts.proof.compared), "ingen jämförelse av brevlådorna än"
        ),
        _section(
            "Det som har stått still i veckan", _lines(facts.proof.stood_still), "inget som har stått still i veckan"
        ),
    ]
    return _summary(facts, claims, sections) | {"week": period}


def alarm_only(facts: Facts, period: str, pages: str, alarms: Sequence[Alarm]) -> dict[str, Any]:
    """Return the ``summary`` of a letter that tells of alarms alone: the day's own letter has left already."""
    claims = [alarm.one for alarm in alarms]
    return _summary(facts, claims, [_alarm_section(alarms, pages)]) | {"day": period}


def _alarm_section(alarms: Sequence[Alarm], pages: str) -> dict[str, Any]:
    return _section(
        "Nya larm: de här svaren närmar sig sitt datum", _claim_lines((one.one for one in alarms), pages), ""
    )


def daily(facts: Facts, calendar: Calendar, period: str, pages: str, alarms: Sequence[Alarm] = ()) -> dict[str, Any]:
    """Return the daily alarm's ``summary``: only what cannot wait."""
    claims = [one for one in running(facts, calendar) if one.days_left < FEW_DAYS]
    sections = [
        *([_alarm_section(alarms, pages)] if alarms else []),
        _section("Mindre än sex arbetsdagar kvar", _claim_lines(claims, pages), "inget ärende nära sitt datum"),
        *_attention(facts, calendar, pages),
        _section("Det som inte går som det ska", _lines(_unwell(facts)), "inget fel i programmet"),
    ]
    return _summary(facts, claims, sections) | {"day": period}


def _attention(facts: Facts, calendar: Calendar, pages: str) -> list[dict[str, Any]]:
    today = stockholm_day(facts.now)
    sort_lines = []
    for mail in facts.to_sort:
        due = calendar.dates(ClockEvents(received_at=mail.received_at)).due
        left = calendar.working_days_left(today, due)
        text = (
            f"Brev {mail.id}, kom {_day(mail.received_at)}: om det är en begäran ska svaret ut {due} ({_left(left)})."
        )
        sort_lines.append({"text": text, "link": f"{pages}/personal/brev/{mail.id}"})
    known: dict[int | None, str] = {case.id: f" i {case.reference}" for case in facts.cases}
    letters = [
        {
            "text": f"Brev ut {letter.id}{known.get(letter.case_id, '')}: {_TROUBLE[letter.state]}.",
            "link": f"{pages}/personal/utkorg",
        }
        for letter in facts.troubled
    ]
    follow = [
        {
            "text": f"Nytt brev {mail.id} i ett ärende, kom {_day(mail.received_at)}.",
            "link": f"{pages}/personal/brev/{mail.id}",
        }
        for mail in facts.unread
    ]
    quarantine = [
        {
            "text": f"Brev {mail.id}, kom {_day(mail.received_at)}, kunde inte läsas.",
            "link": f"{pages}/personal/karantan/{mail.id}",
        }
        for mail in facts.quarantined
    ]
    who = [one for one in running(facts, calendar) if one.claim.waits_for_staff]
    return [
        *breach_sections(facts.breaches, facts.now, pages),
        *([_section("Avgör vem som frågar", _claim_lines(who, pages), "")] if who else []),
        _section("Bara halva saken är gjord", _half_lines(facts, pages), "inget halvgjort ärende"),
        _section(
            "Mottagare som ska få veta (artikel 19)", _untold_lines(facts, pages), "ingen mottagare som ska få veta"
        ),
        *outside_sections(facts.beside, pages),
        _section("Brev att sortera (klockan går)", sort_lines, "inget brev att sortera"),
        _section("Olästa brev i ärenden", follow, "inget oläst brev i ett ärende"),
        _section("Brev ut som inte kom fram, eller där det är okänt", letters, "inget brev ut som behöver dig"),
        _section("Karantän: brev som inte gick att läsa", quarantine, "inget brev i karantän"),
    ]


def _half_lines(facts: Facts, pages: str) -> list[dict[str, str]]:
    return [
        {
            "text": f"{one.case.reference}: {_name(one.claim)}, "
            + (
                f"svaret är godkänt men det här är inte noterat som gjort: {', '.join(one.systems)}."
                if one.half is Half.UNDONE
                else "något är gjort men svaret har inte gått."
            ),
            "link": f"{pages}/personal/arende/{one.case.reference}#att-gora",
        }
        for one in facts.halves
    ]


def _untold_lines(facts: Facts, pages: str) -> list[dict[str, str]]:
    return [
        {
            "text": f"{reference}: {notice.recipient.name} ska få veta om {_RIGHTS[notice.right.value]}.",
            "link": f"{pages}/personal/arende/{reference}#mottagare",
        }
        for notice, reference in facts.untold
    ]


_TROUBLE = {
    LetterState.UNKNOWN: "okänt om det har lämnat oss",
    LetterState.FAILED: "kunde inte skickas",
    LetterState.BOUNCED: "kom i retur",
    LetterState.HELD: "hålls kvar av en gräns",
}


def _summary(facts: Facts, claims: Sequence[Running], sections: list[dict[str, Any]]) -> dict[str, Any]:
    overdue = sum(one.days_left < 0 for one in claims)
    near = sum(0 <= one.days_left < FEW_DAYS for one in claims)
    undecided = sum(one.claim.waits_for_staff for one in claims)
    other = undecided + len(facts.to_sort) + len(facts.unread) + len(facts.quarantined) + len(facts.troubled)
    other += len(facts.beside.asks) + len(facts.beside.vanished) + len(beside_failures(facts.beside))
    other += len(facts.breaches) + len(facts.untold) + sum(one.half is Half.UNDONE for one in facts.halves)
    unwell = len(_unwell(facts))
    waiting = sum(one.claim.state is ClaimState.AWAITING_APPROVAL for one in claims)
    well = not (overdue or near or other or unwell or waiting)
    if overdue:
        headline = f"{overdue} svar är {'försenat' if overdue == 1 else 'försenade'}."
    elif near:
        headline = f"{near} svar har mindre än sex arbetsdagar kvar."
    elif other or unwell:
        headline = f"{other + unwell} {'sak' if other + unwell == 1 else 'saker'} väntar på en person."
    elif waiting:
        headline = f"Inget är bråttom. {waiting} svar väntar på godkännande."
    else:
        headline = "Allt är i ordning."
    return {
        "made_at": facts.now.astimezone(STOCKHOLM),
        "sections": [one for one in sections if one["lines"]],
        "nothing": _nothing([one["empty"] for one in sections if not one["lines"]]),
        "all_well": well,
        "urgent": bool(overdue or near),
        "headline": headline,
    }


def _claim_lines(claims: Iterable[Running], pages: str) -> list[dict[str, str]]:
    """Return a line for each case and date; rights of a case that stand alike share theirs."""
    alike: dict[tuple[str, date, str], list[Running]] = {}
    for one in claims:
        alike.setdefault((one.case.reference, one.due, _state(one.claim)), []).append(one)
    return [
        {
            "text": f"{reference}: {_and([_name(one.claim) for one in group])}, senast {due} "
            f"({_left(group[0].days_left)}), {state}.",
            "link": f"{pages}/personal/arende/{reference}",
        }
        for (reference, due, state), group in alike.items()
    ]


def _names(claims: Sequence[Running], link: str) -> list[dict[str, str]]:
    """Return one line that names cases whose own lines stand above it."""
    references = list(dict.fromkeys(one.case.reference for one in claims))
    return [{"text": f"{_and(references)}.", "link": link}] if references else []


def _nothing(phrases: Sequence[str]) -> str:
    """Return one sentence for every section that has no line: a quiet week is short, and says what was looked for."""
    said = [phrase for phrase in phrases if phrase]
    return f"Just nu finns {_and(said)}." if said else ""


def _and(words: Sequence[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} och {last}" if first else last


def _state(claim: ClaimRecord) -> str:
    if claim.waits_for_staff and claim.state is ClaimState.AWAITING_IDENTITY:
        return "väntar på att du avgör vem som frågar"
    return _STATES.get(claim.state, claim.state.value)


def _name(claim: ClaimRecord) -> str:
    return "stopp för reklam" if claim.claim.marketing else _RIGHTS[claim.claim.right.value]


def _left(days: int) -> str:
    if days < 0:
        return "försenat"
    if days == 0:
        return "i dag är sista dagen"
    return "1 arbetsdag kvar" if days == 1 else f"{days} arbetsdagar kvar"


def _mailbox_lines(facts: Facts) -> list[dict[str, str]]:
    lines = []
    for box in facts.mailboxes:
        read = "aldrig" if box.looked_at is None else f"{box.looked_at.astimezone(STOCKHOLM):%Y-%m-%d %H:%M}"
        lines.append(f"{box.name}: {read}" + (f", fel sedan dess: {box.failure}" if box.failure else ""))
    return _lines(lines)


def _unwell(facts: Facts) -> list[str]:
    limit = facts.now - timedelta(hours=SILENT_HOURS)
    silent = [
        f"{box.name}: {box.failure or 'har inte lästs på länge'}"
        for box in facts.mailboxes
        if box.looked_at is None or box.looked_at < limit
    ]
    stuck = [f"{facts.stuck} brev har fastnat i programmet: läs dess logg."] if facts.stuck else []
    file = [f"Spärrlistan mot reklam kan inte skrivas till sin fil: {facts.list_failure}"] if facts.list_failure else []
    return [*silent, *stuck, *file, *facts.warnings]


def _last_working_day(facts: Facts, calendar: Calendar) -> date:
    """Return the working day before today: the last on which a daily letter could have told what came after it."""
    day = stockholm_day(facts.now) - timedelta(days=1)
    while not calendar.is_working_day(day):
        day -= timedelta(days=1)
    return day


def _section(title: str, lines: Sequence[dict[str, str]], empty: str) -> dict[str, Any]:
    """Return a section. ``empty`` continues "Just nu finns": it stands in the sentence at the end if there is no line."""
    return {"title": title, "lines": list(lines), "empty": empty}


def _lines(texts: Iterable[str]) -> list[dict[str, str]]:
    return [{"text": text, "link": ""} for text in texts]


def _day(at: datetime) -> str:
    return stockholm_day(at).isoformat()
