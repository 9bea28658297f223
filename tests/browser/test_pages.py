"""The pages in a real browser: with its own ideas of cookies, origins, frames and widths."""

import pytest
from playwright.sync_api import expect

from tests.browser.looking import go, look_over
from tests.support.house import KALLE, STAFF

pytestmark = pytest.mark.needs("chromium")


def log_in(tab, served):
    tab.goto(f"{served.url}/personal")
    tab.get_by_label("Mejladress").first.fill(STAFF)
    go(tab.get_by_role("button", name="Skicka en kod"))
    look_over(tab)
    served.work()
    tab.get_by_label("Kod").fill(served.house.to(STAFF)[-1].code)
    go(tab.get_by_role("button", name="Logga in"))
    expect(tab.get_by_role("button", name="Logga ut")).to_be_visible()


def test_the_one_who_asked_confirms(served, tab, troubles):
    served.work()
    served.house.mail("Radera mig. #erasure #access")
    served.work()
    [letter] = served.house.to(KALLE)
    tab.goto(f"{served.url}/identitet/{letter.token}")
    look_over(tab)
    assert served.house.states() == {"erasure": "awaiting_identity", "access": "awaiting_identity"}
    tab.get_by_label("Koden i mejlet från oss").fill(letter.code.lower())
    go(tab.get_by_role("button", name="Ja, det var jag"))
    expect(tab.get_by_role("heading", level=1)).to_have_text("Tack, nu vet vi att det var du")
    look_over(tab)
    assert set(served.house.states().values()) == {"confirmed"}
    assert troubles == []


def test_enter_in_the_field_of_the_code_says_yes(served, tab):
    served.work()
    served.house.mail("Radera mig. #erasure")
    served.work()
    [letter] = served.house.to(KALLE)
    tab.goto(f"{served.url}/identitet/{letter.token}")
    tab.get_by_label("Koden i mejlet från oss").fill(letter.code)
    go(tab.get_by_label("Koden i mejlet från oss"), key="Enter")
    expect(tab.get_by_role("heading", name="Tack, nu vet vi att det var du")).to_be_visible()


def test_staff_answer_a_case(served, tab, troubles):
    served.work()
    served.house.mail("Radera mitt konto. #erasure", subject="Ett_mycket_långt_ord_utan_mellanslag" * 6)
    served.work()
    [letter] = served.house.to(KALLE)
    served.house.flow.confirm(letter.token, letter.code)
    served.work()
    log_in(tab, served)
    expect(tab.get_by_role("heading", level=1)).to_contain_text("1 sak väntar på dig")
    look_over(tab)
    go(tab.get_by_role("link", name="PK-2026-0001"))
    look_over(tab)
    tab.get_by_label("Vad är gjort?").first.fill("Kontot är raderat")
    tab.get_by_label("Var?", exact=True).first.fill("kursplattformen")
    tab.get_by_label("Vilken dag?").first.fill("2026-09-07")
    go(tab.get_by_label("Vilken dag?").first, key="Enter")
    expect(tab.locator(".letter")).to_contain_text("Kontot är raderat. Var: kursplattformen.")
    tab.get_by_text("Visa med formatering").click()
    frame = tab.frame_locator("iframe")
    expect(frame.locator("body")).to_contain_text("Kontot är raderat")
    look_over(tab)
    tab.get_by_label("Jag har tittat: där finns inget om personen.").check()
    go(tab.get_by_role("button", name="Godkänn och skicka"))
    expect(tab.get_by_role("status")).to_contain_text("Godkänt.")
    look_over(tab)
    served.work()
    assert served.house.states() == {"erasure": "answered"}
    assert troubles == []
