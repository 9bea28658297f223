"""Tokens for Gmail by google-auth: a service account that acts for a mailbox, or a person's login by an installed app."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from google.auth.exceptions import GoogleAuthError, RefreshError, TransportError
from google.auth.transport.requests import Request
from google.oauth2 import service_account
from google.oauth2.credentials import Credentials

from inbox_bot.access.grant import Ending, Renewed
from inbox_bot.access.https import Https, plain_code, trouble
from inbox_bot.access.loopback import Errand
from inbox_bot.clock import Clock, SystemClock
from inbox_bot.errors import AccessError

# The one scope that IMAP and SMTP take (Gmail, OAuth 2.0 mechanism).
SCOPE = "https://mail.google.com/"
# A refresh token nobody has used for six months ends (Using OAuth 2.0 to access Google APIs, refresh token expiration).
_UNUSED = timedelta(days=180)
_SECONDS_TO_LOG_IN = 900.0
_SETUP = "See 'Google' in docs/operation.md."
_DELEGATION = (
    "Let an administrator allow the service account's client ID the scope https://mail.google.com/ under domain-wide "
    "delegation (admin.google.com, API controls), and check that username is a mailbox of that domain. "
)


@dataclass(frozen=True, kw_only=True)
class KeyFile:
    """A JSON file from Google Cloud, read and understood. ``kind``: ``service_account`` or ``installed``."""

    kind: str
    values: Mapping[str, Any] = field(repr=False)

    @classmethod
    def read(cls, path: str) -> "KeyFile":
        """Raises AccessError for a file that is not there, or is something else."""
        hint = "key_file under [google] must be the JSON file of a service account's key, or of an OAuth client of type desktop app."
        try:
            found = json.loads(Path(path).read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise AccessError(
                f"The Google key file {path} cannot be read ({type(error).__name__}).", hint=hint
            ) from error
        if isinstance(found, dict):
            if found.get("type") == "service_account":
                return cls(kind="service_account", values=found)
            if (
                isinstance(found.get("installed"), dict)
                and {"client_id", "auth_uri", "token_uri"} <= found["installed"].keys()
            ):
                return cls(kind="installed", values=found["installed"])
        raise AccessError(f"The Google key file {path} is of another kind.", hint=hint)


@dataclass(kw_only=True)
class _Account:
    """``user``: the mailbox. ``clock``: the machine's own, for google-auth tells by it when a token ends."""

    name: str
    key: KeyFile
    user: str = field(repr=False)
    ca_file: str = ""
    clock: Clock = field(default_factory=SystemClock)

    def ending(self) -> Ending | None:
        return None


@dataclass(kw_only=True)
class ServiceAccount(_Account):
    """Acts for ``user``, whom the domain's administrator lets it act for (domain-wide delegation)."""

    provider: str = "Google, service account"
    keeps: bool = False

    def renew(self, kept: bytes) -> Renewed:  # noqa: ARG002  # the port's signature
        try:
            credentials = service_account.Credentials.from_service_account_info(  # type: ignore[no-untyped-call]
                dict(self.key.values), scopes=[SCOPE], subject=self.user
            )
        except (ValueError, GoogleAuthError) as error:
            raise AccessError(
                f"Login {self.name}: the service account's key cannot be used.",
                hint="Make a new JSON key in Google Cloud.",
            ) from error
        _refresh(self.name, credentials, self.ca_file, _DELEGATION + _SETUP)
        return Renewed(value=str(credentials.token), lasts=_lasts(credentials.expiry, self.clock))


@dataclass(kw_only=True)
class InstalledApp(_Account):
    """A person's access, begun once in a browser. What is kept is the refresh token, and its last day if it has one."""

    provider: str = "Google, installed app"
    keeps: bool = True
    _errand: Errand | None = field(default=None, repr=False)

    def renew(self, kept: bytes) -> Renewed:
        held = json.loads(kept)
        credentials = Credentials(  # type: ignore[no-untyped-call]
            token=None,
            refresh_token=held["refresh_token"],
            token_uri=self.key.values["token_uri"],
            client_id=self.key.values["client_id"],
            client_secret=self.key.values.get("client_secret"),
            scopes=[SCOPE],
        )
        _refresh(self.name, credentials, self.ca_file, f"Log in again: inbox-bot login {self.name}")
        return self._renewed(
            str(credentials.token),
            _lasts(credentials.expiry, self.clock),
            {**held, "refresh_token": credentials.refresh_token},
        )

    def begin(self, port: int) -> str:
        self._errand = Errand(name=self.name, port=port)
        address = self._errand.address(
            self.key.values["auth_uri"], client=self.key.values["client_id"], scope=SCOPE, hint=self.user
        )
        return (
            f"Open this address in a browser on this machine, and log in as the mailbox:\n{address}\n"
            f"From another machine: ssh -L {self._errand.port}:127.0.0.1:{self._errand.port} to this one first, "
            "and open it there."
        )

    def finish(self) -> Renewed:
        if self._errand is None:
            raise AccessError(f"Login {self.name}: it has not been begun.")
        with self._errand as errand:
            form = errand.wait(_SECONDS_TO_LOG_IN)
        form |= {"client_id": self.key.values["client_id"], "client_secret": self.key.values.get("client_secret", "")}
        with Https(self.ca_file) as https:
            try:
                answer = https.post(self.key.values["token_uri"], data=form)
                found = answer.json()
            except OSError as error:  # every error of requests is one, also that for an answer that is no JSON
                raise _away(self.name, trouble(error)) from None
        if "access_token" not in found or "refresh_token" not in found:
            code = plain_code(found.get("error", "")) or "nothing to renew the login with"
            raise AccessError(f"Login {self.name}: Google refused ({code}).", hint=_SETUP)
        kept = {"refresh_token": found["refresh_token"]}
        if "refresh_token_expires_in" in found:
            # Google limits a login to days where the app is in testing, or the person chose so.
            end = self.clock.now() + timedelta(seconds=int(found["refresh_token_expires_in"]))
            kept["ends_at"] = end.isoformat()
        return self._renewed(str(found["access_token"]), timedelta(seconds=int(found["expires_in"])), kept)

    def _renewed(self, value: str, lasts: timedelta, kept: Mapping[str, Any]) -> Renewed:
        left = _UNUSED
        if "ends_at" in kept:
            left = min(left, datetime.fromisoformat(kept["ends_at"]) - self.clock.now())
        return Renewed(value=value, lasts=lasts, kept=json.dumps(kept).encode(), kept_for=left)


def _refresh(name: str, credentials: Any, ca_file: str, hint: str) -> None:
    with Https(ca_file) as https:
        try:
            credentials.refresh(Request(session=https.session))
        except TransportError as error:
            raise _away(name, trouble(error)) from None
        except RefreshError as error:
            answer = error.args[1] if len(error.args) > 1 and isinstance(error.args[1], dict) else {}
            code = plain_code(answer.get("error", ""))
            if error.retryable:
                raise _away(name, code or "it is out of order") from None
            raise AccessError(f"Login {name}: Google refused{f' ({code})' if code else ''}.", hint=hint) from None
        except GoogleAuthError as error:
            raise AccessError(f"Login {name}: Google gave no token ({type(error).__name__}).", hint=_SETUP) from None


def _away(name: str, why: str) -> AccessError:
    return AccessError(
        f"Login {name}: Google gave no token: {why}.",
        hint="The program tries again by itself. If it lasts, check the network.",
        temporary=True,
    )


def _lasts(expiry: datetime | None, clock: Clock) -> timedelta:
    """Return how long a token is good. google-auth says when it ends by the machine's own clock, in naive UTC."""
    if expiry is None:
        return timedelta(hours=1)
    return max(expiry.replace(tzinfo=UTC) - clock.now(), timedelta(seconds=1))
