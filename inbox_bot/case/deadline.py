"""The dates of one claim: the month of Art 12(3) GDPR, what a pause may add to it and what an extension does.

Pure computation on the events of the claim; how a period is counted stands in ``period.py``. Sources for every rule
are in ``docs/dates.md``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from inbox_bot.case.period import (
    HolidayName,
    Period,
    first_instant_after,
    move_to_working_day,
    period_from,
)
from inbox_bot.clock import STOCKHOLM, in_utc, stockholm_day
from inbox_bot.domain.dates import ClockEvents, Dates, JudgedPause, Pause, PauseStanding, add_months

ANSWER_MONTHS = 1
"""Art 12(3), first sentence: within one month of receipt."""

EXTENDED_MONTHS = 3
"""Art 12(3), second sentence: two further months, counted in one step from receipt (stepping 1 + 2 clips twice)."""

PROMPT_QUESTION_DAYS = 6
"""Days after the receipt day by which an identity question was still asked "without undue delay" (EDPB 01/2022 p. 159).

IMY accepted day 6 (IMY-2022-9442, SJ AB), the only decision that puts a number on it; what is later is not relied on.
"""

DAYS_IN_PART_OF_MONTH = 30
"""Reg. 1182/71 Art 3(2)(d): where a period has parts of months, a month counts as thirty days."""

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Extension:
    """An extension notice that was sent, whether it was in time, and the period it would give."""

    sent: date
    valid: bool
    period: Period


@dataclass(frozen=True, kw_only=True)
class Reckoning:
    """All that was worked out for one claim, so that the dates and the words about them come from one place."""

    received: date
    answer: Period
    strict_end: datetime
    pauses: tuple[JudgedPause, ...]
    paused_safe: date | None
    extension: Extension | None


def reckon(events: ClockEvents, holiday_name: HolidayName) -> Reckoning:
    """Work out the dates of a claim. Raises ValueError for a naive instant or a pause that ends before it began."""
    received = stockholm_day(events.received_at)
    answer = period_from(received, ANSWER_MONTHS, holiday_name)
    strict_end = first_instant_after(answer.end)
    pauses = tuple(judge_pause(pause, received, pausable=events.pausable) for pause in events.pauses)
    return Reckoning(
        received=received,
        answer=answer,
        strict_end=strict_end,
        pauses=pauses,
        paused_safe=_paused_safe(received, answer, pauses, holiday_name),
        extension=_extension(events.extension_sent_at, received, strict_end, holiday_name),
    )


def judge_pause(pause: Pause, received: date, *, pausable: bool) -> JudgedPause:
    """Decide whether a pause counts (EDPB 01/2022 p. 159). Raises ValueError where it was confirmed on a day before it was asked.

    A question asked after the strict date needs no test of its own: it is always late, since no month is as short as
    ``PROMPT_QUESTION_DAYS``.
    """
    asked = stockholm_day(pause.asked_at)
    confirmed = None if pause.confirmed_at is None else stockholm_day(pause.confirmed_at)
    if confirmed is not None and confirmed < asked:
        raise ValueError(f"identity cannot be confirmed on {confirmed}, before it was asked for on {asked}")
    if not pausable:
        standing = PauseStanding.NOT_ALLOWED
    elif (asked - received).days > PROMPT_QUESTION_DAYS:
        standing = PauseStanding.LATE
    elif confirmed is None:
        standing = PauseStanding.OPEN
    elif confirmed < received:
        standing = PauseStanding.OVER_BEFORE_RECEIPT
    else:
        standing = PauseStanding.COUNTED
    return JudgedPause(asked=asked, confirmed=confirmed, standing=standing)


def _paused_safe(
    received: date, answer: Period, pauses: Sequence[JudgedPause], holiday_name: HolidayName
) -> date | None:
    """Return the fallback date, or None without a pause that counts, or while one that may count is open.

    It is never earlier than the strict date, and a further pause never takes away what an earlier one gave: a gap
    between two pauses could otherwise move the last confirmation into February and shorten the rest.
    """
    if any(pause.standing is PauseStanding.OPEN for pause in pauses):
        return None
    spans = merge_spans(
        (max(pause.asked, received), pause.confirmed)
        for pause in pauses
        if pause.standing is PauseStanding.COUNTED and pause.confirmed is not None
    )
    if not spans:
        return None
    latest, paused = answer.nominal, 0
    for start, end in spans:
        paused += (end - start).days
        latest = max(latest, _earliest_reading(received, answer.nominal, end, paused))
    return move_to_working_day(latest, holiday_name)


def merge_spans(spans: Iterable[tuple[date, date]]) -> list[tuple[date, date]]:
    """Return the spans in order, those that overlap or touch made one, so that no day is counted twice."""
    merged: list[tuple[date, date]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def _earliest_reading(received: date, nominal: date, confirmed: date, paused_days: int) -> date:
    """Return the earliest of the three ways to count what is left when identity is confirmed (EDPB 01/2022 p. 159).

    Thirty days less those used (Art 3(2)(d)) and a month from the confirmation less the days used both give IMY's own
    13 May in the SJ case; moving the date by the days of the pause gives 11 May. A full new month from the confirmation
    (DI-2021-10488, the ICO) is never earlier than the second, so it is not among them.
    """
    used = (confirmed - received).days - paused_days
    return min(
        confirmed + _ONE_DAY * (DAYS_IN_PART_OF_MONTH - used),
        add_months(confirmed, ANSWER_MONTHS) - _ONE_DAY * used,
        nominal + _ONE_DAY * paused_days,
    )


def _extension(
    sent_at: datetime | None, received: date, strict_end: datetime, holiday_name: HolidayName
) -> Extension | None:
    """Return what an extension notice is worth (Art 12(3), third sentence): it counts only if sent within the unpaused first month."""
    if sent_at is None:
        return None
    sent = stockholm_day(sent_at)
    return Extension(
        sent=sent,
        valid=received <= sent and in_utc(sent_at) < strict_end,
        period=period_from(received, EXTENDED_MONTHS, holiday_name),
    )


def parse_moment(text: str) -> datetime:
    """Return the instant a person means, in UTC. Raises ValueError with a sentence for that person.

    ISO 8601 with an offset or ``Z`` is that instant; without one it is Stockholm time; a bare date is noon that day.
    """
    try:
        at = in_utc(_read_iso(text.strip()))
        stockholm_day(at)  # The last hours of year 9999 have no day in Stockholm.
    except (ValueError, OverflowError):
        raise ValueError(
            f"{text!r} is not a moment: write a date (2026-01-31) or a time (2026-01-31T23:59, 2026-01-31T23:59:00+01:00)"
        ) from None
    return at


def _read_iso(text: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(text), time(12), STOCKHOLM)
    except ValueError:
        at = datetime.fromisoformat(text)
        return at if at.tzinfo else at.replace(tzinfo=STOCKHOLM)


def deadline_report(dates: Dates) -> dict[str, object]:
    """Return the dates as ``inbox-bot deadline --json`` prints them: ISO strings, None where there is none."""

    def iso(day: date | None) -> str | None:
        return day.isoformat() if day else None

    return {
        "strict_deadline": iso(dates.strict_deadline),
        "strict_end_utc": in_utc(dates.strict_end).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "paused_safe": iso(dates.paused_safe),
        "extension_notice_by": iso(dates.extension_notice_by),
        "extension_valid": dates.extension_valid,
        "extended_deadline": iso(dates.extended_deadline),
        "explanation": dates.explanation,
    }
