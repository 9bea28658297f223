"""The words that decided stand exactly where the verdict says, whatever the text."""

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inbox_bot.classification import spacy_model
from inbox_bot.domain.verdict import Outcome
from tests.support.verdicts import check_verdict

WORDS = st.sampled_from(
    [
        "radera",
        "ta",
        "bort",
        "mig",
        "mina",
        "uppgifter",
        "konto",
        "inte",
        "vill",
        "jag",
        "ni",
        "er",
        "nyhetsbrev",
        "sluta",
        "mejla",
        "GDPR",
        "rätta",
        "adress",
        "min",
        "samtycke",
        "återkallar",
        ".",
        ",",
        "!",
        "?",
        "\n",
        "\n\n",
        '"',
        "”",
        "(",
        ")",
        "🙂",
        "é",
        "/",
    ]
)


def _holds(verdict, subject, text):
    check_verdict(verdict, subject, text)
    if verdict.outcome is Outcome.REQUEST:
        assert verdict.claims
        assert verdict.evidence
        assert not verdict.reasons
        assert {evidence.right for evidence in verdict.evidence} == {claim.right for claim in verdict.claims}


@given(subject=st.text(max_size=60), text=st.text(max_size=400))
@settings(max_examples=150, deadline=None)
def test_no_text_raises_and_no_offset_lies(classifier, subject, text):
    _holds(classifier.classify(subject, text), subject, text)


@given(subject=st.lists(WORDS, max_size=6), text=st.lists(WORDS, max_size=60))
@settings(max_examples=300, deadline=None)
def test_offsets_hold_in_texts_full_of_matching_words(classifier, subject, text):
    _holds(classifier.classify(" ".join(subject), " ".join(text)), " ".join(subject), " ".join(text))


def test_offsets_hold_for_every_sentence_in_the_subject_and_in_the_text(classifier, sentences):
    for first, second in pairwise(sentences):
        subject, text = first["text"], f"🙂 Hej!\r\n\r\n\t{second['text']}\n\nMvh"
        _holds(classifier.classify(subject, text), subject, text)


def test_surrogates_and_nuls_are_read_past(classifier):
    text = "\x00\ud800 Radera mina uppgifter \udfff"
    verdict = classifier.classify("\udc80", text)
    assert verdict.outcome is Outcome.REQUEST
    _holds(verdict, "\udc80", text)


@pytest.mark.parametrize(
    "piece",
    ["(", "radera mig ", "mina uppgifter inte nyhetsbrev ", "a.b ", '" ', "jag vill inte att ni ", " ", "x", "\n", "-"],
    ids=["brackets", "verbs", "hints", "dots", "quotes", "negation", "spaces", "one word", "lines", "dashes"],
)
def test_two_hundred_thousand_characters_take_bounded_time(classifier, piece):
    text = (piece * (200_000 // len(piece) + 1))[:200_000]
    start = time.perf_counter()
    verdict = classifier.classify("", text)
    assert time.perf_counter() - start < 5
    _holds(verdict, "", text)


def test_the_same_mail_gets_the_same_verdict_again(classifier, sentences):
    for mail in sentences[::7]:
        first = classifier.classify("", mail["text"])
        assert classifier.classify("", mail["text"]) == first


def test_a_full_memory_begins_anew_and_changes_no_verdict(rules_dir, monkeypatch):
    monkeypatch.setattr(spacy_model, "_CACHED_WORDS", 20)
    classifier = spacy_model.load(rules_dir)
    text = "Hej! Jag vill att ni raderar alla mina uppgifter. " + " ".join(f"ord{number}" for number in range(40))
    before = classifier.classify("", text)
    first = classifier._vocabulary
    assert classifier.classify("", text) == before
    assert classifier._vocabulary is not first
