"""The page of a case in a real browser: from the mail to the code, a correction, a withdrawal and a file, in both languages."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.looking import go, look_over
from tests.support.house import CODE

SWEDISH = {
    "words": "#erasure #portability",
    "yes": "Ja, det var jag",
    "code": "Koden i mejlet från oss",
    "see": "Se eller ändra det vi har förstått",
    "wrong": "Det stämmer inte",
    "right": re.compile("begränsa hur vi använder"),
    "own": "Med dina egna ord",
    "send": "Skicka",
    "thanks": "Tack, vi har fått det",
    "back": "Till ditt ärende",
    "withdraw": "Ta tillbaka",
    "erased": re.compile("raderade"),
    "on": "Gå vidare",
    "sure": "Ja, ta tillbaka",
    "gone": "Nu är det återtaget",
    "close": "Jag är klar, stäng sidan",
    "new": "Skicka en kod till mig",
    "mailed": "Koden i mejlet",
    "show": "Visa mitt ärende",
    "fetch": "Hämta filen",
    "about": "Om sidan",
}
ENGLISH = {
    "words": "#erasure #portability #english",
    "yes": "Yes, it was me",
    "code": "The code in our e-mail",
    "see": "See or change what we have understood",
    "wrong": "That is not right",
    "right": re.compile("restrict how we use"),
    "own": "In your own words",
    "send": "Send",
    "thanks": "Thank you, we have it",
    "back": "To your case",
    "withdraw": "Withdraw",
    "erased": re.compile("erased"),
    "on": "Continue",
    "sure": "Yes, withdraw",
    "gone": "It has been withdrawn",
    "close": "I am done, close the page",
    "new": "Send me a code",
    "mailed": "The code in the e-mail",
    "show": "Show my case",
    "fetch": "Download the file",
    "about": "About this page",
}


@pytest.mark.parametrize("say", [SWEDISH, ENGLISH], ids=["sv", "en"])
def test_the_page_of_a_case_from_mail_to_file(served, tab, troubles, say):
    house, lang = served.house, "en" if say is ENGLISH else "sv"
    house.mail(say["words"])
    served.work()
    receipt = house.to()[-1]

    def look(name):
        look_over(tab, name=f"own-{lang}-{name}")

    def press(name, role="button"):
        go(tab.get_by_role(role, name=name, exact=isinstance(name, str)))

    tab.goto(f"{served.url}/arende/{receipt.token}")
    look("waits")
    tab.goto(f"{served.url}/identitet/{receipt.token}")
    tab.get_by_label(say["code"]).fill(receipt.code)
    press(say["yes"])
    look("confirmed")
    served.work()
    press(say["see"], "link")
    look("inside")
    press(say["wrong"], "link")
    tab.get_by_label(say["right"]).check()
    tab.get_by_label(say["own"]).fill("Det gäller kursen i maj.")
    look("correct")
    press(say["send"])
    expect(tab.get_by_role("heading", level=1)).to_have_text(say["thanks"])
    look("thanks")
    served.work()
    press(say["back"], "link")
    press(say["withdraw"], "link")
    tab.get_by_label(say["erased"]).check()
    look("withdraw")
    press(say["on"])
    look("sure")
    press(say["sure"])
    expect(tab.get_by_role("heading", level=1)).to_have_text(say["gone"])
    look("gone")
    assert house.states() == {
        "erasure": "withdrawn",
        "portability": "awaiting_approval",
        "restriction": "awaiting_approval",
    }
    house.flow.acting.deliver("PK-2026-0001", name="dina uppgifter.csv", content=b"namn,kurs", right=None, by="anna")
    draft = next(view.record for view in house.file().drafts if view.record.letter == "granted_portability")
    house.flow.edit(draft.id, values={"copy": "Allt finns i filen."}, by="anna")
    house.flow.approve(draft.id, by="anna", rest=True)
    served.work()
    tab.goto(f"{served.url}/arende/{receipt.token}")
    look("file-needs-code")
    press(say["close"])
    press(say["new"])
    look("code")
    served.work()
    tab.get_by_label(say["mailed"]).fill(CODE.findall(house.to()[-1].text)[0])
    press(say["show"])
    look("file")
    with tab.expect_download() as waiting:
        tab.get_by_role("button", name=say["fetch"]).click()
    assert waiting.value.suggested_filename == "dina uppgifter.csv"
    press(say["about"], "link")
    look("about")
    assert [text for text in troubles if "arende" not in text] == []
