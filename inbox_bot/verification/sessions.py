"""Staff's open logins: whose one is, when it ends, and how a person or an admin ends it.

A session ends at its absolute limit, when it has lain unused, when its person is taken out of the settings, and when what the
person may do has changed: what it may was decided when it was opened.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from inbox_bot.domain.staff import Act, LoginWay, Member, Role, SessionRecord, Subject
from inbox_bot.errors import NotFoundError
from inbox_bot.store.unit import Unit
from inbox_bot.verification.challenge import keyed_hash
from inbox_bot.verification.login_desk import Login

SEEN_EVERY = timedelta(minutes=1)
"""How often the use of a session is written down: more often says nothing more, and each page would wait for the disk."""

LONGEST_BROWSER = 60


def open_session(room: Login, unit: Unit, address: str, *, way: LoginWay, browser: str, now: datetime) -> str:
    """Open a session for a listed person and return its token; that the person logged in is noted."""
    role = room.staff.role_of(address)
    assert role is not None
    token = secrets.token_urlsafe(32)
    unit.sessions.open(
        token_hash=keyed_hash(room.key, "session", token),
        address=address,
        role=role,
        way=way.value,
        browser=browser[:LONGEST_BROWSER],
        at=now,
        expires_at=now + timedelta(hours=room.staff.session_hours),
    )
    unit.audit.note(at=now, by=address, act=Act.LOGGED_IN, subject=Subject.SESSION, which="", detail=way.value)
    return token


def who(room: Login, token: str) -> Member | None:
    """Return whose session a token opens and what that person may; None when it has ended. One that has is deleted."""
    now = room.clock.now()
    with room.desk.look() as unit:
        found = unit.sessions.find(keyed_hash(room.key, "session", token))
    if found is None:
        return None
    if not _lives(room, found, now):
        with room.desk.write() as unit:
            unit.sessions.end(found.id)
        return None
    if now - found.seen_at >= SEEN_EVERY:
        with room.desk.write(light=True) as unit:
            unit.sessions.see(found.id, now)
    return Member(address=found.address, role=Role(found.role), session_id=found.id)


def leave(room: Login, token: str) -> None:
    """End the session of a token."""
    with room.desk.write() as unit:
        found = unit.sessions.find(keyed_hash(room.key, "session", token))
        if found is not None and unit.sessions.end(found.id):
            _note(room, unit, Act.LOGGED_OUT, found.address, found.address)


def listed(room: Login, address: str | None = None) -> list[SessionRecord]:
    """Return a person's open sessions, or everyone's, last used first."""
    now = room.clock.now()
    with room.desk.look() as unit:
        return [one for one in unit.sessions.of(address) if _lives(room, one, now)]


def end(room: Login, session_id: int, *, by: str, own: bool) -> str:
    """End one session, with ``own`` only if it is the person's; return whose it was. Raises NotFoundError if there is none."""
    with room.desk.write() as unit:
        known = {one.id: one.address for one in unit.sessions.of(by if own else None)}
        if session_id not in known or not unit.sessions.end(session_id):
            raise NotFoundError(f"There is no session {session_id}.")
        _note(room, unit, Act.SESSION_ENDED, by, known[session_id])
        return known[session_id]


def end_all(room: Login, address: str, *, by: str) -> None:
    """End every session of a person, and every code that is under way to one."""
    with room.desk.write() as unit:
        unit.sessions.end_all(address)
        unit.staff.use_up_codes(address)
        _note(room, unit, Act.SESSION_ENDED, by, address, detail="all")


def sweep(room: Login) -> int:
    """Delete ended sessions and codes, and browsers long unseen."""
    now = room.clock.now()
    with room.desk.write() as unit:
        unit.sessions.sweep(now, now - timedelta(minutes=room.staff.idle_minutes), _roles(room))
        unit.staff.sweep(now)
    return 0


def _lives(room: Login, session: SessionRecord, now: datetime) -> bool:
    idle = now - session.seen_at >= timedelta(minutes=room.staff.idle_minutes)
    return now < session.expires_at and not idle and room.staff.role_of(session.address) == session.role


def _roles(room: Login) -> Mapping[str, str]:
    return {address: role for address in room.staff.addresses if (role := room.staff.role_of(address)) is not None}


def _note(room: Login, unit: Unit, act: Act, by: str, whose: str, detail: str = "") -> None:
    # The address here is that of a colleague, never a requester's.
    unit.audit.note(at=room.clock.now(), by=by, act=act, subject=Subject.SESSION, which=whose, detail=detail)
