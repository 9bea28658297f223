"""The trained model is the corpus's own, fits in the wheel, and says what is wrong with one that cannot be used."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from inbox_bot.classification import corpus, limits, parts, training
from inbox_bot.classification.features import VERSION
from inbox_bot.classification.glance import NEVER
from inbox_bot.classification.likeness import LIKENESSES
from inbox_bot.classification.model import (
    ANY,
    CLOSE_VALUES,
    HEADS,
    OF_MAIL,
    RIGHTS,
    RULE_FLAGS,
    Opinion,
    closely,
    closer_values,
    load_model,
    save,
)
from inbox_bot.classification.rulebook import build
from inbox_bot.classification.spacy_model import SpacyClassifier, load_untrained
from inbox_bot.classification.toml_files import read
from inbox_bot.domain.verdict import Outcome
from inbox_bot.errors import RulesError
from inbox_bot.message.parse import read_text


@pytest.fixture(scope="module")
def examples(rules_dir):
    return corpus.read_files(corpus.files(rules_dir / "corpus"))


def _new_words(subject, body):
    return read_text(subject, body).reply_text


@pytest.fixture(scope="module")
def small(rules_dir, examples):
    """A model learnt from a few writers, twice, in the same way."""
    few = [one for one in examples if one.writer.startswith(("c1-0", "c2-0"))]
    reader = load_untrained(rules_dir, rules_dir)

    def taught():
        rows = training.lay_out_examples(few, reader.read, reader.book, _new_words)
        extra = training.worsened_rows(few[::4], reader.read, reader.book, _new_words)
        held_back = training.hold_back(rows, extra, 2)
        chosen = limits.choose(few, held_back.opinions)
        return few, held_back, training.build(rows, extra, held_back, chosen, {})

    return taught(), taught()


def test_the_model_was_built_from_the_corpus_as_it_is(rules_dir, examples):
    card = json.loads((rules_dir / "model" / "card.json").read_text(encoding="utf-8"))
    assert card["corpus"] == corpus.fingerprint(examples), "the corpus has changed: run inbox-bot train"
    assert card["features"] == VERSION
    assert card["rules"] == build(read(rules_dir)).fingerprint, "the phrase rules have changed: run inbox-bot train"
    assert card["mails"] == len(examples)
    assert {"all", "in no contrast pair", "ordinary mail"} == set(card["held_back"])
    assert card["limits"]


def test_the_model_is_small_enough_for_the_wheel(rules_dir):
    assert sum(file.stat().st_size for file in (rules_dir / "model").iterdir()) <= 10_000_000


def test_the_same_mails_and_seed_make_the_same_model(small):
    (_, _, one), (_, _, other) = small
    assert np.array_equal(one.first.weights, other.first.weights)
    assert np.array_equal(one.first.whole, other.first.whole)
    assert np.array_equal(one.closer.forest.value, other.closer.forest.value)
    assert np.array_equal(one.second.weights, other.second.weights)
    assert np.array_equal(one.third.forest.value, other.third.forest.value)
    assert one.limits == other.limits
    assert one.card == other.card


def test_no_writer_is_learnt_from_and_measured_on(small):
    (few, held_back, _), _ = small
    folds = {}
    for example, fold in zip(few, held_back.folds.tolist(), strict=True):
        folds.setdefault(example.writer, set()).add(fold)
    assert all(len(found) == 1 for found in folds.values())
    assert len({fold for found in folds.values() for fold in found}) == 2


def test_what_it_learnt_ranks_strangers_requests_above_other_mail(small):
    (few, held_back, _), _ = small
    asked = [opinion.asked for example, opinion in zip(few, held_back.opinions, strict=True) if example.rights]
    other = [opinion.asked for example, opinion in zip(few, held_back.opinions, strict=True) if not example.rights]
    above = np.mean([[one > two for two in other] for one in asked])
    assert above > 0.65


def test_mails_a_person_sorted_without_marking_words_are_learnt_from(rules_dir, examples):
    few = [
        replace(one, asks=()) if number % 2 else one
        for number, one in enumerate(one for one in examples if one.writer.startswith("c1-0"))
    ]
    reader = load_untrained(rules_dir, rules_dir)
    rows = training.lay_out_examples(few, reader.read, reader.book, _new_words)
    unmarked = [row for row in rows if row.example.rights and not row.example.asks]
    assert any(np.isnan(row.labels).any() for row in unmarked)
    assert all(row.labels[0, ANY] == 1 for row in unmarked if len(row.labels) == 1)
    held_back = training.hold_back(rows, [], 2)
    model = training.build(rows, [], held_back, limits.choose(few, held_back.opinions), {})
    assert not np.isnan(model.first.biases).any()
    without = [row for row in rows if row.example.asks or not row.example.rights]
    held_back = training.hold_back(without, [], 2)
    other = training.build(without, [], held_back, model.limits, {})
    assert not np.array_equal(model.first.weights, other.first.weights)


def test_a_model_written_and_read_again_says_the_same(small, tmp_path, rules_dir):
    (few, _, model), _ = small
    save(model, tmp_path / "model")
    again = load_model(tmp_path / "model")
    reader = load_untrained(rules_dir, rules_dir)
    first = SpacyClassifier(reader.book, reader.meanings, model)
    second = SpacyClassifier(reader.book, reader.meanings, again)
    for example in few[:60]:
        assert first.classify(example.subject, example.body) == second.classify(example.subject, example.body)


def test_a_model_that_cannot_be_used_is_named_with_what_to_do(rules_dir, tmp_path):
    with pytest.raises(RulesError, match=r"cannot be read.*inbox-bot train"):
        load_model(tmp_path / "none")
    broken = tmp_path / "broken"
    shutil.copytree(rules_dir / "model", broken)
    (broken / "weights.npz").write_bytes(b"PK\x03\x04 no archive")
    with pytest.raises(RulesError, match="is damaged"):
        load_model(broken)
    shutil.copy(rules_dir / "model" / "weights.npz", broken / "weights.npz")
    card = json.loads((broken / "card.json").read_text(encoding="utf-8"))
    (broken / "card.json").write_text(json.dumps(card | {"features": VERSION + 1}), encoding="utf-8")
    with pytest.raises(RulesError, match="another version"):
        load_model(broken)
    (broken / "card.json").write_text(json.dumps(card), encoding="utf-8")
    np.savez(broken / "weights.npz", columns=np.array([1]), weights=np.zeros((1, 2), np.float16))
    with pytest.raises(RulesError, match="does not fit"):
        load_model(broken)


def _opinion(asked, sureness=0.9, right=0):
    rights = np.full(len(RIGHTS), -3.0, np.float32)
    rights[right] = 3
    return Opinion(
        asked=asked,
        rights=rights,
        behalf=-1.0,
        sentences=np.zeros((1, 10), np.float32),
        whole=np.zeros(8, np.float32),
        sureness=sureness,
    )


def _example(number, asks):
    rights = frozenset({RIGHTS[0]}) if asks else frozenset()
    return corpus.Example(writer=f"c1-{number}", subject="", body="", rights=rights)


def test_limits_leave_at_most_one_request_in_two_hundred_alone():
    examples = [_example(number, number < 400) for number in range(800)]
    opinions = [_opinion(number / 100 if number < 400 else -number / 100) for number in range(800)]
    left = limits.choose(examples, opinions).left
    assert sum(opinion.asked < left for opinion in opinions[:400]) <= 2
    assert all(opinion.asked < left for opinion in opinions[400:])


def test_limits_do_not_sort_what_is_wrong_too_often():
    examples = [_example(number, asks=True) for number in range(200)] + [_example(900, asks=False)]
    # Every second set is wrong where the model is not sure.
    opinions = [
        _opinion(2.0, 0.95 if number < 100 else 0.5, right=number % 2 if number >= 100 else 0) for number in range(200)
    ]
    chosen = limits.choose(examples, [*opinions, _opinion(-5.0)])
    assert 0.5 < chosen.surely <= 0.95


def _said(*asking):
    """Return what a first stage might say of sentences that ask as much as this, and of the mail they make up."""
    sums = np.full((len(asking), HEADS), -2.0, np.float32)
    sums[:, ANY] = asking
    return sums, np.arange(OF_MAIL, dtype=np.float32)


def test_the_closer_look_is_taken_at_the_strongest_sentences_with_what_stands_beside_them():
    sums, whole = _said(-1.0, 0.5, -3.0, 0.2, -0.5, -2.0)
    assert closer_values(sums[:3], whole, np.ones(RULE_FLAGS, np.float32))[0].tolist() == [1, 0], "the third is faint"
    chosen, table = closer_values(sums, whole, np.ones(RULE_FLAGS, np.float32))
    assert chosen.tolist() == [1, 3, 4, 0]
    after = HEADS + ANY + 1
    assert table[:, ANY].tolist() == [0.5, np.float32(0.2), -0.5, -1.0]
    before_it, after_it = table[:, HEADS + ANY], table[:, after + ANY]
    assert before_it.tolist() == [-1.0, -3.0, np.float32(0.2), -4.0], "nothing stands before the first"
    assert after_it.tolist() == [-3.0, -0.5, -2.0, 0.5]
    assert (table[:, -RULE_FLAGS:] == 1).all()
    assert table.shape[1] == after + ANY + 1 + OF_MAIL + 4 + RULE_FLAGS


def test_a_mail_without_words_is_looked_at_without_a_fault(trained):
    sums, whole = _said()
    chosen, table = closer_values(sums, whole, np.zeros(RULE_FLAGS, np.float32))
    assert not chosen.size
    nothing = closely(trained.model.closer, table)
    assert nothing.shape == (CLOSE_VALUES,)
    sums, whole = _said(-1.0)
    something = closely(trained.model.closer, closer_values(sums, whole, np.zeros(RULE_FLAGS, np.float32))[1])
    assert (nothing < something).all()


def test_several_sentences_that_may_ask_are_more_than_one(trained):
    flags = np.zeros(RULE_FLAGS, np.float32)
    _, table = closer_values(*_said(0.1, 0.0, 0.1), flags)
    together, alone = closely(trained.model.closer, table), closely(trained.model.closer, table[:1])
    assert together[-1] > alone[-1], "any of them"
    assert (together[:-1] >= alone[:-1]).all(), "the strongest"


def test_the_traps_of_other_mail_are_learnt_and_those_of_requests_are_not():
    booking = corpus.Example(writer="c1-1", subject="", body="", rights=frozenset(), traps=("other_object",))
    asks = replace(booking, rights=frozenset(RIGHTS[:2]))
    assert [likeness(booking) for likeness in LIKENESSES] == [
        True,
        False,
        False,
        False,
        False,
        False,
        True,
        False,
        False,
    ]
    assert [likeness(asks) for likeness in LIKENESSES] == [False] * 7 + [True, False]
    assert LIKENESSES[-1](replace(asks, marketing_only=True))


def test_riddles_and_contrast_pairs_and_mail_against_the_program_do_not_set_the_limits():
    example = _example(1, asks=True)
    assert parts.is_ordinary(example)
    assert not parts.is_ordinary(replace(example, pair="c1-1/1"))
    assert not parts.is_ordinary(replace(example, writer="a3-07"))
    assert not parts.is_ordinary(replace(example, writer="m3w07"))
    assert parts.is_ordinary(replace(example, writer="staff-7"))


def test_what_is_like_a_mailbox_counts_more_than_what_is_written_to_fool():
    example = _example(1, asks=True)
    riddle, pair = replace(example, writer="a3-07"), replace(example, pair="c1-1/1")
    own, against = replace(example, writer="staff-7"), replace(example, writer="m3w07")
    assert parts.weight(riddle) == parts.weight(pair) < parts.weight(example) < parts.weight(own)
    assert parts.weight(against) == parts.weight(own)


ASKS = "Jag begär att ni raderar alla mina personuppgifter."


def _deaf(trained, *, overruled=-NEVER, changed=False):
    """Return a classifier whose model would leave everything alone."""
    model = replace(trained.model, limits=replace(trained.model.limits, left=1e9, asked=1e9, overruled=overruled))
    book = replace(trained.book, fingerprint="changed by staff") if changed else trained.book
    return SpacyClassifier(book, trained.meanings, model)


def test_what_the_rules_are_sure_of_is_kept_for_a_person(trained):
    verdict = _deaf(trained).classify("", ASKS)
    assert verdict.outcome is Outcome.UNSURE
    assert verdict.claims
    assert _deaf(trained).classify("", "Vilken sal är vi i på måndag?").outcome is Outcome.NOT_REQUEST


def test_a_model_that_is_far_from_a_sure_rule_overrules_it_unless_the_rules_have_changed(trained):
    assert _deaf(trained, overruled=1e9).classify("", ASKS).outcome is Outcome.NOT_REQUEST
    assert _deaf(trained, overruled=1e9, changed=True).classify("", ASKS).outcome is Outcome.UNSURE


def test_no_held_back_request_in_which_the_rules_heard_something_is_overruled():
    examples = [_example(number, number < 400) for number in range(800)]
    opinions = [_opinion(number / 100 if number < 400 else -number / 100) for number in range(800)]
    heard = [number >= 50 for number in range(800)]
    chosen = limits.choose(examples, opinions, heard)
    assert chosen.overruled <= chosen.left < 0.5
    heard[0], opinions[0] = True, _opinion(-6.0)
    assert limits.choose(examples, opinions, heard).overruled == -6.0 - limits.FARTHER
    assert limits.choose(examples, opinions).overruled < -10


def test_what_a_rule_heard_from_a_proxy_is_never_left_alone(trained):
    verdict = _deaf(trained, overruled=1e9).classify(
        "", "Jag är ombud för min klient och begär att hennes personuppgifter raderas. Fullmakt bifogas."
    )
    assert verdict.outcome is Outcome.UNSURE
    assert "proxy" in verdict.reasons


def test_only_a_thin_mail_has_its_matter_in_the_attachment_whatever_the_model_says(trained):
    deaf = _deaf(trained, overruled=1e9)
    assert deaf.classify("", "Se bifogad begäran.").reasons == ("attachment_only",)
    trip = " ".join(["Det är arton dagar, fyra mil tur och retur, och den tolfte åkte jag hem vid lunch."] * 4)
    assert deaf.classify("", f"Skickar blanketten för november, bifogad. {trip}").outcome is Outcome.NOT_REQUEST
