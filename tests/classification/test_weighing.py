"""Rules and model together: every verdict can be acted on, and its words stand where it says."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inbox_bot.classification import corpus
from inbox_bot.domain.rights import Right
from inbox_bot.domain.verdict import Outcome
from inbox_bot.message.parse import read_text
from tests.support.verdicts import check_verdict


def _holds(verdict, subject, text):
    check_verdict(verdict, subject, text)
    if verdict.outcome is Outcome.REQUEST:
        assert {claim.right for claim in verdict.claims} <= {evidence.right for evidence in verdict.evidence}


@given(subject=st.text(max_size=60), text=st.text(max_size=400))
@settings(max_examples=150, deadline=None)
def test_no_text_raises_and_no_offset_lies(trained, subject, text):
    _holds(trained.classify(subject, text), subject, text)


def test_offsets_hold_in_the_mails_of_the_corpus(trained, rules_dir):
    for example in corpus.read_file(rules_dir / "corpus" / "d7.jsonl"):
        text = read_text(example.subject, example.body).reply_text
        _holds(trained.classify(example.subject, text), example.subject, text)


def test_the_words_shown_are_those_that_ask(trained):
    text = (
        "Hej! Tack för en fin kurs i Lund i våras, kaffet var gott och salen ljus. "
        "Radera allt ni har sparat om mig i era system. "
        "Hälsa gärna Birgitta i receptionen, hon var så hjälpsam när jag hade glömt parkeringskortet."
    )
    verdict = trained.classify("Kursen i våras", text)
    assert verdict.outcome is Outcome.REQUEST
    assert {claim.right for claim in verdict.claims} == {Right.ERASURE}
    (start, end) = min(one.start for one in verdict.evidence), max(one.end for one in verdict.evidence)
    assert text.index("Radera") <= start < end <= text.index("Hälsa")


def test_a_decision_without_a_rule_says_so(trained, rules_dir):
    seen = 0
    for example in corpus.read_file(rules_dir / "corpus" / "d6.jsonl"):
        verdict = trained.classify(example.subject, read_text(example.subject, example.body).reply_text)
        for one in verdict.evidence:
            if one.rule.startswith("model."):
                seen += 1
                assert one.right is not None
                assert one.rule == f"model.{one.right.value}"
    assert seen > 20


def test_a_clear_request_from_another_is_for_a_person_with_the_reason(trained):
    verdict = trained.classify(
        "Fullmakt",
        "Hej, jag är ombud för min klient Karin Ek, se bifogad fullmakt. För hennes räkning begär jag en kopia av "
        "alla personuppgifter som ni behandlar om henne enligt artikel 15 i dataskyddsförordningen.",
    )
    assert verdict.outcome in {Outcome.REQUEST, Outcome.UNSURE}
    assert verdict.is_for_a_person
    assert "proxy" in verdict.reasons or "third_person" in verdict.reasons
    assert Right.ACCESS in {claim.right for claim in verdict.claims}


def test_a_marketing_stop_is_known_as_one(trained):
    verdict = trained.classify(
        "Nyhetsbrev", "Jag vill inte ha fler nyhetsbrev från er. Avregistrera mig från alla utskick."
    )
    assert verdict.outcome is Outcome.REQUEST
    assert all(claim.marketing for claim in verdict.claims)


@pytest.mark.parametrize(
    "piece", ["radera mig ", "mina uppgifter inte nyhetsbrev ", "a.b ", "jag vill inte att ni ", "x", "\n"]
)
def test_two_hundred_thousand_characters_take_bounded_time(trained, piece):
    text = (piece * (200_000 // len(piece) + 1))[:200_000]
    start = time.perf_counter()
    verdict = trained.classify("", text)
    assert time.perf_counter() - start < 10
    _holds(verdict, "", text)


def test_the_same_mail_gets_the_same_verdict_again(trained, sentences):
    for mail in sentences[::9]:
        first = trained.classify("", mail["text"])
        assert trained.classify("", mail["text"]) == first


def test_what_is_let_go_close_to_the_line_is_near(trained, rules_dir):
    import numpy as np

    from inbox_bot.classification.model import Limits, Opinion
    from inbox_bot.classification.weighing import outcome
    from inbox_bot.domain.verdict import Verdict

    limits = Limits(glance=-9, overruled=-9, left=-3, asked=0, surely=0.6)
    silent, heard = Verdict(outcome=Outcome.NOT_REQUEST), Verdict(outcome=Outcome.UNSURE, reasons=("question",))
    nothing = np.zeros((1, 1), dtype=np.float32)

    def near(asked, by_rules):
        opinion = Opinion(asked=asked, rights=nothing, behalf=0, sentences=nothing, whole=nothing)
        found = outcome(limits, opinion, by_rules, kept=False)
        assert found.outcome is Outcome.NOT_REQUEST
        return found.near

    assert [near(-3.5, silent), near(-4.5, silent), near(-8.0, heard)] == [True, False, True]
