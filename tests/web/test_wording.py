"""The words of the pages: all there, and said as a person would."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

import inbox_bot
from inbox_bot.domain.rights import Claim, Right
from inbox_bot.errors import InboxBotError, LetterIncompleteError, TemplateError
from inbox_bot.settings import FileSettings, template_folders
from inbox_bot.web.pages import Pages
from inbox_bot.web.wording import left, read_words, urgency
from tests.web.browsing import COMPANY

SHIPPED = template_folders(FileSettings())[0] / "pages"


@pytest.fixture(scope="module")
def words():
    return read_words([SHIPPED])


def test_every_letter_has_a_name(words, letter_book):
    assert set(letter_book.names()) <= set(words.tables["letters"])


def test_every_swedish_error_stands_for_a_sentence_that_exists(words):
    source = "".join(file.read_text("utf-8") for file in Path(inbox_bot.__file__).parent.rglob("*.py"))
    assert [part for part in words.tables["failures"] if part not in source] == []


@pytest.mark.parametrize(
    "sentence",
    [
        "Mail 3 was filed by someone else just now.",
        "Letter 4 held a code and was emptied when it left.",
        "Letter 4 has been replaced: what it answered no longer waits.",
        "There is no breach 5.",
        "There is no file 6 on draft 7.",
        "There is no such file in letter 4.",
        "There is no row with that number.",
        "There is no recipient 8.",
        "The letter no_data is no answer to what was asked.",
        "No letter can be sent to this address: it is no mail address, or holds letters outside ASCII before the @.",
    ],
)
def test_what_a_page_can_run_into_is_said_in_swedish(words, sentence):
    assert words.failure(InboxBotError(sentence)) != sentence


def test_an_error_is_said_in_swedish_or_as_it_stands(words):
    assert words.failure(InboxBotError("A reason is demanded for a refusal.")) == "Skriv ett skäl."
    assert words.failure(InboxBotError("Odd.", hint="Do this.")) == "Odd. Do this."
    error = LetterIncompleteError("x", ("actions", "y"))
    assert (
        words.failure(error, {"actions": "Vad är gjort?"})
        == "Brevet saknar: vad är gjort, y. Fyll i det och försök igen."
    )


@pytest.mark.parametrize(
    ("days", "said", "how"),
    [
        (-2, "2 arbetsdagar försenat", "late"),
        (-1, "1 arbetsdag försenat", "late"),
        (0, "i dag är sista dagen", "near"),
        (1, "1 arbetsdag kvar", "near"),
        (5, "5 arbetsdagar kvar", "near"),
        (6, "6 arbetsdagar kvar", "calm"),
    ],
)
def test_time_left(days, said, how):
    assert left(days) == said
    assert urgency(days) == how


def test_days_are_stockholm_days(words):
    late = datetime(2026, 4, 6, 22, 30, tzinfo=UTC)
    assert words.day(late) == "tisdag 7 april 2026"
    assert words.short_day(date(2026, 4, 7)) == "tis 7 april"
    assert words.moment(late) == "tisdag 7 april 2026 kl. 00.30"
    assert words.requester["en"].day(late) == "7 April 2026"


def test_what_is_asked_is_one_sentence(words):
    claims = [Claim(right=Right.ACCESS), Claim(right=Right.ERASURE), Claim(right=Right.OBJECTION, marketing=True)]
    assert words.requester["sv"].asked(claims) == (
        "få veta vilka uppgifter vi har om dig, få uppgifter om dig raderade och slippa reklam"
    )
    assert words.right(claims[2]) == "Stopp för reklam"
    assert words.right(Claim(right=Right.ACCESS, marketing=True)) == "Registerutdrag"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda text: text.replace('erasure = "Radering"\n', "", 1), "erasure"),
        (lambda text: text.replace("[failures]", "[failure]"), "failures"),
        (lambda text: text.replace('"måndag", ', "", 1), "seven weekdays"),
        (lambda text: text.replace('access = "be told', 'acces = "be told'), "access"),
        (lambda text: text + "[", "TOMLDecodeError"),
    ],
)
def test_a_word_that_is_missing_is_named(tmp_path, change, named):
    (tmp_path / "words.toml").write_text(change((SHIPPED / "words.toml").read_text("utf-8")), "utf-8")
    with pytest.raises(TemplateError, match=named):
        read_words([tmp_path])


def test_the_companys_own_page_comes_before_the_shipped_one(tmp_path):
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "start.html").write_text("{% extends 'layout.html' %}{% block content %}Eget{% endblock %}")
    pages = Pages([tmp_path, SHIPPED.parent], prefix="", company=COMPANY)
    assert b"Eget" in pages.show("start.html").body


@pytest.mark.parametrize("made", [[], ["pages"]])
def test_no_pages_at_all_is_an_error(tmp_path, made):
    for name in made:
        (tmp_path / name).mkdir()
    with pytest.raises(TemplateError):
        Pages([tmp_path], prefix="", company=None)


def test_the_authority_has_its_right_name():
    every = "".join(file.read_text("utf-8") for file in SHIPPED.rglob("*.*"))
    assert "Datainspektionen" not in every
    assert "30 dagar" not in every
