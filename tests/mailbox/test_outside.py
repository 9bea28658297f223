"""Somebody answered from Outlook: the program notices by headers alone, asks, and keeps nothing of any other mail."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from inbox_bot.errors import MailboxError
from inbox_bot.mailbox.beside import Wishes
from tests.support.house import EVA, KALLE, OWN, STAFF, START, both_databases
from tests.support.neighbours import MemoryNeighbour

SENT = Wishes(count_vanished=False)


@pytest.fixture
def beside(house):
    return MemoryNeighbour(house.mailbox)


def sent(house, beside, *, to=KALLE, sender="Anna Ek <anna.ek@example.com>", at=None, flags=(), **headers):
    """Put what a colleague sent into the Sent folder, and look."""
    lines = {"From": sender, "To": to, "Subject": "Svar", "Message-ID": "<1@outlook.example.com>"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    beside.put(f"{head}\r\nHemliga ord.\r\n".encode(), at or house.now, "Skickat", *flags)
    return house.flow.tend(beside, SENT)


def asks(house):
    return [(reference, reply.who) for reply, reference in house.flow.archive.overview().beside.asks]


@both_databases
@pytest.mark.parametrize("first", [True, False], ids=["at the first look", "later"])
def test_an_answer_in_the_thread_of_a_request_is_asked_about_once(house, beside, first):
    if not first:
        house.flow.tend(beside, SENT)
    house.ask("#access", message_id="<begaran@mail.example.com>")
    house.clock.advance(timedelta(hours=2))
    assert sent(house, beside, In_Reply_To="<begaran@mail.example.com>") == 1
    assert asks(house) == [("PK-2026-0001", "Anna Ek")]
    assert house.flow.tend(beside, SENT) == 0
    assert house.events().count("outside_reply_found") == 1


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"to": "Kalle <KALLE@example.se>"}, id="to the person"),
        pytest.param({"to": STAFF, "Cc": KALLE}, id="copy to the person"),
        pytest.param({"to": EVA, "References": "<x@y> <begaran@mail.example.com>"}, id="in the thread, elsewhere"),
    ],
)
def test_what_goes_to_the_person_or_stands_in_the_thread_is_an_answer(house, beside, headers):
    house.ask("#access", message_id="<begaran@mail.example.com>")
    assert sent(house, beside, **headers) == 1


def test_an_answer_to_our_own_letter_is_one_too(house, beside):
    receipt = house.ask("#access")
    assert sent(house, beside, to=EVA, In_Reply_To=receipt.message_id) == 1


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"to": EVA}, id="to somebody else"),
        pytest.param({"to": STAFF, "In_Reply_To": "<begaran@mail.example.com>"}, id="sent on to a colleague"),
        pytest.param({"at": START - timedelta(hours=1)}, id="before the request came"),
        pytest.param({"Auto_Submitted": "auto-replied"}, id="an automatic answer"),
        pytest.param({"X_Inbox_Bot_Letter": "receipt"}, id="our own, with another Message-ID"),
        pytest.param({"flags": ("\\Draft",)}, id="a draft"),
        pytest.param({"to": ", ".join([KALLE, *(f"p{n}@example.org" for n in range(30))])}, id="a mailing"),
    ],
)
def test_what_answers_no_case_leaves_no_trace(house, beside, headers):
    house.flow.tend(beside, SENT)
    house.ask("#access", message_id="<begaran@mail.example.com>")
    before = {name: rows for name, rows in house.everything().items() if name != "folder_note"}
    assert sent(house, beside, **headers) == 0
    assert {name: rows for name, rows in house.everything().items() if name != "folder_note"} == before


def test_our_own_letters_copied_to_sent_are_ours(house, beside):
    house.ask("#access")
    for letter in house.transport.handed:
        beside.put(letter.content, house.now)
    assert house.flow.tend(beside, SENT) == 0


def test_of_an_answer_nothing_is_kept_but_its_hash_its_time_and_who(house, beside):
    house.ask("#access")
    sent(house, beside, Subject="Hemligt ämne")
    [row] = house.sql("SELECT who, length(fingerprint) FROM outside_reply")
    assert row == ("Anna Ek", 64)
    assert "Hemlig" not in repr(house.everything()["outside_reply"]) + repr(house.everything()["event"])


def test_a_mail_from_the_shared_mailbox_names_nobody(house, beside):
    house.ask("#access")
    sent(house, beside, sender=f"Prokompetens <{OWN}>")
    assert asks(house) == [("PK-2026-0001", "")]
    assert "Någon verkar ha svarat från Outlook" in house.flow.weekly_digest().text


def test_of_two_cases_the_thread_decides_and_else_the_latest(house, beside):
    house.ask("#access", message_id="<forsta@mail.example.com>")
    house.clock.advance(timedelta(hours=1))
    house.ask("#erasure", message_id="<andra@mail.example.com>")
    sent(house, beside, In_Reply_To="<forsta@mail.example.com>")
    assert asks(house) == [("PK-2026-0001", "Anna Ek")]
    sent(house, beside, Message_ID="<2@outlook.example.com>")
    assert [reference for reference, _ in asks(house)] == ["PK-2026-0001", "PK-2026-0002"]


def test_a_closed_case_asks_nothing(house, beside):
    house.ask("#access")
    house.flow.dismiss("PK-2026-0001", reason="Gällde något annat.", by="anna")
    assert sent(house, beside) == 0


def test_the_folder_numbered_anew_is_gone_through_again_and_asks_nothing_twice(house, beside):
    house.ask("#access")
    assert sent(house, beside) == 1
    house.flow.keep_open("PK-2026-0001", by="anna")
    beside.others.renumber("Skickat")
    assert house.flow.tend(beside, SENT) == 0
    assert asks(house) == []


def test_many_mails_are_gone_through_in_portions(house, beside):
    house.flow.tend(beside, SENT)
    house.ask("#access")
    for number in range(120):
        beside.put(f"To: p{number}@example.org\r\nMessage-ID: <{number}@x>\r\n\r\n".encode(), house.now)
    assert sent(house, beside) == 1


def test_the_open_cases_are_loaded_once_for_a_portion(house, beside):
    for number in range(3):
        house.mail("#access", sender=f"p{number}@example.org")
    house.drain()
    for number in range(20):
        beside.put(f"From: anna@example.com\r\nTo: x{number}@example.org\r\n\r\n".encode(), house.now, "Skickat")
    loaded = []
    event.listen(
        house.building.engine,
        "before_cursor_execute",
        lambda *call: loaded.append(call[2]) if 'FROM "case" ' in call[2] or "FROM challenge" in call[2] else None,
    )
    house.flow.tend(beside, SENT)
    assert len(loaded) < 10


def test_no_sent_folder_is_said_with_what_to_do_and_forgotten_when_there_is_one(house, beside):
    beside.sent_names = ()
    house.flow.tend(beside, SENT)
    [(mailbox, failure)] = house.flow.archive.overview().beside.failures
    assert mailbox == "info"
    assert "sent_folder" in failure
    assert "sent_folder" in house.flow.weekly_digest().text
    beside.sent_names = ("Skickat",)
    house.flow.tend(beside, SENT)
    assert house.flow.archive.overview().beside.failures == ()


def test_a_broken_look_begins_again_where_it_stopped(house, beside):
    house.flow.tend(beside, SENT)
    house.ask("#access")
    beside.trouble["headers"] = MailboxError("The line broke.", temporary=True)
    assert sent(house, beside) == 0
    beside.trouble.clear()
    assert house.flow.tend(beside, SENT) == 1
