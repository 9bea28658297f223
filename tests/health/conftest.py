"""An installation that mails itself: what it sends to its own address comes into its own mailbox."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from inbox_bot.clock import STOCKHOLM, SetClock
from tests.support.house import OWN, House

WATCHERS = ("jour@example.com", "vakt@example.com")


def stockholm(*when: int) -> datetime:
    return datetime(*when, tzinfo=STOCKHOLM).astimezone(UTC)  # type: ignore[arg-type,misc]


def post(house: House, change: Callable[[bytes], bytes] = lambda content: content, folder: str = "INBOX") -> None:
    """Let what the program sends to itself arrive, changed on the way, in a folder."""

    def deliver() -> None:
        letter = house.transport.handed[-1]
        if letter.recipient == OWN:
            house.mailbox.put(change(letter.content), house.now, folder)

    house.transport.on_send = deliver


@pytest.fixture
def make(build: Callable[..., House]) -> Callable[..., House]:
    """Furnish an installation at ten to six on a Saturday, which has read its mailbox; ``watch`` are settings."""

    def furnished(*, clock: SetClock | None = None, **watch: Any) -> House:
        given = {"watchers": list(WATCHERS)} | watch
        house = build(clock=clock or SetClock(stockholm(2026, 9, 12, 5, 50)), watch=given)
        house.drain()
        house.transport.handed.clear()
        return house

    return furnished
