"""Makes the weekly and the daily letter to staff, once a period whatever restarts and however many workers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from inbox_bot.clock import Clock, stockholm_day
from inbox_bot.digest.calendar import daily_period, week_of, weekly_period
from inbox_bot.digest.outlook import outlook
from inbox_bot.digest.summary import Facts, alarm_only, alarms_due, daily, gather, has_cause, weekly
from inbox_bot.domain.case import LetterPurpose
from inbox_bot.domain.correspondence import new_message_id
from inbox_bot.domain.dates import Calendar
from inbox_bot.domain.health import Proof
from inbox_bot.domain.letters import Envelope, Language, LetterBook, Rendered
from inbox_bot.store.unit import Desk, Unit


@dataclass(frozen=True, kw_only=True)
class Digest:
    """The room's tools. ``staff`` are the addresses that get the letters; ``warnings`` tells, in Swedish, what else is unwell.

    ``logins`` tells, in Swedish, how long each login at a mail provider lasts; ``proof`` how the program has shown that it works.
    """

    desk: Desk
    clock: Clock
    calendar: Calendar
    letters: LetterBook
    sender: str
    pages: str
    staff: tuple[str, ...]
    warnings: Callable[[], Sequence[str]] = tuple
    logins: Callable[[], Sequence[str]] = tuple
    proof: Callable[[], Proof] = Proof


def report(room: Digest) -> int:
    """Make the letters whose period has come; return how many were queued."""
    now = room.clock.now()
    today = stockholm_day(now)
    queued = 0
    told = _told(room)
    with room.desk.write() as unit:
        week = weekly_period(now)
        if week is not None and not unit.digests.is_done("weekly", week) and unit.digests.claim("weekly", week, now):
            queued += _queue(room, unit, "weekly_digest", _weekly(room, unit, told, week))
        day = daily_period(now, working_day=room.calendar.is_working_day(today))
        if day is not None:
            queued += _alarm(room, unit, gather(unit, room.clock, *told), day)
    return queued


def _alarm(room: Digest, unit: Unit, facts: Facts, day: str) -> int:
    """Queue the daily letter if it has not been sent and there is cause, or one more where a date has come near since.

    An alarm is taken in the transaction that queues its letter, so none is lost or sent twice, whatever restarts. The day is
    taken only when there is cause, so that what turns up at noon still makes a letter today.
    """
    sent = unit.alarms.sent({claim.id for case in facts.cases for claim in case.claims})
    alarms = [
        alarm
        for alarm in alarms_due(facts, room.calendar, sent)
        # All, not any: each of the numbers of days that have been reached must be taken.
        if any([unit.alarms.take(alarm.one.claim.id, days, alarm.one.due, facts.now) for days in alarm.days])  # noqa: C419
    ]
    first = not unit.digests.is_done("daily", day)
    if first and (alarms or has_cause(facts, room.calendar)) and unit.digests.claim("daily", day, facts.now):
        return _queue(room, unit, "daily_alarm", daily(facts, room.calendar, day, room.pages, alarms))
    if alarms:
        return _queue(room, unit, "daily_alarm", alarm_only(facts, day, room.pages, alarms))
    return 0


def render_weekly(room: Digest) -> Rendered:
    """Return this week's digest as it would read now, sending and noting nothing."""
    week = week_of(room.clock.now())
    told = _told(room)
    with room.desk.look() as unit:
        summary = _weekly(room, unit, told, week)
    return room.letters.render("weekly_digest", Language.SV, {"summary": summary})


_Told = tuple[Sequence[str], Sequence[str], Proof]


def _told(room: Digest) -> _Told:
    """Return what other rooms say is unwell, how long logins last, and how the program has shown that it works."""
    proof = room.proof()
    return [*room.warnings(), *proof.unwell], room.logins(), proof


def _weekly(room: Digest, unit: Unit, told: _Told, week: str) -> dict[str, Any]:
    facts = gather(unit, room.clock, *told)
    ahead = outlook(unit, facts, room.calendar, room.pages)
    return weekly(facts, room.calendar, week, room.pages) | {"outlook": ahead}


def _queue(room: Digest, unit: Unit, letter: str, summary: dict[str, Any]) -> int:
    now = room.clock.now()
    for address in room.staff:
        message_id = new_message_id(room.sender)
        envelope = Envelope(to=address, message_id=message_id, at=now, automatic=True)
        unit.letters.queue(
            name=letter,
            purpose=LetterPurpose.STAFF,
            recipient=address,
            message_id=message_id,
            content=room.letters.freeze(letter, Language.SV, {"summary": summary}, envelope),
            at=now,
        )
    return len(room.staff)
