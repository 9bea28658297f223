"""The program itself, as one process that can be killed: the real building, the real worker, on a clock that jumps."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

from sqlalchemy import event
from sqlmodel import SQLModel

from inbox_bot.assembly import Building, furnish
from inbox_bot.domain.verdict import Classifier
from inbox_bot.settings import Settings, build_settings
from inbox_bot.worker import Watch, Worker
from tests.simulation.post import OURS, MailServer, WayOut
from tests.simulation.timeline import Timeline

GRID = timedelta(minutes=5)
"""What happens within one step of this grid is met by one look of the worker."""


WATCHERS = ("vakt@example.com", "jour@example.com")
"""Who is told when the program stands still: they are not among the staff, and do nothing."""


class Killed(BaseException):
    """The process is gone in the middle of what it did; nothing in it gets to tidy up but what a database does by itself."""


class _Loop(asyncio.SelectorEventLoop):
    """An event loop whose time is the simulation's, so that pauses between looks are as long as they would be."""

    def __init__(self, timeline: Timeline) -> None:
        super().__init__()
        self._timeline = timeline

    def time(self) -> float:
        return self._timeline.now.timestamp()


def make_settings(folder: Path, staff: Sequence[str]) -> Settings:
    """Return the settings of an ordinary installation with its database in a folder."""
    return build_settings(
        {
            "secret": "not a secret, but long enough for one",
            "mailbox": {"info": {"host": "127.0.0.1", "username": OURS}},
            "smtp": {"host": "127.0.0.1", "sender": OURS},
            "web": {"public_url": "https://arenden.example.com"},
            "staff": {"addresses": list(staff)},
            "database": {"url": f"sqlite:///{folder / 'two-years.db'}"},
            "log": {"level": "error"},
            "watch": {"watchers": list(WATCHERS)},
        }
    )


class Program:
    """One installation over the years. ``unwell`` are the failures it told of that no outage explains."""

    def __init__(
        self, timeline: Timeline, settings: Settings, classifier: Classifier, mailbox: MailServer, way_out: WayOut
    ) -> None:
        self._timeline = timeline
        self._settings = settings
        self._classifier = classifier
        self.mailbox = mailbox
        self.way_out = way_out
        self.unwell: list[str] = []
        self.looks = 0
        self.kills: list[datetime] = []
        self.away: list[tuple[datetime, datetime]] = []
        self.after_looking: Callable[[], None] = lambda: None
        self._planned: set[datetime] = set()
        self._fuse = 0
        self._is_looking = False
        self._dies_at = ""
        self._down_since: datetime | None = None
        self._building: Building | None = None
        way_out.before_taking = lambda: self._burn("before a letter is handed over")
        way_out.after_taking = lambda: self._burn("after a letter was handed over")

    @property
    def is_up(self) -> bool:
        return self._building is not None

    @property
    def flow(self) -> Any:
        assert self._building is not None
        return self._building.flow

    def start(self) -> None:
        """Start the process, on the database as it is."""
        building = furnish(
            self._settings, clock=self._timeline.clock, classifier=self._classifier, transport=self.way_out
        )
        event.listen(building.engine, "begin", lambda _: self._burn("a transaction begins"))
        event.listen(building.engine, "commit", lambda _: self._burn("a transaction is about to be written"))
        self._loop = _Loop(self._timeline)
        self._worker = Worker(
            flow=building.flow, watches=[Watch(source=self.mailbox, look_back_days=30, poll_seconds=60)]
        )
        self._building = building
        self._has_looked = False
        if self._down_since is not None:
            self.away.append((self._down_since, self._timeline.now))
        self.wake()

    def stop(self) -> None:
        """End the process, however it is; one that is down already stays so."""
        if self._building is None:
            return
        self._leave_trace(self._timeline.now)
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
            with suppress(BaseException):
                self._loop.run_until_complete(task)
        self._loop.close()
        self._building.close()
        self._building = None
        self._down_since = self._timeline.now

    def wake(self, when: datetime | None = None) -> None:
        """Have the worker look at the next mark of the grid after a moment: a mail has come, or a letter may be tried again."""
        at = when or self._timeline.now
        mark = at + (datetime.min.replace(tzinfo=at.tzinfo) - at) % GRID
        if mark not in self._planned:
            self._planned.add(mark)
            self._timeline.at(mark, lambda: self._look(mark))

    def kill_soon(self, chance: Random) -> None:
        """Let the process die in the middle of the next look that has something to do."""
        self._dies_at = chance.choice(
            ["a transaction begins", "a transaction is about to be written"] * 3
            + ["before a letter is handed over", "after a letter was handed over"] * 2
        )
        self._fuse = chance.randint(1, 40) if self._dies_at.startswith("a ") else chance.randint(1, 2)
        self._downtime = timedelta(minutes=chance.choice([1, 1, 2, 5, 12, 30, 45, 240]))

    def down(self, until: datetime) -> None:
        """Switch the program off for a while: a restart that somebody forgot, a machine without power."""
        self.stop()
        self._timeline.at(until, self._rise)

    def _rise(self) -> None:
        if not self.is_up:
            self.start()
            # What the dead process held is found when its claims have gone stale.
            for minutes in (6, 11, 16):
                self.wake(self._timeline.now + timedelta(minutes=minutes))

    def _burn(self, place: str) -> None:
        if self._is_looking and self._fuse and place == self._dies_at:
            self._fuse -= 1
            if not self._fuse:
                raise Killed(place)

    def _leave_trace(self, now: datetime) -> None:
        """Note the looks that were left out since the last one: the worker looks every minute, and found nothing new."""
        last = self.mailbox.down_since if self.mailbox.is_down else now
        assert self._building is not None
        assert last is not None
        with self._building.engine.execution_options(light=True).begin() as connection:
            row = SQLModel.metadata.tables["mailbox"]
            connection.execute(row.update().where(row.c.looked_at < last).values(looked_at=last))

    def _look(self, mark: datetime) -> None:
        self._planned.discard(mark)
        if not self.is_up:
            return
        if self._has_looked:
            self._leave_trace(self._timeline.now)
        self._has_looked = True
        self.looks += 1
        before = len(self._worker.failures)
        mailbox_down = self.mailbox.is_down
        self._is_looking = True
        try:
            # One thread does: nothing here goes on at the same time, and the changes between threads are half the time.
            with patch("asyncio.to_thread", _in_this_thread):
                self._loop.run_until_complete(self._worker.run_once())
        except Killed:
            self.kills.append(self._timeline.now)
            self.stop()
            self._timeline.at(self._timeline.now + self._downtime, self._rise)
            return
        finally:
            self._is_looking = False
        failures = self._worker.failures[before:]
        self.unwell += [text for text in failures if not (mailbox_down and "does not answer" in text)]
        del self._worker.failures[:]
        self.after_looking()


async def _in_this_thread(act: Callable[..., Any], *values: Any, **named: Any) -> Any:
    return act(*values, **named)
