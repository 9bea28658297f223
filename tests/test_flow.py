"""The whole corridor in one process, from mail to answer."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from inbox_bot.errors import NotFoundError
from tests.support.house import CODE, KALLE, STAFF


def test_a_request_walks_down_the_corridor(house):
    receipt = house.ask("Hej! #erasure")
    assert house.states() == {"erasure": "awaiting_identity"}
    house.flow.confirm(receipt.token, receipt.code)
    house.drain()
    assert house.states() == {"erasure": "awaiting_approval"}
    house.flow.approve_case("PK-2026-0001", by="anna", note="Kontot är raderat.")
    house.drain()
    assert house.states() == {"erasure": "answered"}
    assert house.case().state.value == "closed"
    assert "Kontot är raderat." in house.to(KALLE)[-1].text


def test_staff_log_in_with_a_mailed_code_that_works_once(house):
    house.flow.request_login(" Anna@Example.com ")
    house.drain()
    code = house.to(STAFF)[-1].code
    assert house.flow.log_in(STAFF, "BBBB-BBBB") is None
    session = house.flow.log_in(STAFF.upper(), code.lower())
    assert house.flow.who(session) == STAFF
    assert house.flow.log_in(STAFF, code) is None
    house.flow.log_out(session)
    assert house.flow.who(session) is None
    assert code not in repr(house.everything())


def test_a_stranger_gets_no_code_and_no_word_of_it(house):
    before = house.everything()
    house.flow.request_login(KALLE)
    house.flow.request_login("")
    assert house.everything() == before
    assert house.flow.log_in(KALLE, "BBBB-BBBB") is None


def test_a_login_code_ends_is_replaced_and_has_few_tries(house):
    def fresh():
        house.flow.request_login(STAFF)
        house.drain()
        return house.to(STAFF)[-1].code

    old, new = fresh(), fresh()
    assert house.flow.log_in(STAFF, old) is None
    assert house.flow.log_in(STAFF, new) is not None
    late = fresh()
    house.clock.advance(timedelta(minutes=15))
    assert house.flow.log_in(STAFF, late) is None
    tried = fresh()
    for _ in range(5):
        assert house.flow.log_in(STAFF, "BBBB-BBBB") is None
    assert house.flow.log_in(STAFF, tried) is None


def test_login_codes_are_few_an_hour(house):
    house.transport.handed.clear()
    for _ in range(10):
        house.flow.request_login(STAFF)
    house.drain()
    assert len(house.to(STAFF)) == 6
    house.clock.advance(timedelta(hours=1, seconds=1))
    house.flow.request_login(STAFF)
    house.drain()
    assert len([letter for letter in house.to(STAFF) if CODE.search(letter.text)]) == 7


def test_a_session_ends_by_time_and_when_the_address_is_no_longer_listed(house, build):
    house.flow.request_login(STAFF)
    house.drain()
    session = house.flow.log_in(STAFF, house.to(STAFF)[-1].code)
    later = build(clock=house.clock, staff={"addresses": ["bo@example.com"]})
    assert house.flow.who(session) == STAFF
    assert later.flow.who(session) is None
    assert house.flow.who("") is None
    house.clock.advance(timedelta(hours=12))
    assert house.flow.who(session) is None
    house.drain()
    assert house.sql("SELECT count(*) FROM session") == [(0,)]


def test_another_installations_secret_opens_nothing_here(house, build):
    receipt = house.ask("#access")
    other = build(clock=house.clock, secret="another secret, also long enough for one")
    assert other.flow.question(receipt.token).standing.value == "unknown"


def test_a_letter_changed_by_hand_in_the_database_is_not_shown_as_ours(house):
    house.ask_and_confirm("#erasure")
    [letter_id] = house.flow.approve_case("PK-2026-0001", by="anna", note="Raderat.")
    letter, content = house.flow.archive.letter(letter_id)
    assert letter.recipient == KALLE
    assert b"Raderat." in content
    with house.building.engine.begin() as connection:
        connection.execute(
            text("UPDATE letter SET content = :content WHERE id = :id"), {"content": b"x", "id": letter_id}
        )
    with pytest.raises(NotFoundError, match="does not match its hash"):
        house.flow.archive.letter(letter_id)


def test_a_letter_changed_by_hand_in_the_database_does_not_leave(house):
    house.ask_and_confirm("#erasure")
    [letter_id] = house.flow.approve_case("PK-2026-0001", by="anna", note="Raderat.")
    with house.building.engine.begin() as connection:
        connection.execute(
            text("UPDATE letter SET content = :content WHERE id = :id"), {"content": b"x", "id": letter_id}
        )
    house.drain()
    assert b"x" not in [letter.content for letter in house.to(KALLE)]
    assert house.states() == {"erasure": "awaiting_approval"}


def test_english_is_answered_in_english(house):
    receipt = house.ask_and_confirm("#erasure #english")
    assert "Your request" in receipt.text or "your request" in receipt.text or "Thank you" in receipt.text
    house.flow.refuse("PK-2026-0001", right=None, reasons="The invoice is part of the accounts.", by="anna")
    house.drain()
    assert "The invoice is part of the accounts." in house.to(KALLE)[-1].text
    assert "IMY" in house.to(KALLE)[-1].text
