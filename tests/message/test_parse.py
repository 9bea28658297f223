"""Bytes to a Message: charsets, parts, HTML, headers, attachments."""

import base64
from datetime import UTC, datetime

import pytest

from inbox_bot.domain.mail import Address
from inbox_bot.errors import UnreadableMailError
from inbox_bot.message.body import read_body
from inbox_bot.message.structure import parse

SWEDISH = "Hej, jag vill få mina uppgifter – åäö ÅÄÖ."


def test_an_ordinary_mail(read_mail):
    message = read_mail(
        SWEDISH,
        Reply_To="Anna <privat@example.com>",
        In_Reply_To="<a@example.se>",
        References="<b@example.se>\r\n <a@example.se>",
    )
    assert message.sender == Address(address="anna@example.com", name="Anna Andersson")
    assert message.subject == "En fråga"
    assert message.reply_text == SWEDISH
    assert message.message_id == "<one@example.com>"
    assert message.reply_to == ("privat@example.com",)
    assert message.to == ("info@example.se",)
    assert message.in_reply_to == ("<a@example.se>",)
    assert message.references == ("<b@example.se>", "<a@example.se>")
    assert message.sent_at == datetime(2026, 3, 3, 9, 15, tzinfo=UTC)
    assert (message.automatic, message.bounce, message.attachments) == (None, None, ())


@pytest.mark.parametrize(
    ("written", "declared"),
    [
        ("utf-8", "utf-8"), ("utf-8", "iso-8859-1"), ("utf-8", "us-ascii"), ("utf-8", "no-such-charset"), ("utf-8", ""), ("cp1252", "iso-8859-1"),
        ("cp1252", "utf-8"), ("cp1252", "us-ascii"), ("cp1252", "unicode_escape"), ("utf-8", "punycode"), ("utf-16", "utf-16"), ("utf-8-sig", "utf-8"),
        ("utf-8", "koi8-r\0"), ("cp1252", "hex"), ("utf-8", "iso-2022-jp"),
    ],
)  # fmt: skip
def test_charsets_declared_rightly_wrongly_and_not_at_all(read_bytes, written, declared):
    head = f'Subject: x\nContent-Type: text/plain; charset="{declared}"\n' if declared else "Subject: x\n"
    assert read_bytes(head.encode() + b"\n" + SWEDISH.encode(written)).reply_text == SWEDISH


def test_utf8_damaged_in_one_place_is_still_read_as_utf8(read_bytes):
    body = (SWEDISH * 3).encode()[:-40] + b"\xc3 slut"
    message = read_bytes(b"Subject: x\nContent-Type: text/plain; charset=utf-8\n\n" + body)
    assert message.reply_text.startswith(SWEDISH)
    assert message.reply_text.endswith("slut")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("=?utf-8?q?R=C3=A4tt_till_radering?=", "Rätt till radering"),
        ("=?utf-8?B?UsOkdHQ=?= =?utf-8?b?IHRpbGw=?=", "Rätt till"),
        ("=?utf-8?q?R=C3?=\r\n =?utf-8?q?=A4tt?=", "Rätt"),
        ("=?iso-8859-1?q?R=E4tt?= till", "Rätt till"),
        ("=?no-such?q?R=C3=A4tt?=", "Rätt"),
        ("=?utf-8?q?Rätt till?=", "Rätt till"),
        ("=?utf-8?b?UsOkdHQ?=", "Rätt"),
        ("Rätt till", "Rätt till"),
        ("En\r\n bruten\r\n\trad", "En bruten rad"),
        ("=?utf-8?q?Rad=0D=0ABcc:_x@example.com?=", "Rad Bcc: x@example.com"),
        ("=?utf-8?", "=?utf-8?"),
        ("a=?utf-8?q?b?=c", "abc"),
    ],
)
def test_subjects(read_mail, written, read):
    assert read_mail("hej", Subject=written).subject == read


def test_a_raw_latin1_subject(read_bytes):
    assert read_bytes("Subject: Rätt till\n\nhej".encode("latin-1")).subject == "Rätt till"


@pytest.mark.parametrize(
    ("written", "address", "name"),
    [
        ("anna@example.com", "anna@example.com", ""),
        ("Anna.A@EXAMPLE.com", "Anna.A@example.com", ""),
        ("Andersson, Anna <anna@example.com>", "anna@example.com", "Anna"),
        ('"Andersson, Anna" <anna@example.com>', "anna@example.com", "Andersson, Anna"),
        ("=?utf-8?q?=C3=85sa?= <asa@example.com>", "asa@example.com", "Åsa"),
        ("anna@example.com (Anna)", "anna@example.com", "Anna"),
        ('"boss@example.se" <anna@example.com>', "anna@example.com", "boss@example.se"),
        ("boss@example.se <anna@example.com>", "anna@example.com", "boss@example.se"),
        ('"<boss@example.se>" <anna@example.com>', "anna@example.com", "<boss@example.se>"),
        ("=?utf-8?q?Anna_=3Canna=40example=2Ecom=3E?=", "anna@example.com", ""),
        ("<@relay.example.org:anna@example.com>", "anna@example.com", ""),
        ("Åsa <asa@example.com>", "asa@example.com", "Åsa"),
        ("'anna@example.com'", "anna@example.com", ""),
    ],
)
def test_senders(read_mail, written, address, name):
    assert read_mail("hej", From=written).sender == Address(address=address, name=name)


@pytest.mark.parametrize("written", [None, "", "Anna", "<>", "@example.com", "a b@", "undisclosed-recipients:;"])
def test_no_sender(read_mail, written):
    assert read_mail("hej", From=written).sender is None


def test_of_several_senders_the_first_with_an_address(read_bytes):
    message = read_bytes(b"From: Ingen\nFrom: a@example.com\nFrom: b@example.com\nSubject: x\n\nhej")
    assert message.sender == Address(address="a@example.com")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Tue, 3 Mar 2026 09:15:00 -0000", datetime(2026, 3, 3, 9, 15, tzinfo=UTC)),
        ("3 Mar 2026 09:15", datetime(2026, 3, 3, 9, 15, tzinfo=UTC)),
        ("Tue, 3 Mar 2026 10:15:00 +0100 (CET)", datetime(2026, 3, 3, 9, 15, tzinfo=UTC)),
        ("i går", None),
        ("Mon, 1 Jan 1900 00:00:00 +0900", None),
        ("Fri, 31 Dec 9999 23:59:00 -0900", None),
        ("Tue, 99 Mar 2026 99:99:99 +9999", None),
        (None, None),
    ],
)
def test_dates_are_aware_or_none(read_mail, written, read):
    assert read_mail("hej", Date=written).sent_at == read


def test_message_ids(read_mail):
    many = " ".join(f"<{number}@example.com>" for number in range(80))
    message = read_mail(
        "hej", Message_ID="bare@example.com", References=many, In_Reply_To="Mail of Tuesday <x@example.com> from Anna"
    )
    assert message.message_id == "<bare@example.com>"
    assert message.references == tuple(f"<{number}@example.com>" for number in range(30, 80))
    assert message.in_reply_to == ("<x@example.com>",)
    assert read_mail("hej", Message_ID=None).message_id is None


def test_texts_are_clean(read_mail):
    message = read_mail("A\u030angra\u00addig\u200b \u202eom\u00a0nu\x00.\rNy rad\u2028till")
    assert message.reply_text == "Ångradig om nu.\nNy rad\ntill"


def test_subject_only(read_mail):
    message = read_mail("", Subject="Radera mig")
    assert (message.subject, message.reply_text, message.automatic) == ("Radera mig", "", None)


def test_text_without_headers_is_read(read_bytes):
    assert read_bytes("jag vill bli glömd\nnu".encode()).reply_text == "jag vill bli glömd\nnu"


def test_leading_blank_lines_do_not_hide_the_headers(read_bytes):
    assert read_bytes(b"\r\n\r\nSubject: x\r\nFrom: a@example.com\r\n\r\nhej").subject == "x"


def test_a_stray_line_among_the_headers_does_not_hide_the_rest(read_bytes):
    message = read_bytes(b"Subject: ett\nbruten rad utan kolon\nFrom: a@example.com\nTo: info@example.se\n\nhej")
    assert message.sender == Address(address="a@example.com")
    assert message.reply_text == "hej"


def test_no_headers_and_no_text(read_bytes):
    with pytest.raises(UnreadableMailError):
        read_bytes(b"\n")


def _alternative(multipart, plain, html):
    return multipart(
        f"Content-Type: text/plain; charset=utf-8\n\n{plain}", f"Content-Type: text/html; charset=utf-8\n\n{html}"
    )


ALTERNATIVE = "multipart/alternative; boundary=grans"


def test_plain_text_is_preferred(read_mail, multipart):
    assert (
        read_mail(
            _alternative(multipart, "Radera mig", "<p>Radera <b>mig</b></p>"), Content_Type=ALTERNATIVE
        ).reply_text
        == "Radera mig"
    )


@pytest.mark.parametrize("plain", ["", " \n", "Ditt program kan inte visa detta."])
def test_html_is_read_where_the_plain_text_stands_in_for_it(read_mail, multipart, plain):
    html = "<p>" + "Jag vill att ni tar bort mitt konto hos er. " * 8 + "</p>"
    assert read_mail(_alternative(multipart, plain, html), Content_Type=ALTERNATIVE).reply_text.startswith(
        "Jag vill att"
    )


def test_html_inside_related_with_an_inline_picture(read_mail, multipart):
    inner = multipart(
        "Content-Type: text/html\n\n<p>Radera mig</p>",
        "Content-Type: image/png; name=logo.png\nContent-ID: <l>\n\nxx",
        boundary="inre",
    )
    body = multipart(f"Content-Type: multipart/related; boundary=inre\n\n{inner}")
    message = read_mail(body, Content_Type=ALTERNATIVE)
    assert message.reply_text == "Radera mig"
    assert [found.filename for found in message.attachments] == ["logo.png"]


def test_text_around_an_attachment_is_read_in_order(read_mail, multipart):
    body = multipart(
        "Content-Type: text/plain\n\nFöre.",
        "Content-Type: application/pdf; name=a.pdf\n\nx",
        "Content-Type: text/plain\n\nEfter.",
    )
    assert read_mail(body, Content_Type="multipart/mixed; boundary=grans").reply_text == "Före.\n\nEfter."


@pytest.mark.parametrize(
    ("disposition", "filename"),
    [
        ("attachment; filename=brev.txt", "brev.txt"),
        ("attachment; filename*=utf-8''beg%C3%A4ran.txt", "begäran.txt"),
        ("attachment; filename*0*=utf-8''beg%C3%A4; filename*1=ran.txt", "begäran.txt"),
        ('attachment; filename="=?utf-8?q?beg=C3=A4ran=2Etxt?="', "begäran.txt"),
        ('attachment; filename="begäran.txt"', "begäran.txt"),
        ("attachment; filename*=no-such''beg%C3%A4ran.txt", "begäran.txt"),
        ('attachment; filename="../../etc/a.txt"', ".._.._etc_a.txt"),
        ("attachment", ""),
    ],
)
def test_attachments(read_mail, multipart, disposition, filename):
    content = base64.b64encode(b"0123456789").decode()
    body = multipart(
        "Content-Type: text/plain\n\nSe bilagan.",
        f"Content-Type: text/plain\nContent-Disposition: {disposition}\nContent-Transfer-Encoding: base64\n\n{content}",
    )
    message = read_mail(body, Content_Type="multipart/mixed; boundary=grans")
    assert message.reply_text == "Se bilagan."
    assert [(found.filename, found.content_type, found.size) for found in message.attachments] == [
        (filename, "text/plain", 10)
    ]


@pytest.mark.parametrize(
    ("encoding", "content"),
    [
        ("base64", base64.b64encode(SWEDISH.encode()).decode()),
        ("BASE64", "!!" + base64.b64encode(SWEDISH.encode()).decode().rstrip("=")),
        (
            "quoted-printable",
            "Hej, jag vill f=C3=A5 =\nmina uppgifter =E2=80=93 =C3=A5=C3=A4=C3=B6 =C3=85=C3=84=C3=96.",
        ),
        ("8bit", SWEDISH),
        ("no-such", SWEDISH),
    ],
)
def test_transfer_encodings(read_mail, encoding, content):
    assert read_mail(content, Content_Transfer_Encoding=encoding).reply_text == SWEDISH


def test_a_footer_under_base64_is_kept(read_mail):
    content = base64.b64encode(b"Radera mig nu, tack").decode() + "\n____________\nlistans fot"
    assert read_mail(content, Content_Transfer_Encoding="base64").reply_text.startswith("Radera mig nu, tack")


def test_flowed_text_is_joined(read_mail):
    body = "Jag vill att ni \ntar bort mina \nuppgifter.\n> gammal \n> rad\n-- \nAnna"
    message = read_mail(body, Content_Type="text/plain; charset=utf-8; format=flowed")
    assert message.reply_text == "Jag vill att ni tar bort mina uppgifter."
    assert message.quoted_text == "> gammal rad"
    assert message.signature == "--\nAnna"


def test_flowed_text_with_deleted_spaces(read_mail):
    message = read_mail("person \nuppgifter", Content_Type="text/plain; format=flowed; delsp=yes")
    assert message.reply_text == "personuppgifter"


def _html(read_mail, html):
    return read_mail(html, Content_Type="text/html; charset=utf-8")


def test_html_as_a_reader_sees_it(read_mail):
    message = _html(
        read_mail,
        "<html><head><title>t</title><style>p{}</style></head><body><p>Ta&nbsp;bort <b>mina</b>\n uppgifter</p><div>och<br>svara</div>"
        "<ul><li>ett</li><li>två</li></ul><p style='display:none'>dolt</p><script>x</script><a href='https://example.org'>länk</a><pre>a\n  b</pre></body>",
    )
    assert message.reply_text == "Ta bort mina uppgifter\n\noch\nsvara\n\n- ett\n- två\n\nlänk\n\na\n  b"


@pytest.mark.parametrize(
    "old",
    [
        '<blockquote type="cite"><p>Gammalt</p></blockquote>',
        '<div class="gmail_quote"><div class="gmail_attr">ti 3. maalisk. Toimisto kirjoitti:<br></div><blockquote class="gmail_quote" style="border-left:1px solid">Gammalt</blockquote></div>',
        '<div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>De:</b> x<br><b>Enviado:</b> y</div><div>Gammalt</div>',
        '<div style="border:none;border-top:solid #E1E1E1 1.0pt"><p class="MsoNormal"><b>Von:</b> x<br><b>Wann:</b> y<br><b>An:</b> z</p></div><p>Gammalt</p>',
        '<div class="moz-cite-prefix">Ann ha scritto:</div><blockquote type="cite" cite="mid:x">Gammalt</blockquote>',
        '<div class="yahoo_quoted">Gammalt</div>',
        '<blockquote style="border-left: 2px solid #ccc">Gammalt</blockquote>',
        '<hr id="zwchr"><b>X:</b> y<br>Gammalt',
    ],
)
def test_quotations_that_html_marks(read_mail, old):
    message = _html(read_mail, f"<div>Ta bort mig.</div>{old}")
    assert message.reply_text == "Ta bort mig."
    assert "Gammalt" in message.quoted_text


def test_an_answer_between_gmails_quotations_is_kept(read_mail):
    quote = '<blockquote class="gmail_quote">Vad vill du?</blockquote>'
    assert (
        _html(read_mail, f'<div class="gmail_quote">{quote}<div>Bli glömd.</div>{quote}</div>').reply_text
        == "Bli glömd."
    )


def test_an_indented_paragraph_is_no_quotation(read_mail):
    html = '<blockquote style="margin:0 0 0 40px;border:none;padding:0px">Radera allt.</blockquote>'
    assert _html(read_mail, html).reply_text == "Radera allt."


def test_a_ruled_box_is_no_quotation(read_mail):
    html = '<p>Hej</p><div style="border-top:solid 1pt"><p><b>Obs:</b> radera allt</p></div>'
    assert "radera allt" in _html(read_mail, html).reply_text


def test_html_too_large_for_a_tree_is_read_all_the_same(read_mail):
    html = "<style>x</style>" + "<p>rad &aring;</p>" * 9_000 + "<div>Radera mig</div>"
    text = _html(read_mail, html).reply_text
    assert text.startswith("rad å\nrad å")
    assert text.endswith("Radera mig")


def test_html_sent_as_plain_text(read_mail):
    assert read_mail("<html><body><p>Radera mig</p></body></html>").reply_text == "Radera mig"


def test_a_forwarded_mail_as_attachment_is_quoted(read_mail, multipart):
    inner = (
        "From: Bo <bo@example.com>\nSubject: Min begäran\nContent-Type: text/plain; charset=utf-8\n\nJag vill se allt."
    )
    body = multipart("Content-Type: text/plain\n\nKan ni svara?", f"Content-Type: message/rfc822\n\n{inner}")
    message = read_mail(body, Content_Type="multipart/mixed; boundary=grans")
    assert message.reply_text == "Kan ni svara?"
    assert message.quoted_text == "From: Bo <bo@example.com>\nSubject: Min begäran\n\nJag vill se allt."
    assert [found.content_type for found in message.attachments] == ["message/rfc822"]


def test_a_multipart_without_its_boundary_is_shown_as_text(read_mail):
    assert "Radera mig" in read_mail("Radera mig", Content_Type="multipart/mixed; boundary=finns-inte").reply_text


def test_parts_nested_too_deep_are_shown_as_text(read_bytes):
    nested = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(1_500))
    message = read_bytes(b"From: a@example.com\nSubject: x\n" + nested + b"\nRadera mig")
    assert message.sender == Address(address="a@example.com")
    assert "Radera mig" in message.reply_text


def test_uuencoded_text(read_mail):
    body = "begin 644 x\n%:&5J(0H \nend\n"
    assert read_body(parse(b"Content-Transfer-Encoding: x-uuencode\n\n" + body.encode())).text.strip() == "hej!"


@pytest.mark.parametrize(
    "hidden",
    [
        '<p style="display: none">dolt</p>', "<p hidden>dolt</p>", '<p style="visibility:hidden">dolt</p>', '<p style="font-size:0">dolt</p>', '<p style="font-size:1px">dolt</p>',
        '<p style="opacity:0">dolt</p>', '<div style="max-height:0px;overflow:hidden">dolt</div>', '<span style="mso-hide:all">dolt</span>', '<p style="color:transparent">dolt</p>',
        '<p style="position:absolute;left:-9999px">dolt</p>', "<template>dolt</template>", "<!-- dolt -->", '<img src="https://example.org/p.gif" width="1" height="1" alt="">',
        '<div style="font-size:0"><b style="font-size:2em">dolt</b></div>',
    ],
)  # fmt: skip
def test_what_no_reader_sees_is_not_read(read_mail, hidden):
    assert _html(read_mail, f"<p>Hej</p>{hidden}<p>då</p>").reply_text == "Hej\n\ndå"


@pytest.mark.parametrize(
    "seen",
    [
        '<p style="font-size:0px;font-size:14px">sett</p>', '<div style="font-size:0"><p style="font-size:14px">sett</p></div>', '<div style="font-size:0"><p style="font-size:medium">sett</p></div>',
        '<p style="opacity:0.9">sett</p>', '<p style="opacity:inherit">sett</p>', '<p style="font-size:.8em">sett</p>', '<p style="margin-left:-100px;background-color:transparent">sett</p>',
        '<p style="height:0">sett</p>', '<p style="min-width:0;overflow:hidden">sett</p>', '<p style="width:0.5em;overflow:hidden">sett</p>', '<p style="text-indent:-18.0pt">sett</p>',
    ],
)  # fmt: skip
def test_what_a_reader_sees_is_read(read_mail, seen):
    assert _html(read_mail, seen).reply_text == "sett"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("ra\u200bde\u200cra\u200d mi\ufeffg", "radera mig"),
        ("ra\u00addera\u034f \u2060mig\u2063", "radera mig"),
        ("\u200dradera \u200emig\u200f", "radera mig"),
        ("rad\U000e0041\U000e0042era", "radera"),
        ("\u3164radera\u115f", "radera"),
        ("👩\u200d💻 och ❤\ufe0f", "👩\u200d💻 och ❤\ufe0f"),
        ("می\u200cخواهم", "می\u200cخواهم"),
    ],
)
def test_signs_without_a_shape_are_gone_but_where_they_shape_letters(read_mail, written, read):
    assert read_mail(written).reply_text == read
