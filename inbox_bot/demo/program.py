"""The program of the demo: worker and pages in a thread of their own, so that whoever shows them can wait and read."""

import asyncio
import socket
from concurrent.futures import Future
from dataclasses import dataclass, field

from inbox_bot.assembly import Building
from inbox_bot.demo.loop_thread import LoopThread
from inbox_bot.errors import InboxBotError
from inbox_bot.serving import serve

_LONGEST_STOP = 30.0


@dataclass
class Program:
    """Serves on a listener it is given, and closes it at the end. Methods may be called from any other thread."""

    _building: Building
    _listener: socket.socket
    _thread: LoopThread | None = None
    _work: Future[None] | None = None
    _stop: asyncio.Event = field(default_factory=asyncio.Event)

    def start(self) -> None:
        """Let worker and pages begin."""
        self._thread = LoopThread("demo-program")
        work = serve(self._building, self._stop, work=True, pages=True, listener=self._listener)
        self._work = asyncio.run_coroutine_threadsafe(work, self._thread.loop)

    def check(self) -> None:
        """Raise what ended the program, if it has ended by itself."""
        if self._work is not None and self._work.done():
            self._work.result()
            raise InboxBotError("The program ended before it was told to.")

    def stop(self) -> None:
        """Let it finish what it is doing and end. Raises what ended it, if it had ended by itself."""
        try:
            if self._thread is not None and self._work is not None:
                self._thread.loop.call_soon_threadsafe(self._stop.set)
                self._work.result(_LONGEST_STOP)
        finally:
            if self._thread is not None:
                self._thread.stop(_nothing)
            self._listener.close()


async def _nothing() -> None:
    """Stand where a loop's last work would."""
