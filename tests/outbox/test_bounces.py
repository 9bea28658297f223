"""A delivery report finds its letter and gives the answer back; nothing of the report is kept."""

from datetime import timedelta

import pytest

from inbox_bot.domain.case import LetterPurpose, LetterState
from inbox_bot.outbox.transport import Attempt, Fate
from tests.support.house import EVA, KALLE, STAFF, START, both_databases


def report(
    house, *, original=None, recipient=KALLE, action="failed", status="5.1.1", envelope="", to="info@example.com"
):
    """Put a delivery report (RFC 3464) into the mailbox."""
    called = f"Original-Envelope-Id: {envelope}\r\n" if envelope else ""
    returned = (
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {original}\r\nTo: {recipient}\r\n"
        if original
        else ""
    )
    body = (
        "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nYour mail could not be delivered.\r\n"
        f"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.org\r\n{called}\r\n"
        f"Final-Recipient: rfc822; {recipient}\r\nAction: {action}\r\nStatus: {status}\r\n\r\n"
        f"{returned}--b--\r\n"
    )
    head = (
        f"Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example.org\r\nTo: {to}\r\nSubject: Undelivered\r\n"
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


def alarms(house):
    return [letter for letter in house.to(STAFF) if letter.parsed["X-Inbox-Bot-Letter"] == "urgent_alarm"]


def events_of(house, name, reference="PK-2026-0001"):
    return [event for event in house.file(reference).events if event.name.value == name]


@both_databases
def test_an_answer_that_came_back_alarms_a_person_the_same_hour_with_another_way_and_the_next_step(answered):
    report(answered, original=answered.to(KALLE)[-1].message_id)
    [alarm] = alarms(answered)
    [letter] = answered.letters(name="granted_erasure")
    assert answered.now - START < timedelta(hours=1)
    assert "PK-2026-0001" in alarm.subject
    for words in (
        "Adressen finns inte",
        "vanlig post",
        "utkorgen",
        "/personal/arende/PK-2026",
    ):
        assert words in alarm.text.replace("\n", " ")
    assert answered.flow.way_on(letter, "PK-2026-0001")[0].startswith("Adressen finns inte")


@pytest.mark.parametrize(
    ("status", "row"),
    [
        ("5.1.1", "no_address"),
        ("5.1.10", "no_domain"),
        ("5.2.1", "no_address"),
        ("5.1.6", "moved"),
        ("5.3.4", "too_big"),
        ("5.7.26", "not_trusted"),
        ("5.7.1", "refused"),
        ("4.4.7", "unreachable"),
        ("", "unknown"),
    ],
)
def test_what_a_status_means_stands_in_the_rules(answered, status, row):
    report(answered, original=answered.to(KALLE)[-1].message_id, status=status)
    [event] = events_of(answered, "letter_bounced")
    assert event.details["why"] == row


def test_a_delay_is_noted_once_and_alarms_nobody(answered):
    last = answered.to(KALLE)[-1]
    for _ in range(2):
        report(answered, original=last.message_id, action="delayed", status="4.4.1")
    [event] = events_of(answered, "letter_delayed")
    assert event.details["status"] == "4.4.1"
    assert alarms(answered) == []
    assert answered.case().state.value == "closed"


@both_databases
def test_an_answer_that_met_a_full_mailbox_goes_again_the_next_day_and_is_answered_when_it_has_left(answered):
    first = answered.to(KALLE)[-1]
    report(answered, original=first.message_id, status="5.2.2")
    assert answered.states() == {"erasure": "approved"}
    assert answered.case().state.value == "open"
    assert alarms(answered) == []
    answered.days(1)
    answered.drain()
    again = answered.to(KALLE)[-1]
    assert again is not first
    assert again.content == first.content
    assert answered.states() == {"erasure": "answered"}
    assert answered.case().state.value == "closed"


def test_a_report_that_is_read_a_second_time_does_not_take_back_what_has_arrived_since(answered):
    """A folder numbered anew shows the old report once more, when nothing is kept of it by which it could be known."""
    report(answered, original=answered.to(KALLE)[-1].message_id, status="5.2.2")
    answered.days(2)
    answered.drain()
    assert answered.states() == {"erasure": "answered"}
    answered.days(2)
    answered.drain()
    with answered.flow.desk.write() as unit:
        assert unit.retention.delete_other_mail(answered.now, 10) > 0
    answered.mailbox.renumber()
    answered.drain()
    assert answered.states() == {"erasure": "answered"}
    assert answered.events().count("letter_waits") == 1


def test_a_mailbox_that_stays_full_is_a_persons_matter_after_two_days(answered):
    for _ in range(3):
        report(answered, original=answered.to(KALLE)[-1].message_id, status="5.2.2")
        answered.days(1.01)
        answered.drain()
    assert answered.states() == {"erasure": "awaiting_approval"}
    assert len(events_of(answered, "letter_waits")) == 2
    assert len(alarms(answered)) == 1
    assert "full" in alarms(answered)[0].text


def test_nobody_waits_for_a_full_mailbox_when_the_date_is_near(house):
    house.ask_and_confirm("#erasure")
    house.days(25)
    house.flow.approve_case("PK-2026-0001", by="anna", note="Raderat i kursplattformen.", rest=True)
    house.drain()
    report(house, original=house.to(KALLE)[-1].message_id, status="5.2.2")
    assert house.states() == {"erasure": "awaiting_approval"}
    assert len(alarms(house)) == 1


def test_a_full_mailbox_that_holds_no_bytes_of_ours_any_more_needs_a_person(house):
    receipt = house.ask("#access")
    report(house, original=receipt.message_id, status="5.2.2")
    [letter] = house.letters(name="receipt_identity")
    assert letter.state is LetterState.BOUNCED
    assert len(alarms(house)) == 1


def test_no_reminder_goes_to_an_address_whose_letter_came_back(house):
    receipt = house.ask("#access")
    report(house, original=receipt.message_id)
    house.days(10)
    house.drain()
    assert house.to(KALLE) == [receipt]
    assert [letter.state for letter in house.letters()] == [LetterState.BOUNCED]


def test_a_new_request_from_an_address_that_came_back_gets_its_receipt_from_a_person(house):
    receipt = house.ask("#access")
    report(house, original=receipt.message_id)
    house.mail("#rectification")
    house.drain()
    assert house.to(KALLE) == [receipt]
    [held] = [one for one in house.flow.archive.overview().troubled if one.state is LetterState.HELD]
    assert held.answer == "address_came_back"
    house.flow.settle(held.id, sent=False, by="anna")
    house.drain()
    assert len(house.to(KALLE)) == 2


@pytest.mark.parametrize("status", ["5.1.1", "5.2.2"])
def test_a_letter_the_server_refuses_outright_alarms_as_one_that_came_back(house, status):
    house.ask_and_confirm("#erasure")
    house.flow.approve_case("PK-2026-0001", by="anna", note="Raderat i kursplattformen.", rest=True)
    house.transport.answers.append(Attempt(fate=Fate.REFUSED, answer=f"550 {status}"))
    house.drain()
    [letter] = house.letters(name="granted_erasure")
    if status == "5.2.2":
        assert letter.state is LetterState.DEFERRED
        house.clock.advance(timedelta(minutes=2))
        house.drain()
        assert house.states() == {"erasure": "answered"}
    else:
        assert letter.state is LetterState.FAILED
        assert len(alarms(house)) == 1


def test_the_name_we_gave_the_letter_in_smtp_ties_a_report_that_brings_nothing_else(answered):
    report(answered, envelope=answered.to(KALLE)[-1].message_id, recipient="omskriven@example.org")
    assert answered.states() == {"erasure": "awaiting_approval"}


def test_the_address_a_letter_left_from_ties_a_report_that_names_nothing(build):
    house = build(smtp={"host": "127.0.0.1", "sender": "info@example.com", "plus_addresses": True})
    house.drain()
    house.ask_and_confirm("#erasure")
    house.flow.approve_case("PK-2026-0001", by="anna", note="Raderat i kursplattformen.", rest=True)
    house.drain()
    sender = house.to(KALLE)[-1].sender
    assert sender.startswith("info+b.")
    forged = sender[:-15] + ("0" if sender[-15] != "0" else "1") + sender[-14:]
    for to in (forged, "info+b.zz.0123456789ab@example.com"):
        report(house, to=to, recipient=EVA)
        assert house.states() == {"erasure": "answered"}
    report(house, to=sender.upper(), recipient=EVA)
    assert house.states() == {"erasure": "awaiting_approval"}


def test_without_the_setting_letters_leave_from_the_plain_address(answered):
    assert {letter.sender for letter in answered.transport.handed} == {"info@example.com"}


def test_a_report_without_a_name_speaks_of_a_letter_of_the_last_week_at_most(answered):
    before = answered.states()
    answered.days(8)
    report(answered, recipient=KALLE)
    assert answered.states() == before


def test_a_report_of_a_report_and_of_mail_we_never_sent_changes_nothing(answered):
    before = answered.file()
    report(answered, original="<bounce1@mx.example.org>", recipient="mailer-daemon@mx.example.org")
    report(answered, original="<forged@example.com>", recipient=KALLE)
    assert answered.file() == before
    assert alarms(answered) == []


@pytest.mark.parametrize("action", ["delivered", "relayed"])
def test_a_notice_of_success_is_only_noted(answered, action):
    report(answered, original=answered.to(KALLE)[-1].message_id, action=action, status="2.0.0")
    [event] = events_of(answered, "letter_delivered")
    assert event.details["status"] == "delivered"
    assert answered.case().state.value == "closed"
    assert alarms(answered) == []


def test_many_receipts_that_come_back_in_an_hour_do_not_fill_the_mailboxes_of_staff(house):
    for number in range(14):
        house.mail("#access", sender=f"flod{number}@example.org")
    house.drain()
    for number in range(14):
        [receipt] = house.to(f"flod{number}@example.org")
        report(house, original=receipt.message_id, recipient=f"flod{number}@example.org")
    assert len(alarms(house)) == 10
    assert len(house.flow.archive.overview().troubled) == 14


# Complaints (RFC 5965)


def complain(house, original, kind="abuse", recipient=KALLE):
    body = (
        "--b\r\nContent-Type: text/plain\r\n\r\nThis is an email abuse report.\r\n"
        f"--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: {kind}\r\nUser-Agent: x/1\r\n"
        f"Version: 1\r\nOriginal-Rcpt-To: <{recipient}>\r\n\r\n"
        f"--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: {original}\r\nTo: {recipient}\r\n\r\nHej\r\n--b--\r\n"
    )
    head = (
        "From: fbl@isp.example.org\r\nTo: info@example.com\r\nSubject: FW: Ditt mejl\r\n"
        f"Message-ID: <arf{house.mailbox.total}@isp.example.org>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="b"\r\n\r\n'
    )
    house.mailbox.put((head + body).encode(), house.now)
    house.drain()


@both_databases
def test_a_complaint_is_told_to_staff_and_nothing_automatic_goes_there_any_more(house):
    receipt = house.ask("#erasure")
    complain(house, receipt.message_id)
    complain(house, receipt.message_id)
    assert len(alarms(house)) == 1
    assert house.events().count("letter_complained") == 1
    house.days(10)
    house.drain()
    assert house.to(KALLE) == [receipt]
    assert "complained" in [one.answer for one in house.flow.archive.overview().troubled]
    house.flow.ask_again("PK-2026-0001", by="anna")
    house.drain()
    fresh = house.to(KALLE)[-1]
    assert house.flow.confirm(fresh.token, fresh.code).value == "confirmed"
    house.drain()
    house.flow.approve_case("PK-2026-0001", by="anna", note="Raderat i kursplattformen.", rest=True)
    house.drain()
    assert house.states() == {"erasure": "answered"}


@pytest.mark.parametrize(
    ("kind", "original"), [("not-spam", ""), ("auth-failure", ""), ("abuse", "<forged@example.com>")]
)
def test_what_is_no_complaint_or_not_about_a_letter_of_ours_stops_nothing(house, kind, original):
    receipt = house.ask("#erasure")
    before = house.file()
    complain(house, original or receipt.message_id, kind=kind)
    assert house.file() == before
    assert alarms(house) == []


# Absence


@pytest.mark.parametrize("quote", [True, False])
@pytest.mark.parametrize(
    "headers", [{"Auto-Submitted": "auto-replied"}, {"X-Autoreply": "yes"}, {"Precedence": "auto_reply"}]
)
def test_an_absence_message_leaves_the_case_as_it_is_and_proves_nothing(house, headers, quote):
    receipt = house.ask("#access")
    before = house.file()
    words = "Ja" + ("\n\n" + "\n".join(f"> {line}" for line in receipt.text.splitlines()) if quote else "")
    threaded = {"In-Reply-To": receipt.message_id, "References": receipt.message_id}
    house.mail(words, subject=f"Re: {receipt.subject}", headers=threaded | headers)
    house.drain()
    assert house.file() == before
    assert house.to(KALLE) == [receipt]
