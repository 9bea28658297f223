"""How large mails come from a server: in parts, by their start where it is unclear about them, and never for ever."""

import time

import pytest

from inbox_bot.domain.mail import Extent
from inbox_bot.errors import MailboxError
from tests.mailbox.test_imap import GREETING, USUAL, Opener
from tests.support.scripted import ScriptedServer, Talk

pytestmark = pytest.mark.usefixtures("scripted_server")
STRUCTURE = (
    b'(("TEXT" "PLAIN" NIL NIL NIL "7BIT" 9 1 NIL NIL NIL NIL)'
    b'("IMAGE" "JPEG" ("NAME" "b.jpg") NIL NIL "BASE64" 40000000 NIL NIL NIL NIL) "MIXED" NIL NIL NIL NIL)'
)
HEAD = b"Subject: Stort\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
WHEN = b'INTERNALDATE "01-Jan-2026 10:00:00 +0100"'


@pytest.fixture
def opened():
    opener = Opener()
    yield opener
    for source in opener.sources:
        source.close()


def literal(name: bytes, content: bytes) -> bytes:
    return name + b" {%d}\r\n" % len(content) + content


def serving(answers, *, asked: list[bytes], connections: int = 1):
    """Answer FETCH by what is asked for; None hangs up."""

    def conversation(talk: Talk) -> None:
        talk.say(GREETING)
        while True:
            line = talk.answer(**USUAL)
            tag, _, _, uid, what = line.split(b" ", 4)
            asked.append(what)
            said = next((said for part, said in answers.items() if part in what), b"")
            if said is None:
                return
            if b"NO " in said[:3] or b"BAD" in said[:3]:
                talk.say(tag + b" " + said)
            else:
                talk.say(b"* 1 FETCH (UID " + uid + b" " + said + b")\r\n" + tag + b" OK done\r\n")

    return [conversation] * connections


USUAL_LARGE = {
    b"RFC822.SIZE": b"RFC822.SIZE 40000300",
    b"BODYSTRUCTURE": b"BODYSTRUCTURE " + STRUCTURE,
    b"HEADER": WHEN + b" " + literal(b"BODY[HEADER]<0>", HEAD),
    b"1.MIME": literal(b"BODY[1]<0>", b"Radera 1!")
    + b" "
    + literal(b"BODY[1.MIME]<0>", b"Content-Type: text/plain\r\n\r\n"),
    b"[]<0.": WHEN + b" " + literal(b"BODY[]<0>", HEAD + b"start"),
}


def fetch(opened, scripted_server, answers, connections=1, **changes):
    asked: list[bytes] = []
    source = opened(scripted_server.play(*serving(answers, asked=asked, connections=connections)), **changes)
    return source.fetch([1]), asked


def test_header_and_text_of_a_large_mail_are_asked_for_and_no_more(opened, scripted_server: ScriptedServer):
    (mail,), asked = fetch(opened, scripted_server, USUAL_LARGE)
    assert mail.abridged.extent is Extent.PARTS
    assert (mail.abridged.size, mail.abridged.cut) == (40_000_300, False)
    assert [file.filename for file in mail.abridged.attachments] == ["b.jpg"]
    assert b"Radera 1!" in mail.content
    assert mail.header == HEAD
    assert not any(b"BODY.PEEK[]" in what for what in asked)
    assert all(b"<0." in what for what in asked if b"PEEK" in what)


@pytest.mark.parametrize(
    "structure",
    [
        pytest.param(b"BODYSTRUCTURE NIL", id="nil"),
        pytest.param(b"FLAGS ()", id="absent"),
        pytest.param(b"BODYSTRUCTURE (" + b"(" * 3000 + b")" * 3000 + b")", id="endlessly nested"),
        pytest.param(b'BODYSTRUCTURE ("TEXT" 7)', id="no part"),
        pytest.param(b"NO [SERVERBUG] cannot\r\n", id="refused"),
    ],
)
def test_where_the_parts_are_unclear_its_start_is_taken(opened, scripted_server: ScriptedServer, structure: bytes):
    (mail,), _ = fetch(opened, scripted_server, USUAL_LARGE | {b"BODYSTRUCTURE": structure})
    assert mail.abridged.extent is Extent.START
    assert mail.abridged.cut
    assert mail.content == HEAD + b"start"


def test_a_text_that_is_not_what_the_structure_says_is_known_to_be_cut(opened, scripted_server: ScriptedServer):
    longer = STRUCTURE.replace(b'"7BIT" 9', b'"7BIT" 9000')
    (mail,), _ = fetch(opened, scripted_server, USUAL_LARGE | {b"BODYSTRUCTURE": b"BODYSTRUCTURE " + longer})
    assert mail.abridged.cut


def test_a_mail_whose_size_the_server_hides_is_taken_up_to_the_limit(opened, scripted_server: ScriptedServer):
    (mail,), asked = fetch(opened, scripted_server, USUAL_LARGE | {b"RFC822.SIZE": b"FLAGS ()"}, largest=1000)
    assert mail.abridged is None
    assert any(b"BODY.PEEK[]<0.1001>" in what for what in asked)


def test_a_mail_the_server_dies_over_is_given_up_and_not_tried_for_ever(opened, scripted_server: ScriptedServer):
    answers = {b"RFC822.SIZE INTERNALDATE": None, b"INTERNALDATE RFC822.SIZE": WHEN + b" RFC822.SIZE 500"}
    answers |= {b"RFC822.SIZE": b"RFC822.SIZE 500", b"PEEK": None, b"BODYSTRUCTURE": None}
    (mail,), _ = fetch(opened, scripted_server, answers, connections=10)
    assert mail.abridged.extent is Extent.NOTHING
    assert (mail.content, mail.abridged.size) == (b"", 500)
    assert mail.received_at.isoformat() == "2026-01-01T09:00:00+00:00"


def test_no_mail_is_given_up_for_a_server_that_is_gone(opened, scripted_server: ScriptedServer):
    start = time.monotonic()
    with pytest.raises(MailboxError):
        fetch(opened, scripted_server, {b"RFC822.SIZE": b"RFC822.SIZE 500", b"PEEK": None}, connections=2, timeout=1)
    assert time.monotonic() - start < 10
