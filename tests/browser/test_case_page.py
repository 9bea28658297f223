"""One case on one page, in a real browser: the box says the next thing, its button leads there, and every state is readable."""

import pytest
from playwright.sync_api import expect

from tests.browser.looking import go, look_over
from tests.browser.test_pages import log_in
from tests.support.house import EVA, KALLE

pytestmark = pytest.mark.needs("chromium")


def confirmed(served, sender):
    [letter] = served.house.to(sender)[:1]
    served.house.flow.confirm(letter.token, letter.code)
    served.work()


@pytest.fixture
def five_cases(served):
    """Cases that wait for the person, for tasks, for a mail to be read with more time taken, long overdue, and at their end."""
    house = served.house
    served.work()
    house.mail("Hej!\nRadera allt om mig. #erasure #access", sender="ada@example.org", subject="Mina uppgifter")
    house.mail("#restriction #rectification", sender="lo@example.org")
    house.mail("Skicka en kopia. #access", sender=EVA)
    served.work()
    house.days(2)
    confirmed(served, EVA)
    house.flow.extend("PK-2026-0003", right=None, reasons="Begäran gäller arton år av kurser.", by="anna")
    house.mail("Jag vill invända mot hur ni gör. #objection", sender=KALLE)
    served.work()
    house.days(4)
    confirmed(served, KALLE)
    house.flow.approve_case("PK-2026-0004", by="anna", note="Behandlingen är avslutad i kursplattformen.", rest=True)
    house.reply(house.to(EVA)[-1], "Jag vill också bli raderad. #erasure", sender=EVA)
    served.work()
    return served


def follow(tab, title):
    """Press the one main button of the box that says ``title``, and see that it leads to something on the screen."""
    box = tab.get_by_role("region", name=title)
    go(box.get_by_role("link"))
    place = tab.url.partition("#")[2]
    if place:
        expect(tab.locator(f"#{place}")).to_be_visible()


def test_every_state_says_its_next_step_and_can_be_read(five_cases, tab, troubles):
    served = five_cases
    log_in(tab, served)
    for number, title in (
        (1, "Väntar på personen"),
        (2, "Lås uppgifterna nu"),
        (3, "Läs det nya brevet"),
        (4, "Inget att göra"),
    ):
        tab.goto(f"{served.url}/personal/arende/PK-2026-000{number}")
        if number != 4:
            expect(tab.get_by_role("img", name="Tidslinje").first).to_be_visible()
        look_over(tab, name=f"case-{number}")
        follow(tab, title)
    tab.goto(f"{served.url}/personal/arende/PK-2026-0003")
    go(tab.get_by_role("button", name="Markera som läst"))
    follow(tab, "Fyll i svaret")
    look_over(tab, name="case-3-read")
    served.house.days(50)
    served.work()
    log_in(tab, served)
    tab.goto(f"{served.url}/personal/arende/PK-2026-0001")
    expect(tab.get_by_text("arbetsdagar försenat").first).to_be_visible()
    look_over(tab, name="case-1-late")
    assert troubles == []
