"""Logging in with the company's own accounts, against a real provider on this machine: who gets in, and all who must not."""

import re
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from inbox_bot import assembly
from inbox_bot.clock import SetClock
from inbox_bot.errors import SettingsError, SignInError
from tests.conftest import make_settings
from tests.support.house import CODE, EVA, STAFF, START
from tests.support.oidc import TENANT, Provider, ProviderServer

ANNA = {"tid": TENANT, "preferred_username": "Anna@example.com"}
BUTTON = "Logga in med ditt Microsoft-konto på jobbet"
REFUSED = "Inloggningen med arbetskonto gick inte"


@pytest.fixture
def clock():
    return SetClock(START)


@pytest.fixture
def provider(clock):
    found = Provider(clock=clock, account=dict(ANNA))
    with ProviderServer(found):
        yield found


@pytest.fixture
def house(build, provider, clock):
    return build(clock=clock, login={"oidc": provider.settings()})


def away(browser, page=None, button=BUTTON):
    """Press the button and return where the browser is sent."""
    page = browser.press(page or browser.open("/personal"), button)
    assert page.status == 200, page.text
    address = page.headers["refresh"].removeprefix("0;url=")
    assert address in [unescape(link) for link in page.links]
    return address


def logged_in_there(address):
    """Let the person log in at the provider and return where it sends the browser."""
    response = httpx.get(address)
    assert response.status_code == 302
    return response.headers["location"].removeprefix("https://arenden.example.se")


def sign_in(browser):
    return browser.open(logged_in_there(away(browser)))


def assert_refused(house, browser, page, status=403):
    assert (page.status, page.title) == (status, "Logga in")
    assert "inbox_bot_session" not in browser.client.cookies
    assert house.sql("SELECT count(*) FROM session") == [(0,)]


def test_a_listed_account_gets_in_and_to_where_it_was_going(house, browser):
    address = away(browser, browser.open("/personal/arenden?visa=alla"))
    asked = {name: value[0] for name, value in parse_qs(urlsplit(address).query).items()}
    assert asked["redirect_uri"] == "https://arenden.example.se/personal/logga-in/konto/svar"
    assert {"state", "nonce", "code_challenge"} <= set(asked)
    page = browser.open(logged_in_there(address))
    assert page.title == "Alla ärenden"
    assert f"Inloggad som {STAFF}" in page.text
    assert house.sql("SELECT address, way, role FROM session") == [(STAFF, "oidc", "admin")]
    assert house.sql("SELECT act, detail FROM audit WHERE act = 'logged_in'") == [("logged_in", "oidc")]
    kept = repr(house.everything())
    assert not [secret for secret in (asked["state"], asked["nonce"]) if secret in kept]


def test_the_browser_is_known_afterwards_and_a_code_still_works(house, browser):
    sign_in(browser)
    assert house.sql("SELECT address FROM browser") == [(STAFF,)]
    browser.press(browser.open("/personal"), "Logga ut")
    assert browser.log_in().title == "Inget väntar på dig"


def test_whoever_is_not_listed_and_whatever_does_not_hold_opens_nothing(house, browser, provider, capsys):
    """One of each kind: tests/access/test_oidc.py tries every claim and signature."""
    for more in ({"preferred_username": EVA}, {"nonce": "another"}, {"acct": 1}):
        provider.more = more
        page = sign_in(browser)
        assert_refused(house, browser, page)
        assert REFUSED in page.text
    shown = "".join(capsys.readouterr())
    assert shown.count("sign_in_refused") == 3
    assert EVA not in shown


def test_a_state_works_once(house, browser):
    back = logged_in_there(away(browser))
    browser.open(back)
    browser.press(browser.open("/personal"), "Logga ut")
    assert_refused(house, browser, browser.open(back))


def test_a_code_works_once(house, browser):
    first = logged_in_there(away(browser))
    code = parse_qs(urlsplit(first).query)["code"][0]
    browser.open(first)
    browser.press(browser.open("/personal"), "Logga ut")
    second = re.sub("code=[^&]+", f"code={code}", logged_in_there(away(browser)))
    assert_refused(house, browser, browser.open(second))


def test_a_state_belongs_to_the_browser_that_began(house, browser, serve):
    other = serve(house)
    back = logged_in_there(away(browser))
    assert_refused(house, other, other.open(back))
    other.open("/personal")
    assert_refused(house, other, other.open(back))
    assert browser.open(back).title == "Inget väntar på dig", "the stranger's try took nothing from its owner"


def test_a_state_ends(house, browser):
    back = logged_in_there(away(browser))
    house.clock.advance(timedelta(minutes=10))
    assert_refused(house, browser, browser.open(back))
    house.clock.advance(timedelta(hours=1))
    house.drain()
    assert house.sql("SELECT count(*) FROM departure") == [(0,)]


def test_a_made_up_return_asks_the_provider_nothing(house, browser, provider):
    browser.open("/personal")
    for query in ("", "?code=x", "?state=x", "?code=x&state=x", "?error=access_denied&state=x"):
        assert_refused(house, browser, browser.open(f"/personal/logga-in/konto/svar{query}"))
    assert provider.asked == []


def test_another_issuer_in_the_return_is_refused(house, browser, provider):
    back = logged_in_there(away(browser))
    asked = len(provider.asked)
    assert_refused(house, browser, browser.open(f"{back}&iss=https%3A%2F%2Fevil.example.org"))
    assert len(provider.asked) == asked


def test_a_form_from_elsewhere_sends_nobody_away(house, browser):
    page = browser.open("/personal")
    sheet = page.form(BUTTON)
    assert browser.client.post(sheet.action, data={"token": "x", "till": "/personal"}).status_code == 403
    evil = browser.client.post(sheet.action, data=sheet.fields, headers={"Origin": "https://evil.example.org"})
    assert evil.status_code == 403
    assert house.sql("SELECT count(*) FROM departure") == [(0,)]


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_outage_leaves_the_code_by_mail(house, browser, provider, when):
    if when == "after":
        back = logged_in_there(away(browser))
        provider.failing = 503
        page = browser.open(back)
    else:
        provider.failing = 503
        page = browser.press(browser.open("/personal"), BUTTON)
    assert_refused(house, browser, page, status=503)
    assert "Logga in med en kod i stället" in page.text
    assert browser.log_in().title == "Inget väntar på dig"


def test_the_settings_may_forbid_codes(build, serve, provider, clock):
    house = build(clock=clock, login={"codes": False, "oidc": provider.settings()})
    browser = serve(house)
    page = browser.open("/personal")
    assert "Skicka en kod" not in page.text
    house.flow.request_login(STAFF, "visit")
    assert house.sql("SELECT count(*) FROM letter WHERE name = 'staff_login'") == [(0,)]
    assert sign_in(browser).title == "Inget väntar på dig"


def test_codes_that_were_mailed_before_they_were_forbidden_open_nothing(house, build, provider):
    house.flow.request_login(STAFF, "visit")
    house.drain()
    later = build(clock=house.clock, login={"codes": False, "oidc": provider.settings()})
    [mailed] = [letter for letter in house.to(STAFF) if CODE.search(letter.text)]
    assert later.flow.log_in(STAFF, mailed.code, "visit") is None
    assert house.flow.log_in(STAFF, mailed.code, "visit") is not None


def test_without_a_provider_there_is_no_such_door(build, serve):
    browser = serve(build())
    assert "arbetskonto" not in browser.open("/personal").text
    assert browser.open("/personal/logga-in/konto/svar?code=x&state=x").status == 409


def test_an_account_that_is_called_otherwise_leads_to_its_staff_address(build, serve, provider, clock):
    provider.account["preferred_username"] = "anna@firma.example.com"
    known = {"anna@firma.example.com": STAFF}
    browser = serve(build(clock=clock, login={"oidc": provider.settings(accounts=known)}))
    assert f"Inloggad som {STAFF}" in sign_in(browser).text


def test_google_has_a_button_of_its_own(build, serve, provider, clock):
    provider.account = {"email": STAFF, "email_verified": True, "hd": "example.com"}
    browser = serve(build(clock=clock, login={"oidc": provider.settings("google")}))
    address = away(browser, button="Logga in med ditt Google-konto på jobbet")
    assert "hd=example.com" in address
    assert browser.open(logged_in_there(address)).title == "Inget väntar på dig"


def test_the_check_tries_the_discovery_document_and_the_keys(provider, clock):
    settings = make_settings(login={"oidc": provider.settings()})
    said = assembly.login_report(settings)
    assert f"{provider.issuer} answers, 1 key(s)" in said
    assert "https://arenden.example.se/personal/logga-in/konto/svar" in said
    assert assembly.login_report(make_settings()) == "codes by mail"
    provider.says_issuer = "https://evil.example.org"
    with pytest.raises(SignInError, match="names another issuer"):
        assembly.login_report(settings)
    provider.says_issuer, provider.failing = "", 500
    with pytest.raises(SignInError, match="it answered 500"):
        assembly.login_report(settings)


def test_somebody_must_be_able_to_log_in():
    with pytest.raises(SettingsError, match="nobody could log in"):
        make_settings(login={"codes": False})
