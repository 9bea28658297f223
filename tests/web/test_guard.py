"""Headers, sizes, places and paths: what stands between the pages and the world."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from inbox_bot.clock import SetClock
from inbox_bot.web.guard import Limiter, comes_from_here, form_token, is_form_token, local_path, new_secret
from tests.support.house import START

PUBLIC = "https://arenden.example.se/bot"


def test_every_page_carries_the_headers(house, staff):
    letter = house.ask("#erasure")
    for path in (
        "/",
        f"/identitet/{letter.token}",
        "/identitet/x",
        "/personal",
        "/personal/arende/PK-2026-0001",
        "/personal/logga-in",
        "/halsa",
        "/finns-inte",
        "/robots.txt",
    ):
        headers = staff.open(path).headers
        policy = headers["content-security-policy"]
        for part in ("default-src 'none'", "style-src 'self'", "form-action 'self'", "frame-ancestors 'none'"):
            assert part in policy
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert "noindex" in headers["x-robots-tag"]
        assert headers["strict-transport-security"] == "max-age=31536000"
        wanted = "same-origin" if path.startswith("/personal") else "no-referrer"
        assert headers["referrer-policy"] == wanted


def test_no_page_brings_anything_from_elsewhere(house, staff):
    house.ask_and_confirm("#erasure")
    for path in ("/", "/personal", "/personal/arende/PK-2026-0001", "/personal/logga-in", "/identitet/x"):
        page = staff.open(path)
        assert page.tree.css("script, img, object, embed, [style], style") == []
        for node in page.tree.css("[src], link[href], form[action]"):
            address = node.attributes.get("src") or node.attributes.get("href") or node.attributes.get("action") or ""
            assert address.startswith("/")
            assert not address.startswith("//")


def test_a_plain_public_address_promises_no_tls(house, serve):
    browser = serve(house, pages="http://127.0.0.1:8025", base_url="http://127.0.0.1:8025")
    assert "strict-transport-security" not in browser.open("/").headers
    response = browser.client.get("/personal/logga-in")
    assert "Secure" not in response.headers["set-cookie"]
    assert browser.log_in().title == "Inget väntar på dig"


def test_the_style_sheet_may_be_kept(browser):
    [address] = [node.attributes["href"] for node in browser.open("/").tree.css("link[rel=stylesheet]")]
    response = browser.client.get(address)
    assert response.headers["content-type"].startswith("text/css")
    assert "max-age" in response.headers["cache-control"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/finns-inte", 404),
        ("DELETE", "/personal", 405),
        ("POST", "/halsa", 405),
        ("GET", "/identitet/x/ny", 405),
    ],
)
def test_what_does_not_exist_has_a_page(browser, method, path, status):
    response = browser.client.request(method, path)
    assert response.status_code == status
    assert "<h1>" in response.text


def test_a_huge_form_is_refused(browser):
    response = browser.client.post("/identitet/x", data={"kod": "x" * 2_000_000, "svar": "ja"})
    assert response.status_code == 413
    many = browser.client.post("/identitet/x", data={f"f{number}": "1" for number in range(600)})
    assert many.status_code == 400
    # What looks like the place for a file, and is a stranger's form.
    pieces = {f"f{number}": "x" * 50_000 for number in range(30)}
    for path in ("/identitet/bilaga", "/identitet/lagg-upp"):
        assert browser.client.post(path, data=pieces).status_code == 413


def test_a_refusal_tells_staff_the_way_back_and_others_whom_to_write_to_in_both_languages(browser):
    public, staff = browser.open("/finns-inte"), browser.open("/personal/finns-inte")
    assert (public.status, staff.status) == (404, 404)
    assert public.tree.css_first("[lang=en]").text().startswith("There is no such page.")
    assert "mailto:info@example.com" in public.links
    assert staff.tree.css_first("main .button").attributes["href"] == "/personal"
    assert staff.tree.css("[lang=en]") == []


def test_a_failure_shows_and_logs_nothing_of_anyone(house, staff, monkeypatch, capsys):
    def broken(*_):
        raise RuntimeError("kalle@example.se skrev något hemligt")

    monkeypatch.setattr(type(house.flow), "weekly_digest", broken)
    page = staff.open("/personal/sammanfattning")
    assert (page.status, page.title) == (500, "Något gick fel")
    shown = page.html + "".join(capsys.readouterr())
    assert "page_failed" in shown
    assert "/personal/sammanfattning" in shown
    for words in ("kalle", "hemligt", "Traceback"):
        assert words not in shown


def test_what_was_typed_is_shown_where_it_could_not_be_done(house, staff, monkeypatch):
    """Pages are not stored, so a browser that goes back shows the form anew, and empty."""
    house.ask("#access")
    words = "Ringde numret i kursplattformen och <frågade>."
    page = staff.press(staff.case(), "Skicka länken dit", adress="info@example.com", hur=words)
    assert page.status == 409
    assert words in page.text
    assert page.tree.css_first("input[name=token]") is None

    def broken(*_, **__):
        raise RuntimeError

    monkeypatch.setattr(type(house.flow), "ask_at", broken)
    page = staff.press(staff.case(), "Skicka länken dit", adress="lo@example.org", hur=words)
    assert page.status == 500
    assert words in page.text


def test_no_token_is_logged(house, browser, monkeypatch, capsys):
    letter = house.ask("#erasure")

    def broken(*_):
        raise RuntimeError(letter.token)

    monkeypatch.setattr(type(house.flow), "question", broken)
    capsys.readouterr()
    assert browser.open(f"/identitet/{letter.token}").status == 500
    shown = "".join(capsys.readouterr())
    assert "/identitet/{token}" in shown
    assert letter.token not in shown


@pytest.mark.parametrize(
    ("headers", "without_referrer", "expected"),
    [
        ({}, False, True),
        ({"origin": "https://arenden.example.se"}, False, True),
        ({"origin": "https://inside.example.se:8025", "host": "inside.example.se:8025"}, False, True),
        ({"origin": "https://evil.example.org", "host": "arenden.example.se"}, True, False),
        ({"origin": "http://arenden.example.se", "host": "127.0.0.1"}, False, False),
        ({"origin": "http://["}, True, False),
        ({"origin": "arenden.example.se", "host": ""}, False, False),
        ({"origin": "null"}, False, False),
        ({"origin": "null"}, True, True),
        ({"origin": "null", "sec-fetch-site": "cross-site"}, True, False),
        ({"origin": "null", "sec-fetch-site": "same-origin"}, True, True),
        ({"origin": "https://arenden.example.se", "sec-fetch-site": "cross-site"}, True, False),
        ({"sec-fetch-site": "none"}, False, True),
    ],
)
def test_where_a_form_comes_from(headers, without_referrer, expected):
    assert comes_from_here(Headers(headers), PUBLIC, without_referrer=without_referrer) is expected


def test_a_form_token_belongs_to_its_secret():
    one, other = new_secret(), new_secret()
    assert is_form_token(one, form_token(one))
    assert not is_form_token(one, form_token(other))
    assert not is_form_token("", form_token(""))
    assert one not in form_token(one)


@given(st.text())
def test_a_local_path_never_leaves_the_site(wanted):
    path = local_path(f"/personal/{wanted}", "/personal")
    assert path.startswith("/personal")
    assert "//" not in path
    assert "\\" not in path
    assert path.isprintable()


def test_the_limiter_counts_each_by_itself_and_forgets():
    clock = SetClock(START)
    limiter = Limiter(clock, most=2, seconds=60, remembered=2)
    assert [limiter.allows("a") for _ in range(3)] == [True, True, False]
    assert limiter.allows("b")
    clock.advance(timedelta(seconds=61))
    assert limiter.allows("a")
    assert limiter.allows("c")
    assert limiter.allows("d")
    assert [limiter.allows("a"), limiter.allows("a"), limiter.allows("a")] == [True, True, False]


@pytest.mark.parametrize(
    "path", ["/personal/brev/{}", "/personal/brev-ut/{}", "/personal/svar/{}/brev.html", "/personal/incidenter/{}"]
)
def test_a_number_no_row_can_have_is_not_found(staff, path):
    for number in (2**31, 10**30):
        assert staff.open(path.format(number)).status == 404
    assert staff.open(path.format("9" * 5000)).status == 414


@pytest.mark.parametrize("prefix", ["", "/bot"])
def test_no_redirect_names_the_host_a_request_claims_to_be_for(house, serve, prefix):
    browser = serve(house, pages=f"https://arenden.example.se{prefix}")
    evil = {"host": "evil.example.org"}
    for path, status in (("/identitet/x/", 404), ("/personal/", 303), ("//", 200), ("", 200), ("/halsa///", 200)):
        answer = browser.client.get(prefix + path, headers=evil, follow_redirects=False)
        assert answer.status_code == status
        assert answer.headers.get("location", "/").startswith("/")
        assert "evil" not in str(answer.headers)
    # Behind a proxy that strips the prefix.
    assert browser.client.get("/", headers=evil, follow_redirects=False).status_code == 200
