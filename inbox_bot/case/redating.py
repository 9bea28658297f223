"""Keeps the table of public holidays, hands it to the calendar, and dates open cases anew when it has changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from inbox_bot import log
from inbox_bot.case.calendar import SwedishCalendar
from inbox_bot.case.holidays import agreed, by_year, problems, years_to_hold
from inbox_bot.clock import Clock, stockholm_day
from inbox_bot.domain.case import Event, EventName
from inbox_bot.domain.holiday import PROGRAM, Holiday
from inbox_bot.errors import NotAllowedError
from inbox_bot.store.unit import Desk, Unit

MARK = "redated"
MARK_OF_TABLE = "redated_by_table"
AT_ONCE = 25
_log = log.get("case")


@dataclass(frozen=True, kw_only=True)
class Almanac:
    """What keeping the table works with. ``calendar`` is the one that every room counts with."""

    desk: Desk
    clock: Clock
    calendar: SwedishCalendar


def refresh(room: Almanac) -> bool:
    """Read the table anew if it has changed since the calendar read it; True if it had."""
    with room.desk.look() as unit:
        if unit.holidays.version() == room.calendar.version:
            return False
        room.calendar.learn(by_year(unit.holidays.all()), unit.holidays.version())
    return True


def open_table(room: Almanac) -> bool:
    """Fill the table where package and statute agree, and have the calendar read it; True if it had changed."""
    today = stockholm_day(room.clock.now())
    with room.desk.look() as unit:
        held = {row.day.year for row in unit.holidays.all() if row.by == PROGRAM}
    missing = [day for year in years_to_hold(today) if year not in held for day in _agreed(year)]
    if missing:
        with room.desk.write() as unit:
            unit.holidays.fill(missing)
    return refresh(room)


def keep(room: Almanac) -> int:
    """Keep the table, and date open cases anew when it has changed; return how many claims moved.

    Every claim is looked at when the table has changed and once a day besides: a new program may bring other holidays.
    """
    today = stockholm_day(room.clock.now())
    open_table(room)
    with room.desk.look() as unit:
        counted = room.calendar.version
        if unit.marks.reached(MARK) >= today.toordinal() and unit.marks.reached(MARK_OF_TABLE) >= counted:
            return 0
        late = [case.id for case in unit.cases.all(open_only=True)]
    moved: list[int] = []
    for start in range(0, len(late), AT_ONCE):
        room.desk.together(late[start : start + AT_ONCE], lambda unit, ids: moved.extend(_redate(room, unit, ids)))
    with room.desk.write() as unit:
        unit.marks.advance(MARK, today.toordinal())
        unit.marks.advance(MARK_OF_TABLE, counted)
    if moved:
        _log.info("claims_redated", count=len(set(moved)))
    return len(set(moved))


def _redate(room: Almanac, unit: Unit, case_ids: Sequence[int]) -> list[int]:
    """Give each open claim the date that follows from its events now, and note the old and the new one."""
    moved = []
    for case in unit.cases.hold(case_ids):
        stored = unit.cases.stored_dues(case.id)
        for claim in case.claims:
            old, new = stored[claim.id], room.calendar.dates(claim.clock).due
            if claim.state.is_final or old == new:
                continue
            unit.cases.set_due(claim.id, new)
            details = {"old": old.isoformat(), "new": new.isoformat()}
            event = Event(at=room.clock.now(), name=EventName.REDATED, claim_id=claim.id, details=details)
            unit.cases.record(case.id, event)
            moved.append(claim.id)
    return moved


def _agreed(year: int) -> list[Holiday]:
    try:
        return agreed(year)
    except ValueError:
        return []  # A year that nobody knows yet: ``problems`` tells staff.


def warnings(room: Almanac) -> list[str]:
    """Return, in Swedish, what a person must decide about the table."""
    with room.desk.look() as unit:
        return problems(unit.holidays.all(), stockholm_day(room.clock.now()))


def table(room: Almanac) -> list[Holiday]:
    """Return the whole table."""
    with room.desk.look() as unit:
        return unit.holidays.all()


def decide(room: Almanac, day: date, *, free: bool, name: str, source: str, by: str) -> int:
    """Say that a day is a public holiday, or that it is none, and where that is written; return how many claims moved.

    Raises NotAllowedError without a name, a source or who says so.
    """
    if not (name.strip() and source.strip() and by.strip()):
        raise NotAllowedError("Say what the day is called, where that is written (SFS), and who decides.")
    with room.desk.write() as unit:
        unit.holidays.put(Holiday(day=day, name=name.strip(), free=free, source=source.strip(), by=by.strip()))
    return keep(room)
