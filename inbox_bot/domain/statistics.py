"""What the figures say, worked out from counts of claims that are alike. No person, case or address is in any of it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from inbox_bot.domain.rights import Claim
from inbox_bot.domain.span import Span

DAY = 86_400
"""Seconds."""


class Stand(StrEnum):
    """What has become of a claim. ``DISOWNED``: the address had not asked; ``DISMISSED``: it was no request.

    ``WITHDRAWN``: the person took it back.
    """

    ANSWERED = "answered"
    OPEN = "open"
    DISOWNED = "disowned"
    DISMISSED = "dismissed"
    WITHDRAWN = "withdrawn"


class Finder(StrEnum):
    """Who saw that a claim was made. ``HISTORIC``: sorted by a person because it was there before the program was."""

    PROGRAM = "program"
    SORTED = "sorted"
    ADDED = "added"
    HISTORIC = "historic"


class Phase(StrEnum):
    """What an answered claim waited for, from its receipt to the moment its answer left."""

    PROGRAM = "program"
    PROOF = "proof"
    STAFF = "staff"
    APPROVAL = "approval"
    OUTBOX = "outbox"


@dataclass(frozen=True, kw_only=True)
class Tally:
    """How many claims are alike. ``month``: of receipt, ``2026-11``. ``late``: answered, or still open, after its date."""

    month: str
    claim: Claim
    stand: Stand
    late: bool
    finder: Finder
    count: int


@dataclass(frozen=True, kw_only=True)
class Answered:
    """How many claims were answered so many days after the day they came in."""

    claim: Claim
    days: int
    late: bool
    count: int


@dataclass(frozen=True, kw_only=True)
class Counts:
    """What the store has counted for one span. ``seconds``: over all answered claims, by what they waited for."""

    tallies: Sequence[Tally] = ()
    answered: Sequence[Answered] = ()
    seconds: Mapping[Phase, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Key:
    """The figures of some claims. What was no request after all, not the person's own, or taken back, is in none of them but its own.

    ``asked`` = ``answered`` + ``open``. ``on_time``: of ``due_by_now``, which are those answered and those still open after
    their date: to leave the latter out would make the share better the longer they wait.
    """

    asked: int = 0
    answered: int = 0
    open: int = 0
    overdue: int = 0
    on_time: int = 0
    disowned: int = 0
    dismissed: int = 0
    withdrawn: int = 0
    median: float | None = None
    worst: int | None = None

    @property
    def due_by_now(self) -> int:
        return self.answered + self.overdue

    @property
    def share(self) -> float | None:
        """Return the share answered in time, 0 to 1; None where nothing was to be answered yet."""
        return self.on_time / self.due_by_now if self.due_by_now else None


@dataclass(frozen=True, kw_only=True)
class Bin:
    """How many answers took from ``low`` to ``high`` days (None: or more)."""

    low: int
    high: int | None
    on_time: int
    late: int

    @property
    def count(self) -> int:
        return self.on_time + self.late


@dataclass(frozen=True, kw_only=True)
class Wait:
    """How long answered claims waited for one thing: days on average, and its share (0 to 1) of the whole."""

    phase: Phase
    days: float
    share: float


@dataclass(frozen=True, kw_only=True)
class Statistics:
    """The figures of one span. ``whole_from``: the first day from which nothing has been deleted by its period.

    ``gone``: cases of the span's years whose numbers were given and that are no longer kept. ``before``: the span before.
    """

    span: Span
    made_at: datetime
    whole_from: date | None
    gone: int
    key: Key
    before: Key | None
    months: tuple[str, ...]
    rights: tuple[Claim, ...]
    requests: Mapping[tuple[str, Claim], int]
    by_right: Mapping[Claim, Key]
    by_month: Mapping[str, Key]
    bins: tuple[Bin, ...]
    waits: tuple[Wait, ...]
    finders: Mapping[Finder, int]

    @property
    def caught(self) -> float | None:
        """Return the share of requests that a person found and the program had not; None where there were none.

        What was in the mailbox before the program was is left out: the program was not meant to decide on it.
        """
        found = self.finders[Finder.SORTED] + self.finders[Finder.ADDED]
        judged = found + self.finders[Finder.PROGRAM]
        return found / judged if judged else None


EDGES = (0, 1, 4, 8, 15, 22, 32)
"""The first day of each bin: the same day, some days, a week, the goal of 14 days (law.md 1.4), three weeks, a month, more."""


def statistics(
    span: Span,
    counts: Counts,
    *,
    months: Sequence[str],
    made_at: datetime,
    whole_from: date | None,
    gone: int,
    before: Counts | None,
) -> Statistics:
    """Work the figures out. ``months`` are those the span has, also those in which nothing came."""
    real = [one for one in counts.tallies if one.stand in {Stand.ANSWERED, Stand.OPEN}]
    requests: Counter[tuple[str, Claim]] = Counter()
    finders: Counter[Finder] = Counter(dict.fromkeys(Finder, 0))
    for one in real:
        requests[one.month, one.claim] += one.count
        finders[one.finder] += one.count
    rights = tuple(sorted({one.claim for one in counts.tallies}))
    return Statistics(
        span=span,
        made_at=made_at,
        whole_from=whole_from,
        gone=gone,
        key=key_of(counts.tallies, counts.answered),
        before=None if before is None else key_of(before.tallies, before.answered),
        months=tuple(months),
        rights=rights,
        requests=dict(requests),
        by_right={
            claim: key_of(
                [one for one in counts.tallies if one.claim == claim],
                [one for one in counts.answered if one.claim == claim],
            )
            for claim in rights
        },
        by_month={month: key_of([one for one in counts.tallies if one.month == month], ()) for month in months},
        bins=bins_of(counts.answered),
        waits=waits_of(counts),
        finders=dict(finders),
    )


def key_of(tallies: Iterable[Tally], answered: Sequence[Answered]) -> Key:
    """Add up what is alike. Without ``answered`` no median and no worst are known."""
    stands: Counter[tuple[Stand, bool]] = Counter()
    for one in tallies:
        stands[one.stand, one.late] += one.count
    both = {stand: stands[stand, False] + stands[stand, True] for stand in Stand}
    days: Counter[int] = Counter()
    for group in answered:
        days[group.days] += group.count
    return Key(
        asked=both[Stand.ANSWERED] + both[Stand.OPEN],
        answered=both[Stand.ANSWERED],
        open=both[Stand.OPEN],
        overdue=stands[Stand.OPEN, True],
        on_time=stands[Stand.ANSWERED, False],
        disowned=both[Stand.DISOWNED],
        dismissed=both[Stand.DISMISSED],
        withdrawn=both[Stand.WITHDRAWN],
        median=median_of(days),
        worst=max(days, default=None),
    )


def median_of(days: Mapping[int, int]) -> float | None:
    """Return the median of numbers that each occur so many times; of two in the middle, halfway between. None for none."""
    count = sum(days.values())
    if not count:
        return None
    wanted = {(count + 1) // 2, count // 2 + 1}
    middle, passed = [], 0
    for number in sorted(days):
        middle += [number for place in wanted if passed < place <= passed + days[number]]
        passed += days[number]
    return sum(middle) / len(middle)


def bins_of(answered: Iterable[Answered]) -> tuple[Bin, ...]:
    """Return the distribution, empty bins among it, so that two spans can be compared."""
    counts: Counter[tuple[int, bool]] = Counter()
    for group in answered:
        counts[max(index for index, low in enumerate(EDGES) if group.days >= low), group.late] += group.count
    highs = (*(low - 1 for low in EDGES[1:]), None)
    return tuple(
        Bin(low=low, high=high, on_time=counts[index, False], late=counts[index, True])
        for index, (low, high) in enumerate(zip(EDGES, highs, strict=True))
    )


def waits_of(counts: Counts) -> tuple[Wait, ...]:
    """Return what answered claims waited for, on average; empty where none is answered."""
    number = sum(group.count for group in counts.answered)
    whole = sum(counts.seconds.values())
    if not number:
        return ()
    return tuple(
        Wait(
            phase=phase,
            days=counts.seconds.get(phase, 0) / number / DAY,
            share=counts.seconds.get(phase, 0) / whole if whole else 0.0,
        )
        for phase in Phase
    )
