"""The reader as a process of its own: started when first needed, started again after a crash, gone when this one is."""

import socket
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.connection import Connection

from inbox_bot import log
from inbox_bot.domain.reading import Reading
from inbox_bot.domain.verdict import Verdict
from inbox_bot.errors import ReaderError, RulesError
from inbox_bot.settings import FileSettings, LogSettings

_PATIENCE = 120.0
"""Seconds a batch may take to read; then its reader is ended as if it had died over it."""

_START_PATIENCE = 60.0
_FAREWELL = 5.0
_log = log.get("reading")


class ReaderProcess:
    """The Reader (see domain/reading.py) in a child process: parsing and judging take more than half of a mail's time."""

    def __init__(self, files: FileSettings, logging: LogSettings) -> None:
        self._hello = {"files": files, "level": logging.level, "json": logging.json_lines}
        self._child: subprocess.Popen[bytes] | None = None
        self._wire: Connection | None = None
        self._turn = threading.Lock()
        self._owed = 0
        self._early: deque[Sequence[Reading]] = deque()
        self._closed = False

    @property
    def pid(self) -> int | None:
        """The child's process id, None while there is none."""
        return None if self._child is None else self._child.pid

    def open(self) -> None:
        """Start the child unless it runs. Raises RulesError for rules that cannot be used, ReaderError for what else fails."""
        with self._turn:
            if self._wire is not None and self._child is not None and self._child.poll() is None:
                return
            self._end()
            if self._closed:
                raise ReaderError(temporary=True)
            self._start()

    def send(self, contents: Sequence[bytes], own: frozenset[str]) -> None:
        with self._turn:
            self._owed += 1
            self._say(("read", list(contents), own))

    def receive(self) -> Sequence[Reading]:
        with self._turn:
            readings = self._early.popleft() if self._early else self._batch()
            if readings is None:
                _log.error("reader_died")
            return readings or ()

    def classify(self, subject: str, text: str) -> Verdict:
        """Judge a text by itself (a mail that was read before this version, say). Raises ReaderError if that fails."""
        with self._turn:
            early = self._owed > 0
        if not early:
            self.open()
        with self._turn:
            # What it was sent before it answers before; ``receive`` hands it out later.
            while self._owed and (readings := self._batch()) is not None:
                self._early.append(readings)
            self._say(("classify", subject, text))
            answer = self._next(_PATIENCE)
            if isinstance(answer, Verdict):
                return answer
            if not isinstance(answer, str):
                self._end()
        raise ReaderError(temporary=True)

    def close(self) -> None:
        self._closed = True
        child = self._child
        if not self._turn.acquire(timeout=_FAREWELL):
            # Someone waits for an answer; without the child there is none, and the wait ends.
            if child is not None:
                child.kill()
            self._turn.acquire()
        try:
            self._end()
        finally:
            self._turn.release()

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        # The module is run anew, not forked: this process has threads, and their locks would be copied as they stand.
        command = [sys.executable, "-m", "inbox_bot.reading", str(theirs.fileno())]
        self._wire = Connection(ours.detach())
        with theirs:
            try:
                self._child = subprocess.Popen(command, stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()])  # noqa: S603  # our own module
            except OSError as error:
                self._end()
                raise ReaderError(f"The process that reads mails cannot be started: {error.strerror}.") from error
        self._early.clear()
        self._say(self._hello)
        match self._next(_START_PATIENCE):
            case ("ready",):
                return
            case ("trouble", str(message), str(hint)):
                self._end()
                raise RulesError(message, hint=hint)
            case _:
                self._end()
                raise ReaderError(hint="See the lines above; is there memory enough?", temporary=True)

    def _say(self, order: object) -> None:
        if self._wire is not None:
            with suppress(OSError):  # It has died; whoever waits for the answer is told.
                self._wire.send(order)

    def _batch(self) -> Sequence[Reading] | None:
        """Return the oldest batch's readings; None if the child died over it, and is ended then."""
        answer = self._next(_PATIENCE)
        if isinstance(answer, list):
            self._owed -= 1
            return answer
        self._end()
        return None

    def _next(self, seconds: float) -> object:
        """Return what the child says next; None if it has gone or takes too long."""
        try:
            if self._wire is not None and self._wire.poll(seconds):
                return self._wire.recv()
        except (EOFError, OSError):
            return None
        return None

    def _end(self) -> None:
        """Hang up, which ends the child; kill one that does not go."""
        self._owed = 0
        child, self._child = self._child, None
        wire, self._wire = self._wire, None
        if wire is not None:
            wire.close()
        if child is None:
            return
        try:
            child.wait(_FAREWELL)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
