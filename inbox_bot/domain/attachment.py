"""A file that goes with an answer: whose data it holds, and what was found when the program looked into it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class AttachedFile:
    """A file as it leaves: its name, its kind (RFC 2045) and its bytes."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, kw_only=True)
class AttachmentRecord:
    """A file on a draft. ``owner``: whose data a person said it holds. ``kept``: its bytes are still here, before they left."""

    id: int
    draft_id: int
    name: str
    media_type: str
    size: int
    sha256: str
    owner: str
    by: str
    at: datetime
    kept: bool


@dataclass(frozen=True, kw_only=True)
class Inside:
    """What a look into a file showed. ``read``: False where the program cannot read that kind, and knows nothing.

    ``addresses`` are mail addresses of others than the requester; ``numbers`` what looks like a personnummer, its end hidden.
    """

    read: bool
    addresses: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()

    @property
    def warns(self) -> bool:
        return not self.read or bool(self.addresses or self.numbers)
