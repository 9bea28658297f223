"""Staff prove who they are with a one-time code mailed to a listed address.

A code belongs to the visit that asked for it: a secret cookie. What a stranger asks for or types concerns the stranger's
own visit alone. Mails to an address are few an hour; a browser that has logged in before has its own count of them, so
that a stranger who uses up the rest locks nobody out of it (the device cookies of OWASP's authentication guidance).
"""

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
REMEMBERED = timedelta(days=180)
"""How long a browser is known after its last login."""


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


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A login that went well, in the clear, for two cookies: the session, and what the browser is known by from now on."""

    session: str
    visit: str
    visit_lasts: timedelta = REMEMBERED


def request(room: Login, address: str, visit: str) -> None:
    """Mail a listed address a code that works for this visit; an unlisted one gets nothing and no word of it.

    The mails are limited: by the hour for all unknown browsers together, and for each known one.
    """
    wanted = address.strip().lower()
    if not visit or not any(hmac.compare_digest(wanted.encode(), listed.encode()) for listed in room.staff.addresses):
        return
    now = room.clock.now()
    fresh = make_secrets()
    values = {"code": fresh.code, "minutes": room.staff.login_minutes, "link": f"{room.pages}/personal/logga-in"}
    message_id = new_message_id(room.sender)
    envelope = Envelope(to=wanted, message_id=message_id, at=now, automatic=True)
    visit_hash = keyed_hash(room.key, "visit", visit)
    with room.desk.write() as unit:
        unit.staff.lock(wanted)
        known = unit.staff.knows(visit_hash, wanted, now)
        counted = unit.staff.codes_since(wanted, now - timedelta(hours=1), known_visit=visit_hash if known else None)
        if counted >= MOST_CODES_AN_HOUR:
            return
        unit.staff.add_code(
            address=wanted,
            visit_hash=visit_hash,
            known=known,
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


def enter(room: Login, address: str, code: str, visit: str) -> Entry | None:
    """Open a session if the code is right and was asked for in this visit; every try is counted before it is compared."""
    now = room.clock.now()
    wanted = address.strip().lower()
    visit_hash = keyed_hash(room.key, "visit", visit)
    with room.desk.write() as unit:
        found = unit.staff.spend_attempt(wanted, visit_hash, now, MOST_TRIES)
        # Compared even where there is no code, so that the time taken says nothing of the address.
        code_id, code_hash = found or (0, "")
        right = matches(room.key, code, code_hash)
        if not right or wanted not in room.staff.addresses or not unit.staff.use_code(code_id):
            return None
        entry = Entry(session=secrets.token_urlsafe(32), visit=secrets.token_urlsafe(32))
        unit.staff.open_session(
            token_hash=keyed_hash(room.key, "session", entry.session),
            address=wanted,
            expires_at=now + timedelta(hours=room.staff.session_hours),
        )
        unit.staff.remember(
            old_hash=visit_hash,
            new_hash=keyed_hash(room.key, "visit", entry.visit),
            address=wanted,
            expires_at=now + REMEMBERED,
        )
        return entry


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
    """Delete ended sessions and codes, and browsers long unseen."""
    with room.desk.write() as unit:
        unit.staff.sweep(room.clock.now())
    return 0
