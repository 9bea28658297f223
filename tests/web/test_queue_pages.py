"""The list of work: by legal date, filtered, searched, a page at a time; mails that are unsure, and those that were let go."""

import pytest

from tests.support.house import EVA, KALLE, STAFF


@pytest.fixture
def busy(house):
    """Three open cases that wait for three different parties, and one that is closed."""
    house.ask("#access", sender="gammal@example.org")
    house.flow.dismiss("PK-2026-0001", reason="Det var en fråga.", by="anna")
    house.ask_and_confirm("#erasure", sender=f"Eva Övningsmo <{EVA}>", subject="Kurskontot")
    house.days(3)
    house.ask("#access #erasure", sender=f"Kalle Exempelsson <{KALLE}>")
    return house


def rows(page):
    """Return of every case on a page what its cells say."""
    return [
        [" ".join(cell.text(separator=" ").split()) for cell in row.css("th, td")]
        for row in page.tree.css(".worklist tbody tr")
    ]


def references(page):
    return [row[1] for row in rows(page)]


def test_the_list_says_by_when_how_long_who_what_and_whose_turn_it_is(busy, staff):
    page = staff.open("/personal/arenden")
    assert rows(page) == [
        [
            "Svar senast ons 7 oktober 19 arbetsdagar kvar",
            "PK-2026-0002",
            "Eva Övningsmo",
            "Radering",
            "Väntar på oss Svaret ska godkännas",
        ],
        [
            "Svar senast mån 12 oktober 22 arbetsdagar kvar",
            "PK-2026-0003",
            "Kalle Exempelsson",
            "Registerutdrag, Radering",
            "Väntar på personen Ska bekräfta vem som frågar",
        ],
    ]
    assert {cell.attributes.get("role") for cell in page.tree.css(".worklist td")} == {"cell"}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", ["PK-2026-0002", "PK-2026-0003"]),
        ("vantar=oss", ["PK-2026-0002"]),
        ("vantar=personen", ["PK-2026-0003"]),
        ("vantar=programmet", []),
        ("ratt=erasure", ["PK-2026-0002", "PK-2026-0003"]),
        ("ratt=access", ["PK-2026-0003"]),
        ("ratt=access&vantar=oss", []),
        ("ratt=objection-marketing", []),
        ("tid=snart", []),
        ("tid=gott-om-tid&vantar=oss", ["PK-2026-0002"]),
        ("visa=avslutade", ["PK-2026-0001"]),
        ("visa=avslutade&ratt=erasure", []),
        ("visa=alla", ["PK-2026-0002", "PK-2026-0003", "PK-2026-0001"]),
        ("visa=alla&ratt=access", ["PK-2026-0003", "PK-2026-0001"]),
        ("visa=alla&vantar=oss", ["PK-2026-0002"]),
        ("brevlada=kurs", []),
        ("visa=vad&vantar=vem&ratt=allt&tid=1&sida=-3", ["PK-2026-0002", "PK-2026-0003"]),
    ],
)
def test_filters_choose(busy, staff, asked, found):
    assert references(staff.open(f"/personal/arenden?{asked}")) == found


def counts(page):
    return {
        " ".join(node.text(separator=" ").split()[:-1]): node.css_first(".count").text()
        for node in page.tree.css(".filters a")
        if node.css_first(".count")
    }


def test_every_choice_says_how_many_it_would_show(busy, staff):
    page = staff.open("/personal/arenden?visa=alla&ratt=access")
    assert counts(page) == {
        "Öppna": "1",
        "Avslutade": "1",
        "Alla": "2",
        "Personen": "1",
        "Gott om tid": "1",
        "Registerutdrag": "2",
        "Radering": "2",
    }
    # Following a choice keeps the promise.
    for link in page.tree.css(".filters a"):
        if link.css_first(".count"):
            shown = staff.open(link.attributes["href"])
            assert len(references(shown)) == int(link.css_first(".count").text())


def test_late_and_near_are_said_in_words(busy, staff):
    busy.clock.set(busy.now.replace(month=9, day=29))  # Six working days before the date: fewer are near.
    staff.log_in()
    assert references(staff.open("/personal/arenden?tid=snart")) == []
    busy.clock.set(busy.now.replace(month=9, day=30))
    staff.log_in()
    page = staff.open("/personal/arenden?tid=snart")
    assert references(page) == ["PK-2026-0002"]
    assert "5 arbetsdagar kvar" in page.text
    busy.clock.set(busy.now.replace(month=10, day=8))
    start = staff.log_in()
    assert start.title == "1 sak är försenad"
    assert "1 Försenat" in start.text
    assert "1 arbetsdag försenat" in start.text
    assert references(staff.open("/personal/arenden?tid=forsenat")) == ["PK-2026-0002"]


def test_a_search_is_never_in_an_address(busy, staff):
    page = staff.press(staff.open("/personal/arenden"), "Sök", sok="övningsmo")
    assert page.url.endswith("/personal/arenden/sok")
    assert references(page) == ["PK-2026-0002"]
    assert page.form("Sök").fields["sok"] == ["övningsmo"]
    assert not any("vningsmo" in link for link in page.links)
    assert staff.open("/personal/arenden/sok").title == "Öppna ärenden"
    assert "Inget ärende hittades" in staff.press(page, "Sök", sok="bengt").text
    assert staff.press(page, "Sök", sok="  ").title == "Öppna ärenden"


def test_a_whole_case_number_leads_to_the_case(busy, staff):
    page = staff.press(staff.open("/personal"), "Sök", sok="pk-2026-0001")
    assert page.title == "PK-2026-0001"


def test_a_search_takes_a_session_and_its_token(busy, browser):
    assert browser.client.post("/personal/arenden/sok", data={"sok": "eva"}).status_code == 403
    browser.log_in()
    assert browser.client.post("/personal/arenden/sok", data={"sok": "eva", "token": "x"}).status_code == 403


def test_pages_of_the_list_and_of_a_search(house, staff, monkeypatch):
    from inbox_bot import worklist

    monkeypatch.setattr(worklist, "AT_ONCE", 2)
    monkeypatch.setattr(worklist, "MOST_FOUND", 4)
    for number in range(5):
        house.mail("#access", sender=f"person{number}@example.org", message_id=f"<{number}@example.org>")
    house.drain()
    house.flow.dismiss("PK-2026-0001", reason="Det var en fråga.", by="anna")
    first = staff.open("/personal/arenden?visa=alla&ratt=access")
    assert "Sida 1 av 3" in first.text
    seen = references(first)
    page = first
    while more := [link for link in page.tree.css(".pages a") if link.attributes.get("rel") == "next"]:
        page = staff.open(more[0].attributes["href"])
        seen += references(page)
    assert seen == ["PK-2026-0002", "PK-2026-0003", "PK-2026-0004", "PK-2026-0005", "PK-2026-0001"]
    assert references(staff.open("/personal/arenden?sida=99")) == ["PK-2026-0004", "PK-2026-0005"]
    found = staff.press(first, "Sök", sok="person")
    assert "Mer än 4 ärenden" in found.text
    assert references(staff.press(found, "sida=2")) == ["PK-2026-0004", "PK-2026-0005"]


def test_a_search_that_finds_too_much_leaves_out_no_open_case(house, staff, monkeypatch):
    from inbox_bot import worklist

    monkeypatch.setattr(worklist, "MOST_FOUND", 2)
    for number in range(3):
        house.mail("#access", sender=f"person{number}@example.org", message_id=f"<{number}@example.org>")
    house.drain()
    house.flow.dismiss("PK-2026-0003", reason="Det var en fråga.", by="anna")
    page = staff.press(staff.open("/personal/arenden"), "Sök", sok="person")
    assert references(page) == ["PK-2026-0001", "PK-2026-0002"]
    assert "De öppna först, det närmaste datumet överst" in page.text


def test_what_something_waits_for_is_told_apart(house, staff):
    from inbox_bot.outbox.transport import Attempt, Fate

    receipt = house.ask_and_confirm("#erasure")
    house.reply(receipt, "Hur går det?")
    house.drain()
    assert "Nytt brev att läsa" in staff.open("/personal").text
    house.flow.mark_read("PK-2026-0001", upto=9)
    house.transport.answers.append(Attempt(fate=Fate.REFUSED, answer="550 5.1.1"))
    house.flow.acting.say_done("PK-2026-0001", ["Raderat."], by="anna", system="kursplattformen")
    house.flow.approve_case("PK-2026-0001", by="anna", rest=True)
    assert "Svaret är på väg ut" in staff.open("/personal/arenden").text
    house.drain()
    page = staff.open("/personal")
    assert "Ett brev ut behöver dig" in page.text
    assert "1 Brev kom inte fram" in page.text


# Mails that are unsure


def unsure(house, tags="#unsure #erasure", **how):
    house.mail(f"Min medarbetare har slutat. {tags}", subject="Om Anna", sender=f"Chefen <{KALLE}>", **how)
    house.drain()


def test_an_unsure_mail_shows_the_likely_rights_a_press_away(house, staff):
    unsure(house, "#unsure #erasure #access")
    page = staff.open("/personal")
    [card] = page.tree.css("ul.list > li")
    assert "Min medarbetare har slutat." in card.text()
    buttons = card.css("a.button")
    assert [node.text(deep=False).strip() for node in buttons] == [
        "Radering + Registerutdrag",
        "Radering",
        "Registerutdrag",
        "Något annat",
    ]
    form = staff.open(buttons[2].attributes["href"].partition("#")[0])
    assert form.form("do=begaran").fields["begaran"] == ["access"]
    assert house.cases() == []
    assert staff.press(form, "do=begaran").title == "PK-2026-0001"
    assert list(house.states()) == ["access"]


def test_all_unsure_mails_have_a_page_of_their_own(house, staff, monkeypatch):
    from inbox_bot.web.staff import unsure as page_of_unsure

    monkeypatch.setattr(page_of_unsure, "AT_ONCE", 1)
    unsure(house)
    house.mail("#unsure", sender=EVA, subject="Nummer två")
    house.drain()
    page = staff.open("/personal/osakra")
    assert "2 mejl väntar" in page.text
    assert "Om Anna" in page.text
    assert "Nummer två" not in page.text
    assert "Nummer två" in staff.open("/personal/osakra?sida=2").text
    assert "Nummer två" in staff.open("/personal/osakra?sida=7").text, "as when the last of the last page is sorted"
    house.flow.sort(1, [], by="anna")
    house.flow.sort(2, [], by="anna")
    assert "har kunnat avgöra alla mejl" in staff.open("/personal/osakra").text


# Mails that were let go


def test_what_was_let_go_is_listed_by_day_and_fetched_again_on_a_press(house, staff):
    house.mail("Hej, när börjar kursen?", sender=EVA, subject="En hemlighet")
    house.mail("Jag är ledig", sender="lo@example.org", headers={"Auto-Submitted": "auto-replied"})
    house.drain()
    page = staff.open("/personal/ingen-begaran")
    assert "Måndag 7 september 2026" in page.text
    assert [row[1:3] for row in rows(page)] == [["info, inkorgen", "Ingen begäran"], ["info, inkorgen", "Autosvar"]]
    assert "hemlighet" not in page.text
    assert EVA not in page.text
    page = staff.press(page, "Hämta brevet igen")
    assert "Brevet hämtas från brevlådan" in page.text
    assert f"Är på väg till {STAFF}" in page.text
    assert staff.open("/personal/karantan").text.count("Tom.") == 1
    house.drain()
    [card] = staff.open("/personal/osakra").tree.css("ul.list > li")
    assert "En hemlighet" in card.text()
    page = staff.open("/personal/brev/1")
    assert "en person tog fram brevet" in page.text
    assert staff.press(page, "do=begaran", begaran=["access"]).title == "PK-2026-0001"
    assert house.claim().clock.received_at == house.now


def test_an_automatic_mail_fetched_again_is_sorted_by_a_person_too(house, staff):
    house.mail("#access", sender=EVA, headers={"Auto-Submitted": "auto-replied"})
    house.drain()
    staff.press(staff.open("/personal/ingen-begaran"), "Hämta brevet igen")
    house.drain()
    assert house.sql("SELECT state FROM mail") != [("set_aside",)]


def test_sorting_as_none_can_be_undone(house, staff):
    unsure(house)
    page = staff.press(staff.open("/personal/brev/1"), "do=ingen", saker="ja")
    assert "Sorterat: det var ingen begäran." in page.text
    assert [row[2] for row in rows(staff.open("/personal/ingen-begaran"))] == [
        f"En person sorterade det som ingen begäran ({STAFF})"
    ]
    staff.press(page, "Ångra: hämta brevet igen")
    house.drain()
    assert staff.open("/personal/brev/1").title == "Är det här en begäran?"


def test_what_is_no_longer_in_the_mailbox_goes_back_to_where_it_was(house, staff):
    house.mail("Hej", sender=EVA)
    house.drain()
    page = staff.press(staff.open("/personal/ingen-begaran"), "Hämta brevet igen")
    house.mailbox._folders["INBOX"] = (1, [])
    house.drain()
    assert house.sql("SELECT state, reason FROM mail") == [("left", "gone")]
    assert "Fanns inte kvar i brevlådan" in staff.open("/personal/ingen-begaran").text
    assert page.status == 200


@pytest.mark.parametrize("trouble", ["forgotten", "no place", "in a case"])
def test_not_every_mail_can_be_fetched_again(house, staff, trouble):
    house.mail("#access" if trouble == "in a case" else "Hej", sender=EVA)
    house.drain()
    with house.flow.desk.write() as unit:
        if trouble == "no place":
            unit.mailboxes.forget_sightings("info", "INBOX", 1)
        elif trouble == "forgotten":
            [(fingerprint,)] = house.sql("SELECT fingerprint FROM mail")
            unit.person.know_mail("info", fingerprint, house.now, "forgotten")
    assert "Hämta brevet igen" not in staff.open("/personal/ingen-begaran").text
    token = staff.open("/personal/arenden").form("Sök").fields["token"][0]
    answer = staff.client.post("/personal/ingen-begaran/1", data={"token": token})
    assert answer.status_code == 409
    assert "går inte att hämta igen" in answer.text
    house.drain()
    assert house.sql("SELECT count(*) FROM mail WHERE state = 'to_sort'") == [(0,)]


def test_days_are_stockholms_and_turned_one_by_one(house, staff):
    from datetime import timedelta

    for hours in (0, 13.9, 14):
        house.mail("Hej", sender=EVA, at=house.now + timedelta(hours=hours), message_id=f"<{hours}@example.org>")
    house.days(1)
    house.drain()
    staff.log_in()
    page = staff.open("/personal/ingen-begaran")
    assert [row[0] for row in rows(page)] == ["Brev 3, kl. 00.00"]
    [earlier] = [link for link in page.links if "dag=" in link]
    assert [row[0] for row in rows(staff.open(earlier))] == ["Brev 1, kl. 10.00", "Brev 2, kl. 23.54"]
    assert "Inga brev den dagen" in staff.open("/personal/ingen-begaran?dag=2026-01-01").text
    for odd in ("igår", "9999-12-31", "0001-01-01"):
        assert staff.open(f"/personal/ingen-begaran?dag={odd}").status == 200


@pytest.mark.parametrize("follows_up", [False, True])
def test_a_mail_the_program_hesitated_at_says_so(house, staff, monkeypatch, follows_up):
    from inbox_bot.domain.verdict import Outcome, Verdict

    verdict = Verdict(outcome=Outcome.NOT_REQUEST, near=True)
    monkeypatch.setattr(type(house.classifier), "classify", lambda *_: verdict)
    house.mail("Hej", sender=EVA, headers={"In-Reply-To": "<x@example.org>"} if follows_up else None)
    house.drain()
    assert house.sql("SELECT state, reason, verdict FROM mail") == [("left", "near", None)]
    page = staff.open("/personal/ingen-begaran")
    assert "men programmet tvekade" in page.text
    assert page.tree.css("tr.near")
