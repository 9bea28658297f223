"""What logging in works with, and what comes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from inbox_bot.clock import Clock
from inbox_bot.domain.letters import LetterBook
from inbox_bot.domain.sign_in import SignInProvider
from inbox_bot.settings import StaffSettings
from inbox_bot.store.unit import Desk

REMEMBERED = timedelta(days=180)
"""How long a browser is known after its last login."""


@dataclass(frozen=True, kw_only=True)
class Login:
    """What logging in works with. ``key`` is the secret that hashes are keyed with.

    ``codes``: one-time codes by mail open sessions. ``provider``: the company's own accounts, None where there are none;
    ``accounts``: the staff address of an account that is called otherwise.
    """

    desk: Desk
    clock: Clock
    letters: LetterBook
    staff: StaffSettings
    key: bytes
    sender: str
    pages: str
    codes: bool = True
    provider: SignInProvider | None = None
    accounts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A login that went well, in the clear, for two cookies: the session, and what the browser is known by from now on."""

    session: str
    visit: str
    visit_lasts: timedelta = REMEMBERED
