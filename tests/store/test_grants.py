"""Logins at mail providers: a later renewal is never put back by an earlier one, whichever process is slower."""

from datetime import timedelta

import pytest

from inbox_bot.store.unit import Desk
from tests.support.house import START

both_databases = pytest.mark.parametrize(
    "database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.needs("postgresql"))], indirect=True
)


def renew(desk, sealed, after, at=START):
    with desk.write() as unit:
        return unit.grants.renew("info", sealed=sealed, at=at, until=at + timedelta(days=90), after=after)


def record(desk):
    with desk.look() as unit:
        return unit.grants.get("info")


@both_databases
def test_the_later_renewal_stands(database):
    desk = Desk(database)
    assert record(desk) is None
    assert renew(desk, "a", None)
    assert renew(desk, "b", 1)
    assert not renew(desk, "late", 1)
    assert (record(desk).sealed, record(desk).version) == ("b", 2)
    assert renew(desk, "a new login", None)
    assert (record(desk).sealed, record(desk).version) == ("a new login", 3)
    assert "a new login" not in repr(record(desk))


@both_databases
def test_a_renewal_of_a_login_that_is_gone_is_dropped(database):
    desk = Desk(database)
    assert not renew(desk, "b", 4)
    assert record(desk) is None


@both_databases
def test_a_failure_keeps_its_first_moment_and_ends_with_a_renewal(database):
    desk = Desk(database)
    for hours, failure in enumerate(("revoked", "revoked")):
        with desk.write() as unit:
            unit.grants.note_failure("info", failure, START + timedelta(hours=hours))
    assert (record(desk).failure, record(desk).failed_at) == ("revoked", START)
    with desk.write() as unit:
        unit.grants.note_failure("info", "key is gone", START + timedelta(hours=3))
    assert (record(desk).failure, record(desk).failed_at) == ("key is gone", START + timedelta(hours=3))
    assert renew(desk, "", 0)
    assert (record(desk).failure, record(desk).failed_at, record(desk).version) == ("", None, 1)


@both_databases
def test_what_is_locked_stays_where_a_failure_is_noted(database):
    desk = Desk(database)
    renew(desk, "a", None)
    with desk.write() as unit:
        unit.grants.note_failure("info", "revoked", START)
    assert (record(desk).sealed, record(desk).version) == ("a", 1)
