"""What holds for every address the application answers at, those of tomorrow among them."""

import pytest

from tests.support.routes import example, explore, route_for, routes_of

NOTED = {"viewing", "session", "audit"}
"""Tables that note that someone has looked: the only thing opening a page may leave behind."""


@pytest.fixture
def full(house, staff):
    """An installation with something on every page, and someone logged in."""
    house.ask_and_confirm("#erasure #access")
    house.mail("Kanske. #unsure #erasure", sender="eva@example.org")
    house.mailbox.put(b"\r\n\r\n", house.now)
    house.drain()
    return staff


def test_every_answer_carries_the_headers_and_allows_no_script_and_no_style_within(full):
    for method in ("GET", "POST"):
        for route in routes_of(full.client.app.routes, method):
            answer = full.client.request(method, example(route), follow_redirects=False)
            where = f"{method} {route.path}: {answer.status_code}"
            policy = answer.headers["content-security-policy"]
            assert "default-src 'none'" in policy, where
            for word in ("script-src", "unsafe-eval", "http:", "https:", "*"):
                assert word not in policy, where
            # A letter's own style stands in its elements; it is framed without scripts, forms and links.
            assert "unsafe-inline" not in policy or "sandbox" in policy, where
            assert answer.headers["x-content-type-options"] == "nosniff", where
            assert answer.headers["referrer-policy"] in {"no-referrer", "same-origin"}, where
            assert "noindex" in answer.headers["x-robots-tag"], where
            assert answer.headers["strict-transport-security"], where
            assert "server" not in answer.headers, where


def test_a_number_no_row_can_have_is_not_found_and_no_failure_of_ours(full):
    token = full.open("/personal/inloggningar").form("Logga ut").fields["token"][0]
    for method in ("GET", "POST"):
        for route in routes_of(full.client.app.routes, method):
            if ":int}" not in route.path:
                continue
            path = example(route).replace("/1", f"/{10**30}")
            answer = full.client.request(method, path, data={"token": token}, follow_redirects=False)
            assert answer.status_code in {403, 404, 409}, (method, path, answer.status_code)


def test_no_form_is_taken_from_elsewhere_and_none_of_the_staff_without_its_token(full):
    before = full.house.everything()
    for route in routes_of(full.client.app.routes, "POST"):
        path = example(route)
        for headers in ({"origin": "https://evil.example.org"}, {"sec-fetch-site": "cross-site"}):
            assert full.client.post(path, headers=headers, follow_redirects=False).status_code == 403, path
        if path.startswith("/personal"):
            assert full.client.post(path, data={"token": "0" * 64}, follow_redirects=False).status_code == 403, path
    after = full.house.everything()
    assert {name: rows for name, rows in after.items() if name not in NOTED} == {
        name: rows for name, rows in before.items() if name not in NOTED
    }


def test_no_page_of_the_staff_opens_for_who_is_not_logged_in(full):
    full.client.cookies.clear()
    for route in routes_of(full.client.app.routes, "GET"):
        path = example(route)
        if path.startswith("/personal") and not path.startswith("/personal/logga-in"):
            answer = full.client.get(path, follow_redirects=False)
            assert answer.status_code == 303, path
            assert answer.headers["location"].startswith("/personal/logga-in"), path


def test_opening_everything_there_is_changes_nothing(full):
    """A link that acts is pressed by whatever reads a mail or a page before the person does."""
    routes = routes_of(full.client.app.routes, "GET")
    before = full.house.everything()
    opened = set()
    for path, answer in explore(lambda path: full.client.get(path, follow_redirects=False), ["/", "/personal"]):
        assert answer.status_code in {200, 303}, f"{path}: {answer.status_code}"
        found = route_for(routes, path)
        assert found is not None, f"a link leads to {path}, where nothing is"
        opened.add(found.path)
    assert len(opened) > 15
    after = full.house.everything()
    assert {name for name in after if after[name] != before[name]} <= NOTED
