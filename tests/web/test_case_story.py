"""What the page of a case tells beside the answer: how sure the reading is, how strong the proof, all letters both ways."""

import pytest

from inbox_bot.domain.rights import Claim, Right
from inbox_bot.domain.verdict import Evidence, Outcome, Verdict
from tests.support.house import KALLE

ERASURE = Claim(right=Right.ERASURE)


def heard(rule):
    return (Evidence(right=Right.ERASURE, text="ta bort  mig", start=0, end=12, rule=rule),) if rule else ()


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("erasure.remove", "Tydligt: personens egna ord säger det"),
        ("model.erasure", "Troligt: orden läses så, men säger det inte rakt ut"),
        ("", "Brevet läses så som helhet"),
    ],
)
def test_how_sure_the_reading_is_stands_in_words_beside_the_words_that_decided(house, staff, monkeypatch, rule, said):
    verdict = Verdict(outcome=Outcome.REQUEST, claims=(ERASURE,), language="sv", evidence=heard(rule))
    monkeypatch.setattr(type(house.classifier), "classify", lambda *_: verdict)
    house.mail("ta bort  mig")
    house.drain()
    page = staff.case()
    assert said in page.text
    quoted = page.tree.css("#begaran ~ section .quoted")
    assert [node.text() for node in quoted] == (["ta bort mig"] if rule else [])
    if rule:
        assert quoted[0].parent.attributes["href"] == "#brev-1"


def test_what_a_person_decided_says_who_and_what_the_program_doubted(house, staff):
    house.mail("#unsure #erasure")
    house.drain()
    page = staff.press(staff.open("/personal/brev/1"), "do=begaran", begaran=["erasure"])
    assert "En person har läst brevet och avgjort det (anna@example.com)" in page.text
    assert "Programmet tvekade: brevet kan komma från en arbetsgivare" in page.text


def test_the_proof_says_its_row_what_was_asked_what_was_given_and_when(house, staff):
    receipt = house.ask("#erasure")
    page = staff.case()
    assert "Inget bevis än." in page.text
    assert "Raden no_register i rules/proof.toml." in page.text
    assert "En kod, skickad till adressen som brevet kom från." in page.text
    house.flow.confirm(receipt.token, receipt.code)
    page = staff.case()
    assert "Räcker: personen läser mejl på adressen som brevet kom från." in page.text
    assert "måndag 7 september 2026 kl. 10.00: rätt kod skrevs på sidan." in page.text
    assert page.tree.css_first("details#vem") is not None


def test_a_code_in_a_reply_is_told_as_such(house, staff):
    receipt = house.ask("#erasure")
    house.reply(receipt, receipt.code)
    house.drain()
    assert "rätt kod kom i ett mejl." in staff.case().text


def test_a_stop_for_marketing_needs_no_proof_and_says_why(house, staff):
    house.mail("#marketing")
    house.drain()
    page = staff.case()
    assert "Inget bevis behövs" in page.text
    assert "Raden marketing i rules/proof.toml." in page.text
    assert "Vi frågar aldrig vem det är." in page.text


def test_an_address_a_person_chose_is_said_to_be(house, staff):
    house.ask("#erasure")
    house.flow.ask_at("PK-2026-0001", address="lo@example.org", how="Ringde numret vi har.", by="anna")
    house.drain()
    letter = house.to("lo@example.org")[-1]
    house.flow.confirm(letter.token, letter.code)
    page = staff.case()
    assert "En av oss valde adressen." in page.text
    assert "adress som en av oss har valt" in page.text


def test_all_letters_stand_in_one_order_and_each_can_be_opened(house, staff):
    receipt = house.ask_and_confirm("#access", subject="Första")
    house.days(0.2)
    house.reply(receipt, "Ett tillägg.", subject="Andra")
    house.drain()
    page = staff.press(staff.case(), "Markera som läst")
    lines = [" ".join(node.text(separator=" ").split()) for node in page.tree.css(".letters > li > p:first-child")]
    assert lines == ["In Andra", "Ut Mottagningsbevis med fråga om identitet", "In Första"]
    for link in page.tree.css(".letters .go"):
        goes = link.attributes["href"]
        if goes.startswith("#"):
            assert page.tree.css_first(goes) is not None
        else:
            assert staff.open(goes).status == 200
    assert "Ett tillägg." in page.tree.css_first(".letters #brev-2").text()


def test_every_jump_leads_somewhere(house, staff):
    house.ask_and_confirm("#erasure #access #restriction")
    page = staff.case()
    jumps = [node.attributes["href"] for node in page.tree.css(".jump a")]
    assert jumps[:4] == ["#begaran", "#brevet", "#vem", "#datum"]
    assert all(page.tree.css_first(place) is not None for place in jumps)
    ids = [node.attributes["id"] for node in page.tree.css("[id]")]
    assert len(ids) == len(set(ids))


def test_an_unread_mail_stands_first_and_nothing_else_is_new(house, staff):
    receipt = house.ask_and_confirm("#access")
    house.reply(receipt, "Ett tillägg.")
    house.drain()
    cards = staff.case().tree.css("#brevet ~ section.card[aria-label]")
    assert [card.attributes["id"] for card in cards][:2] == ["brev-2", "brev-1"]
    assert "Nytt" in cards[0].text()
    assert KALLE in cards[1].text()


def test_the_page_of_a_mail_names_the_words_that_decided(house, staff, monkeypatch):
    evidence = (*heard("erasure.remove"), Evidence(right=None, text="chef", start=13, end=17, rule="doubt.employer"))
    verdict = Verdict(outcome=Outcome.UNSURE, claims=(ERASURE,), evidence=evidence, reasons=("employer",))
    monkeypatch.setattr(type(house.classifier), "classify", lambda *_: verdict)
    house.mail("ta bort  mig chef")
    house.drain()
    page = staff.open("/personal/brev/1")
    assert "Orden som avgjorde: ta bort mig (radering), chef (skäl att titta)." in page.text
    assert [node.text() for node in page.tree.css("mark")] == ["ta bort  mig", "chef"]
