"""What the IMAP source makes of servers that misbehave, word for word."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from inbox_bot.clock import SetClock
from inbox_bot.demo.imap_server import EmbeddedImap
from inbox_bot.errors import MailboxError
from inbox_bot.mailbox.imap import ImapAccount, ImapSource
from inbox_bot.mailbox.junk import Folder, junk_folders
from tests.support.scripted import ScriptedServer, Talk

GREETING = b"* OK [CAPABILITY IMAP4rev1 IDLE AUTH=PLAIN] hello\r\n"
CAPABILITY = b"* CAPABILITY IMAP4rev1 IDLE AUTH=PLAIN\r\n"
EXAMINED = b"* 1 EXISTS\r\n* 0 RECENT\r\n* OK [UIDVALIDITY 7] .\r\n* OK [UIDNEXT 2] .\r\n"
USUAL = {
    "CAPABILITY": CAPABILITY,
    "LOGIN": b"",
    "EXAMINE": EXAMINED,
    "NOOP": b"",
    "UID_SEARCH": b"* SEARCH 1\r\n",
    "LOGOUT": b"* BYE see you\r\n",
}
SECRET = b"anna@example.org har skulder"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def account(port: int, **changes: object) -> ImapAccount:
    settings = {
        "name": "kurs",
        "host": "127.0.0.1",
        "port": port,
        "security": "plain",
        "username": "info@example.com",
        "password": "hemligt",
        "timeout": 5.0,
        "include_junk": False,
    }
    return ImapAccount(**{**settings, **changes})  # type: ignore[arg-type]  # a test's own settings


class Opener:
    """Opens sources that have looked once, and closes them when the test ends, however it ends."""

    def __init__(self) -> None:
        self.sources: list[ImapSource] = []

    def __call__(self, port: int, **changes: object) -> ImapSource:
        source = self.bare(port, **changes)
        source.select("INBOX")
        source.uids_after(0)
        return source

    def bare(self, port: int, **changes: object) -> ImapSource:
        source = ImapSource(account(port, **changes), clock=SetClock(NOW))
        self.sources.append(source)
        source.open()
        return source


@pytest.fixture
def opened(scripted_server: ScriptedServer) -> Iterator[Opener]:
    """Asks for the server so as to close the sources before it stops."""
    opener = Opener()
    yield opener
    for source in opener.sources:
        source.close()


def talk_until(talk: Talk, command: bytes, **answers: bytes) -> bytes:
    """Greet, answer the usual, and return the tag of ``command``."""
    talk.say(GREETING)
    line = talk.answer(**{**USUAL, **answers})
    assert line.upper().split(b" ", 1)[1].startswith(command), line
    return line.split(b" ")[0]


def failure_of(act: Callable[[], object], *, temporary: bool) -> str:
    with pytest.raises(MailboxError) as caught:
        act()
    assert caught.value.temporary is temporary
    assert caught.value.hint
    assert "kurs" in str(caught.value)
    return str(caught.value)


def test_a_notice_in_two_pieces_is_understood(opened: Opener, scripted_server: ScriptedServer) -> None:
    go_on = threading.Event()

    def conversation(talk: Talk) -> None:
        tag = talk_until(talk, b"IDLE")
        talk.say(b"+ idling\r\n")
        talk.say(b"* 2 EXI")
        # The rest comes only after the client has seen the first piece and said that it has had enough.
        assert talk.hear() == b"DONE"
        talk.say(b"STS\r\n" + tag + b" OK done\r\n")
        go_on.set()
        talk.answer(**USUAL)

    source = opened(scripted_server.play(conversation))
    source.wait(30)
    assert go_on.is_set()


def test_a_notice_in_the_same_packet_as_the_go_ahead_is_not_lost(
    opened: Opener, scripted_server: ScriptedServer
) -> None:
    def conversation(talk: Talk) -> None:
        tag = talk_until(talk, b"IDLE")
        talk.say(b"+ idling\r\n* 2 EXISTS\r\n")
        assert talk.hear() == b"DONE"
        talk.say(tag + b" OK done\r\n")
        talk.answer(**USUAL)

    source = opened(scripted_server.play(conversation))
    start = time.monotonic()
    source.wait(30)
    assert time.monotonic() - start < 5


def test_a_sign_of_life_does_not_end_the_wait(
    opened: Opener, scripted_server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inbox_bot.mailbox.imap_connection._FIRST_IDLE", 0.1)

    def conversation(talk: Talk) -> None:
        tag = talk_until(talk, b"IDLE")
        for said in (b"* OK Still here\r\n", b"* 1 FETCH (FLAGS (\\Seen))\r\n", b"* 2 EXISTS\r\n"):
            talk.say(b"+ idling\r\n")
            talk.say(said)
            assert talk.hear() == b"DONE"
            talk.say(tag + b" OK done\r\n")
            tag = talk.answer(**USUAL).split(b" ")[0]

    source = opened(scripted_server.play(conversation))
    source.wait(30)


def test_mail_a_server_forgot_to_announce_is_found_before_the_next_idle(
    opened: Opener, scripted_server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inbox_bot.mailbox.imap_connection._FIRST_IDLE", 0.1)
    asked_again: list[bytes] = []

    def conversation(talk: Talk) -> None:
        tag = talk_until(talk, b"IDLE")
        talk.say(b"+ idling\r\n")
        assert talk.hear() == b"DONE"
        talk.say(tag + b" OK done\r\n")
        asked_again.append(talk.answer(**{**USUAL, "UID_SEARCH": b"* SEARCH 1 2\r\n"}))

    source = opened(scripted_server.play(conversation))
    source.wait(30)
    source.close()
    assert asked_again == []


def test_mail_announced_before_the_go_ahead_is_an_error_that_passes(
    opened: Opener, scripted_server: ScriptedServer
) -> None:
    def conversation(talk: Talk) -> None:
        talk_until(talk, b"IDLE")
        talk.say(b"* 2 EXISTS\r\n+ idling\r\n")
        talk.hear()

    source = opened(scripted_server.play(conversation))
    failure_of(lambda: source.wait(30), temporary=True)


def test_a_server_that_says_goodbye_while_idle_is_an_error_that_passes(
    opened: Opener, scripted_server: ScriptedServer
) -> None:
    def conversation(talk: Talk) -> None:
        talk_until(talk, b"IDLE")
        talk.say(b"+ idling\r\n* BYE too long\r\n")

    source = opened(scripted_server.play(conversation))
    failure_of(lambda: source.wait(30), temporary=True)
    failure_of(lambda: source.wait(30), temporary=True)


def test_a_silent_server_is_not_waited_for_longer_than_the_timeout(
    opened: Opener, scripted_server: ScriptedServer
) -> None:
    def conversation(talk: Talk) -> None:
        talk_until(talk, b"UID FETCH")
        talk.hear()

    source = opened(scripted_server.play(conversation), timeout=0.3)
    start = time.monotonic()
    said = failure_of(lambda: source.fetch([1]), temporary=True)
    assert time.monotonic() - start < 5
    assert "no answer within 0.3 seconds" in said


def test_closing_frees_a_thread_that_hangs_on_the_server(
    opened: Opener, scripted_server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inbox_bot.mailbox.imap._COURTESY", 0.1)
    asked = threading.Event()

    def conversation(talk: Talk) -> None:
        talk_until(talk, b"UID FETCH")
        asked.set()
        talk.hear()

    source = opened(scripted_server.play(conversation), timeout=60)
    failures: list[MailboxError] = []

    def fetch() -> None:
        try:
            source.fetch([1])
        except MailboxError as exc:
            failures.append(exc)

    thread = threading.Thread(target=fetch)
    thread.start()
    assert asked.wait(5)
    source.close()
    thread.join(5)
    assert [failure.temporary for failure in failures] == [True]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"* 1 FETCH (UID 1 BODY[] {" + SECRET + b"}\r\n", id="no number"),
        pytest.param(b"* 1 FETCH (UID 1 BODY[] " + SECRET + b"\r\n", id="no end"),
        pytest.param(SECRET + b"\r\n", id="no IMAP"),
        pytest.param(b"* 1 FETCH UID\r\n", id="no list"),
        pytest.param(b"* 1 FETCH (UID x)\r\n", id="no uid"),
        pytest.param(b"%t NO [SERVERBUG] " + SECRET + b"\r\n", id="refused"),
        pytest.param(b"%t BAD " + SECRET + b"\r\n", id="bad"),
    ],
)
def test_an_answer_nobody_understands_is_an_error_without_its_words(
    opened: Opener, scripted_server: ScriptedServer, answer: bytes
) -> None:
    source = opened(scripted_server.play(lambda talk: talk_until(talk, b"never", UID_FETCH=answer)))
    with pytest.raises(MailboxError) as caught:
        source.fetch([1])
    assert "anna" not in str(caught.value)
    assert caught.value.temporary
    # What a log prints below an error, too.
    assert caught.value.__suppress_context__
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("answer", "temporary"),
    [
        (b"%t NO [AUTHENTICATIONFAILED] wrong\r\n", False),
        (b"%t NO wrong for info@example.com\r\n", False),
        (b"%t NO [UNAVAILABLE] later\r\n", True),
        (b"%t NO [ALERT] Too many simultaneous connections.\r\n", True),
    ],
)
def test_only_a_refusal_that_stays_is_permanent(
    scripted_server: ScriptedServer, answer: bytes, *, temporary: bool
) -> None:
    port = scripted_server.play(lambda talk: talk_until(talk, b"never", LOGIN=answer))
    said = failure_of(ImapSource(account(port)).open, temporary=temporary)
    assert "info@example.com" not in said
    assert "hemligt" not in said


def test_a_connection_that_breaks_during_the_login_is_no_wrong_password(scripted_server: ScriptedServer) -> None:
    def hangs_up(talk: Talk) -> None:
        talk.say(GREETING)
        answers = {name: said for name, said in USUAL.items() if name != "LOGIN"}
        talk.answer(**answers)

    failure_of(ImapSource(account(scripted_server.play(hangs_up))).open, temporary=True)


def test_no_password_goes_where_the_server_wants_encryption_first(scripted_server: ScriptedServer) -> None:
    heard: list[bytes] = []

    def conversation(talk: Talk) -> None:
        talk.say(b"* OK hello\r\n")
        heard.append(talk.answer(CAPABILITY=b"* CAPABILITY IMAP4rev1 LOGINDISABLED STARTTLS\r\n"))

    failure_of(ImapSource(account(scripted_server.play(conversation))).open, temporary=False)
    assert not any(b"hemligt" in line for line in heard)


def test_starttls_is_never_left_out(scripted_server: ScriptedServer) -> None:
    heard: list[bytes] = []

    def conversation(talk: Talk) -> None:
        talk.say(GREETING)
        heard.append(talk.answer(CAPABILITY=CAPABILITY))

    port = scripted_server.play(conversation)
    said = failure_of(ImapSource(account(port, security="starttls")).open, temporary=False)
    assert "STARTTLS" in said
    assert not any(b"LOGIN" in line or b"hemligt" in line for line in heard)


def test_a_server_that_speaks_no_tls_is_a_clear_error(pymap_server: EmbeddedImap) -> None:
    said = failure_of(ImapSource(account(pymap_server.port, security="tls", timeout=0.5)).open, temporary=True)
    assert "connecting" in said


def test_a_missing_file_of_certificates_is_a_clear_error() -> None:
    source = ImapSource(account(1, security="tls", ca_file="/nowhere/ca.pem"))
    assert "/nowhere/ca.pem" in failure_of(source.open, temporary=False)


def test_a_folder_without_uidvalidity_cannot_be_read(opened: Opener, scripted_server: ScriptedServer) -> None:
    port = scripted_server.play(lambda talk: talk_until(talk, b"never", EXAMINE=b"* 1 EXISTS\r\n"))
    source = opened.bare(port)
    assert "UIDVALIDITY" in failure_of(lambda: source.select("INBOX"), temporary=False)


def test_a_refusal_of_a_folder_that_exists_may_pass(opened: Opener, scripted_server: ScriptedServer) -> None:
    there = {"EXAMINE": b"%t NO [INUSE] later\r\n", "LIST": b'* LIST () "/" "Kurser"\r\n'}
    port = scripted_server.play(lambda talk: talk_until(talk, b"never", **there))
    source = opened.bare(port)
    assert "INUSE" in failure_of(lambda: source.select("Kurser"), temporary=True)


@pytest.mark.parametrize("date", [b'"99-Foo-2026 12:00:00 +0100"', b'""', b"NIL", b'"01-Jan-2026 10:00:00 +9999"'])
def test_a_mail_with_an_unreadable_date_is_not_dropped(
    opened: Opener, scripted_server: ScriptedServer, date: bytes
) -> None:
    answer = b"* 1 FETCH (UID 1 INTERNALDATE " + date + b" BODY[] {3}\r\nHej)\r\n"
    source = opened(scripted_server.play(lambda talk: talk_until(talk, b"never", UID_FETCH=answer)))
    (mail,) = source.fetch([1])
    assert (mail.content, mail.received_at) == (b"Hej", NOW)


def test_a_mail_that_went_while_it_was_fetched_is_left_out(opened: Opener, scripted_server: ScriptedServer) -> None:
    answer = b'* 1 FETCH (UID 1 INTERNALDATE "01-Jan-2026 10:00:00 +0100" BODY[] NIL)\r\n'
    source = opened(scripted_server.play(lambda talk: talk_until(talk, b"never", UID_FETCH=answer)))
    assert list(source.fetch([1])) == []


def test_only_looking_commands_are_ever_sent(opened: Opener, scripted_server: ScriptedServer) -> None:
    commands: list[bytes] = []

    def conversation(talk: Talk) -> None:
        talk.say(GREETING)
        answer = b'* 1 FETCH (UID 1 RFC822.SIZE 3 INTERNALDATE "01-Jan-2026 10:00:00 +0100" BODY[] {3}\r\nHej)\r\n'
        while True:
            line = talk.hear()
            tag, command = line.split(b" ", 1)
            commands.append(command)
            name = b"_".join(command.split(b" ")[: 2 if command.startswith(b"UID") else 1]).decode()
            talk.say({**USUAL, "UID_FETCH": answer}[name] + tag + b" OK done\r\n")

    source = opened(scripted_server.play(conversation))
    source.fetch([1, 2])
    source.close()
    names = {b" ".join(command.split(b" ")[: 2 if command.startswith(b"UID") else 1]) for command in commands}
    assert names == {b"CAPABILITY", b"LOGIN", b"EXAMINE", b"NOOP", b"UID SEARCH", b"UID FETCH", b"LOGOUT"}
    fetched = [command for command in commands if b"BODY" in command]
    assert fetched
    assert all(b"BODY.PEEK[]" in command for command in fetched)


def test_large_mails_are_asked_for_a_few_at_a_time(
    opened: Opener, scripted_server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inbox_bot.mailbox.imap_fetch.BYTES_AT_ONCE", 100)
    asked: list[bytes] = []

    def conversation(talk: Talk) -> None:
        talk.say(GREETING)
        sizes = {1: 60, 2: 30, 3: 30, 4: 500, 5: 1}
        while True:
            line = talk.answer(**USUAL)
            tag, _, _, uids, what = line.split(b" ", 4)
            if b"RFC822.SIZE" in what:
                talk.say(b"".join(b"* %d FETCH (UID %d RFC822.SIZE %d)\r\n" % (n, n, s) for n, s in sizes.items()))
            else:
                asked.append(uids)
            talk.say(tag + b" OK done\r\n")

    source = opened(scripted_server.play(conversation))
    source.fetch([1, 2, 3, 4, 5])
    assert asked == [b"1,2", b"3", b"4", b"5"]


def test_a_swedish_password_and_a_name_with_a_space_get_through() -> None:
    with EmbeddedImap(user="info kurs", password='hemligtÅÄÖ "x"') as server:
        source = ImapSource(account(server.port, username="info kurs", password='hemligtÅÄÖ "x"'))
        source.open()
        assert source.select("INBOX") > 0
        source.close()


def test_opens_again_when_the_server_is_back(opened: Opener) -> None:
    server = EmbeddedImap(user="info@example.com", password="hemligt")
    server.start()
    source = opened(server.port)
    server.stop()
    failure_of(source.open, temporary=True)
    server.start()
    source.open()
    assert source.select("INBOX") > 0
    server.stop()


def folder(name: str, *attributes: str, delimiter: str = "/") -> Folder:
    return Folder(name=name, delimiter=delimiter, attributes=frozenset(attributes))


@pytest.mark.parametrize(
    ("folders", "junk"),
    [
        ([folder("INBOX"), folder("Skit", "\\junk"), folder("Junk")], ("Skit",)),
        ([folder("INBOX"), folder("Junk E-mail"), folder("SPAM")], ("Junk E-mail", "SPAM")),
        ([folder("INBOX.Junk", delimiter=".")], ("INBOX.Junk",)),
        ([folder("[Gmail]/Skräppost")], ("[Gmail]/Skräppost",)),
        ([folder("Ärenden/Spam"), folder("Junk mail from Anna")], ()),
        ([folder("Spam", "\\noselect"), folder("Skräp", "\\junk", "\\nonexistent")], ()),
        ([], ()),
    ],
)
def test_junk_is_known_by_its_flag_or_else_by_its_name(folders: list[Folder], junk: tuple[str, ...]) -> None:
    assert junk_folders(folders) == junk
