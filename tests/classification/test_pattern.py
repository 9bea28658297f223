"""The notation of patterns, matched over small sentences."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inbox_bot.classification.grammar import Grammar
from inbox_bot.classification.lexicon import Lexicon

PHRASES = {"bort": ["ta ..2 bort", "radera"], "mina": ["min (uppgift|konto)"]}


@pytest.fixture(scope="module")
def lexicon():
    made = Lexicon()
    made.add("barrier", ["men"])
    made.add("mark", [".", "!", "tack"])
    made.add("common", ["jag"])
    made.add("sak", ["kurs", "faktura"])
    return made


@pytest.fixture(scope="module")
def match(lexicon):
    grammar = Grammar(lexicon, PHRASES)

    def match(pattern, sentence):
        found = grammar.pattern(pattern)
        masks = [lexicon.mask([word], folded=False) for word in sentence.split()]
        together = 0
        for mask in masks:
            together |= mask
        places = found.find(masks)
        assert not places or found.may_hold(together)
        return [" ".join(sentence.split()[start:end]) for start, end in places]

    return match


@pytest.mark.parametrize(
    ("pattern", "sentence", "found"),
    [
        ("radera", "jag radera nu", ["radera"]),
        ("radera ..2 konto", "radera mitt gamla konto", ["radera mitt gamla konto"]),
        ("radera ..1 konto", "radera mitt gamla konto", []),
        ("radera ..3 konto", "radera men konto", []),
        ("radera ..3!sak konto", "radera kurs konto", []),
        ("radera nu? konto", "radera konto radera nu konto", ["radera konto", "radera nu konto"]),
        ("(radera|släng) konto", "släng konto", ["släng konto"]),
        ("@bort ..1 @mina", "ta det bort , min konto", ["ta det bort , min konto"]),
        ("@bort & konto ~3", "konto vill jag radera", ["konto vill jag radera"]),
        ("@bort & konto ~1", "konto vill jag radera", []),
        ("^ stopp $", "stopp ! tack", ["stopp"]),
        ("^ stopp $", "kursen stopp !", []),
        ("^ stopp $", "tack stopp", ["stopp"]),
        ("^ ..2 stopp", "hör nu stopp", ["hör nu stopp"]),
        ("konto ..9 konto", "konto konto konto", ["konto konto"]),
    ],
)
def test_the_notation(match, pattern, sentence, found):
    assert match(pattern, sentence) == found


@given(words=st.lists(st.sampled_from(["ta", "bort", "radera", "min", "konto", "men", "jag", "x", "."]), max_size=25))
@settings(max_examples=200, deadline=None)
def test_what_is_found_is_within_the_sentence_and_never_overlaps(match, words):
    for pattern in ("@bort & @mina ~5", "^ ..3 konto", "jag? ..2 bort", "(ta|radera) ..4!sak (konto $|bort)"):
        sentence = " ".join(words)
        found = match(pattern, sentence)
        assert len(found) <= 4
        assert all(piece in sentence for piece in found)


@pytest.mark.parametrize("pattern", ["", "()", "radera &", "(radera", "radera )", "nu?", "..4", "@okänd", "^ $"])
def test_what_is_not_a_pattern_is_refused(lexicon, pattern):
    with pytest.raises(ValueError, match=r"pattern|@okänd"):
        Grammar(lexicon, PHRASES).pattern(pattern)


def test_a_word_list_knows_words_beginnings_endings_and_exceptions():
    lexicon = Lexicon()
    data = lexicon.add("data", ["*uppgift", "info", "-arbetsuppgift", "registr*", "=ha"])
    for forms, held in [
        (["kunduppgifterna", "kunduppgift"], True),
        (["arbetsuppgift"], False),
        (["info"], True),
        (["infografik"], False),
        (["registret"], True),
        (["ha"], True),
        (["har", "ha"], False),
    ]:
        assert bool(lexicon.mask(forms, folded=False) & data) is held


def test_plain_letters_match_only_in_mails_typed_with_them():
    lexicon = Lexicon()
    bit = lexicon.add("här", ["här"])
    assert lexicon.mask(["har"], folded=True) & bit
    assert not lexicon.mask(["har"], folded=False) & bit
