"""Moments and time left, in Swedish, as letters and documentation say them."""

from datetime import datetime, timedelta

from inbox_bot.clock import STOCKHOLM, in_utc

_HOUR, _MINUTE = timedelta(hours=1), timedelta(minutes=1)


def moment(at: datetime) -> str:
    """Return "2026-09-10 kl. 10.00", Stockholm time."""
    return f"{in_utc(at).astimezone(STOCKHOLM):%Y-%m-%d kl. %H.%M}"


def remaining(ends_at: datetime, now: datetime) -> str:
    """Return "49 timmar kvar", "35 minuter kvar" or "tiden gick ut för 3 timmar sedan"."""
    gap = ends_at - now
    if gap >= timedelta():
        return f"{_span(gap)} kvar"
    return f"tiden gick ut för {_span(-gap)} sedan"


def _span(gap: timedelta) -> str:
    hours, minutes = gap // _HOUR, gap // _MINUTE
    if hours:
        return "1 timme" if hours == 1 else f"{hours} timmar"
    return "1 minut" if minutes == 1 else f"{minutes} minuter"
