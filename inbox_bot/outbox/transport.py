"""The port through which a letter's bytes leave the machine."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Fate(StrEnum):
    """What became of one try.

    ``ACCEPTED``: the server took the letter over. ``DEFERRED``: a temporary error (4yz, no connection): try later.
    ``REFUSED``: a permanent error (5yz): trying again is useless. ``UNKNOWN``: the connection broke after the letter's
    last byte was handed over and before an answer: it may or may not have left.
    """

    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """The outcome of handing over one letter. ``answer`` is the server's code and enhanced status, without addresses."""

    fate: Fate
    answer: str = ""


class Transport(Protocol):
    """Hands letters to the outgoing mail server, keeping the connection between letters."""

    async def send(self, *, sender: str, recipient: str, content: bytes) -> Attempt:
        """Hand over one letter. Never raises for what the server or the network does; see Fate."""
        ...

    async def close(self) -> None:
        """Say QUIT and disconnect; safe to call twice."""
        ...
