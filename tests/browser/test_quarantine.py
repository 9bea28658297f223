"""Quarantine in a real browser: a mail that cannot be read becomes a case, and a file is brought in."""

import pytest
from playwright.sync_api import expect

from tests.browser.looking import go, look_over
from tests.browser.test_pages import log_in

pytestmark = pytest.mark.needs("chromium")


def test_staff_look_at_a_broken_mail_make_a_case_of_it_and_bring_another_in(served, tab, troubles, tmp_path):
    served.work()
    served.house.mailbox.put(b"\r\n\r\n", served.house.now)
    served.work()
    log_in(tab, served)
    tab.goto(f"{served.url}/personal/karantan")
    look_over(tab)
    go(tab.get_by_role("link", name="Brev 1", exact=True))
    look_over(tab)
    tab.get_by_label("Mejladress till den som begär").fill("eva@example.org")
    tab.get_by_label("Radering").check()
    go(tab.get_by_role("button", name="Öppna ärende"))
    expect(tab.get_by_role("heading", level=1)).to_have_text("PK-2026-0001")
    letter = tmp_path / "brev.eml"
    letter.write_bytes(b"From: kalle@example.se\r\n\r\n#access\r\n")
    tab.goto(f"{served.url}/personal/karantan")
    tab.get_by_label("Fil", exact=True).set_input_files(letter)
    tab.get_by_label("Vilken dag kom det till er?").fill("2026-09-04")
    go(tab.get_by_role("button", name="Läs in"))
    expect(tab.get_by_role("status")).to_contain_text("Filen är inläst")
    look_over(tab)
    served.work()
    assert [case.requester for case in served.house.cases()] == ["eva@example.org", "kalle@example.se"]
    assert troubles == []
