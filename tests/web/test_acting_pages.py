"""What staff do beside answering, on their pages: one press a task, without a script, and nothing by mistake."""

from datetime import timedelta

import pytest

from inbox_bot.domain.rights import Right
from tests.support.house import EVA, KALLE, STAFF
from tests.support.recipients import EMPLOYER, SUPPLIER_ADDRESS, house_with_recipients
from tests.web.browsing import said_of

REF = "PK-2026-0001"
WHY_NOT = (
    "Begäran är uppenbart ogrundad: samma sak har begärts fyrtio gånger (artikel 12.5). "
    "Fakturan hör till bokföringen och sparas till och med 2033 (bokföringslagen 7 kap. 2 §)."
)
GROUND = "Du säger att provresultatet är fel, och vi kontrollerar det nu (artikel 18.1 a)."
OWN_WORDS = "Jag har läst alla fyrtio breven. De är ordagrant lika, och alla är besvarade med en kopia."


@pytest.fixture
def erasure(house):
    house.ask_and_confirm("#erasure", sender="Kalle Ek <kalle@example.se>")
    return house


def press_task(staff, system, button, **values):
    """Press a button on the card of one system."""
    page = staff.case()
    for form in page.tree.css("form"):
        hidden = {node.attributes.get("name"): node.attributes.get("value") or "" for node in form.css("input")}
        if hidden.get("system") == system:
            data = hidden | {"do": button} | values
            return page_of(staff, form.attributes["action"], data)
    raise AssertionError(f"no form for {system}")


def page_of(staff, path, data):
    from tests.web.browsing import _page

    return _page(staff.client.post(path, data=data))


def test_every_system_is_ticked_with_one_press_and_the_answer_is_made_of_it(erasure, staff):
    page = staff.case()
    assert "Att göra i varje system" in page.text
    assert "Radera konto, inloggning, kurser och resultat." in page.text
    page = press_task(staff, "kursplattformen", "gjort")
    assert "Noterat." in page.text
    assert f"Noterat av {STAFF}" in page.text
    press_task(staff, "intygsarkivet", "saknas")
    press_task(staff, "faktureringen", "sparas")
    press_task(staff, "nyhetsbrevsverktyget", "gjort", vad="Du är borttagen ur alla utskick.")
    page = press_task(staff, "mailboxen", "saknas")
    assert "Konto, inloggning, kurser och resultat är raderade. Var: kursplattformen." in page.text
    assert "Hur länge: till och med lördag 31 december 2033." in page.text
    assert "jag har tittat" not in page.text.lower()
    staff.press(page, "do=godkann")
    erasure.drain()
    assert "Ärendet är avslutat" in staff.case().text


def test_how_long_is_counted_from_the_last_invoice(erasure, staff):
    press_task(staff, "faktureringen", "sparas", faktura="2024-03-01")
    assert "lördag 31 december 2033" not in staff.case().text
    assert erasure.sql("SELECT until FROM outcome") == [("2031-12-31",)]


def test_a_record_is_taken_back_and_the_rest_ticked_at_once(erasure, staff):
    press_task(staff, "mailboxen", "gjort")
    page = staff.press(staff.case(), "do=angra:1")
    assert "Anteckningen är borttagen." in page.text
    press_task(staff, "kursplattformen", "gjort")
    page = staff.press(staff.case(), "do=resten")
    assert "Finns inte här" in page.text
    assert erasure.sql("SELECT count(*) FROM outcome WHERE kind = 'absent'") == [(4,)]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"do": "gjort", "dag": "2026-09-08"}, "Dagen har inte kommit än."),
        ({"do": "gjort", "dag": "igår"}, "Skriv dagen som"),
        ({"do": "gjort", "vad": ""}, "Något saknas."),
        ({"do": "sparas", "sparat": "", "varfor": ""}, "Något saknas."),
        ({"do": "kaffe"}, "Välj vad du vill göra"),
    ],
)
def test_half_a_record_is_not_taken(erasure, staff, values, said):
    page = press_task(staff, "mailboxen", values["do"], **{key: one for key, one in values.items() if key != "do"})
    assert page.status == 409
    assert said in page.text
    assert erasure.sql("SELECT count(*) FROM outcome") == [(0,)]


def test_an_answer_without_every_system_may_leave_but_stands_on_the_start_page(erasure, staff):
    press_task(staff, "kursplattformen", "gjort")
    page = staff.case()
    assert "Inget är noterat för: intygsarkivet, faktureringen, nyhetsbrevsverktyget, mailboxen." in page.text
    assert "Något är gjort, men personen har inte fått svar." in staff.open("/personal").text
    staff.press(page, "do=godkann")
    erasure.drain()
    start = staff.open("/personal")
    assert "Bara halva saken är gjord" in start.text
    assert "Svaret är godkänt, men inget är noterat för: intygsarkivet" in start.text
    staff.press(staff.case(), "do=resten")
    assert "Bara halva saken" not in staff.open("/personal").text
    assert erasure.case().state.value == "closed"


def test_a_copy_is_owed_first_and_the_page_says_so(house, staff):
    house.ask_and_confirm("#access #erasure")
    page = staff.case()
    assert "Det svaret måste ha lämnat oss innan något raderas" in page.text
    buttons = page.tree.css("button[value=gjort][disabled]")
    assert {button.text() for button in buttons} == {"Klart"}
    page = press_task(staff, "kursplattformen", "gjort")  # The first card of that name is the one to search in.
    assert page.status == 200


def test_what_an_erasure_leads_to_is_shown_and_may_be_told_first(erasure, staff):
    page = staff.case()
    assert "Raderade intyg går inte att skriva ut igen." in page.text
    page = staff.press(page, "Skriv brevet", varning=["login", "certificate"])
    assert "Läs brevet nedan" in page.text
    assert "- Din inloggning slutar fungera." in page.text
    assert "Personen ska först få veta vad raderingen leder till." in page.text
    page = staff.press(page, "do=ta-bort")
    assert "Utkastet är borttaget." in page.text
    assert press_task(staff, "kursplattformen", "gjort").status == 200


def test_a_restriction_is_lifted_on_its_page_after_the_letter(house, staff):
    house.ask_and_confirm("#restriction")
    house.flow.acting.say_done(REF, ["Låst i kursplattformen."], by="anna")
    house.flow.edit(house.draft().id, values={"ground": GROUND}, by="anna")
    house.flow.approve_case(REF, by="anna", rest=True)
    house.drain()
    page = staff.press(staff.case(), "do=skriv", skal="Uppgifterna är kontrollerade och stämmer.")
    assert "Läs brevet nedan och godkänn det." in page.text
    staff.press(page, "do=godkann")
    house.drain()
    page = staff.case()
    assert "Begränsningen är borttagen i alla system" not in page.text
    token = page.form("Logga ut").fields["token"]
    early = page_of(staff, f"/personal/arende/{REF}/hav", {"token": token, "do": "havd"})
    assert early.status == 409
    assert "Personen ska ha några arbetsdagar på sig." in early.text
    assert "Begränsningar att ta bort" not in staff.open("/personal").text
    house.clock.advance(timedelta(days=7))
    staff.log_in()
    assert "Personen har fått veta, och dagen har kommit." in staff.open("/personal").text
    page = staff.press(staff.case(), "do=havd")
    assert "Noterat: begränsningen är borttagen." in page.text
    assert "restriction_lifted" in house.events()
    assert "Begränsningar att ta bort" not in staff.open("/personal").text


def test_a_lock_for_a_request_that_was_none_stands_on_the_start_page_until_it_is_undone(house, staff):
    receipt = house.ask("#restriction")
    house.flow.acting.say_done(REF, ["Låst."], by="anna")
    assert "Begränsningar att ta bort" not in staff.open("/personal").text
    house.flow.disown(receipt.token, receipt.code)
    assert "för en begäran som inte blev av" in staff.open("/personal").text
    staff.press(staff.case(), "do=havd")
    assert "Begränsningar att ta bort" not in staff.open("/personal").text


def test_a_no_under_12_5_takes_two_logins(build, serve):
    house = build(staff={"addresses": [STAFF, "bo@example.com"]})
    house.drain()
    house.ask_and_confirm("#erasure")
    anna, bo = serve(house), serve(house)
    anna.log_in()
    page = anna.press(anna.case(), "do=avsla", skal=WHY_NOT)
    assert "Två personer måste stå bakom det här." in page.text
    refused = anna.press(page, "do=godkann")
    assert refused.status == 409
    assert "kräver två personer" in refused.text
    own = anna.press(anna.case(), "do=andra", **{"egna-skal": OWN_WORDS})
    assert own.status == 200
    assert anna.press(anna.case(), "do=godkann").status == 409
    bo.log_in("bo@example.com")
    page = bo.press(bo.case(), "do=andra", **{"egna-skal": OWN_WORDS})
    assert "du står bakom det här svaret" in page.text
    page = anna.press(anna.case(), "do=godkann")
    assert "Godkänt." in page.text


def test_recipients_are_read_and_told_on_their_pages(build, serve, tmp_path):
    house = house_with_recipients(build, tmp_path)
    staff = serve(house)
    staff.log_in()
    house.ask_and_confirm("#erasure")
    assert "De som har fått uppgifterna av oss" not in staff.case().text
    staff.press(staff.case(), "do=resten")
    assert "De som har fått uppgifterna av oss" not in staff.case().text
    [(number,)] = house.sql("SELECT id FROM outcome WHERE system = 'mailboxen'")
    house.flow.acting.withdraw(REF, number, by="anna")
    press_task(staff, "mailboxen", "gjort")
    assert "Mottagare som ska få veta" in staff.open("/personal").text
    [supplier, employer] = house.flow.acting.sheet(REF).notices
    page = staff.open(f"/personal/arende/{REF}/mottagare/{supplier.id}")
    assert "Vi har raderat uppgifter om personen." in page.text
    assert "Skriv inga skäl" not in page.text
    assert page.tree.css_first("[name=vem]").attributes["value"] == "kalle@example.se"
    page = staff.press(page, "do=visa", vem="Kalle Ek", senast="2026-09-30")
    assert "onsdag 30 september 2026" in page.text
    page = staff.press(page, "do=skicka", vem="Eva Ek", adress=EVA)
    assert "brevet är inte skickat än" in page.text
    assert "Eva Ek" in page.tree.css_first(".letter").text()
    page = staff.press(page, "do=skicka", vem="Kalle Ek", adress=SUPPLIER_ADDRESS)
    page = staff.press(page, "do=skicka")
    assert "Brevet till mottagaren ligger i utkorgen" in page.text
    house.drain()
    letter = house.to(SUPPLIER_ADDRESS)[0].text.replace("\r\n", "\n")
    assert "om den här personen:\n\nKalle Ek\n" in letter
    assert "Svara senast onsdag 30 september 2026" in letter
    page = staff.press(staff.case(), "do=svarat", ord="Klart.")
    assert "Radering: har svarat" in page.text
    assert "Skriv inga skäl" in staff.open(f"/personal/arende/{REF}/mottagare/{employer.id}").text
    page = staff.press(staff.case(), "do=inte", ord="")
    assert (page.status, "Skriv ett skäl." in page.text) == (409, True)
    page = staff.press(staff.case(), "do=inte", ord="Företaget finns inte längre.")
    assert f"{EMPLOYER} arbetsgivare" in page.text
    assert "får inte veta, med skäl" in page.text
    page = staff.press(staff.case(), "Lägg till", namn="Nya jobbet", slag="employer", adress="chef@example.org")
    assert "Nya jobbet" in page.text
    assert staff.open(f"/personal/arende/{REF}/mottagare/99").status == 409


def test_a_recipient_is_told_of_whom_it_knows_and_not_of_who_wrote_from_elsewhere(build, serve, tmp_path):
    house = house_with_recipients(build, tmp_path)
    house.ask("#erasure", sender=f"Någon Annan <{EVA}>")
    house.flow.ask_at(REF, address=KALLE, how="Adressen i kursplattformen.", by="anna")
    house.drain()
    assert house.flow.confirm(house.to(KALLE)[0].token, house.to(KALLE)[0].code).value == "confirmed"
    house.drain()
    house.flow.acting.say_done(REF, ["Kontot är raderat i kursplattformen."], by="anna")
    house.flow.acting.rest_absent(REF, by="anna")
    notice, *_ = house.flow.acting.sheet(REF).notices
    staff = serve(house)
    staff.log_in()
    page = staff.open(f"/personal/arende/{REF}/mottagare/{notice.id}")
    assert page.tree.css_first("#vem").attributes["value"] == KALLE
    for words in ("Någon Annan", EVA):
        assert words not in house.flow.acting.preview_notice(notice.id).text + page.text


def test_a_recipient_is_told_of_a_correction_once_somebody_has_said_what_is_right(build, serve, tmp_path):
    house = house_with_recipients(build, tmp_path)
    staff = serve(house)
    staff.log_in()
    house.ask_and_confirm("#rectification")
    house.flow.acting.say_done(REF, ["Adressen är rättad från Ågatan 1 till Storgatan 2 i kursplattformen."], by="anna")
    staff.press(staff.case(), "do=resten")
    notice, *_ = house.flow.acting.sheet(REF).notices
    page = staff.open(f"/personal/arende/{REF}/mottagare/{notice.id}")
    assert (page.status, "Skriv hur det ska stå" in page.text) == (200, True)
    assert "Godkänn och skicka" not in page.text
    page = staff.press(page, "do=visa", ny="Storgatan 2")
    assert "Rätt uppgift är: Storgatan 2" in page.text
    assert "Brevet till mottagaren ligger i utkorgen" in staff.press(page, "do=skicka").text


# The list against marketing


def test_the_list_is_searched_changed_and_handed_out(house, staff):
    house.ask("#marketing")
    page = staff.open("/personal/sparrlista")
    assert "1 adress får ingen reklam." in page.text
    assert KALLE in page.text
    page = staff.press(page, "do=sparra", adress=f" {EVA.upper()} ", skal="Hon ringde.")
    assert "Adressen är spärrad." in page.text
    found = staff.press(page, "do=sok", sok="EVA@example.org")
    assert found.url.endswith("/personal/sparrlista")
    assert "Hon ringde." in found.text
    assert KALLE not in found.text
    assert staff.open("/personal/sparrlista/lista.txt").html.split() == sorted([EVA, KALLE])
    csv = staff.client.get("/personal/sparrlista/lista.csv")
    assert csv.text.split() == ["address", *sorted([EVA, KALLE])]
    assert "attachment" in csv.headers["content-disposition"]
    gone = staff.press(found, "do=ta-bort", skal="Hon vill ha brevet igen.")
    assert "Adressen är borttagen." in gone.text
    assert staff.open("/personal/sparrlista/lista.txt").html.split() == [KALLE]
    bad = staff.press(gone, "do=sparra", adress="inte en adress", skal="Han ringde.")
    assert (bad.status, "Det är ingen mejladress." in bad.text) == (422, True)
    assert said_of(bad, "#adress") == "Det är ingen mejladress. Skriv den som kim@example.se."
    assert bad.tree.css_first("#skal").attributes["value"] == "Han ringde."
    unsaid = staff.press(staff.open("/personal/sparrlista"), "do=ta-bort", skal=" ")
    assert (unsaid.status, said_of(unsaid, "#skal-1")) == (422, "Skriv ett skäl.")
    assert "open" in unsaid.tree.css_first(".list details").attributes
    script = staff.press(gone, "do=sok", sok="<script>alert(1)</script>")
    assert "alert(1)" in script.text
    assert "<script>" not in script.html


def test_a_cell_is_no_formula_in_a_spreadsheet(house, staff):
    house.flow.acting.suppress("=cmd@example.se", by="anna")
    assert staff.client.get("/personal/sparrlista/lista.csv").text.split() == ["address", "'=cmd@example.se"]


@pytest.fixture
def machine(house):
    """Another system: no cookies, and perhaps the token."""
    from inbox_bot.settings import template_folders
    from inbox_bot.web.app import create_app
    from tests.web.browsing import COMPANY, Client

    def make(token):
        app = create_app(
            house.flow,
            pages="https://arenden.example.se",
            template_folders=template_folders(house.building.settings.files),
            systems=[],
            company=COMPANY,
            clock=house.clock,
            list_token=token,
        )
        return Client(app, "https://arenden.example.se")

    return make


def test_other_systems_fetch_the_list_with_the_token_alone(house, machine):
    house.ask("#marketing")
    client = machine("t" * 40)
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic " + "t" * 40}):
        refused = client.get("/sparrlista.txt", headers=headers)
        assert (refused.status_code, KALLE in refused.text) == (401, False)
        assert refused.headers["www-authenticate"] == "Bearer"
    found = client.get("/sparrlista.txt", headers={"Authorization": "Bearer " + "t" * 40})
    assert (found.status_code, found.text) == (200, f"{KALLE}\n")
    assert "set-cookie" not in found.headers
    assert found.headers["cache-control"] == "no-store"


def test_nobody_can_try_many_tokens(machine):
    client = machine("t" * 40)
    answers = [client.get("/sparrlista.txt", headers={"Authorization": f"Bearer {n}"}).status_code for n in range(35)]
    assert answers[:30] == [401] * 30
    assert set(answers[30:]) == {429}


def test_without_a_token_in_the_settings_there_is_no_such_page(machine):
    client = machine("")
    assert client.get("/sparrlista.txt", headers={"Authorization": "Bearer "}).status_code == 404


def test_what_is_said_of_one_recipient_is_not_said_of_its_other_notice(build, serve, tmp_path):
    """The firm that hears of a correction by telephone has heard nothing of an erasure (Art 19)."""
    house = house_with_recipients(build, tmp_path)
    staff = serve(house)
    staff.log_in()
    house.ask_and_confirm("#erasure #rectification")
    for right in (Right.ERASURE, Right.RECTIFICATION):
        house.flow.acting.say_done(REF, ["Gjort."], by="anna", right=right)
    of_firm = [one for one in house.flow.acting.sheet(REF).notices if one.recipient.contact == SUPPLIER_ADDRESS]
    first, second = of_firm
    path = f"/personal/arende/{REF}/mottagare/{first.id}"
    token = staff.case(REF).form("do=annat-satt").fields["token"][0]
    staff.client.post(path, data={"token": token, "do": "annat-satt", "ord": "Per telefon."})
    states = {one.id: one.state.value for one in house.flow.acting.sheet(REF).notices}
    assert (states[first.id], states[second.id]) == ("told", "drafted")
