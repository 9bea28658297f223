"""The staff's list of work: what each case waits for and of whom, how near its date is, and which of them are shown."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from inbox_bot.domain.case import ClaimState
from inbox_bot.domain.dates import Calendar
from inbox_bot.domain.proof import Ask
from inbox_bot.domain.rights import Claim

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
_PLACE = {errand: place for place, errand in enumerate(Errand)}


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


@dataclass(frozen=True, kw_only=True)
class OpenClaim:
    """A claim that is still owed an answer, as far as a list needs it. ``due``: the stored copy of its date.

    ``asked``: what proof was asked for last (domain.proof.Ask). ``to_check``: proof was given, and a person is to check it.
    """

    case_id: int
    claim: Claim
    due: date
    state: ClaimState
    mailbox: str
    asked: str = ""
    to_check: bool = False

    @property
    def errand(self) -> Errand:
        """What the claim by itself waits for."""
        match self.state:
            case ClaimState.AWAITING_APPROVAL:
                return Errand.APPROVAL
            case ClaimState.AWAITING_IDENTITY:
                return Errand.CHECK if self.to_check else Errand.DECIDE if self.asked == Ask.PERSON else Errand.PROOF
            case ClaimState.APPROVED:
                return Errand.OUTBOX
            case _:
                return Errand.PROGRAM


@dataclass(frozen=True, kw_only=True)
class Item:
    """A case in the list. ``due`` and ``band`` are those of its most urgent open claim, None where none is open."""

    case_id: int
    due: date | None
    band: Band | None
    errand: Errand
    rights: frozenset[str]
    mailbox: str

    @property
    def is_urgent(self) -> bool:
        """True if a person should look at it today: it waits for one, or its date is near."""
        return self.errand.waits_for is Wait.STAFF or self.band in {Band.LATE, Band.NEAR}


@dataclass(frozen=True, kw_only=True)
class Beside:
    """What is known of cases beside their claims: those with an unread mail, a letter in trouble, or something not done."""

    unread: frozenset[int] = frozenset()
    troubled: frozenset[int] = frozenset()
    undone: frozenset[int] = frozenset()


def items(claims: Iterable[OpenClaim], beside: Beside, days: Days) -> list[Item]:
    """Return the cases of some open claims, and those that are closed and have an unread mail; the nearest date first."""
    by_case: dict[int, list[OpenClaim]] = {}
    for claim in claims:
        by_case.setdefault(claim.case_id, []).append(claim)
    found = [_item(case_id, of_case, beside, days) for case_id, of_case in by_case.items()]
    found += [closed(case_id, unread=True) for case_id in beside.unread - by_case.keys()]
    return sorted(found, key=lambda item: (item.due or date.max, item.case_id))


def closed(case_id: int, *, unread: bool = False) -> Item:
    """Return a case that is closed, as the list has it."""
    errand = Errand.UNREAD if unread else Errand.CLOSED
    return Item(case_id=case_id, due=None, band=None, errand=errand, rights=frozenset(), mailbox="")


def _item(case_id: int, claims: Sequence[OpenClaim], beside: Beside, days: Days) -> Item:
    due = min(claim.due for claim in claims)
    errands = [claim.errand for claim in claims]
    if case_id in beside.unread:
        errands.append(Errand.UNREAD)
    if case_id in beside.troubled:
        errands.append(Errand.TROUBLE)
    if case_id in beside.undone:
        errands.append(Errand.UNDONE)
    return Item(
        case_id=case_id,
        due=due,
        band=days.band(due),
        errand=min(errands, key=_PLACE.__getitem__),
        rights=frozenset(claim.claim.name for claim in claims),
        mailbox=claims[0].mailbox,
    )


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which cases are wanted: of a right, whose turn it is, how near, of which mailbox; ``""`` is all."""

    right: str = ""
    wait: str = ""
    band: str = ""
    mailbox: str = ""

    def takes(self, item: Item) -> bool:
        """True if a case is among those wanted."""
        return (
            (not self.right or self.right in item.rights)
            and (not self.wait or self.wait == item.errand.waits_for)
            and (not self.band or self.band == item.band)
            and (not self.mailbox or self.mailbox == item.mailbox)
        )


@dataclass(frozen=True, kw_only=True)
class Tally:
    """How many cases each choice would show, the other choices as they are."""

    rights: Mapping[str, int]
    waits: Mapping[str, int]
    bands: Mapping[str, int]
    mailboxes: Mapping[str, int]


def tally(found: Collection[Item], wanted: Wanted) -> Tally:
    """Count what each choice of a filter would show."""

    def those(**without: str) -> Iterable[Item]:
        return filter(replace(wanted, **without).takes, found)

    return Tally(
        rights=Counter(right for item in those(right="") for right in item.rights),
        waits=Counter(item.errand.waits_for.value for item in those(wait="")),
        bands=Counter(item.band.value for item in those(band="") if item.band is not None),
        mailboxes=Counter(item.mailbox for item in those(mailbox="") if item.mailbox),
    )
