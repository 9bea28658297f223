"""Mails to staff as a phone and a mail program's pane show them, by day and night: nothing sideways, and axe finds nothing."""

import os
from pathlib import Path

import pytest

from inbox_bot.domain.letters import Language
from tests.browser.looking import _axe, _widest, without_scripts
from tests.letters.conftest import _program_value

WIDTHS = (390, 700)
LETTERS = ("waiting", "weekly_digest", "daily_alarm", "urgent_alarm", "staff_login")
QUIET = {
    "all_well": True,
    "headline": "Allt är i ordning.",
    "sections": [],
    "nothing": "Just nu finns inget öppet ärende, inget svar att godkänna och inget brev att sortera.",
}


@pytest.fixture
def sheet(chromium):
    context = chromium.new_context(locale="sv-SE", viewport={"width": WIDTHS[0], "height": 844})
    page = context.new_page()
    without_scripts(page)
    yield page
    context.close()


@pytest.mark.parametrize("name", [*LETTERS, "quiet_week"])
def test_a_mail_fits_and_can_be_read(sheet, letter_book, name):
    letter = "weekly_digest" if name == "quiet_week" else name
    values = {field.name: _program_value(field.name, letter) for field in letter_book.fields(letter)}
    if name == "quiet_week":
        weeks = [
            one | {"count": 0, "late": 0, "late_width": 0, "width": 0} for one in values["summary"]["outlook"]["weeks"]
        ]
        outlook = values["summary"]["outlook"] | {"urgent": None, "quiet": True, "weeks": weeks}
        values["summary"] = values["summary"] | QUIET | {"outlook": outlook}
    sheet.set_content(letter_book.render(letter, Language.SV, values).html)
    for width in WIDTHS:
        sheet.set_viewport_size({"width": width, "height": 844})
        assert _widest(sheet) <= width
        for scheme in ("light", "dark"):
            sheet.emulate_media(color_scheme=scheme)
            if folder := os.environ.get("INBOX_BOT_PICTURES"):
                Path(folder).mkdir(parents=True, exist_ok=True)
                sheet.screenshot(path=str(Path(folder) / f"mail-{name}-{width}-{scheme}.png"), full_page=True)
            if width == WIDTHS[0]:
                # A mail is a part of somebody else's page: landmarks and the first heading are that page's.
                found = [one for one in _axe(sheet) if not one.startswith(("landmark", "region", "page-has-heading"))]
                assert not found, f"{name} {scheme}:\n" + "\n".join(found)
