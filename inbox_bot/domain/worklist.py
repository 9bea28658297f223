"""The staff's list of work: what each case waits for and of whom, how near its date is, and which of them are shown."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from inbox_bot.domain.case import ClaimState
from inbox_bot.domain.dates import Calendar
from inbox_bot.domain.rights import Claim, Right

FEW_DAYS = 6
"""Fewer working days left than this is near: the same line the daily letter is drawn at (law.md 1.4)."""


class Wait(StrEnum):
    """Whose turn it is."""

    STAFF = "staff"
    REQUESTER = "requester"
    PROGRAM = "program"
    NOBODY = "nobody"


class Errand(StrEnum):
    """What a case waits for. Where it waits for several things, the first of these is said.

    ``UNREAD``: a follow-up nobody has read. ``TROUBLE``: a letter that did not get away or did not arrive. ``CHECK``: what only
    the person knows was given, and waits to be checked. ``DECIDE``: how the person is to show who they are. ``UNDONE``: the
    answer is approved, and something is not recorded as done.
    """

    UNREAD = "unread"
    TROUBLE = "trouble"
    APPROVAL = "approval"
    CHECK = "check"
    DECIDE = "decide"
    UNDONE = "undone"
    PROOF = "proof"
    OUTBOX = "outbox"
    PROGRAM = "program"
    CLOSED = "closed"

    @property
    def waits_for(self) -> Wait:
        """Whose turn it is."""
        return _TURNS.get(self, Wait.STAFF)


_TURNS = {
    Errand.PROOF: Wait.REQUESTER,
    Errand.OUTBOX: Wait.PROGRAM,
    Errand.PROGRAM: Wait.PROGRAM,
    Errand.CLOSED: Wait.NOBODY,
}


class Band(StrEnum):
    """How near a legal date is. ``NEAR``: fewer than ``FEW_DAYS`` working days are left."""

    LATE = "late"
    NEAR = "near"
    CALM = "calm"


@dataclass(frozen=True, kw_only=True)
class Days:
    """Today, and the last day that is near."""

    today: date
    near_until: date

    def band(self, due: date) -> Band:
        """Return how near a date is."""
        if due < self.today:
            return Band.LATE
        return Band.NEAR if due <= self.near_until else Band.CALM


def days_of(calendar: Calendar, today: date) -> Days:
    """Return which dates are late and near today."""
    return Days(today=today, near_until=calendar.add_working_days(today, FEW_DAYS) - timedelta(days=1))


class OpenClaim(NamedTuple):
    """A claim that is still owed an answer, as far as a list needs it. ``due``: the stored copy of its date.

    ``by_person``: a person decides how it is proven. ``to_check``: proof was given, and a person is to check it. A plain tuple,
    as ``Item`` is: thousands of them are made for one page.
    """

    case_id: int
    right: str
    marketing: bool
    due: date
    state: str
    by_person: bool
    to_check: bool
    mailbox: str


def errand_of(state: ClaimState, *, by_person: bool, to_check: bool) -> Errand:
    """Return what a claim by itself waits for."""
    match state:
        case ClaimState.AWAITING_APPROVAL:
            return Errand.APPROVAL
        case ClaimState.AWAITING_IDENTITY:
            return Errand.CHECK if to_check else Errand.DECIDE if by_person else Errand.PROOF
        case ClaimState.APPROVED:
            return Errand.OUTBOX
        case _:
            return Errand.PROGRAM


class Item(NamedTuple):
    """A case in the list. ``due`` and ``band`` are those of its most urgent open claim, None where none is open."""

    case_id: int
    due: date | None
    band: Band | None
    errand: Errand
    wait: Wait
    rights: frozenset[str]
    mailbox: str

    @property
    def is_urgent(self) -> bool:
        """True if a person should look at it today: it waits for one, or its date is near."""
        return self.wait is Wait.STAFF or self.band is Band.LATE or self.band is Band.NEAR


@dataclass(frozen=True, kw_only=True)
class Beside:
    """What is known of cases beside their claims: those with an unread mail, a letter in trouble, or something not done."""

    unread: frozenset[int] = frozenset()
    troubled: frozenset[int] = frozenset()
    undone: frozenset[int] = frozenset()


_ERRANDS = list(Errand)
_PLACES = {
    (state.value, by_person, to_check): _ERRANDS.index(errand_of(state, by_person=by_person, to_check=to_check))
    for state in ClaimState
    for by_person in (False, True)
    for to_check in (False, True)
}
_RIGHTS = {
    (right.value, marketing): frozenset({Claim(right=right, marketing=marketing).name})
    for right in Right
    for marketing in (False, True)
}


def items(claims: Iterable[OpenClaim], beside: Beside, days: Days) -> list[Item]:
    """Return the cases of some open claims, and those that are closed and have an unread mail; the nearest date first."""
    found: dict[int, tuple[date, int, frozenset[str], str]] = {}
    for case_id, right, marketing, due, state, by_person, to_check, mailbox in claims:
        place, rights = _PLACES[state, by_person, to_check], _RIGHTS[right, marketing]
        known = found.get(case_id)
        if known is None:
            found[case_id] = due, place, rights, mailbox
        else:
            found[case_id] = min(known[0], due), min(known[1], place), known[2] | rights, mailbox
    for cases, errand in (
        (beside.undone, Errand.UNDONE),
        (beside.troubled, Errand.TROUBLE),
        (beside.unread, Errand.UNREAD),
    ):
        for case_id in cases & found.keys():
            due, place, rights, mailbox = found[case_id]
            found[case_id] = due, min(place, _ERRANDS.index(errand)), rights, mailbox
    bands = {due: days.band(due) for due in {one[0] for one in found.values()}}
    listed = [
        Item(case_id, due, bands[due], _ERRANDS[place], _ERRANDS[place].waits_for, rights, mailbox)
        for case_id, (due, place, rights, mailbox) in found.items()
    ]
    listed += [closed(case_id, unread=True) for case_id in beside.unread - found.keys()]
    return sorted(listed, key=lambda item: (item.due or date.max, item.case_id))


def closed(case_id: int, *, unread: bool = False) -> Item:
    """Return a case that is closed, as the list has it."""
    errand = Errand.UNREAD if unread else Errand.CLOSED
    return Item(case_id, None, None, errand, errand.waits_for, frozenset(), "")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which cases are wanted: of a right, whose turn it is, how near, of which mailbox; ``""`` is all."""

    right: str = ""
    wait: str = ""
    band: str = ""
    mailbox: str = ""

    def fits(self, item: Item) -> tuple[bool, bool, bool, bool]:
        """Return what fits: right, turn, nearness, mailbox."""
        return (
            not self.right or self.right in item.rights,
            not self.wait or self.wait == item.wait,
            not self.band or self.band == item.band,
            not self.mailbox or self.mailbox == item.mailbox,
        )

    def takes(self, item: Item) -> bool:
        """True if a case is among those wanted."""
        return all(self.fits(item))


@dataclass(frozen=True, kw_only=True)
class Tally:
    """How many cases each choice would show, the other choices as they are."""

    rights: Mapping[str, int]
    waits: Mapping[str, int]
    bands: Mapping[str, int]
    mailboxes: Mapping[str, int]


def tally(found: Iterable[Item], wanted: Wanted) -> Tally:
    """Count what each choice of a filter would show: a case counts for a filter if all the others take it."""
    rights: Counter[str] = Counter()
    waits: Counter[str] = Counter()
    bands: Counter[str] = Counter()
    mailboxes: Counter[str] = Counter()
    for item in found:
        right, wait, band, mailbox = wanted.fits(item)
        if wait and band and mailbox:
            rights.update(item.rights)
        if right and band and mailbox:
            waits[item.wait] += 1
        if right and wait and mailbox and item.band is not None:
            bands[item.band] += 1
        if right and wait and band and item.mailbox:
            mailboxes[item.mailbox] += 1
    return Tally(rights=rights, waits=waits, bands=bands, mailboxes=mailboxes)
