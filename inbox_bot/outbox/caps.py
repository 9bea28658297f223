"""How much the program may write by itself: to one address, in one case, in an hour, in a day (RFC 3834, 2).

Two machines that answer each other end here. What a person has approved, or sent by pressing a button, is never counted
and never held back: a flood of receipts must not make an answer late.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from inbox_bot.domain.case import LetterPurpose, LetterRecord
from inbox_bot.outbox.room import Outbox
from inbox_bot.store.unit import Unit

FOR_STAFF = tuple(purpose for purpose in LetterPurpose if purpose.is_for_staff)
FIRST = tuple(purpose for purpose in LetterPurpose if purpose.goes_first)
_EVER = timedelta(days=3650)


def hour_allows(room: Outbox, unit: Unit, now: datetime) -> Callable[[int], tuple[LetterPurpose, ...]]:
    """Return which letters there is still room for, as a function of how many more have been claimed since.

    Receipts stop at the limits of the hour and the day, and go later; all others go on to twice the hour's, counted without
    receipts; letters to our own people always go.
    """
    hour, day = now - timedelta(hours=1), now - timedelta(days=1)
    automatic = unit.letters.handed_over_since(hour, automatic=True)
    today = unit.letters.handed_over_since(day, automatic=True)
    others = unit.letters.handed_over_since(hour) - automatic

    def allowed(more: int) -> tuple[LetterPurpose, ...]:
        if automatic + more < room.limits.per_hour and today + more < room.limits.per_day:
            return room.among
        left = FIRST if others + more < 2 * room.limits.per_hour else FOR_STAFF
        return tuple(purpose for purpose in left if purpose in room.among)

    return allowed


def reason_to_hold(room: Outbox, unit: Unit, letter: LetterRecord) -> str:
    """Return why a letter that nobody has asked for waits for a person, or ``""``. One that has been tried waits no more."""
    if not letter.is_automatic or letter.attempts:
        return ""
    return _silence(room, unit, letter.recipient) or _too_many(room, unit, letter)


def _silence(room: Outbox, unit: Unit, address: str) -> str:
    """Return why nothing automatic goes to an address at all, or ``""``."""
    if not room.answerable(address):
        return "unanswerable_address"
    if unit.letters.has_complained(address):
        return "complained"
    return "address_came_back" if room.returns.is_dead(unit.letters.last_answer(address)) else ""


def _too_many(room: Outbox, unit: Unit, letter: LetterRecord) -> str:
    """Return which cap a letter would pass, or ``""``."""
    limits, now = room.limits, room.clock.now()
    for days, most in ((1, limits.per_address_per_day), (30, limits.per_address_per_month)):
        since = now - timedelta(days=days)
        if unit.letters.handed_over_since(since, letter.recipient, automatic=True) >= most:
            return "too_many_to_one_address"
    since = now - _EVER
    in_case = (
        0 if letter.case_id is None else unit.letters.handed_over_since(since, case_id=letter.case_id, automatic=True)
    )
    return "too_many_in_one_case" if in_case >= limits.per_case else ""
