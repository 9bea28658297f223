"""The bytes: what a mail program reads back, and what a stranger's mail cannot make us write."""

import email
import email.errors
import email.headerregistry
import email.policy
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_bot.domain.correspondence import sendable
from inbox_bot.domain.letters import Envelope, Language, Rendered
from inbox_bot.errors import NotAllowedError
from inbox_bot.letters import mime
from inbox_bot.letters.cleaning import greeting_name

TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200)


@pytest.fixture
def build(envelope):
    def run(*, subject="Hej", text="Hej\n", html="<p>Hej</p>\n", reply_to="", **changes):
        return mime.build(
            name="receipt",
            language=Language.SV,
            rendered=Rendered(subject=subject, text=text, html=html),
            envelope=replace(envelope, **changes),
            sender="info@example.se",
            sender_name="Åkes Övningar & Söner AB",
            reply_to=reply_to,
        )

    return run


def read(content):
    return email.message_from_bytes(content, policy=email.policy.default)


def test_round_trip_of_a_real_letter(book, full, envelope):
    content = book.freeze("granted_access", Language.SV, full("granted_access"), envelope)
    rendered = book.render("granted_access", Language.SV, full("granted_access"))
    letter = read(content)
    assert letter["Subject"] == rendered.subject
    assert str(letter["From"]) == "Prokompetens i Sverige AB <info@prokompetens.se>"
    assert str(letter["To"]) == "Anna Exempel <anna@example.com>"
    assert letter["Date"] == "Tue, 07 Apr 2026 10:30:00 +0200"
    assert letter["Message-ID"] == "<42.receipt.1@bot.example.se>"
    assert letter["In-Reply-To"] == "<hej.1@example.com>"
    assert letter["References"] == "<forst@example.com> <hej.1@example.com>"
    assert letter["Auto-Submitted"] == "auto-replied"
    assert letter["X-Inbox-Bot-Letter"] == "granted_access"
    assert letter["Content-Language"] == "sv"
    assert letter["Reply-To"] is None
    assert letter.get_content_type() == "multipart/alternative"
    plain, rich = letter.iter_parts()
    assert (plain.get_content_type(), rich.get_content_type()) == ("text/plain", "text/html")
    assert plain.get_content().replace("\r\n", "\n") == rendered.text
    assert rich.get_content().replace("\r\n", "\n") == rendered.html
    assert not letter.defects
    assert not plain.defects


def test_bytes_are_seven_bits_with_crlf_and_short_lines(book, full, envelope):
    for name in book.names():
        for language in Language:
            content = book.freeze(name, language, full(name, language), envelope)
            assert content.isascii()
            assert content.replace(b"\r\n", b"").count(b"\n") == 0
            assert content.replace(b"\r\n", b"").count(b"\r") == 0
            assert max(len(line) for line in content.split(b"\r\n")) <= 78


def test_the_same_letter_is_the_same_bytes(book, full, envelope):
    first, second = (book.freeze("receipt", Language.EN, full("receipt"), envelope) for _ in range(2))
    assert first == second
    assert read(first)["Content-Language"] == "en"


def test_a_letter_a_person_approved_is_not_marked_automatic(build):
    assert read(build(automatic=False))["Auto-Submitted"] is None


def test_answers_may_be_sent_elsewhere(build):
    assert read(build(reply_to="svar@example.se"))["Reply-To"].addresses[0].addr_spec == "svar@example.se"
    assert read(build(reply_to="info@example.se"))["Reply-To"] is None


def test_a_letter_that_starts_a_thread_has_no_thread_headers(build):
    letter = read(build(in_reply_to=None, references=()))
    assert letter["In-Reply-To"] is None
    assert letter["References"] is None


def test_long_message_ids_are_not_encoded_and_long_threads_are_cut(build):
    ids = tuple(f"<{'x' * 150}.{number}@example.com>" for number in range(40))
    content = build(in_reply_to=ids[-1], references=ids)
    raw = email.message_from_bytes(content)
    assert raw["In-Reply-To"] == ids[-1]
    assert raw["References"].split() == [ids[0], *ids[-19:]]
    assert b"=?" not in content.split(b"References:")[1].split(b"X-Inbox")[0]
    assert max(len(line) for line in content.split(b"\r\n")) < 998


@pytest.mark.parametrize("bad", ["<a@b>\r\nBcc: x@example.com", "a@b", "<å@b>", "<a b@c>", "", f"<{'x' * 1000}@b>"])
def test_garbled_message_ids_of_others_are_left_out(build, bad):
    letter = read(build(in_reply_to=bad, references=(bad, "<ok@example.com>")))
    assert letter["In-Reply-To"] is None
    assert letter["References"] == "<ok@example.com>"
    assert letter["Bcc"] is None


def test_our_own_message_id_must_be_one(build):
    with pytest.raises(ValueError, match="Message-ID"):
        build(message_id="nonsense")


@pytest.mark.parametrize(
    "address",
    [
        "åsa@example.se",
        "asa",
        "@example.se",
        "asa@",
        "asa@example",
        "a sa@example.se",
        "asa@exa mple.se",
        "asa@example.se\r\nBcc: x@example.com",
        "asa\r\nBcc: x@example.com",
        "a\x00sa@example.se",
        "asa@example.se, bo@example.se",
        "asa..b@example.se",
        f"{'a' * 65}@example.se",
        "asa@xn--\xff.se",
        "asa@" + "å" * 80 + ".se",
        "",
    ],
)
def test_an_address_no_letter_can_be_sent_to_is_refused_without_repeating_it(build, address):
    with pytest.raises(NotAllowedError) as caught:
        build(to=address)
    assert caught.value.__cause__ is None
    assert "asa" not in str(caught.value)
    assert not caught.value.temporary


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("asa+kurs@example.se", "asa+kurs@example.se"),
        ("o'neil@example.com", "o'neil@example.com"),
        ("asa@åkeri.example.se", "asa@xn--keri-poa.example.se"),
    ],
)
def test_addresses_people_have(build, address, written):
    assert read(build(to=address))["To"].addresses[0].addr_spec == written


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Åsa Ö'Neil-Ström", "Åsa Ö'Neil-Ström"),
        ("Ström, Åsa", "Åsa Ström"),
        ("Åsa\r\nBcc: x@example.com", ""),
        ("Vinn pengar på evil.example", ""),
        ('Åsa" <x@example.com>', ""),
        ("Åsa\u202eStröm", "ÅsaStröm"),
    ],
)
def test_the_name_beside_the_address_is_a_name_or_nothing(build, name, written):
    letter = read(build(to_name=name))
    assert letter["To"].addresses[0].display_name == written
    assert letter["To"].addresses[0].addr_spec == "anna@example.com"
    assert letter["Bcc"] is None


@given(subject=TEXT, name=TEXT, text=TEXT, html=TEXT)
def test_nothing_injects_a_header_and_all_comes_back(subject, name, text, html):
    letter = Rendered(subject=subject, text=text.replace("\r", "") + "\n", html=html.replace("\r", "") + "\n")
    when = email.utils.parsedate_to_datetime("Tue, 07 Apr 2026 10:30:00 +0200")
    envelope = Envelope(to="anna@example.com", to_name=name, message_id="<1@bot.example.se>", at=when, automatic=True)
    content = mime.build(
        name="receipt",
        language=Language.SV,
        rendered=letter,
        envelope=envelope,
        sender="info@example.se",
        sender_name="Företaget",
    )
    assert content.isascii()
    read_back = read(content)
    assert [key.lower() for key in read_back] == [
        "from",
        "to",
        "subject",
        "date",
        "message-id",
        "auto-submitted",
        "x-auto-response-suppress",
        "x-inbox-bot-letter",
        "mime-version",
        "content-type",
        "content-language",
    ]
    assert read_back["To"].addresses[0].addr_spec == "anna@example.com"
    plain, rich = read_back.iter_parts()
    assert plain.get_payload(decode=True).decode().split() == letter.text.split()
    assert rich.get_payload(decode=True).decode().split() == letter.html.split()


SUBJECT_WORD = st.text(alphabet="abcåäöÅÄÖ()-:éñ漢 ", min_size=1, max_size=40)


@given(parts=st.lists(SUBJECT_WORD, min_size=1, max_size=8))
def test_a_subject_comes_back_as_it_was(parts):
    subject = " ".join(" ".join(parts).split())
    when = email.utils.parsedate_to_datetime("Tue, 07 Apr 2026 10:30:00 +0200")
    content = mime.build(
        name="receipt",
        language=Language.SV,
        rendered=Rendered(subject=subject, text="x\n", html="<p>x</p>\n"),
        envelope=Envelope(to="anna@example.com", message_id="<1@bot.example.se>", at=when, automatic=True),
        sender="info@example.se",
        sender_name="Företaget",
    )
    raw = email.message_from_bytes(content)["Subject"] or ""
    assert str(email.header.make_header(email.header.decode_header(raw))) == subject


@given(name=st.lists(st.text(alphabet="abcåäöÅÄÖéñ漢-'", min_size=1, max_size=20), min_size=1, max_size=5))
def test_a_name_comes_back_as_it_was(name):
    greeted = greeting_name(" ".join(name))
    when = email.utils.parsedate_to_datetime("Tue, 07 Apr 2026 10:30:00 +0200")
    content = mime.build(
        name="receipt",
        language=Language.SV,
        rendered=Rendered(subject="x", text="x\n", html="<p>x</p>\n"),
        envelope=Envelope(to="a@example.com", to_name=greeted, message_id="<1@b.example.se>", at=when, automatic=True),
        sender="info@example.se",
        sender_name=f"{greeted} & Söner (Ö), AB",
    )
    # Not by policy.default: in names it keeps the white space between encoded words, which RFC 2047 (6.2) drops.
    letter = email.message_from_bytes(content)
    for header, wanted in {
        "To": (greeted, "a@example.com"),
        "From": (f"{greeted} & Söner (Ö), AB".strip(), "info@example.se"),
    }.items():
        written, address = email.utils.parseaddr(letter[header])
        assert str(email.header.make_header(email.header.decode_header(written))) == wanted[0]
        assert address == wanted[1]
    assert max(len(line) for line in content.split(b"\r\n")) <= 78


def test_a_long_plain_name_and_a_long_address_fold(build):
    name = "Maximiliana Alexandrina Konstantina Exempelsdotter Berg"
    letter = read(build(to=f"{'a' * 60}@example.com", to_name=name))
    assert letter["To"].addresses[0].display_name == name
    assert letter["To"].addresses[0].addr_spec == f"{'a' * 60}@example.com"


LINE = st.text(alphabet=st.sampled_from("aå=.-_ \t~é漢\u2028\u00a0From>"), max_size=160)


@given(lines=st.lists(LINE, max_size=12))
def test_every_line_of_a_text_comes_back_as_it_was(lines):
    text = "\n".join(lines) + "\n"
    when = email.utils.parsedate_to_datetime("Tue, 07 Apr 2026 10:30:00 +0200")
    content = mime.build(
        name="receipt",
        language=Language.SV,
        rendered=Rendered(subject="x", text=text, html=text),
        envelope=Envelope(to="anna@example.com", message_id="<1@bot.example.se>", at=when, automatic=True),
        sender="info@example.se",
        sender_name="Företaget",
    )
    letter = email.message_from_bytes(content)
    for part in letter.get_payload():
        assert part.get_payload(decode=True).decode().replace("\r\n", "\n") == text
    assert not letter.defects
    assert content.replace(b"\r\n", b"").count(b"\n") == content.replace(b"\r\n", b"").count(b"\r") == 0
    assert max(len(line) for line in content.split(b"\r\n")) <= 78


@pytest.mark.parametrize("bad", ["a\nBcc: x@example.com", "a\r\nBcc: x", "a\rb", "a\r\n", "\n"])
def test_a_header_that_would_begin_another_is_not_written(bad):
    with pytest.raises(ValueError, match="line end"):
        mime._line("Subject", bad)
    assert mime._line("Subject", "a\r\n b") == "Subject: a\r\n b\r\n"


@given(local=st.text(alphabet="abcXYZ019!#$%&'*+/=?^_`{|}~-.", min_size=1, max_size=30))
def test_a_plain_address_is_what_the_library_makes_of_it(local):
    try:
        wanted = email.headerregistry.Address(addr_spec=f"{local}@example.com").addr_spec
    except (ValueError, IndexError, email.errors.HeaderParseError):
        wanted = None
    assert sendable(f"{local}@example.com") == wanted
