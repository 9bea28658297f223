"""What the person who asked does behind a link and a code: sees how it goes, corrects us, takes it back."""

import re
from urllib.parse import urljoin, urlsplit

import pytest

from inbox_bot.errors import NotAllowedError
from tests.support.house import CODE, KALLE
from tests.web.browsing import Page

STATUS = re.compile(r"/arende/([\w-]{20,})")


def own(letter):
    """Return the path of the page that a letter leads to."""
    return f"/arende/{letter.token if '/identitet/' in letter.text else STATUS.findall(letter.text)[0]}"


@pytest.fixture
def receipt(house):
    return house.ask("Hej! #erasure #access")


def enter(house, browser, letter, language=""):
    """Ask for a code on the page, and type it."""
    page = browser.press(
        browser.open(own(letter) + language), "Send me a code" if language else "Skicka en kod till mig"
    )
    house.drain()
    code = CODE.findall(house.to()[-1].text)[0]
    return browser.press(page, "Show my case" if language else "Visa mitt ärende", kod=code)


@pytest.fixture
def inside(house, browser, receipt):
    """The page of a confirmed case, after the code."""
    return confirm(house, browser, receipt)


def confirm(house, browser, receipt):
    page = browser.press(browser.open(f"/identitet/{receipt.token}"), "svar=ja", kod=receipt.code)
    house.drain()
    return browser.open(next(link for link in page.links if link.startswith("/arende/")))


def link_to(page, end):
    return next(link for link in page.links if link.endswith(end))


def record_erasure(house):
    """Fill in the answer to the erasure, ready to be approved; return its draft's id."""
    answer = next(view.record for view in house.file().drafts if view.record.letter == "granted_erasure")
    done = [{"what": "Kontot är raderat", "system": "kursplattformen", "on": "2026-09-07"}]
    house.flow.edit(answer.id, values={"actions": done}, by="anna")
    return answer.id


def test_before_the_code_the_page_says_stage_and_date_and_nothing_of_the_person(house, browser, receipt):
    page = browser.open(own(receipt))
    assert page.title == "Vi väntar på att du bekräftar"
    assert "senast 7 oktober 2026" in page.text
    assert "PK-2026-0001" in page.text
    for told in ("raderade", "vilka uppgifter", "Kalle", KALLE, receipt.code):
        assert told not in page.html


@pytest.mark.parametrize("token", ["%E2%86%92", "a%0D%0Ab", "a%3Bb"])
def test_what_stands_for_a_token_is_no_part_of_a_header(browser, token):
    answer = browser.client.post(f"/arende/{token}/ut", follow_redirects=False)
    assert answer.status_code == 303
    [cookie] = answer.headers.get_list("set-cookie")
    assert f"Path=/arende/{token};" in cookie


@pytest.mark.parametrize(
    ("language", "words"), [("", "Skriv koden och bekräfta"), ("?sprak=en", "Type the code and confirm")]
)
def test_who_is_asked_to_type_the_code_is_led_to_where(house, browser, receipt, language, words):
    """The button for a code of this page's own is no way to confirm: it stands second."""
    page = browser.open(own(receipt) + language)
    [main] = page.tree.css("main .primary")
    assert (main.text(), main.attributes["href"]) == (words, f"/identitet/{receipt.token}{language}")
    assert browser.open(main.attributes["href"]).tree.css_first("input[name=kod]") is not None
    house.flow.confirm(receipt.token, receipt.code)
    house.drain()
    page = browser.open(own(receipt) + language)
    assert words not in page.text
    assert page.tree.css_first("main .primary").tag == "button"


def test_confirming_opens_the_page_without_another_code(house, inside):
    assert "Du vill få uppgifter om dig raderade." in inside.text
    assert "Du vill få veta vilka uppgifter vi har om dig." in inside.text
    assert len(house.to()) == 1


def test_a_code_mailed_anew_opens_the_page_in_that_browser_alone(house, serve, browser, receipt):
    shown = enter(house, browser, receipt)
    assert "Du vill få uppgifter om dig raderade." in shown.text
    stranger = serve(house)
    assert "raderade" not in stranger.open(own(receipt)).text
    code = CODE.findall(house.to()[-1].text)[0]
    answer = stranger.client.post(f"{own(receipt)}/in", data={"kod": code})
    assert (answer.status_code, "raderade" in answer.text) == (410, False)
    assert "/identitet/" not in house.to()[-1].text
    assert "/arende/" not in house.to()[-1].text


def test_the_page_closes_after_a_while_and_at_once_when_the_person_says_so(house, browser, receipt):
    enter(house, browser, receipt)
    house.days(31 / 60 / 24)
    assert "raderade" not in browser.open(own(receipt)).text
    page = enter(house, browser, receipt)
    assert "raderade" in page.text
    page = browser.press(page, "Jag är klar, stäng sidan")
    assert "raderade" not in page.text


def test_wrong_codes_are_counted_on_the_visit(house, serve, browser, receipt):
    page = browser.press(browser.open(own(receipt)), "Skicka en kod till mig")
    house.drain()
    right = CODE.findall(house.to()[-1].text)[0]
    for left in (4, 3, 2, 1):
        page = browser.press(page, "Visa mitt ärende", kod="BCDF-GHJK")
        assert f"Du har {left} försök kvar" in page.text
    page = browser.press(page, "Visa mitt ärende", kod="BCDF-GHJK")
    assert (page.status, page.title) == (403, "Koden gäller inte längre")
    assert browser.client.post(f"{own(receipt)}/in", data={"kod": right}).status_code == 403
    assert house.states() == {"access": "awaiting_identity", "erasure": "awaiting_identity"}
    assert "raderade" in enter(house, serve(house), receipt).text


def test_a_question_that_is_answered_lets_nobody_in_by_a_wrong_code(house, serve, receipt, inside):
    stranger = serve(house)
    answer = stranger.client.post(f"/identitet/{receipt.token}", data={"kod": "BCDF-GHJK", "svar": "ja"})
    assert answer.status_code == 200
    assert "raderade" not in stranger.open(own(receipt)).text


def test_a_right_that_is_added_starts_its_clock_then_and_the_first_keeps_its_own(house, browser, inside):
    house.days(10 / 60 / 24)
    form = browser.open(link_to(inside, "/andra"))
    assert "få uppgifter om dig raderade. Det fortsätter vi med" in form.text
    thanks = browser.press(form, "Skicka", ratt="rectification", ord="Jag menade att namnet är fel.")
    assert thanks.title == "Tack, vi har fått det"
    house.drain()
    received = {claim.claim.right.value: claim.clock.received_at for claim in house.case().claims}
    assert received["rectification"] == house.now
    assert received["erasure"] == received["access"] < house.now
    [mail] = [mail for mail in house.file().mails if mail.unread]
    assert (mail.mailbox, mail.message.sender.address) == ("sidan", KALLE)
    assert "Rättelse" in mail.message.reply_text
    assert "Jag menade att namnet är fel." in mail.message.reply_text
    # Who has confirmed in the case is not asked again; the receipt tells of the new right and its day.
    assert house.states()["rectification"] in {"answer_due", "awaiting_approval"}
    assert "rättade" in house.to()[-1].text


def test_words_alone_reach_a_person_and_are_read_as_any_mail(house, browser, inside):
    form = browser.open(link_to(inside, "/andra"))
    assert browser.press(form, "Skicka").status == 422
    browser.press(form, "Skicka", ord="Det gäller bara kursen i maj.")
    house.drain()
    [mail] = [mail for mail in house.file().mails if mail.unread]
    assert mail.message.reply_text == "Det gäller bara kursen i maj."
    browser.press(form, "Skicka", ord="Spärra också mina uppgifter #restriction")
    house.drain()
    assert "restriction" in house.states()


def test_taking_one_back_asks_once_more_and_ends_that_one_alone(house, browser, inside):
    assert house.states() == {"access": "awaiting_approval", "erasure": "awaiting_approval"}
    pick = browser.open(link_to(inside, "/ta-tillbaka"))
    erasure = next(claim for claim in house.case().claims if claim.claim.right.value == "erasure")
    assert browser.press(pick, "Gå vidare").status == 422
    sure = browser.press(pick, "Gå vidare", **{"del": str(erasure.id)})
    assert sure.title == "Vill du ta tillbaka det här?"
    assert house.states()["erasure"] == "awaiting_approval"
    done = browser.press(sure, "Ja, ta tillbaka", ord="Jag ångrade mig.")
    assert done.title == "Nu är det återtaget"
    house.drain()
    assert house.states() == {"access": "awaiting_approval", "erasure": "withdrawn"}
    assert len(house.file().drafts) == 2
    assert house.draft().letter == "granted_access"
    [mail] = [mail for mail in house.file().mails if mail.unread]
    assert "Radering" in mail.message.reply_text
    assert "Jag ångrade mig." in mail.message.reply_text
    letter = house.to()[-1]
    assert letter.subject == "Du har tagit tillbaka din begäran (PK-2026-0001)"
    assert "få veta" in letter.text.partition("Det här arbetar vi fortfarande med")[2]
    # Asked anew it gets a clock of its own.
    house.reply(letter, "Jag ångrade mig igen #erasure")
    house.drain()
    assert house.states("PK-2026-0002") == {"erasure": "awaiting_identity"}


def test_taking_all_back_closes_the_case_and_stops_what_has_not_left(house, browser):
    inside = confirm(house, browser, house.ask("#erasure #rectification"))
    answer_id = record_erasure(house)
    approved = house.flow.approve(answer_id, by="anna", rest=True)
    pick = browser.open(link_to(inside, "/ta-tillbaka"))
    browser.press(browser.press(pick, "Gå vidare", **{"del": "alla"}), "Ja, ta tillbaka")
    house.drain()
    assert set(house.states().values()) == {"withdrawn"}
    assert house.case().state.value == "closed"
    assert next(letter for letter in house.letters() if letter.id == approved).state.value == "void"
    assert not any(letter.name.startswith("granted") for letter in house.letters() if letter.state.value != "void")
    assert browser.open(own(house.to()[0])).title == "Begäran är återtagen"


def test_an_answer_that_has_left_cannot_be_taken_back(house, browser):
    inside = confirm(house, browser, house.ask("#erasure #rectification"))
    answer_id = record_erasure(house)
    pick = browser.open(link_to(inside, "/ta-tillbaka"))
    erasure = next(claim for claim in house.case().claims if claim.claim.right.value == "erasure")
    sure = browser.press(pick, "Gå vidare", **{"del": str(erasure.id)})
    house.flow.approve(answer_id, by="anna", rest=True)
    house.drain()
    assert house.states()["erasure"] == "answered"
    done = browser.press(sure, "Ja, ta tillbaka")
    assert done.title == "Inget är återtaget"
    assert house.states() == {"rectification": "awaiting_approval", "erasure": "answered"}
    assert "Besvarat 7 september 2026" in browser.open(own(house.to()[0])).text


def test_a_receipt_without_a_question_has_the_link_too(house, browser):
    letter = house.ask("Sluta skicka reklam #marketing")
    page = browser.open(own(letter))
    assert page.title == "Vi arbetar med det"
    shown = enter(house, browser, letter)
    assert "Du vill slippa reklam." in shown.text


def test_without_a_code_nothing_is_done_however_it_is_sent(house, browser, receipt):
    before = house.everything()
    for end, sent in (
        ("/in", {"kod": ""}),
        ("/andra", {"ratt": "portability", "ord": "x"}),
        ("/ta-tillbaka", {"del": "alla"}),
        ("/ta-tillbaka/ja", {"del": "alla"}),
        ("/ut", {}),
    ):
        browser.client.post(own(receipt) + end, data=sent)
    after = house.everything()
    links, _ = after.pop("page_link"), before.pop("page_link")
    assert after == before
    assert links[0][-1] == 4


def test_the_page_speaks_the_persons_language_or_the_one_they_choose(house, browser):
    letter = house.ask("#access #english")
    page = browser.open(own(letter))
    assert (page.title, page.tree.css_first("html").attributes["lang"]) == ("We are waiting for you to confirm", "en")
    other = browser.open(next(link for link in page.links if "sprak=sv" in link))
    assert other.title == "Vi väntar på att du bekräftar"
    shown = enter(house, browser, letter, "?sprak=en")
    assert "You want to be told what data we have about you." in shown.text


def test_an_old_link_says_which_to_use_and_a_forgotten_case_says_so(house, browser, receipt):
    house.days(1)
    house.flow.ask_again("PK-2026-0001", by="anna")
    house.drain()
    page = browser.open(f"/identitet/{receipt.token}")
    assert "nyare länk till samma adress, den 8 september 2026" in page.text
    assert browser.open(own(receipt)).title == "Vi väntar på att du bekräftar"


def test_the_page_ends_calmly_when_the_case_is_emptied(house, browser, inside, receipt):
    pick = browser.open(link_to(inside, "/ta-tillbaka"))
    browser.press(browser.press(pick, "Gå vidare", **{"del": "alla"}), "Ja, ta tillbaka")
    house.drain()
    house.flow.mark_read("PK-2026-0001", upto=999)
    house.days(28)
    assert browser.open(f"/identitet/{receipt.token}").status == 200
    house.days(800)
    house.drain()
    for path in (own(receipt), f"/identitet/{receipt.token}"):
        page = browser.open(path)
        assert (page.status, page.title) == (410, "Sidan är avslutad")
    assert "Vi känner inte igen länken" in browser.open("/arende/nonsense").text


def test_the_page_about_the_pages_names_the_one_cookie(house, browser, receipt):
    for language, title in (("sv", "Om sidan"), ("en", "About this page")):
        page = browser.open(f"/om?sprak={language}")
        assert page.title == title
        assert "inbox_bot_besok" in page.text
    browser.press(browser.open(own(receipt)), "Skicka en kod till mig")
    assert [cookie.name for cookie in browser.client.cookies.jar] == ["inbox_bot_besok"]
    [cookie] = browser.client.cookies.jar
    assert cookie.path == own(receipt)
    assert cookie.expires is None


class Scanner:
    """Opens every link of a mail and of every page behind it, and presses every button; it never types a code."""

    def __init__(self, browser, *, forgetful):
        self.browser, self.forgetful = browser, forgetful
        self.seen = set()
        self.pages = 0

    def scan(self, letter):
        for link in re.findall(r"https?://[^\s\"<>]+", letter.text):
            self.visit(urlsplit(link).path)

    def visit(self, path):
        if path in self.seen or path.startswith(("mailto:", "/personal", "/stil")) or len(self.seen) > 150:
            return
        self.seen.add(path)
        if self.forgetful:
            self.browser.client.cookies.clear()
        self.work_through(self.browser.open(path))

    def work_through(self, page: Page):
        self.pages += 1
        for link in page.links:
            self.visit(urljoin(urlsplit(page.url).path, link))
        for node in page.tree.css("form button"):
            name, value, text = (node.attributes.get("name"), node.attributes.get("value"), node.text(strip=True))
            button = f"{name}={value}" if name else text
            key = (urlsplit(page.url).path, page.form(button).action, button)
            if key not in self.seen:
                self.seen.add(key)
                self.work_through(self.browser.press(page, button))


@pytest.mark.parametrize("forgetful", [False, True])
@pytest.mark.parametrize(
    "words", ["#erasure #access", "#erasure #access #english", "#marketing", "#marketing #english"]
)
def test_a_scanner_that_opens_and_presses_everything_counts_as_nobody(house, browser, words, forgetful):
    letter = house.ask(words)
    kept = ("case", "claim", "challenge", "draft", "mail", "example", "suppression")
    before = {table: house.sql(f'SELECT * FROM "{table}"') for table in kept}
    scanner = Scanner(browser, forgetful=forgetful)
    scanner.scan(letter)
    assert scanner.pages > 4
    assert {table: house.sql(f'SELECT * FROM "{table}"') for table in kept} == before
    assert house.sql("SELECT count(*) FROM page_visit WHERE entered") == [(0,)]
    for event in ("identity_confirmed", "identity_failed", "disowned", "withdrawn", "page_opened", "page_written"):
        assert event not in house.events()
    # What it was sent: a code or three to the person's own address, without a link to press on.
    house.drain()
    codes = house.to()[1:]
    assert 1 <= len(codes) <= 3
    assert not any("http" in letter.text.partition("---")[0] for letter in codes)
    [(opened, pressed)] = house.sql("SELECT opened, pressed FROM page_link")
    assert opened
    assert pressed


def put(house, name="Uppgifter om dig.csv", content=b"namn,kurs\nKalle,PM\n"):
    return house.flow.acting.deliver("PK-2026-0001", name=name, content=content, right=None, by="anna")


def answer(house):
    house.flow.edit(house.draft().id, values={"copy": "Kopian finns i filen."}, by="anna")
    house.flow.approve(house.draft().id, by="anna", rest=True)
    house.drain()


def test_a_file_is_fetched_with_a_code_mailed_for_it(house, serve, browser):
    confirm(house, browser, house.ask("#portability"))
    put(house, content=b"fel fil")
    put(house)
    assert "Uppgifter om dig" not in browser.open(own(house.to()[0])).text
    answer(house)
    told = house.to()[-1]
    assert "Filen ligger kvar till och med onsdag 7 oktober 2026." in told.text
    # The visit that the question of identity opened is not enough: a file takes a code of its own.
    page = browser.open(own(told))
    assert "Uppgifter om dig" not in page.text
    assert "Uppgifter om dig" in browser.open(own(house.to()[0])).text
    assert browser.client.post(f"{own(house.to()[0])}/fil/2").status_code == 403
    page = enter(house, browser, told)
    action = page.form("Hämta filen").action
    got = browser.client.post(action)
    assert (got.status_code, got.content) == (200, b"namn,kurs\nKalle,PM\n")
    assert got.headers["content-disposition"] == "attachment; filename*=UTF-8''Uppgifter%20om%20dig.csv"
    assert (got.headers["cache-control"], got.headers["x-content-type-options"]) == ("no-store", "nosniff")
    assert house.events().count("file_fetched") == 1
    assert house.sql("SELECT name, fetched FROM deliverable ORDER BY id") == [("", 0), ("Uppgifter om dig.csv", 1)]
    assert serve(house).client.post(action).status_code == 403
    assert browser.client.get(action).status_code == 405


def test_a_file_is_gone_after_its_day_and_can_be_asked_for_again(house, browser):
    confirm(house, browser, house.ask("#portability"))
    put(house)
    answer(house)
    told = house.to()[-1]
    action = enter(house, browser, told).form("Hämta filen").action
    house.days(31)
    house.drain()
    assert house.sql("SELECT content, name FROM deliverable") == [(b"", "")]
    page = enter(house, browser, told)
    assert "Filen ligger inte kvar" in page.text
    assert browser.client.post(action).status_code == 403
    form = browser.open(link_to(page, "/andra"))
    browser.press(form, "Skicka", ratt="portability")
    house.drain()
    assert house.states("PK-2026-0002") == {"portability": "awaiting_identity"}


def test_staff_put_a_file_on_the_page_of_the_case(house, staff):
    confirm(house, staff, house.ask("#access"))
    page = staff.case()
    token = page.form("Lägg upp filen").fields["token"][0]
    files = {"fil": ("kopia.csv", b"a,b")}
    staff.client.post("/personal/arende/PK-2026-0001/lagg-upp", data={"token": token}, files=files)
    page = staff.case()
    assert "kopia.csv" in page.text
    assert "Syns när svaret är godkänt och skickat" in page.text
    assert "file_put" in house.events()


def test_no_file_is_put_before_it_is_known_who_asks(house, receipt):
    with pytest.raises(NotAllowedError, match="confirmed who asks"):
        put(house)
    with pytest.raises(NotAllowedError, match="empty"):
        put(house, content=b"")


def test_a_file_named_after_another_case_is_not_put_there(house, browser):
    confirm(house, browser, house.ask("#access"))
    with pytest.raises(NotAllowedError, match="another case"):
        put(house, name="uppgifter PK-2026-0002.csv")
    assert house.sql("SELECT id FROM deliverable") == []
    put(house, name="PK-2026-0001 kopia-2026-1123.csv")


def test_a_file_for_what_was_taken_back_goes(house, browser):
    inside = confirm(house, browser, house.ask("#access"))
    put(house)
    pick = browser.open(link_to(inside, "/ta-tillbaka"))
    browser.press(browser.press(pick, "Gå vidare"), "Ja, ta tillbaka")
    house.days(1)
    house.drain()
    assert house.sql("SELECT content FROM deliverable") == [(b"",)]
