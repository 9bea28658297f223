"""A thread that watches the worker from beside: each minute it says that the process lives, and how it is.

It hangs on none of what it watches. The database is asked in a thread of its own and given a time to answer; where the
corridor has not run its own watch for long, because a stage hangs, it is run here and its letters leave by another way.
"""

import asyncio
import threading
from collections.abc import Callable

from inbox_bot import log
from inbox_bot.domain.health import Health, Part
from inbox_bot.flow import Flow

EVERY = 60.0
"""Seconds between two looks."""

PATIENCE = 50.0
"""Seconds the database may take to answer: one that is locked by another program gives up after thirty."""

OVERDUE = 10 * 60.0
"""Seconds without a watch in the corridor after which it is kept here. Reading ten thousand mails does not take longer."""

DATABASE, FILE = "database", "health file"
_log = log.get("vigil")


class Vigil:
    """Watches one worker. ``revive`` starts anew what threads have died and returns their names."""

    def __init__(
        self, flow: Flow, revive: Callable[[], list[str]], *, every: float | None = None, patience: float = PATIENCE
    ) -> None:
        self._flow = flow
        self._board = flow.watchman.board
        self._revive = revive
        self._every = EVERY if every is None else every
        self._patience = patience
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self._asking: threading.Thread | None = None
        self._told: Health | None = None
        self._wrote = True

    def start(self) -> None:
        self._board.work()
        self._thread = threading.Thread(target=self._run, name="vigil", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the watch, and leave word that the process was stopped and did not die."""
        self._over.set()
        if self._thread is not None:
            self._thread.join(self._patience)
        self._board.rest()
        self._write(self._ask())

    def beat(self) -> Health:
        """Look once; return what was found and written. Raises nothing."""
        self._board.check_clock()
        for name in self._revive():
            _log.error("thread_revived", thread=name)
            self._board.die(name)
        health = self._ask()
        self._write(health)
        return health

    def _run(self) -> None:
        while not self._over.is_set():
            try:
                self.beat()
            except Exception as error:  # noqa: BLE001  # whatever is wrong, the next look may find it mended
                _log.error("vigil_failed", error=type(error).__name__)
            self._over.wait(self._every)

    def _ask(self) -> Health:
        """Return how everything is; where the database does not answer in time, what this process knows of itself."""
        if self._asking is None or not self._asking.is_alive():
            self._told = None
            self._asking = threading.Thread(target=self._answer, name="vigil-asks", daemon=True)
            self._asking.start()
        self._asking.join(self._patience)
        if self._told is None:
            self._board.fail(DATABASE, "no answer", says=_SILENT, grave=True)
        return self._told or Health(at=self._flow.clock.now(), parts=self._board.parts())

    def _answer(self) -> None:
        try:
            self._flow.beat()
            health = self._flow.health()
        except Exception as error:  # noqa: BLE001  # a driver's error text may quote a row: its kind must do
            self._board.fail(DATABASE, type(error).__name__, says=_BROKEN, grave=True)
            parts = self._board.parts()
            self._told = Health(at=self._flow.clock.now(), parts=parts)
            return
        self._board.end(DATABASE)
        self._told = Health(
            at=health.at,
            parts=[*(part for part in health.parts if part.name != DATABASE), Part(name=DATABASE, says=_WELL)],
            read_at=health.read_at,
            waiting=health.waiting,
        )
        if self._board.is_working and self._board.unwatched_for() > OVERDUE:
            self._stand_in()

    def _stand_in(self) -> None:
        """Keep the corridor's watch here, and let the letters to our own people leave by the emergency way."""
        try:
            self._flow.keep_watch()
            sent = asyncio.run(self._flow.send_to_staff())
        except Exception as error:  # noqa: BLE001  # file and page tell all the same
            _log.error("vigil_could_not_tell", error=type(error).__name__)
        else:
            _log.error("corridor_hangs", letters=sent)

    def _write(self, health: Health) -> None:
        if self._flow.watchman.file is None:
            return
        try:
            self._flow.watchman.file.write(health)
        except OSError as error:
            if self._wrote:
                _log.error("health_file_not_written", error=error.strerror or type(error).__name__)
            self._wrote = False
            self._board.fail(FILE, error.strerror or type(error).__name__, says=_UNWRITTEN, grave=True)
        else:
            self._wrote = True
            self._board.end(FILE)


_SILENT = "Databasen svarar inte."
_BROKEN = "Databasen går inte att läsa eller skriva. Kanske är den låst, eller disken full."
_WELL = "Databasen svarar."
_UNWRITTEN = "Programmets hälsofil kan inte skrivas. Kanske är disken full."
