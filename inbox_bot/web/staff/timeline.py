"""What a claim's clock has seen, as moments and stretches of days: what the picture of a case's dates is drawn of.

Claims whose clocks have run alike are one clock. Which days count follows from ``domain.dates`` alone; nothing is decided anew.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from inbox_bot.clock import stockholm_day
from inbox_bot.domain.case import ClaimState, Event, EventName, LetterPurpose, LetterRecord, LetterState
from inbox_bot.domain.dates import PauseStanding
from inbox_bot.domain.rights import Claim
from inbox_bot.overview import CaseFile, ClaimView


class Kind(StrEnum):
    """What a moment is. ``FIRST``: the first month's end where more time stands; ``NOTICE_VOID``: a notice that gives none.

    ``ENDED``: the claim was no request, or not the person's own.
    """

    RECEIVED = "received"
    ASKED = "asked"
    CONFIRMED = "confirmed"
    NOTICE = "notice"
    NOTICE_VOID = "notice_void"
    ANSWERED = "answered"
    ENDED = "ended"
    FIRST = "first"
    DUE = "due"
    RESERVE = "reserve"


class Stretch(StrEnum):
    """What a stretch of days is. ``PAUSE_OPEN`` may come to count, ``PAUSE_VOID`` never does."""

    PAUSE = "pause"
    PAUSE_OPEN = "pause_open"
    PAUSE_VOID = "pause_void"
    EXTENSION = "extension"
    LATE = "late"


@dataclass(frozen=True, kw_only=True)
class Moment:
    """One thing on one Stockholm day."""

    kind: Kind
    day: date


@dataclass(frozen=True, kw_only=True)
class Span:
    """A stretch from one Stockholm day to a later one."""

    kind: Stretch
    start: date
    end: date


@dataclass(frozen=True, kw_only=True)
class Clock:
    """The clock of some claims. ``moments`` are in order of time. ``ended``: the day it stopped, None while it runs.

    ``days_left`` are working days to ``due``, negative when overdue; ``why`` says in one sentence why it is due then, and
    ``explanation`` in full.
    """

    claims: tuple[Claim, ...]
    moments: tuple[Moment, ...]
    spans: tuple[Span, ...]
    received: date
    due: date
    ended: date | None
    days_left: int
    why: str
    explanation: str


def clocks(file: CaseFile, today: date) -> tuple[Clock, ...]:
    """Return the clocks of a case in the order of their claims."""
    found: dict[object, Clock] = {}
    for view in file.view.claims:
        clock = _clock(view, file, today)
        alike = (clock.moments, clock.spans, clock.ended)
        old = found.get(alike)
        found[alike] = clock if old is None else replace(old, claims=(*old.claims, *clock.claims))
    return tuple(found.values())


def last_answer(letters: Iterable[LetterRecord], claim_id: int) -> LetterRecord | None:
    """Return the answer to a claim that has left and did not come back, None where there is none."""
    left = [
        letter
        for letter in letters
        if letter.purpose is LetterPurpose.ANSWER
        and claim_id in letter.claim_ids
        and letter.state is LetterState.SENT
        and letter.sent_at is not None
    ]
    return left[-1] if left else None


def _clock(view: ClaimView, file: CaseFile, today: date) -> Clock:
    answered, ended = _answered_on(view, file), _ended_on(view, file)
    stopped = answered or ended
    moments = [*_moments(view), *_ends(answered, ended)]
    order = list(Kind)
    return Clock(
        claims=(view.record.claim,),
        moments=tuple(sorted(moments, key=lambda one: (one.day, order.index(one.kind)))),
        spans=tuple(_spans(view, stopped or today)),
        received=view.dates.received_day,
        due=view.dates.due,
        ended=stopped,
        days_left=view.days_left,
        why=view.dates.why,
        explanation=view.dates.explanation,
    )


def _moments(view: ClaimView) -> Iterator[Moment]:
    dates = view.dates
    yield Moment(kind=Kind.RECEIVED, day=dates.received_day)
    for pause in dates.pauses:
        yield Moment(kind=Kind.ASKED, day=pause.asked)
        if pause.confirmed is not None:
            yield Moment(kind=Kind.CONFIRMED, day=pause.confirmed)
    sent = view.record.clock.extension_sent_at
    if sent is not None:
        yield Moment(kind=Kind.NOTICE if dates.extension_valid else Kind.NOTICE_VOID, day=stockholm_day(sent))
    if dates.extended_deadline is not None:
        yield Moment(kind=Kind.FIRST, day=dates.strict_deadline)
    yield Moment(kind=Kind.DUE, day=dates.due)
    if dates.paused_safe is not None and dates.paused_safe > dates.due:
        yield Moment(kind=Kind.RESERVE, day=dates.paused_safe)


def _ends(answered: date | None, ended: date | None) -> Iterator[Moment]:
    if answered is not None:
        yield Moment(kind=Kind.ANSWERED, day=answered)
    elif ended is not None:
        yield Moment(kind=Kind.ENDED, day=ended)


_PAUSES = {PauseStanding.COUNTED: Stretch.PAUSE, PauseStanding.OPEN: Stretch.PAUSE_OPEN}


def _spans(view: ClaimView, until: date) -> Iterator[Span]:
    """Yield the stretches up to ``until``: today, or the day the clock stopped."""
    dates = view.dates
    if dates.extended_deadline is not None:
        yield Span(kind=Stretch.EXTENSION, start=dates.strict_deadline, end=dates.extended_deadline)
    for pause in dates.pauses:
        end = max(pause.asked, pause.confirmed or until)
        if end > pause.asked:
            yield Span(kind=_PAUSES.get(pause.standing, Stretch.PAUSE_VOID), start=pause.asked, end=end)
    if until > dates.due:
        yield Span(kind=Stretch.LATE, start=dates.due, end=until)


def _answered_on(view: ClaimView, file: CaseFile) -> date | None:
    letter = last_answer(file.letters, view.record.id)
    if letter is not None and letter.sent_at is not None:
        return stockholm_day(letter.sent_at)
    by_hand = _last(file.events, EventName.ANSWERED_BY_HAND, view.record.id)
    if by_hand is None:
        return None
    said = by_hand.details.get("answered_on")
    return date.fromisoformat(said) if said else stockholm_day(by_hand.at)


def _ended_on(view: ClaimView, file: CaseFile) -> date | None:
    """Return when a claim ended without an answer of ours: disowned, dismissed, or answered in a way nothing more is known of."""
    if not view.record.state.is_final:
        return None
    name = {ClaimState.DISOWNED: EventName.DISOWNED, ClaimState.DISMISSED: EventName.DISMISSED}.get(
        view.record.state, EventName.ANSWERED
    )
    event = _last(file.events, name, view.record.id)
    at = event.at if event is not None else file.view.record.closed_at
    return None if at is None else stockholm_day(at)


def _last(events: Sequence[Event], name: EventName, claim_id: int) -> Event | None:
    return next((one for one in reversed(events) if one.name is name and one.claim_id in {None, claim_id}), None)
