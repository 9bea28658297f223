"""Values before they stand in a letter."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_bot.letters.cleaning import clean_all, clean_line, clean_text, greeting_name


@pytest.mark.parametrize(
    ("given_name", "greeted"),
    [
        ("Anna Exempel", "Anna Exempel"),
        ("Exempel, Anna", "Anna Exempel"),
        ('"Anna Exempel"', "Anna Exempel"),
        ("J. R. Exempel", "J. R. Exempel"),
        ("Zoë d’Arc-Öberg", "Zoë d’Arc-Öberg"),
        ("李小龍", "李小龍"),
        ("Anna 2", ""),
        ("anna@example.com", ""),
        ("www.example.com", ""),
        ("Klicka https://example.com", ""),
        ("Du har vunnit ett pris hos oss", ""),
        ("a" * 61, ""),
        ("- Anna", ""),
        ("", ""),
        ("\r\n", ""),
    ],
)
def test_only_what_looks_like_a_name_is_greeted(given_name, greeted):
    assert greeting_name(given_name) == greeted


@given(st.text())
def test_a_greeting_never_holds_an_address_digits_or_line_ends(value):
    name = greeting_name(value)
    assert not set('@/:<>\r\n"0123456789') & set(name)
    assert len(name) <= 60


@given(st.text(alphabet=st.characters()))
def test_cleaned_text_holds_no_control_characters_and_cleaning_twice_changes_nothing(value):
    text = clean_text(value)
    assert all(character == "\n" or unicodedata.category(character)[0] != "C" for character in text)
    assert clean_text(text) == text
    assert "\n" not in clean_line(value)
    text.encode("utf-8")


def test_paragraphs_survive_and_decomposed_letters_are_composed():
    assert clean_text("A\u030ake\r\n\r\nrad två\u2028rad tre\tslut ") == "Åke\n\nrad två\nrad tre slut"


def test_structures_are_cleaned_inside_and_numbers_left_alone():
    assert clean_all({"a": ["x\x00", 1, None, ("y\r\n",)]}) == {"a": ["x", 1, None, ["y"]]}
