"""Makes the weekly and the daily letter to staff, once a period whatever restarts and however many workers."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from inbox_bot.clock import stockholm_day
from inbox_bot.digest.calendar import daily_period, week_of, weekly_period
from inbox_bot.digest.facts import Facts, Running, alarms_due, gather, has_cause, running
from inbox_bot.digest.outlook import outlook
from inbox_bot.digest.room import Digest
from inbox_bot.digest.summary import alarm_only, daily, weekly
from inbox_bot.digest.telling import note_told, untold
from inbox_bot.digest.waiting import waiting
from inbox_bot.domain.health import Proof
from inbox_bot.domain.letters import Language, Rendered
from inbox_bot.domain.waiting import Errand, answer_name
from inbox_bot.store.unit import Unit


def report(room: Digest) -> int:
    """Make the letters whose period has come; return how many were queued."""
    now = room.clock.now()
    today = stockholm_day(now)
    queued = 0
    told = _told(room)
    week, day = weekly_period(now), daily_period(now, working_day=room.calendar.is_working_day(today))
    with room.desk.look() as unit:
        # Most looks find nothing to tell: they hold up nobody who writes.
        is_week = week is not None and not unit.digests.is_done("weekly", week)
        if not is_week and (day is None or not _has_news(room, unit, gather(unit, room.clock, *told), day)):
            return 0
    with room.desk.write() as unit:
        if week is not None and not unit.digests.is_done("weekly", week) and unit.digests.claim("weekly", week, now):
            queued += _queue(room, unit, "weekly_digest", _weekly(room, unit, told, week))
        if day is not None:
            queued += _alarm(room, unit, gather(unit, room.clock, *told), day)
    return queued


def _has_news(room: Digest, unit: Unit, facts: Facts, day: str) -> bool:
    """True if the day's letter is to be made, or a date has come near that nobody has been warned of."""
    if not unit.digests.is_done("daily", day) and has_cause(facts, room.calendar):
        return True
    return bool(alarms_due(facts, room.calendar, _warned_of(unit, facts)))


def _warned_of(unit: Unit, facts: Facts) -> frozenset[tuple[int, int, date]]:
    return unit.alarms.sent({claim.id for case in facts.cases for claim in case.claims})


def _alarm(room: Digest, unit: Unit, facts: Facts, day: str) -> int:
    """Queue the daily letter if it has not been sent and there is cause, or one more where a date has come near since.

    An alarm is taken in the transaction that queues its letter, so none is lost or sent twice, whatever restarts. The day is
    taken only when there is cause, so that what turns up at noon still makes a letter today. What the day's letter names is
    not told in another.
    """
    alarms = [
        alarm
        for alarm in alarms_due(facts, room.calendar, _warned_of(unit, facts))
        # All, not any: each of the numbers of days that have been reached must be taken.
        if any([unit.alarms.take(alarm.one.claim.id, days, alarm.one.due, facts.now) for days in alarm.days])  # noqa: C419
    ]
    first = not unit.digests.is_done("daily", day)
    if first and (alarms or has_cause(facts, room.calendar)) and unit.digests.claim("daily", day, facts.now):
        waits = waiting(facts, room.calendar)
        new = {one.what for one in untold(room, unit, waits) if one.errand is Errand.APPROVE}
        note_told(room, unit, waits)
        fresh = [one for one in running(facts, room.calendar) if _names_of(one) & new]
        return _queue(room, unit, "daily_alarm", daily(facts, room.pen, day, alarms, fresh))
    if alarms:
        return _queue(room, unit, "daily_alarm", alarm_only(facts, room.pen, day, alarms))
    return 0


def _names_of(one: Running) -> set[str]:
    return {answer_name(one.claim.id), answer_name(one.claim.id, "cannot_identify")}


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
    ahead = outlook(unit, facts, room.pen)
    today = stockholm_day(facts.now)
    # What was read since last week began: this letter alone tells of it.
    near = unit.left.near_since(today - timedelta(days=today.weekday() + 7))
    return weekly(facts, room.pen, week, near) | {"outlook": ahead}


def _queue(room: Digest, unit: Unit, letter: str, summary: dict[str, Any]) -> int:
    for address in room.staff:
        room.queue(unit, letter, address, {"summary": summary})
    return len(room.staff)
