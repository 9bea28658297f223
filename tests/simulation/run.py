"""One run of the simulation: what was asked of it, what happened in it, and what was owed at any moment."""

from dataclasses import dataclass, field
from datetime import date, datetime

from tests.simulation.people import Person, World
from tests.simulation.post import Letter, WayOut
from tests.simulation.reckoning import end_of, extended, strict
from tests.simulation.staff import Office
from tests.simulation.truth import Matter, Truth

FIRST_DAY = date(2027, 3, 1)
"""A Monday; two years from it hold a leap day, three midsummers' worth of eves and every holiday there is."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is asked of a run. ``years`` may be a fraction; ``others``: ordinary and automatic mails for each request."""

    requesters: int = 2000
    years: float = 2
    seed: int = 1
    staff: int = 3
    first_day: date = FIRST_DAY
    others: float = 1.2


@dataclass
class Outage:
    """Something that did not work for a while."""

    what: str
    start: datetime
    end: datetime


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """A claim that stood open on a day on which staff had to be told of it. ``left``: working days."""

    matter: Matter
    day: date
    left: int
    due: date


@dataclass
class Run:
    """One run, while it goes on and when it is over."""

    plan: Plan
    world: World
    office: Office
    way_out: WayOut
    people: dict[str, Person] = field(default_factory=dict)
    outages: list[Outage] = field(default_factory=list)
    alarms: list[Alarm] = field(default_factory=list)
    told: list[Letter] = field(default_factory=list)
    """Letters to those who watch over the program."""
    seconds: float = 0
    happenings: int = 0
    broken: list[str] = field(default_factory=list)
    misread: set[str] = field(default_factory=set)
    """Claims the program heard in a mail that did not ask for them."""

    @property
    def truth(self) -> Truth:
        return self.world.truth


def due_of(run: Run, matter: Matter) -> date:
    """Return the date of a claim: three months if a notice with reasons reached the person within the first, else one."""
    end = end_of(strict(matter.at))
    for notice in run.truth.extensions[matter.reference, matter.right]:
        if notice.at < end and run.truth.reached(notice):
            return extended(matter.at)
    return strict(matter.at)


def is_over(run: Run, matter: Matter, at: datetime) -> bool:
    """Tell whether nothing was owed for a claim at a moment."""
    if matter.merged or any(end is not None and end <= at for end in ends_of(matter)):
        return True
    return any(
        letter.at <= at and run.truth.reached(letter, by=at)
        for letter in run.truth.answers[matter.reference, matter.right]
    )


def ends_of(matter: Matter) -> tuple[datetime | None, ...]:
    return matter.dismissed_at, matter.denied_at, matter.delivered_by_hand_at
