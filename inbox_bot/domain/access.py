"""The port to what lets us into a mail account without a password: tokens that end after an hour or so (RFC 6749)."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class AccessToken:
    """One access token. ``renew_at``: when a newer one is to be used; ``expires_at``: when no server takes it any more."""

    value: str = field(repr=False)
    renew_at: datetime
    expires_at: datetime


class TokenSource(Protocol):
    """Gives tokens for one login; safe to share between threads.

    Both methods may raise AccessError; its ``temporary`` is False where a person must act (login revoked, secret ended).
    """

    def token(self) -> AccessToken:
        """Return a token that is good now: the same one until its ``renew_at``, then a newer one."""
        ...

    def another(self, refused: AccessToken) -> AccessToken | None:
        """Return a newer token than the one a server refused; None where that one was just made, so that none would be better."""
        ...
