"""The one calendar every test of this room asks."""

import pytest

from inbox_bot.case.calendar import SwedishCalendar


@pytest.fixture(scope="session")
def calendar() -> SwedishCalendar:
    return SwedishCalendar()
