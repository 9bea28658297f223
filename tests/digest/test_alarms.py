"""Alarms ten, five, two and one working days before a date: each once, and none lost over stops, days off and crashes."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from inbox_bot.clock import STOCKHOLM
from inbox_bot.digest import step
from tests.support.house import EVA, STAFF, START, both_databases

NEW = "Nya larm"


def at(house, *when):
    house.clock.set(datetime(*when, tzinfo=STOCKHOLM).astimezone(UTC))


def go_to(house, *when):
    at(house, *when)
    house.drain()


def alarmed(house):
    """Return the Stockholm days of the letters that told of a new alarm."""
    return [
        letter.parsed["Date"].datetime.astimezone(STOCKHOLM).strftime("%m-%d")
        for letter in house.to(STAFF)
        if NEW in letter.text
    ]


def taken(house):
    return [days for (days,) in house.sql("SELECT days FROM alarm ORDER BY id")]


@pytest.fixture
def waiting(house):
    """A case whose date is Wednesday 7 October."""
    house.ask_and_confirm("#access")
    return house


def test_four_alarms_each_once(waiting):
    for days in range(1, 40):
        for hour in (7, 8, 15):
            go_to(waiting, *(START + timedelta(days=days)).timetuple()[:3], hour, 0)
    assert alarmed(waiting) == ["09-23", "09-30", "10-05", "10-06"]
    assert taken(waiting) == [10, 5, 2, 1]


def test_days_on_which_the_program_was_down_lose_none(waiting):
    go_to(waiting, 2026, 9, 22, 9, 0)
    go_to(waiting, 2026, 10, 6, 9, 0)
    assert alarmed(waiting) == ["10-06"]
    assert sorted(taken(waiting)) == [1, 2, 5, 10]
    go_to(waiting, 2026, 10, 6, 10, 0)
    assert alarmed(waiting) == ["10-06"]


def test_what_comes_near_after_the_days_letter_makes_one_more(waiting):
    go_to(waiting, 2026, 9, 30, 9, 0)
    waiting.mail("#erasure", sender=EVA, at=waiting.now - timedelta(days=27))
    go_to(waiting, 2026, 9, 30, 14, 0)
    go_to(waiting, 2026, 9, 30, 15, 0)
    assert alarmed(waiting) == ["09-30", "09-30"]
    last = waiting.to(STAFF)[-1].text
    assert "PK-2026-0002" in last
    assert "PK-2026-0001" not in last


def test_none_on_days_off_and_the_next_working_day_tells(house):
    house.mail("#access", at=datetime(2026, 9, 14, 9, tzinfo=UTC) - timedelta(days=7))
    at(house, 2026, 9, 26, 12, 0)  # a Saturday: nobody is at work, and seven working days are left
    house.drain()
    assert alarmed(house) == []
    go_to(house, 2026, 9, 28, 7, 29)
    assert alarmed(house) == []
    go_to(house, 2026, 9, 28, 7, 30)
    assert alarmed(house) == ["09-28"]


def test_an_answered_claim_is_no_cause(waiting):
    waiting.flow.edit(waiting.draft().id, values={"copy": "Allt", "recipients": "Exempel AB"}, by="anna")
    waiting.flow.approve_case("PK-2026-0001", by="anna")
    for day in (23, 24, 25):
        go_to(waiting, 2026, 9, day, 9, 0)
    assert alarmed(waiting) == []


def test_an_extended_date_has_alarms_of_its_own(waiting):
    go_to(waiting, 2026, 9, 23, 9, 0)
    waiting.flow.extend("PK-2026-0001", right=None, reasons="Många och svåra uppgifter.", by="anna")
    waiting.drain()
    go_to(waiting, 2026, 10, 1, 9, 0)
    assert alarmed(waiting) == ["09-23"]
    go_to(waiting, 2026, 11, 24, 9, 0)
    assert alarmed(waiting) == ["09-23", "11-24"]


@both_databases
def test_a_crash_between_alarm_and_letter_loses_neither(house, monkeypatch):
    house.ask_and_confirm("#access")
    at(house, 2026, 9, 23, 9, 0)
    with monkeypatch.context() as patch:
        patch.setattr(step, "_queue", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            step.report(house.flow.digest)
    assert taken(house) == []
    house.drain()
    assert alarmed(house) == ["09-23"]


@both_databases
def test_many_workers_send_an_alarm_once(house):
    house.ask_and_confirm("#access")
    at(house, 2026, 9, 23, 9, 0)
    with house.flow.desk.write() as unit:
        unit.digests.claim("daily", "2026-09-23", house.now)
        unit.digests.claim("weekly", "2026-W39", house.now)
    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(lambda _: step.report(house.flow.digest), range(4))) == 1
    assert taken(house) == [10]
