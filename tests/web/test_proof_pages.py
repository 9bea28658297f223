"""Who asks, on the pages: why something was asked, what staff check, and what the person sees behind the link."""

import pytest

from inbox_bot.domain.case import LetterState
from tests.support.house import KALLE
from tests.support.people import ON_FILE, SHARED, STRANGER, FakePeople, with_people

WORDS = "Excelkursen <b>i mars</b>"


@pytest.fixture
def house(build, monkeypatch):
    """The installation these pages belong to knows some people."""
    return with_people(build, monkeypatch, FakePeople())


def link(letter):
    return f"/identitet/{letter.token}"


@pytest.mark.parametrize("language", ["", "#english"])
def test_one_thing_more_is_asked_for_on_the_page(house, browser, language):
    receipt = house.ask(f"#access {language}", sender=SHARED)
    page = browser.open(link(receipt))
    assert page.tree.css_first("input[name=sak]") is not None
    assert ("One more thing" if language else "En sak till") in page.text
    page = browser.press(page, "svar=ja", kod=receipt.code)
    assert page.status == 422
    assert page.tree.css_first("#sak-fel") is not None
    assert page.tree.css_first("#kod-fel") is None
    page = browser.press(page, "svar=ja", kod=receipt.code, sak=WORDS)
    assert page.title == ("Thank you, one of us is reading it" if language else "Tack, nu läser en av oss")
    assert browser.open(link(receipt)).title == page.title
    assert WORDS not in browser.open(link(receipt)).html


def test_a_wrong_code_keeps_what_was_written(house, browser):
    receipt = house.ask("#access", sender=SHARED)
    page = browser.press(browser.open(link(receipt)), "svar=ja", kod="BBBB-BBBB", sak=WORDS)
    assert "Du har 4 försök kvar" in page.text
    assert page.tree.css_first("input[name=sak]").attributes["value"] == WORDS


def test_nothing_more_is_asked_for_where_the_link_is_enough(house, browser):
    receipt = house.ask("#access", sender=ON_FILE)
    assert browser.open(link(receipt)).tree.css_first("input[name=sak]") is None


@pytest.mark.parametrize("query", ["", "?sprak=en"])
def test_an_account_holder_is_told_that_the_mail_came_from_elsewhere(house, browser, query):
    house.mail(f"#erasure {ON_FILE}", sender=STRANGER)
    house.drain()
    letter = house.to(ON_FILE)[0]
    page = browser.open(link(letter) + query)
    assert ("from another address than yours" if query else "från en annan adress än din") in page.text
    assert STRANGER not in page.html
    page = browser.press(page, "svar=ja", kod=letter.code)
    assert ("the address where you got the code" if query else "adressen där du fick koden") in page.text


@pytest.fixture
def given(house, staff):
    receipt = house.ask("#access", sender=SHARED)
    house.flow.confirm(receipt.token, receipt.code, WORDS)
    return house


def test_staff_see_the_words_once(given, staff):
    assert "Stämmer det personen skrev?" in staff.open("/personal").text
    page = staff.case()
    assert WORDS in page.text
    assert page.tree.css("b") == []
    page = staff.press(page, "do=stammer")
    assert "Noterat: det stämde" in page.text
    assert "mars" not in page.html
    assert given.claim().proven
    assert "Det personen skrev kontrollerades" in page.text


def test_staff_may_say_no(given, staff):
    page = staff.press(staff.case(), "do=stammer-inte")
    assert "Noterat: det stämde inte" in page.text
    assert "mars" not in page.html
    assert not given.claim().proven
    assert "Skicka en ny länk och kod" in page.text


def test_a_page_left_open_proves_no_words_that_came_after_it(given, staff):
    old = staff.case()
    given.flow.check_fact("PK-2026-0001", right=False, by="bo")
    given.flow.ask_again("PK-2026-0001", by="bo")
    given.drain()
    letter = given.to(SHARED)[-1]
    assert given.flow.confirm(letter.token, letter.code, "En gissning").value == "checking"
    page = staff.press(old, "do=stammer")
    assert (page.status, "skrivit något annat" in page.text) == (409, True)
    assert not given.claim().proven
    staff.press(staff.case(), "do=stammer")
    assert given.claim().proven


@pytest.mark.parametrize("path", ["sak", "satt", "lank", "oidentifierad"])
def test_the_forms_are_for_staff_alone_and_carry_their_token(given, staff, serve, path):
    before = given.everything()
    address = f"/personal/arende/PK-2026-0001/{path}"
    sent = {"do": "stammer", "satt": "phone", "adress": KALLE, "hur": "Vet."}
    assert staff.client.post(address, data=sent).status_code == 403
    assert staff.client.post(address, data={**sent, "token": "x"}).status_code == 403
    assert serve(given).client.post(address, data=sent).status_code == 403
    assert given.everything() == before


def test_no_button_checks_nothing(given, staff):
    token = staff.case().form("do=stammer").fields["token"]
    staff.client.post("/personal/arende/PK-2026-0001/sak", data={"token": token})
    assert given.claim().to_check


def test_the_case_tells_why_and_where_the_link_went_and_who_confirmed(house, staff):
    house.mail(f"#erasure {ON_FILE}", sender=STRANGER)
    house.drain()
    page = staff.case()
    assert "avsändaren får inte veta om kontot finns" in page.text
    assert "EDPB 01/2022" in page.text
    assert f"Länken gick till {ON_FILE}" in page.text
    letter = house.to(ON_FILE)[0]
    house.flow.confirm(letter.token, letter.code)
    house.drain()
    page = staff.case()
    assert f"Svaret går till {ON_FILE}, aldrig till avsändaren" in page.text
    house.flow.edit(
        house.draft().id,
        values={"actions": [{"what": "Klart", "system": "kursplattformen", "on": "2026-09-07"}]},
        by="bo",
    )
    page = staff.case()
    assert f"skickas till {ON_FILE} inom" in page.text
    assert f"skickas till {STRANGER}" not in page.text


def test_the_case_tells_how_the_link_was_used_and_calls_nobody_human(house, browser, serve):
    house.mail(f"#erasure {ON_FILE}", sender=STRANGER)
    house.drain()
    letter = house.to(ON_FILE)[0]
    staff = serve(house)
    staff.log_in()
    assert f"Länken gick till {ON_FILE}. Den är inte öppnad, och koden i brevet är inte angiven." in staff.case().text
    for _ in range(2):
        page = browser.open(link(letter))
    browser.press(page, "svar=ja")
    told = staff.case().text
    assert "Den är öppnad 2 gånger, en knapp är tryckt utan kod 1 gång, och koden i brevet är inte angiven." in told
    assert "det säger inte att någon har läst brevet" in told
    browser.press(page, "svar=ja", kod="BBBB-BBBB")
    told = staff.case().text
    assert "och en kod är prövad 1 gång." in told
    assert "det säger inte" not in told
    browser.press(page, "svar=ja", kod=letter.code)
    assert "Den är öppnad" not in staff.case().text


def test_the_case_tells_that_the_account_holder_said_no(house, staff):
    house.mail(f"#erasure {ON_FILE}", sender=STRANGER)
    house.drain()
    letter = house.to(ON_FILE)[0]
    house.flow.disown(letter.token, letter.code)
    assert f"Den som läser {ON_FILE} svarar att det inte var hen" in staff.case().text


def test_a_case_for_a_person_stands_first_and_opens_its_forms(house, staff):
    house.mail(f"#erasure {ON_FILE} bo@example.com", sender=STRANGER)
    house.drain()
    start = staff.open("/personal").text
    assert "Avgör hur det ska bekräftas" in start
    assert "1 sak väntar" in start
    page = staff.case()
    assert "Du avgör hur det här ska bekräftas" in page.text
    assert "Gör det i dag" in page.text
    assert len(page.tree.css("details[open]:not(.sender)")) == 2
    assert "Skicka en ny länk och kod" not in page.text
    page = staff.press(page, "Skicka länken dit", adress=ON_FILE, hur="Ringde numret vi har.")
    assert "Länken ligger i utkorgen" in page.text
    assert "Ringde numret vi har." in page.text
    house.drain()
    assert house.to(ON_FILE)[0].token


@pytest.mark.parametrize("sent", [{"adress": "inte en adress", "hur": "Vet."}, {"adress": ON_FILE, "hur": ""}])
def test_a_link_that_cannot_be_sent_is_said_in_swedish(house, staff, sent):
    house.ask("#access", sender=STRANGER)
    page = staff.press(staff.case(), "Skicka länken dit", **sent)
    assert page.status == 409
    assert ("Skriv en annan" if sent["hur"] else "Skriv ett skäl") in page.text
    assert len(house.letters()) == 1


def test_a_letter_that_came_back_is_told_and_another_way_is_noted(house, staff):
    house.ask("#access", sender=ON_FILE)
    letter = house.letters()[0]
    with house.flow.desk.write() as unit:
        unit.letters.move(letter.id, [LetterState.SENT], LetterState.BOUNCED)
    page = staff.case()
    assert "Brevet med länken kom i retur" in page.text
    staff.press(page, "Skriv utkastet")
    assert house.draft().letter == "cannot_identify"
    page = staff.press(staff.case(), "do=godkann")
    assert page.status == 409
    assert "Ställ en fråga, ring eller skriv först" in page.text
    page = staff.press(staff.case(), "Gör det", satt="phone")
    assert "Noterat i ärendets historik" in page.text
    assert "Ett annat sätt erbjöds" in page.text
    staff.press(staff.case(), "do=godkann")
    assert house.states() == {"access": "approved"}


def test_a_question_is_sent_from_the_page(house, staff):
    house.ask("#access", sender=STRANGER)
    staff.press(staff.case(), "Gör det", satt="question:1")
    house.drain()
    assert "Vilket telefonnummer" in house.to(STRANGER)[-1].text
    page = staff.press(staff.case(), "Gör det", satt="question:77")
    assert page.status == 404


@pytest.mark.parametrize("reason", ["proxy", "employer", "minor", "deceased"])
def test_what_to_check_and_what_not_to_keep_stands_beside_the_mail_and_in_the_case(house, staff, reason, monkeypatch):
    from inbox_bot.domain.rights import Claim, Right
    from inbox_bot.domain.verdict import Outcome, Verdict

    claims = (Claim(right=Right.ERASURE),)
    verdict = Verdict(outcome=Outcome.UNSURE, claims=claims, language="sv", reasons=(reason,))
    monkeypatch.setattr(house.classifier, "classify", lambda *_: verdict)
    house.mail("Ta bort uppgifterna.")
    house.drain()
    [situation] = house.flow.situations([reason])
    page = staff.open("/personal/brev/1")
    for words in (situation.title, *situation.check, *situation.never_ask, *situation.do_not_keep):
        assert words in page.text
    page = staff.press(page, "do=begaran", begaran=["erasure"], for_annan="ja")
    for words in (situation.title, *situation.check, *situation.do_not_keep):
        assert words in page.text
    house.drain()
    assert house.claim().asked == "person"


def test_without_the_box_the_sender_is_asked_as_any_other(house, staff):
    house.mail("#unsure #erasure", sender=ON_FILE)
    house.drain()
    staff.press(staff.open("/personal/brev/1"), "do=begaran", begaran=["erasure"])
    house.drain()
    assert house.claim().asked == "sender"
