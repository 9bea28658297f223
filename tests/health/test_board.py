"""What the process knows of itself without a database: failing, hanging, dying, and a clock that jumps."""

from datetime import timedelta

import pytest

from inbox_bot.clock import SetClock
from inbox_bot.domain.health import Level
from inbox_bot.health.board import Board
from tests.support.house import START


class Ticks:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def ticks():
    return Ticks()


@pytest.fixture
def clock():
    return SetClock(START)


@pytest.fixture
def board(clock, ticks):
    return Board(clock, ticks)


@pytest.fixture
def after(clock, ticks):
    """Let minutes pass, by both clocks."""

    def passed(minutes):
        clock.advance(timedelta(minutes=minutes))
        ticks.now += 60 * minutes

    return passed


def test_a_stage_that_raises_for_ever(board, after):
    board.begin("outbox: queued")
    board.fail("outbox: queued", "StoreError")
    [part] = board.parts()
    assert (part.level, part.detail, part.since) == (Level.WARNING, "StoreError", START)
    after(10)
    board.begin("outbox: queued")
    board.fail("outbox: queued", "StoreError")
    after(6)
    [part] = board.parts()
    assert (part.level, part.since) == (Level.CRITICAL, START)
    board.begin("outbox: queued")
    board.end("outbox: queued")
    assert board.parts() == []


def test_a_stage_that_does_not_come_back(board, after):
    board.begin("message: received")
    after(29)
    assert board.parts() == []
    after(2)
    [part] = board.parts()
    assert (part.level, part.at_once, part.since) == (Level.CRITICAL, True, START)


def test_what_is_grave_is_critical_from_the_first_moment(board):
    board.fail("database", "OperationalError", says="Databasen svarar inte.", grave=True)
    assert [(part.level, part.says) for part in board.parts()] == [(Level.CRITICAL, "Databasen svarar inte.")]


def test_a_thread_that_died_is_shown_for_a_day(board, after):
    board.die("mailbox info")
    board.die("mailbox info")
    [part] = board.parts()
    assert (part.level, "2 gånger" in part.says) == (Level.WARNING, True)
    after(24 * 60 + 1)
    assert board.parts() == []


@pytest.mark.parametrize(("minutes", "words"), [(90, "90 minuter fram"), (-90, "90 minuter tillbaka"), (4, "")])
def test_a_clock_that_jumps(board, clock, after, minutes, words):
    board.check_clock()
    after(1)
    board.check_clock()
    assert board.parts() == []
    after(1)
    clock.advance(timedelta(minutes=minutes))
    board.check_clock()
    assert [words in part.says for part in board.parts()] == ([True] if words else [])
    after(1)
    board.check_clock()
    assert len(board.parts()) == bool(words)


def test_a_jump_does_not_change_how_long_something_has_failed(board, clock):
    board.fail("outbox: queued", "StoreError")
    clock.advance(timedelta(days=30))
    [part] = board.parts()
    assert part.level is Level.WARNING
