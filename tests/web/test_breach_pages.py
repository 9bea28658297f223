"""A letter to the wrong person, on the pages."""

from datetime import timedelta

import pytest

from inbox_bot.clock import STOCKHOLM
from tests.support.house import KALLE


@pytest.fixture
def sent(house):
    """A house whose answer has left; the letter's number."""
    house.ask_and_confirm("#erasure")
    house.flow.approve_case("PK-2026-0001", by="eva", note="Kontot är raderat i kursplattformen.", rest=True)
    house.drain()
    [letter] = house.letters(name="granted_erasure")
    return letter.id


def begun(staff, sent):
    page = staff.open(f"/personal/incidenter/ny?brev={sent}")
    return staff.press(page, "Öppna incidenten", vad="En okänd person ringde om brevet.")


def test_every_letter_that_has_left_can_be_said_to_have_gone_wrong(sent, staff, house):
    link = f"/personal/incidenter/ny?brev={sent}"
    assert link in staff.open(f"/personal/brev-ut/{sent}").links
    assert link in staff.case().links
    before = house.everything()
    page = staff.open(link)
    assert KALLE in page.text
    assert "Öppna incidenten" in page.text
    assert house.everything() == before


def test_the_button_starts_the_clock_and_leads_to_the_steps(sent, staff, house):
    page = begun(staff, sent)
    assert page.title == "Incident 1"
    for words in ("72 timmar kvar", "torsdag 10 september 2026 kl. 10.00", "Stoppa spridningen", "GDPR artikel 33.3 d"):
        assert words in page.text
    assert "Incident 1" in staff.open("/personal").text
    assert "incident 1" in staff.open(f"/personal/brev-ut/{sent}").text
    assert "Fel mottagare" in staff.case().text
    again = staff.press(
        staff.open(f"/personal/incidenter/ny?brev={sent}"), "Öppna incidenten", vad="En gång till, tror jag."
    )
    assert "hör redan till den här incidenten" in again.text


def test_what_is_missing_is_said_and_nothing_typed_is_lost(sent, staff):
    page = staff.open(f"/personal/incidenter/ny?brev={sent}")
    refused = staff.press(page, "Öppna incidenten", vad="Kort")
    assert refused.status == 422
    assert "Skriv lite mer" in refused.text
    assert "Kort" in refused.html
    early = staff.press(page, "Öppna incidenten", vad="En okänd person ringde.", kand="2026-09-01T10:00")
    assert "innan brevet lämnade er" in early.text
    assert staff.press(page, "Öppna incidenten", vad="En okänd person ringde.", kand="nyss").status == 422


def test_who_wrote_a_step_stands_in_the_log_too(sent, staff, house):
    staff.press(
        begun(staff, sent), "do=steg:contain", ord="Ringde och bad den som fått brevet radera det.", val="confirmed"
    )
    assert house.sql("SELECT subject, which, detail FROM audit WHERE act = 'changed'") == [("breach", "1", "steg")]
    assert "skrev om ett steg" in staff.open("/personal/atkomst").text


def test_steps_are_written_down_until_it_can_be_closed(sent, staff, house):
    page = begun(staff, sent)
    closing = page.tree.css_first("button[value=avsluta]")
    assert "disabled" in closing.attributes
    assert "disabled" in page.tree.css_first("input[value=not]").attributes
    refused = staff.press(page, "do=steg:risk", ord="Ingen kan läsa det, för det var låst.")
    assert refused.status == 422
    assert "Välj ett av alternativen" in refused.text
    assert "Ingen kan läsa det" in refused.html
    for step, choice in {
        "contain": "confirmed",
        "data": "",
        "risk": "unlikely",
        "notify": "not",
        "tell": "no_need",
        "change": "",
    }.items():
        page = staff.press(page, f"do=steg:{step}", val=choice, ord=f"Anteckning om {step}.")
        assert page.status == 200
    closed = staff.press(page, "do=avsluta")
    assert "Avslutad" in closed.text
    assert "disabled" not in closed.html
    text = staff.open("/personal/incidenter/1/dokumentation.txt")
    assert "attachment" in text.headers["content-disposition"]
    assert "Anteckning om change." in text.html


def test_a_time_that_is_over_is_said_in_words(sent, staff, house):
    begun(staff, sent)
    house.clock.advance(timedelta(hours=76))
    staff.log_in()
    page = staff.open("/personal/incidenter/1")
    assert "tiden gick ut för 4 timmar sedan" in page.text
    assert "Anmäl ändå" in page.text
    assert "tiden gick ut för 4 timmar sedan" in staff.open("/personal/incidenter").text


def test_when_it_became_known_is_corrected_with_a_reason(sent, staff, house):
    begun(staff, sent)
    house.clock.advance(timedelta(hours=3))
    page = staff.open("/personal/incidenter/1")
    wrong = staff.press(page, "do=kand", nar="2026-04", ord="Vi fick veta det senare.")
    assert wrong.status == 422
    assert "Vi fick veta det senare." in wrong.html
    later = f"{house.now.astimezone(STOCKHOLM):%Y-%m-%dT%H:%M}"
    done = staff.press(page, "do=kand", nar=later, ord="Vi fick veta det senare.")
    assert "Tidpunkten är rättad" in done.text
    assert "72 timmar kvar" in done.text or "71 timmar kvar" in done.text
    assert "Vi fick veta det senare." in done.text


def test_what_is_no_letter_or_no_breach_is_not_found(staff, sent, house):
    assert staff.open("/personal/incidenter/99").status == 404
    assert staff.open("/personal/incidenter/ny?brev=abc").status == 404
    assert "Inget brev har gått till fel mottagare" in staff.open("/personal/incidenter").text
    [login] = [row[0] for row in house.sql("SELECT id FROM letter WHERE name = 'staff_login'")]
    assert staff.open(f"/personal/incidenter/ny?brev={login}").status == 404
