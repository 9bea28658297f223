"""Logging in, what one may not do, where one is logged in and the log of views, in a real browser."""

import pytest
from playwright.sync_api import expect

from tests.browser.looking import go, look_over
from tests.support.house import CODE, STAFF
from tests.support.oidc import CLIENT, TENANT

pytestmark = pytest.mark.needs("chromium")

BO = "bo@example.com"
CREW = {"staff": {"addresses": [STAFF, BO], "roles": {BO: "read"}, "idle_minutes": 720}}
OIDC = {"provider": "microsoft", "tenant": TENANT, "client": CLIENT, "client_secret": "not asked in this test"}


def log_in(served, tab, address):
    tab.goto(f"{served.url}/personal")
    tab.get_by_label("Mejladress").first.fill(address)
    go(tab.get_by_role("button", name="Skicka en kod"))
    expect(tab.get_by_role("heading", name="Skriv koden")).to_be_visible()
    served.work()
    [*_, mailed] = [one for one in served.house.to(address) if CODE.search(one.text)]
    tab.get_by_label("Kod").fill(mailed.code)
    go(tab.get_by_role("button", name="Logga in"))


@pytest.mark.parametrize("served", [CREW], indirect=True)
def test_a_reader_sees_and_an_admin_sees_that(served, tab, troubles):
    served.house.mail("Radera mitt konto. #erasure", sender="Kim Ek <kim@example.org>")
    served.work()
    [receipt] = served.house.to("kim@example.org")
    served.house.flow.confirm(receipt.token, receipt.code)
    served.work()
    log_in(served, tab, BO)
    go(tab.get_by_role("link", name="PK-2026-0001").first)
    expect(tab.get_by_role("heading", name="PK-2026-0001")).to_be_visible()
    expect(tab.get_by_role("button", name="Godkänn och skicka")).to_have_count(0)
    look_over(tab, name="case-as-reader")
    tab.goto(f"{served.url}/personal/karantan")
    look_over(tab, name="quarantine-as-reader")
    assert troubles == []
    tab.goto(f"{served.url}/personal/register")
    expect(tab.get_by_role("heading", name="Det får du inte göra")).to_be_visible()
    look_over(tab, name="refused")
    go(tab.get_by_role("button", name="Logga ut"))
    expect(tab.get_by_role("heading", name="Logga in")).to_be_visible()
    log_in(served, tab, STAFF)
    go(tab.get_by_role("link", name="Inloggningar"))
    look_over(tab, name="sessions")
    go(tab.get_by_role("link", name="Åtkomst"))
    expect(tab.get_by_text(f"{BO}: Nekades")).to_be_visible()
    look_over(tab, name="audit")
    tab.get_by_label("Vem").select_option(BO)
    tab.get_by_label("Ärende").fill("PK-2026-0001")
    go(tab.get_by_role("button", name="Visa"))
    expect(tab.get_by_text("Tittade på ärende PK-2026-0001")).to_be_visible()
    expect(tab.get_by_text("Nekades")).to_have_count(0)
    go(tab.get_by_role("link", name="Inloggningar"))
    go(tab.get_by_role("button", name="Logga ut överallt"))
    expect(tab.get_by_role("heading", name="Logga in")).to_be_visible()
    # A page that is refused is a 403, and Chromium says so.
    assert [one for one in troubles if "403" not in one] == []


@pytest.mark.parametrize("served", [{"login": {"oidc": OIDC}}], indirect=True)
def test_the_company_account_stands_first_and_the_code_beside_it(served, tab, troubles):
    tab.goto(f"{served.url}/personal")
    expect(tab.get_by_role("button", name="Logga in med ditt Microsoft-konto på jobbet")).to_be_visible()
    expect(tab.get_by_role("button", name="Skicka en kod")).to_be_visible()
    look_over(tab, name="login-with-account")
    assert troubles == []
