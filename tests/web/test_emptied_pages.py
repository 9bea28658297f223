"""A case that has been emptied is shown as such, on every page it stands on, and nothing in it can be done."""

from datetime import timedelta

import pytest

from inbox_bot.domain.rights import Claim, Right
from inbox_bot.errors import NotAllowedError
from tests.support.house import KALLE


@pytest.fixture
def emptied(house, staff, tmp_path):
    house.ask_and_confirm("#erasure Jag heter Lisa")
    house.flow.approve_case("PK-2026-0001", by="anna", note="Kontot är raderat i kursplattformen.", rest=True)
    house.drain()
    house.clock.advance(timedelta(days=750))
    house.drain()
    assert staff.log_in().status == 200
    return staff


def test_the_case_page_says_that_it_is_emptied_and_by_what(emptied):
    page = emptied.open("/personal/arende/PK-2026-0001")
    assert page.status == 200
    assert "Gallrat enligt rules/retention.toml" in page.text
    assert "Brevets text finns inte kvar." in page.text
    assert "Uppgifterna är raderade" in page.text
    assert "Godkänt av anna" in page.text
    assert "Ärendet gallrades enligt rules/retention.toml" in page.text
    for personal in (KALLE, "Lisa", "Kontot är raderat"):
        assert personal not in page.text


def test_its_letters_show_their_hash_and_nothing_more(emptied, house):
    for letter in house.letters():
        page = emptied.open(f"/personal/brev-ut/{letter.id}")
        assert page.status == 200
        assert KALLE not in page.text
    [answer] = house.letters(name="granted_erasure")
    page = emptied.open(f"/personal/brev-ut/{answer.id}")
    assert "Gallrat enligt rules/retention.toml" in page.text
    assert answer.sha256 in page.text
    assert emptied.open(f"/personal/brev-ut/{answer.id}/brev.html").status == 200


def test_its_mails_and_the_lists_are_shown(emptied, house):
    [mail] = house.file().mails
    assert emptied.open(f"/personal/brev/{mail.id}").status == 200
    assert "Gallrat" in emptied.open("/personal/arenden?visa=alla").text
    assert emptied.open("/personal").status == 200
    assert emptied.open("/personal/utkorg").status == 200


def test_nothing_can_be_added_to_it_and_nobody_asked(emptied, house):
    [mail] = house.file().mails
    with pytest.raises(AssertionError, match="no button"):
        emptied.open(f"/personal/brev/{mail.id}").form("do=lagg-till")
    with pytest.raises(NotAllowedError, match="has been emptied"):
        house.flow.add_right("PK-2026-0001", mail.id, [Claim(right=Right.ACCESS)], by="anna")
    with pytest.raises(NotAllowedError, match="has been emptied"):
        house.flow.ask_again("PK-2026-0001", by="anna")
    assert len(house.cases()) == 1


def test_a_disputed_case_says_so(house, staff):
    house.ask("#erasure")
    house.flow.dispute("PK-2026-0001", disputed=True, reason="Klagomål.", by="anna")
    assert "Omtvistat: gallras inte" in staff.case().text
