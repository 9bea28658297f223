"""How lanes of work that feed each other know when all of them are done."""

import asyncio


class Shift:
    """One drain of several lanes in one event loop: it is over when every lane has looked and nothing has moved since."""

    def __init__(self, *, lanes: int) -> None:
        self.moves = 0
        self._lanes = lanes
        self._idle = 0
        self._over = False
        self._stirred = asyncio.Event()

    def moved(self) -> None:
        """Say that something has moved: what one lane puts down another may pick up."""
        self.moves += 1
        self._stir()

    def end(self) -> None:
        """End the shift for every lane."""
        self._over = True
        self._stir()

    async def is_more(self, seen: int) -> bool:
        """Wait until something has moved since ``seen`` (``moves`` when the lane began its look); False when all is done."""
        self._idle += 1
        try:
            while self.moves == seen and not self._over:
                if self._idle == self._lanes:
                    self.end()
                    break
                await self._stirred.wait()
        finally:
            self._idle -= 1
        return not self._over

    def _stir(self) -> None:
        stirred, self._stirred = self._stirred, asyncio.Event()
        stirred.set()
