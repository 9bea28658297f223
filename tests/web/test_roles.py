"""What each role may: every staff page and form, tried by everyone, and nothing shown that would be refused."""

import re
from functools import partial

import pytest

from inbox_bot.domain.staff import Role
from inbox_bot.web.hiding import hide
from inbox_bot.web.needs import NEEDS, need_of
from tests.support.house import KALLE, STAFF
from tests.support.people import SHARED, FakePeople, with_people
from tests.web.test_login import FORMS, PAGES

PEOPLE = {role: f"{role.value}@example.com" for role in Role}


@pytest.fixture
def crew(build):
    """An installation where each role has a person, with a case to look at."""
    house = build(
        staff={
            "addresses": [STAFF, *PEOPLE.values()],
            "roles": {address: role.value for role, address in PEOPLE.items()},
            "idle_minutes": 720,
        }
    )
    house.ask_and_confirm("#erasure")
    house.ask_and_confirm("#access", sender="eva@example.org")
    house.mail("#unsure #erasure", sender="c@example.org")
    house.drain()
    return house


@pytest.fixture
def as_role(crew, serve):
    def log_in(role):
        browser = serve(crew)
        assert browser.log_in(PEOPLE[role]).status == 200
        return browser

    return log_in


def staff_routes(app):
    return [
        (method, route.path)
        for route in app.routes
        for method in sorted(route.methods - {"HEAD"})
        if route.path.startswith("/personal") and not route.path.startswith("/personal/logga-in")
    ]


def test_every_staff_route_declares_what_it_needs_and_nothing_else_is_declared(browser):
    assert set(staff_routes(browser.client.app)) == set(NEEDS)


def tried(browser, method, path, **data):
    where = next(one for one in (PAGES if method == "GET" else FORMS) if matching(browser, method, path, one))
    if method == "GET":
        return browser.client.get(where, follow_redirects=False)
    token = browser.open("/personal/inloggningar").form("Logga ut").fields["token"][0]
    return browser.client.post(where, data={"token": token} | data, follow_redirects=False)


def matching(browser, method, path, concrete):
    [route] = [one for one in browser.client.app.routes if one.path == path and method in one.methods]
    return route.path_regex.match(concrete)


@pytest.mark.parametrize("role", [Role.READ, Role.HANDLE, Role.APPROVE])
def test_every_page_and_button_refuses_who_may_less(crew, as_role, role):
    browser = as_role(role)
    before = {name: rows for name, rows in crew.everything().items() if name not in {"audit", "session"}}
    refused = 0
    for (method, path), need in NEEDS.items():
        for button in need.buttons or [""]:
            if role.covers(need.role_for(button)):
                continue
            response = tried(browser, method, path, do=button)
            assert (path, button, response.status_code) == (path, button, 403)
            assert "Det får du inte göra" in response.text
            refused += 1
    assert refused
    assert before == {name: rows for name, rows in crew.everything().items() if name not in {"audit", "session"}}
    assert crew.sql("SELECT count(*) FROM audit WHERE act = 'refused'")[0][0] > 0


def test_what_declares_nothing_is_refused_to_an_admin_too(as_role, monkeypatch):
    browser = as_role(Role.ADMIN)
    monkeypatch.setattr("inbox_bot.web.access.need_of", lambda *_: None)
    page = browser.open("/personal")
    assert (page.status, page.title) == (403, "Det får du inte göra")


def test_a_button_somebody_makes_up_fills_no_log(crew, as_role):
    assert tried(as_role(Role.READ), "POST", "/personal/sparrlista", do="x" * 100_000).status_code == 403
    assert crew.sql("SELECT max(length(detail)) FROM audit") == [(60,)]


def test_a_button_the_table_does_not_name_needs_the_highest_of_its_form():
    need = need_of("POST", "/personal/arende/{reference}/svar/{draft:int}")
    assert need.role_for("spara") is Role.HANDLE
    assert need.role_for("rader:actions") is Role.HANDLE
    assert need.role_for("godkann") is need.role_for("ny-knapp") is need.role_for("") is Role.APPROVE


def test_the_refusal_says_who_can_and_keeps_what_was_typed(crew, as_role):
    browser = as_role(Role.HANDLE)
    case = browser.case()
    token = case.form("do=spara").fields["token"][0]
    [draft] = re.findall(r"/personal/arende/PK-2026-0001/svar/(\d+)", case.html)[:1]
    words = "Kontot är raderat i kursplattformen i dag."
    response = browser.client.post(
        f"/personal/arende/PK-2026-0001/svar/{draft}", data={"token": token, "do": "godkann", "f.copy": words}
    )
    assert response.status_code == 403
    assert "Det kräver behörigheten godkänna. Du har behörigheten handlägga." in response.text
    assert PEOPLE[Role.APPROVE] in response.text
    assert PEOPLE[Role.READ] not in response.text
    assert words in response.text
    assert crew.sql("SELECT act, subject, which, detail FROM audit WHERE act = 'refused'") == [
        ("refused", "case", "PK-2026-0001", "godkann")
    ]


def controls(page):
    """Yield method, path and button of everything a page lets one press."""
    for link in page.links:
        if link.startswith("/personal"):
            yield "GET", link, ""
    for form in page.tree.css("form"):
        method = (form.attributes.get("method") or "get").upper()
        for button in form.css("button"):
            name, value = button.attributes.get("name"), button.attributes.get("value") or ""
            yield method, form.attributes.get("action") or "", value if name == "do" else ""


@pytest.mark.parametrize("role", list(Role))
def test_no_page_shows_what_would_be_refused(as_role, role):
    browser = as_role(role)
    for path in PAGES:
        page = browser.open(path)
        if page.status != 200 or "html" not in page.headers["content-type"] or path.endswith(".html"):
            continue
        for method, where, button in controls(page):
            bare = where.split("?")[0].split("#")[0]
            found = [
                need
                for (of, route), need in NEEDS.items()
                if of == method and re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", route), bare)
            ]
            assert all(role.covers(need.role_for(button)) for need in found), (path, method, where, button)


def test_who_may_read_sees_the_letter_and_no_way_to_send_it(as_role):
    page = as_role(Role.READ).case("PK-2026-0002")
    assert page.status == 200
    assert "eva@example.org" in page.text
    assert "Historik" in page.text
    assert page.tree.css_first("#svar-2 h3") is not None, "that an answer is being written is there to be read"
    assert "Godkänn" not in page.text
    assert page.tree.css("main form") == []
    assert page.tree.css("main textarea, main input") == []


def test_who_only_reads_sees_what_is_done_where_and_what_is_left(crew, as_role):
    crew.flow.acting.say_done("PK-2026-0001", ["Kontot är raderat."], system="kursplattformen", by="anna")
    page = as_role(Role.READ).case()
    told = {card.css_first("summary, h4").text(): card.text() for card in page.tree.css("[id^=uppgift-]")}
    assert len(told) == len(crew.flow.acting.sheet("PK-2026-0001").claims[0].tasks)
    assert "Kontot är raderat." in told["Kursplattformen Noterat"]
    assert page.tree.css("main button") == []
    assert page.tree.css_first("#mer") is None, "a heading with nothing below it"


def test_who_only_reads_sees_that_a_file_went_along_and_not_what_is_in_it(crew, as_role):
    house, draft = crew, next(one.record for one in crew.file("PK-2026-0002").drafts)
    file = house.flow.attach(draft.id, name="kopia.csv", content=b"Namn;Ort", owner="eva@example.org", by=STAFF)
    path = f"/personal/arende/PK-2026-0002/svar/{draft.id}/bilaga/{file}"
    for role, status in ((Role.READ, 403), (Role.HANDLE, 200)):
        browser = as_role(role)
        page = browser.case("PK-2026-0002")
        assert "kopia.csv" in page.text
        assert (path in page.links) is (status == 200)
        assert browser.open(path).status == status


def test_what_only_the_person_knows_is_for_who_may_compare_it(build, serve, monkeypatch):
    people = {"addresses": list(PEOPLE.values()), "roles": {PEOPLE[role]: role.value for role in Role}}
    house = with_people(partial(build, staff=people), monkeypatch, FakePeople())
    receipt = house.ask("#access", sender=SHARED)
    house.flow.confirm(receipt.token, receipt.code, "Excelkursen i mars")
    for role in (Role.READ, Role.HANDLE):
        browser = serve(house)
        browser.log_in(PEOPLE[role])
        page = browser.case()
        assert "Stämmer det här?" in page.text
        assert ("Excelkursen i mars" in page.text) is (role is Role.HANDLE)


def test_a_file_that_is_refused_is_answered_by_a_page_whose_buttons_work(as_role):
    """Its form to log out tells where it was sent from, as those of every page of the staff."""
    browser = as_role(Role.READ)
    answer = browser.client.post("/personal/arende/PK-2026-0002/svar/2/bilaga", files={"fil": b"x"})
    assert (answer.status_code, answer.headers["referrer-policy"]) == (403, "same-origin")


def test_who_may_handle_writes_and_does_not_approve(crew, as_role):
    browser = as_role(Role.HANDLE)
    page = browser.case()
    assert "do=spara" in {f"{name}={value}" for name, value in page.form("do=spara").buttons}
    assert not [value for name, value in page.form("do=spara").buttons if value in {"godkann", "avsla", "andra"}]
    assert "Avslå begäran" not in page.text
    assert "Förläng svarstiden" not in page.text
    page = browser.press(page, "do=tillbaka", tillbaka="Fyll i vad som är raderat.")
    assert "lämnat tillbaka" in page.text


def test_a_role_in_the_address_is_the_settings_word_not_the_forms(crew, as_role):
    browser = as_role(Role.READ)
    assert "får läsa" in (start := browser.open("/personal")).text
    assert start.title.endswith("saker väntar"), "and nothing of it on who only reads"
    page = browser.open("/personal/sparrlista")
    assert "Spärra en adress" not in page.text
    assert "Hela listan" not in page.text
    assert KALLE not in page.text


def test_headings_and_folds_that_became_empty_are_gone_and_words_to_read_stay():
    html = """<html><head></head><body><h2>Kvar</h2><p>Text</p><h2>Spärra</h2><form method="post" action="/x/personal/sparrlista">
    <input name="adress"><button name="do" value="sparra">S</button></form>
    <details><summary>Mer</summary><p class="hint">h</p><form method="post" action="/x/personal/arende/A/forlang"><button>F</button></form></details>
    <h2>Brev</h2><form method="post" action="/x/personal/arende/A/svar/1"><div class="field"><textarea>t</textarea></div><div class="letter">Hej</div>
    <button name="do" value="godkann">G</button></form></body></html>"""
    shown = hide(html, Role.READ, "/x")
    assert "Kvar" in shown
    assert "Hej" in shown
    for word in ("Spärra", "Mer", "textarea", "<button", "<input"):
        assert word not in shown
    assert 'value="sparra"' in hide(html, Role.HANDLE, "/x")


def test_a_section_that_lost_its_form_is_gone_and_one_with_words_left_has_no_name():
    form = '<form method="post" action="/personal/sparrlista"><input name="adress"><button name="do" value="sparra">S</button></form>'
    empty = f'<section aria-labelledby="ny"><h2 id="ny">Ny</h2>{form}</section>'
    words = f'<section aria-labelledby="mer"><h2 id="mer">Mer</h2>{form}</section><section aria-labelledby="kvar"><h2 id="kvar">Kvar</h2></section>'
    shown = hide(f"<html><body>{empty}{words}</body></html>", Role.READ, "")
    assert "Ny" not in shown
    assert shown.count("<section") == shown.count("aria-labelledby") == 1
    told = hide(
        f'<html><body><section aria-labelledby="ny"><div><h3 id="ny">Ny</h3>{form}</div><p>Ord</p></section></body></html>',
        Role.READ,
        "",
    )
    assert "Ord" in told
    assert "aria-labelledby" not in told
