"""A delivery report finds its letter and gives the answer back; nothing of the report is kept."""

from datetime import timedelta

import pytest

from inbox_bot.domain.case import LetterPurpose, LetterState
from inbox_bot.outbox.transport import Attempt, Fate
from tests.support.house import EVA, KALLE, both_databases


def report(house, *, original=None, recipient=KALLE, action="failed", status="5.1.1"):
    """Put a delivery report (RFC 3464) into the mailbox."""
    returned = (
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {original}\r\nTo: {recipient}\r\n"
        if original
        else ""
    )
    body = (
        "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nYour mail could not be delivered.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.org\r\n\r\n"
        f"Final-Recipient: rfc822; {recipient}\r\nAction: {action}\r\nStatus: {status}\r\n\r\n"
        f"{returned}--b--\r\n"
    )
    head = (
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example.org\r\nTo: info@example.com\r\nSubject: Undelivered\r\n"
        f"Message-ID: <bounce{house.mailbox.total}@mx.example.org>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
    )
    house.mailbox.put((head + body).encode(), house.now)
    house.drain()


@pytest.fixture
def answered(house):
    house.ask_and_confirm("#erasure")
    house.flow.approve_case("PK-2026-0001", by="anna", note="Raderat i kursplattformen.", rest=True)
    house.drain()
    assert house.case().state.value == "closed"
    return house


@both_databases
def test_a_bounced_answer_is_no_answer(answered):
    last = answered.to(KALLE)[-1]
    report(answered, original=last.message_id)
    [letter] = answered.letters(name="granted_erasure")
    assert (letter.state, letter.answer) == (LetterState.BOUNCED, "bounced 5.1.1")
    assert answered.states() == {"erasure": "awaiting_approval"}
    assert answered.case().state.value == "open"
    assert answered.draft().state.value == "open"
    assert answered.events()[-2:] == ["letter_bounced", "reopened"]
    assert [one.id for one in answered.flow.archive.overview().troubled] == [letter.id]


def test_the_answer_can_be_approved_anew_after_a_bounce(answered):
    report(answered, original=answered.to(KALLE)[-1].message_id)
    answered.flow.approve_case("PK-2026-0001", by="anna", note="Raderat i kursplattformen, andra försöket.", rest=True)
    answered.drain()
    assert answered.states() == {"erasure": "answered"}
    assert answered.case().state.value == "closed"


def test_the_report_itself_is_not_kept_and_not_answered(answered):
    before = len(answered.transport.handed)
    report(answered, original=answered.to(KALLE)[-1].message_id)
    [(state, content, message)] = answered.sql("SELECT state, content, message FROM mail WHERE reason LIKE 'bounce%'")
    assert (state, content, message) == ("set_aside", None, None)
    to_staff = [letter for letter in answered.transport.handed[before:] if letter.recipient != "anna@example.com"]
    assert to_staff == []


def test_a_delay_is_no_bounce(answered):
    report(answered, original=answered.to(KALLE)[-1].message_id, action="delayed", status="4.4.1")
    assert answered.states() == {"erasure": "answered"}


def test_a_report_that_names_no_letter_is_tied_by_its_only_address(answered):
    report(answered, recipient="Kalle@Example.se")
    assert answered.states() == {"erasure": "awaiting_approval"}


@pytest.mark.parametrize("original", ["<forged@example.com>", None])
def test_a_report_about_a_letter_or_address_we_never_wrote_to_changes_nothing(answered, original):
    before = answered.file()
    report(answered, original=original, recipient=EVA)
    assert answered.file() == before


def test_the_same_report_twice_counts_once(answered):
    last = answered.to(KALLE)[-1]
    report(answered, original=last.message_id)
    report(answered, original=last.message_id)
    assert answered.events().count("letter_bounced") == 1


def test_a_bounce_of_an_answer_we_lost_track_of_tells_that_it_left_and_came_back(house):
    house.ask_and_confirm("#erasure")
    house.flow.approve_case("PK-2026-0001", by="anna", note="Raderat i kursplattformen.", rest=True)
    house.transport.answers.append(Attempt(fate=Fate.UNKNOWN))
    house.drain()
    report(house, original=house.to(KALLE)[-1].message_id)
    assert house.letters(name="granted_erasure")[0].state is LetterState.BOUNCED
    assert house.states() == {"erasure": "awaiting_approval"}


@both_databases
def test_a_bounced_receipt_is_shown_and_moves_no_claim(house):
    receipt = house.ask("#access")
    report(house, original=receipt.message_id)
    assert house.states() == {"access": "awaiting_identity"}
    [troubled] = house.flow.archive.overview().troubled
    assert (troubled.purpose, troubled.state) == (LetterPurpose.IDENTITY, LetterState.BOUNCED)
    house.clock.advance(timedelta(minutes=5))
    house.flow.ask_again("PK-2026-0001", by="anna")
    house.drain()
    fresh = house.to(KALLE)[-1]
    assert house.flow.confirm(fresh.token, fresh.code).value == "confirmed"


def test_a_late_bounce_of_a_replaced_letter_does_not_take_back_the_new_answer(answered):
    first = answered.to(KALLE)[-1]
    report(answered, original=first.message_id)
    answered.flow.approve_case("PK-2026-0001", by="anna", note="Andra försöket i kursplattformen.", rest=True)
    answered.drain()
    report(answered, original=first.message_id)
    assert answered.states() == {"erasure": "answered"}
    assert answered.case().state.value == "closed"
