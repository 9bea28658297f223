"""The whole corridor in one process, from mail to answer."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from inbox_bot.errors import NotFoundError
from tests.support.house import KALLE, STAFF


def test_a_request_walks_down_the_corridor(house):
    receipt = house.ask("Hej! #erasure")
    assert house.states() == {"erasure": "awaiting_identity"}
    house.flow.confirm(receipt.token, receipt.code)
    house.drain()
    assert house.states() == {"erasure": "awaiting_approval"}
    house.flow.approve_case("PK-2026-0001", by="anna", note="Kontot är raderat i kursplattformen.", rest=True)
    house.drain()
    assert house.states() == {"erasure": "answered"}
    assert house.case().state.value == "closed"
    assert "Kontot är raderat i kursplattformen." in house.to(KALLE)[-1].text


def test_a_session_ends_by_time_and_when_the_address_is_no_longer_listed(house, build):
    house.flow.request_login(STAFF, "visit")
    house.drain()
    session = house.flow.log_in(STAFF, house.to(STAFF)[-1].code, "visit").session
    later = build(clock=house.clock, staff={"addresses": ["bo@example.com"]})
    assert house.flow.who(session).address == STAFF
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
    [letter_id] = house.flow.approve_case("PK-2026-0001", by="anna", note="Raderat i kursplattformen.", rest=True)
    letter, content = house.flow.archive.letter(letter_id)
    assert letter.recipient == KALLE
    assert b"Raderat i kursplattformen." in content
    with house.building.engine.begin() as connection:
        connection.execute(
            text("UPDATE letter SET content = :content WHERE id = :id"), {"content": b"x", "id": letter_id}
        )
    with pytest.raises(NotFoundError, match="does not match its hash"):
        house.flow.archive.letter(letter_id)


def test_a_letter_changed_by_hand_in_the_database_does_not_leave(house):
    house.ask_and_confirm("#erasure")
    [letter_id] = house.flow.approve_case("PK-2026-0001", by="anna", note="Raderat i kursplattformen.", rest=True)
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
    house.flow.refuse(
        "PK-2026-0001",
        right=None,
        reasons="We keep the invoice until 31 December 2033 (the Swedish Accounting Act, chapter 7, section 2).",
        by="anna",
    )
    house.drain()
    assert "We keep the invoice until 31 December 2033" in house.to(KALLE)[-1].text
    assert "IMY" in house.to(KALLE)[-1].text
