"""A letter written where it stands, approved, and then found to have gone to the wrong person: by role and label, without script."""

import pytest
from playwright.sync_api import expect

from tests.browser.looking import go, look_over
from tests.browser.test_pages import log_in

pytestmark = pytest.mark.needs("chromium")


def test_a_letter_is_written_where_it_stands_and_taken_care_of_when_it_goes_wrong(served, tab, troubles):
    served.work()
    served.house.mail("Radera mitt konto. #erasure", sender="Kalle Exempelsson <kalle@example.se>")
    served.work()
    [letter] = served.house.to("kalle@example.se")
    served.house.flow.confirm(letter.token, letter.code)
    served.work()
    log_in(tab, served)
    go(tab.get_by_role("link", name="PK-2026-0001"))
    letter = tab.get_by_role("group", name="Brevet", exact=True)
    letter.get_by_label("Vad är gjort?", exact=True).first.fill("Kontot är raderat")
    letter.get_by_label("Var?", exact=True).first.fill("kursplattformen")
    letter.get_by_label("Vilken dag?").first.fill("2026-09-07")
    tab.get_by_text("Något mer att säga?").first.click()
    tab.get_by_label("Något mer att säga?").fill("Du får svar inom 30 dagar.")
    go(tab.get_by_role("button", name="Spara och visa brevet"))
    expect(letter).to_contain_text("Lagen räknar i månader")
    expect(letter).to_contain_text("Vänliga hälsningar")
    expect(tab.get_by_role("button", name="Godkänn och skicka")).to_be_disabled()
    look_over(tab, name="brev-fel")
    tab.get_by_label("Något mer att säga?").fill("Hör av dig om något är oklart.")
    go(tab.get_by_role("button", name="Spara och visa brevet"))
    tab.get_by_text("Brevhuvud").click()
    look_over(tab, name="brev-klart")
    go(tab.get_by_role("button", name="Godkänn och skicka"))
    served.work()
    [sent] = served.house.letters(name="granted_erasure")
    tab.goto(f"{served.url}/personal/brev-ut/{sent.id}")
    look_over(tab, name="brev-skickat")
    go(tab.get_by_role("link", name="Brevet gick till fel mottagare"))
    tab.get_by_label("Vad hände?").fill("En okänd person ringde och sa att hen fått brevet.")
    look_over(tab, name="incident-ny")
    go(tab.get_by_role("button", name="Öppna incidenten"))
    expect(tab.get_by_role("main")).to_contain_text("72 timmar kvar")
    look_over(tab, name="incident")
    first = tab.get_by_role("region", name="Stoppa spridningen")
    first.get_by_label("Mottagaren har bekräftat att brevet är raderat").check()
    first.get_by_label("Anteckning").fill("Mottagaren svarade att brevet är borta.")
    go(first.get_by_role("button", name="Skriv in"))
    expect(tab.get_by_role("main")).to_contain_text("Mottagaren svarade")
    look_over(tab, name="incident-steg")
    tab.goto(f"{served.url}/personal/incidenter")
    look_over(tab, name="incidenter")
    assert troubles == []


def test_a_file_is_put_on_a_copy_with_whose_data_it_holds(served, tab, troubles):
    served.work()
    served.house.mail("Skicka allt ni har om mig. #access", sender="Kalle Exempelsson <kalle@example.se>")
    served.work()
    [letter] = served.house.to("kalle@example.se")
    served.house.flow.confirm(letter.token, letter.code)
    served.work()
    log_in(tab, served)
    tab.goto(f"{served.url}/personal/arende/PK-2026-0001")
    tab.get_by_text("Lägg till en fil").click()
    content = b"Namn;eva@example.org"
    tab.get_by_label("Fil", exact=True).set_input_files(
        {"name": "kopia.csv", "mimeType": "text/csv", "buffer": content}
    )
    tab.get_by_label("Bara Kalle Exempelsson").check()
    go(tab.get_by_role("button", name="Lägg till filen"))
    files = tab.get_by_role("region", name="Filer som följer med")
    expect(files).to_contain_text("eva@example.org")
    look_over(tab, name="filer")
    assert troubles == []
