"""Each of the five rights, from mail-in through receipt, proof and a person's decision to the answer (issue 2)."""

import hashlib

import pytest

from tests.acceptance.correspondence import swedish_day
from tests.acceptance.story import (
    ANSWERED,
    BY_PAGE,
    COPY,
    CORRECTED,
    DELAY,
    DELETED,
    INNOCENTS,
    RECIPIENTS,
    REFUSAL,
    RIGHTS,
    STAFF,
    Story,
    address,
)

each_right = pytest.mark.parametrize("right", RIGHTS)


def events(story: Story, right: str) -> list[str]:
    return [event["name"] for event in story.cases[right]["events"]]


@each_right
def test_the_receipt_tells_the_reference_and_the_date(story, right):
    receipt = story.receipts[right]

    assert story.cases[right]["reference"] in receipt.text
    assert f"senast {swedish_day(story.dates[right]['strict_deadline'])}" in receipt.text


@each_right
def test_the_case_keeps_the_date_that_the_command_gives(story, right):
    claim = story.cases[right]["claims"][0]

    assert claim["right"] == right
    assert claim["received_at"] == story.received[right].isoformat()
    assert claim["strict_deadline"] == story.dates[right]["strict_deadline"]
    assert claim["strict_end_utc"] == story.dates[right]["strict_end_utc"]


@each_right
def test_the_receipt_is_an_automatic_answer_in_the_persons_thread(story, right):
    receipt = story.receipts[right].message

    assert receipt["Auto-Submitted"] == "auto-replied"
    assert receipt["In-Reply-To"] == f"<{right}@example.se>"
    assert receipt["References"].split() == [f"<{right}@example.se>"]
    assert receipt["To"].addresses[0].addr_spec == address(right)


@each_right
def test_opening_the_link_and_pressing_without_a_code_changes_nothing(story, right):
    assert story.opened_only[right] == "awaiting_identity"


@each_right
def test_identity_is_confirmed_once_by_the_way_the_person_chose(story, right):
    confirmed = [event for event in story.cases[right]["events"] if event["name"] == "identity_confirmed"]

    assert [event["details"]["via"] for event in confirmed] == ["page" if right in BY_PAGE else "reply"]
    assert "identity_failed" not in events(story, right)
    assert story.cases[right]["claims"][0]["proven"] is True


@pytest.mark.parametrize(
    ("right", "words"),
    [
        ("access", [COPY, RECIPIENTS]),
        ("erasure", [DELETED.rstrip("."), "kursplattformen", "22 november 2026"]),
        ("rectification", [CORRECTED.rstrip(".")]),
        ("restriction", [REFUSAL, "Integritetsskyddsmyndigheten"]),
        ("objection", [DELAY]),
    ],
)
def test_the_answer_says_what_the_person_at_the_company_wrote(story, right, words):
    for word in words:
        assert word in story.answers[right].text


@each_right
def test_the_answer_stands_in_the_thread_and_is_a_persons(story, right):
    answer, receipt = story.answers[right], story.receipts[right]
    last = f"<{right}@example.se>" if right in BY_PAGE else f"<{right}-reply@example.se>"

    assert answer.message["In-Reply-To"] == last
    assert f"<{right}@example.se>" in answer.message["References"].split()
    assert answer.message["Auto-Submitted"] in {None, "no"}
    assert answer.message_id != receipt.message_id
    assert answer.message["To"].addresses[0].addr_spec == address(right)


@pytest.mark.parametrize("right", ANSWERED)
def test_an_answered_case_is_closed_and_names_who_approved(story, right):
    case = story.cases[right]

    assert case["state"] == "closed"
    assert [claim["state"] for claim in case["claims"]] == ["answered"]
    assert [letter["approved_by"] for letter in case["letters"]] == ["", STAFF]
    assert ("refused" in events(story, right)) == (right == "restriction")
    assert events(story, right)[-2:] == ["answered", "closed"]


def test_an_extension_names_both_dates_and_moves_the_case(story):
    letter, claim = story.answers["objection"], story.cases["objection"]["claims"][0]

    assert story.extended["extension_valid"] is True
    assert swedish_day(story.extended["strict_deadline"]) in letter.text
    assert f"senast {swedish_day(story.extended['extended_deadline'])}" in letter.text
    assert claim["due"] == claim["extended_deadline"] == story.extended["extended_deadline"]
    assert claim["explanation"] == story.extended["explanation"]
    assert (claim["state"], story.cases["objection"]["state"]) == ("awaiting_approval", "open")


@each_right
def test_what_left_is_byte_for_byte_what_was_frozen(story, right):
    left = [story.receipts[right], story.answers[right]]
    kept = story.cases[right]["letters"]

    assert [letter["state"] for letter in kept] == ["sent", "sent"]
    assert [letter["sha256"] for letter in kept] == [hashlib.sha256(one.caught.content).hexdigest() for one in left]
    assert [letter["message_id"] for letter in kept] == [one.message_id for one in left]


def test_an_answer_that_lacks_something_is_not_approved(story):
    assert story.incomplete.code == 1
    assert "copy" in story.incomplete.err
    assert "recipients" in story.incomplete.err
    assert "Traceback" not in story.incomplete.err


def test_no_letter_went_to_anyone_else(story):
    to = [recipient for letter in story.letters for recipient in letter.caught.recipients if recipient != STAFF]

    assert sorted(to) == sorted(2 * [address(right) for right in RIGHTS])


def test_every_letter_has_an_id_of_its_own_under_the_senders_domain(story):
    ids = [letter.message_id for letter in story.letters]

    assert len(set(ids)) == len(ids)
    assert all(one.startswith("<") and one.endswith("@example.com>") for one in ids)


@pytest.mark.parametrize("innocent", INNOCENTS)
def test_mail_that_is_no_request_gets_no_answer(story, innocent):
    assert not [letter for letter in story.letters if address(innocent) in letter.caught.recipients]


def test_of_mail_that_is_no_request_only_hash_class_and_time_are_kept(story):
    kept = [row for row in story.mails if row["case_id"] is None]

    assert sorted(row["state"] for row in kept) == ["left", "set_aside", "set_aside", "set_aside"]
    for row in kept:
        assert (row["content"], row["message"], row["verdict"], row["message_id"]) == (None, None, None, None)
        assert len(row["fingerprint"]) == 64


def test_the_database_files_hold_no_word_of_mail_that_is_no_request(story):
    """Not in a freed page and not in the journal either."""
    for word in ("Lupinv", "newsletter@example.se", "borta@example.org", "absent@example.se"):
        assert word.encode() not in story.database, word


def test_no_mail_on_the_server_was_marked(story):
    assert len(story.flags["INBOX"]) == len(RIGHTS) + len(INNOCENTS) + 2
    assert {flags for folder in story.flags.values() for flags in folder.values()} == {frozenset()}


def test_the_program_stopped_when_it_was_asked_to(story):
    assert story.exit_code == 0


def test_the_log_names_nobody(story):
    assert "letter_tried" in story.log
    for word in ("example.se", "Kim", "Exempel", "Lupin", "personuppgifter", "anna@", "Traceback", "Warning"):
        assert word not in story.log, word
