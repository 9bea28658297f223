"""Opening a page changes nothing: every address that answers GET, as a stranger and as staff, with whatever stands after it."""

from itertools import product
from urllib.parse import urlencode

import pytest
from starlette.routing import Route

from inbox_bot.web.guard import form_token
from tests.support.filled import fill
from tests.support.house import STAFF
from tests.web.browsing import Browser

MEANT = {"viewing", "audit", "page_link"}
"""Tables that say who looked at what, or count how often a link was opened: a look is what they are there for."""

IDS = {
    "mail": "mail",
    "letter": "letter",
    "draft": "draft",
    "notice": "notice",
    "breach": "breach",
    "file": "attachment",
}
"""What a number in an address counts, by the name it has in its route."""


def kept(house):
    """Return every row that a look must leave as it is. When a calendar was last read is written down on purpose."""
    tables = {name: rows for name, rows in house.everything().items() if name not in MEANT}
    assert tables.keys() & {"case", "claim", "draft", "letter", "challenge", "event", "session", "telling"}
    return tables


def addresses(house, route: Route, secrets):
    """Return the addresses of a route on this house: one for each case, letter … it may name."""

    def values(name: str, convertor: str) -> list[str]:
        if name in IDS:
            return [str(number) for (number,) in house.sql(f'SELECT id FROM "{IDS[name]}" ORDER BY id')]
        if name == "reference":
            return [case.reference for case in house.cases()]
        if name == "token":
            return [secrets["token"], "okand"]
        return ["1", "2"] if convertor == "IntegerConvertor" else ["okand", "PK-2026-0001"]

    names = list(route.param_convertors)
    given = [values(name, type(route.param_convertors[name]).__name__) for name in names]
    for found in product(*given):
        path = route.path
        for name, value in zip(names, found, strict=True):
            path = path.replace(f"{{{name}:int}}", value).replace(f"{{{name}}}", value)
        yield path


@pytest.fixture
def filled(build, tmp_path):
    return fill(build, tmp_path)


def routes(browser: Browser):
    return [route for route in browser.client.app.routes if "GET" in (route.methods or ())]


def test_no_page_changes_anything_by_being_opened(filled, serve):
    house, secrets = filled
    staff, stranger = serve(house), serve(house)
    assert staff.log_in(STAFF).status == 200
    # Whatever a form would send, sent by a link: the very words that approve, confirm, disown, sort, erase.
    words = {
        "do": "godkann", "sett": "1", "rest": "1", "kod": secrets["code"], "svar": "ja", "skal": "x", "till": "/personal",
        "token": form_token(staff.client.cookies["inbox_bot_session"]), "begaran": "erasure", "adress": "x@example.org",
        "brev": str(house.letters("PK-2026-0002")[-1].id),
    }  # fmt: skip
    before = kept(house)
    opened = {route.path: set() for route in routes(staff)}
    for route in routes(staff):
        for number, path in enumerate(addresses(house, route, secrets)):
            page = staff.client.get(path, follow_redirects=False)
            opened[route.path].add(page.status_code)
            assert not [form for form in search_forms(page.text) if 'name="token"' in form], f"{path} acts by a link"
            if number == 0:
                query = urlencode(words)
                opened[route.path].add(staff.client.get(f"{path}?{query}", follow_redirects=False).status_code)
                staff.client.request("HEAD", f"{path}?{query}", follow_redirects=False)
                stranger.client.get(f"{path}?{query}", follow_redirects=False)
    changed = {name for name, rows in kept(house).items() if rows != before[name]}
    assert changed == set()
    never_seen = {path for path, statuses in opened.items() if not statuses & {200, 204, 303}}
    shut = {"/kalender/{token}.ics", "/sparrlista.txt", "/personal/logga-in/konto/svar"}
    # No letter has left with a file here: tests/web/test_letter_edit_pages.py fetches one.
    shut.add("/personal/brev-ut/{letter:int}/bilaga/{file:int}")
    assert never_seen <= shut, "a page that was not really opened proves nothing"
    assert house.flow.confirm(secrets["token"], secrets["code"]).value == "confirmed", "the code still works, once"


def search_forms(html):
    """Yield what stands in each form that goes by GET."""
    for part in html.split("<form")[1:]:
        head, _, rest = part.partition(">")
        if 'method="post"' not in head:
            yield rest.partition("</form>")[0]
