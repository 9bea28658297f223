"""What of a large mail is fetched, as BODYSTRUCTURE describes it, and the mail that is made of it."""

import pytest
from imapclient.response_parser import parse_fetch_response

from inbox_bot.mailbox.outline import MOST_PARTS, UnclearOutlineError, assemble, attachments, is_cut, outline, pieces
from inbox_bot.message.parse import read

HEADER = b"From: Kim <kim@example.com>\r\nSubject: Stort\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed;\r\n boundary=gammal\r\nMessage-ID: <1@example.com>\r\n\r\n"
TEXT = b'("TEXT" "PLAIN" ("CHARSET" "utf-8") NIL NIL "8BIT" 40 2 NIL NIL NIL NIL)'
JPEG = (
    b'("IMAGE" "JPEG" ("NAME" "bild.jpg") NIL NIL "BASE64" 40000000 NIL ("ATTACHMENT" ("FILENAME" "bild.jpg")) NIL NIL)'
)
INNER = (
    b'("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 9000 ("d" "s" NIL NIL NIL NIL NIL NIL NIL "<i@x>") %b 90 NIL NIL NIL NIL)'
)


def described(structure: bytes):
    answer = parse_fetch_response([b"1 (UID 1 BODYSTRUCTURE " + structure + b")"])
    return outline(answer[1][b"BODYSTRUCTURE"])


def made(structure: bytes, header: bytes = HEADER, **fetched: bytes):
    root, _ = described(structure)
    sections = {name.replace("_", "."): content for name, content in fetched.items()}
    return read(assemble(header, root, sections), frozenset())


def test_the_text_is_fetched_and_the_picture_is_known_by_name_type_and_size():
    root, cut = described(b"(" + TEXT + JPEG + b' "MIXED" ("BOUNDARY" "x") NIL NIL NIL)')
    assert not cut
    assert [(piece.section, piece.mime) for piece in pieces(root)] == [("1", "1.MIME")]
    assert [(file.filename, file.content_type, file.size) for file in attachments(root)] == [
        ("bild.jpg", "image/jpeg", 30_000_000)
    ]
    fetched = {"1": "Radera mig, tack. åäö".encode(), "1.MIME": b"Content-Type: text/plain; charset=utf-8\r\n\r\n"}
    message = read(assemble(HEADER, root, fetched), frozenset())
    assert (message.subject, message.reply_text.strip()) == ("Stort", "Radera mig, tack. åäö")
    assert message.sender.address == "kim@example.com"
    assert [file.filename for file in message.attachments] == ["bild.jpg"]
    assert message.message_id == "<1@example.com>"


def test_a_mail_that_is_one_long_text_keeps_its_own_header():
    header = b"From: kim@example.com\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\n"
    text = b'("TEXT" "PLAIN" ("CHARSET" "iso-8859-1") NIL NIL "8BIT" 30000000 2 NIL ("ATTACHMENT" ("FILENAME" "x.txt")) NIL NIL)'
    root, _ = described(text)
    assert [(piece.section, piece.mime) for piece in pieces(root)] == [("1", "")]
    assert is_cut(root, {"1": b"x" * 100})
    assert not attachments(root)
    message = read(assemble(header, root, {"1": "Radera allt, å".encode("latin-1")}), frozenset())
    assert message.reply_text.strip() == "Radera allt, å"


def test_a_forwarded_mail_is_looked_into():
    structure = b"(" + TEXT + INNER % (b"(" + TEXT + JPEG + b' "MIXED" NIL NIL NIL NIL)') + b' "MIXED" NIL NIL NIL NIL)'
    root, _ = described(structure)
    assert [piece.section for piece in pieces(root)] == ["1", "2.HEADER", "2.1"]
    inner = b"From: Eva <eva@example.org>\r\nSubject: Inre\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n"
    message = made(structure, **{"1": b"FYI", "2.HEADER": inner, "2.1": b"Radera mig, Eva"})
    assert "Radera mig, Eva" in message.quoted_text
    assert "Inre" in message.quoted_text


def test_a_forwarded_mail_without_parts_is_its_part_one():
    structure = b"(" + TEXT + INNER % TEXT + b' "MIXED" NIL NIL NIL NIL)'
    assert [piece.section for piece in pieces(described(structure)[0])] == ["1", "2.HEADER", "2.1"]


def test_a_bounce_with_the_mail_it_speaks_of_is_still_one():
    status = b'("MESSAGE" "DELIVERY-STATUS" NIL NIL NIL "7BIT" 100 NIL NIL NIL NIL)'
    structure = b"(" + TEXT + status + INNER % TEXT + b' "REPORT" ("REPORT-TYPE" "delivery-status") NIL NIL NIL)'
    header = HEADER.replace(b"Kim <kim@example.com>", b"MAILER-DAEMON@example.com")
    report = b"Reporting-MTA: dns; mx.example.com\r\n\r\nFinal-Recipient: rfc822; eva@example.org\r\nAction: failed\r\nStatus: 5.1.1\r\n"
    fetched = {
        "1": b"Undelivered",
        "2": report,
        "2.MIME": b"Content-Type: message/delivery-status\r\n",
        "3.HEADER": b"Message-ID: <vart@example.com>\r\n",
        "3.1": b"x",
    }
    message = made(structure, header, **fetched)
    assert message.bounce is not None
    assert message.bounce.permanent
    assert message.bounce.original_message_id == "<vart@example.com>"


@pytest.mark.parametrize(
    ("given", "name"),
    [
        (b'"NAME" "kvitto.pdf"', "kvitto.pdf"),
        (b'"NAME*" "utf-8\'\'r%C3%A4kning%20%C3%A5r.pdf"', "räkning år.pdf"),
        (b'"NAME*0*" "utf-8\'\'r%C3%A4k" "NAME*1" "ning.pdf"', "räkning.pdf"),
        (b'"NAME" "../../etc/passwd"', ".._.._etc_passwd"),
    ],
)
def test_names_are_told_however_they_were_sent(given, name):
    file = b'("APPLICATION" "PDF" (' + given + b') NIL NIL "BASE64" 4000 NIL NIL NIL NIL)'
    [found] = attachments(described(b"(" + TEXT + file + b' "MIXED" NIL NIL NIL NIL)')[0])
    assert found.filename == name
    root, _ = described(b"(" + TEXT + file + b' "MIXED" NIL NIL NIL NIL)')
    assert [one.filename for one in read(assemble(HEADER, root, {}), frozenset()).attachments] == [name]


def test_no_more_parts_are_looked_at_than_a_person_sends():
    root, cut = described(b"(" + TEXT * 5000 + b' "MIXED" NIL NIL NIL NIL)')
    assert cut
    assert len(root.parts) < MOST_PARTS
    assert len(pieces(root)) < 20


@pytest.mark.parametrize(
    "structure",
    [
        b'("TEXT")',
        b"(1 2 3 4 5 6 7)",
        b'("TEXT\\"\r\nX: y" "PLAIN" NIL NIL NIL "7BIT" 4 1)',
        b'(("TEXT" "PLAIN" NIL NIL NIL "7BIT" 4 1))',
    ],
)
def test_what_no_mail_can_be_is_said_to_be_unclear(structure):
    with pytest.raises(UnclearOutlineError):
        described(structure)


def test_a_strangers_text_breaks_out_of_no_boundary():
    structure = b"(" + TEXT + JPEG + b' "MIXED" NIL NIL NIL NIL)'
    evil = (
        b"Hej\r\n--inbox-bot-0\r\nContent-Disposition: attachment; filename=falsk.exe\r\n\r\nx\r\n--inbox-bot-0--\r\n"
    )
    message = made(structure, **{"1": evil})
    assert [file.filename for file in message.attachments] == ["bild.jpg"]
