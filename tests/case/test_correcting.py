"""What the person writes on the page of the case: how much of it in a day."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from inbox_bot.case.correcting import MOST_A_DAY, _is_too_much
from inbox_bot.clock import SetClock
from inbox_bot.domain.case import Event, EventName


@pytest.mark.parametrize(
    ("now", "too_much"),
    [
        (datetime(2026, 9, 7, 21, 59, tzinfo=UTC), True),
        (datetime(2026, 9, 7, 22, 1, tzinfo=UTC), False),
    ],
    ids=["a minute to midnight in Stockholm", "a minute past"],
)
def test_a_day_is_one_of_stockholms(now, too_much):
    event = Event(at=datetime(2026, 9, 7, 8, tzinfo=UTC), name=EventName.PAGE_WRITTEN, actor="requester")
    unit = SimpleNamespace(cases=SimpleNamespace(events=lambda _: [event] * MOST_A_DAY))
    assert _is_too_much(unit, SimpleNamespace(id=1), SetClock(now)) is too_much
