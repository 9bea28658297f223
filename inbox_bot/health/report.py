"""What the weekly and the daily letter say of the program itself."""

from datetime import timedelta

from inbox_bot.domain.health import Level, Proof
from inbox_bot.health.desk import Watchman
from inbox_bot.health.judging import at_local, missed_words, named
from inbox_bot.health.roundtrip import told
from inbox_bot.health.step import look

WEEK = 7
_TOLD_ELSEWHERE = ("mailbox ", "reading", "suppression list", "vanished")
"""Parts the digest tells of by itself, from the same rows."""


def proof(room: Watchman) -> Proof:
    """Return the last week's lines."""
    health = look(room)
    unwell = [
        part.says for part in health.ill if part.level is not Level.OK and not part.name.startswith(_TOLD_ELSEWHERE)
    ]
    week_ago = health.at - timedelta(days=WEEK)
    with room.desk.look() as unit:
        checks = [one for one in unit.watching.self_checks(WEEK) if one.made_at >= week_ago]
        compared = [one for one in unit.watching.compared() if one.mailbox in room.mailboxes]
        incidents = [one for one in unit.watching.incidents() if one.ended_at is None or one.ended_at >= week_ago]
    return Proof(
        unwell=unwell,
        self_checks=[told(one, room.folders) for one in reversed(checks)],
        compared=[
            missed_words(one)
            if one.missed
            else f"{one.mailbox}, {one.folder}: {one.on_server} brev sedan {one.since}, alla kända ({at_local(one.at)})."
            for one in compared
        ],
        stood_still=[
            f"{named(one.what)}: från {at_local(one.since)} "
            + ("och fortfarande." if one.ended_at is None else f"till {at_local(one.ended_at)}.")
            for one in incidents
        ],
    )
