"""Parts as strangers' programs make them: boundaries, text in odd places, what is attached, signed, sealed and packed."""

import base64
import hashlib
import struct

import pytest

from inbox_bot.domain.authenticity import Sign
from inbox_bot.domain.mail import Remark
from inbox_bot.message.rtf import decompressed
from inbox_bot.message.signs import look
from inbox_bot.message.structure import parse
from inbox_bot.message.toml_domains import read_domains
from inbox_bot.settings import FileSettings, find_file, rules_folders

MIXED = "multipart/mixed; boundary=grans"
PLAIN = "Content-Type: text/plain; charset=utf-8\n\n"


def _encoded(content):
    return base64.encodebytes(content).decode()


def _file(kind, name, content):
    return f"Content-Type: {kind}; name={name}\nContent-Disposition: attachment; filename={name}\nContent-Transfer-Encoding: base64\n\n{_encoded(content)}"


# Boundaries


def test_an_inner_multipart_with_the_outer_ones_boundary(read_mail, multipart):
    inner = multipart(f"{PLAIN}Radera mig", "Content-Type: text/html\n\n<p>Radera <b>mig</b></p>")
    body = f"--grans\nContent-Type: multipart/alternative; boundary=grans\n\n{inner}--grans\n{_file('application/pdf', 'a.pdf', b'x')}\n--grans--\n"
    message = read_mail(body, Content_Type=MIXED)
    assert message.reply_text == "Radera mig"
    assert [file.filename for file in message.attachments] == ["a.pdf"]


def test_parts_below_a_closing_boundary_are_read(read_mail):
    body = f"--grans\n{PLAIN}Ett.\n--grans--\nskräp\n--grans\n{PLAIN}Två.\n--grans--\n"
    assert read_mail(body, Content_Type=MIXED).reply_text == "Ett.\n\nTvå."


def test_an_outer_boundary_ends_all_within(read_mail):
    body = f"--grans\nContent-Type: multipart/related; boundary=inre\n\n--inre\n{PLAIN}Ett.\n--grans\n{PLAIN}Två.\n--grans--\n"
    assert read_mail(body, Content_Type=MIXED).reply_text == "Ett.\n\nTvå."


def test_a_boundary_that_begins_another(read_mail):
    body = f"--grans\nContent-Type: multipart/related; boundary=grans1\n\n--grans1\n{PLAIN}Ett.\n--grans1--\n--grans\n{PLAIN}Två.\n--grans--\n"
    assert read_mail(body, Content_Type=MIXED).reply_text == "Ett.\n\nTvå."


@pytest.mark.parametrize(
    "declared",
    ['boundary="grans"', "boundary=grans ; x=y", "boundary*=utf-8''grans", "boundary*0=gr; boundary*1=ans", 'x*=a; x*1*=b; boundary="grans"', "BOUNDARY=grans"],
)  # fmt: skip
def test_boundaries_however_they_are_declared(read_mail, multipart, declared):
    assert read_mail(multipart(f"{PLAIN}Ja."), Content_Type=f"multipart/mixed; {declared}").reply_text == "Ja."


def test_a_boundary_outside_ascii(read_mail, multipart):
    assert (
        read_mail(
            multipart(f"{PLAIN}Ja.", boundary="gräns"), Content_Type='multipart/mixed; boundary="gräns"'
        ).reply_text
        == "Ja."
    )


def test_a_boundary_at_the_very_end_and_one_never_closed(read_mail):
    assert read_mail(f"--grans\n{PLAIN}Ja.\n--grans", Content_Type=MIXED).reply_text == "Ja."
    assert read_mail(f"--grans\n{PLAIN}Ja.", Content_Type=MIXED).reply_text == "Ja."


def test_the_line_end_before_a_boundary_is_no_content(read_mail, multipart):
    body = multipart(f"{PLAIN}a", "Content-Type: text/plain; name=x.txt\n\nabc")
    assert [file.size for file in read_mail(body, Content_Type=MIXED).attachments] == [3]


def test_a_multipart_and_a_mail_wrapped_in_base64(read_mail, multipart):
    wrapped = _encoded(multipart(f"{PLAIN}Ja.").encode())
    assert read_mail(wrapped, Content_Type=MIXED, Content_Transfer_Encoding="base64").reply_text == "Ja."
    inner = _encoded(b"Subject: x\n\nJag vill se allt.")
    body = multipart(f"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n{inner}")
    assert "Jag vill se allt." in read_mail(body, Content_Type=MIXED).quoted_text


def test_digests_hold_mails(read_mail, multipart):
    body = multipart("\nSubject: ett\n\nRadera mig.")
    assert "Radera mig." in read_mail(body, Content_Type="multipart/digest; boundary=grans").quoted_text


def test_a_type_without_its_semicolon(read_mail):
    assert read_mail("<p>Ja</p>", Content_Type="text/html charset=utf-8").reply_text == "Ja"


# Line ends


def test_bare_cr_ends_lines_where_nothing_else_does(read_bytes):
    message = read_bytes(b"From: a@example.com\rSubject: x\r\rHej\rdu")
    assert (message.subject, message.reply_text) == ("x", "Hej\ndu")


def test_a_bare_cr_makes_no_header_where_lines_end_in_crlf(read_bytes):
    message = read_bytes(b"X-A: b\rFrom: boss@example.se\r\nFrom: a@example.com\r\n\r\nHej\rdu")
    assert message.sender.address == "a@example.com"
    assert message.reply_text == "Hej\ndu"


def test_lines_ended_twice_by_a_gateway(read_bytes):
    message = read_bytes(b"From: a@example.com\r\r\nSubject: x\r\r\n\r\r\nHej\r\r\ndu")
    assert (message.subject, message.reply_text) == ("x", "Hej\ndu")


@pytest.mark.parametrize(
    "subject",
    ["=?utf-8?q?a=00b?=", "=?utf-8?q?a=0D=0AFrom:_x@example.com?=", "=?utf-8?b?YQBi?=", "=?utf-8?q?a=E2=80=A8b?=", "a\tb", "=?utf-8?q?a=C2=85b?="],
)  # fmt: skip
def test_decoded_headers_are_one_line_without_nul(read_mail, subject):
    read = read_mail("hej", Subject=subject, From=f"{subject} <a@example.com>")
    for text in (read.subject, read.sender.name):
        assert text.isprintable()
        assert text.startswith("a")


# Addresses


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Gruppen: a@example.com, b@example.com;", ["a@example.com", "b@example.com"]),
        ('Gruppen: "A, B" <a@example.com>;, c@example.com', ["a@example.com", "c@example.com"]),
        ("undisclosed-recipients:;", []),
        ("A: a@example.com;, B: b@example.com;", ["a@example.com", "b@example.com"]),
    ],
)
def test_groups_of_addresses(read_mail, written, expected):
    assert list(read_mail("hej", To=written).to) == expected


@pytest.mark.parametrize(
    ("written", "poses"),
    [
        ('"boss@example.se" <anna@example.com>', True),
        ("=?utf-8?q?boss=40example=2Ese?= <anna@example.com>", True),
        ('"VD (boss@example.se)" <anna@example.com>', True),
        ('"Anna@Example.com" <anna@example.com>', False),
        ("Anna <anna@example.com>", False),
    ],
)
def test_a_name_that_is_another_address_stands_out(read_mail, written, poses):
    domains = read_domains(find_file(rules_folders(FileSettings()), "domains.toml"))
    seen = {sign for sign, _ in look(read_mail("hej", From=written), ["info@example.org"], domains).signs}
    assert (Sign.NAME_IS_ADDRESS in seen) == poses


# Charsets


@pytest.mark.parametrize(
    ("declared", "content", "text"),
    [
        ("iso-2022-jp", "日本語です".encode("iso2022_jp"), "日本語です"),
        ("iso-2022-jp", "日本語です".encode("euc_jp"), "日本語です"),
        ("shift_jis", "日本語です".encode("euc_jp"), "日本語です"),
        ("utf-16", b"Hej, radera mig", "Hej, radera mig"),
        ("utf-16", "Hej å".encode("utf-16"), "Hej å"),
        ("cp037", b"Hej, radera mig", "Hej, radera mig"),
        ("koi8-r", "Hej åäö".encode(), "Hej åäö"),
        ("gb2312", "Hej, jag heter Åsa".encode(), "Hej, jag heter Åsa"),
        ("big5", "å".encode(), "å"),
        ("koi8-r", "Привет".encode("koi8-r"), "Привет"),
        ("\xff\xfe", "åäö".encode(), "åäö"),
        ("x" * 500, "åäö".encode(), "åäö"),
        ("utf-7", b"Ring 1+1, R&D", "Ring 1+1, R&D"),
        ("", "åäö".encode("latin-1"), "åäö"),
    ],
)
def test_charsets_that_lie(read_bytes, declared, content, text):
    head = f'From: a@example.com\nContent-Type: text/plain; charset="{declared}"\n\n'.encode("latin-1")
    assert read_bytes(head + content).reply_text == text


def test_8_bit_headers_in_two_charsets(read_bytes):
    message = read_bytes("From: Åsa <a@example.com>\nSubject: ".encode() + "Rätt".encode("latin-1") + b"\n\nhej")
    assert (message.sender.name, message.subject) == ("Åsa", "Rätt")


# Attachments


def test_an_attachment_is_known_by_its_hash(read_mail, multipart):
    body = multipart(f"{PLAIN}Radera mig", _file("application/pdf", "brev.pdf", b"%PDF-1.4 \0\xff"))
    [file] = read_mail(body, Content_Type=MIXED).attachments
    assert (file.filename, file.content_type, file.size) == ("brev.pdf", "application/pdf", 11)
    assert file.sha256 == hashlib.sha256(b"%PDF-1.4 \0\xff").hexdigest()


def test_an_attached_mail_is_known_by_its_own_bytes(read_mail, multipart):
    inner = "Subject: x\r\n\r\nHej"
    body = multipart(f"{PLAIN}Se nedan", f"Content-Type: message/rfc822\n\n{inner}".replace("\r\n", "\n"))
    [file] = read_mail(body, Content_Type=MIXED).attachments
    assert (file.size, file.sha256) == (len(inner), hashlib.sha256(inner.encode()).hexdigest())


def test_more_attachments_than_are_kept_are_remarked_on(read_mail, multipart):
    message = read_mail(multipart(*[_file("application/pdf", "a.pdf", b"x")] * 501), Content_Type=MIXED)
    assert len(message.attachments) == 500
    assert Remark.NOT_WHOLE in message.remarks


@pytest.mark.parametrize(
    "reply", ["", "Se bifogat.", "Hej!\n\nSe bifogad fil.\n\nMed vänlig hälsning\nAnna Andersson", "See attached letter", "Bilaga", "Anbei mein Brief", "Hej"],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["application/pdf", "application/msword", "application/octet-stream"])
def test_a_letter_sent_as_a_file(read_mail, multipart, reply, kind):
    message = read_mail(multipart(PLAIN + reply, _file(kind, "brev", b"x" * 100)), Content_Type=MIXED)
    assert message.remarks == (Remark.LETTER_ATTACHED,)


def test_a_letter_photographed(read_mail, multipart):
    picture, logo = _file("image/jpeg", "brev.jpg", b"x" * 30_000), _file("image/png", "logo.png", b"x" * 3_000)
    assert Remark.LETTER_ATTACHED in read_mail(multipart(PLAIN, picture), Content_Type=MIXED).remarks
    assert Remark.LETTER_ATTACHED in read_mail(multipart(f"{PLAIN}Se bifogat", picture), Content_Type=MIXED).remarks
    assert read_mail(multipart(f"{PLAIN}Tack!", picture), Content_Type=MIXED).remarks == ()
    assert read_mail(multipart(PLAIN, logo), Content_Type=MIXED).remarks == ()
    assert read_mail(
        picture.split("\n\n", 1)[1], Content_Type="image/jpeg", Content_Transfer_Encoding="base64"
    ).remarks == (Remark.LETTER_ATTACHED,)


def test_words_beside_a_file_are_the_letter(read_mail, multipart):
    text = "Hej, bifogat finns underlaget till fakturan för kursen i mars som ni frågade efter."
    assert read_mail(multipart(PLAIN + text, _file("application/pdf", "a.pdf", b"x")), Content_Type=MIXED).remarks == ()


def test_text_only_in_an_attachment_is_read(read_mail, multipart):
    body = multipart(
        "Content-Type: text/plain; charset=utf-8; name=brev.txt\nContent-Disposition: attachment\n\nRadera mig åäö",
        _file("application/pdf", "a.pdf", b"x"),
    )
    message = read_mail(body, Content_Type=MIXED)
    assert message.reply_text == "Radera mig åäö"
    assert [file.filename for file in message.attachments] == ["brev.txt", "a.pdf"]


def test_text_under_an_attachment_is_read(read_mail, multipart):
    body = multipart(_file("application/pdf", "a.pdf", b"x"), "Content-Type: text/html\n\n<p>Radera mig</p>")
    assert read_mail(body, Content_Type=MIXED).reply_text == "Radera mig"


# Calendar


CALENDAR = "Content-Type: text/calendar; method=REQUEST; charset=utf-8\n\nBEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:x\nDESCRIPTION;LANGUAGE=sv:Hej\\, radera\\nallt om mi\n g\nBEGIN:VALARM\nDESCRIPTION:Reminder\nEND:VALARM\nEND:VEVENT\nEND:VCALENDAR\n"


def test_what_a_person_wrote_in_an_invitation_is_read(read_mail, multipart):
    for body in (multipart(CALENDAR), multipart(PLAIN, CALENDAR)):
        for kind in ("mixed", "alternative"):
            message = read_mail(body, Content_Type=f"multipart/{kind}; boundary=grans")
            assert (message.reply_text, message.automatic) == ("Hej, radera\nallt om mig", None)


def test_an_invitation_beside_words_is_not_read_twice(read_mail, multipart):
    message = read_mail(multipart(f"{PLAIN}Hej", CALENDAR), Content_Type="multipart/alternative; boundary=grans")
    assert message.reply_text == "Hej"


# Signed and sealed


def _der(tag, *contents):
    content = b"".join(contents)
    size = bytes([len(content)]) if len(content) < 128 else b"\x82" + len(content).to_bytes(2, "big")
    return bytes([tag]) + size + content


def _endless(tag, *contents):
    return bytes([tag, 0x80]) + b"".join(contents) + b"\0\0"


def _cms(kind, octets, wrap=_der):
    data = _der(0x06, bytes.fromhex("2a864886f70d010701"))
    signed = wrap(0x30, _der(0x02, b"\1"), _der(0x31), wrap(0x30, data, wrap(0xA0, octets)), _der(0x31))
    return wrap(0x30, _der(0x06, bytes.fromhex("2a864886f70d0107") + bytes([kind])), wrap(0xA0, signed))


INNER = "Content-Type: text/plain; charset=utf-8\r\n\r\nRadera mig, tack. åäö".encode()
SMIME = "application/pkcs7-mime; smime-type=signed-data; name=smime.p7m"


@pytest.mark.parametrize(
    "cms",
    [_cms(2, _der(0x04, INNER)), _cms(2, _endless(0x24, _der(0x04, INNER[:20]), _der(0x04, INNER[20:])), _endless)],
    ids=["der", "ber"],
)
def test_what_is_only_signed_is_read(read_mail, cms):
    message = read_mail(_encoded(cms), Content_Type=SMIME, Content_Transfer_Encoding="base64")
    assert (message.reply_text, message.remarks) == ("Radera mig, tack. åäö", ())


@pytest.mark.parametrize(
    "cms", [_cms(3, _der(0x04, b"x")), b"", b"0\x80", b"\x30\x84\xff\xff\xff\xff", _cms(2, b"")[:30]]
)
def test_what_is_encrypted_with_smime_is_said(read_mail, cms):
    message = read_mail(_encoded(cms), Content_Type=SMIME, Content_Transfer_Encoding="base64")
    assert (message.reply_text, message.remarks) == ("", (Remark.SMIME,))


def test_a_signature_beside_the_text_is_no_letter(read_mail, multipart):
    body = multipart(f"{PLAIN}Hej", _file("application/pkcs7-signature", "smime.p7s", b"x" * 50))
    message = read_mail(body, Content_Type="multipart/signed; protocol=x; boundary=grans")
    assert (message.reply_text, message.remarks) == ("Hej", ())


def test_pgp(read_mail, multipart):
    armour = "-----BEGIN PGP MESSAGE-----\n\nhQEM\n-----END PGP MESSAGE-----"
    assert Remark.PGP in read_mail(f"Hej\n\n{armour}").remarks
    body = multipart(
        "Content-Type: application/pgp-encrypted\n\nVersion: 1", f"Content-Type: application/octet-stream\n\n{armour}"
    )
    message = read_mail(body, Content_Type="multipart/encrypted; boundary=grans")
    assert Remark.PGP in message.remarks
    assert len(message.attachments) == 2


def test_text_signed_in_the_clear_is_read_without_its_wrapping(read_mail):
    text = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nRadera mig.\n- -- strukna\n-----BEGIN PGP SIGNATURE-----\n\niQEz\n-----END PGP SIGNATURE-----\nPS"
    message = read_mail(text)
    assert (message.reply_text, message.remarks) == ("Radera mig.\n-- strukna\nPS", ())


# winmail.dat


def _attribute(level, name, value):
    return struct.pack("<BII", level, name, len(value)) + value + struct.pack("<H", sum(value) % 65536)


def _property(kind, name, value):
    head = struct.pack("<HH", kind, name)
    if kind == 0x03:
        return head + value
    return head + struct.pack("<II", 1, len(value)) + value + b"\0" * (-len(value) % 4)


def _tnef(*attributes):
    return b"\x78\x9f\x3e\x22\1\0" + b"".join(attributes)


def _properties(*properties):
    return struct.pack("<I", len(properties)) + b"".join(properties)


def _winmail(read_mail, multipart, content, text=""):
    body = multipart(PLAIN + text, _file("application/ms-tnef", "winmail.dat", content))
    return read_mail(body, Content_Type=MIXED)


RTF = rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}\pard Radera mig, \'e5\'e4\'f6 \u8364?.\par Tack{\*\x dold}\par}"
HTML_RTF = rb"{\rtf1\ansi\ansicpg1252\fromhtml1 {\*\htmltag64 <p>}Radera \htmlrtf {\b\htmlrtf0 {\*\htmltag84 <b>}mig{\*\htmltag92 </b>}\htmlrtf }\htmlrtf0 {\*\htmltag72 </p>}}"


def _packed(rtf):
    return struct.pack("<II4sI", len(rtf) + 12, len(rtf), b"MELA", 0) + rtf


@pytest.mark.parametrize(
    ("properties", "text"),
    [
        ([_property(0x1F, 0x1000, "Radera mig åäö".encode("utf-16-le"))], "Radera mig åäö"),
        ([_property(0x1E, 0x1000, "Radera mig åäö".encode("cp1252"))], "Radera mig åäö"),
        ([_property(0x03, 0x3FDE, struct.pack("<I", 65001)), _property(0x102, 0x1013, "<p>Radera mig åäö</p>".encode())], "Radera mig åäö"),
        ([_property(0x102, 0x1009, _packed(RTF))], "Radera mig, åäö €.\nTack"),
        ([_property(0x102, 0x1009, _packed(HTML_RTF))], "Radera mig"),
    ],
    ids=["unicode", "bytes", "html", "rtf", "html in rtf"],
)  # fmt: skip
def test_the_body_in_winmail_is_read(read_mail, multipart, properties, text):
    message = _winmail(read_mail, multipart, _tnef(_attribute(1, 0x69003, _properties(*properties))))
    assert (message.reply_text, message.remarks, message.attachments) == (text, (), ())


def test_the_files_in_winmail_are_named(read_mail, multipart):
    content = _tnef(
        _attribute(1, 0x2800C, b"Gammal text\0"),
        _attribute(2, 0x69002, b"\0" * 14),
        _attribute(2, 0x18010, b"BREV~1.PDF\0"),
        _attribute(2, 0x6800F, b"%PDF"),
        _attribute(
            2,
            0x69005,
            _properties(
                _property(0x1F, 0x3707, "begäran.pdf".encode("utf-16-le")),
                _property(0x1E, 0x370E, b"application/pdf\0"),
            ),
        ),
        _attribute(2, 0x69002, b"\0" * 14),
        _attribute(2, 0x18010, b"../x.txt\0"),
    )
    message = _winmail(read_mail, multipart, content, "Hej, jag vill ha ut allt ni har om mig.")
    assert message.reply_text == "Hej, jag vill ha ut allt ni har om mig."
    assert [(file.filename, file.content_type, file.size) for file in message.attachments] == [
        ("begäran.pdf", "application/pdf", 4),
        (".._x.txt", "application/octet-stream", 0),
    ]
    assert _winmail(read_mail, multipart, content).reply_text == "Gammal text"


def test_a_winmail_that_is_none_is_remarked_on(read_mail, multipart):
    message = _winmail(read_mail, multipart, b"x" * 40)
    assert Remark.TNEF in message.remarks
    assert [file.filename for file in message.attachments] == ["winmail.dat"]


def test_outlooks_compression_is_undone():
    # The example of MS-OXRTFCP, 4.1.1, with a window that wraps nothing.
    packed = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
    )
    assert decompressed(packed) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"


# Depth


def test_what_is_nested_too_deep_is_shown_and_said(read_bytes):
    nested = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(1_000))
    message = read_bytes(b"From: a@example.com\n" + nested + b"\nRadera mig")
    assert "Radera mig" in message.reply_text
    assert Remark.NOT_WHOLE in message.remarks


def test_ten_forwards_in_each_other_are_whole():
    mail = b"Subject: innerst\n\nhej"
    for number in range(10):
        mail = (
            b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\nContent-Type: message/rfc822\n\n%s\n--b%d--\n"
            % (number, number, mail, number)
        )
    assert parse(mail).is_whole
