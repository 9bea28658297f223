"""When a letter that could not be handed over is tried again, and when trying ends and a person must act."""

from datetime import datetime, timedelta

from inbox_bot.clock import in_utc

# RFC 5321 4.5.4.1 asks for some tries close together, because most trouble is short (greylisting lets a second try
# through after one to five minutes, a restart takes less), then for at least half an hour between tries.
FIRST_PAUSES = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(minutes=60),
)
# What has lasted more than an hour is an outage or a full mailbox; six tries a day find its end soon enough.
LATER_PAUSE = timedelta(hours=4)
# RFC 5321 says four to five days. Here the law's clock runs: a person must know while a working day or two is left to
# choose another way, and a weekend must fit in.
GIVE_UP_AFTER = timedelta(days=3)


def next_try(attempts: int, now: datetime) -> datetime | None:
    """Return when to try again after ``attempts`` failed tries, the last at ``now``; None: give up, tell a person.

    Counted in pauses since the first try, so that a program that was switched off for a week does not give up at once.
    Raises ValueError for a naive ``now`` and for a negative count; with no try made yet the answer is ``now``.
    """
    if attempts < 0:
        raise ValueError("a letter cannot have been tried less than never")
    if attempts == 0:
        return in_utc(now)
    elapsed = _paused_before(attempts)
    pause = _pause_after(attempts)
    return in_utc(now) + pause if elapsed + pause <= GIVE_UP_AFTER else None


def _pause_after(attempt: int) -> timedelta:
    return FIRST_PAUSES[attempt - 1] if attempt <= len(FIRST_PAUSES) else LATER_PAUSE


def _paused_before(attempt: int) -> timedelta:
    """Return how long after the first try the try of that number is made."""
    return sum((_pause_after(earlier) for earlier in range(1, attempt)), timedelta())
