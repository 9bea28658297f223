"""How far the verdicts can be trusted, counted over invented mails: requests, look-alikes and ordinary mail.

The half ``held`` was written before the rules it measures and not read while they were made. Its figures when it was first
opened, with 158 mails: 2 of 99 innocent mails taken for a request, 2 wrong sets among 39 sorted requests, 57 of 59
requests caught, 39 of 40 ordinary mails left alone. It has been read since, so it is a guard now and no measure any more.
"""

import json
from pathlib import Path

import pytest

from inbox_bot.domain.verdict import Outcome

MAILS = [json.loads(line) for line in (Path(__file__).parent / "mails.jsonl").read_text("utf-8").splitlines()]


@pytest.fixture(scope="module", params=["tuning", "held"])
def judged(request, classifier):
    """Return the mails of one half, each with its verdict."""
    return [
        (mail, classifier.classify(mail["subject"], mail["text"])) for mail in MAILS if mail["half"] == request.param
    ]


def _share(found, among):
    assert len(among) >= 38
    return len(found) / len(among)


def _of(judged, *kinds):
    return [(mail, verdict) for mail, verdict in judged if mail["kind"] in kinds]


def _rights(verdict):
    return sorted({str(claim.right) for claim in verdict.claims})


def test_what_is_called_a_request_is_one(judged):
    innocent = _of(judged, "lookalike", "ordinary")
    false = [mail["text"] for mail, verdict in innocent if verdict.outcome is Outcome.REQUEST]
    assert _share(false, innocent) <= 0.03, false


def test_what_is_sorted_has_the_rights_that_were_asked_for(judged):
    requests = [(mail, verdict) for mail, verdict in _of(judged, "request") if verdict.outcome is Outcome.REQUEST]
    wrong = [mail["text"] for mail, verdict in requests if _rights(verdict) != mail["rights"]]
    assert _share(wrong, requests) <= 0.06, wrong


def test_requests_are_caught(judged):
    requests = _of(judged, "request")
    missed = [mail["text"] for mail, verdict in requests if verdict.outcome is Outcome.NOT_REQUEST]
    assert _share(missed, requests) <= 0.05, missed


def test_more_than_half_of_the_requests_need_no_person_to_sort_them(judged):
    requests = _of(judged, "request")
    assert _share([mail for mail, verdict in requests if verdict.outcome is Outcome.REQUEST], requests) > 0.5


def test_ordinary_mail_is_left_alone(judged):
    ordinary = _of(judged, "ordinary")
    noise = [mail["text"] for mail, verdict in ordinary if verdict.outcome is not Outcome.NOT_REQUEST]
    assert _share(noise, ordinary) <= 0.1, noise


def test_every_mail_for_a_person_says_why(judged):
    for mail, verdict in judged:
        assert bool(verdict.reasons) is (verdict.outcome is Outcome.UNSURE), mail["text"]


def test_a_request_stays_one_between_other_peoples_matters(classifier):
    """A long letter is mostly about something else: what surrounds a request may hide it, never change its rights."""
    requests = _of([(mail, None) for mail in MAILS], "request")
    ordinary = [mail["text"] for mail in MAILS if mail["kind"] == "ordinary"]
    caught = 0
    for number, (mail, _) in enumerate(requests):
        before, after = ordinary[number % len(ordinary)], ordinary[(number * 7 + 3) % len(ordinary)]
        verdict = classifier.classify(mail["subject"], f"{before}\n\n{mail['text']}\n\n{after}")
        caught += verdict.outcome is not Outcome.NOT_REQUEST
    assert caught / len(requests) >= 0.95


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Tack för att ni raderade mitt konto.", "status_question"),
        ("Om ni inte betalar kommer jag att begära att ni raderar mitt konto.", "conditional"),
        ("Kan ni ta bort mig som administratör i portalen?", "unclear_object"),
        ("Jag bor numera i Lund, finns kursen där?", "signing_up"),
        ("Skicka allt ni har om mig och radera det sedan.", "unclear_rights"),
    ],
    ids=["past", "threat", "role", "signing up", "two rights on the same words"],
)
def test_doubt_goes_to_a_person_with_its_reason(classifier, text, reason):
    verdict = classifier.classify("", text)
    assert verdict.outcome is Outcome.UNSURE
    assert reason in verdict.reasons


def test_a_subject_that_the_body_does_not_bear_out_goes_to_a_person(classifier):
    body = "Hej, vi är tre personer som gärna kommer på torsdag. Finns det kaffe på plats?"
    verdict = classifier.classify("Registerutdrag", body)
    assert verdict.outcome is Outcome.UNSURE
    assert "subject_only" in verdict.reasons
    assert classifier.classify("Registerutdrag", "Mvh Test").outcome is Outcome.REQUEST
