"""Sorting what the program is unsure of, adding what it missed, and the mails it could not read."""

import pytest
from selectolax.lexbor import LexborHTMLParser

from tests.support.house import KALLE, STAFF
from tests.web.browsing import said_of


@pytest.fixture
def unsure(house):
    house.mail(
        "Min medarbetare har slutat, ta bort hennes konto. #unsure #erasure",
        subject="Om Anna",
        sender=f"Chefen <{KALLE}>",
    )
    house.drain()
    return house


def test_an_unsure_mail_is_shown_with_its_date_and_the_reason(unsure, staff):
    start = staff.open("/personal")
    assert "1 Osäkert mejl" in start.text
    assert "Om Anna" in start.text
    page = staff.open("/personal/brev/1")
    assert page.title == "Är det här en begäran?"
    assert "onsdag 7 oktober 2026" in page.text
    assert "kan komma från en arbetsgivare" in page.text
    assert page.form("do=begaran").fields["begaran"] == ["erasure"]


def test_what_the_program_could_not_read_is_said_with_what_to_do(house, staff):
    sealed = {
        "Content-Type": "application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m",
        "Content-Transfer-Encoding": "base64",
    }
    house.mail("MAsGCSqGSIb3DQEHAw==", sender=f'"vd@example.org" <{KALLE}>', headers=sealed)
    house.drain()
    page = staff.open("/personal/brev/1")
    assert "är krypterat eller packat med S/MIME" in page.text
    assert "be personen skriva igen utan kryptering" in page.text
    assert "Namnet som visas är en annan adress: vd@example.org." in page.text
    assert "smime.p7m" in page.text
    assert "SHA-256" in page.text


def test_a_request_opens_a_case_in_the_sorters_name(unsure, staff):
    page = staff.press(staff.open("/personal/brev/1"), "do=begaran", begaran=["access", "objection:marketing"])
    assert page.title == "PK-2026-0001"
    assert "Brevet är sorterat" in page.text
    assert staff.woken
    found = {(claim.claim.right.value, claim.claim.marketing) for claim in unsure.case().claims}
    assert found == {("access", False), ("objection", True)}
    assert STAFF in {event.actor for event in unsure.file().events}
    unsure.drain()
    assert len(unsure.to()) == 1


def test_every_right_may_be_chosen(unsure, staff):
    from inbox_bot.domain.rights import Right

    boxes = {node.attributes["value"] for node in staff.open("/personal/brev/1").tree.css("input[name=begaran]")}
    assert boxes == {*(right.value for right in Right), "objection:marketing", "consent_withdrawal:marketing"}
    staff.press(staff.open("/personal/brev/1"), "do=begaran", begaran=sorted(boxes))
    assert len(unsure.case().claims) == 9


@pytest.mark.parametrize("chosen", [[], ["everything"], ["erasure:marketing"]])
def test_nothing_chosen_opens_nothing(unsure, staff, chosen):
    page = staff.press(staff.open("/personal/brev/1"), "do=begaran", begaran=chosen)
    assert page.status == 422
    assert "Välj minst en sak" in page.text
    assert unsure.cases() == []


def test_no_request_is_emptied_only_after_a_tick(unsure, staff):
    page = staff.press(staff.open("/personal/brev/1"), "do=ingen")
    assert page.status == 422
    assert "Kryssa i rutan först" in page.text
    page = staff.press(page, "do=ingen", saker="ja")
    assert page.title == "Inget väntar på dig"
    assert staff.open("/personal/brev/1").status == 404
    # Its words stay as an example to learn from, redacted and tied to nothing (tests/test_learning.py); nothing else does.
    left = unsure.everything()
    assert len(left.pop("example")) == 1
    assert not any("medarbetare" in repr(row) for rows in left.values() for row in rows)


def test_where_no_examples_are_kept_nothing_of_it_stays(build):
    house = build(learning={"keep_examples": False})
    house.flow.collect(house.mailbox, look_back_days=30)
    house.mail("#unsure Vi har en fråga om en medarbetare.")
    house.drain()
    house.flow.sort(1, [], by="anna")
    assert not any("medarbetare" in repr(row) for rows in house.everything().values() for row in rows)


def test_a_mail_is_sorted_once(unsure, staff):
    page = staff.open("/personal/brev/1")
    staff.press(page, "do=begaran", begaran=["erasure"])
    again = staff.press(page, "do=begaran", begaran=["access"])
    assert again.status == 409
    assert "redan sorterat" in again.text


def test_a_follow_up_may_hold_more(house, staff):
    house.ask_and_confirm("#erasure")
    house.reply(house.to()[0], "Och jag vill ha en kopia först.")
    house.drain()
    page = staff.open("/personal/brev/2")
    assert page.title == "Brev i ärendet"
    assert "erasure" not in {node.attributes["value"] for node in page.tree.css("input[name=begaran]")}
    assert staff.press(page, "do=lagg-till").status == 422
    page = staff.press(page, "do=lagg-till", begaran=["access"])
    assert "Begäran är tillagd" in page.text
    assert set(house.states()) == {"erasure", "access"}
    assert staff.press(staff.open("/personal/brev/2"), "Markera som läst").title == "PK-2026-0001"
    assert not house.file().view.unread


def test_nothing_is_added_to_a_mail_without_a_case(unsure, staff):
    token = staff.open("/personal/brev/1").form("do=ingen").fields["token"]
    response = staff.client.post("/personal/brev/1/lagg-till", data={"token": token, "begaran": "access"})
    assert response.status_code == 404


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "{{ 7*7 }} {% x %}", "\"'><img src=x onerror=alert(1)>"])
def test_what_a_stranger_writes_is_only_text(house, staff, text):
    house.mail(f"{text} #unsure", subject=text, sender=f'"{text.replace(chr(34), "")}" <kalle@example.se>')
    house.drain()
    for path in ("/personal", "/personal/brev/1"):
        page = staff.open(path)
        assert text in page.text.replace("&#39;", "'")
        assert page.tree.css("script, img, [onerror]") == []
    page = staff.press(staff.open("/personal/brev/1"), "do=begaran", begaran=["erasure"])
    assert page.tree.css("script, img, [onerror]") == []


@pytest.fixture
def quarantined(house, monkeypatch):
    """A mail that the program cannot read."""
    from inbox_bot.errors import UnreadableMailError
    from inbox_bot.message import step

    def unreadable(*_):
        raise UnreadableMailError("The mail has no end.")

    with monkeypatch.context() as patch:
        patch.setattr(step, "read_bytes", unreadable)
        house.mail("Radera mig. #erasure")
        house.drain()
    assert house.flow.archive.overview().quarantined
    return house


def test_the_quarantine_hands_out_the_bytes_as_a_file(quarantined, staff):
    assert "1 brev gick inte att läsa" in staff.open("/personal").text
    page = staff.open("/personal/karantan")
    assert "Brev 1" in page.text
    assert "The mail has no end." in page.text
    file = staff.client.get("/personal/karantan/1/innehall")
    assert file.content.endswith(b"Radera mig. #erasure\r\n")
    assert file.headers["content-type"] == "application/octet-stream"
    assert file.headers["content-disposition"] == 'attachment; filename="brev-1.eml"'
    assert "sandbox" in file.headers["content-security-policy"]


def test_a_quarantined_mail_is_listed_with_its_possible_date_and_shown_as_text(quarantined, staff):
    assert "onsdag 7 oktober 2026" not in staff.open("/personal/karantan").text
    assert "ons 7 oktober" in staff.open("/personal/karantan").text
    page = staff.open("/personal/karantan/1")
    assert page.title == "Brev 1 gick inte att läsa"
    assert "onsdag 7 oktober 2026" in page.text
    assert "Radera mig. #erasure" in page.text
    assert "mappen INBOX" in page.text
    assert f"Har tittat {STAFF}" in staff.open("/personal/karantan/1").text


def test_nothing_a_stranger_sent_is_more_than_text_in_quarantine(house, staff, monkeypatch):
    from inbox_bot.errors import UnreadableMailError
    from inbox_bot.message import step

    def unreadable(*_):
        raise UnreadableMailError

    monkeypatch.setattr(step, "read_bytes", unreadable)
    house.mail("<script>alert(1)</script><img src=x onerror=alert(1)>", subject="<b>hej</b> {{ 7*7 }}")
    house.drain()
    page = staff.open("/personal/karantan/1")
    assert page.tree.css("script, img, [onerror]") == []
    assert "<script>alert(1)</script>" in page.text
    assert "{{ 7*7 }}" in page.text


def test_a_case_is_made_of_a_quarantined_mail_by_hand(quarantined, staff):
    page = staff.press(staff.open("/personal/karantan/1"), "do=arende", adress="eva@example.org")
    assert page.status == 422
    assert [node.attributes["href"] for node in page.tree.css(".problems a")] == ["#begaran"]
    assert page.tree.css_first("#begaran-fel").text() == "Välj minst en sak som personen begär."
    assert page.tree.css_first("#adress").attributes["value"] == "eva@example.org"
    page = staff.press(page, "do=arende", begaran=["access"], ord="Vill veta allt")
    assert page.title == "PK-2026-0001"
    assert quarantined.case().requester == "eva@example.org"
    assert STAFF in {event.actor for event in quarantined.file().events}
    assert staff.open("/personal/karantan/1").status == 409


def test_a_quarantined_mail_is_let_go_only_after_a_tick(quarantined, staff):
    page = staff.press(staff.open("/personal/karantan/1"), "do=ingen")
    assert page.status == 422
    assert said_of(page, "#saker").startswith("Kryssa i rutan först.")
    assert "raderat här" in staff.press(page, "do=ingen", saker="ja").text
    assert "#erasure" not in repr(quarantined.everything())


def upload(staff, name, content, **fields):
    sheet = staff.open("/personal/karantan").form("Läs in")
    data = {field: values[0] for field, values in sheet.fields.items() if field != "fil"} | fields
    return staff.client.post(sheet.action, data=data, files={"fil": (name, content)})


def test_a_mail_is_uploaded_and_makes_a_case(house, staff):
    house.drain()
    answer = upload(staff, "brev.eml", b"From: eva@example.org\r\n\r\n#access\r\n", kom="2026-09-04")
    assert "Filen är inläst" in answer.text
    house.drain()
    assert house.claim().clock.received_at.isoformat() == "2026-09-03T22:00:00+00:00"
    assert f"Läst in för hand av {STAFF}" in staff.open("/personal/arende/PK-2026-0001").text
    assert (
        "fanns här redan" in upload(staff, "b.eml", b"From: eva@example.org\r\n\r\n#access\r\n", kom="2026-09-04").text
    )


@pytest.mark.parametrize(
    ("content", "fields", "field", "said"),
    [
        (b"", {}, "fil", "Välj en fil"),
        (b"From: x@example.com\r\n\r\nx", {}, "kom", "Skriv vilken dag brevet kom"),
        (b"From: x@example.com\r\n\r\nx", {"kom": "i fjol"}, "kom", "ÅÅÅÅ-MM-DD"),
        (b"From: x@example.com\r\n\r\nx", {"kom": "2027-01-01"}, "kom", "Dagen har inte kommit"),
        (b"From: x@example.com\r\n\r\nx", {"kom": "2026-09-04", "brevlada": "annan"}, "brevlada", "Välj vilken"),
    ],
)
def test_what_cannot_be_brought_in_is_said_beside_its_field(house, staff, content, fields, field, said):
    house.drain()
    answer = upload(staff, "brev.eml", content, **fields)
    assert answer.status_code == 422
    page = LexborHTMLParser(answer.text)
    assert [node.attributes["href"] for node in page.css(".problems a")] == [f"#{field}"]
    shown = page.css_first(f"#{field}-fel")
    assert said in shown.text()
    assert page.css_first(f"#{field}").attributes["aria-describedby"].split()[0] == shown.id
    assert house.sql("SELECT count(*) FROM mail") == [(0,)]


def test_an_upload_has_a_limit_and_takes_a_session_and_its_token(house, staff):
    house.drain()
    assert upload(staff, "brev.eml", b"x" * 27_000_000, kom="2026-09-04").status_code == 413
    assert upload(staff, "brev.eml", b"From: x@example.com\r\n\r\nx", kom="2026-09-04", token="x").status_code == 403
    staff.client.cookies.clear()
    mail = {"fil": ("brev.eml", b"From: x@example.com\r\n\r\nx")}
    assert staff.client.post("/personal/karantan/in", data={"token": "x"}, files=mail).status_code == 403
    assert house.sql("SELECT count(*) FROM mail") == [(0,)]


def test_a_mail_too_large_to_fetch_says_where_the_original_is(house, staff):
    from tests.mailbox.test_large import abridge

    house.mail("#access", subject="Bilder")
    abridge(house)
    house.drain()
    text = staff.open("/personal/arende/PK-2026-0001").text
    assert "Brevet är 31,0 MB och har inte hämtats helt." in text
    assert "brevlådan info, mappen INBOX: det kom måndag 7 september 2026 kl. 10.00 med ämnet ”Bilder”" in text


def test_a_quarantined_mail_may_be_read_again(quarantined, staff):
    page = staff.press(staff.open("/personal/karantan"), "do=igen")
    assert "Brevet läses igen nu" in page.text
    quarantined.drain()
    assert quarantined.states() == {"erasure": "awaiting_identity"}
    assert "Tom." in staff.open("/personal/karantan").text
    assert staff.client.get("/personal/karantan/1/innehall").status_code == 409


def test_a_quarantined_mail_has_a_page_too(quarantined, staff):
    page = staff.open("/personal/brev/1")
    assert "ligger i karantän" in page.text
