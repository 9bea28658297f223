"""What is well and what is not, from what was read in one transaction. Everything that could stop in silence is a part here."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from inbox_bot.clock import STOCKHOLM, stockholm_day
from inbox_bot.domain.health import CLOCK_SLACK, STILL_AFTER, STUCK_AFTER, Health, Level, Part, part_from_json
from inbox_bot.health.roundtrip import NAME as SELF_CHECK
from inbox_bot.health.roundtrip import Trip, self_check_part
from inbox_bot.store.mailboxes import MailboxHealth
from inbox_bot.store.watching import Comparison, Outgoing, Pulse

DEAD_AFTER = timedelta(minutes=5)
"""A process that tells of itself every minute and has not for so long has died or hangs."""

DISK_WARNING, DISK_CRITICAL = 500_000_000, 50_000_000
"""Free bytes: below the second not even a day of mail may fit."""

# x.1.z and x.2.z speak of the recipient's address and mailbox (RFC 3463), so the way out itself is well. A letter that a full
# mailbox refused for good (552 5.2.2) waits too.
_OF_THE_RECIPIENT = re.compile(r"\b[45]\.[12]\.\d")
SOON = timedelta(minutes=15)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Everything that is judged. ``names``: the mailboxes of the settings. ``own``: what this process says of itself.

    ``works_here``: a worker runs in this process. ``oldest``: since when the mail that waits longest for a room has done so.
    ``free``: bytes on the fullest disk, None if unknown. ``gone_today``: mails that went before they were read. ``trip``: None where the daily mail to ourselves is switched off.
    """

    now: datetime
    names: Sequence[str]
    started_at: datetime
    boxes: Sequence[MailboxHealth]
    oldest: datetime | None
    stuck: int
    outgoing: Outgoing
    list_failure: str
    pulses: Sequence[Pulse]
    own: Sequence[Part]
    own_name: str
    works_here: bool
    compared: Sequence[Comparison]
    compare_days: int
    free: int | None
    gone_today: int
    trip: Trip | None


def judge(facts: Facts) -> Health:
    """Return how everything is."""
    boxes = {box.name: box for box in facts.boxes}
    parts = [
        *(_mailbox(facts, name, boxes.get(name)) for name in facts.names),
        _reading(facts),
        _way_out(facts),
        *_list(facts),
        *_processes(facts),
        *facts.own,
        *([] if facts.trip is None else [self_check_part(facts.trip)]),
        *_comparison(facts),
        *_gone(facts),
        *_disk(facts),
    ]
    read_at = [(name, box.looked_at if (box := boxes.get(name)) is not None else None) for name in facts.names]
    return Health(at=facts.now, parts=parts, read_at=read_at, waiting=facts.outgoing.waiting)


def at_local(at: datetime) -> str:
    """Return a moment as people in Sweden read it."""
    return f"{at.astimezone(STOCKHOLM):%Y-%m-%d %H:%M}"


def named(what: str) -> str:
    """Return in Swedish what staff call a part of the program that has stood still."""
    kind, _, name = what.partition(" ")
    if kind == "mailbox":
        return f"Brevlådan {name}"
    return {
        SELF_CHECK: "Det dagliga provet",
        "smtp": "Den utgående servern",
        "reading": "Läsningen av brev",
        "suppression list": "Spärrlistans fil",
        "worker": "Den arbetande processen",
        "database": "Databasen",
        "disk": "Disken",
    }.get(what, f"Programmets del {what}")


def _mailbox(facts: Facts, name: str, box: MailboxHealth | None) -> Part:
    part = f"mailbox {name}"
    read = None if box is None else box.looked_at
    failing = None if box is None else box.failing_since
    detail = "" if box is None else box.failure
    if box is not None and box.permanent and box.failure:
        says = f"Brevlådan {name} går inte att läsa, och det går inte över av sig självt: inloggningen eller en inställning är fel."
        return Part(name=part, level=Level.CRITICAL, says=says, detail=detail, since=failing or read, at_once=True)
    if read is None:
        says = f"Brevlådan {name} har aldrig lästs."
        return Part(name=part, level=Level.CRITICAL, says=says, detail=detail, since=failing or facts.started_at)
    if read > facts.now + CLOCK_SLACK:
        # A clock that ran ahead and was set back would otherwise hide a stillness until it gets there again.
        says = f"Brevlådan {name} lästes senast {at_local(read)}, och det är i framtiden: maskinens klocka har ändrats."
        return Part(name=part, level=Level.CRITICAL, says=says, since=facts.now)
    silent = facts.now - read
    says = f"Brevlådan {name} lästes senast {at_local(read)}."
    if silent > STILL_AFTER:
        return Part(name=part, level=Level.CRITICAL, says=says, detail=detail, since=read)
    if detail and silent > SOON:
        return Part(name=part, level=Level.WARNING, says=says, detail=detail, since=read)
    return Part(name=part, says=says)


def _reading(facts: Facts) -> Part:
    if facts.stuck and facts.oldest is not None:
        minutes = round(STUCK_AFTER / timedelta(minutes=1))
        says = f"{facts.stuck} brev har legat mer än {minutes} minuter utan att någon del av programmet har tagit hand om dem."
        return Part(name="reading", level=Level.CRITICAL, says=says, since=facts.oldest)
    return Part(name="reading", says="Inga brev har fastnat mellan två steg.")


def _way_out(facts: Facts) -> Part:
    held = [(at, answer) for at, answer in facts.outgoing.held_up if not _OF_THE_RECIPIENT.search(answer)]
    if held and facts.now - held[0][0] > SOON:
        at, answer = held[0]
        level = Level.CRITICAL if facts.now - at > STILL_AFTER else Level.WARNING
        says = f"Inget brev har lämnat oss sedan {at_local(at)}, och {len(held)} eller fler väntar."
        return Part(name="smtp", level=level, says=says, detail=answer, since=at)
    return Part(name="smtp", says=f"{facts.outgoing.waiting} brev är på väg ut.")


def _list(facts: Facts) -> Iterator[Part]:
    if facts.list_failure:
        says = "Spärrlistan mot reklam kan inte skrivas till sin fil."
        yield Part(name="suppression list", level=Level.CRITICAL, says=says, detail=facts.list_failure)


def _processes(facts: Facts) -> Iterator[Part]:
    """Judge the processes that work: one that has ended without a word is only to be seen from outside, or by another."""
    others = [pulse for pulse in facts.pulses if not (facts.works_here and pulse.worker == facts.own_name)]
    alive = [pulse for pulse in others if pulse.stopped_at is None and abs(facts.now - pulse.beat_at) <= DEAD_AFTER]
    works = facts.works_here or bool(alive)
    for pulse in alive:
        yield from (part_from_json(row) for row in pulse.parts)
    for pulse in others:
        if pulse.stopped_at is None and pulse not in alive:
            says = f"En arbetande process har inte hörts av sedan {at_local(pulse.beat_at)}: den har dött eller hänger."
            level = Level.WARNING if works else Level.CRITICAL
            since = min(pulse.beat_at, facts.now)
            yield Part(name="worker", level=level, says=says, detail=pulse.worker, since=since, at_once=True)
    if not works and others and all(pulse.stopped_at is not None for pulse in others):
        last = max(pulse.stopped_at for pulse in others if pulse.stopped_at is not None)
        yield Part(
            name="worker", level=Level.WARNING, says=f"Programmet är stoppat sedan {at_local(last)}.", since=last
        )
    elif works:
        yield Part(name="worker", says="Programmet arbetar.")


def _comparison(facts: Facts) -> Iterator[Part]:
    if not facts.compare_days:
        return
    for one in facts.compared:
        if one.mailbox not in facts.names:
            continue
        name = f"comparison {one.mailbox}/{one.folder}"
        if one.missed_at is not None and facts.now - one.missed_at < timedelta(days=1):
            yield Part(name=name, level=Level.WARNING, says=missed_words(one), since=one.missed_at)
        elif _is_late(facts.now, one.at):
            says = f"Servern har inte jämförts med programmet sedan {at_local(one.at)} ({one.mailbox}, {one.folder})."
            yield Part(name=name, level=Level.WARNING, says=says, since=one.at)
        else:
            yield Part(name=name, says=f"{one.on_server} brev på servern sedan {one.since}, alla kända.")


def _gone(facts: Facts) -> Iterator[Part]:
    """No reason to wake anybody: the program reads, and what went is told of in the daily letter."""
    if facts.gone_today:
        which = "det" if facts.gone_today == 1 else "dem"
        says = f"{facts.gone_today} mejl hann försvinna i dag innan programmet läste {which}."
        yield Part(name="vanished", level=Level.WARNING, says=says)


def _is_late(now: datetime, at: datetime) -> bool:
    days: date = stockholm_day(at) + timedelta(days=2)
    return stockholm_day(now) > days


def missed_words(one: Comparison) -> str:
    """Say what a folder held that the program had missed."""
    there = f"{one.missed} brev låg på servern som programmet aldrig hade sett ({one.mailbox}, {one.folder})"
    if one.recovered == one.missed:
        return f"{there}. De har hämtats nu."
    return f"{there}. {one.recovered} av dem gick att hämta. Titta efter de andra i brevlådan."


def _disk(facts: Facts) -> Iterator[Part]:
    if facts.free is None:
        return
    left = f"{facts.free // 1_000_000} MB"
    if facts.free < DISK_CRITICAL:
        says = f"Disken är full: {left} kvar. Brev kan inte sparas."
        yield Part(name="disk", level=Level.CRITICAL, says=says, at_once=True)
    elif facts.free < DISK_WARNING:
        yield Part(name="disk", level=Level.WARNING, says=f"Disken är nästan full: {left} kvar.")
    else:
        yield Part(name="disk", says=f"{left} kvar på disken.")
