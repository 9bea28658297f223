"""The pages of figures in a real browser: nothing is blocked, nothing is wider than the phone, and the table can be reached."""

import pytest
from playwright.sync_api import expect

from tests.browser.looking import go, look_over
from tests.browser.test_pages import log_in
from tests.support.house import EVA

pytestmark = pytest.mark.needs("chromium")


def test_the_figures_are_readable_on_a_phone(served, tab, troubles):
    served.work()
    served.house.mail("Radera mitt konto. #erasure #access", sender=EVA)
    served.work()
    log_in(tab, served)
    tab.get_by_text("Mer", exact=True).click()
    go(tab.get_by_role("link", name="Statistik"))
    tab.get_by_label("Begäran som kom in under").select_option("2026-09")
    go(tab.get_by_role("button", name="Visa"))
    expect(tab.get_by_role("heading", level=1)).to_have_text("Statistik: september 2026")
    expect(tab.get_by_role("img", name="Begäran per rättighet")).to_be_visible()
    expect(tab.get_by_role("table", name="Huvudtal för september 2026")).to_be_visible()
    look_over(tab)
    go(tab.get_by_role("link", name="Registret över begäran"))
    expect(tab.get_by_role("row")).to_have_count(3)
    look_over(tab)
    tab.goto(f"{served.url}/personal/kalender")
    tab.get_by_label("Vems kalender är det?").fill("Annas telefon")
    go(tab.get_by_role("button", name="Skapa en adress"))
    expect(tab.get_by_role("heading", name="Din hemliga adress")).to_be_visible()
    look_over(tab)
    assert troubles == []
