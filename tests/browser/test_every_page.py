"""Every page there is, found by its links and looked over: a page that nobody looks at fails here."""

import re

import httpx
import pytest
from playwright.sync_api import expect
from starlette.routing import Route

from inbox_bot.domain.notice import Addressee
from inbox_bot.outbox.transport import Attempt, Fate
from tests.browser.looking import go, go_by_keys, look_over
from tests.browser.test_pages import log_in
from tests.support.routes import example, explore, route_for, routes_of

pytestmark = pytest.mark.needs("chromium")

LOOKED_AT_ELSEWHERE = {
    "/arende/{token}/kod": "test_own_page",
    "/arende/{token}/andra": "test_own_page",
    "/arende/{token}/ta-tillbaka": "test_own_page",
    "/personal/logga-in/konto/svar": "test_login",
    "/personal/arenden/sok": "test_queue",
    "/personal/incidenter/{breach:int}": "test_letters",
}
"""Pages that no link on a full installation leads to, and the test that looks them over."""


def a_full_installation(served):
    """Put something on every page: mails to sort and in quarantine, a restriction to lift, a recipient, letters that came back."""
    house = served.house
    served.work()
    house.mail("Kanske. #unsure #erasure", subject="Fråga")
    house.mail("#marketing", sender="eva@example.org")
    house.mail("#restriction", sender="lo@example.org")
    house.mailbox.put(b"\r\n\r\n", house.now)
    served.work()
    [letter] = house.to("lo@example.org")
    house.flow.confirm(letter.token, letter.code)
    served.work()
    acting = house.flow.acting
    acting.say_done("PK-2026-0002", ["Uppgifterna är låsta."], by="anna")
    acting.draft_lifting("PK-2026-0002", reasons="Uppgifterna är kontrollerade och stämmer.", by="anna")
    employer = Addressee(name="Bolaget med det mycket långa namnet i Sverige AB", kind="employer", contact="")
    acting.add_recipient("PK-2026-0002", employer, by="anna")
    house.transport.answers.append(Attempt(fate=Fate.REFUSED, answer="550 5.1.1 " + "x" * 80))
    house.mail("Radera mig. #erasure", sender="bo@example.org")
    served.work()
    house.mail("Vad har ni om mig? #access", sender="my@example.org")
    served.work()
    return house.to("my@example.org")[-1]


def pages_of(served, tab, seeds):
    """Follow every link as whoever the tab is; return an address for each route that shows a page, and what gives a file."""
    cookies = {one["name"]: one["value"] for one in tab.context.cookies()}
    routes = [route for route in served.routes if "GET" in route.methods]
    pages: dict[str, str] = {}
    files: set[str] = set()
    with httpx.Client(base_url=served.url, cookies=cookies, headers={"accept": "text/html"}) as client:
        for path, answer in explore(client.get, seeds):
            route = route_for(routes, path)
            if route is None or answer.status_code != 200:
                continue
            framed = "sandbox" in answer.headers["content-security-policy"]
            if framed or "text/html" not in answer.headers.get("content-type", ""):
                files.add(route.path)
            else:
                pages.setdefault(route.path, path)
    return pages, files


def is_a_page(served, route: Route) -> bool:
    """True for a route that might show a page to a person: what it answers to a made-up address is HTML in our own frame."""
    answer = httpx.get(f"{served.url}{example(route)}", headers={"accept": "text/html"}, follow_redirects=False)
    return answer.status_code in {302, 303, 307} or "text/html" in answer.headers.get("content-type", "")


def test_every_page_is_looked_over_and_reached_by_keys(served, tab, troubles):
    letter = a_full_installation(served)
    outside = ["/", "/halsa", f"/identitet/{letter.token}", "/personal/logga-in"]
    found, files = pages_of(served, tab, outside)
    for path in found.values():
        look_at(served, tab, path)
    log_in(tab, served)
    inside, more = pages_of(served, tab, ["/personal"])
    for route, path in inside.items():
        if route not in found:
            look_at(served, tab, path)
    assert troubles == []
    known = {*found, *inside, *files, *more, *LOOKED_AT_ELSEWHERE}
    unseen = [
        route.path
        for route in routes_of(served.routes, "GET")
        if route.path not in known and not _is_file(route) and is_a_page(served, route)
    ]
    assert not unseen, (
        f"nobody looks at {unseen}: put what they show into a_full_installation, or a link to them on a page"
    )
    tab.goto(f"{served.url}/personal")
    go(tab.get_by_role("button", name="Logga ut"))
    expect(tab.get_by_role("heading", level=1)).to_have_text("Logga in")


def test_what_is_refused_is_told_on_a_page_like_the_others(served, tab):
    for path in ("/finns-inte", "/personal/finns-inte"):
        assert tab.goto(f"{served.url}{path}").status == 404
        look_over(tab)
        go_by_keys(tab)
    expect(tab.get_by_role("link", name="Till Att göra")).to_be_visible()


def look_at(served, tab, path):
    assert tab.goto(f"{served.url}{path}").status == 200
    look_over(tab)
    go_by_keys(tab)


def _is_file(route: Route) -> bool:
    """True for what is fetched or framed, not opened: a name with an ending, or a file that goes with a letter."""
    return "." in route.path.rpartition("/")[2] or route.path.endswith("/{file:int}")


@pytest.mark.parametrize("tab", [1280], indirect=True)
def test_at_a_desk_the_pages_stand_beside_and_keys_reach_them(served, tab, troubles):
    served.work()
    log_in(tab, served)
    expect(tab.get_by_role("link", name="Statistik")).to_be_visible()
    expect(tab.get_by_text("Mer", exact=True)).not_to_be_visible()
    go_by_keys(tab)
    tab.keyboard.press("Home")
    tab.goto(f"{served.url}/personal/statistik")
    current = tab.get_by_role("navigation", name="Sidor").locator("[aria-current=page]")
    expect(current).to_have_text("Statistik")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    expect(tab).to_have_url(re.compile("#innehall$"))
    assert troubles == []
