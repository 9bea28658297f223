"""The demo's own mail servers."""

import smtplib
import threading
from datetime import UTC, datetime

import pytest
from imapclient import IMAPClient

from inbox_bot.clock import SetClock
from inbox_bot.demo.imap_server import EmbeddedImap
from inbox_bot.demo.smtp_catcher import SmtpCatcher

NOW = datetime(2026, 3, 1, 12, 30, 15, 999_999, tzinfo=UTC)
MAIL = b"From: anna@example.org\r\nSubject: Hej\r\n\r\nHej!\r\n"


def login(server: EmbeddedImap) -> IMAPClient:
    client = IMAPClient("127.0.0.1", server.port, ssl=False, timeout=10)
    client.login(server.user, server.password)
    return client


def hand_over(catcher: SmtpCatcher, content: bytes = MAIL) -> None:
    with smtplib.SMTP("127.0.0.1", catcher.port, local_hostname="localhost", timeout=10) as client:
        client.sendmail("info@example.com", ["anna@example.org"], content)


class TestEmbeddedImap:
    def test_has_the_usual_folders_with_their_meaning(self, pymap_server: EmbeddedImap) -> None:
        with login(pymap_server) as client:
            folders = {name: set(flags) for flags, _, name in client.list_folders()}
        assert folders.keys() == {"INBOX", "Skräppost", "Skickat"}
        assert rb"\Junk" in folders["Skräppost"]
        assert rb"\Sent" in folders["Skickat"]

    def test_an_appended_mail_is_new_dated_and_whole(self, pymap_server: EmbeddedImap) -> None:
        uid = pymap_server.append("Skräppost", MAIL, NOW)
        with login(pymap_server) as client:
            client.normalise_times = False
            client.select_folder("Skräppost", readonly=True)
            answer = client.fetch([uid], ["BODY.PEEK[]", "INTERNALDATE", "FLAGS"])[uid]
        assert answer[b"BODY[]"] == MAIL
        assert answer[b"INTERNALDATE"] == NOW.replace(microsecond=0)
        assert rb"\Seen" not in answer[b"FLAGS"]

    def test_keeps_keywords(self, pymap_server: EmbeddedImap) -> None:
        uid = pymap_server.append("INBOX", MAIL, NOW)
        with login(pymap_server) as client:
            client.select_folder("INBOX")
            client.add_flags([uid], ["$Gdpr"])
            assert client.search(["KEYWORD", "$Gdpr"]) == [uid]

    def test_takes_mail_from_several_threads(self, pymap_server: EmbeddedImap) -> None:
        threads = [
            threading.Thread(target=pymap_server.append, args=("INBOX", b"Subject: %d\r\n\r\n" % number, NOW))
            for number in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with login(pymap_server) as client:
            client.select_folder("INBOX", readonly=True)
            assert len(client.search()) == 8

    def test_refuses_what_cannot_be(self, pymap_server: EmbeddedImap) -> None:
        with pytest.raises(KeyError):
            pymap_server.append("Kundtjänst", MAIL, NOW)
        with pytest.raises(ValueError, match="naive"):
            pymap_server.append("INBOX", MAIL, NOW.replace(tzinfo=None))
        with pytest.raises(RuntimeError):
            pymap_server.start()

    def test_stops_with_a_client_connected_and_forgets(self) -> None:
        server = EmbeddedImap(user="info@example.com", password="hemligt")
        port = server.start()
        server.append("INBOX", MAIL, NOW)
        client = login(server)
        client.select_folder("INBOX")
        client.idle()
        server.stop()
        server.stop()
        client.shutdown()
        with pytest.raises(RuntimeError):
            server.append("INBOX", MAIL, NOW)
        assert server.start() == port
        with login(server) as again:
            assert again.select_folder("INBOX")[b"EXISTS"] == 0
        server.stop()


class TestSmtpCatcher:
    def test_keeps_what_was_handed_over(self) -> None:
        with SmtpCatcher(clock=SetClock(NOW)) as catcher:
            hand_over(catcher)
            (letter,) = catcher.wait_for(lambda letters: len(letters) == 1)
            assert letter.sender == "info@example.com"
            assert letter.recipients == ("anna@example.org",)
            assert letter.content == MAIL
            assert letter.at == NOW
            catcher.clear()
            assert catcher.letters == ()

    def test_waits_for_a_letter_from_another_thread(self, smtp_catcher: SmtpCatcher) -> None:
        timer = threading.Timer(0.1, hand_over, (smtp_catcher,))
        timer.start()
        assert smtp_catcher.wait_for(lambda letters: any(b"Hej!" in letter.content for letter in letters), 10)
        timer.join()

    def test_does_not_wait_for_ever(self, smtp_catcher: SmtpCatcher) -> None:
        with pytest.raises(TimeoutError, match="0 letters"):
            smtp_catcher.wait_for(bool, 0.05)

    def test_answers_as_it_is_told(self, smtp_catcher: SmtpCatcher) -> None:
        smtp_catcher.answers = lambda letter: "550 5.7.1 no" if b"Hej" in letter.content else None
        with pytest.raises(smtplib.SMTPDataError, match="no"):
            hand_over(smtp_catcher)
        assert smtp_catcher.letters == ()
        hand_over(smtp_catcher, b"Subject: x\r\n\r\nx\r\n")
        assert len(smtp_catcher.letters) == 1

    def test_stops_with_a_client_connected_and_keeps_its_letters(self) -> None:
        catcher = SmtpCatcher()
        port = catcher.start()
        hand_over(catcher)
        client = smtplib.SMTP("127.0.0.1", port, local_hostname="localhost", timeout=10)
        catcher.stop()
        catcher.stop()
        client.close()
        assert len(catcher.letters) == 1
        assert catcher.start() == port
        with pytest.raises(RuntimeError):
            catcher.start()
        hand_over(catcher)
        assert len(catcher.letters) == 2
        catcher.stop()
