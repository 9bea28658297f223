"""Delivery reports: who was not reached, for good or for now, and which of our letters it was."""

import base64

import pytest

from inbox_bot.domain.mail import AutomaticKind, Bounce, ReportKind

REPORT = "multipart/report; report-type=delivery-status; boundary=grans"
ORIGINAL = "Content-Type: message/rfc822\n\nFrom: info@example.se\nTo: anna@example.com\nMessage-ID: <our@example.se>\nSubject: Kvitto\n\nHej"
ORIGINAL_HEADERS = (
    "Content-Type: text/rfc822-headers\n\nFrom: info@example.se\nTo: anna@example.com\nMessage-ID: <our@example.se>"
)
NOTICE = "Content-Type: text/plain\n\nYour message could not be delivered."


def _status(*groups: str, kind: str = "delivery-status", encoding: str = "7bit") -> str:
    text = "Reporting-MTA: dns; mx.example.com\n\n" + "\n\n".join(groups) + "\n"
    if encoding == "base64":
        text = base64.b64encode(text.encode()).decode()
    return f"Content-Type: message/{kind}\nContent-Transfer-Encoding: {encoding}\n\n{text}"


FAILED = (
    "Final-Recipient: rfc822; anna@example.com\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 no such user"
)


@pytest.mark.parametrize("original", [ORIGINAL, ORIGINAL_HEADERS])
@pytest.mark.parametrize("kind", ["delivery-status", "global-delivery-status"])
@pytest.mark.parametrize("encoding", ["7bit", "base64"])
def test_a_standard_report(read_mail, multipart, original, kind, encoding):
    message = read_mail(
        multipart(NOTICE, _status(FAILED, kind=kind, encoding=encoding), original),
        Content_Type=REPORT, From="MAILER-DAEMON@mx.example.com", Return_Path="<>", Subject="Undelivered Mail",
    )  # fmt: skip
    assert message.bounce == Bounce(
        recipients=("anna@example.com",), permanent=True, status="5.1.1", original_message_id="<our@example.se>"
    )
    assert message.automatic is not None
    assert message.automatic.kind is AutomaticKind.BOUNCE


def test_the_address_we_wrote_to_goes_before_the_one_it_was_passed_on_to(read_mail, multipart):
    group = "Original-Recipient: rfc822;anna@example.com\nFinal-Recipient: rfc822;other@example.org\nAction: failed\nStatus: 5.0.0"
    bounce = read_mail(multipart(NOTICE, _status(group), ORIGINAL), Content_Type=REPORT).bounce
    assert bounce is not None
    assert bounce.recipients == ("anna@example.com",)


def test_a_delay_is_not_permanent(read_mail, multipart):
    group = "Final-Recipient: rfc822; anna@example.com\nAction: delayed\nStatus: 4.4.1"
    bounce = read_mail(multipart(NOTICE, _status(group)), Content_Type=REPORT).bounce
    assert bounce == Bounce(recipients=("anna@example.com",), permanent=False, status="4.4.1")


def test_a_mail_given_up_after_a_temporary_error_is_permanent(read_mail, multipart):
    group = "Final-Recipient: rfc822; anna@example.com\nAction: failed\nStatus: 4.4.7"
    bounce = read_mail(multipart(NOTICE, _status(group)), Content_Type=REPORT).bounce
    assert bounce is not None
    assert (bounce.permanent, bounce.status) == (True, "4.4.7")


def test_only_the_failed_of_several_recipients(read_mail, multipart):
    delivered = "Final-Recipient: rfc822; bo@example.com\nAction: delivered\nStatus: 2.0.0"
    bounce = read_mail(multipart(NOTICE, _status(delivered, FAILED)), Content_Type=REPORT).bounce
    assert bounce is not None
    assert bounce.recipients == ("anna@example.com",)


def test_a_notice_of_success_is_no_bounce(read_mail, multipart):
    group = "Final-Recipient: rfc822; anna@example.com\nAction: delivered\nStatus: 2.0.0"
    message = read_mail(
        multipart("Content-Type: text/plain\n\nDelivered.", _status(group)),
        Content_Type=REPORT,
        From="MAILER-DAEMON@mx.example.com",
    )
    assert message.bounce is None
    assert message.automatic is not None
    assert message.automatic.kind is AutomaticKind.AUTO_GENERATED


def test_a_filter_that_rejects_with_a_receipt(read_mail, multipart):
    receipt = "Content-Type: message/disposition-notification\n\nFinal-Recipient: rfc822; anna@example.com\nDisposition: automatic-action/MDN-sent-automatically; deleted"
    bounce = read_mail(multipart(NOTICE, receipt, ORIGINAL), Content_Type="multipart/report; boundary=grans").bounce
    assert bounce is not None
    assert (bounce.recipients, bounce.permanent, bounce.original_message_id) == (
        ("anna@example.com",),
        True,
        "<our@example.se>",
    )


PLAIN_WORDS = """The server mx.example.com reports:

anna@example.com
  unknown user (550 5.1.1)

Original message:

Return-Path: <info@example.se>
Message-ID: <our@example.se>
From: info@example.se
To: anna@example.com
Subject: Kvitto
"""


def test_a_report_in_plain_words(read_mail):
    message = read_mail(PLAIN_WORDS, From="MAILER-DAEMON@mx.example.com", Subject="failure notice", Return_Path="<>")
    assert message.bounce == Bounce(
        recipients=("anna@example.com",), permanent=True, status="5.1.1", original_message_id="<our@example.se>"
    )


def test_a_failed_recipient_in_a_header(read_mail):
    message = read_mail(
        "Adressen hittades inte.",
        X_Failed_Recipients="anna@example.com",
        In_Reply_To="<our@example.se>",
        From="x@example.org",
    )
    assert message.bounce == Bounce(
        recipients=("anna@example.com",), permanent=True, original_message_id="<our@example.se>"
    )


def test_a_delay_in_plain_words(read_mail):
    body = "Mejlet till anna@example.com är fördröjt (451 try later); servern försöker igen."
    bounce = read_mail(body, From="Mailer-Daemon@mx.example.com", Subject="Warning: message delayed 4 hours").bounce
    assert bounce == Bounce(recipients=("anna@example.com",), permanent=False, status="4.0.0")


@pytest.mark.parametrize("subject", ["Olevererbart: Kvitto", "Kan inte levereras: Kvitto", "Undeliverable: Kvitto"])
def test_exchange_in_words_with_the_original_attached(read_mail, multipart, subject):
    notice = "Content-Type: text/plain; charset=utf-8\n\nMeddelandet kunde inte levereras till anna@example.com."
    bounce = read_mail(
        multipart(notice, ORIGINAL),
        Content_Type="multipart/mixed; boundary=grans",
        From="postmaster@example.com",
        Subject=subject,
    ).bounce
    assert bounce == Bounce(recipients=("anna@example.com",), permanent=True, original_message_id="<our@example.se>")


def test_our_own_address_is_never_a_failed_recipient(read_mail):
    body = "The mail from info@example.se could not be delivered to anna@example.com: user unknown"
    bounce = read_mail(body, From="MAILER-DAEMON@mx.example.com", Subject="failure notice").bounce
    assert bounce is not None
    assert bounce.recipients == ("anna@example.com",)


@pytest.mark.parametrize(
    "headers",
    [
        {"Subject": "Mitt mejl till er: failure notice?"},
        {"Subject": "Delivery failed"},
        {"Subject": "Undeliverable: kursbeviset"},
        {"Subject": "Fwd: failure notice"},
    ],
)
def test_a_person_who_tells_of_a_bounce_is_no_bounce(read_mail, headers):
    message = read_mail("Mitt mejl kunde inte levereras (user unknown). Kan ni radera mina uppgifter?", **headers)
    assert (message.bounce, message.automatic) == (None, None)


def test_what_we_called_the_letter_and_the_address_it_left_from_are_read(read_mail, multipart):
    status = _status(FAILED).replace(
        "\n\n", "\n\nOriginal-Envelope-Id: <our@example.se>\nReporting-MTA: dns; mx\n\n", 1
    )
    bounce = read_mail(
        multipart(NOTICE, status),
        Content_Type=REPORT,
        To="info@example.se",
        Delivered_To="Info+b.2K.0123456789AB@Example.se",
    ).bounce
    assert bounce is not None
    assert (bounce.envelope_id, bounce.tag) == ("<our@example.se>", "2k.0123456789ab")


@pytest.mark.parametrize(
    "address", ["info+b.2k.0123@example.se", "other+b.2k.0123456789ab@example.se", "info+nyhet@example.se"]
)
def test_an_address_with_another_tag_or_not_ours_names_no_letter(read_mail, multipart, address):
    bounce = read_mail(multipart(NOTICE, _status(FAILED)), Content_Type=REPORT, To=address).bounce
    assert bounce is not None
    assert bounce.tag == ""


@pytest.mark.parametrize(
    ("status", "said", "found"),
    [
        ("5.0.0", "smtp; 552 5.2.2 mailbox full", "5.2.2"),
        ("5.1.1", "smtp; 550 5.7.1 no", "5.1.1"),
        ("4.0.0", "smtp; 550 5.1.1 no", "4.0.0"),
        ("", "smtp; 550 5.1.1 no", "5.1.1"),
    ],
)
def test_the_servers_own_words_are_read_where_the_status_is_only_a_class(read_mail, multipart, status, said, found):
    group = f"Final-Recipient: rfc822; anna@example.com\nAction: failed\nDiagnostic-Code: {said}"
    group += f"\nStatus: {status}" if status else ""
    bounce = read_mail(multipart(NOTICE, _status(group)), Content_Type=REPORT).bounce
    assert bounce is not None
    assert bounce.status == found


@pytest.mark.parametrize(
    ("part", "kind"),
    [
        ("message/feedback-report\n\nFeedback-Type: abuse\nVersion: 1", ReportKind.COMPLAINT),
        ("message/feedback-report\n\nFeedback-Type: not-spam\nVersion: 1", None),
        ("message/feedback-report\n\nFeedback-Type: auth-failure\nVersion: 1", None),
        ("message/delivery-status\n\nFinal-Recipient: rfc822;anna@example.com\nAction: relayed", ReportKind.DELIVERED),
        (
            "message/disposition-notification\n\nDisposition: manual-action/MDN-sent-manually; displayed",
            ReportKind.DISPLAYED,
        ),
        ("message/disposition-notification\n\nDisposition: manual-action/MDN-sent-manually; deleted", None),
    ],
)
def test_reports_that_tell_of_no_failure(read_mail, multipart, part, kind):
    message = read_mail(multipart(NOTICE, f"Content-Type: {part}", ORIGINAL), Content_Type=REPORT)
    assert message.bounce is None
    assert message.automatic is not None
    assert (message.report and message.report.kind) == kind
    assert message.report is None or message.report.original_message_id == "<our@example.se>"


def test_plain_words_sent_to_the_address_a_letter_left_from_are_a_report(read_mail):
    body = "Sorry, user unknown."
    bounce = read_mail(body, To="info+b.2k.0123456789ab@example.se").bounce
    assert bounce is not None
    assert bounce.tag == "2k.0123456789ab"
    assert read_mail(body).bounce is None
