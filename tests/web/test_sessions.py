"""Logins end: by time, unused, by hand, by the settings; and a person sees where they are logged in."""

from datetime import timedelta

import pytest

from inbox_bot.web.browser import short_name
from tests.support.house import STAFF

BO = "bo@example.com"
PAGE = "/personal/inloggningar"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"


@pytest.fixture
def two(build):
    return build(staff={"addresses": [STAFF, BO], "roles": {BO: "approve"}, "idle_minutes": 60, "session_hours": 3})


@pytest.fixture
def logged_in(two, serve):
    def enter(address=STAFF, house=two):
        browser = serve(house)
        assert browser.log_in(address).status == 200
        return browser

    return enter


def test_a_login_ends_when_it_lies_unused_and_not_while_it_is_used(two, logged_in):
    browser = logged_in()
    for _ in range(2):
        two.clock.advance(timedelta(minutes=59))
        assert browser.open("/personal").title != "Logga in"
    two.clock.advance(timedelta(minutes=60))
    assert browser.open("/personal").title == "Logga in"
    assert two.sql("SELECT count(*) FROM session") == [(0,)]


def test_a_login_ends_in_the_end_however_much_it_is_used(two, logged_in):
    browser = logged_in()
    for _ in range(3):
        two.clock.advance(timedelta(minutes=59))
        assert browser.open("/personal").title != "Logga in"
    two.clock.advance(timedelta(minutes=3))
    assert browser.open("/personal").title == "Logga in"


def test_use_is_written_down_once_a_minute(two, logged_in):
    browser = logged_in()
    [(opened,)] = two.sql("SELECT seen_at FROM session")
    two.clock.advance(timedelta(seconds=59))
    browser.open(PAGE)
    assert two.sql("SELECT seen_at FROM session") == [(opened,)]
    two.clock.advance(timedelta(seconds=1))
    browser.open(PAGE)
    assert two.sql("SELECT seen_at FROM session") != [(opened,)]


@pytest.mark.parametrize("staff", [{"addresses": [STAFF]}, {"addresses": [STAFF, BO], "roles": {BO: "read"}}])
def test_who_is_taken_out_of_the_settings_or_may_something_else_is_logged_out(two, build, serve, logged_in, staff):
    browser = logged_in(BO)
    mine = logged_in()
    later = serve(build(clock=two.clock, staff=staff))
    for one in (browser, mine):
        later.client.cookies = one.client.cookies
        assert (later.open("/personal").title == "Logga in") == (one is browser)
    # Back in the settings, the old login is not back.
    assert browser.open("/personal").title == "Logga in"


def test_the_hourly_sweep_ends_them_without_a_visit(two, build, logged_in):
    logged_in(BO)
    logged_in()
    build(clock=two.clock, staff={"addresses": [STAFF]}).drain()
    assert two.sql("SELECT address FROM session") == [(STAFF,)]


def test_my_logins_are_listed_and_each_can_be_ended(two, logged_in):
    phone, desk = logged_in(), logged_in()
    page = desk.open(PAGE)
    assert page.title == "Dina inloggningar"
    assert len(page.tree.css("main ul.list > li")) == 2
    assert page.text.count("Den här") == 1
    [(other,)] = two.sql("SELECT min(id) FROM session")
    page = desk.press(page, f"do=avsluta:{other}")
    assert "Inloggningen är avslutad" in page.text
    assert phone.open("/personal").title == "Logga in"
    page = desk.press(page, f"do=avsluta:{two.sql('SELECT id FROM session')[0][0]}")
    assert page.title == "Logga in"


def test_logging_out_everywhere_ends_all_of_mine_and_the_codes_under_way(two, logged_in, serve):
    phone, desk, bo = logged_in(), logged_in(), logged_in(BO)
    fresh = serve(two)
    asked = fresh.press(fresh.open("/personal"), "Skicka en kod", adress=STAFF)
    two.drain()
    assert desk.press(desk.open(PAGE), "do=overallt").title == "Logga in"
    assert "inbox_bot_session" not in desk.client.cookies
    assert phone.open("/personal").title == "Logga in"
    assert bo.open("/personal").title != "Logga in"
    [*_, code] = [letter.code for letter in two.to(STAFF) if "kod" in letter.subject.lower()]
    assert fresh.press(asked, "Logga in", kod=code).status == 422


def test_an_admin_sees_and_ends_others_and_nobody_else_does(two, logged_in):
    admin, bo = logged_in(), logged_in(BO)
    page = admin.open(PAGE)
    assert "Andras inloggningar" in page.text
    [(mine,), (other,)] = two.sql("SELECT id FROM session ORDER BY id")
    theirs = bo.open(PAGE)
    assert STAFF not in theirs.text
    token = theirs.form("do=overallt").fields["token"][0]
    for button, status in ((f"avsluta-annans:{mine}", 403), (f"alla-annans:{STAFF}", 403), (f"avsluta:{mine}", 303)):
        response = bo.client.post(PAGE, data={"token": token, "do": button}, follow_redirects=False)
        assert (button, response.status_code) == (button, status)
    assert two.sql("SELECT count(*) FROM session") == [(2,)]
    page = admin.press(page, f"do=avsluta-annans:{other}")
    assert "Ingen annan är inloggad" in page.text
    assert bo.open("/personal").title == "Logga in"
    assert (STAFF, "session_ended", BO) in two.sql("SELECT by, act, which FROM audit")


def test_an_admin_ends_all_of_one_person(two, logged_in):
    admin, _, _ = logged_in(), logged_in(BO), logged_in(BO)
    admin.press(admin.open(PAGE), f"do=alla-annans:{BO}")
    assert two.sql("SELECT DISTINCT address FROM session") == [(STAFF,)]


@pytest.mark.parametrize("button", ["", "avsluta:x", "alla-annans:okand@example.com", "något"])
def test_any_other_button_ends_nothing(two, logged_in, button):
    admin = logged_in()
    token = admin.open(PAGE).form("do=overallt").fields["token"][0]
    assert admin.client.post(PAGE, data={"token": token, "do": button}).status_code == 409
    assert two.sql("SELECT count(*) FROM session") == [(1,)]


@pytest.mark.parametrize(
    ("said", "name"),
    [(FIREFOX, "Firefox, Windows"), (PHONE, "Safari, iPhone"), ("curl/8", ""), ("", ""), ("X11; Linux", "Linux")],
)
def test_a_browser_is_known_by_a_few_words(said, name):
    assert short_name(said) == name


def test_the_page_says_when_a_login_ends_and_nothing_twice(two, build, logged_in):
    assert "efter 3 timmar, eller när den inte har använts på 1 timme." in logged_in().open(PAGE).text
    alike = build(staff={"addresses": [STAFF], "idle_minutes": 180, "session_hours": 3})
    assert "efter 3 timmar. Du får" in logged_in(house=alike).open(PAGE).text
