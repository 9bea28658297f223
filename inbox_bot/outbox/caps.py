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


def hour_allows(room: Outbox, unit: Unit, now: datetime) -> Callable[[int], tuple[LetterPurpose, ...]]:
    """Return which letters there is still room for, as a function of how many more have been claimed since.

    Receipts stop at the limits of the hour and the day, and go later; all others go on to twice the hour's, counted without
    receipts; letters to our own people always go.
    """
    flood = unit.traffic.since(hour=now - timedelta(hours=1), day=now - timedelta(days=1))

    def allowed(more: int) -> tuple[LetterPurpose, ...]:
        if flood.unasked_in_hour + more < room.limits.per_hour and flood.unasked_in_day + more < room.limits.per_day:
            return room.among
        left = FIRST if flood.others_in_hour + more < 2 * room.limits.per_hour else FOR_STAFF
        return tuple(purpose for purpose in left if purpose in room.among)

    return allowed


def reason_to_hold(room: Outbox, unit: Unit, letter: LetterRecord) -> str:
    """Return why a letter that nobody has asked for waits for a person, or ``""``. One that has been tried waits no more."""
    if not letter.is_automatic or letter.attempts:
        return ""
    if not room.answerable(letter.recipient):
        return "unanswerable_address"
    now, limits = room.clock.now(), room.limits
    day, month = now - timedelta(days=1), now - timedelta(days=30)
    written = unit.traffic.with_address(letter.recipient, letter.case_id, day=day, month=month)
    if written.complained:
        return "complained"
    if room.returns.is_dead(written.came_back):
        return "address_came_back"
    if written.in_day >= limits.per_address_per_day or written.in_month >= limits.per_address_per_month:
        return "too_many_to_one_address"
    return "too_many_in_one_case" if written.in_case >= limits.per_case else ""
