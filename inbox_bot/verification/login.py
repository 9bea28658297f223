"""Staff prove who they are with a one-time code mailed to a listed address."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta

from inbox_bot.clock import Clock
from inbox_bot.domain.case import LetterPurpose
from inbox_bot.domain.correspondence import new_message_id
from inbox_bot.domain.letters import Envelope, Language, LetterBook
from inbox_bot.settings import StaffSettings
from inbox_bot.store.unit import Desk
from inbox_bot.verification.challenge import keyed_hash, make_secrets, matches

MOST_TRIES = 5
MOST_CODES_AN_HOUR = 6


@dataclass(frozen=True, kw_only=True)
class Login:
    """What logging in works with. ``key`` is the secret that hashes are keyed with."""

    desk: Desk
    clock: Clock
    letters: LetterBook
    staff: StaffSettings
    key: bytes
    sender: str
    pages: str


def request(room: Login, address: str) -> None:
    """Mail a code to a listed address, a limited number of times an hour; an unlisted one gets nothing and no word of it."""
    wanted = address.strip().lower()
    if not any(hmac.compare_digest(wanted.encode(), listed.encode()) for listed in room.staff.addresses):
        return
    now = room.clock.now()
    fresh = make_secrets()
    values = {"code": fresh.code, "minutes": room.staff.login_minutes, "link": f"{room.pages}/personal/logga-in"}
    message_id = new_message_id(room.sender)
    envelope = Envelope(to=wanted, message_id=message_id, at=now, automatic=True)
    with room.desk.write() as unit:
        if unit.staff.codes_since(wanted, now - timedelta(hours=1)) >= MOST_CODES_AN_HOUR:
            return
        unit.staff.add_code(
            address=wanted,
            code_hash=keyed_hash(room.key, "code", fresh.code),
            at=now,
            expires_at=now + timedelta(minutes=room.staff.login_minutes),
        )
        unit.letters.queue(
            name="staff_login",
            purpose=LetterPurpose.LOGIN,
            recipient=wanted,
            message_id=message_id,
            content=room.letters.freeze("staff_login", Language.SV, values, envelope),
            at=now,
        )


def enter(room: Login, address: str, code: str) -> str | None:
    """Return a new session's token if the code is right; every try is counted before it is compared."""
    now = room.clock.now()
    wanted = address.strip().lower()
    with room.desk.write() as unit:
        found = unit.staff.spend_attempt(wanted, now, MOST_TRIES)
        if found is None or wanted not in room.staff.addresses:
            return None
        code_id, code_hash = found
        if not matches(room.key, code, code_hash) or not unit.staff.use_code(code_id):
            return None
        token = secrets.token_urlsafe(32)
        unit.staff.open_session(
            token_hash=keyed_hash(room.key, "session", token),
            address=wanted,
            expires_at=now + timedelta(hours=room.staff.session_hours),
        )
        return token


def who(room: Login, session: str) -> str | None:
    """Return whose session a token opens; None when it has ended or the address is no longer listed."""
    with room.desk.look() as unit:
        address = unit.staff.session_address(keyed_hash(room.key, "session", session), room.clock.now())
    return address if address in room.staff.addresses else None


def leave(room: Login, session: str) -> None:
    """End a session."""
    with room.desk.write() as unit:
        unit.staff.close_session(keyed_hash(room.key, "session", session))


def sweep(room: Login) -> int:
    """Delete ended sessions and codes."""
    with room.desk.write() as unit:
        unit.staff.sweep(room.clock.now())
    return 0
