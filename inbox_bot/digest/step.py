"""Makes the weekly and the daily letter to staff, once a period whatever restarts and however many workers."""

from dataclasses import dataclass
from typing import Any

from inbox_bot.clock import Clock, stockholm_day
from inbox_bot.digest.calendar import daily_period, week_of, weekly_period
from inbox_bot.digest.summary import daily, gather, has_cause, weekly
from inbox_bot.domain.case import LetterPurpose
from inbox_bot.domain.correspondence import new_message_id
from inbox_bot.domain.dates import Calendar
from inbox_bot.domain.letters import Envelope, Language, LetterBook, Rendered
from inbox_bot.store.unit import Desk, Unit


@dataclass(frozen=True, kw_only=True)
class Digest:
    """The room's tools. ``staff`` are the addresses that get the letters."""

    desk: Desk
    clock: Clock
    calendar: Calendar
    letters: LetterBook
    sender: str
    pages: str
    staff: tuple[str, ...]


def report(room: Digest) -> int:
    """Make the letters whose period has come; return how many were queued."""
    now = room.clock.now()
    today = stockholm_day(now)
    queued = 0
    with room.desk.write() as unit:
        week = weekly_period(now)
        if week is not None and not unit.digests.is_done("weekly", week) and unit.digests.claim("weekly", week, now):
            summary = weekly(gather(unit, room.clock), room.calendar, week, room.pages)
            queued += _queue(room, unit, "weekly_digest", summary)
        day = daily_period(now, working_day=room.calendar.is_working_day(today))
        if day is not None and not unit.digests.is_done("daily", day):
            facts = gather(unit, room.clock)
            # The day is taken only when there is cause, so that what turns up at noon still makes a letter today.
            if has_cause(facts, room.calendar) and unit.digests.claim("daily", day, now):
                queued += _queue(room, unit, "daily_alarm", daily(facts, room.calendar, day, room.pages))
    return queued


def render_weekly(room: Digest) -> Rendered:
    """Return this week's digest as it would read now, sending and noting nothing."""
    week = week_of(room.clock.now())
    with room.desk.look() as unit:
        summary = weekly(gather(unit, room.clock), room.calendar, week, room.pages)
    return room.letters.render("weekly_digest", Language.SV, {"summary": summary})


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
