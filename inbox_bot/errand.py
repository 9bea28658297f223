"""What is looked after in a mailbox beside the reading, on a connection and in a thread of its own: it never stops the reading."""

import threading
from dataclasses import dataclass

from inbox_bot import log
from inbox_bot.errors import InboxBotError
from inbox_bot.flow import Flow
from inbox_bot.mailbox.beside import Wishes
from inbox_bot.mailbox.neighbour import Neighbour

_log = log.get("worker")


@dataclass(frozen=True, kw_only=True)
class Errand:
    """One mailbox's errand. ``every_seconds``: from the end of one to the beginning of the next."""

    neighbour: Neighbour
    wishes: Wishes
    every_seconds: float = 120

    def run(self, flow: Flow) -> int:
        """Do what is due and return how much that was; a failure is logged, and the next time tries again."""
        try:
            return flow.tend(self.neighbour, self.wishes)
        except Exception as error:  # noqa: BLE001  # a database in trouble must stop neither thread nor reading
            # A driver's error text may quote the row it stumbled on, our own errors' never do.
            sentence = str(error) if isinstance(error, InboxBotError) else type(error).__name__
            _log.error("errand_failed", mailbox=self.neighbour.name, error=sentence)
            return 0

    def start(self, flow: Flow, halted: threading.Event) -> threading.Thread:
        """Run it again and again in a thread, until ``halted``."""

        def rounds() -> None:
            while not halted.is_set():
                self.run(flow)
                halted.wait(self.every_seconds)

        thread = threading.Thread(target=rounds, name=f"beside-{self.neighbour.name}", daemon=True)
        thread.start()
        return thread
