"""What reading one mail's bytes gave, and the port through which a process of its own may do the reading."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from inbox_bot.domain.mail import Message
from inbox_bot.domain.verdict import Classifier, Verdict


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One mail, read: its message, or ``reason`` why there is none.

    ``verdict`` is None where the mail was not judged (yet). ``error`` and ``judge_error`` are the types of what the
    parser and the classifier raised, for the log; ``""`` where nothing was.
    """

    message: Message | None = None
    verdict: Verdict | None = None
    reason: str = ""
    error: str = ""
    judge_error: str = ""


class Reader(Classifier, Protocol):
    """Reads and judges mails away from whoever asks. One caller at a time; batches come back in the order they went."""

    def open(self) -> None:
        """Be ready to read, starting anew if it had stopped. Raises RulesError or ReaderError."""
        ...

    def send(self, contents: Sequence[bytes], own: frozenset[str]) -> None:
        """Give a batch to read, and return at once. A reader that has stopped says so when the batch is fetched."""
        ...

    def receive(self) -> Sequence[Reading]:
        """Return what was read of the oldest batch sent, a reading a mail; nothing if the reader died over it."""
        ...

    def close(self) -> None:
        """End it; safe to call twice."""
        ...
