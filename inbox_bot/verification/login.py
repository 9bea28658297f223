"""Staff prove who they are with a one-time code mailed to a listed address.

A code belongs to the visit that asked for it: a secret cookie. What a stranger asks for or types concerns the stranger's
own visit alone. Mails to an address are few an hour; a browser that has logged in before has its own count of them, so
that a stranger who uses up the rest locks nobody out of it (the device cookies of OWASP's authentication guidance).
"""

import hmac
import secrets
from datetime import datetime, timedelta

from inbox_bot.domain.case import LetterPurpose
from inbox_bot.domain.correspondence import new_message_id
from inbox_bot.domain.letters import Envelope, Language
from inbox_bot.domain.staff import LoginWay
from inbox_bot.store.unit import Unit
from inbox_bot.verification.challenge import keyed_hash, make_secrets, matches
from inbox_bot.verification.login_desk import REMEMBERED, Entry, Login
from inbox_bot.verification.sessions import open_session

MOST_TRIES = 5
MOST_CODES_AN_HOUR = 6


def request(room: Login, address: str, visit: str) -> None:
    """Mail a listed address a code that works for this visit; an unlisted one gets nothing and no word of it.

    The mails are limited: by the hour for all unknown browsers together, and for each known one.
    """
    wanted = address.strip().lower()
    if not room.codes:
        return
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


def enter(room: Login, address: str, code: str, visit: str, browser: str = "") -> Entry | None:
    """Open a session if the code is right and was asked for in this visit; every try is counted before it is compared."""
    now = room.clock.now()
    wanted = address.strip().lower()
    visit_hash = keyed_hash(room.key, "visit", visit)
    with room.desk.write() as unit:
        found = unit.staff.spend_attempt(wanted, visit_hash, now, MOST_TRIES)
        # Compared even where there is no code, so that the time taken says nothing of the address.
        code_id, code_hash = found or (0, "")
        right = matches(room.key, code, code_hash) and room.codes
        if not right or wanted not in room.staff.addresses or not unit.staff.use_code(code_id):
            return None
        return admit(room, unit, wanted, way=LoginWay.CODE, visit_hash=visit_hash, browser=browser, now=now)


def admit(
    room: Login, unit: Unit, address: str, *, way: LoginWay, visit_hash: str, browser: str, now: datetime
) -> Entry:
    """Open a session for a person who has proven who they are, and know the browser by a new secret from now on."""
    session = open_session(room, unit, address, way=way, browser=browser, now=now)
    entry = Entry(session=session, visit=secrets.token_urlsafe(32))
    unit.staff.remember(
        old_hash=visit_hash,
        new_hash=keyed_hash(room.key, "visit", entry.visit),
        address=address,
        expires_at=now + REMEMBERED,
    )
    return entry
