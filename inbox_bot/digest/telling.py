"""Tells staff of what has come to wait for them: each thing once to each person, all together in one letter an hour."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from inbox_bot.digest.facts import gather
from inbox_bot.digest.hours import APART, may_tell
from inbox_bot.digest.room import Digest
from inbox_bot.digest.waiting import MOST_ROWS, rows, waiting
from inbox_bot.domain.case import LETTERS_STILL_HERE, LetterState
from inbox_bot.domain.waiting import Errand, Waiting
from inbox_bot.store.unit import Unit

LETTER = "waiting"

FORGOTTEN_AFTER = timedelta(days=1)
"""A thing that stops waiting and waits again within this is not told anew: whoever takes back a yes knows that they did."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is to be done about one person's letters: rows to forget, letters to take back, things to tell of."""

    address: str
    over: Sequence[str]
    stale: Sequence[str]
    news: Sequence[Waiting]

    @property
    def is_empty(self) -> bool:
        return not (self.over or self.news)


def recall(room: Digest) -> int:
    """Take back the letters that have not left and speak of what waits no longer, or may not leave now; return how many.

    What they told of and still waits is told anew. Runs before letters leave.
    """
    with room.desk.look() as unit:
        if not unit.tellings.unsent(LETTER):
            return 0
    with room.desk.write() as unit:
        return sum(_take_back(unit, plan) for plan in _plans(room, unit))


def tell(room: Digest) -> int:
    """Queue a letter to each person for whom something has come to wait and whose hour it is; return how many."""
    with room.desk.look() as unit:
        if not unit.tellings.strangers(room.staff) and all(one.is_empty for one in _plans(room, unit)):
            return 0
    with room.desk.write() as unit:
        for stranger in unit.tellings.strangers(room.staff):
            unit.tellings.forget_person(stranger)
        queued = 0
        for plan in _plans(room, unit):
            unit.tellings.forget(plan.address, plan.over)
            queued += _queue(room, unit, plan) if plan.news else 0
        return queued


def note_told(room: Digest, unit: Unit, found: Sequence[Waiting]) -> None:
    """Note that a letter of another kind has told everyone of these things."""
    now = room.clock.now()
    for address in room.staff:
        known = {one.what for one in unit.tellings.of(address)}
        for one in found:
            if one.what not in known:
                unit.tellings.add(address, one.what, now)


def untold(room: Digest, unit: Unit, found: Sequence[Waiting]) -> list[Waiting]:
    """Return the things that somebody has not been told of."""
    told = [{one.what for one in unit.tellings.of(address)} for address in room.staff]
    return [one for one in found if not all(one.what in known for known in told)]


def _plans(room: Digest, unit: Unit) -> list[Plan]:
    found = waiting(gather(unit, room.clock), room.calendar)
    return [_plan(room, unit, address, {one.what: one for one in found}) for address in room.staff]


def _plan(room: Digest, unit: Unit, address: str, found: Mapping[str, Waiting]) -> Plan:
    now = room.clock.now()
    told = unit.tellings.of(address)
    known = {one.what for one in told}
    gone = [one for one in told if one.what not in found]
    news = [one for name, one in found.items() if name not in known]
    hours = room.hours_of(address)
    # What an outage has kept here does not leave in the night, either.
    may_leave = may_tell(hours, now, room.calendar, _dues(found[name] for name in known & found.keys()))
    may_begin = news and may_tell(hours, now, room.calendar, _dues(news))
    doubtful = gone if may_leave else told
    return Plan(
        address=address,
        over=[one.what for one in gone if one.at <= now - FORGOTTEN_AFTER],
        stale=sorted(unit.tellings.still_here(one.message_id for one in doubtful)),
        news=news if may_begin and unit.tellings.is_turn(address, now, APART) else (),
    )


def _dues(found: Iterable[Waiting]) -> list[date]:
    return [one.due for one in found if one.due is not None]


def _take_back(unit: Unit, plan: Plan) -> int:
    taken = 0
    for message_id in plan.stale:
        letter = unit.letters.by_message_id(message_id)
        if letter is not None and unit.letters.move(letter.id, LETTERS_STILL_HERE, LetterState.VOID):
            unit.tellings.forget_letter(message_id)
            unit.tellings.give_turn_back(plan.address)
            taken += 1
    return taken


def _queue(room: Digest, unit: Unit, plan: Plan) -> int:
    now = room.clock.now()
    if not unit.tellings.take_turn(plan.address, now, APART):
        return 0
    message_id = room.new_message_id()
    news = [one for one in plan.news if unit.tellings.add(plan.address, one.what, now, message_id)]
    if not news:
        return 0
    room.queue(unit, LETTER, plan.address, values(news, room.pages, now), message_id)
    return 1


def values(news: Sequence[Waiting], pages: str, now: datetime) -> dict[str, object]:
    """Return what the letter is told."""
    found = rows(news, pages)
    shown, left_out = found[:MOST_ROWS], found[MOST_ROWS:]
    named = {Errand.SORT.value, Errand.UNREADABLE.value}
    return {
        "rows": shown,
        "count": len(found),
        "nearest": min(_dues(news), default=None),
        "others": [row["subject"] for row in left_out if row["errand"] not in named],
        "more": len(left_out),
        "start": f"{pages}/personal",
        "made_at": now,
    }
