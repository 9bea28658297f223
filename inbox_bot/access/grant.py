"""The port to a provider of tokens: how one login is renewed, and how a person begins it."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class Renewed:
    """What a provider gave. ``lasts``: how long the token is good.

    ``kept`` is what to renew with next time, to be stored locked before the token is used (a provider may let the old one
    die at once); ``kept_for``: how long that works if nobody uses it, None if that is not known. ``b""``: nothing is kept.
    """

    value: str = field(repr=False)
    lasts: timedelta
    kept: bytes = field(default=b"", repr=False)
    kept_for: timedelta | None = None


@dataclass(frozen=True, kw_only=True)
class Ending:
    """Something the company must renew by hand, and the day it ends: ``what`` in English, ``what_sv`` for the digest."""

    what: str
    what_sv: str
    on: date


class Grant(Protocol):
    """One way to be given tokens. ``renew`` raises AccessError, with what to do about it and whether it may pass."""

    @property
    def provider(self) -> str:
        """The provider's name and the way, for people: ``Microsoft 365, client_credentials``."""
        ...

    @property
    def keeps(self) -> bool:
        """Whether a person logs in once, and something is kept of it to renew the token with."""
        ...

    def ending(self) -> Ending | None:
        """Return what the company must renew by hand, where its day is known. May raise AccessError."""
        ...

    def renew(self, kept: bytes) -> Renewed:
        """Return a new token."""
        ...


class PersonalGrant(Grant, Protocol):
    """A grant that a person begins, once."""

    def begin(self, port: int) -> str:
        """Return what the person is to do, in a few lines; ``port`` for a provider that answers to this machine, 0: any."""
        ...

    def finish(self) -> Renewed:
        """Wait until the person has done it. Raises AccessError where they said no or took too long."""
        ...
