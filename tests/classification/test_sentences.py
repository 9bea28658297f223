"""Some four hundred invented mails, half of them no request, each with what a careful reader makes of it."""

import json
from pathlib import Path

import pytest

from inbox_bot.domain.verdict import Outcome

MAILS = [json.loads(line) for line in (Path(__file__).parent / "sentences.jsonl").read_text("utf-8").splitlines()]


def _claims(verdict):
    return sorted(f"{claim.right}:marketing" if claim.marketing else str(claim.right) for claim in verdict.claims)


@pytest.mark.parametrize("number", range(len(MAILS)), ids=lambda number: f"line-{number + 1}")
def test_every_mail_is_understood(classifier, number):
    mail = MAILS[number]
    verdict = classifier.classify(mail.get("subject", ""), mail["text"])
    assert verdict.outcome.value in mail["is"].split("|"), verdict
    if verdict.outcome is Outcome.REQUEST and "claims" in mail:
        assert _claims(verdict) == sorted(mail["claims"])
    if "reason" in mail:
        assert mail["reason"] in verdict.reasons


def test_the_sentences_cover_every_right_and_as_many_that_are_none():
    asked = {claim for mail in MAILS for claim in mail.get("claims", ())}
    assert asked == {
        "access",
        "rectification",
        "erasure",
        "restriction",
        "portability",
        "objection",
        "objection:marketing",
        "consent_withdrawal",
        "consent_withdrawal:marketing",
    }
    requests = sum(mail["is"].startswith("request") for mail in MAILS)
    assert len(MAILS) >= 380
    assert 0.4 * len(MAILS) <= requests <= 0.65 * len(MAILS)


@pytest.mark.parametrize("change", [str.upper, str.lower, str.title])
def test_capitals_change_nothing_for_a_plain_request(classifier, change):
    verdict = classifier.classify("", change("Jag vill att ni raderar alla mina uppgifter"))
    assert verdict.outcome is Outcome.REQUEST


@pytest.mark.parametrize(
    "text",
    [
        "jag aterkallar mitt samtycke",
        "ratta min adress ar ni snalla",
        "begransa behandlingen av mina personuppgifter",
        "jag invander mot er behandling av mina uppgifter",
    ],
    ids=["consent", "rectification", "restriction", "objection"],
)
def test_a_keyboard_without_swedish_letters_is_understood(classifier, text):
    assert classifier.classify("", text).outcome is Outcome.REQUEST


def test_words_below_a_quote_mark_are_not_the_senders(classifier):
    verdict = classifier.classify("Sv: Er fråga", "Tack, det löste sig!\n> Jag vill att ni raderar mina uppgifter.\n")
    assert verdict.outcome is Outcome.NOT_REQUEST


def test_a_subject_inherited_from_an_older_mail_asks_for_nothing_by_itself(classifier):
    fresh = classifier.classify("Radera mitt konto", "Mvh")
    answer = classifier.classify("Re: Radera mitt konto", "Tack ska ni ha!")
    assert fresh.outcome is Outcome.REQUEST
    assert answer.outcome is Outcome.UNSURE
    assert "quoted" in answer.reasons


def test_words_in_a_link_are_no_words(classifier):
    assert (
        classifier.classify("", "Boka här: https://example.com/avregistrera/mina-uppgifter").outcome
        is Outcome.NOT_REQUEST
    )


def test_another_rights_words_in_another_sentence_do_not_hide_a_request(classifier):
    verdict = classifier.classify("", "Ta bort min bokning i maj. Radera sedan mitt konto och mina uppgifter.")
    assert verdict.outcome is Outcome.REQUEST
    assert _claims(verdict) == ["erasure"]


def test_what_hangs_in_the_air_is_never_dropped_in_a_very_long_mail(classifier):
    verdict = classifier.classify("", "Kursen var bra. " * 3000 + "Radera mina personuppgifter.")
    assert verdict.outcome is Outcome.UNSURE
    assert "long_text" in verdict.reasons
