"""Whatever a stranger sends: a Message or UnreadableMailError, in bounded time, and nothing unsafe in the texts."""

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inbox_bot.domain.mail import Message
from inbox_bot.errors import UnreadableMailError
from inbox_bot.message.outcome import tried
from inbox_bot.message.parse import read
from inbox_bot.message.text import LONGEST
from tests.support.promises import broken_promise
from tests.support.raw_mails import MAILS, WORDS

OWN = frozenset({"info@example.se"})

_LINES = st.sampled_from(
    [
        b"From: a@example.com", b"From: =?utf-8?q?=C3?= <a@example.com>, b", b"Subject: =?x?b?////?= hej", b"Subject: \xe5\xe4\xf6 \xff",
        b"To: undisclosed-recipients:;", b"Date: Tue, 99 Foo 0000 99:99:99 -0000", b"Message-ID: <a\x00b@example.com>", b"References: <a@b> <c",
        b"Content-Type: multipart/mixed; boundary=x", b"Content-Type: multipart/report; report-type=delivery-status; boundary=x",
        b'Content-Type: multipart/alternative; boundary="x', b"Content-Type: text/html; charset=unicode_escape", b"Content-Type: message/rfc822",
        b"Content-Type: message/delivery-status", b"Content-Type: text/plain; charset=utf-16; format=flowed", b"Content-Type: message/external-body",
        b"Content-Transfer-Encoding: base64", b"Content-Transfer-Encoding: quoted-printable", b"Content-Transfer-Encoding: x-uuencode",
        b"Content-Disposition: attachment; filename*0*=utf-8''%ff; filename*1*=%C3", b'Content-Disposition: inline; filename="\xc3\xa5\r\n.txt"',
        b"", b"--x", b"--x--", b"> quoted", b"-- ", b"Den 3 mars 2026 kl. 10:15 skrev <a@b>:", b"From: x", b"-----Original Message-----",
        b"<div><blockquote type=cite>hej<p>", b"&#0;&#xD800;<br>", b"begin 644 x", b"M\xff\xfe", b"Action: failed", b"Final-Recipient: rfc822; a@example.com",
        b"\x00\x01\x85\xe2\x80\xa8", b"Return-Path: <>", b"Auto-Submitted: \xff", b" continued", b"no header here",
    ]
)  # fmt: skip


def _check(message: Message) -> None:
    assert broken_promise(message) is None


def _read_or_refuse(content: bytes) -> None:
    try:
        message = read(content, OWN)
    except UnreadableMailError:
        return
    _check(message)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_LINES, max_size=25), st.sampled_from([b"\n", b"\r\n", b"\r"]))
def test_mails_of_broken_pieces(lines, end):
    _read_or_refuse(end.join(lines))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes(content):
    _read_or_refuse(content)


@settings(max_examples=150, deadline=None)
@given(
    st.text(max_size=200),
    st.sampled_from(["utf-8", "utf-16", "iso-8859-1", "no-such", "shift_jis", "utf-7", "punycode"]),
)
def test_any_text_in_any_charset(text, charset):
    body = text.encode("utf-8", "surrogatepass")
    _read_or_refuse(b"Subject: x\nContent-Type: text/html; charset=%s\n\n%s" % (charset.encode(), body))


@st.composite
def _mutated(draw: st.DrawFn) -> bytes:
    """Return a mail as real programs write it, with pieces cut out, doubled, overwritten or put in."""
    content = draw(st.sampled_from(MAILS))
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(content)))
        end = min(len(content), start + draw(st.integers(0, 40)))
        piece = draw(st.one_of(st.sampled_from(WORDS), st.binary(max_size=8), st.just(content[start:end] * 2)))
        content = content[:start] + piece + content[end:]
    return content


@settings(max_examples=300, deadline=None)
@given(_mutated())
def test_mails_of_programs_with_pieces_changed(content):
    _read_or_refuse(content)


@settings(max_examples=100, deadline=None)
@given(_mutated())
def test_what_is_read_twice_is_the_same_twice(content):
    assert tried(read, content, OWN) == tried(read, content, OWN)


@settings(max_examples=100, deadline=None)
@given(_mutated())
def test_line_ends_make_no_difference(content):
    """The same mail, told with LF by one server and with CRLF by another, says the same."""
    told = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    ours, theirs = tried(read, told, OWN).message, tried(read, told.replace(b"\n", b"\r\n"), OWN).message
    if ours is None or theirs is None:
        assert ours is theirs
    else:
        assert (ours.subject, ours.reply_text, ours.sender) == (theirs.subject, theirs.reply_text, theirs.sender)


def test_the_mails_mutated_are_all_read():
    assert all(tried(read, content, OWN).message is not None for content in MAILS)


@pytest.mark.parametrize("content", [b"", b"\r\n\r\n", b"\0\0\0", b" \n\t\n", b"\xef\xbb\xbf"])
def test_nothing_to_read_is_refused(content):
    with pytest.raises(UnreadableMailError):
        read(content, OWN)


_HEAD = b"From: a@example.com\nSubject: x\n"

HEAVY = {
    "nested divs": _HEAD + b"Content-Type: text/html\n\n" + b"<div>" * 200_000 + b"hej",
    "nested formatting": _HEAD + b"Content-Type: text/html\n\n" + b"<b><i><a>" * 60_000 + b"hej",
    "nested attributions": _HEAD + b"Content-Type: text/html\n\n" + b"<div class=gmail_attr>" * 14_000 + b"hej",
    "unclosed styles": _HEAD + b"Content-Type: text/html\n\n" + b"<style>" * 100_000 + b"hej",
    "combining marks": _HEAD + b"Content-Type: text/plain; charset=utf-8\n\na" + "\u0300\u0316".encode() * 90_000,
    "one long line": _HEAD + b"\n" + b"a" * 2_000_000,
    "many quotations": _HEAD + b"\n" + b"Den 3 mars 2026 kl. 10:15 skrev a <a@example.com>:\n" * 40_000,
    "many headings": _HEAD + b"\n" + b"From: a@example.com\nTo: b\n\n" * 40_000,
    "many rules": _HEAD + b"\nhej\n" + b"--\nx\n" * 40_000,
    "blank lines": _HEAD + b"\nhej\n" + b"\n" * 190_000 + b"From: a\n",
    "rules over blanks": _HEAD + b"\nhej\n" + b"\n\n\nFrom: a@example.com\nSent: 10:15\nhej jag" * 5_000,
    "parameters": _HEAD + b'Content-Type: multipart/mixed; x="' + b";" * 400_000 + b'"; boundary=a\n\nhej',
    "quotes in From": b'From: "' + b'\\"' * 200_000 + b"\nSubject: x\n\nhej",
    "words without at": b"From: " + b"a" * 400_000 + b"\nSubject: x\n\nhej",
    "encoded words": b"Subject: " + b"=?utf-8?q?a?= " * 40_000 + b"\n\nhej",
    "references": _HEAD + b"References: " + b"<a@example.com" * 40_000 + b"\n\nhej",
    "many parts": _HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 60_000,
    "deep parts": _HEAD + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(1_500)) + b"\nhej",
    "deep mails": _HEAD + b"Content-Type: message/rfc822\n\n" * 1_500 + b"hej",
    "bounce of addresses": b"From: MAILER-DAEMON@example.com\nSubject: failure notice\n\nuser unknown " + b"a@example.com " * 60_000,
    "bounce of words": b"From: MAILER-DAEMON@example.com\nSubject: failure notice\n\nuser unknown " + b"a" * 900_000,
    "delivery groups": _HEAD + b"Content-Type: message/delivery-status\n\n" + b"Action: failed\nFinal-Recipient: rfc822; a@example.com\n\n" * 20_000,
    "disclaimers": _HEAD + b"\nhej\n\n" + b"Detta mail " + b"x " * 90_000,
    "device lines": _HEAD + b"\n" + b"outlook f\xc3\xb6r x<https://\n" * 8_000,
    "boundaries": _HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--bx\n--b--x\n" * 200_000,
    "multiparts alike": _HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n--b\n" * 20_000,
    "folded header": _HEAD + b"X-A: a\n" + b" a\n" * 200_000 + b"\nhej",
    "signed in pieces": _HEAD + b"Content-Type: application/pkcs7-mime\n\n" + b"0\x80" * 200_000,
    "winmail of properties": _HEAD + b"Content-Type: application/ms-tnef\n\n\x78\x9f\x3e\x22\1\0" + b"\1\3\x90\6\0\4\0\0\0\0\0\0\0\0\0" * 60_000,
    "calendar of alarms": _HEAD + b"Content-Type: text/calendar\n\n" + b"BEGIN:VALARM\nDESCRIPTION:x\n" * 30_000,
    "clear signatures": _HEAD + b"\n" + b"-----BEGIN PGP SIGNED MESSAGE-----\n\n" * 30_000,
    "sizes within sizes": _HEAD + b"Content-Type: text/html\n\n" + b"<font style=font-size:0>" * 14_000 + b"hej",
    "zero-width joiners": _HEAD + b"Content-Type: text/plain; charset=utf-8\n\n" + "a\u200d".encode() * 50_000,
    "base64 noise": _HEAD + b"Content-Transfer-Encoding: base64\n\n" + b"=\n" * 400_000,
}  # fmt: skip


@pytest.mark.parametrize("name", HEAVY)
def test_no_mail_takes_long(name):
    started = time.process_time()
    _check(read(HEAVY[name], OWN))
    # What is quadratic in these sizes takes half a minute and more; what is linear, a fraction of a second.
    assert time.process_time() - started < 5


def test_the_beginning_and_the_end_of_a_wall_of_text_are_read():
    content = b"Subject: x\n\nRadera mig.\n" + b"ord " * 400_000 + b"\nSvara i dag."
    message = read(content, OWN)
    assert message.reply_text.startswith("Radera mig.")
    assert message.reply_text.endswith("Svara i dag.")
    assert len(message.reply_text) <= LONGEST
