"""Staff log in with the company's own accounts: sent to the provider with a state, back with a code.

The state is one visit's (the cookie tells which), works once and for a few minutes. Nonce and PKCE verifier are made from it and
our secret, so that the database holds nothing that opens a door. What the provider proves is an account; whether its person may
come in, and as what, is the settings' word alone.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from inbox_bot.domain.staff import LoginWay
from inbox_bot.errors import NotAllowedError, SignInError
from inbox_bot.verification.challenge import keyed_hash
from inbox_bot.verification.login import admit
from inbox_bot.verification.login_desk import Entry, Login

LASTS = timedelta(minutes=10)
RETURN_PATH = "/personal/logga-in/konto/svar"
"""Where the provider sends the browser back: registered with it word for word."""


@dataclass(frozen=True, kw_only=True)
class Return:
    """What a browser came back with. ``issuer``: who says so, where the provider says it (RFC 9207)."""

    code: str
    state: str
    issuer: str = ""


def begin(room: Login, visit: str, onward: str) -> str:
    """Return where to send the browser of a visit. Raises SignInError; NotAllowedError where there is no provider."""
    if room.provider is None or not visit:
        raise NotAllowedError("There is no login with the company's accounts here.")
    state, now = secrets.token_urlsafe(32), room.clock.now()
    address = room.provider.address(
        redirect=redirect(room), state=state, nonce=_nonce(room, state), verifier=_verifier(room, state)
    )
    with room.desk.write() as unit:
        unit.staff.add_departure(
            state_hash=keyed_hash(room.key, "state", state),
            visit_hash=keyed_hash(room.key, "visit", visit),
            onward=onward,
            expires_at=now + LASTS,
        )
    return address


def finish(room: Login, back: Return, visit: str, browser: str = "") -> tuple[Entry, str]:
    """Open a session for who the provider vouches for, and return where the person was going.

    Raises SignInError for a state that is unknown, used, old or another browser's, for a token that does not hold, and for an
    account that is not listed.
    """
    if room.provider is None:
        raise NotAllowedError("There is no login with the company's accounts here.")
    visit_hash = keyed_hash(room.key, "visit", visit)
    onward = None
    if visit and back.state:
        with room.desk.write() as unit:
            onward = unit.staff.take_departure(keyed_hash(room.key, "state", back.state), visit_hash, room.clock.now())
    if onward is None:
        raise SignInError("The login was begun in another browser, or too long ago.")
    if not back.code or back.issuer not in {"", room.provider.issuer}:
        raise SignInError("The provider did not say who it is.")
    account = room.provider.redeem(
        code=back.code, redirect=redirect(room), nonce=_nonce(room, back.state), verifier=_verifier(room, back.state)
    )
    address = room.accounts.get(account, account)
    now = room.clock.now()
    with room.desk.write() as unit:
        if room.staff.role_of(address) is None:
            raise SignInError("The account is not one of the listed staff.")
        return admit(room, unit, address, way=LoginWay.OIDC, visit_hash=visit_hash, browser=browser, now=now), onward


def redirect(room: Login) -> str:
    """Return the address the provider sends the browser back to."""
    return f"{room.pages}{RETURN_PATH}"


def _nonce(room: Login, state: str) -> str:
    return keyed_hash(room.key, "nonce", state)


def _verifier(room: Login, state: str) -> str:
    # 64 of the signs that RFC 7636 section 4.1 allows.
    return keyed_hash(room.key, "verifier", state)
