"""What is set aside and why, and above all what is not."""

import pytest

from inbox_bot.domain.mail import AutomaticKind as Kind

AUTOMATIC = [
    ({"X_Inbox_Bot_Letter": "receipt"}, Kind.LOOP),
    ({"Auto_Submitted": "auto-replied"}, Kind.AUTO_REPLY),
    ({"Auto_Submitted": "Auto-Replied (vacation)"}, Kind.AUTO_REPLY),
    ({"Auto_Submitted": "auto-generated"}, Kind.AUTO_GENERATED),
    ({"Auto_Submitted": "auto-notified; owner-email=x"}, Kind.AUTO_GENERATED),
    ({"X_Autoreply": "yes"}, Kind.AUTO_REPLY),
    ({"X_Autorespond": "Re: x"}, Kind.AUTO_REPLY),
    ({"Precedence": "auto_reply"}, Kind.AUTO_REPLY),
    ({"Precedence": "Bulk"}, Kind.AUTO_GENERATED),
    ({"Precedence": "junk"}, Kind.AUTO_GENERATED),
    ({"Precedence": "list"}, Kind.LIST),
    ({"List_Id": "Nyheter <nyheter.example.org>"}, Kind.LIST),
    ({"List_Unsubscribe": "<mailto:av@example.org>"}, Kind.LIST),
    ({"Return_Path": "<>"}, Kind.AUTO_GENERATED),
    ({"Return_Path": "<MAILER-DAEMON>"}, Kind.AUTO_GENERATED),
    ({"From": "postmaster@example.org"}, Kind.AUTO_GENERATED),
    ({"From": "Info <INFO@Example.se>"}, Kind.OWN),
    ({"From": "info@example.se", "Reply_To": "info@example.se"}, Kind.OWN),
    ({"Subject": "Autosvar: En fråga"}, Kind.AUTO_REPLY),
    ({"Subject": "Automatiskt svar: En fråga"}, Kind.AUTO_REPLY),
    ({"Subject": "Automatic reply: A question"}, Kind.AUTO_REPLY),
    ({"Subject": "Out of office: A question"}, Kind.AUTO_REPLY),
    ({"Subject": "Automatisk svar: Spørsmål"}, Kind.AUTO_REPLY),
    ({"Subject": "Automatische Antwort: Frage"}, Kind.AUTO_REPLY),
    ({"Subject": "=?utf-8?q?Fr=C3=A5nvaromeddelande?="}, Kind.AUTO_REPLY),
]

PERSONAL = [
    {},
    {"Auto_Submitted": "no"},
    {"Auto_Submitted": "No (person)"},
    {"X_Auto_Response_Suppress": "All"},
    {"Precedence": "normal"},
    {"Return_Path": "<anna@example.com>"},
    {"X_Autoreply": "no"},
    {"Subject": "Frånvaro: kursen den 3 mars"},
    {"Subject": "Sv: Autosvar: En fråga"},
    {"Subject": "Out of stock?"},
    {"Subject": "Undeliverable: vad betyder det?"},
    {"From": "Reply Svensson <reply@example.com>"},
    {"From": "info@example.org"},
    # A form on the company's own site.
    {"From": "info@example.se", "Reply_To": "anna@example.com"},
    {
        "From": "wordpress@example.se",
        "Reply_To": "anna@example.com",
        "Auto_Submitted": "auto-generated",
        "Precedence": "bulk",
    },
    {"From": "noreply@example.se", "Reply_To": "anna@example.com", "Return_Path": "<>"},
    # A form elsewhere, with the person's address in it or without.
    {"From": "noreply@example.org", "Reply_To": "anna@example.com"},
    {"From": "Formulär <order.no-reply@example.org>"},
    # The company's mailbox is a group.
    {"List_Id": "<info.example.se>", "List_Unsubscribe": "<mailto:x@example.org>", "Precedence": "list"},
    {"List_Post": "<https://example.org>, <mailto:info@example.se>", "Mailing_list": "list info@example.se"},
    # A customer system adds the header to what a person answers.
    {"List_Unsubscribe": "<https://example.org/u>", "In_Reply_To": "<our@example.se>"},
]


def test_a_form_that_names_nobody_but_an_address_nobody_reads_is_no_form(read_mail):
    headers = {"From": "wordpress@example.se", "Auto_Submitted": "auto-generated"}
    for nobody in ("noreply@example.org", "noreply+4711@example.org", "kurs-no-reply@example.org"):
        assert read_mail(**headers, Reply_To=nobody).automatic is not None


@pytest.mark.parametrize(("headers", "kind"), AUTOMATIC)
def test_what_no_person_wrote(read_mail, headers, kind):
    automatic = read_mail("Nyheter om våra kurser.", **headers).automatic
    assert automatic is not None
    assert automatic.kind is kind
    assert automatic.reason
    assert "@" not in automatic.reason


@pytest.mark.parametrize("headers", PERSONAL)
def test_what_a_person_may_have_written(read_mail, headers):
    assert read_mail("När börjar kursen?", **headers).automatic is None


@pytest.mark.parametrize(
    "headers",
    [
        {"List_Unsubscribe": "<https://example.org/u>"},
        {"Precedence": "bulk"},
        {"From": "no-reply@example.org"},
        {"List_Id": "<x.example.org>"},
    ],
)
@pytest.mark.parametrize(
    "text",
    [
        "Jag vill att ni raderar mina personuppgifter.",
        "I request a copy of my personal data.",
        "Vår klient begär ett utdrag.",
    ],
)
def test_a_request_through_a_mailing_service_is_seen_by_a_person(read_mail, headers, text):
    assert read_mail(text, **headers).automatic is None


@pytest.mark.parametrize(
    "headers",
    [{"Auto_Submitted": "auto-replied"}, {"X_Autoreply": "yes"}, {"Return_Path": "<>"}, {"From": "info@example.se"}],
)
def test_words_do_not_undo_what_surely_is_automatic(read_mail, headers):
    assert read_mail("Jag vill se mina personuppgifter.", **headers).automatic is not None


def test_an_answer_above_a_quoted_newsletter_is_a_persons(read_mail):
    body = "Sluta skicka detta.\n\nDen 3 mars 2026 kl. 10:15 skrev Nyheter <noreply@example.org>:\n> List-Unsubscribe: x\n> Autosvar:"
    message = read_mail(body, Subject="Re: Nyheter")
    assert message.automatic is None
    assert message.reply_text == "Sluta skicka detta."


def test_our_letter_in_a_forwarded_mail_is_no_loop(read_mail, multipart):
    body = multipart(
        "Content-Type: text/plain\n\nVad är detta?",
        "Content-Type: message/rfc822\n\nX-Inbox-Bot-Letter: receipt\nSubject: x\n\nKvitto",
    )
    assert read_mail(body, Content_Type="multipart/mixed; boundary=grans").automatic is None


@pytest.mark.parametrize(
    ("part", "text"),
    [
        ("disposition-notification", "Disposition: manual-action/MDN-sent-manually; displayed"),
        ("feedback-report", "Feedback-Type: abuse"),
    ],
)
def test_receipts_and_complaints(read_mail, multipart, part, text):
    body = multipart(
        "Content-Type: text/plain\n\nDitt mejl har lästs.",
        f"Content-Type: message/{part}\n\nFinal-Recipient: rfc822; a@example.com\n{text}",
    )
    message = read_mail(body, Content_Type=f"multipart/report; report-type={part}; boundary=grans")
    assert message.automatic is not None
    assert message.automatic.kind is Kind.AUTO_GENERATED
    assert message.bounce is None


def test_a_calendar_answer_without_words_is_set_aside_and_one_with_words_is_not(read_mail, multipart):
    entry = "Content-Type: text/calendar; method=REPLY\n\nBEGIN:VCALENDAR"
    empty = read_mail(
        multipart("Content-Type: text/plain\n\n", entry), Content_Type="multipart/alternative; boundary=grans"
    )
    assert empty.automatic is not None
    assert empty.automatic.kind is Kind.AUTO_GENERATED
    written = read_mail(
        multipart("Content-Type: text/plain\n\nJag kan inte.", entry),
        Content_Type="multipart/alternative; boundary=grans",
    )
    assert (written.automatic, written.reply_text) == (None, "Jag kan inte.")


def test_a_mail_that_has_passed_too_many_servers_goes_round(read_bytes, raw):
    hop = b"Received: from a.example.com by b.example.com; Tue, 3 Mar 2026 10:15:00 +0100\r\n"
    assert not read_bytes(hop * 30 + raw("Hej")).looping
    assert read_bytes(hop * 31 + raw("Hej")).looping


def test_our_own_address_with_something_after_a_plus_is_ours(read_mail):
    message = read_mail("Radera mig", From="info+b.1.0123456789ab@example.se")
    assert message.automatic is not None
    assert message.automatic.kind.value == "own"


def test_what_answers_the_address_a_letter_left_from_is_a_machine_whatever_it_says(read_mail):
    message = read_mail("Tack för ditt mejl.", To="info+b.1.0123456789ab@example.se")
    assert message.automatic is not None
    assert message.automatic.kind.value == "auto_reply"
    assert read_mail("Radera mig", To="info+kurs@example.se").automatic is None
