"""A case on its page: what is shown, and every decision that can be taken there."""

from dataclasses import replace
from datetime import timedelta

import pytest

from inbox_bot.errors import NotAllowedError
from inbox_bot.outbox.transport import Attempt, Fate
from tests.support.house import KALLE, STAFF

DONE = {
    "f__actions__what": ["Kontot är raderat"],
    "f__actions__system": ["kursplattformen"],
    "f__actions__on": ["2026-09-07"],
}
NOTHING_ELSEWHERE = {"resten": "inget"}


@pytest.fixture
def erasure(house):
    """A case whose one answer waits."""
    house.ask_and_confirm(
        "Hej!\nRadera <b>mitt</b> konto. #erasure",
        sender="Kalle Exempelsson <kalle@example.se>",
        subject="Konto & uppgifter",
    )
    return house


def on_record(house, name):
    """What the answer may say was done, or is kept: what is recorded, and nothing that was only typed."""
    [draft] = house.file().drafts
    assert name not in draft.record.values
    return draft.values[name]


def test_the_page_shows_the_whole_case(erasure, staff):
    page = staff.case()
    assert page.title == "PK-2026-0001"
    for words in (
        "Kalle Exempelsson",
        KALLE,
        "Radering",
        "artikel 17",
        "onsdag 7 oktober 2026",
        "22 arbetsdagar kvar",
        "Bekräftat vem som frågar",
        "Konto & uppgifter",
        "Radera <b>mitt</b> konto.",
        "Radera i varje system.",
        "Uppgifterna är raderade",
        "Ett utkast till svar skrevs",
        "Mottagningsbevis med fråga om identitet",
        erasure.file().view.claims[0].dates.explanation.split(".")[0],
    ):
        assert words in page.text, words
    assert "<b>mitt</b>" not in page.html


def test_evidence_is_marked_and_old_text_folded_away(house, staff, monkeypatch):
    from inbox_bot.domain.rights import Claim, Right
    from inbox_bot.domain.verdict import Evidence, Outcome, Part, Verdict

    text = "Ta bort <mig> nu."
    verdict = Verdict(
        outcome=Outcome.REQUEST,
        claims=(Claim(right=Right.ERASURE),),
        language="sv",
        evidence=(
            Evidence(right=Right.ERASURE, text="bort <mig>", start=3, end=13, rule="erasure.x"),
            Evidence(right=Right.ERASURE, text="Konto", start=0, end=5, rule="erasure.y", part=Part.SUBJECT),
            Evidence(right=None, text="utanför", start=90, end=99, rule="broken.offset"),
        ),
    )
    monkeypatch.setattr(type(house.classifier), "classify", lambda *_: verdict)
    house.mail(
        f"{text}\n\n-- \nKalle\n\nDen 1 september 2026 skrev Anna <anna@example.com>:\n> Gamla ord", subject="Konto"
    )
    house.drain()
    page = staff.case()
    assert [node.text() for node in page.tree.css("mark")] == ["Konto", "bort <mig>"]
    assert "Radering: erasure.x" in (page.tree.css("mark")[1].attributes["title"] or "")
    folded = page.tree.css("details .said")
    assert any("Gamla ord" in node.text() or "Kalle" in node.text() for node in folded)


def test_save_read_approve(erasure, staff):
    page = staff.case()
    assert "Fyll i det som saknas: vad är gjort." in page.text
    page = staff.press(page, "do=spara", **DONE)
    assert page.status == 200
    assert page.url.endswith("?gjort=sparat#svar-1")
    assert "Sparat." in page.text
    assert "- Kontot är raderat. Var: kursplattformen. När: måndag 7 september 2026." in page.text
    assert f"skickas till {KALLE} inom någon minut" in page.text
    page = staff.press(page, "do=godkann", **NOTHING_ELSEWHERE)
    assert "Godkänt. Brevet ligger i utkorgen" in page.text
    assert staff.woken
    assert erasure.states() == {"erasure": "approved"}
    assert erasure.draft().approved_by == STAFF
    erasure.drain()
    assert "Kontot är raderat. Var: kursplattformen." in erasure.to()[-1].text
    page = staff.case()
    assert "Ärendet är avslutat" in page.text
    assert f"Godkänt av {STAFF}" in page.text


def test_nobody_approves_a_letter_unread(erasure, staff):
    page = staff.press(staff.case(), "do=spara", **DONE)
    page = staff.press(page, "do=godkann", f__note="Tack för din tid hos oss.")
    assert "Du hade ändrat i svaret" in page.text
    assert "Tack för din tid hos oss." in page.text
    assert erasure.states() == {"erasure": "awaiting_approval"}
    staff.press(page, "do=godkann")
    erasure.drain()
    assert "Tack för din tid hos oss." in erasure.to()[-1].text


def test_a_letter_that_lacks_something_is_not_approved(erasure, staff):
    page = staff.press(staff.case(), "do=godkann")
    assert page.status == 422
    assert "Brevet saknar: vad är gjort." in page.text
    assert erasure.states() == {"erasure": "awaiting_approval"}


def test_defaults_may_be_approved_as_they_stand(house, staff):
    house.ask_and_confirm("#access")
    page = staff.press(staff.case(), "do=byt", brev="no_data")
    assert "Vi har sökt på mejladressen du skrev från." in page.text
    page = staff.press(page, "do=godkann")
    assert "Godkänt." in page.text
    house.drain()
    assert house.letters(name="no_data")[0].state.value == "sent"


@pytest.mark.parametrize("day", ["", "2026-13-01"])
def test_a_row_without_its_day_is_not_saved_and_not_lost(erasure, staff, day):
    before = erasure.draft()
    page = staff.press(staff.case(), "do=spara", **(DONE | {"f__actions__on": [day]}), f__note="Hälsning")
    assert page.status == 422
    assert "vilken dag det gjordes" in page.text
    fields = page.form("do=spara").fields
    assert fields["f.actions.what"][0] == "Kontot är raderat"
    assert fields["f.actions.on"][0] == day
    assert fields["f.note"] == ["Hälsning"]
    assert erasure.draft() == before


def test_more_rows_may_be_had_without_losing_any(erasure, staff):
    page = staff.press(staff.case(), "do=rader:actions", **DONE, f__note="Hälsning")
    assert page.status == 200
    fields = page.form("do=spara").fields
    assert fields["f.actions.what"] == ["Kontot är raderat", "", "", ""]
    assert fields["f.note"] == ["Hälsning"]
    assert erasure.draft().values == {}
    page = staff.press(
        page,
        "do=spara",
        f__actions__what=["A", "", "B", ""],
        f__actions__system=["x", "", "y", ""],
        f__actions__on=["2026-09-07", "", "2026-09-06", "2026-09-05"],
    )
    assert on_record(erasure, "actions") == [
        {"what": "A", "system": "x", "on": "2026-09-07"},
        {"what": "B", "system": "y", "on": "2026-09-06"},
    ]


def test_what_is_kept_is_told_with_why_and_how_long(erasure, staff):
    kept = {
        "f__kept__what": ["Fakturor"],
        "f__kept__why": ["Bokföringslagen 7 kap. 2 §"],
        "f__kept__until": ["2033-12-31"],
    }
    page = staff.press(staff.case(), "do=spara", **DONE, **kept)
    assert on_record(erasure, "kept") == [
        {"what": "Fakturor", "why": "Bokföringslagen 7 kap. 2 §", "until": "2033-12-31"}
    ]
    assert "lördag 31 december 2033" in page.text
    page = staff.press(page, "do=spara", f__kept__why=[""])
    assert "saknas: vad finns kvar" in page.text


def test_two_people_do_not_overwrite_each_other_unseen(erasure, staff):
    mine = staff.case()
    staff.press(staff.case(), "do=spara", **DONE)
    page = staff.press(mine, "do=spara", f__note="Min hälsning")
    assert page.status == 409
    assert "Någon har ändrat svaret" in page.text
    assert page.form("do=spara").fields["f.note"] == ["Min hälsning"]
    assert "note" not in {key for key, value in erasure.draft().values.items() if value}
    page = staff.press(page, "do=spara", **DONE)
    assert page.status == 200
    assert erasure.draft().values["note"] == "Min hälsning"


def test_an_answer_approved_meanwhile_is_not_approved_twice(erasure, staff):
    page = staff.press(staff.case(), "do=spara", **DONE)
    assert staff.press(page, "do=godkann").status == 200
    again = staff.press(page, "do=godkann")
    assert again.status == 409
    erasure.drain()
    assert len(erasure.letters(name="granted_erasure")) == 1


def test_another_letter_keeps_what_was_typed(erasure, staff):
    page = staff.press(staff.case(), "do=byt", brev="no_data", f__note="Hälsning", **DONE)
    assert "Nu är det ett annat brev" in page.text
    assert page.form("do=spara").fields["f.note"] == ["Hälsning"]
    page = staff.press(page, "do=byt", brev="granted_erasure")
    assert page.form("do=spara").fields["f.actions.what"][0] == "Kontot är raderat"


def test_no_letter_may_be_chosen_that_does_not_fit(erasure, staff):
    for letter in ("staff_login", "granted_access", "receipt", "", "../x"):
        page = staff.press(staff.case(), "do=byt", brev=letter)
        assert page.status == 422
        assert "Välj ett av breven i listan." in page.text
        assert erasure.draft().letter == "granted_erasure"


def test_a_refusal_is_read_before_it_leaves(erasure, staff):
    page = staff.press(staff.case(), "do=avsla", skal="  ")
    assert page.status == 422
    assert "Skriv skälen" in page.text
    page = staff.press(page, "do=avsla", skal="Kontot behövs så länge kursen pågår (artikel 17.1 a).")
    assert "Det här är avslaget." in page.text
    assert "Integritetsskyddsmyndigheten" in page.text
    assert erasure.letters(name="refused_erasure") == []
    page = staff.press(page, "do=godkann")
    erasure.drain()
    assert "Kontot behövs så länge kursen pågår (artikel 17.1 a)." in erasure.to()[-1].text
    assert erasure.draft().letter == "refused_erasure"


def test_a_marketing_stop_offers_no_refusal(house, staff):
    house.ask("#marketing")
    page = staff.case()
    assert "Avslå begäran" not in page.text
    assert "Ingen bekräftelse behövs" in page.text
    sheet = page.form("do=spara")
    data = sheet.fields | {"do": "avsla", "skal": "Vi vill inte."}
    response = staff.client.post(sheet.action, data=data)
    assert response.status_code == 409
    assert "kan inte avslås" in response.text
    assert house.draft().letter == "marketing_stopped"


def test_giving_back_says_what_is_missing_and_keeps_what_was_typed(erasure, staff):
    page = staff.press(staff.case(), "do=tillbaka", f__note="Hälsning")
    assert page.status == 422
    assert page.form("do=spara").fields["f.note"] == ["Hälsning"]
    page = staff.press(page, "do=tillbaka", tillbaka="Står fakturan kvar?")
    assert "Lämnat tillbaka: Står fakturan kvar?" in page.text
    assert erasure.draft().state.value == "returned"
    assert erasure.draft().values["note"] == "Hälsning"
    page = staff.press(page, "do=spara", **DONE)
    assert "Lämnat tillbaka" not in page.text


def test_an_approval_may_be_taken_back_until_the_letter_has_left(erasure, staff):
    page = staff.press(staff.case(), "do=spara", **DONE)
    page = staff.press(page, "do=godkann")
    page = staff.press(page, "do=angra")
    assert "Godkännandet är tillbakataget" in page.text
    assert erasure.states() == {"erasure": "awaiting_approval"}
    approved = staff.press(page, "do=godkann", **NOTHING_ELSEWHERE)
    erasure.drain()
    late = staff.press(approved, "do=angra")
    assert late.status == 409
    assert "Brevet har redan lämnat oss" in late.text
    assert "Ta tillbaka godkännandet" not in staff.case().text
    assert erasure.states() == {"erasure": "answered"}


def test_an_unproven_claim_has_no_letter_but_cannot_identify(house, browser):
    house.ask("#erasure")
    house.days(24)
    house.drain()
    staff = browser
    staff.log_in()
    page = staff.case()
    assert "Inte bekräftat vem som frågar" in page.text
    page = staff.press(page, "do=byt", brev="granted_erasure")
    page = staff.press(page, "do=spara", **DONE)
    assert "Ingen har bekräftat vem som frågar." in page.text
    sheet = page.form("do=spara")
    response = staff.client.post(sheet.action, data=sheet.fields | {"do": "godkann"})
    assert response.status_code == 409
    page = staff.press(staff.case(), "do=byt", brev="cannot_identify")
    assert "Godkänt." in staff.press(page, "do=godkann").text


def test_an_extension_is_read_before_it_leaves(erasure, staff):
    page = staff.press(staff.case(), "do=visa", skal=" ")
    assert page.status == 422
    assert "Utan skäl gäller ingen förlängning" in page.text
    page = staff.press(page, "do=visa", skal="Uppgifterna finns i sju äldre system.")
    assert "måndag 7 december 2026" in page.text
    assert "Uppgifterna finns i sju äldre system." in page.text
    assert erasure.letters(name="extension") == []
    page = staff.press(page, "do=skicka")
    assert "Beskedet om förlängd tid ligger i utkorgen" in page.text
    erasure.drain()
    assert "Uppgifterna finns i sju äldre system." in erasure.to()[-1].text
    page = staff.case()
    assert "måndag 7 december 2026" in page.text
    assert "Förläng svarstiden" not in page.text


def test_no_extension_when_the_first_month_has_run_out(erasure, staff):
    page = staff.case()
    erasure.days(35)
    staff.log_in()
    assert "Förläng svarstiden" not in staff.case().text
    sheet = page.form("do=visa")
    token = staff.case().form("do=spara").fields["token"]
    data = sheet.fields | {"token": token, "do": "skicka", "skal": "Skäl."}
    response = staff.client.post(sheet.action, data=data)
    assert response.status_code == 409
    assert "Den första månaden har gått ut" in response.text
    assert "arbetsdagar försenat" in staff.case().text


def test_an_english_case_says_that_the_letter_is_english(house, staff):
    house.ask_and_confirm("#access #english")
    page = staff.press(staff.case(), "do=spara", f__copy="Your name.", f__recipients="Course host Inc.")
    assert "brevet blir på engelska" in page.text
    assert "You asked" in page.text or "Your e-mail" in page.text


def test_a_letter_that_did_not_arrive_waits_again(erasure, staff):
    erasure.drain()
    erasure.transport.answers.append(Attempt(fate=Fate.REFUSED, answer="550 5.1.1 no such user"))
    page = staff.press(staff.case(), "do=spara", **DONE)
    staff.press(page, "do=godkann")
    erasure.drain()
    assert "kunde inte skickas" in staff.case().text.lower()
    assert staff.case().form("do=godkann")


def test_new_mail_is_shown_and_marked_as_read(erasure, staff):
    erasure.reply(erasure.to()[0], "Glöm inte mitt intyg.")
    erasure.drain()
    assert "Nytt brev att läsa" in staff.open("/personal").text
    page = staff.case()
    assert "Glöm inte mitt intyg." in page.text
    page = staff.press(page, "Markera som läst")
    assert "Brevet är markerat som läst." in page.text
    assert "Nytt brev att läsa" not in staff.open("/personal").text


def test_reloading_after_a_decision_does_nothing_again(erasure, staff):
    page = staff.press(staff.case(), "do=spara", **DONE)
    before = erasure.everything()
    assert staff.open(page.url).status == 200
    assert erasure.everything() == before


def test_an_unknown_button_does_nothing(erasure, staff):
    sheet = staff.case().form("do=spara")
    before = erasure.everything()
    for do, status in (("", 422), ("allt", 422), ("rader:finns_inte", 200)):
        assert staff.client.post(sheet.action, data=sheet.fields | {"do": do}).status_code == status
    assert erasure.everything() == before


def test_what_does_not_exist_says_so(staff):
    for path in ("/personal/arende/PK-2026-0009", "/personal/arende/%00", "/personal/brev/99", "/personal/brev-ut/99"):
        page = staff.open(path)
        assert (page.status, page.title) == (404, "Det gick inte")


def test_a_draft_of_another_case_is_not_reached(house, staff):
    house.ask_and_confirm("#erasure")
    house.ask_and_confirm("#erasure", sender="eva@example.org")
    sheet = staff.case("PK-2026-0001").form("do=spara")
    response = staff.client.post("/personal/arende/PK-2026-0002/svar/1", data=sheet.fields | {"do": "godkann"})
    assert response.status_code == 404


def test_the_formatted_letter_is_framed_without_any_power(erasure, staff):
    staff.press(staff.case(), "do=spara", **DONE)
    page = staff.case()
    frame = page.tree.css_first("iframe")
    assert "sandbox" in frame.attributes
    assert frame.attributes["sandbox"] in {None, ""}
    letter = staff.open(frame.attributes["src"])
    assert "Kontot är raderat" in letter.html
    policy = letter.headers["content-security-policy"]
    assert "sandbox" in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy


def test_working_days_are_counted_down_on_the_overview(erasure, staff):
    assert "22 arbetsdagar kvar" in staff.open("/personal").text
    erasure.clock.advance(timedelta(hours=2))
    assert staff.open("/personal/arenden").title == "Öppna ärenden"


def test_a_new_link_goes_to_the_person_when_staff_say_so(house, staff):
    first = house.ask("Radera mitt konto. #erasure")
    page = staff.press(staff.case(), "Skicka en ny länk och kod")
    assert "En ny länk och kod ligger i utkorgen" in page.text
    house.drain()
    second = house.to()[-1]
    assert (second.code, second.token) != (first.code, first.token)
    assert house.flow.confirm(first.token, first.code).value == "expired"
    assert house.flow.confirm(second.token, second.code).value == "confirmed"
    assert "Skicka en ny länk och kod" not in staff.case().text


def test_a_case_taken_for_a_request_by_mistake_is_closed_and_nothing_is_sent(house, staff):
    house.ask("Ta bort min bokning. #erasure")
    sent = len(house.to())
    page = staff.press(staff.case(), "Avsluta ärendet", skal="Det gällde en bokning.")
    assert "det var ingen begäran. Inget har skickats." in page.text
    assert house.states() == {"erasure": "dismissed"}
    assert house.case().closed_at is not None
    house.drain()
    assert len(house.to()) == sent
    assert "Avsluta ärendet" not in staff.case().text


def test_an_answer_on_its_way_keeps_a_case_from_being_dismissed(erasure, staff):
    page = staff.press(staff.case(), "do=spara", **DONE)
    staff.press(page, "do=godkann")
    assert "Avsluta ärendet" not in staff.case().text
    with pytest.raises(NotAllowedError):
        erasure.flow.dismiss("PK-2026-0001", reason="fel", by="anna")


def test_what_a_person_finds_in_a_closed_cases_mail_becomes_a_case_of_its_own(erasure, staff):
    page = staff.press(staff.case(), "do=spara", **DONE)
    staff.press(page, "do=godkann", **NOTHING_ELSEWHERE)
    erasure.drain()
    assert erasure.case().closed_at is not None
    erasure.reply(erasure.to()[-1], "Och en sak till om mitt nyhetsbrev.")
    erasure.drain()
    mail = erasure.file().mails[-1].id
    page = staff.open(f"/personal/brev/{mail}")
    page = staff.press(page, "Öppna ärende", begaran="objection:marketing")
    assert page.title == "PK-2026-0002"
    erasure.drain()
    assert erasure.states("PK-2026-0002") == {"objection": "awaiting_approval"}


def test_faults_are_shown_where_the_letter_is_and_keep_it_from_leaving(erasure, staff):
    page = staff.press(staff.case(), "do=spara", **DONE, f__note="Du får svar inom 30 dagar.")
    assert "Brevet kan inte godkännas än" in page.text
    assert "Brevet säger ”30 dagar”. Lagen räknar i månader" in page.text
    assert "säkerhetskopior" in page.text
    sheet = page.form("do=spara")
    response = staff.client.post(sheet.action, data=sheet.fields | {"do": "godkann"})
    assert response.status_code == 422
    assert "Lagen räknar i månader" in response.text
    assert erasure.states() == {"erasure": "awaiting_approval"}
    page = staff.press(page, "do=spara", f__note="")
    assert "Brevet kan inte godkännas än" not in page.text
    assert "Tänk på det här" in page.text
    assert "Godkänt." in staff.press(page, "do=godkann").text


def test_how_long_an_invoice_is_kept_is_worked_out_when_the_financial_year_is_known(build, serve):
    house = build()
    house.ask_and_confirm("#erasure")
    staff = serve(house)
    staff.log_in()
    page = staff.press(staff.case(), "do=faktura:kept", fakturadag="2026-03-14", **DONE)
    assert page.status == 409
    assert "Programmet vet inte vilken dag räkenskapsåret slutar" in page.text
    controller = house.flow.letters._controller
    accounts = replace(controller.register.bookkeeping, financial_year_ends="04-30")
    house.flow.letters._controller = replace(controller, register=replace(controller.register, bookkeeping=accounts))
    for odd in ("i mars", "9999-12-31"):
        page = staff.press(page, "do=faktura:kept", fakturadag=odd)
        assert page.status == 422
    page = staff.press(page, "do=faktura:kept", fakturadag="2026-05-01")
    fields = page.form("do=spara").fields
    assert fields["f.kept.what"][0] == "Fakturan från fredag 1 maj 2026"
    assert fields["f.kept.until"][0] == "2034-12-31"
    assert fields["f.actions.what"][0] == "Kontot är raderat"
    assert "kept" not in house.draft().values


def test_letters_that_fit_what_was_asked_may_be_chosen(house, staff):
    house.ask_and_confirm("#rectification")
    page = staff.press(staff.case(), "do=byt", brev="statement_added")
    assert "Personens tillägg är sparat" in page.text
    assert "Personens tillägg, ordagrant" in page.text
    assert staff.press(page, "do=byt", brev="wrong_controller").status == 200
    assert staff.press(staff.case(), "do=byt", brev="automated_decisions").status == 422


def test_a_notice_of_a_longer_time_is_looked_at_before_it_leaves(erasure, staff):
    page = staff.press(staff.case(), "do=visa", skal="Vi svarar inom 30 dagar till.")
    assert page.status == 422
    assert "Beskedet kan inte skickas än" in page.text
    assert page.form("do=visa").fields["skal"] == ["Vi svarar inom 30 dagar till."]
    page = staff.press(page, "do=visa", skal="Vi har semester.")
    assert "räcker inte som skäl" in page.text
    page = staff.press(page, "do=skicka", skal="Vi har semester i tre arkiv.")
    assert "Vi har semester i tre arkiv." in page.text
    assert erasure.letters(name="extension") == []
    page = staff.press(page, "do=visa", skal="Uppgifterna finns i sju äldre system.")
    assert "Tänk på det här" not in page.text
    staff.press(page, "do=skicka")
    assert len(erasure.letters(name="extension")) == 1
