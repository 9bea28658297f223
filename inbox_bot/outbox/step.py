"""Sends frozen letters: claim by guarded update, hand over, note what became of it; two workers never send one twice."""

import asyncio
import hashlib
from datetime import datetime, timedelta

from inbox_bot import log
from inbox_bot.domain.case import EventName, LetterPurpose, LetterRecord, LetterState
from inbox_bot.domain.return_path import tagged, without_detail
from inbox_bot.outbox.alarm import tell_staff
from inbox_bot.outbox.caps import hour_allows, reason_to_hold
from inbox_bot.outbox.consequence import give_answer_back, settle_sent
from inbox_bot.outbox.room import Outbox
from inbox_bot.outbox.schedule import next_try
from inbox_bot.outbox.transport import Attempt, Fate
from inbox_bot.store.unit import Unit

BURST = 25
"""Letters sent in a row before the other rooms have their turn."""

AT_ONCE = 4
"""Letters claimed in one transaction: waiting for the disk takes longer than handing one over."""

MOST_TRIES = 4
"""How often a letter may be handed over without an answer from the server, before a person decides."""

_log = log.get("outbox")

Tried = tuple[LetterRecord, Attempt | None]
"""A letter, and what became of the try; None if it was never begun."""


async def dispatch(room: Outbox) -> int:
    """Send letters whose turn it is, one after the other, a few at most; return how many were dealt with."""
    done = 0
    turn = await asyncio.to_thread(_take_turn, room, None, more=True)
    while turn:
        done += len(turn)
        tried: Tried | None = None
        for letter, content in turn:
            if content is not None:
                if tried is not None:
                    await asyncio.to_thread(_note_alone, room, tried)
                tried = (letter, await _send(room, letter, content))
        turn = await asyncio.to_thread(_take_turn, room, tried, more=done < BURST)
    return done


async def _send(room: Outbox, letter: LetterRecord, content: bytes) -> Attempt | None:
    """Hand one letter over; None if the program is asked to stop first."""
    if room.halted.is_set():
        return None
    # A sender, never <>: what RFC 3834 (3.3) wants of it, that nothing answers what comes back, holds here, and without one
    # nobody would learn that a link or an answer did not arrive (law.md 5.2).
    sender = tagged(room.sender, letter.id, letter.message_id) if room.tags else room.sender
    return await room.transport.send(sender=sender, recipient=letter.recipient, content=content)


def sweep(room: Outbox) -> int:
    """Mark letters whose claim has gone stale: a process died between handing over and noting it. Return how many."""
    before = room.clock.now() - timedelta(minutes=room.limits.claim_minutes)
    found = 0
    with room.desk.write() as unit:
        for letter_id in unit.letters.stale(before):
            letter = unit.letters.get(letter_id)
            if letter is not None and letter.state is LetterState.SENDING:
                _lose_track(room, unit, letter, "stale claim")
                found += 1
    return found


def _note_alone(room: Outbox, tried: Tried) -> None:
    """Note what became of a letter before the next of those claimed with it begins. Light: they may all go again."""
    with room.desk.write(light=True) as unit:
        _note(room, unit, *tried)


def _take_turn(room: Outbox, tried: Tried | None, *, more: bool) -> list[tuple[LetterRecord, bytes | None]]:
    """Note what became of the last letter and, if ``more``, claim the next, in one transaction; empty if there is none."""
    try:
        with room.desk.write() as unit:
            if tried is not None:
                _note(room, unit, *tried)
            return _claim(room, unit) if more and not room.halted.is_set() else []
    except Exception:
        # Whatever is wrong with the next letter, that this one has left must be written down, or it would leave again.
        if tried is not None and more:
            with room.desk.write() as unit:
                _note(room, unit, *tried)
        raise


def _claim(room: Outbox, unit: Unit) -> list[tuple[LetterRecord, bytes | None]]:
    """Take the next letters; the bytes of one that may not leave are None.

    Several at once, if all may go again after a crash: of those claimed, nobody could tell then which had left. A letter a
    person would have to look into is claimed alone.
    """
    now = room.clock.now()
    allowed = hour_allows(room, unit, now)
    taken: list[tuple[LetterRecord, bytes | None]] = []
    for letter in unit.letters.due(now, AT_ONCE, allowed(0)):
        claimed = sum(content is not None for _, content in taken)
        if taken and not (letter.purpose.resendable and taken[0][0].purpose.resendable):
            break
        if letter.purpose in allowed(claimed):
            taken += _claim_one(room, unit, letter, now)
    return taken


def _claim_one(
    room: Outbox, unit: Unit, letter: LetterRecord, now: datetime
) -> list[tuple[LetterRecord, bytes | None]]:
    """Claim one letter and return it with its bytes, or with None if it may not leave; empty if another worker was first."""
    reason = _reason_to_hold(room, unit, letter)
    if reason:
        _hold(unit, room, letter, reason)
        return [(letter, None)]
    claimed = unit.letters.move(
        letter.id,
        [LetterState.QUEUED, LetterState.DEFERRED],
        LetterState.SENDING,
        claimed_at=now,
        claimed_by=room.worker,
        attempts=letter.attempts + 1,
    )
    if not claimed:
        return []
    content = unit.letters.content(letter.id)
    if hashlib.sha256(content).hexdigest() == letter.sha256:
        return [(letter, content)]
    _give_up(room, unit, letter, "not the bytes that were frozen")
    return [(letter, None)]


def _reason_to_hold(room: Outbox, unit: Unit, letter: LetterRecord) -> str:
    if letter.purpose.is_for_staff:
        return ""
    if letter.recipient in room.never_write or without_detail(letter.recipient) in room.never_write:
        return "never_write"
    if letter.purpose is LetterPurpose.EXTENSION and _is_too_late(room, unit, letter):
        return "first_month_over"
    return reason_to_hold(room, unit, letter)


def _is_too_late(room: Outbox, unit: Unit, letter: LetterRecord) -> bool:
    """True once the first month has ended: a notice that leaves now would promise a date the law does not give (Art 12(3))."""
    case = None if letter.case_id is None else unit.cases.get(letter.case_id)
    claims = [claim for claim in case.claims if claim.id in letter.claim_ids] if case is not None else []
    return any(room.clock.now() >= room.calendar.dates(claim.clock).strict_end for claim in claims)


def _hold(unit: Unit, room: Outbox, letter: LetterRecord, reason: str) -> None:
    if unit.letters.move(letter.id, [LetterState.QUEUED, LetterState.DEFERRED], LetterState.HELD, answer=reason):
        room.record(unit, letter, EventName.LETTER_FAILED, answer=reason)


def _note(room: Outbox, unit: Unit, letter: LetterRecord, attempt: Attempt | None) -> None:
    now = room.clock.now()
    if attempt is None:
        # Claimed and never begun: it is as it was before.
        before = {"attempts": letter.attempts, "claimed_at": letter.claimed_at}
        unit.letters.move(letter.id, [LetterState.SENDING], LetterState.QUEUED, **before)
        return
    _log.info("letter_tried", letter_id=letter.id, name=letter.name, fate=attempt.fate.value, answer=attempt.answer)
    match attempt.fate:
        case Fate.ACCEPTED:
            # A sweep may have lost track of it meanwhile; that it was taken over is certain now.
            old = [LetterState.SENDING, LetterState.UNKNOWN, LetterState.QUEUED]
            # A letter that held a code or a link is emptied; its hash stays as evidence of it.
            emptied = {"content": b""} if letter.purpose.holds_secrets else {}
            if unit.letters.move(letter.id, old, LetterState.SENT, sent_at=now, answer=attempt.answer, **emptied):
                settle_sent(unit, room.calendar, letter, now, actor="program")
        case Fate.UNKNOWN:
            _lose_track(room, unit, letter, attempt.answer)
        case Fate.REFUSED | Fate.DEFERRED:
            # A full mailbox is refused for good by many servers (552 5.2.2), and is emptied within a day or two.
            waits = attempt.fate is Fate.DEFERRED or room.returns.row(attempt.answer).wait
            again = next_try(letter.attempts + 1, now) if waits else None
            if again is None:
                _give_up(room, unit, letter, attempt.answer)
            else:
                unit.letters.move(
                    letter.id, [LetterState.SENDING], LetterState.DEFERRED, next_at=again, answer=attempt.answer
                )


def _lose_track(room: Outbox, unit: Unit, letter: LetterRecord, why: str) -> None:
    """Nobody can know whether it left (architecture, rule 4): receipts go again with the same Message-ID, answers to a person.

    A receipt goes again a few times only: a server that hangs up after taking each letter would fill the person's mailbox.
    """
    found = unit.letters.get(letter.id)
    tries = MOST_TRIES if found is None else found.attempts
    again = next_try(tries, room.clock.now())
    if letter.purpose.resendable and tries < MOST_TRIES and again is not None:
        unit.letters.move(letter.id, [LetterState.SENDING], LetterState.QUEUED, next_at=again, answer=why)
    elif unit.letters.move(letter.id, [LetterState.SENDING], LetterState.UNKNOWN, answer=why):
        room.record(unit, letter, EventName.LETTER_UNKNOWN, answer=why)


def _give_up(room: Outbox, unit: Unit, letter: LetterRecord, why: str) -> None:
    if unit.letters.move(letter.id, [LetterState.SENDING], LetterState.FAILED, answer=why):
        room.record(unit, letter, EventName.LETTER_FAILED, answer=why)
        give_answer_back(unit, room.calendar, letter, room.clock.now())
        tell_staff(room, unit, letter.id)
