"""Staff's one-time codes: bound to the visit that asked, few an hour, and out of any stranger's reach."""

from datetime import timedelta

import pytest

from inbox_bot.verification.login import MOST_CODES_AN_HOUR, MOST_TRIES
from inbox_bot.verification.login_desk import REMEMBERED
from tests.store.test_races import at_once
from tests.support.house import CODE, KALLE, STAFF, both_databases

MINE, STRANGER = "the visit of a member of staff", "the visit of a stranger"
WRONG = "BBBB-BBBB"


def code_for(house, visit=MINE, address=STAFF):
    """Ask for a code in a visit and return the one that came; None if none did."""
    before = len(codes_sent(house))
    house.flow.request_login(address, visit)
    house.drain()
    fresh = codes_sent(house)[before:]
    return fresh[0] if fresh else None


def codes_sent(house):
    return [letter.code for letter in house.to(STAFF) if CODE.search(letter.text)]


def logged_in(house, visit=MINE):
    return house.flow.log_in(STAFF, code_for(house, visit), visit)


def test_a_mailed_code_works_once(house):
    code = code_for(house, address=" Anna@Example.com ")
    assert house.flow.log_in(STAFF, WRONG, MINE) is None
    entry = house.flow.log_in(STAFF.upper(), code.lower(), MINE)
    assert house.flow.who(entry.session).address == STAFF
    assert house.flow.log_in(STAFF, code, MINE) is None
    house.flow.log_out(entry.session)
    assert house.flow.who(entry.session) is None


def test_nothing_that_opens_a_door_is_kept_in_the_clear(house):
    code = code_for(house)
    entry = house.flow.log_in(STAFF, code, MINE)
    kept = repr(house.everything())
    for secret in (code, MINE, entry.session, entry.visit):
        assert secret not in kept


def test_who_is_not_listed_gets_no_code_and_no_word_of_it(house):
    before = house.everything()
    house.flow.request_login(KALLE, STRANGER)
    house.flow.request_login("", STRANGER)
    house.flow.request_login(STAFF, "")
    assert house.everything() == before
    assert house.flow.log_in(KALLE, WRONG, STRANGER) is None
    assert house.flow.log_in(STAFF, WRONG, "") is None


def test_a_code_ends_is_replaced_in_its_own_visit_and_has_few_tries(house):
    old, new = code_for(house), code_for(house)
    assert house.flow.log_in(STAFF, old, MINE) is None
    assert house.flow.log_in(STAFF, new, MINE) is not None
    late = code_for(house)
    house.clock.advance(timedelta(minutes=15))
    assert house.flow.log_in(STAFF, late, MINE) is None
    tried = code_for(house)
    for _ in range(MOST_TRIES):
        assert house.flow.log_in(STAFF, WRONG, MINE) is None
    assert house.flow.log_in(STAFF, tried, MINE) is None


@both_databases
def test_a_code_works_in_the_visit_that_asked_for_it_alone(house):
    mine, other = code_for(house), code_for(house, STRANGER)
    assert house.flow.log_in(STAFF, mine, STRANGER) is None
    assert house.flow.log_in(STAFF, other, MINE) is None
    assert house.flow.log_in(STAFF, mine, MINE) is not None


@both_databases
def test_a_stranger_who_asks_and_guesses_takes_nothing_from_a_code_on_its_way(house):
    code = code_for(house)
    for number in range(20):
        house.flow.request_login(STAFF, f"{STRANGER} {number}")
        for _ in range(MOST_TRIES + 1):
            assert house.flow.log_in(STAFF, WRONG, f"{STRANGER} {number}") is None
    assert house.flow.log_in(STAFF, code, MINE) is not None


@both_databases
def test_a_stranger_who_uses_up_the_hour_locks_no_known_browser_out(house):
    known = logged_in(house).visit
    for number in range(20):
        house.flow.request_login(STAFF, f"{STRANGER} {number}")
    house.drain()
    assert code_for(house, "a new browser") is None
    code = code_for(house, known)
    assert house.flow.log_in(STAFF, code, known) is not None


def test_a_stranger_cannot_fill_the_mailbox(house):
    logged_in(house)
    for number in range(100):
        house.flow.request_login(STAFF, f"{STRANGER} {number}")
    house.drain()
    assert len(codes_sent(house)) == MOST_CODES_AN_HOUR
    house.clock.advance(timedelta(hours=1, seconds=1))
    assert code_for(house, STRANGER) is not None


def test_a_known_browser_has_few_codes_an_hour_too(house):
    known = logged_in(house).visit
    sent = [code_for(house, known) for _ in range(MOST_CODES_AN_HOUR + 3)]
    assert len([code for code in sent if code]) == MOST_CODES_AN_HOUR


def test_a_browser_is_known_by_a_new_secret_after_each_login_and_only_as_who_it_was(house, build):
    more = build(clock=house.clock, mailbox=house.mailbox, staff={"addresses": [STAFF, "bo@example.com"]})
    first = logged_in(house).visit
    second = logged_in(house, first).visit
    assert len({MINE, first, second}) == 3
    with more.flow.desk.look() as unit:
        known = house.sql("SELECT visit_hash, address FROM browser")
        assert len(known) == 1
        assert unit.staff.knows(known[0][0], STAFF, house.now)
        assert not unit.staff.knows(known[0][0], "bo@example.com", house.now)


def test_a_browser_shared_by_two_is_known_as_both(house):
    with house.flow.desk.write() as unit:
        for old, new, address in (("", "a", STAFF), ("a", "b", "bo@example.com"), ("b", "c", STAFF)):
            unit.staff.remember(old_hash=old, new_hash=new, address=address, expires_at=house.now + REMEMBERED)
    known = house.sql("SELECT visit_hash, address FROM browser ORDER BY address")
    assert known == [("c", STAFF), ("c", "bo@example.com")]


def test_a_browser_long_unseen_is_forgotten(house):
    logged_in(house)
    house.days(REMEMBERED.days + 1)
    house.drain()
    assert house.sql("SELECT count(*) FROM browser") == [(0,)]
    assert house.sql("SELECT count(*) FROM login_code") == [(0,)]


@both_databases
def test_codes_asked_for_at_the_same_moment_count_each_other(house):
    at_once(lambda number: house.flow.request_login(STAFF, f"{STRANGER} {number}"), 10)
    assert house.sql("SELECT count(*) FROM login_code") == [(MOST_CODES_AN_HOUR,)]


@both_databases
def test_tries_at_the_same_moment_never_pass_their_limit(house):
    code = code_for(house)
    wrong = at_once(lambda _: house.flow.log_in(STAFF, WRONG, MINE), 8)
    assert wrong == [None] * 8
    assert house.flow.log_in(STAFF, code, MINE) is None
    assert house.sql("SELECT attempts FROM login_code") == [(MOST_TRIES,)]


@pytest.mark.parametrize("address", [STAFF, KALLE])
def test_a_wrong_code_is_compared_whether_or_not_there_is_one(house, monkeypatch, address):
    from inbox_bot.verification import login

    compared = []
    real = login.matches
    monkeypatch.setattr(login, "matches", lambda *given: compared.append(1) or real(*given))
    assert house.flow.log_in(address, WRONG, STRANGER) is None
    assert compared == [1]
