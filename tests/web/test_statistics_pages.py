"""The pages of figures: counts that agree with their tables and files, no person in any, nothing a spreadsheet would run."""

import csv
import io
import re

import pytest

from inbox_bot.web.spreadsheet import cell
from tests.support.house import EVA, KALLE

PERSONAL = ("kalle", "eva@", "Kalle Ek", "anna@")


@pytest.fixture
def worked(house):
    """Three requests: one answered, one open, one that a person sorted."""
    house.ask_and_confirm("#erasure", sender=f"Kalle Ek <{KALLE}>")
    house.days(4)
    house.flow.approve_case("PK-2026-0001", by="anna", note="Raderat i kursplattformen.", rest=True)
    house.drain()
    house.ask("#access", sender=EVA)
    house.mail("#unsure #erasure", sender="c@example.org")
    house.drain()
    [(mail_id,)] = house.sql("SELECT id FROM mail WHERE state = 'to_sort'")
    house.flow.sort(mail_id, [house.claim().claim], by="anna")
    return house


def table(page, caption):
    """Return a table's rows as texts."""
    for found in page.tree.css("table"):
        if found.css_first("caption").text(strip=True).startswith(caption):
            return [[one.text(strip=True) for one in row.css("th, td")] for row in found.css("tr")]
    raise AssertionError(caption)


def rows_of(response):
    assert response.content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig")), delimiter=";"))


def test_the_figures_of_a_month(worked, staff):
    page = staff.open("/personal/statistik?period=2026-09")
    assert page.title == "Statistik: september 2026"
    main = {row[0]: row[1] for row in table(page, "Huvudtal")[1:]}
    assert (main["Begäran som kom in"], main["Besvarade"], main["Öppna nu"]) == ("3", "1", "2")
    assert (main["Besvarade i tid"], main["Mediantid till svar"]) == ("100 %", "4 dagar")
    assert main["Upptäckta av en person"] == "33 %"
    assert table(page, "Begäran per månad")[1][0] == "september 2026"
    assert ["4–7", "1", "0"] in table(page, "Dagar till svar")
    assert not [
        word for word in (*PERSONAL, "PK-2026") if word in page.html.replace("Inloggad som anna@example.com", "")
    ]


def test_a_period_without_requests_says_so_and_one_that_is_none_is_refused(worked, staff):
    page = staff.open("/personal/statistik?period=2025-K4")
    assert "Siffrorna är hela från måndag 7 september 2026" in page.text
    assert {row[0]: row[1] for row in table(page, "Huvudtal")[1:]}["Besvarade i tid"] == "–"
    refused = staff.open("/personal/statistik?period=2026-13")
    assert (refused.status, "Det finns ingen sådan period" in refused.text) == (409, True)
    assert staff.open("/personal/statistik?period=allt").title == "Statistik: allt"


def test_every_plot_has_a_name_a_description_and_no_style_of_its_own(worked, staff):
    page = staff.open("/personal/statistik")
    plots = page.tree.css("svg[role=img]")
    assert len(plots) >= 4
    ids = [node.attributes["id"] for node in page.tree.css("[id]")]
    assert len(ids) == len(set(ids))
    for one in plots:
        for label in one.attributes["aria-labelledby"].split():
            assert one.css_first(f"#{label}").text(strip=True)
    assert not re.search(r"\sstyle=|<script|<style", page.html)


def test_the_file_holds_the_figures_of_the_page(worked, staff):
    response = staff.client.get("/personal/statistik/siffror.csv?period=2026-09")
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    rows = rows_of(response)
    assert rows[0] == ["Tabell", "Period", "Rättighet", "Mått", "Värde"]
    assert ["Huvudtal", "2026-09", "", "Mediantid till svar", "4"] in rows
    assert ["Begäran per månad", "2026-09", "Radering", "begäran", "2"] in rows
    assert not any(word in response.text for word in (*PERSONAL, "PK-"))


def test_the_register_has_a_row_for_each_right_and_names_nobody(worked, staff):
    page = staff.open("/personal/register?period=2026-09")
    rows = table(page, "3 begäran")
    assert rows[1][:3] == ["PK-2026-0001", "Radering", "2026-09-07"]
    assert rows[1][-3:] == ["2026-09-11", "Uppgifterna är raderade", "i tid"]
    assert rows_of(staff.client.get("/personal/register/register.csv?period=2026-09")) == rows
    assert not any(word in str(rows) for word in PERSONAL)


@pytest.mark.parametrize("path", ["/personal/statistik", "/personal/register/register.csv", "/personal/kalender"])
def test_only_staff_see_them(browser, path):
    assert "Logga in" in browser.open(path).text


@pytest.mark.parametrize("text", ["=1+1", "+46", "-1", "@SUM(A1)", "\tx", "\r=x"])
def test_no_cell_is_a_formula(text):
    assert cell(text).startswith("'")


def test_numbers_are_written_as_swedish_does():
    assert [cell(value) for value in (1, 2.5, 0.333333, 4.0, None, True, "a\nb")] == [
        "1", "2,5", "0,33", "4", "", "ja", "a b",
    ]  # fmt: skip


def test_months_older_than_the_pictures_show_are_in_the_file(house, staff):
    house.ask("#erasure")
    house.days(600)
    house.ask("#erasure", sender=EVA)
    staff.log_in()
    assert "I filen står också de äldre" not in staff.open("/personal/statistik?period=allt").text
    house.days(200)
    staff.log_in()
    page = staff.open("/personal/statistik?period=allt")
    assert "de senaste 24 månaderna. I filen står också de äldre" in page.text
    assert "september 2026" not in {row[0] for row in table(page, "Begäran per månad")}
    assert ["Begäran per månad", "2026-09", "Radering", "begäran", "1"] in rows_of(
        staff.client.get("/personal/statistik/siffror.csv?period=allt")
    )
