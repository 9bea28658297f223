"""A mail that was taken for no request: that it came, where it lies, what it was taken for; nothing of what it says."""

from dataclasses import dataclass
from datetime import datetime

from inbox_bot.domain.case import MailState

NEAR = "near"
"""The class of a mail that was no request, but not far from one a person would have been asked about."""

FORGOTTEN = "forgotten"
"""Why a mail is known by its hash alone when its person was forgotten: it must never come back."""


@dataclass(frozen=True, kw_only=True)
class LeftMail:
    """A mail that was let go. ``reason``: why, as the room that did so says; ``sorted_by``: the person who decided, if one did.

    ``recalled_by``: who wanted to look at it. ``folders``: where the original was seen; none where it can no longer be found.
    """

    id: int
    mailbox: str
    received_at: datetime
    state: MailState
    reason: str
    sorted_by: str
    recalled_by: str
    folders: tuple[str, ...]

    @property
    def may_be_recalled(self) -> bool:
        """True if it can be fetched from its mailbox again, to be looked at."""
        return bool(self.folders) and self.state is not MailState.RECALLED and self.reason != FORGOTTEN
