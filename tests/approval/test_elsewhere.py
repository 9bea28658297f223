"""A case that somebody answered from Outlook ends as answered by hand, and only when all that closing takes is there."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from inbox_bot.domain.task import Finding, OutcomeKind
from inbox_bot.errors import NotAllowedError, NotFoundError
from inbox_bot.mailbox.beside import Wishes
from tests.support.house import KALLE, START, both_databases
from tests.support.neighbours import MemoryNeighbour

REF = "PK-2026-0001"


@pytest.fixture
def colleague(house):
    """Somebody who writes to Kalle from Outlook; returns how many questions that makes."""
    neighbour = MemoryNeighbour(house.mailbox)
    house.flow.tend(neighbour, Wishes())

    def write(number=1, at=None):
        head = (
            f"From: Anna Ek <anna.ek@example.com>\r\nTo: {KALLE}\r\nMessage-ID: <{number}@outlook.example.com>\r\n\r\n"
        )
        neighbour.put(head.encode(), at or house.now)
        return house.flow.tend(neighbour, Wishes())

    return write


@pytest.fixture
def answered(house, colleague):
    """A confirmed request for erasure that Anna answered from Outlook two days later; staff are asked a day after that."""
    house.ask_and_confirm("#erasure")
    house.days(2)
    assert colleague() == 1
    house.days(1)
    return house


def record_all(house):
    house.flow.acting.record(
        REF,
        Finding(kind=OutcomeKind.DONE, system="kursplattformen", what="Kontot är raderat.", day=START.date()),
        by="anna",
    )
    house.flow.acting.rest_absent(REF, by="anna")


@both_databases
def test_a_yes_closes_the_case_with_the_date_of_the_mail(answered):
    record_all(answered)
    handed = len(answered.transport.handed)
    answered.flow.close_as_answered(REF, by="anna")
    assert (answered.states(), answered.case().state.value) == ({"erasure": "answered"}, "closed")
    assert answered.events()[-2:] == ["answered_by_hand", "closed"]
    [event] = [one for one in answered.file().events if one.name.value == "answered_by_hand"]
    assert (event.actor, event.details["answered_on"], event.details["right"]) == ("anna", "2026-09-09", "erasure")
    assert [view.record.state.value for view in answered.file().drafts] == ["void"]
    assert answered.flow.archive.overview().beside.asks == ()
    answered.drain()
    assert KALLE not in [letter.recipient for letter in answered.transport.handed[handed:]]


def refused(house, words):
    before = {name: house.everything()[name] for name in ("claim", "case", "event", "draft", "outside_reply")}
    with pytest.raises(NotAllowedError, match=words):
        house.flow.close_as_answered(REF, by="anna")
    assert {name: house.everything()[name] for name in before} == before


def test_no_case_closes_while_a_system_has_no_record(answered):
    refused(answered, "Nothing is on record yet about kursplattformen, intygsarkivet")
    answered.flow.acting.rest_absent(REF, by="anna")
    answered.flow.close_as_answered(REF, by="anna")


def test_no_case_closes_while_nobody_has_confirmed_who_asked(house, colleague):
    house.ask("#access")
    house.clock.advance(timedelta(hours=1))
    assert colleague() == 1
    refused(house, "Nobody has confirmed who asked")


def test_no_case_closes_while_an_answer_of_ours_is_on_its_way(answered):
    record_all(answered)
    answered.flow.approve_case(REF, by="anna")
    refused(answered, "on its way")


def test_a_mail_cannot_answer_what_was_asked_after_it(answered):
    record_all(answered)
    answered.mail("#access", headers={"In-Reply-To": "<1@mail.example.com>", "References": "<1@mail.example.com>"})
    answered.drain()
    refused(answered, "asked for after that mail")


def test_a_program_closes_nothing(answered):
    record_all(answered)
    for nobody in ("", " ", "program", "inbox-bot"):
        with pytest.raises(NotAllowedError):
            answered.flow.close_as_answered(REF, by=nobody)


def test_a_no_leaves_the_case_as_it_is_until_somebody_writes_again(answered, colleague):
    answered.flow.keep_open(REF, by="anna")
    assert answered.states() == {"erasure": "awaiting_approval"}
    assert answered.events()[-1] == "outside_reply_declined"
    assert answered.flow.archive.overview().beside.asks == ()
    for decide in (answered.flow.keep_open, answered.flow.close_as_answered):
        with pytest.raises(NotAllowedError, match="no question about an answer from outside"):
            decide(REF, by="bo")
    assert colleague(number=2) == 1
    assert len(answered.flow.archive.overview().beside.asks) == 1


def test_several_mails_make_one_question_and_the_last_gives_the_date(answered, colleague):
    record_all(answered)
    assert colleague(number=2) == 1
    assert len(answered.flow.archive.overview().beside.asks) == 1
    answered.flow.close_as_answered(REF, by="anna")
    [event] = [one for one in answered.file().events if one.name.value == "answered_by_hand"]
    assert event.details["answered_on"] == "2026-09-10"
    assert answered.sql("SELECT DISTINCT state, decided_by FROM outside_reply") == [("closed", "anna")]


def test_a_case_that_is_not_there_is_named(house):
    with pytest.raises(NotFoundError, match="PK-2026-0009"):
        house.flow.keep_open("PK-2026-0009", by="anna")


@both_databases
def test_two_people_at_once_close_it_once(answered):
    record_all(answered)

    def close(name):
        try:
            answered.flow.close_as_answered(REF, by=name)
        except NotAllowedError:
            return 0
        return 1

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(close, ("anna", "bo"))) == 1
    assert (answered.events().count("answered_by_hand"), answered.events().count("closed")) == (1, 1)
