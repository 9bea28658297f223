"""Logging in: a code by mail, a session in a cookie, and nothing learnt by trying."""

from datetime import timedelta

import pytest

from tests.support.house import EVA, STAFF

PAGES = (
    "/personal",
    "/personal/arenden",
    "/personal/arenden/sok",
    "/personal/osakra",
    "/personal/ingen-begaran",
    "/personal/arende/PK-2026-0001",
    "/personal/brev/1",
    "/personal/utkorg",
    "/personal/karantan",
    "/personal/karantan/1",
    "/personal/karantan/1/innehall",
    "/personal/sammanfattning",
    "/personal/brev-ut/1",
    "/personal/brev-ut/1/brev.html",
    "/personal/brev-ut/1/bilaga/0",
    "/personal/arende/PK-2026-0001/svar/1/bilaga/1",
    "/personal/incidenter",
    "/personal/incidenter/ny",
    "/personal/incidenter/1",
    "/personal/incidenter/1/dokumentation.txt",
    "/personal/svar/1/brev.html",
    "/personal/arende/PK-2026-0001/mottagare/1",
    "/personal/sparrlista",
    "/personal/sparrlista/lista.txt",
    "/personal/sparrlista/lista.csv",
    "/personal/statistik",
    "/personal/statistik/siffror.csv",
    "/personal/register",
    "/personal/register/register.csv",
    "/personal/kalender",
    "/personal/inloggningar",
    "/personal/atkomst",
    "/personal/atkomst/atkomst.csv",
)
FORMS = (
    "/personal/arende/PK-2026-0001/last",
    "/personal/arende/PK-2026-0001/fraga",
    "/personal/arende/PK-2026-0001/sak",
    "/personal/arende/PK-2026-0001/satt",
    "/personal/arende/PK-2026-0001/lank",
    "/personal/arende/PK-2026-0001/oidentifierad",
    "/personal/arende/PK-2026-0001/avfor",
    "/personal/arende/PK-2026-0001/forlang",
    "/personal/arende/PK-2026-0001/svar/1",
    "/personal/arende/PK-2026-0001/utanfor",
    "/personal/arende/PK-2026-0001/uppgift",
    "/personal/arende/PK-2026-0001/hav",
    "/personal/arende/PK-2026-0001/varna",
    "/personal/arende/PK-2026-0001/mottagare",
    "/personal/arende/PK-2026-0001/mottagare/1",
    "/personal/sparrlista",
    "/personal/brev/1",
    "/personal/brev/1/lagg-till",
    "/personal/utkorg/1",
    "/personal/arende/PK-2026-0001/svar/1/bilaga",
    "/personal/arende/PK-2026-0001/svar/1/bilaga/1",
    "/personal/incidenter",
    "/personal/incidenter/1",
    "/personal/karantan/1",
    "/personal/karantan/in",
    "/personal/kalender",
    "/personal/inloggningar",
    "/personal/arenden/sok",
    "/personal/ingen-begaran/1",
    "/personal/arende/PK-2026-0001/lagg-upp",
    "/personal/logga-ut",
)


def test_a_code_by_mail_opens_a_session(house, browser):
    page = browser.open("/personal/arenden?visa=alla")
    assert page.title == "Logga in"
    page = browser.press(page, "Skicka en kod", adress=f" {STAFF.upper()} ")
    assert page.title == "Skriv koden"
    assert browser.woken, "the worker must hear of the code at once"
    house.drain()
    page = browser.press(page, "Logga in", kod=house.to(STAFF)[-1].code)
    assert page.title == "Alla ärenden"
    assert STAFF in page.text


def test_the_cookie_is_closed_to_scripts_and_other_sites(house, browser):
    page = browser.press(browser.open("/personal"), "Skicka en kod", adress=STAFF)
    house.drain()
    sheet = page.form("Logga in")
    data = sheet.fields | {"kod": house.to(STAFF)[-1].code}
    response = browser.client.post(sheet.action, data=data, follow_redirects=False)
    [cookie] = [value for value in response.headers.get_list("set-cookie") if value.startswith("inbox_bot_session=")]
    for part in ("HttpOnly", "Secure", "SameSite=lax", "Path=/personal", "Max-Age=43200"):
        assert part in cookie


def test_everyone_gets_the_same_answer(house, browser):
    start = browser.open("/personal")
    listed = browser.press(start, "Skicka en kod", adress=STAFF)
    stranger = browser.press(start, "Skicka en kod", adress=EVA)
    assert listed.html.replace(STAFF, "X") == stranger.html.replace(EVA, "X")
    house.drain()
    assert [letter.recipient for letter in house.transport.handed] == [STAFF]


def test_a_wrong_code_opens_nothing(house, browser):
    page = browser.press(browser.open("/personal"), "Skicka en kod", adress=STAFF)
    house.drain()
    page = browser.press(page, "Logga in", kod="BCDF-GHJK")
    assert page.status == 422
    assert "Koden stämmer inte" in page.text
    assert browser.open("/personal").title == "Logga in"
    assert browser.press(page, "Logga in", kod=house.to(STAFF)[-1].code).status == 200


def test_whoever_already_has_a_code_may_type_it_at_once(house, browser):
    browser.press(browser.open("/personal"), "Skicka en kod", adress=STAFF)
    house.drain()
    page = browser.press(browser.open("/personal/logga-in"), "Logga in", adress=STAFF, kod=house.to(STAFF)[-1].code)
    assert page.title == "Inget väntar på dig"
    assert browser.open("/personal/logga-in").title == "Inget väntar på dig"


@pytest.mark.parametrize("address", ["", "anna", "   "])
def test_half_an_address_is_asked_for_again(browser, address):
    page = browser.press(browser.open("/personal"), "Skicka en kod", adress=address)
    assert (page.status, page.title) == (422, "Logga in")
    assert "Skriv hela mejladressen" in page.text


def test_a_code_works_in_the_browser_that_asked_for_it_alone(house, browser, serve):
    other = serve(house)
    page = browser.press(browser.open("/personal"), "Skicka en kod", adress=STAFF)
    house.drain()
    code = house.to(STAFF)[-1].code
    elsewhere = other.press(other.open("/personal/logga-in"), "Logga in", adress=STAFF, kod=code)
    assert (elsewhere.status, "hör till en annan webbläsare" in elsewhere.text) == (422, True)
    assert browser.press(page, "Logga in", kod=code).title == "Inget väntar på dig"


def test_a_stranger_voids_no_code_and_locks_nobody_out(house, browser, serve):
    browser.log_in()
    browser.press(browser.open("/personal"), "Logga ut")
    house.drain()
    house.transport.handed.clear()
    page = browser.press(browser.open("/personal"), "Skicka en kod", adress=STAFF)
    house.drain()
    [mailed] = house.to(STAFF)
    for _ in range(9):
        stranger = serve(house)
        found = stranger.press(stranger.open("/personal"), "Skicka en kod", adress=STAFF)
        assert found.title == "Skriv koden"
        for _ in range(6):
            assert stranger.press(found, "Logga in", kod="BCDF-GHJK").status == 422
    assert browser.press(page, "Logga in", kod=mailed.code).title == "Inget väntar på dig"
    browser.press(browser.open("/personal"), "Logga ut")
    assert browser.log_in().status == 200
    house.drain()
    # The first browser's own three (two of them known), and what is left of the hour for all unknown ones.
    assert len(house.to(STAFF)) == 2 + 5


def test_the_cookie_of_a_visit_is_changed_and_kept_at_login(house, browser):
    page = browser.press(browser.open("/personal"), "Skicka en kod", adress=STAFF)
    before = browser.client.cookies["inbox_bot_visit"]
    house.drain()
    sheet = page.form("Logga in")
    data = sheet.fields | {"kod": house.to(STAFF)[-1].code}
    response = browser.client.post(sheet.action, data=data, follow_redirects=False)
    [cookie] = [value for value in response.headers.get_list("set-cookie") if value.startswith("inbox_bot_visit=")]
    assert before not in cookie
    for part in ("HttpOnly", "Secure", "SameSite=lax", "Path=/personal", "Max-Age=15552000"):
        assert part in cookie
    browser.press(browser.open("/personal"), "Logga ut")
    again = browser.client.get("/personal/logga-in")
    assert not [value for value in again.headers.get_list("set-cookie") if value.startswith("inbox_bot_visit=")]


def test_no_page_opens_without_a_session(house, browser):
    house.ask_and_confirm("#erasure")
    for path in PAGES:
        response = browser.client.get(path, follow_redirects=False)
        assert (path, response.status_code) == (path, 303)
        assert response.headers["location"].startswith("/personal/logga-in")
        assert response.text == ""


def test_no_form_is_taken_without_a_session(house, browser):
    house.ask_and_confirm("#erasure")
    before = house.everything()
    for cookie in ("", "made-up"):
        browser.client.cookies.set("inbox_bot_session", cookie)
        for path in FORMS:
            response = browser.client.post(path, data={"token": "x", "do": "godkann"})
            assert (path, response.status_code) == (path, 403)
            assert "Du är inte inloggad längre" in response.text
    assert house.everything() == before


def test_no_form_is_taken_without_its_token(house, staff):
    house.ask_and_confirm("#erasure")
    before = house.everything()
    for path in FORMS:
        for token in ({}, {"token": ""}, {"token": "0" * 64}, {"token": "å"}):
            response = staff.client.post(path, data={"do": "godkann", "sett": "1"} | token)
            assert (path, token, response.status_code) == (path, token, 403)
    assert house.everything() == before


def test_no_form_is_taken_from_another_site(house, staff):
    house.ask_and_confirm("#erasure")
    token = staff.case().form("do=spara").fields["token"]
    before = house.everything()
    for path in FORMS:
        for headers in (
            {"Origin": "https://evil.example.org"},
            {"Origin": "null"},
            {"Origin": "http://arenden.example.se.evil.example.org"},
            {"Sec-Fetch-Site": "same-site"},
        ):
            response = staff.client.post(path, data={"token": token, "do": "godkann"}, headers=headers)
            assert (path, headers, response.status_code) == (path, headers, 403)
    assert house.everything() == before


def test_every_page_and_form_of_the_staff_is_tried_above(browser):
    """A page added later must be added to the lists above, or it would go untested."""
    listed = {(method, path) for method, paths in (("GET", PAGES), ("POST", FORMS)) for path in paths}
    for route in browser.client.app.routes:
        for method in route.methods - {"HEAD"}:
            if route.path.startswith("/personal") and "logga-in" not in route.path:
                assert any(method == one and route.path_regex.match(path) for one, path in listed), route.path


def test_what_was_typed_is_shown_when_the_session_has_ended(house, staff):
    house.ask_and_confirm("#access")
    page = staff.case()
    house.clock.advance(timedelta(hours=13))
    page = staff.press(page, "do=spara", f__copy="Vi har ditt namn & din <adress> i kursplattformen.")
    assert page.status == 403
    assert "Vi har ditt namn & din <adress> i kursplattformen." in page.text
    assert staff.open("/personal").title == "Logga in"


def test_a_login_page_grown_old_asks_again(browser):
    page = browser.open("/personal")
    browser.client.cookies.clear()
    page = browser.press(page, "Skicka en kod", adress=STAFF)
    assert (page.status, page.title) == (403, "Logga in")
    assert "för gammal" in page.text
    browser.client.cookies.clear()
    page = browser.press(page, "Logga in", adress=STAFF, kod="BCDF-GHJK")
    assert (page.status, page.title) == (403, "Logga in")


def test_logging_out_ends_the_session_everywhere(staff):
    page = staff.open("/personal")
    stolen = staff.client.cookies["inbox_bot_session"]
    assert staff.press(page, "Logga ut").title == "Logga in"
    staff.client.cookies.set("inbox_bot_session", stolen)
    assert staff.open("/personal").title == "Logga in"


@pytest.mark.parametrize(
    "wanted",
    ["https://evil.example.org", "//evil.example.org", "/personal/../../x//y", "/personal\\x", "/halsa", "/personalx"],
)
def test_no_link_leads_a_login_elsewhere(house, browser, wanted):
    page = browser.open("/personal/logga-in", params={"till": wanted})
    page = browser.press(page, "Skicka en kod", adress=STAFF)
    house.drain()
    sheet = page.form("Logga in")
    data = sheet.fields | {"kod": house.to(STAFF)[-1].code, "till": wanted}
    response = browser.client.post(sheet.action, data=data, follow_redirects=False)
    assert response.headers["location"] == "/personal"


def test_a_code_that_cannot_be_written_is_no_error_page(house, browser, monkeypatch, capsys):
    def broken(*_):
        raise RuntimeError(STAFF)

    monkeypatch.setattr(type(house.flow), "request_login", broken)
    assert browser.press(browser.open("/personal"), "Skicka en kod", adress=STAFF).title == "Skriv koden"
    shown = "".join(capsys.readouterr())
    assert "login_code_failed" in shown
    assert STAFF not in shown
