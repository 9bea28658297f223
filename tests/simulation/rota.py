"""Who is at work when: colleagues with hours, public holidays, colds, and a July."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from tests.simulation.post import Letter
from tests.simulation.reckoning import DAY, works


@dataclass
class Colleague:
    """One member of staff, by address, with the days they are away."""

    address: str
    away: set[date] = field(default_factory=set)
    post: list[Letter] = field(default_factory=list)

    def is_here(self, day: date) -> bool:
        return works(day) and not _is_eve(day) and day not in self.away


def _is_eve(day: date) -> bool:
    """Tell whether the company is closed although the law counts the day as a working day."""
    midsummer = day.month == 6 and 19 <= day.day <= 25 and day.weekday() == 4
    return midsummer or (day.month, day.day) in {(12, 24), (12, 31)}


def hire(count: int, first: date, last: date, chance: Random) -> list[Colleague]:
    """Return so many colleagues, with their holidays in turns and their colds as they come."""
    staff = [Colleague(address=f"kollega{number}@example.com") for number in range(1, count + 1)]
    for year in range(first.year, last.year + 2):
        for number, one in enumerate(staff):
            # Four weeks each, so that of three one is always there: law.md 0.7 takes no holiday staffing for an excuse.
            summer = date(year, 6, 21) + timedelta(weeks=2 * (number % 3))
            one.away |= {summer + step * DAY for step in range(28)}
            if number % 3 != year % 3:
                one.away |= {date(year, 12, 27) + step * DAY for step in range(11)}
            for _ in range(chance.randint(2, 4)):
                cold = date(year, 1, 1) + chance.randint(0, 364) * DAY
                one.away |= {cold + step * DAY for step in range(chance.randint(1, 7))}
            one.away |= {date(year, 1, 1) + chance.randint(0, 364) * DAY for _ in range(8)}
    return staff
