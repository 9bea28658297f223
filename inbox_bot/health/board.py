"""What the working process knows of itself, in memory: which stages fail or hang, which threads have died.

It needs no database, so that it can still tell when the database is what is in trouble. How long something lasts is
measured by a clock that nobody sets; the moments shown are those of the wall.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from inbox_bot.clock import Clock
from inbox_bot.domain.health import CLOCK_SLACK, Level, Part

FAILING_AFTER = 15 * 60.0
"""Seconds for which a stage may fail before that is more than a warning: a restart of a server takes less."""

HANGING_AFTER = 30 * 60.0
"""Seconds after which a step that has not come back is taken to hang: an outgoing server may take ten minutes to answer."""

SHOWN = 24 * 3600.0
"""Seconds for which a jump of the clock and a thread that died are told of."""


@dataclass
class _Work:
    """One stage, or one mailbox's thread. Numbers are ticks of the clock nobody sets."""

    began: float | None = None
    failing: float | None = None
    why: str = ""
    says: str = ""
    grave: bool = False


class Board:
    """One process's own state; safe to use from any thread."""

    def __init__(self, clock: Clock, ticks: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._ticks = ticks
        self._lock = threading.Lock()
        self._works: dict[str, _Work] = {}
        self._last: tuple[datetime, float] | None = None
        self._jump: tuple[float, timedelta] | None = None
        self._deaths: dict[str, list[float]] = {}
        self._watched = ticks()
        self.is_working = False
        self.started_at = clock.now()

    def work(self) -> None:
        """Say that a worker runs in this process from now on."""
        with self._lock:
            self.is_working = True
            self.started_at, self._watched = self._clock.now(), self._ticks()

    def rest(self) -> None:
        """Say that it has stopped, as it was asked to."""
        with self._lock:
            self.is_working = False
            self._works.clear()

    def begin(self, what: str) -> None:
        with self._lock:
            self._works.setdefault(what, _Work()).began = self._ticks()

    def end(self, what: str) -> None:
        """Say that something has come back and went well."""
        with self._lock:
            self._works[what] = _Work()

    def fail(self, what: str, why: str, *, says: str = "", grave: bool = False) -> None:
        """Say that something has come back with an error. ``why`` may be logged: it holds nothing of anyone's.

        ``says``: a Swedish sentence in the place of the usual one. ``grave``: it is critical from the first moment.
        """
        with self._lock:
            work = self._works.setdefault(what, _Work())
            work.began = None
            work.failing = self._ticks() if work.failing is None else work.failing
            work.why, work.says, work.grave = why, says, grave

    def die(self, what: str) -> None:
        """Say that a thread has ended that should not, and has been started anew."""
        with self._lock:
            self._deaths.setdefault(what, []).append(self._ticks())

    def watch(self) -> None:
        """Say that the corridor has kept its watch."""
        with self._lock:
            self._watched = self._ticks()

    def unwatched_for(self) -> float:
        """Return for how many seconds the corridor has kept no watch."""
        with self._lock:
            return self._ticks() - self._watched

    def check_clock(self) -> None:
        """Compare the wall's clock with the one nobody sets; called every minute."""
        with self._lock:
            now, tick = self._clock.now(), self._ticks()
            if self._last is not None:
                jump = (now - self._last[0]) - timedelta(seconds=tick - self._last[1])
                if abs(jump) > CLOCK_SLACK:
                    self._jump = (tick, jump)
            self._last = (now, tick)

    def parts(self) -> list[Part]:
        """Return what is not well in this process."""
        with self._lock:
            found = [part for what, work in self._works.items() if (part := self._part(what, work)) is not None]
            found += [part for what, ticks in self._deaths.items() if (part := self._death(what, ticks)) is not None]
            jump = self._jump_part()
            return [*found, *([jump] if jump is not None else [])]

    def _part(self, what: str, work: _Work) -> Part | None:
        now, tick = self._clock.now(), self._ticks()
        if work.began is not None and tick - work.began > HANGING_AFTER:
            says = f"Ett steg i programmet har inte blivit klart: {what}. Starta om programmet."
            since = now - timedelta(seconds=tick - work.began)
            return Part(name=what, level=Level.CRITICAL, says=says, since=since, at_once=True)
        if work.failing is not None:
            long = work.grave or tick - work.failing > FAILING_AFTER
            says = work.says or f"Ett steg i programmet misslyckas gång på gång: {what}."
            since = now - timedelta(seconds=tick - work.failing)
            level = Level.CRITICAL if long else Level.WARNING
            return Part(name=what, level=level, says=says, detail=work.why, since=since)
        return None

    def _death(self, what: str, ticks: list[float]) -> Part | None:
        recent = [tick for tick in ticks if self._ticks() - tick < SHOWN]
        if not recent:
            return None
        says = f"En tråd i programmet har dött och startats om {len(recent)} gånger det senaste dygnet: {what}."
        return Part(name=f"thread {what}", level=Level.WARNING, says=says)

    def _jump_part(self) -> Part | None:
        if self._jump is None or self._ticks() - self._jump[0] > SHOWN:
            return None
        minutes = round(self._jump[1] / timedelta(minutes=1))
        way = "fram" if minutes > 0 else "tillbaka"
        says = f"Maskinens klocka har hoppat {abs(minutes)} minuter {way}, eller så har maskinen sovit."
        return Part(name="clock", level=Level.WARNING, says=says)
