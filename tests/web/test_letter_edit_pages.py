"""A letter written where it stands, its files, and the two people behind a no, on the pages."""

import pytest

from tests.support.house import KALLE, STAFF
from tests.web.browsing import _page

WHY_NOT = (
    "Begäran är uppenbart ogrundad: samma sak har begärts fyrtio gånger (artikel 12.5). "
    "Fakturan hör till bokföringen och sparas till och med 2033 (bokföringslagen 7 kap. 2 §)."
)
WHO = "- Bolaget som sköter vår mejl: Exempeldrift AB"
OWN_WORDS = "Jag har läst alla fyrtio breven. De är ordagrant lika, och alla är besvarade med en kopia."


@pytest.fixture
def access(house):
    house.ask_and_confirm("#access")
    return house


def bring(staff, page, name, content, **values):
    sheet = page.form("Lägg till filen")
    data = {key: given[-1] for key, given in sheet.fields.items() if key != "fil"} | values
    return _page(staff.client.post(sheet.action, data=data, files={"fil": (name, content)}))


def test_the_letter_stands_on_the_page_with_its_places_between_what_is_fixed(access, staff):
    page = staff.case()
    parts = [(node.attributes["class"], node.text(strip=True)) for node in page.tree.css(".letter-edit > *")]
    kinds = [kind for kind, _ in parts]
    assert kinds[0] == kinds[-1] == "fixed"
    assert parts[0][1].startswith("Hej")
    assert "Vänliga hälsningar" in parts[-1][1]
    copy = next(number for number, (_, text) in enumerate(parts) if text.startswith("Kopian av uppgifterna"))
    assert parts[copy - 1][1].endswith("Din kopia")
    assert parts[copy + 1][1].startswith("Kopian kostar inget")
    assert not page.tree.css(".letter-edit .fixed input, .letter-edit .fixed textarea")


def test_what_stops_it_stands_by_the_button_and_faults_where_they_are(access, staff):
    page = staff.case()
    button = page.tree.css_first("button[value=godkann]")
    assert "disabled" in button.attributes
    assert (
        "Fyll i det som saknas: kopian av uppgifterna"
        in page.tree.css_first(f"#{button.attributes['aria-describedby']}").text()
    )
    page = staff.press(page, "do=spara", f__note="Du får svar inom 30 dagar.")
    wrong = page.tree.css(".letter-edit .place.wrong")
    assert len(wrong) == 1, "lint speaks of what is there before all is there"
    assert "Lagen räknar i månader" in wrong[0].text()
    page = staff.press(page, "do=spara", f__copy="Vi har ditt namn och din adress.", f__recipients=WHO, f__note="")
    assert not page.tree.css(".place.wrong")
    assert "disabled" not in page.tree.css_first("button[value=godkann]").attributes
    assert "sätts när brevet godkänns" in page.text
    assert "X-Auto-Response-Suppress" in page.text


def test_a_file_is_brought_in_looked_at_and_leaves_with_the_letter(access, staff):
    page = bring(staff, staff.case(), "kopia.csv", b"Namn;eva@example.org", vems=KALLE)
    assert "Filen följer med brevet" in page.text
    for words in (f"Uppgifter om {KALLE}", f"Går till {KALLE}", "eva@example.org", "text/csv"):
        assert words in page.text
    [link] = [link for link in page.links if "/bilaga/" in link]
    held = staff.open(link)
    assert held.html == "Namn;eva@example.org"
    assert held.headers["content-type"] == "application/octet-stream"
    assert "sandbox" in held.headers["content-security-policy"]
    page = staff.press(staff.case(), "do=spara", f__copy="Kopian ligger i filen.", f__recipients=WHO)
    assert "Titta i filerna först" in page.text
    assert "Godkänt." in staff.press(page, "do=godkann", resten="inget").text
    access.drain()
    [letter] = access.letters(name="granted_access")
    page = staff.open(f"/personal/brev-ut/{letter.id}")
    assert "Filer som följde med" in page.text
    assert staff.open(f"/personal/brev-ut/{letter.id}/bilaga/0").html == "Namn;eva@example.org"
    assert staff.open(f"/personal/brev-ut/{letter.id}/bilaga/1").status == 404


def test_whose_data_it_is_must_be_said_and_anothers_is_not_taken(access, staff):
    page = staff.case()
    for values, words in (({}, "Svara på vems uppgifter"), ({"vems": "annan"}, "artikel 15.4")):
        refused = bring(staff, page, "kopia.csv", b"x", **values)
        assert refused.status == 422
        assert words in refused.text
    assert "Välj en fil först" in bring(staff, page, "kopia.csv", b"", vems=KALLE).text
    assert "Den sortens fil" in bring(staff, page, "kopia.exe", b"x", vems=KALLE).text
    page = bring(staff, page, "kopia.pdf", b"%PDF", vems=KALLE)
    assert "kan inte läsa den här sortens fil" in page.text
    assert "Filen är borttagen" in staff.press(page, "Ta bort kopia.pdf").text
    assert access.sql("SELECT id FROM attachment") == []


def test_who_must_do_what_is_said_to_each_of_two_people(build, serve):
    house = build(staff={"addresses": [STAFF, "bo@example.com"]})
    house.drain()
    house.ask_and_confirm("#erasure")
    anna, bo = serve(house), serve(house)
    anna.log_in()
    bo.log_in("bo@example.com")
    page = anna.press(anna.case(), "do=avsla", skal=WHY_NOT)
    assert "En annan person godkänner det." in page.text
    assert "disabled" in page.tree.css_first("button[value=godkann]").attributes
    page = anna.press(page, "do=andra", **{"egna-skal": OWN_WORDS})
    assert "Någon annan än du godkänner det." in page.text
    assert not page.tree.css("button[value=andra]")
    assert "disabled" in page.tree.css_first("button[value=godkann]").attributes
    page = bo.case()
    assert f"{STAFF} har läst det" in page.text
    assert "Du kan godkänna det nu." in page.text
    assert "Godkänt." in bo.press(page, "do=godkann").text
