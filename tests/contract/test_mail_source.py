"""What every MailSource does, on every server there is to try it on."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from imapclient import IMAPClient

from inbox_bot.demo.imap_server import EmbeddedImap
from inbox_bot.errors import MailboxError, SettingsError
from inbox_bot.mailbox.imap import ImapAccount, ImapSource
from inbox_bot.mailbox.source import MailSource
from inbox_bot.message.parse import read
from tests.support.dovecot import Dovecot, DovecotMailbox

SERVERS = ["pymap", pytest.param("dovecot", marks=pytest.mark.needs("dovecot"))]
SOON = 20.0  # seconds: what "promptly" is at most on a busy machine; the waits below are for a minute
LONG = 60.0
BIG = 15_000_000
MAIL = b"From: anna@example.org\r\nSubject: Hej\r\n\r\nHej!\r\n"


@dataclass(frozen=True, kw_only=True)
class Server:
    """A mailbox on a running server, and how to act on it behind the program's back."""

    account: ImapAccount
    deliver: Callable[..., None]
    stop: Callable[[], None]

    def admin(self) -> IMAPClient:
        client = IMAPClient(self.account.host, self.account.port, ssl=False, timeout=10)
        client.login(self.account.username, self.account.password)
        return client


def on_pymap(embedded: EmbeddedImap) -> Server:
    def deliver(content: bytes, folder: str = "INBOX", when: datetime | None = None) -> None:
        embedded.append(folder, content, when or datetime.now(UTC))

    return Server(account=account_for("127.0.0.1", embedded.port, embedded.user), deliver=deliver, stop=embedded.stop)


def on_dovecot(mailbox: DovecotMailbox) -> Server:
    account = account_for(mailbox.host, mailbox.port, mailbox.user)
    return Server(account=account, deliver=mailbox.deliver, stop=mailbox.server.stop)


def account_for(host: str, port: int, user: str) -> ImapAccount:
    return ImapAccount(
        name="kurs", host=host, port=port, security="plain", username=user, password="hemligt", timeout=10, largest=BIG
    )


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest) -> Server:
    if request.param == "pymap":
        return on_pymap(request.getfixturevalue("pymap_server"))
    return on_dovecot(request.getfixturevalue("dovecot_server"))


@pytest.fixture(params=SERVERS)
def mortal(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server of one's own, to be stopped in the middle of a test."""
    if request.param == "pymap":
        yield on_pymap(request.getfixturevalue("pymap_server"))
        return
    certificate = request.getfixturevalue("certificate")
    instance = Dovecot(certificate.certificate, certificate.key)
    yield on_dovecot(instance.mailbox())
    instance.stop()


@pytest.fixture
def source(server: Server) -> Iterator[ImapSource]:
    source = ImapSource(server.account)
    source.open()
    yield source
    source.close()


def later(seconds: float, act: Callable[[], object]) -> threading.Timer:
    timer = threading.Timer(seconds, act)
    timer.start()
    return timer


def timed(act: Callable[[], object]) -> float:
    start = time.monotonic()
    act()
    return time.monotonic() - start


def look_around(source: ImapSource) -> None:
    """Search every folder, as the program does before it waits."""
    for folder in source.folders():
        source.select(folder)
        source.uids_after(0)


def test_is_a_mail_source(source: MailSource) -> None:
    assert source.name == "kurs"


def test_reads_the_junk_folder_too(source: ImapSource) -> None:
    assert list(source.folders()) == ["INBOX", "Skräppost"]


def test_leaves_the_junk_folder_out_when_told_to(server: Server) -> None:
    source = ImapSource(replace(server.account, include_junk=False, folders=("INBOX", "Skickat")))
    source.open()
    assert list(source.folders()) == ["INBOX", "Skickat"]
    source.close()


def test_names_a_folder_once_that_is_both_chosen_and_junk(server: Server) -> None:
    source = ImapSource(replace(server.account, folders=("INBOX", "Skräppost")))
    source.open()
    assert list(source.folders()) == ["INBOX", "Skräppost"]
    source.close()


def test_tells_what_the_server_can_do(source: ImapSource) -> None:
    assert {"IDLE", "UIDPLUS", "IMAP4REV1"} <= set(source.capabilities())


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(MAIL, id="plain"),
        pytest.param(MAIL.rstrip(), id="no last line end"),
        pytest.param("Subject: åäö\r\n\r\nÅÄÖ é ü\r\n".encode("latin-1"), id="latin-1 that nobody declared"),
        pytest.param("Subject: åäö ✓\r\n\r\n🙂\r\n".encode(), id="utf-8 that nobody declared"),
        pytest.param(b"Subject: x\r\n\r\n" + bytes(range(128, 256)) + b"\x01\x7f\r\n", id="every high byte"),
        pytest.param(b"Subject: x\r\n\r\n" + b"a" * 100_000 + b"\r\n", id="a very long line"),
        pytest.param(b"Subject: x\r\n\r\n{3}\r\nabc)\r\nA1 OK done\r\n* BYE\r\n.\r\n", id="looks like IMAP"),
        pytest.param(b"Subject: x\r\n\r\n" + b"0123456789abcde\r\n" * 700_000, id="twelve megabytes"),
    ],
)
def test_fetches_every_byte(server: Server, source: ImapSource, content: bytes) -> None:
    server.deliver(content)
    source.select("INBOX")
    (mail,) = source.fetch(source.uids_after(0))
    # Not "==" in the assert: pytest would compare megabytes line by line to explain a difference.
    identical = mail.content == content
    assert identical, f"{len(mail.content)} bytes came of {len(content)}"


def test_fetches_headers_alone(server: Server, source: ImapSource) -> None:
    server.deliver(MAIL)
    server.deliver(b"Subject: Tv\xe5\r\nX: 1\r\n y\r\n\r\nHej\r\n")
    source.select("INBOX")
    heads = source.heads([*source.uids_after(0), 4711])
    assert sorted(heads) == [
        b"From: anna@example.org\r\nSubject: Hej\r\n\r\n",
        b"Subject: Tv\xe5\r\nX: 1\r\n y\r\n\r\n",
    ]
    assert source.heads([]) == []
    assert [mail.uid for mail in source.fetch(source.uids_after(0))]
    with server.admin() as admin:
        admin.select_folder("INBOX", readonly=True)
        assert not any(b"\\Seen" in flags for flags in admin.get_flags(admin.search()).values())


def test_the_receipt_moment_is_the_servers_in_utc(server: Server, source: ImapSource) -> None:
    when = datetime.fromisoformat("2026-01-31T23:59:07+01:00")
    server.deliver(b"Date: Mon, 1 Jan 2001 00:00:00 +0000\r\n\r\nHej\r\n", when=when)
    uidvalidity = source.select("INBOX")
    (mail,) = source.fetch(source.uids_after(0))
    assert mail.received_at == when
    assert mail.received_at.tzinfo is UTC
    assert (mail.folder, mail.uidvalidity) == ("INBOX", uidvalidity)


def test_touches_no_flag(server: Server, source: ImapSource) -> None:
    for _ in range(3):
        server.deliver(MAIL)
    with server.admin() as admin:
        admin.select_folder("INBOX")
        seen, marked, untouched = admin.search()
        admin.add_flags([seen], [rb"\Seen"])
        admin.add_flags([marked], [rb"\Flagged", "$Kurs"])
        before = admin.get_flags([seen, marked, untouched])
        source.select("INBOX")
        assert len(source.fetch(source.uids_after(0))) == 3
        admin.noop()
        after = admin.get_flags([seen, marked, untouched])
    assert after == before
    assert rb"\Seen" not in after[untouched]
    assert b"$Kurs" in after[marked]


def test_finds_only_uids_above_the_mark(server: Server, source: ImapSource) -> None:
    for _ in range(3):
        server.deliver(MAIL)
    source.select("INBOX")
    first, second, third = source.uids_after(0)
    assert first < second < third
    assert list(source.uids_after(first)) == [second, third]
    assert list(source.uids_after(third)) == []
    assert list(source.uids_after(third + 1000)) == []
    assert list(source.uids_after(2**32 - 1)) == []
    assert list(source.uids_after(-5)) == [first, second, third]


def test_an_empty_folder_is_empty(source: ImapSource) -> None:
    source.select("Skickat")
    assert list(source.uids_after(0)) == []
    assert list(source.uids_since(date(2000, 1, 1))) == []
    assert list(source.fetch([])) == []


def test_finds_the_uids_since_a_day(server: Server, source: ImapSource) -> None:
    for day in (1, 10, 20):
        server.deliver(MAIL, when=datetime(2026, 3, day, 12, tzinfo=UTC))
    source.select("INBOX")
    _, tenth, twentieth = source.uids_after(0)
    assert list(source.uids_since(date(2026, 3, 10))) == [tenth, twentieth]
    assert list(source.uids_since(date(2026, 3, 11))) == [twentieth]


def test_a_mail_that_came_after_the_folder_was_opened_is_found(server: Server, source: ImapSource) -> None:
    source.select("INBOX")
    assert list(source.uids_after(0)) == []
    server.deliver(MAIL)
    assert len(source.uids_after(0)) == 1


def test_fetches_many_in_order(server: Server, source: ImapSource) -> None:
    for number in range(120):
        server.deliver(b"Subject: %d\r\n\r\n%d\r\n" % (number, number))
    source.select("INBOX")
    uids = source.uids_after(0)
    mails = source.fetch([*reversed(uids), uids[0]])
    assert [mail.uid for mail in mails] == list(uids)
    assert {mail.content for mail in mails} == {b"Subject: %d\r\n\r\n%d\r\n" % (n, n) for n in range(120)}


def test_leaves_out_mails_that_have_gone(server: Server, source: ImapSource) -> None:
    for _ in range(3):
        server.deliver(MAIL)
    source.select("INBOX")
    first, second, third = source.uids_after(0)
    with server.admin() as admin:
        admin.select_folder("INBOX")
        admin.delete_messages([second])
        admin.expunge()
    assert [mail.uid for mail in source.fetch([first, second, third, third + 7])] == [first, third]


def test_a_folder_made_anew_has_another_uidvalidity(server: Server, source: ImapSource) -> None:
    with server.admin() as admin:
        admin.create_folder("Ärenden")
        before = source.select("Ärenden")
        assert source.select("Ärenden") == before
        source.select("INBOX")
        admin.delete_folder("Ärenden")
        admin.create_folder("Ärenden")
    assert source.select("Ärenden") != before


def test_waiting_ends_when_mail_comes(server: Server, source: ImapSource) -> None:
    look_around(source)
    timer = later(0.2, lambda: server.deliver(MAIL))
    assert 0.1 < timed(lambda: source.wait(LONG)) < SOON
    timer.join()
    assert len(source.uids_after(0)) == 1


def test_mail_that_came_just_before_the_wait_is_not_slept_over(server: Server, source: ImapSource) -> None:
    source.select("INBOX")
    assert list(source.uids_after(0)) == []
    server.deliver(MAIL)
    assert timed(lambda: source.wait(LONG)) < SOON


def test_mail_that_came_while_another_folder_was_read_is_not_slept_over(server: Server, source: ImapSource) -> None:
    look_around(source)
    server.deliver(MAIL)
    assert timed(lambda: source.wait(LONG)) < SOON
    look_around(source)
    assert 0.25 < timed(lambda: source.wait(0.3)) < SOON


def test_waits_on_the_first_folder_whatever_is_open(server: Server, source: ImapSource) -> None:
    look_around(source)
    timer = later(0.2, lambda: server.deliver(MAIL))
    assert timed(lambda: source.wait(LONG)) < SOON
    timer.join()


@pytest.mark.parametrize("idle", [True, False])
def test_waking_ends_the_wait_at_once(server: Server, *, idle: bool) -> None:
    source = ImapSource(replace(server.account, idle=idle))
    source.open()
    look_around(source)
    for _ in range(2):
        timer = later(0.1, source.wake)
        assert 0.05 < timed(lambda: source.wait(LONG)) < SOON
        timer.join()
    source.wake()
    assert timed(lambda: source.wait(LONG)) < SOON
    source.close()


@pytest.mark.parametrize("idle", [True, False])
def test_waiting_ends_by_itself(server: Server, *, idle: bool) -> None:
    source = ImapSource(replace(server.account, idle=idle))
    source.open()
    look_around(source)
    assert 0.25 < timed(lambda: source.wait(0.3)) < SOON
    assert timed(lambda: source.wait(0)) < SOON
    source.close()


def test_waking_a_closed_source_does_nothing(server: Server) -> None:
    source = ImapSource(server.account)
    source.wake()
    source.close()
    source.close()


def test_closing_from_another_thread_ends_the_wait(source: ImapSource) -> None:
    look_around(source)
    timer = later(0.1, source.close)
    assert timed(lambda: source.wait(LONG)) < SOON
    timer.join()
    with pytest.raises(MailboxError) as caught:
        source.uids_after(0)
    assert caught.value.temporary
    source.close()


def test_opens_again(server: Server, source: ImapSource) -> None:
    source.select("INBOX")
    source.open()
    with pytest.raises(MailboxError):
        source.uids_after(0)
    source.open()
    source.select("INBOX")
    server.deliver(MAIL)
    assert len(source.uids_after(0)) == 1


def test_a_server_that_dies_ends_the_wait_with_a_temporary_error(mortal: Server) -> None:
    source = ImapSource(mortal.account)
    source.open()
    look_around(source)
    timer = later(0.2, mortal.stop)
    start = time.monotonic()
    with pytest.raises(MailboxError) as caught:
        source.wait(LONG)
    assert time.monotonic() - start < SOON
    assert caught.value.temporary
    assert "kurs" in str(caught.value)
    timer.join()
    with pytest.raises(MailboxError) as caught:
        source.open()
    assert caught.value.temporary
    assert str(mortal.account.port) in str(caught.value)
    source.close()


def test_a_server_that_dies_between_two_commands_is_a_temporary_error(mortal: Server) -> None:
    source = ImapSource(mortal.account)
    source.open()
    source.select("INBOX")
    mortal.stop()
    for _ in range(2):
        with pytest.raises(MailboxError) as caught:
            source.uids_after(0)
        assert caught.value.temporary
    source.close()


def test_a_wrong_password_is_permanent_and_not_repeated(server: Server) -> None:
    source = ImapSource(replace(server.account, password="fel-losenord"))
    with pytest.raises(MailboxError) as caught:
        source.open()
    assert not caught.value.temporary
    assert "kurs" in str(caught.value)
    assert "password" in caught.value.hint
    assert "fel-losenord" not in repr(caught.value) + str(caught.value)
    assert server.account.username not in str(caught.value)
    assert caught.value.__suppress_context__


def test_a_missing_folder_is_named_and_the_others_shown(server: Server, source: ImapSource) -> None:
    with pytest.raises(MailboxError) as caught:
        source.select("Kundtjänst")
    assert not caught.value.temporary
    assert "no folder Kundtjänst" in str(caught.value)
    assert "Skräppost" in caught.value.hint
    server.deliver(MAIL)
    source.select("INBOX")
    assert len(source.uids_after(0)) == 1


@pytest.mark.parametrize("breaker", ["\r\n", "\n", "\r", "\0"])
def test_no_line_end_reaches_the_server(server: Server, source: ImapSource, breaker: str) -> None:
    with server.admin() as admin:
        admin.create_folder("Viktigt")
        attack = f"INBOX{breaker}Z1 DELETE Viktigt{breaker}Z2 NOOP"
        with pytest.raises(MailboxError):
            source.select(attack)
        for field in ("name", "host", "username", "password"):
            with pytest.raises(SettingsError):
                replace(server.account, **{field: attack})
        with pytest.raises(SettingsError):
            replace(server.account, folders=("INBOX", attack))
        assert admin.folder_exists("Viktigt")


def test_an_account_shows_no_password_and_has_a_folder(server: Server) -> None:
    assert "hemligt" not in repr(server.account)
    with pytest.raises(SettingsError):
        replace(server.account, folders=())


def test_a_wait_longer_than_one_idle_still_hears(
    server: Server, source: ImapSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inbox_bot.mailbox.imap_connection._FIRST_IDLE", 0.05)
    monkeypatch.setattr("inbox_bot.mailbox.imap_connection._LONGEST_IDLE", 0.1)
    look_around(source)
    timer = later(0.6, lambda: server.deliver(MAIL))
    assert 0.5 < timed(lambda: source.wait(LONG)) < SOON
    timer.join()


def test_a_folder_too_large_for_one_search_is_searched_in_parts(
    server: Server, source: ImapSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inbox_bot.mailbox.imap._UIDS_AT_ONCE", 3)
    for _ in range(11):
        server.deliver(MAIL)
    source.select("INBOX")
    uids = source.uids_after(0)
    assert len(uids) == 11
    assert list(uids) == sorted(uids)
    server.deliver(MAIL)
    assert len(source.uids_after(uids[4])) == 7


def test_the_day_of_the_search_is_the_servers(server: Server, source: ImapSource) -> None:
    now = datetime.now(UTC)
    server.deliver(MAIL, when=now)
    source.select("INBOX")
    assert len(source.uids_since((now - timedelta(days=1)).date())) == 1
    assert list(source.uids_since((now + timedelta(days=2)).date())) == []


LARGE = (
    b"From: anna@example.org\r\nSubject: Bilder\r\nMessage-ID: <b@example.org>\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n--x\r\nContent-Type: multipart/alternative; boundary="y"\r\n\r\n'
    b"--y\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nRadera mig, tack f=C3=B6r mig.\r\n"
    b"--y\r\nContent-Type: text/html\r\n\r\n<p>Radera mig, tack.</p>\r\n--y--\r\n"
    b'--x\r\nContent-Type: image/jpeg; name="bild.jpg"\r\nContent-Transfer-Encoding: base64\r\n'
    b'Content-Disposition: attachment; filename="bild.jpg"\r\n\r\n' + b"QUJD" * 19 + b"\r\n" + b"\r\n--x--\r\n"
)


def test_a_mail_over_the_limit_comes_with_its_header_and_texts(server: Server) -> None:
    source = ImapSource(replace(server.account, largest=300))
    source.open()
    server.deliver(MAIL)
    server.deliver(LARGE)
    source.select("INBOX")
    uids = source.uids_after(0)
    assert [list(portion) for portion in source.portions(uids)] == [list(uids)]
    whole, large = source.fetch(uids)
    source.close()
    assert (whole.content, whole.abridged) == (MAIL, None)
    assert large.abridged is not None
    assert (large.abridged.extent.value, large.abridged.size, large.abridged.cut) == ("parts", len(LARGE), False)
    assert [(file.filename, file.content_type) for file in large.abridged.attachments] == [("bild.jpg", "image/jpeg")]
    message = read(large.content, frozenset())
    assert (message.subject, message.reply_text.strip()) == ("Bilder", "Radera mig, tack för mig.")
    assert b"QUJDQUJD" not in large.content
