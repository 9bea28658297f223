"""Holds one login's token, renews it before it ends, and rests between tries while the provider is away."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from inbox_bot import log
from inbox_bot.access.grant import Grant, Renewed
from inbox_bot.access.shelf import Kept, Shelf
from inbox_bot.clock import Clock
from inbox_bot.domain.access import AccessToken
from inbox_bot.errors import AccessError, StoreError

# A token is renewed this long before its end, so that an outage shorter than this is never felt; of a short-lived token the
# last quarter.
_MARGIN = timedelta(minutes=5)
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=2), timedelta(minutes=5)
# A refused token younger than this is not asked for again: the account is closed to us, not the token old.
_YOUNG = timedelta(minutes=1)

_log = log.get("access")


class TokenKeeper:
    """The TokenSource (see domain/access.py) of one login, shared by all that use it.

    ``grant`` is asked for anew at each renewal, so that a certificate or key file that was put right is read again.
    """

    def __init__(self, *, name: str, grant: Callable[[], Grant], shelf: Shelf, clock: Clock) -> None:
        self.name = name
        self.grant = grant
        self._shelf = shelf
        self._clock = clock
        self._lock = threading.Lock()
        self._token: AccessToken | None = None
        self._made_at: datetime | None = None
        self._pause = _FIRST_PAUSE
        self._rest: tuple[datetime, AccessError] | None = None
        self._unsaved: tuple[int, Renewed, datetime] | None = None

    def token(self) -> AccessToken:
        """See domain/access.py. While the provider is away the old token is given as long as it is good."""
        with self._lock:
            now = self._clock.now()
            held = self._token
            if held is not None and now < held.renew_at:
                return held
            try:
                return self._renewed(now)
            except AccessError as error:
                if error.temporary and held is not None and now < held.expires_at:
                    return held
                raise

    def another(self, refused: AccessToken) -> AccessToken | None:
        with self._lock:
            now = self._clock.now()
            if self._token is not refused:
                return self._token
            if self._made_at is not None and now - self._made_at < _YOUNG:
                return None
            return self._renewed(now)

    def _renewed(self, now: datetime) -> AccessToken:
        if self._rest is not None and now < self._rest[0]:
            trouble = self._rest[1]
            raise AccessError(trouble.message, hint=trouble.hint, temporary=True)
        try:
            renewed, asked_at = self._fetch(now)
        except AccessError as error:
            self._note(error, now)
            raise
        self._rest, self._pause = None, _FIRST_PAUSE
        self._made_at = now
        margin = min(_MARGIN, renewed.lasts / 4)
        self._token = AccessToken(
            value=renewed.value, renew_at=asked_at + renewed.lasts - margin, expires_at=asked_at + renewed.lasts
        )
        _log.info("token_renewed", login=self.name, seconds=int(renewed.lasts.total_seconds()))
        return self._token

    def _note(self, error: AccessError, now: datetime) -> None:
        """Rest for a growing pause where it may pass; else store it, for digest and pages of every process."""
        if error.temporary:
            self._rest = (now + self._pause, error)
            _log.warning(
                "token_not_renewed", login=self.name, error=str(error), rest_seconds=self._pause.total_seconds()
            )
            self._pause = min(self._pause * 2, _LONGEST_PAUSE)
            return
        self._token = None
        _log.error("access_refused", login=self.name, error=str(error))
        try:
            self._shelf.note_failure(self.name, str(error), now)
        except StoreError as other:
            _log.error("access_failure_not_noted", login=self.name, error=str(other))

    def _fetch(self, now: datetime) -> tuple[Renewed, datetime]:
        """Ask the provider, and store what it wants to be asked with next time before the token is used.

        Returns what it gave, and when it was asked.
        """
        if self._unsaved is None:
            self._unsaved = (*self._ask(self.grant()), now)
        version, renewed, asked_at = self._unsaved
        try:
            self._shelf.put(self.name, renewed, now, after=version)
        except StoreError as error:
            # What the provider gave may be the only thing that opens the account now: it is held until it can be stored.
            raise AccessError(f"Login {self.name}: {error.message}", hint=error.hint, temporary=True) from error
        self._unsaved = None
        return renewed, asked_at

    def _ask(self, grant: Grant) -> tuple[int, Renewed]:
        if not grant.keeps:
            return 0, grant.renew(b"")
        kept = self._kept()
        try:
            return kept.version, grant.renew(kept.secret)
        except AccessError as error:
            if error.temporary:
                raise
            newer = self._kept()
            if newer.version == kept.version:
                raise
            # Another process renewed it meanwhile, or a person has logged in anew.
            return newer.version, grant.renew(newer.secret)

    def _kept(self) -> Kept:
        try:
            return self._shelf.take(self.name)
        except StoreError as error:
            raise AccessError(f"Login {self.name}: {error.message}", hint=error.hint, temporary=True) from error
