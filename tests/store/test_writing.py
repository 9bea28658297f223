"""Transactions: the light ones wait for no disk and leave the next as it should be; one row in trouble holds up no other."""

import threading

import pytest

from inbox_bot.domain.case import MailState
from inbox_bot.store.mails import NewMail
from tests.support.house import START, both_databases

pytestmark = both_databases


@pytest.fixture
def desk(build):
    return build().flow.desk


def waits_for_the_disk(unit):
    """Ask the database itself whether this transaction's commit waits for the disk."""
    connection = unit.mails._session.connection()
    if connection.dialect.name == "sqlite":
        return connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    return connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"


@pytest.fixture
def careful(desk):
    """A database that waits for the disk unless told otherwise; the tests' own PostgreSQL does not."""

    def say(statement):
        with desk.write() as unit:
            connection = unit.mails._session.connection()
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(statement)

    say("SET synchronous_commit TO on")
    yield
    say("RESET synchronous_commit")


@pytest.mark.usefixtures("careful")
def test_only_a_light_transaction_does_not_wait_for_the_disk(desk):
    seen = []
    for light in (False, True, True, False, True, False):
        with desk.write(light=light) as unit:
            seen.append((light, waits_for_the_disk(unit)))
    assert seen == [(light, not light) for light, _ in seen]


def test_a_light_transaction_is_whole_or_not_at_all(desk):
    new = NewMail(fingerprint="f1", received_at=START, content=b"Hej", historic=False)

    def fails():
        with desk.write(light=True) as unit:
            unit.mails.add("info", START, [new])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    with desk.look() as unit:
        assert unit.mails.counts() == {}
    with desk.write(light=True) as unit:
        unit.mails.add("info", START, [new])
    with desk.look() as unit:
        assert unit.mails.counts() == {"received": 1}


def test_threads_that_write_at_once_wait_for_each_other_and_none_is_lost(desk):
    with desk.write() as unit:
        mail = unit.mails.add("info", START, [NewMail(fingerprint="f", received_at=START, content=b"", historic=False)])

    def count():
        for number in range(20):
            with desk.write(light=number % 2 == 0) as unit:
                unit.mails.count_attempt([mail["f"]])

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with desk.look() as unit:
        assert unit.mails.attempts([mail["f"]]) == {mail["f"]: 80}


@pytest.fixture
def mails(desk):
    new = [NewMail(fingerprint=f"f{number}", received_at=START, content=b"", historic=False) for number in range(4)]
    with desk.write() as unit:
        return sorted(unit.mails.add("info", START, new).values())


def act(bad):
    def move(unit, ids):
        for mail_id in ids:
            unit.mails.move(mail_id, MailState.RECEIVED, MailState.QUARANTINED)
            if mail_id in bad:
                raise RuntimeError(f"mail {mail_id}")

    return move


def test_one_in_trouble_is_rolled_back_alone(desk, mails):
    assert desk.together(mails, act({mails[1]})) == 3
    with desk.look() as unit:
        states = [unit.mails.get(mail_id).state for mail_id in mails]
    assert [state.value for state in states] == ["quarantined", "received", "quarantined", "quarantined"]


def test_all_in_trouble_is_an_error_and_nothing_is_no_work(desk, mails):
    with pytest.raises(RuntimeError):
        desk.together(mails, act(set(mails)))
    with pytest.raises(RuntimeError):
        desk.together(mails[:1], act(set(mails)))
    assert desk.together([], act(set(mails))) == 0
    with desk.look() as unit:
        assert unit.mails.counts() == {"received": 4}
