"""What the model sees: stable, bounded, and sensitive to what turns the sense of a sentence."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from inbox_bot.classification.features import SIZE, SentenceWords, mail_features, word_features
from inbox_bot.classification.meanings import Meanings

MEANINGS = Meanings({"erase": ["radera"], "data": ["uppgift", "kunduppgift"], "neg": ["inte"]})


def _sentence(text, *, subject=False):
    words = [word_features(word, word.lower(), MEANINGS.of(word.lower(), word.lower())) for word in text.split()]
    return SentenceWords(words=words, is_subject=subject, asks=False)


def _columns(*texts):
    found = mail_features([_sentence(text) for text in texts])
    return {row: set(found.columns[found.rows == row].tolist()) for row in range(len(texts) + 1)}


def test_capitals_dots_and_digits_do_not_count():
    assert _columns("Ändra 1234")[0] == _columns("ÄNDRA 9876")[0] == _columns("andra 0000")[0]


def test_the_order_of_words_counts():
    assert _columns("radera inte kontot")[0] != _columns("inte radera kontot")[0]


def test_a_sentence_knows_its_neighbours_and_the_mail_its_words():
    alone, beside = _columns("radera det"), _columns("radera det", "min profil")
    assert alone[0] < beside[0]
    assert alone[1] < beside[2]


def test_a_word_no_mail_held_shares_what_its_meaning_says():
    known = word_features("kunduppgift", "kunduppgift", MEANINGS.of("kunduppgift", "kunduppgift"))
    compound = word_features("patientuppgift", "patientuppgift", MEANINGS.of("patientuppgift", "patientuppgift"))
    assert set(known.lists) == set(compound.lists) != set()


def test_a_word_without_meaning_has_none():
    assert MEANINGS.of("xyzzy", "xyzzy") == ()


@given(st.lists(st.text(max_size=80), max_size=6))
@settings(max_examples=100, deadline=None)
def test_any_text_has_features_in_range_each_once_and_in_order(texts):
    found = mail_features([_sentence(text) for text in texts])
    assert found.sentences == len(texts)
    assert ((found.columns >= 0) & (found.columns < SIZE)).all()
    assert ((found.rows >= 0) & (found.rows <= len(texts))).all()
    keys = found.rows * SIZE + found.columns
    assert (np.diff(keys) > 0).all()


def test_a_mail_without_end_is_read_only_so_far():
    found = mail_features([_sentence("ord " * 5_000), _sentence("radera mig")])
    assert len(found.columns) < 40_000
