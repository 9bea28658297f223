"""The order of things: a clock that jumps from one thing that happens to the next, and never waits."""

import heapq
import itertools
from collections.abc import Callable
from datetime import datetime

from inbox_bot.clock import SetClock

Act = Callable[[], None]


class Timeline:
    """What is going to happen, by time; of things at the same moment the one planned first goes first."""

    def __init__(self, start: datetime) -> None:
        self.clock = SetClock(start)
        self._plan: list[tuple[datetime, int, Act]] = []
        self._number = itertools.count()

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def at(self, when: datetime, act: Act) -> None:
        """Plan something; what should have happened already happens now."""
        heapq.heappush(self._plan, (max(when, self.now), next(self._number), act))

    def run(self, until: datetime) -> int:
        """Let everything happen that is due before a moment; return how many things did."""
        done = 0
        while self._plan and self._plan[0][0] < until:
            when, _, act = heapq.heappop(self._plan)
            self.clock.set(when)
            act()
            done += 1
        self.clock.set(until)
        return done
