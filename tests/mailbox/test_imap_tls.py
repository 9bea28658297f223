"""Encryption as a real server speaks it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from inbox_bot.errors import MailboxError
from inbox_bot.mailbox.imap import ImapAccount, ImapSource
from tests.support.dovecot import SWEDISH_PASSWORD, DovecotMailbox

MAIL = b"Subject: Hej\r\n\r\nHej!\r\n"


@pytest.fixture(params=["tls", "starttls"])
def account(request: pytest.FixtureRequest, dovecot_server: DovecotMailbox) -> ImapAccount:
    instance = dovecot_server.server
    return ImapAccount(
        name="kurs",
        host="localhost",
        port=instance.tls_port if request.param == "tls" else instance.port,
        security=request.param,
        username=dovecot_server.user,
        password=dovecot_server.password,
        ca_file=instance.ca_file,
        timeout=10,
    )


def test_reads_and_waits_over_tls(account: ImapAccount, dovecot_server: DovecotMailbox) -> None:
    when = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
    dovecot_server.deliver(MAIL, when=when)
    source = ImapSource(account)
    source.open()
    source.select("INBOX")
    (mail,) = source.fetch(source.uids_after(0))
    assert (mail.content, mail.received_at) == (MAIL, when)
    dovecot_server.deliver(MAIL)
    source.wait(30)
    assert len(source.uids_after(mail.uid)) == 1
    source.close()


def test_an_unknown_certificate_is_refused(account: ImapAccount) -> None:
    with pytest.raises(MailboxError) as caught:
        ImapSource(replace(account, ca_file=None)).open()
    assert not caught.value.temporary
    assert "certificate was not accepted" in str(caught.value)
    assert "ca_file" in caught.value.hint


def test_a_swedish_password_gets_through(account: ImapAccount) -> None:
    source = ImapSource(replace(account, password=SWEDISH_PASSWORD))
    source.open()
    assert "IDLE" in source.capabilities()
    source.close()
