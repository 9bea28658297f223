"""An event loop in a thread of its own, for a server that stands beside the program in the same process."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class LoopThread:
    """Runs one event loop until ``stop``. Starts at once; the thread does not keep the process alive."""

    def __init__(self, name: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        return self._loop

    def run(self, work: Coroutine[Any, Any, T], *, seconds: float = 10.0) -> T:
        """Run ``work`` in the loop and return its result. Raises what it raises, and TimeoutError. Any other thread."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(seconds)

    def stop(self, last: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run ``last``, end every task there is, close the loop and wait for the thread. Safe to call twice."""
        if not self._thread.is_alive():
            return
        try:
            self.run(last())
            self.run(_end_tasks())
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
        finally:
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()


async def _end_tasks() -> None:
    """Cancel all other tasks and wait for them, then let closed transports say so to their protocols."""
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
    # Transports report their end by call_soon, a TLS one in a second turn.
    for _ in range(3):
        await asyncio.sleep(0)
