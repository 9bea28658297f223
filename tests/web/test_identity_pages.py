"""What the person who asked sees behind our link."""

from datetime import timedelta

import pytest

from inbox_bot.verification.answer import QuestionView
from inbox_bot.verification.trial import Result, Standing
from tests.support.house import KALLE
from tests.web.browsing import Page


@pytest.fixture
def receipt(house):
    return house.ask("Hej! #erasure #access")


def link(letter):
    return f"/identitet/{letter.token}"


def test_opening_the_link_says_what_it_is_about(browser, receipt):
    page = browser.open(link(receipt))
    assert page.status == 200
    assert page.title == "Var det du som skrev till oss?"
    for words in ("PK-2026-0001", "7 september 2026", "få uppgifter om dig raderade", "få veta vilka uppgifter vi har"):
        assert words in page.text


def test_nothing_about_anyone_is_shown_before_the_code(house, browser):
    letter = house.ask(
        "Hemligheten i brevet #erasure", sender="Kalle Exempelsson <kalle@example.se>", subject="Ämnesord"
    )
    html = browser.open(link(letter)).html
    for secret in ("Kalle", KALLE, "Hemligheten", "Ämnesord", letter.code):
        assert secret not in html


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_looking_changes_nothing(house, browser, receipt, method):
    before = house.everything()
    for path in (link(receipt), f"{link(receipt)}?sprak=en", f"{link(receipt)}?svar=ja&kod={receipt.code}"):
        assert browser.client.request(method, path).status_code == 200
    after = house.everything()
    # That the page was opened is counted; by whom, nobody can tell.
    counted = [row[-2] for row in after.pop("page_link")]
    assert (counted, [row[-2] for row in before.pop("page_link")]) == ([3], [0])
    assert after == before
    assert browser.woken == []


def test_the_right_code_and_yes_confirm(house, browser, receipt):
    page = browser.press(browser.open(link(receipt)), "svar=ja", kod=f" {receipt.code.lower().replace('-', ' ')} ")
    assert (page.status, page.title) == (200, "Tack, nu vet vi att det var du")
    assert browser.woken == [1]
    assert house.states() == {"erasure": "confirmed", "access": "confirmed"}
    assert browser.open(link(receipt)).title == "Tack, nu vet vi att det var du"


def test_the_right_code_and_no_close_the_matter(house, browser, receipt):
    page = browser.press(browser.open(link(receipt)), "svar=nej", kod=receipt.code)
    assert (page.status, page.title) == (200, "Tack, då gör vi ingenting")
    assert set(house.states().values()) == {"disowned"}
    assert browser.open(link(receipt)).title == "Tack, då gör vi ingenting"


def test_a_wrong_code_says_how_many_tries_are_left_until_it_is_locked(house, browser, receipt):
    page = browser.open(link(receipt))
    for left in (4, 3, 2, 1):
        page = browser.press(page, "svar=ja", kod="BCDF-GHJK")
        assert page.status == 422
        assert f"Du har {left} försök kvar" in page.text
    page = browser.press(page, "svar=ja", kod="BCDF-GHJK")
    assert (page.status, page.title) == (403, "Koden är spärrad")
    page = browser.client.post(link(receipt), data={"kod": receipt.code, "svar": "ja"})
    assert page.status_code == 403
    assert set(house.states().values()) == {"awaiting_identity"}


@pytest.mark.parametrize(
    "sent", [{"kod": " - ", "svar": "ja"}, {"svar": "ja"}, {"kod": "BCDF-GHJK"}, {"kod": "B", "svar": "x"}]
)
def test_an_empty_answer_costs_no_try(browser, receipt, sent):
    response = browser.client.post(link(receipt), data=sent)
    assert response.status_code == 422
    assert "Skriv koden från mejlet först" in response.text
    assert "Du har 4 försök kvar" in browser.press(browser.open(link(receipt)), "svar=ja", kod="BCDF-GHJK").text


def test_an_old_link_says_so_and_gives_a_new_one(house, browser, receipt):
    house.days(8)
    page = browser.open(link(receipt))
    assert (page.status, page.title) == (410, "Länken gäller inte längre")
    page = browser.press(page, "Skicka en ny kod")
    assert (page.status, page.title) == (200, "En ny kod är på väg")
    house.drain()
    fresh = house.to()[-1]
    assert fresh.token != receipt.token
    assert browser.press(browser.open(link(fresh)), "svar=ja", kod=fresh.code).status == 200
    assert set(house.states().values()) == {"confirmed"}


def test_a_new_code_is_not_sent_again_and_again(house, browser, receipt):
    house.clock.advance(timedelta(minutes=5))
    assert browser.press(browser.open(link(receipt)), "Skicka en ny kod").title == "En ny kod är på väg"
    page = browser.client.post(f"{link(receipt)}/ny")
    assert "Vi kan inte skicka en ny kod just nu" in page.text
    house.drain()
    assert len(house.to()) == 2


def test_an_unknown_link_is_met_kindly(browser):
    for token in ("nonsense", "x" * 300, "å", "%00", "a%0d%0ab"):
        page = browser.open(f"/identitet/{token}")
        assert (page.status, page.title) == (404, "Vi känner inte igen länken")
        assert "info@example.com" in page.text
        for path in ("", "/ny"):
            sent = {"kod": "BCDF-GHJK", "svar": "ja"}
            assert browser.client.post(f"/identitet/{token}{path}", data=sent).status_code == 404


def test_someone_who_wrote_english_reads_english(house, browser):
    letter = house.ask("#access #english")
    page = browser.open(link(letter))
    assert page.title == "Did you write to us?"
    assert page.tree.css_first("html").attributes["lang"] == "en"
    page = browser.press(page, "svar=ja", kod="BCDF-GHJK")
    assert "You have 4 tries left" in page.text
    swedish = browser.open(next(found for found in page.links if "sprak=sv" in found))
    assert swedish.title == "Var det du som skrev till oss?"
    page = browser.press(swedish, "svar=ja", kod=letter.code)
    assert page.title == "Tack, nu vet vi att det var du"


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_standing_has_a_page_that_says_what_to_do_next(browser, house, language, monkeypatch):
    titles = set()
    for standing in Standing:
        view = QuestionView(standing=standing, language=language)
        monkeypatch.setattr(type(house.flow), "question", lambda *_, view=view: view)
        titles.add(_checked(browser.open("/identitet/x"), language))
    for result in Result:
        monkeypatch.setattr(type(house.flow), "renew", lambda *_, result=result: result)
        if result not in {Result.WRONG_CODE, Result.FACT_MISSING}:
            titles.add(_checked(_press_new(browser), language))
    assert len(titles) == 9


def _press_new(browser):
    answer = browser.client.post("/identitet/x/ny")
    return Page(status=answer.status_code, html=answer.text, headers=answer.headers, url=str(answer.url))


def _checked(page, language):
    assert page.tree.css_first("html").attributes["lang"] == language
    assert any(found.startswith("mailto:info@example.com") for found in page.links)
    return page.title


def test_a_form_from_another_site_is_refused(house, browser, receipt):
    for headers in ({"Origin": "https://evil.example.org"}, {"Sec-Fetch-Site": "cross-site", "Origin": "null"}):
        response = browser.client.post(link(receipt), data={"kod": receipt.code, "svar": "ja"}, headers=headers)
        assert response.status_code == 403
    assert set(house.states().values()) == {"awaiting_identity"}
    # What browsers send from a page with no-referrer.
    headers = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
    assert (
        browser.client.post(link(receipt), data={"kod": receipt.code, "svar": "ja"}, headers=headers).status_code == 200
    )


def test_trying_again_and_again_is_stopped_for_a_while(house, browser):
    answers = [browser.client.post("/identitet/x", data={"kod": "B", "svar": "ja"}).status_code for _ in range(31)]
    assert answers == [404] * 30 + [429]
    house.clock.advance(timedelta(minutes=11))
    assert browser.client.post("/identitet/x", data={"kod": "B", "svar": "ja"}).status_code == 404
