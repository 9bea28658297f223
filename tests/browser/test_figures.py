"""The pages of figures in a real browser: nothing is blocked, nothing is wider than the phone, and the table can be reached."""

import pytest

from tests.browser.looking import look_over
from tests.browser.test_pages import log_in
from tests.support.house import EVA

pytestmark = pytest.mark.needs("chromium")


def test_the_figures_are_readable_on_a_phone(served, tab, troubles):
    served.work()
    served.house.mail("Radera mitt konto. #erasure #access", sender=EVA)
    served.work()
    log_in(tab, served)
    tab.get_by_text("Mer", exact=True).click()
    tab.get_by_role("link", name="Statistik").click()
    tab.get_by_label("Begäran som kom in under").select_option("2026-09")
    tab.get_by_role("button", name="Visa").click()
    assert tab.get_by_role("heading", level=1).inner_text() == "Statistik: september 2026"
    assert tab.get_by_role("img", name="Begäran per rättighet").is_visible()
    assert tab.get_by_role("table", name="Huvudtal för september 2026").is_visible()
    look_over(tab)
    tab.get_by_role("link", name="Registret över begäran").click()
    assert tab.get_by_role("row").count() == 3
    look_over(tab)
    tab.goto(f"{served.url}/personal/kalender")
    tab.get_by_label("Vems kalender är det?").fill("Annas telefon")
    tab.get_by_role("button", name="Skapa en adress").click()
    tab.get_by_role("heading", name="Din hemliga adress").wait_for()
    look_over(tab)
    assert troubles == []
