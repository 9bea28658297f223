"""A link in a mail leads to its very place, through a login if need be, on every page staff are sent to, and nowhere else."""

import re
from urllib.parse import urlsplit

import pytest

from tests.support.filled import fill
from tests.support.house import STAFF
from tests.web.browsing import Page
from tests.web.test_login import PAGES

BO = "bo@example.com"


def log_in_from(browser, path, address=STAFF):
    """Open a link, log in on the page it leads to, and return where the browser ends up, and the page."""
    page = browser.open(path)
    assert page.title == "Logga in"
    page = browser.press(page, "Skicka en kod", adress=address)
    [*_, (content,)] = browser.house.sql("SELECT content FROM letter WHERE name = 'staff_login' ORDER BY id")
    code = re.search(rb"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b", content)[0].decode()
    sheet = page.form("Logga in")
    response = browser.client.post(sheet.action, data=sheet.fields | {"kod": code}, follow_redirects=False)
    return follow(browser, response)


def follow(browser, response):
    """Follow redirects as a browser does: what stands after # is kept."""
    place = ""
    while response.status_code in {302, 303}:
        place = response.headers["location"]
        response = browser.client.get(place.partition("#")[0], follow_redirects=False)
    return place, Page(status=response.status_code, html=response.text, headers=response.headers, url=str(response.url))


@pytest.fixture
def filled(build, tmp_path):
    house, _ = fill(
        build, tmp_path, staff={"addresses": [STAFF, BO]}, notify={"on": True, "begins": "05:00", "days_off": True}
    )
    house.days(0.1)
    house.drain()
    return house


def links(house, address):
    texts = [letter.text for letter in house.to(address)] + [house.flow.weekly_digest().text]
    found = re.findall(r"https://arenden\.example\.se(/personal\S*)", "\n".join(texts))
    return list(dict.fromkeys(found))


def test_every_link_in_every_letter_to_staff_leads_to_its_place(filled, serve):
    browser = serve(filled)
    browser.log_in(BO)
    wanted = links(filled, BO)
    kinds = {re.sub(r"\d+", "0", path) for path in wanted}
    assert {
        "/personal",
        "/personal/brev/0",
        "/personal/karantan/0",
        "/personal/arende/PK-0-0?plats=svar-0",
        "/personal/arende/PK-0-0?plats=brev-0",
        "/personal/arende/PK-0-0?plats=brev-ut-0",
        "/personal/arende/PK-0-0?plats=mottagare",
        "/personal/arende/PK-0-0?plats=att-gora",
    } <= kinds
    for path in wanted:
        place, page = follow(browser, browser.client.get(path, follow_redirects=False))
        assert page.status == 200, path
        anchor = re.search(r"plats=([\w-]+)", path)
        if anchor:
            assert place == f"{urlsplit(path).path}#{anchor[1]}"
            assert page.tree.css_first(f"#{anchor[1]}") is not None, f"{path}: there is no such place on the page"


@pytest.mark.parametrize("address", [STAFF, BO])
def test_a_login_on_the_way_keeps_page_and_place_for_every_member_of_staff(filled, serve, address):
    path = "/personal/arende/PK-2026-0001?plats=svar-1"
    place, page = log_in_from(serve(filled), path, address)
    assert place == "/personal/arende/PK-2026-0001#svar-1"
    assert page.title.startswith("PK-2026-0001") or "PK-2026-0001" in page.text


@pytest.mark.parametrize("path", [path for path in PAGES if path != "/personal"])
def test_a_login_leads_on_to_every_page_with_its_query(house, browser, path):
    shown = browser.open(f"{path}?visa=alla&a=b+c&plats=svar-1")
    sheet = shown.form("Skicka en kod")
    [onward] = sheet.fields["till"]
    assert onward == f"{path}?visa=alla&a=b+c&plats=svar-1"


def test_the_rest_of_the_query_stays(house, staff):
    house.ask("#access")
    response = staff.client.get("/personal/arenden?visa=alla&plats=svar-3&s=%C3%A5", follow_redirects=False)
    assert response.headers["location"] == "/personal/arenden?visa=alla&s=%C3%A5#svar-3"


@pytest.mark.parametrize("place", ["", "//evil.example.org", "a b", "å", "x" * 80, "\r\nSet-Cookie: a=b", "<b>"])
def test_what_is_no_place_leads_nowhere(staff, place):
    response = staff.client.get("/personal", params={"plats": place}, follow_redirects=False)
    assert response.status_code == 200


def test_a_prefix_of_the_public_address_is_kept(house, serve):
    browser = serve(house, pages="https://example.se/bot")
    page = browser.open("/personal/logga-in?till=/personal/utkorg?plats=brev-ut-1")
    assert page.form("Skicka en kod").fields["till"] == ["/personal/utkorg?plats=brev-ut-1"]
    assert page.form("Skicka en kod").action == "/bot/personal/logga-in"
