"""When a letter is tried again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_bot.outbox.schedule import GIVE_UP_AFTER, next_try

NOW = datetime(2026, 3, 27, 16, tzinfo=UTC)


@pytest.mark.parametrize(("attempts", "minutes"), [(0, 0), (1, 1), (2, 5), (3, 15), (4, 60), (5, 240), (21, 240)])
def test_the_pauses_grow(attempts: int, minutes: int) -> None:
    assert next_try(attempts, NOW) == NOW + timedelta(minutes=minutes)


@pytest.mark.parametrize("attempts", [22, 23, 1000])
def test_trying_ends_after_three_days(attempts: int) -> None:
    assert next_try(attempts, NOW) is None


def test_all_tries_fit_in_three_days_and_nearly_fill_them() -> None:
    at, attempts = NOW, 0
    while (following := next_try(attempts, at)) is not None:
        at, attempts = following, attempts + 1
    assert GIVE_UP_AFTER - timedelta(hours=4) < at - NOW <= GIVE_UP_AFTER
    assert attempts == 22


def test_a_clock_in_stockholm_gives_the_same_instant_in_utc() -> None:
    after = next_try(1, datetime.fromisoformat("2026-03-27T17:00:00+01:00"))
    assert after == NOW + timedelta(minutes=1)
    assert after is not None
    assert after.tzinfo is UTC


def test_the_hour_that_summer_time_takes_away_changes_nothing() -> None:
    before = datetime.fromisoformat("2026-03-29T01:30:00+01:00")
    after = next_try(4, before)
    assert after is not None
    assert after - before == timedelta(hours=1)


@given(st.integers(min_value=0, max_value=40))
def test_a_later_try_never_comes_back_after_giving_up(attempts: int) -> None:
    if next_try(attempts, NOW) is None:
        assert next_try(attempts + 1, NOW) is None


def test_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="never"):
        next_try(-1, NOW)
    with pytest.raises(ValueError, match="naive"):
        next_try(1, datetime(2026, 3, 27, 16))  # noqa: DTZ001  the very mistake
