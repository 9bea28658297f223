"""The first glance leaves alone what no word of could be a request, and nothing a rule has heard."""

from dataclasses import replace

import numpy as np
import pytest

from inbox_bot.classification import limits
from inbox_bot.classification.corpus import Example
from inbox_bot.classification.features import SIZE, word_features
from inbox_bot.classification.glance import NEVER, glimpse, packed_glance
from inbox_bot.classification.model import RIGHTS, Opinion
from inbox_bot.classification.spacy_model import SpacyClassifier
from inbox_bot.domain.verdict import Outcome


def _words(text):
    met = {}
    return [met.setdefault(word, word_features(word, word.lower(), ())) for word in text.split()]


def test_a_word_counts_once_wherever_it_stands():
    assert np.array_equal(glimpse(_words("hej hej då hej")), glimpse(_words("då hej")))
    assert len(glimpse([])) == 0


def test_a_glance_in_bytes_says_nearly_what_its_weights_say():
    weights = np.zeros(SIZE, np.float32)
    seen = glimpse(_words("radera mitt konto"))
    weights[seen] = np.linspace(-0.5, 1, len(seen))
    look = packed_glance(weights, -0.25)
    assert look.say(seen) == pytest.approx(weights[seen].sum() * len(seen) ** -0.25 - 0.25, abs=0.05)
    assert look.say(glimpse([])) == -0.25


def test_everyday_mail_is_left_alone_unweighed(trained, monkeypatch):
    monkeypatch.setattr("inbox_bot.classification.weighing.lay_out", None)  # to call it would be an error
    for text in (
        "Finns det parkering i närheten av lokalen, och när börjar lunchen på torsdag?",
        "Vad kostar kursen i heta arbeten för tolv personer, och när är nästa tillfälle i Lund?",
    ):
        assert trained.classify("Hej", text).outcome is Outcome.NOT_REQUEST


def test_what_a_rule_has_heard_is_weighed_whatever_the_glance_says(trained):
    blind = replace(trained.model, limits=replace(trained.model.limits, glance=NEVER))
    passing = SpacyClassifier(trained.book, trained.meanings, blind)
    assert passing.classify("", "Jag begär att ni raderar alla mina personuppgifter.").outcome is Outcome.REQUEST
    assert passing.classify("", "Dra in prenumerationen på månadsbladet.").outcome is Outcome.NOT_REQUEST


def _opinion(asked, glance):
    rights = np.full(len(RIGHTS), -3.0, np.float32)
    rights[0] = 3
    sums = np.zeros((1, 10), np.float32)
    return Opinion(asked=asked, rights=rights, behalf=-1, sentences=sums, whole=sums[0], sureness=0.9, glance=glance)


def _requests(count, others=0):
    asks = [frozenset(RIGHTS[:1])] * count + [frozenset()] * others
    return [Example(writer=f"c1-{number}", subject="", body="", rights=rights) for number, rights in enumerate(asks)]


def test_the_glance_passes_over_no_held_back_request_that_the_model_would_have_seen():
    examples = _requests(4_000, others=1_000)
    opinions = [_opinion(2.0 + number if number < 4_000 else -2.0, number % 4_000 - 4_000.0) for number in range(5_000)]
    chosen = limits.choose(examples, opinions)
    missed = [opinion.asked < chosen.left for opinion in opinions[:4_000]]
    assert sum(missed) == 4_000 * limits.MOST_MISSED
    lowest = min(opinion.glance for opinion in opinions[:4_000] if opinion.asked >= chosen.left)
    assert chosen.glance == lowest
    # A careful reader would leave them alone too, so they may be passed over.
    lenient = [replace(example, also_ok=(frozenset(),)) for example in examples]
    assert limits.choose(lenient, opinions).glance == -NEVER


def test_words_that_speak_for_a_request_are_never_passed_over():
    opinions = [_opinion(2.0, 1.0 + number) for number in range(100)]
    assert limits.choose(_requests(100), opinions).glance == 0.0


def test_the_glance_may_pass_over_what_the_model_leaves_alone():
    opinions = [_opinion(float(number), -50.0 if number < 5 else -1.0) for number in range(1_000)]
    chosen = limits.choose(_requests(1_000), opinions)
    assert chosen.left == 5.0
    assert chosen.glance == -1.0
