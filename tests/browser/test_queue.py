"""The list of work in a real browser: on a phone and on a desk, by roles and labels alone."""

import pytest
from playwright.sync_api import expect

from tests.browser.looking import go, look_over
from tests.browser.test_pages import log_in
from tests.support.house import EVA, KALLE

pytestmark = pytest.mark.needs("chromium")


def busy(served):
    """Make cases that wait for everybody, unsure mails and mails that were let go."""
    house = served.house
    served.work()
    house.mail("Radera mitt konto. #erasure", sender=f"Eva Övningsmo <{EVA}>", subject="Kurskontot")
    house.mail("#access #erasure", sender=f"Kalle Exempelsson <{KALLE}>")
    house.mail("#marketing", sender="en.mycket.lang.adress.utan.namn@post.example.org")
    text = "Hej, min medarbetare har slutat hos oss. Kan ni ta bort hennes konto och skicka det ni har? #unsure"
    house.mail(f"{text} #erasure #access", sender="Chefen på bolaget <chef@example.org>", subject="Om Anna")
    house.mail("Kursen i maj?", sender="lo@example.org")
    house.mail("Jag är ledig.", sender="lo@example.org", headers={"Auto-Submitted": "auto-replied"})
    house.mailbox.put(b"\r\n\r\n", house.now)
    served.work()
    [letter] = house.to(EVA)
    house.flow.confirm(letter.token, letter.code)
    served.work()


def test_staff_find_their_way_through_the_work(served, tab, troubles):
    busy(served)
    log_in(tab, served)
    expect(tab.get_by_role("table", name="Ärenden som behöver dig")).to_be_visible()
    look_over(tab)
    go(tab.get_by_role("navigation", name="Läget i korthet").get_by_role("link", name="Väntar på personen"))
    expect(tab.get_by_role("heading", level=1)).to_have_text("Öppna ärenden")
    expect(tab.get_by_role("row")).to_have_count(2)
    look_over(tab)
    go(tab.get_by_role("link", name="Ta bort alla val"))
    tab.get_by_label("Sök ärende").fill("övningsmo")
    go(tab.get_by_label("Sök ärende"), key="Enter")
    expect(tab.get_by_role("heading", level=1)).to_have_text("1 ärende hittades")
    assert "vningsmo" not in tab.url
    look_over(tab)
    go(tab.get_by_role("link", name="PK-2026-0001"))
    expect(tab.get_by_role("heading", level=1)).to_have_text("PK-2026-0001")
    assert troubles == []


def test_unsure_and_missed_mails_are_found_and_sorted(served, tab, troubles):
    busy(served)
    log_in(tab, served)
    tab.goto(f"{served.url}/personal/osakra")
    look_over(tab)
    go(tab.get_by_role("link", name="Radering + Registerutdrag"))
    expect(tab.get_by_role("checkbox", name="Radering")).to_be_checked()
    tab.goto(f"{served.url}/personal/ingen-begaran")
    look_over(tab)
    go(tab.get_by_role("button", name="Hämta brevet igen: brev 5"))
    expect(tab.get_by_role("status")).to_contain_text("Brevet hämtas från brevlådan")
    served.work()
    go(tab.get_by_role("link", name="Osäkra mejl"))
    expect(tab.get_by_role("main")).to_contain_text("Kursen i maj?")
    assert troubles == []
