"""Keeps the corridor moving: a thread for each mailbox, a supervised drain of the flow, and a clean stop."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from inbox_bot import log
from inbox_bot.errand import Errand
from inbox_bot.errors import InboxBotError, MailboxError
from inbox_bot.flow import FLOW, Flow, Stage
from inbox_bot.mailbox.source import MailSource
from inbox_bot.shift import Shift
from inbox_bot.vigil import Vigil

TICK = 5.0
"""Seconds between two looks at what time alone makes due (deferred letters, another process's work)."""

GRACE = 20.0
"""Seconds that what has begun gets to end when the program is stopped."""

BURST = 25
"""How often one stage may run before the next has its turn, so that a full mailbox cannot hold back a receipt."""

_SHORTEST_PAUSE, _LONGEST_PAUSE = 1.0, 300.0
_log = log.get("worker")


@dataclass(frozen=True, kw_only=True)
class Watch:
    """A mailbox to watch. ``poll_seconds``: the longest wait between two looks at all its folders."""

    source: MailSource
    look_back_days: int
    poll_seconds: float
    errand: Errand | None = None


@dataclass
class _Trouble:
    """How long a stage that failed is left alone."""

    until: float = 0
    pause: float = _SHORTEST_PAUSE


@dataclass
class Worker:
    """Runs one process's share of the work; any number may run on one database."""

    flow: Flow
    watches: Sequence[Watch]
    failures: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._awake = asyncio.Event()
        self._due: dict[int, float] = {}
        self._trouble: dict[int, _Trouble] = {}

    def wake(self) -> None:
        """Say that there may be work. Only from the worker's own event loop; threads use ``call_soon_threadsafe``."""
        self._awake.set()

    async def run_once(self) -> int:
        """Look into every mailbox once, drain everything that is due and return how much was done.

        What failed is in ``failures``, a sentence each; a failing mailbox or stage does not stop the others.
        """
        done = 0
        for watch in self.watches:
            try:
                done += await asyncio.to_thread(_look_once, self.flow, watch)
            except Exception as error:  # noqa: BLE001  # a database in trouble over one mailbox must not stop the others
                self.failures.append(_sentence(error))
        done += await self._drain()
        for errand in (watch.errand for watch in self.watches if watch.errand is not None):
            done += await asyncio.to_thread(errand.run, self.flow)
        await self.flow.outbox.transport.close()
        return done

    async def run(self, stop: asyncio.Event) -> None:
        """Work until ``stop`` is set; a step that has begun is finished first."""
        loop = asyncio.get_running_loop()
        halted = threading.Event()
        self.flow.outbox.halted.clear()
        heed = asyncio.create_task(self._heed(stop))
        threads = {watch.source.name: self._start(watch, loop, halted) for watch in self.watches}
        errands = [watch.errand.start(self.flow, halted) for watch in self.watches if watch.errand]
        vigil = Vigil(self.flow, lambda: self._revive(threads, loop, halted))
        vigil.start()
        try:
            while not stop.is_set():
                await self._drain_until(stop)
                await self._rest(stop)
        finally:
            heed.cancel()
            halted.set()
            for watch in self.watches:
                watch.source.wake()
            for thread in (*threads.values(), *errands):
                await asyncio.to_thread(thread.join, 10)
            for watch in self.watches:
                await asyncio.to_thread(watch.source.close)
            await self._finish_reading()
            await self.flow.outbox.transport.close()
            await asyncio.to_thread(vigil.stop)

    async def _finish_reading(self) -> None:
        """Save what is being read; a mail that takes too long is left, and read again after the next start."""
        try:
            await asyncio.wait_for(asyncio.to_thread(self.flow.finish_reading), GRACE)
        except TimeoutError:
            await asyncio.to_thread(self.flow.stop_reading)

    async def _drain_until(self, stop: asyncio.Event) -> None:
        """Drain; once ``stop`` is set, give what has begun a little time, then leave it.

        An outgoing server may take ten minutes to answer (RFC 5321 section 4.5.3.2.6), and whoever stops a service kills
        it long before. A letter left like that stays claimed and is found when the claim is stale, as after any crash.
        """
        drain = asyncio.create_task(self._drain(stop))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({drain, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not drain.done():
            await asyncio.wait({drain}, timeout=GRACE)
            if drain.cancel():
                _log.warning("stopped_in_the_middle", seconds=GRACE)
        with suppress(asyncio.CancelledError):
            await drain

    async def _heed(self, stop: asyncio.Event) -> None:
        """Let no new letter be begun once ``stop`` is set; the one on its way is finished."""
        await stop.wait()
        self.flow.outbox.halted.set()

    def _start(self, watch: Watch, loop: asyncio.AbstractEventLoop, halted: threading.Event) -> threading.Thread:
        def ring() -> None:
            try:
                loop.call_soon_threadsafe(self._awake.set)
            except RuntimeError:  # The loop has ended; so will this thread.
                halted.set()

        thread = threading.Thread(
            target=_watch_mailbox,
            args=(self.flow, watch, halted, ring),
            name=f"mailbox-{watch.source.name}",
            daemon=True,
        )
        thread.start()
        return thread

    def _revive(
        self, threads: dict[str, threading.Thread], loop: asyncio.AbstractEventLoop, halted: threading.Event
    ) -> list[str]:
        """Start anew the mailbox threads that have died; return their names."""
        dead = [watch for watch in self.watches if not threads[watch.source.name].is_alive() and not halted.is_set()]
        for watch in dead:
            threads[watch.source.name] = self._start(watch, loop, halted)
        return [f"mailbox {watch.source.name}" for watch in dead]

    async def _rest(self, stop: asyncio.Event) -> None:
        waiters = [asyncio.ensure_future(self._awake.wait()), asyncio.ensure_future(stop.wait())]
        try:
            await asyncio.wait(waiters, timeout=TICK, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for waiter in waiters:
                waiter.cancel()
        self._awake.clear()

    async def _drain(self, stop: asyncio.Event | None = None) -> int:
        """Run the stages over and over until none has anything to do, the lanes side by side."""
        lanes: dict[str, list[tuple[int, Stage]]] = {}
        for index, stage in enumerate(FLOW):
            lanes.setdefault(stage.lane, []).append((index, stage))
        shift = Shift(lanes=len(lanes))
        return sum(await asyncio.gather(*(self._walk(lane, shift, stop) for lane in lanes.values())))

    async def _walk(self, lane: Sequence[tuple[int, Stage]], shift: Shift, stop: asyncio.Event | None) -> int:
        """Run one lane's stages in turn until no lane has anything to do."""
        total = 0
        while True:
            seen = shift.moves
            for index, stage in lane:
                total += await self._run(index, stage, stop, shift)
            if stop is not None and stop.is_set():
                shift.end()
                return total
            if not await shift.is_more(seen):
                return total

    async def _run(self, index: int, stage: Stage, stop: asyncio.Event | None, shift: Shift) -> int:
        if stop is not None and stop.is_set():
            return 0
        now = asyncio.get_running_loop().time()
        trouble = self._trouble.get(index)
        if now < self._due.get(index, 0) or (trouble is not None and now < trouble.until):
            return 0
        if stage.every:
            self._due[index] = now + stage.every
        done = 0
        board, name = self.flow.watchman.board, f"{stage.room}: {stage.takes}"
        board.begin(name)
        try:
            for _ in range(1 if stage.every else BURST):
                worked = await stage.run(self.flow)
                done += worked
                if worked:
                    shift.moved()
                if not worked or (stop is not None and stop.is_set()):
                    break
        except Exception as error:  # noqa: BLE001  # one room in trouble must not stop the others
            self._note(index, stage, error)
            board.fail(name, _sentence(error))
        else:
            self._trouble.pop(index, None)
            board.end(name)
        return done

    def _note(self, index: int, stage: Stage, error: Exception) -> None:
        trouble = self._trouble.setdefault(index, _Trouble())
        trouble.until = asyncio.get_running_loop().time() + trouble.pause
        trouble.pause = min(trouble.pause * 2, _LONGEST_PAUSE)
        sentence = _sentence(error)
        self.failures.append(f"{stage.room}: {sentence}")
        del self.failures[:-100]
        _log.error("stage_failed", stage=stage.room, takes=stage.takes, error=sentence, retry_seconds=trouble.pause / 2)


def _look_once(flow: Flow, watch: Watch) -> int:
    try:
        watch.source.open()
        return flow.collect(watch.source, look_back_days=watch.look_back_days)
    except MailboxError as error:
        flow.note_failure(watch.source.name, error)
        raise
    finally:
        watch.source.close()


def _watch_mailbox(flow: Flow, watch: Watch, halted: threading.Event, ring: Callable[[], None]) -> None:
    """Own one IMAP connection: look, wait, look again; reconnect with growing pauses; end when ``halted``."""
    pause = _SHORTEST_PAUSE
    opened = False
    board, name = flow.watchman.board, f"thread of mailbox {watch.source.name}"
    while not halted.is_set():
        try:
            board.begin(name)
            if not opened:
                watch.source.open()
                opened = True
            flow.collect(watch.source, look_back_days=watch.look_back_days, ring=ring)
            board.end(name)
            pause = _SHORTEST_PAUSE
            if not halted.is_set():
                watch.source.wait(watch.poll_seconds)
        except Exception as error:  # noqa: BLE001  # a database in trouble must not end the thread that reads the mail
            opened = False
            board.fail(name, _sentence(error))
            _note_mailbox_failure(flow, watch, error)
            halted.wait(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
    watch.source.close()


def _note_mailbox_failure(flow: Flow, watch: Watch, error: Exception) -> None:
    sentence = _sentence(error)
    _log.error("mailbox_failed", mailbox=watch.source.name, error=sentence)
    if isinstance(error, MailboxError):
        try:
            flow.note_failure(watch.source.name, error)
        except Exception as other:  # noqa: BLE001  # the log line above stands; the next look tries again
            _log.error("mailbox_failure_not_noted", mailbox=watch.source.name, error=type(other).__name__)


def _sentence(error: Exception) -> str:
    """Return what may stand in a log: a driver's error text may quote the row it stumbled on, our own errors' never do."""
    return str(error) if isinstance(error, InboxBotError) else type(error).__name__
