"""The sections of the letters that tell what waits for a person, whatever its date, and what does not go as it should."""

from collections.abc import Iterable

from inbox_bot.clock import STOCKHOLM, stockholm_day
from inbox_bot.digest.breaches import breach_sections
from inbox_bot.digest.facts import Facts, running, silent
from inbox_bot.digest.lines import RIGHTS, TROUBLE, Line, Pen, Section, day, days_left, plain, right_name, section
from inbox_bot.digest.outside import outside_sections
from inbox_bot.domain.dates import ClockEvents
from inbox_bot.domain.left import LeftMail
from inbox_bot.domain.task import Half


def attention(facts: Facts, pen: Pen) -> list[Section]:
    """Return a section for each kind of thing that waits."""
    who = [one for one in running(facts, pen.calendar) if one.claim.waits_for_staff]
    return [
        *breach_sections(facts.breaches, facts.now, pen),
        *([section("Avgör vem som frågar", pen.claims(who), "")] if who else []),
        section("Bara halva saken är gjord", _halves(facts, pen), "inget halvgjort ärende"),
        section("Mottagare som ska få veta (artikel 19)", _untold(facts, pen), "ingen mottagare som ska få veta"),
        *outside_sections(facts.beside, pen),
        section("Brev att sortera (klockan går)", _to_sort(facts, pen), "inget brev att sortera"),
        section("Olästa brev i ärenden", _unread(facts, pen), "inget oläst brev i ett ärende"),
        section(
            "Brev ut som inte kom fram, eller där det är okänt", _troubled(facts, pen), "inget brev ut som behöver dig"
        ),
        section("Karantän: brev som inte gick att läsa", _quarantined(facts, pen), "inget brev i karantän"),
    ]


def unwell(facts: Facts, pen: Pen) -> list[str]:
    """Return in Swedish what does not go as it should."""
    boxes = [
        f"{box.name}: {pen.failure(box.failure) if box.failure else 'har inte lästs på länge'}" for box in silent(facts)
    ]
    stuck = [f"{facts.stuck} brev har fastnat i programmet: läs dess logg."] if facts.stuck else []
    failed = pen.failure(facts.list_failure) if facts.list_failure else ""
    file = [f"Spärrlistan mot reklam: {failed}"] if failed else []
    return [*boxes, *stuck, *file, *facts.warnings]


def mailboxes(facts: Facts, pen: Pen) -> list[Line]:
    """Return a line for each mailbox: when it was last read, and what has failed since."""
    lines = []
    for box in facts.mailboxes:
        read = "aldrig" if box.looked_at is None else f"{box.looked_at.astimezone(STOCKHOLM):%Y-%m-%d %H:%M}"
        lines.append(f"{box.name}: {read}" + (f", fel sedan dess: {pen.failure(box.failure)}" if box.failure else ""))
    return plain(lines)


def hesitated(mails: Iterable[LeftMail], pen: Pen) -> list[Line]:
    """Return a line for each mail that was nearly taken for a request: when it came, and where it can be fetched again."""
    lines = []
    for mail in mails:
        at = mail.received_at.astimezone(STOCKHOLM)
        rest = f", kom till {mail.mailbox} {at:%Y-%m-%d kl. %H.%M}."
        lines.append(pen.line(f"Brev {mail.id}", rest, f"/personal/ingen-begaran?dag={at:%Y-%m-%d}"))
    return lines


def _to_sort(facts: Facts, pen: Pen) -> list[Line]:
    today = stockholm_day(facts.now)
    lines = []
    for mail in facts.to_sort:
        due = pen.calendar.dates(ClockEvents(received_at=mail.received_at)).due
        left = days_left(pen.calendar.working_days_left(today, due))
        rest = f", kom {day(mail.received_at)}: om det är en begäran ska svaret ut {due} ({left})."
        lines.append(pen.line(f"Brev {mail.id}", rest, f"/personal/brev/{mail.id}"))
    return lines


def _unread(facts: Facts, pen: Pen) -> list[Line]:
    lines = []
    for mail in facts.unread:
        reference = facts.references.get(mail.case_id or 0)
        rest = f"nytt brev {mail.id}, kom {day(mail.received_at)}."
        if reference is None:
            lines.append(
                pen.line(f"Nytt brev {mail.id}", f", kom {day(mail.received_at)}.", f"/personal/brev/{mail.id}")
            )
        else:
            lines.append(pen.line(reference, f": {rest}", f"/personal/arende/{reference}#brev-{mail.id}"))
    return lines


def _troubled(facts: Facts, pen: Pen) -> list[Line]:
    lines = []
    for letter in facts.troubled:
        reference = facts.references.get(letter.case_id or 0)
        where = "/personal/utkorg" if reference is None else f"/personal/arende/{reference}#brev-ut-{letter.id}"
        of = "" if reference is None else f" i {reference}"
        lines.append(pen.line(f"Brev ut {letter.id}{of}", f": {TROUBLE[letter.state]}.", where))
    return lines


def _quarantined(facts: Facts, pen: Pen) -> list[Line]:
    return [
        pen.line(
            f"Brev {mail.id}", f", kom {day(mail.received_at)}, kunde inte läsas.", f"/personal/karantan/{mail.id}"
        )
        for mail in facts.quarantined
    ]


def _halves(facts: Facts, pen: Pen) -> list[Line]:
    lines = []
    for one in facts.halves:
        what = "något är gjort men svaret har inte gått"
        if one.half is Half.UNDONE:
            what = f"svaret är godkänt men det här är inte noterat som gjort: {', '.join(one.systems)}"
        reference = one.case.reference
        lines.append(
            pen.line(reference, f": {right_name(one.claim)}, {what}.", f"/personal/arende/{reference}#att-gora")
        )
    return lines


def _untold(facts: Facts, pen: Pen) -> list[Line]:
    return [
        pen.line(
            reference,
            f": {notice.recipient.name} ska få veta om {RIGHTS[notice.right]}.",
            f"/personal/arende/{reference}#mottagare",
        )
        for notice, reference in facts.untold
    ]
