"""What staff look through: the list of cases by legal date, with filters and search. The doors, for the pages."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from inbox_bot.clock import Clock, stockholm_day
from inbox_bot.domain.dates import Calendar
from inbox_bot.domain.task import Half, HalfDone
from inbox_bot.domain.words import terms_of
from inbox_bot.domain.worklist import Beside, Days, Errand, Item, Tally, Wanted, closed, days_of, items, tally
from inbox_bot.overview import Archive, CaseView
from inbox_bot.store.unit import Desk, Unit

AT_ONCE = 25
"""Cases on a page."""

MOST_FOUND = 1000
"""Cases a search gives at most: who finds so many writes more."""

MOST_HALVES = 50
"""Open cases, the nearest date first, that are looked through for what is done and not told."""


class Which(StrEnum):
    """Which cases are listed. ``OPEN``: also those closed that have an unread mail."""

    OPEN = "open"
    CLOSED = "closed"
    ALL = "all"


@dataclass(frozen=True, kw_only=True)
class Line:
    """A case on a page, and what it waits for."""

    case: CaseView
    errand: Errand


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page of the list. ``number`` counts from 1. ``tally``: what each choice of a filter would show.

    ``which``: how many cases are open, closed and both, with the filters as they are. ``cut``: a search found more than is shown.
    """

    lines: tuple[Line, ...]
    number: int
    pages: int
    total: int
    tally: Tally
    which: Mapping[Which, int]
    mailboxes: tuple[str, ...]
    cut: bool = False


@dataclass(frozen=True, kw_only=True)
class Todo:
    """What waits for a person among the cases: the nearest ``lines`` of all ``urgent`` ones, and how many wait for whom."""

    lines: tuple[Line, ...]
    urgent: int
    late: int
    open: int
    tally: Tally
    halves: tuple[HalfDone, ...]


@dataclass(frozen=True, kw_only=True)
class WorkDesk:
    """Reads the list. ``archive`` dates the cases that are shown from their events (architecture, rule 8)."""

    desk: Desk
    clock: Clock
    calendar: Calendar
    archive: Archive

    def todo(self) -> Todo:
        """Return the cases a person should look at today, the nearest date first."""
        days = self._days()
        with self.desk.look() as unit:
            undone = _undone(unit)
            found = items(unit.worklist.claims(), _beside(unit, undone), days)
            urgent = [item for item in found if item.is_urgent]
            nearest = [item.case_id for item in found[:MOST_HALVES] if item.due is not None]
            untold = unit.halves(unit.cases.get_all(unit.worklist.begun(nearest)))
            return Todo(
                lines=self._lines(unit, urgent[:AT_ONCE]),
                urgent=len(urgent),
                late=sum(item.due is not None and item.due < days.today for item in found),
                open=len(found),
                tally=tally(found, Wanted()),
                halves=(*undone, *(one for one in untold if one.half is Half.UNTOLD)),
            )

    def page(self, which: Which, wanted: Wanted, number: int) -> Page:
        """Return one page of the open cases by date, or of the closed ones, the last closed first, or of both in that order."""
        with self.desk.look() as unit:
            boxes = tuple(box.name for box in unit.mailboxes.health())
            found = _open_items(unit, self._days(), several=len(boxes) > 1)
            fitting = [item for item in found if wanted.takes(item)]
            ended = _ended(unit, wanted)
            counts = {Which.OPEN: len(fitting), Which.CLOSED: ended, Which.ALL: len(fitting) + ended}
            number, start = _at(number, counts[which])
            shown = [] if which is Which.CLOSED else fitting
            here = shown[start : start + AT_ONCE]
            room = AT_ONCE - len(here)
            if which is not Which.OPEN and room and ended:
                past = max(0, start - len(shown))
                ids = unit.worklist.closed(right=wanted.right, mailbox=wanted.mailbox, start=past, most=room)
                here += [closed(case_id) for case_id in ids]
            return Page(
                lines=self._lines(unit, here),
                number=number,
                pages=_pages(counts[which]),
                total=counts[which],
                tally=_tally(unit, which, found, wanted, several=len(boxes) > 1),
                which=counts,
                mailboxes=boxes,
            )

    def search(self, text: str, number: int) -> Page:
        """Return one page of the cases that a number, a name, an address or words of a subject lead to: the open ones by date,
        then the closed, the newest first.
        """
        with self.desk.look() as unit:
            ids = unit.words.find(terms_of(text), MOST_FOUND + 1)
            beside = _beside(unit, _undone(unit))
            claims = unit.worklist.claims(ids[:MOST_FOUND]) if ids else []
            here = Beside(unread=beside.unread & set(ids), troubled=beside.troubled, undone=beside.undone)
            still_open = items(claims, here, self._days())
            known = {item.case_id for item in still_open}
            found = [*still_open, *(closed(case_id) for case_id in ids[:MOST_FOUND] if case_id not in known)]
            number, start = _at(number, len(found))
            return Page(
                lines=self._lines(unit, found[start : start + AT_ONCE]),
                number=number,
                pages=_pages(len(found)),
                total=len(found),
                tally=tally(found, Wanted()),
                which={
                    Which.OPEN: len(known),
                    Which.CLOSED: len(found) - len(known),
                    Which.ALL: len(found),
                },
                mailboxes=(),
                cut=len(ids) > MOST_FOUND,
            )

    def _lines(self, unit: Unit, chosen: Sequence[Item]) -> tuple[Line, ...]:
        records = {case.id: case for case in unit.cases.get_all([item.case_id for item in chosen])}
        return tuple(
            Line(case=self.archive.view(records[item.case_id], unread=item.errand is Errand.UNREAD), errand=item.errand)
            for item in chosen
            if item.case_id in records
        )

    def _days(self) -> Days:
        return days_of(self.calendar, stockholm_day(self.clock.now()))


def _open_items(unit: Unit, days: Days, *, several: bool) -> list[Item]:
    """Return the open cases; ``several``: there are mailboxes to tell apart."""
    return items(unit.worklist.claims(with_mailbox=several), _beside(unit, _undone(unit)), days)


def _undone(unit: Unit) -> list[HalfDone]:
    """Return the claims whose answer is approved while something in it is not recorded as done."""
    approved = unit.worklist.undone()
    halves = unit.halves(unit.cases.get_all(approved)) if approved else []
    return [one for one in halves if one.half is Half.UNDONE]


def _beside(unit: Unit, undone: Sequence[HalfDone]) -> Beside:
    return Beside(
        unread=unit.worklist.unread(),
        troubled=unit.worklist.troubled(),
        undone=frozenset(one.case.id for one in undone),
    )


def _ended(unit: Unit, wanted: Wanted) -> int:
    """Return how many closed cases a filter takes: none of them waits for anybody, and none has a date."""
    if wanted.wait or wanted.band:
        return 0
    if wanted.right:
        return unit.worklist.closed_rights(wanted.mailbox).get(wanted.right, 0)
    counted = unit.worklist.closed_in_mailboxes() if wanted.mailbox else {"": unit.worklist.count_closed()}
    return counted.get(wanted.mailbox, 0)


def _tally(unit: Unit, which: Which, found: Sequence[Item], wanted: Wanted, *, several: bool) -> Tally:
    of_open = tally(found if which is not Which.CLOSED else (), wanted)
    if which is Which.OPEN or wanted.wait or wanted.band:
        return of_open
    boxes = unit.worklist.closed_in_mailboxes(wanted.right) if several else {}
    rights = unit.worklist.closed_rights(wanted.mailbox)
    return Tally(
        rights=Counter(of_open.rights) + Counter(rights),
        waits=of_open.waits,
        bands=of_open.bands,
        mailboxes=Counter(of_open.mailboxes) + Counter(boxes),
    )


def _pages(total: int) -> int:
    return max(1, -(-total // AT_ONCE))


def _at(number: int, total: int) -> tuple[int, int]:
    """Return which page there is, and where it starts: the last one where the list has become shorter."""
    number = min(max(1, number), _pages(total))
    return number, (number - 1) * AT_ONCE
