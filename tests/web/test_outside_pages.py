"""The question whether an answer from Outlook ends a case, on the pages."""

import pytest

from inbox_bot.domain.beside import Marking
from inbox_bot.errors import MailboxError
from inbox_bot.mailbox.beside import Wishes
from tests.support.house import KALLE
from tests.support.neighbours import MemoryNeighbour


@pytest.fixture
def beside(house):
    neighbour = MemoryNeighbour(house.mailbox)
    house.flow.tend(neighbour, Wishes())
    return neighbour


@pytest.fixture
def answered(house, beside):
    house.ask_and_confirm("#erasure")
    head = f"From: Anna & Co <anna.ek@example.com>\r\nTo: {KALLE}\r\nMessage-ID: <1@outlook.example.com>\r\n\r\n"
    beside.put(head.encode(), house.now)
    house.flow.tend(beside, Wishes())
    return house


def test_the_question_stands_on_the_start_page_and_in_the_case(answered, staff):
    question = "Anna & Co verkar ha svarat från Outlook"
    assert question in staff.open("/personal").text
    page = staff.case()
    assert f"{question} måndag 7 september 2026: avslutar det ärendet?" in page.text


def test_a_yes_says_what_is_lacking_and_closes_when_it_is_there(answered, staff):
    page = staff.press(staff.case(), "do=ja")
    assert page.status in {409, 422}
    assert "Notera under ”Att göra”" in page.text
    answered.flow.acting.rest_absent("PK-2026-0001", by="anna")
    page = staff.press(staff.case(), "do=ja")
    assert "avslutat som besvarat för hand" in page.text
    assert "Begäran är besvarad för hand, utanför programmet" in page.text
    assert "avslutar det ärendet" not in page.text
    assert answered.states() == {"erasure": "answered"}


def test_a_no_leaves_the_case_open(answered, staff):
    page = staff.press(staff.case(), "do=nej")
    assert "det brevet avslutar inte ärendet" in page.text
    assert answered.states() == {"erasure": "awaiting_approval"}
    assert "verkar ha svarat" not in staff.open("/personal").text


def test_what_vanished_and_what_cannot_be_marked_is_said_on_the_start_page(house, beside, staff):
    house.ask("#access")
    beside.put(b"From: x@example.org\r\n\r\nborta", house.now, "INBOX")
    beside.remove("INBOX", 2)
    beside.trouble[Marking.LABEL.value] = MailboxError("The server keeps no keyword Dataskydd.")
    for _ in range(2):
        house.flow.tend(beside, Wishes(label="Dataskydd"))
    page = staff.open("/personal")
    assert "1 mejl hann försvinna ur inkorgen innan programmet läste det." in page.text
    assert "regel i Outlook" in page.text
    assert "1 brev kunde inte märkas med Dataskydd" in page.text
    house.drain()
    assert "1 mejl hann försvinna i dag" in staff.client.get("/halsa").text
