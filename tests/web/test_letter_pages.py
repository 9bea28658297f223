"""Letters that need a person, and letters as they were frozen."""

import pytest

from inbox_bot.outbox.transport import Attempt, Fate
from tests.support.house import KALLE, STAFF


@pytest.fixture
def unknown(house):
    """An answer of which nobody knows whether it has left."""
    house.ask_and_confirm("#erasure")
    house.flow.approve_case("PK-2026-0001", by="eva", note="Kontot är raderat i kursplattformen.", rest=True)
    house.transport.answers.append(Attempt(fate=Fate.UNKNOWN, answer="the connection was lost"))
    house.drain()
    return house


def test_a_letter_of_unknown_fate_waits_for_a_person(unknown, staff):
    assert "Okänt om det har lämnat oss" in staff.open("/personal").text
    page = staff.open("/personal/utkorg")
    for words in (
        "Uppgifterna är raderade",
        "PK-2026-0001",
        KALLE,
        "the connection was lost",
        "Skicka inte igen i onödan",
    ):
        assert words in page.text


def test_letters_that_leave_by_themselves_are_told_of_and_ask_for_nothing(house, staff):
    house.drain()
    house.transport.answers.append(Attempt(fate=Fate.DEFERRED, answer="451 later"))
    house.ask("#erasure")
    page = staff.open("/personal/utkorg")
    assert "Inget brev behöver dig." in page.text
    assert f"Mottagningsbevis med fråga om identitet till {KALLE}. Försöker igen senare" in page.text
    assert page.tree.css("main button") == []


def test_a_person_says_that_it_has_left(unknown, staff):
    page = staff.press(staff.open("/personal/utkorg"), "do=skickat")
    assert "Noterat: brevet har lämnat oss." in page.text
    assert "Inget brev behöver dig" in page.text
    assert unknown.states() == {"erasure": "answered"}


def test_a_person_has_it_sent_again(unknown, staff):
    page = staff.open("/personal/utkorg")
    assert "Brevet skickas igen" in staff.press(page, "do=igen").text
    unknown.drain()
    first, second = [letter for letter in unknown.to() if "Kontot är raderat i kursplattformen." in letter.text]
    assert first.content == second.content
    late = staff.press(page, "do=igen")
    assert late.status == 409
    assert "redan avgjort" in late.text


@pytest.mark.parametrize("do", ["", "kanske"])
def test_settling_needs_a_clear_word(unknown, staff, do):
    sheet = staff.open("/personal/utkorg").form("do=igen")
    before = unknown.everything()
    assert staff.client.post(sheet.action, data=sheet.fields | {"do": do}).status_code == 409
    assert unknown.everything() == before


def test_a_frozen_letter_is_shown_as_it_was_sent(unknown, staff):
    [letter] = unknown.letters(name="granted_erasure")
    page = staff.open(f"/personal/brev-ut/{letter.id}")
    for words in ("Kontot är raderat i kursplattformen.", KALLE, letter.sha256, letter.message_id, "Godkänt av eva"):
        assert words in page.text
    formatted = staff.open(f"/personal/brev-ut/{letter.id}/brev.html")
    assert "Kontot är raderat i kursplattformen." in formatted.html
    assert "sandbox" in formatted.headers["content-security-policy"]


def test_a_letter_changed_in_the_database_is_not_shown(unknown, staff):
    from sqlalchemy import text

    [letter] = unknown.letters(name="granted_erasure")
    with unknown.building.engine.begin() as connection:
        connection.execute(text("UPDATE letter SET content = :new WHERE id = :id"), {"new": b"other", "id": letter.id})
    page = staff.open(f"/personal/brev-ut/{letter.id}")
    assert page.status == 404
    assert "kontrollvärde" in page.text


def test_no_code_is_ever_shown_to_staff(house, staff):
    house.drain()
    house.transport.answers.append(Attempt(fate=Fate.DEFERRED, answer="451 later"))
    receipt = house.ask("#erasure")
    [*_, login] = house.to(STAFF)
    ids = [row[0] for row in house.sql("SELECT id FROM letter")]
    pages = [staff.open(f"/personal/brev-ut/{number}{path}") for number in ids for path in ("", "/brev.html")]
    shown = "".join(page.html for page in pages)
    for secret in (receipt.code, receipt.token, login.code):
        assert secret not in shown
    assert "Brevet bär en kod" in shown


def test_the_week_is_shown_as_it_would_be_now(unknown, staff):
    page = staff.open("/personal/sammanfattning")
    assert "PK-2026-0001" in page.text
    assert "https://arenden.example.se/personal/arende/PK-2026-0001" in page.links


def test_a_letter_that_came_back_is_shown_with_another_way_and_the_button_that_ends_it(house, staff):
    house.ask_and_confirm("#erasure")
    house.flow.approve_case("PK-2026-0001", by="eva", note="Kontot är raderat i kursplattformen.", rest=True)
    house.transport.answers.append(Attempt(fate=Fate.REFUSED, answer="550 5.1.1"))
    house.drain()
    case = staff.open("/personal/arende/PK-2026-0001")
    page = staff.open("/personal/utkorg")
    for shown in (case.text, page.text):
        for words in ("Adressen finns inte", "vanlig post", "har fått det på annat sätt"):
            assert words in shown
        assert "inbox-bot" not in shown
    assert "Avgör i utkorgen" in case.text
    assert "Mejlservern svarade: 550 5.1.1" in page.text
    staff.press(page, "do=skickat")
    assert house.states() == {"erasure": "answered"}
    assert "Adressen finns inte" not in staff.open("/personal/arende/PK-2026-0001").text
