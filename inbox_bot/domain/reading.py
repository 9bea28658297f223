"""What reading one mail's bytes gave, and the port through which a process of its own may do the reading."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from inbox_bot.domain.mail import Abridged, Message
from inbox_bot.domain.verdict import Classifier, Outcome, Verdict


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


TOO_BIG = "too_big"
IMPORTED = "imported"


def as_far_as_seen(verdict: Verdict, message: Message, abridged: Abridged | None, *, imported: bool = False) -> Verdict:
    """Return the verdict on a mail of which not all was there to judge, or which a person brought in.

    Where the text may go on, or there is none, that we found no request says nothing; and who brings a mail in has a reason
    to. A person looks then.
    """
    if verdict.outcome is not Outcome.NOT_REQUEST:
        return verdict
    reason = IMPORTED if imported else ""
    if abridged is not None and (abridged.cut or not message.reply_text.strip()):
        reason = TOO_BIG
    return replace(verdict, outcome=Outcome.UNSURE, reasons=(*verdict.reasons, reason)) if reason else verdict


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
