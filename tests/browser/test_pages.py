"""The pages in a real browser: with its own ideas of cookies, origins, frames and widths."""

import pytest

from tests.browser.looking import look_over
from tests.support.house import KALLE, STAFF

pytestmark = pytest.mark.needs("chromium")


def log_in(tab, served):
    tab.goto(f"{served.url}/personal")
    tab.get_by_label("Mejladress").first.fill(STAFF)
    tab.get_by_role("button", name="Skicka en kod").click()
    look_over(tab)
    served.work()
    tab.get_by_label("Kod").fill(served.house.to(STAFF)[-1].code)
    tab.get_by_role("button", name="Logga in").click()
    # Going elsewhere before the page is here would break its loading off, which the browser rightly complains of.
    tab.get_by_role("button", name="Logga ut").wait_for()


def test_the_one_who_asked_confirms(served, tab, troubles):
    served.work()
    served.house.mail("Radera mig. #erasure #access")
    served.work()
    [letter] = served.house.to(KALLE)
    tab.goto(f"{served.url}/identitet/{letter.token}")
    look_over(tab)
    assert served.house.states() == {"erasure": "awaiting_identity", "access": "awaiting_identity"}
    tab.get_by_label("Koden i mejlet från oss").fill(letter.code.lower())
    tab.get_by_role("button", name="Ja, det var jag").click()
    assert tab.get_by_role("heading", level=1).inner_text() == "Tack, nu vet vi att det var du"
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
    tab.keyboard.press("Enter")
    tab.get_by_role("heading", name="Tack, nu vet vi att det var du").wait_for()


def test_staff_answer_a_case(served, tab, troubles):
    served.work()
    served.house.mail("Radera mitt konto. #erasure", subject="Ett_mycket_långt_ord_utan_mellanslag" * 6)
    served.work()
    [letter] = served.house.to(KALLE)
    served.house.flow.confirm(letter.token, letter.code)
    served.work()
    log_in(tab, served)
    assert "1 sak väntar på dig" in tab.get_by_role("heading", level=1).inner_text()
    look_over(tab)
    tab.get_by_role("link", name="PK-2026-0001").click()
    look_over(tab)
    tab.get_by_label("Vad är gjort?").first.fill("Kontot är raderat")
    tab.get_by_label("Var?", exact=True).first.fill("kursplattformen")
    tab.get_by_label("Vilken dag?").first.fill("2026-09-07")
    tab.keyboard.press("Enter")
    assert "Kontot är raderat. Var: kursplattformen." in tab.locator(".letter").inner_text()
    tab.get_by_text("Visa med formatering").click()
    frame = tab.frame_locator("iframe")
    assert "Kontot är raderat" in frame.locator("body").inner_text()
    look_over(tab)
    tab.get_by_label("Jag har tittat: där finns inget om personen.").check()
    tab.get_by_role("button", name="Godkänn och skicka").click()
    assert "Godkänt." in tab.get_by_role("status").inner_text()
    look_over(tab)
    served.work()
    assert served.house.states() == {"erasure": "answered"}
    assert troubles == []
