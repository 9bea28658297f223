"""Workers who share a database do not read the same mails, and what a dead one held is read by another."""

import os
import socket
import subprocess
import sys
from datetime import timedelta

import pytest

from inbox_bot.mailbox.step import collect
from inbox_bot.message.step import MOST_ATTEMPTS
from inbox_bot.reading.holder import HELD_FOR, is_gone, this_process
from inbox_bot.reading.intake import Intake
from tests.reading.test_intake import Understudy, states
from tests.support.house import OWN, both_databases


@pytest.fixture
def worker(house):
    """Return a function that makes another worker's intake on the house's database."""

    def make(name):
        return Intake(house.flow.desk, frozenset({OWN}), Understudy(house.classifier), house.clock, name)

    return make


def take_in(house, count):
    for number in range(count):
        house.mail("#access", sender=f"person{number}@example.org")
    collect(house.flow.desk, house.mailbox, house.clock, look_back_days=30)


def attempts(house):
    return [count for (count,) in house.sql("SELECT attempts FROM mail ORDER BY id")]


@both_databases
def test_many_workers_read_each_mail_once_and_put_none_in_quarantine(house, worker):
    take_in(house, 6)
    workers = [worker(f"elsewhere/1/{number}") for number in range(MOST_ATTEMPTS + 2)]
    for each in workers:
        each.read()
    assert attempts(house) == [1] * 6
    for each in workers:
        each.finish()
    assert states(house) == ["request"] * 6


@both_databases
def test_what_a_worker_on_another_machine_holds_is_free_after_a_while(house, worker):
    take_in(house, 3)
    worker("elsewhere/1/1").read()  # It takes them up, and is never heard of again.
    other = worker("elsewhere/2/2")
    assert not other.read()
    assert states(house) == ["received"] * 3
    house.clock.advance(timedelta(seconds=HELD_FOR))
    while other.read():
        pass
    assert states(house) == ["request"] * 3


@both_databases
def test_what_a_dead_process_of_this_machine_held_is_free_at_once(house, worker):
    take_in(house, 3)
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    worker(f"{socket.gethostname()}/{ended.pid}/1").read()
    other = worker(None)
    while other.read():
        pass
    assert states(house) == ["request"] * 3


def test_a_process_is_told_from_a_later_one_with_its_number():
    mine = this_process()
    assert not is_gone(mine)
    machine, pid, started = mine.split("/")
    assert pid == str(os.getpid())
    assert is_gone(f"{machine}/{pid}/{started}0")
    assert not is_gone(f"{machine}.elsewhere/{pid}/{started}0")


def test_a_name_nobody_gave_is_not_gone():
    assert not is_gone("")
    assert not is_gone("whatever")
