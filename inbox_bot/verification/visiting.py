"""A visit to the page of a case: a code is mailed to the address the link went to, typed, and opens the page for a while.

The code belongs to the visit that asked for it, which a secret cookie tells; tries are counted on that visit, so that a
stranger's or a scanner's touch no other's. The letter with the code holds no link: what presses every button behind every
link finds nothing further to press.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from inbox_bot.clock import stockholm_day
from inbox_bot.domain.case import Event, EventName
from inbox_bot.domain.page import PageLink
from inbox_bot.store.unit import Unit
from inbox_bot.verification import answer
from inbox_bot.verification.challenge import keyed_hash, make_secrets, matches
from inbox_bot.verification.desk import Verification
from inbox_bot.verification.page import MOST_TRIES, find_link, find_visit
from inbox_bot.verification.trial import Result, Standing, standing

CODE = "page_code"
MINUTES = 30
"""How long a code works, and how long the page then stays open."""

MOST_CODES = ((timedelta(hours=1), 3), (timedelta(days=1), 8))
"""Codes mailed to one address for one case within these spans: a scanner shall not fill anyone's mailbox."""


@dataclass(frozen=True, kw_only=True)
class Admission:
    """What came of asking for a code or typing one. ``visit``: a new secret for the cookie, ``""`` for none."""

    result: Result
    visit: str = ""


def send_code(room: Verification, token: str) -> Admission:
    """Mail a code for a new visit to the address a link went to, and to no other. NOT_NOW where enough have been mailed."""
    now = room.clock.now()
    with room.desk.write() as unit:
        link = find_link(room, unit, token)
        case = None if link is None else unit.cases.get(link.case_id)
        if link is None or case is None or case.emptied_at is not None or not link.address or not case.claims:
            return Admission(result=Result.UNKNOWN)
        unit.cases.lock(case.id)
        if any(unit.page_links.codes_since(case.id, link.address, now - span) >= most for span, most in MOST_CODES):
            return Admission(result=Result.NOT_NOW)
        fresh = make_secrets()
        room.write(unit, case, case.claims, CODE, {"code": fresh.code, "minutes": MINUTES}, to=link.address)
        visit = _begin(room, unit, link, code=fresh.code)
    return Admission(result=Result.RENEWED, visit=visit)


def enter(room: Verification, token: str, code: str, visit: str) -> Admission:
    """Open the page for a visit whose code is typed right; every try is counted before it is compared.

    The cookie's secret is changed then, so that one planted before leads nowhere.
    """
    with room.desk.write() as unit:
        link = find_link(room, unit, token)
        found = None if link is None else find_visit(room, unit, link, visit)
        if link is None or found is None:
            return Admission(result=Result.EXPIRED)
        if found.entered:
            return Admission(result=Result.CONFIRMED, visit=visit)
        if not unit.page_links.spend_attempt(found.id, MOST_TRIES):
            return Admission(result=Result.LOCKED)
        if not matches(room.key, code, found.code_hash):
            return Admission(result=Result.WRONG_CODE if found.attempts + 1 < MOST_TRIES else Result.LOCKED)
        unit.page_links.leave(keyed_hash(room.key, "page", visit), room.clock.now())
        return Admission(result=Result.CONFIRMED, visit=_begin(room, unit, link, mailed=True))


def confirm(room: Verification, token: str, code: str, fact: str = "") -> Admission:
    """Take the code of the question of identity as a yes, and open the page to the visit that typed it.

    Whoever opens the link of a question that is answered already is told so, and enters nothing: only a code that was
    compared while the question was open lets anybody in.
    """
    hashed = keyed_hash(room.key, "token", token)
    with room.desk.look() as unit:
        challenge = unit.challenges.by_token(hashed)
        was_open = challenge is not None and standing(room, challenge) is Standing.OPEN
    result = answer.answer(room, token, code, mine=True, fact=fact)
    right = challenge is not None and matches(room.key, code, challenge.code_hash)
    if not was_open or not right or result not in {Result.CONFIRMED, Result.CHECKING}:
        return Admission(result=result)
    with room.desk.write() as unit:
        link = unit.page_links.by_token(hashed)
        return Admission(result=result, visit="" if link is None else _begin(room, unit, link))


def leave(room: Verification, visit: str) -> None:
    """End a visit."""
    with room.desk.write() as unit:
        unit.page_links.leave(keyed_hash(room.key, "page", visit), room.clock.now())


def count(room: Verification, token: str, *, pressed: bool) -> None:
    """Count that a page was opened, or a button pressed on it without a code: by a scanner or a person, nobody can tell."""
    with room.desk.write(light=True) as unit:
        unit.page_links.count(keyed_hash(room.key, "token", token), pressed=pressed)


def sweep(room: Verification) -> int:
    """Delete visits that have ended, and the bytes of files whose last day has passed."""
    now = room.clock.now()
    with room.desk.write() as unit:
        unit.page_links.sweep(now)
        gone = unit.deliverables.empty(stockholm_day(now), now)
    if gone:
        room.desk.scrub()
    return 0


def _begin(room: Verification, unit: Unit, link: PageLink, *, code: str = "", mailed: bool = False) -> str:
    """Begin a visit and return its secret: one that waits for its code, or without a code one that has entered.

    ``mailed``: it was a code of this visit's own.
    """
    now = room.clock.now()
    visit = secrets.token_urlsafe(32)
    unit.page_links.add_visit(
        case_id=link.case_id,
        address=link.address,
        visit_hash=keyed_hash(room.key, "page", visit),
        code_hash=keyed_hash(room.key, "code", code) if code else "",
        at=now,
        expires_at=now + timedelta(minutes=MINUTES),
        entered=not code,
        mailed=mailed,
    )
    if not code:
        unit.cases.record(link.case_id, Event(at=now, name=EventName.PAGE_OPENED, actor="requester"))
    return visit
