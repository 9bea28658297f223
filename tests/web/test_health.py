"""Whether the program is well, and the pages under another path."""

import pytest

from inbox_bot.errors import MailboxError
from tests.support.house import MemoryMailbox, unreachable


def test_all_is_well_when_every_mailbox_has_been_read(house, browser):
    page = browser.open("/halsa")
    assert (page.status, page.html) == (200, "ok\n")
    house.days(0.9 / 24)
    assert browser.open("/halsa").status == 200
    house.days(0.2 / 24)
    page = browser.open("/halsa")
    assert page.status == 503
    assert page.html == "critical\nBrevlådan info lästes senast 2026-09-07 10:00.\n"


def test_a_person_who_opens_it_gets_a_page_and_a_machine_the_word(house, browser):
    asked = {"accept": "text/html,application/xhtml+xml"}
    well = browser.open("/halsa", headers=asked)
    assert (well.status, well.title) == (200, "Allt fungerar")
    house.days(1)
    page = browser.open("/halsa", headers=asked)
    assert (page.status, page.title) == (503, "Något står stilla")
    assert "Brevlådan info lästes senast 2026-09-07 10:00." in page.text
    assert page.headers["vary"] == "Accept"
    assert browser.open("/halsa", headers={"accept": "*/*"}).html.startswith("critical\n")


def test_nothing_read_yet_is_not_well(build, serve):
    assert serve(build()).open("/halsa").status == 503


def test_a_mailbox_that_never_answered_is_not_well(build, serve):
    house = build(mailbox=MemoryMailbox())
    house.mailbox.trouble["open"] = unreachable()
    house.drain(well=False)
    page = serve(house).open("/halsa")
    assert (page.status, page.html) == (503, "critical\nBrevlådan info har aldrig lästs.\n")


def test_the_overview_says_when_a_mailbox_is_silent(house, staff):
    assert "info: läst måndag 7 september 2026 kl. 10.00" in staff.open("/personal").text
    house.days(0.3)
    page = staff.open("/personal")
    assert "Brevlådan info har inte kunnat läsas sedan måndag 7 september 2026" in page.text


def test_why_something_fails_is_said_in_swedish_and_names_no_server(house, staff):
    """The program's own sentence is for its log: who reads the page is told what it means."""
    said = "servern svarar inte. Programmet försöker igen."
    trouble = MailboxError("The server mail.example.com does not answer.", temporary=True)
    house.flow.note_failure("info", trouble)
    assert f"(fel sedan dess: {said})" in staff.open("/personal").text
    house.days(0.3)
    with house.flow.desk.write() as unit:
        unit.suppressions.note_failure(house.now, "The list against marketing cannot be written to /srv/lista.txt.")
        unit.folder_notes.note_failure("info", "sent", "Mailbox info: no Sent folder was found at mail.example.com.")
    page = staff.open("/personal")
    assert f"deras tid går. Orsak: {said}" in page.text
    assert "info: mappen för skickat hittas inte." in page.text
    assert "Orsak: filen kan inte skrivas." in page.text
    assert "Orsak: filen kan inte skrivas." in (listed := staff.open("/personal/sparrlista")).text
    for words in ("example.com does", "/srv/", "mail.example.com", "cannot"):
        assert words not in page.text + listed.text


@pytest.mark.parametrize("kept", [True, False])
def test_pages_under_a_path_work_behind_any_proxy(house, serve, kept):
    """The proxy strips the path of the public address, or does not."""
    browser = serve(house, pages="https://example.se/arenden/bot")
    prefix = "/arenden/bot"
    letter = house.ask("#erasure")
    asked = prefix if kept else ""
    for path in (f"/identitet/{letter.token}", "/personal/logga-in", "/"):
        page = browser.open(f"{asked}{path}")
        assert page.status == 200
        local = [found for found in page.links if found.startswith("/")]
        local += [node.attributes["action"] for node in page.tree.css("form")]
        local += [node.attributes["href"] for node in page.tree.css("link[rel=stylesheet]")]
        assert local
        assert all(found.startswith(f"{prefix}/") for found in local)
    page = browser.press(browser.open(f"{asked}/identitet/{letter.token}"), "svar=ja", kod=letter.code)
    assert page.title == "Tack, nu vet vi att det var du"
    response = browser.client.get(f"{asked}/personal/arenden", follow_redirects=False)
    assert response.headers["location"] == f"{prefix}/personal/logga-in?till=%2Fpersonal%2Farenden"


def test_logging_in_under_a_path(house, serve):
    browser = serve(house, pages="https://arenden.example.se/bot")
    page = browser.open("/bot/personal/arenden?visa=alla")
    page = browser.press(page, "Skicka en kod", adress="anna@example.com")
    house.drain()
    page = browser.press(page, "Logga in", kod=house.to("anna@example.com")[-1].code)
    assert page.title == "Alla ärenden"
    assert {cookie.path for cookie in browser.client.cookies.jar} == {"/bot/personal"}
    assert page.tree.css_first("[aria-current=page]").text() == "Ärenden"


def test_the_pages_work_without_a_worker(house, browser):
    browser.client.app.state.wake = None
    letter = house.ask("#erasure")
    assert browser.press(browser.open(f"/identitet/{letter.token}"), "svar=ja", kod=letter.code).status == 200


def test_a_list_against_marketing_that_cannot_be_written_is_told(build, serve, tmp_path):
    file = tmp_path / "list.txt"
    house = build(suppression={"file": str(file)})
    house.drain()
    browser = serve(house)
    assert browser.open("/halsa").status == 200
    file.unlink()
    file.mkdir()
    house.mail("#marketing")
    house.drain(well=False)
    page = browser.open("/halsa")
    assert (page.status, "Spärrlistan mot reklam" in page.html) == (503, True)


def test_as_json_for_machines(house, browser):
    page = browser.client.get("/halsa.json")
    told = page.json()
    assert (page.status_code, told["status"]) == (200, "ok")
    assert {"mailbox info", "reading", "smtp", "disk"} <= {part["name"] for part in told["parts"]}
    assert told["mailboxes"] == {"info": house.now.isoformat()}
    house.mailbox.trouble["open"] = unreachable()
    house.days(0.1)
    house.drain(well=False)
    page = browser.client.get("/halsa.json")
    assert (page.status_code, page.json()["status"]) == (503, "critical")


def test_the_page_names_no_server_and_no_person(house, browser):
    house.mailbox.trouble["open"] = unreachable()
    house.mail("#access")
    house.days(0.1)
    house.drain(well=False)
    for path in ("/halsa", "/halsa.json"):
        text = browser.client.get(path).text
        assert "does not answer" not in text
        assert "@" not in text


def test_a_warning_is_no_failure(house, browser):
    house.flow.watchman.board.work()
    house.flow.watchman.board.die("mailbox info")
    page = browser.open("/halsa")
    assert (page.status, page.html.splitlines()[0]) == (200, "warning")


def test_a_database_that_does_not_answer(house, browser, monkeypatch):
    monkeypatch.setattr(type(house.flow.desk), "look", lambda _: 1 / 0)
    page = browser.open("/halsa")
    assert (page.status, page.html) == (503, "critical\nDatabasen svarar inte.\n")
