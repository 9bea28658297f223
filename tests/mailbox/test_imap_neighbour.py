"""What the second connection makes of servers that keep no keywords, number no mails, or hang up."""

from collections.abc import Iterator

import pytest

from inbox_bot.domain.beside import Marking, Place
from inbox_bot.errors import MailboxError
from inbox_bot.mailbox.imap import ImapAccount
from inbox_bot.mailbox.imap_neighbour import ImapNeighbour
from inbox_bot.mailbox.toml_folders import read_folders
from tests.conftest import RULES
from tests.support.scripted import ScriptedServer, Talk

GREETING = b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hello\r\n"
OPENED = b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] .\r\n* OK [UIDNEXT 2] .\r\n"
USUAL = {
    "CAPABILITY": b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n",
    "LOGIN": b"",
    "EXAMINE": OPENED,
    "SELECT": OPENED,
    "UID_SEARCH": b"* SEARCH 1\r\n",
    "UID_STORE": b"",
    "UID_FETCH": b"* 1 FETCH (UID 1 FLAGS (\\Seen))\r\n",
    "LOGOUT": b"* BYE see you\r\n",
}
HERE = Place(folder="INBOX", uidvalidity=7, uid=1)


@pytest.fixture
def neighbour(scripted_server: ScriptedServer) -> Iterator[ImapNeighbour]:
    """Asks for the server so as to be closed before it stops."""
    account = ImapAccount(
        name="kurs",
        host="127.0.0.1",
        port=scripted_server.port,
        security="plain",
        username="info@example.com",
        password="hemligt",
        timeout=5.0,
        include_junk=False,
    )
    made = ImapNeighbour(account, read_folders(RULES / "folders.toml"))
    yield made
    made.close()


def talking(server: ScriptedServer, neighbour: ImapNeighbour, **answers: bytes) -> list[bytes]:
    """Open the neighbour on a server that gives these answers; return what it was asked beyond them."""
    asked: list[bytes] = []

    def conversation(talk: Talk) -> None:
        talk.say(GREETING)
        asked.append(talk.answer(**USUAL | answers))

    server.play(conversation)
    neighbour.open()
    return asked


@pytest.mark.parametrize(
    "kept",
    [
        pytest.param(b"* OK [PERMANENTFLAGS (\\Seen \\Deleted)] .\r\n", id="it says so"),
        pytest.param(b"", id="it forgets the keyword without a word"),
    ],
)
def test_a_server_that_keeps_no_keywords_is_said_and_waiting_does_not_help(neighbour, scripted_server, kept):
    talking(scripted_server, neighbour, SELECT=kept + OPENED)
    with pytest.raises(MailboxError, match="keeps no keyword Dataskydd") as raised:
        neighbour.mark(HERE, Marking.LABEL, "Dataskydd")
    assert not raised.value.temporary
    assert "copy_to" in str(raised.value)


@pytest.mark.parametrize("known", [b"\\*", b"DATASKYDD"])
def test_a_keyword_that_the_server_keeps_is_promised_by_check(neighbour, scripted_server, known):
    talking(scripted_server, neighbour, SELECT=b"* OK [PERMANENTFLAGS (\\Seen %s)] .\r\n" % known + OPENED)
    said = neighbour.report(label="Dataskydd", copy_to="", read_sent=False)
    assert said == "requests get the keyword Dataskydd"


def test_check_says_of_a_server_without_keywords_that_it_has_none(neighbour, scripted_server):
    talking(scripted_server, neighbour, SELECT=b"* OK [PERMANENTFLAGS (\\Seen)] .\r\n" + OPENED)
    with pytest.raises(MailboxError, match="PERMANENTFLAGS"):
        neighbour.report(label="Dataskydd", copy_to="", read_sent=False)


def test_check_opens_nothing_to_write_in_where_no_label_is_asked_for(neighbour, scripted_server):
    answers = dict(USUAL)
    del answers["SELECT"]
    asked: list[bytes] = []

    def conversation(talk: Talk) -> None:
        talk.say(GREETING)
        asked.append(talk.answer(**answers, LIST=b'* LIST (\\Sent) "/" Skickat\r\n'))

    scripted_server.play(conversation)
    neighbour.open()
    assert "Skickat" in neighbour.report(label="", copy_to="Arkiv", read_sent=True)
    assert asked == []


def test_a_folder_whose_mails_have_no_numbers_is_said(neighbour, scripted_server):
    talking(scripted_server, neighbour, EXAMINE=b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] .\r\n")
    with pytest.raises(MailboxError, match="does not number"):
        neighbour.glimpse("INBOX", 0)


def test_a_line_that_breaks_is_temporary_and_quotes_no_mail(neighbour, scripted_server):
    def conversation(talk: Talk) -> None:
        talk.say(GREETING)
        answers = dict(USUAL)
        del answers["UID_SEARCH"]
        talk.answer(**answers)
        talk.say(b"* 1 FETCH (BODY[] {9}\r\nanna@exa")
        talk.close()

    scripted_server.play(conversation)
    neighbour.open()
    with pytest.raises(MailboxError) as raised:
        neighbour.glimpse("INBOX", 0)
    assert raised.value.temporary
    assert "anna" not in str(raised.value)
    with pytest.raises(MailboxError, match="no second connection"):
        neighbour.folders()


@pytest.mark.parametrize("folder", ['x"\r\nA1 DELETE Viktigt', "x\0y"])
def test_a_folders_name_is_never_a_command(neighbour, scripted_server, folder):
    asked = talking(scripted_server, neighbour)
    with pytest.raises(MailboxError, match="control character"):
        neighbour.glimpse(folder, None)
    assert asked == []
