"""IMAP and SMTP with access tokens: a real Dovecot that asks about each token (RFC 7662), and an SMTP server that takes XOAUTH2."""

import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest

from inbox_bot.demo.smtp_catcher import SmtpCatcher
from inbox_bot.errors import MailboxError, SmtpError
from inbox_bot.mailbox.imap import ImapAccount, ImapSource
from inbox_bot.outbox.smtp import SmtpAccount, SmtpTransport
from inbox_bot.outbox.transport import Fate
from tests.support.authority import USER, Authority, AuthorityServer
from tests.support.dovecot import PASSWORD, Dovecot, DovecotMailbox
from tests.support.servers import Certificate

LETTER = b"From: info@example.com\r\nTo: anna@example.org\r\nSubject: Hej\r\n\r\nHej!\r\n"
MAIL = b"Subject: Hej\r\n\r\nHej!\r\n"
pytestmark = pytest.mark.needs("dovecot")


class Relay:
    """An authority that can be changed while Dovecot keeps the address it asks."""

    authority: Authority


@pytest.fixture(scope="module")
def relay() -> Relay:
    return Relay()


@pytest.fixture(scope="module")
def dovecot(certificate: Certificate, relay: Relay) -> Iterator[Dovecot]:
    class Asked(AuthorityServer):
        def _answer(self, path, form):
            self.authority = relay.authority
            return super()._answer(path, form)

    with Asked(Authority(), certificate.server_context()) as server:
        instance = Dovecot(certificate.certificate, certificate.key, introspection=server.introspection)
        yield instance
        instance.stop()


@pytest.fixture
def mailbox(dovecot: Dovecot, relay: Relay, authority: Authority) -> DovecotMailbox:
    relay.authority = authority
    box = dovecot.mailbox()
    authority.user = box.user
    return box


def account(box: DovecotMailbox, access, **more) -> ImapAccount:
    return ImapAccount(
        name="info",
        host=box.host,
        port=box.port,
        security="plain",
        username=box.user,
        access=access,
        timeout=10,
        **more,
    )


@pytest.fixture
def source(mailbox, keyring, settings, clock) -> Iterator[ImapSource]:
    source = ImapSource(account(mailbox, keyring(settings()).keeper("info")), clock=clock)
    source.open()
    yield source
    source.close()


def look(source: ImapSource) -> list[bytes]:
    assert source.folders()[0] == "INBOX"
    source.select("INBOX")
    return [mail.content for mail in source.fetch(source.uids_after(0))]


def test_a_token_opens_the_mailbox(source, mailbox, authority):
    mailbox.deliver(MAIL)
    assert look(source) == [MAIL]
    assert authority.opened == ["token-1"]


def test_before_the_token_ends_the_connection_is_made_anew_with_the_next(source, mailbox, authority, clock):
    mailbox.deliver(MAIL)
    assert look(source) == [MAIL]
    clock.advance(timedelta(minutes=54))
    assert look(source) == [MAIL]
    assert authority.opened == ["token-1"]
    clock.advance(timedelta(minutes=2))
    authority.expire()
    assert look(source) == [MAIL]
    assert authority.opened == ["token-1", "token-2"]


def test_a_long_wait_ends_before_the_token_does(source, clock):
    look(source)
    clock.advance(timedelta(minutes=54, seconds=59.8))
    began = time.monotonic()
    source.wait(600)
    assert time.monotonic() - began < 5


def test_while_the_authority_is_away_the_connection_lives_on_without_haste(source, authority, clock, mailbox):
    look(source)
    clock.advance(timedelta(minutes=56))
    authority.failing = (503, {})
    look(source)
    assert authority.opened == ["token-1"]
    began = time.monotonic()
    threading.Timer(0.2, source.wake).start()
    source.wait(600)
    assert time.monotonic() - began >= 0.2, "it must not turn in a circle"
    clock.advance(timedelta(minutes=5))
    with pytest.raises(MailboxError) as caught:
        source.folders()
    assert caught.value.temporary
    authority.failing = None
    clock.advance(timedelta(minutes=5))
    source.open()
    assert look(source) == []


def test_a_token_refused_before_its_end_is_replaced_once(source, authority, clock):
    source.close()
    clock.advance(timedelta(minutes=10))
    authority.expire()
    source.open()
    assert authority.opened[-1] == "token-2"


def test_an_account_that_was_not_given_the_mailbox_is_a_lasting_failure(source, authority, mailbox):
    source.close()
    authority.opened.clear()
    authority.user = "another@example.com"
    authority.expire()
    with pytest.raises(MailboxError, match="refused the login") as caught:
        source.open()
    assert not caught.value.temporary
    assert "given the mailbox" in caught.value.hint
    assert "token-" not in str(caught.value)
    assert len(authority.opened) == 1, "a token just made is not asked for again"


def test_a_revoked_login_stops_its_mailbox_alone(mailbox, dovecot, keyring, settings, authority):
    authority.secret = "changed"
    ring = keyring(settings())
    refused = ImapSource(account(mailbox, ring.keeper("info")))
    with pytest.raises(MailboxError, match="invalid_client") as caught:
        refused.open()
    assert not caught.value.temporary
    other = dovecot.mailbox()
    well = ImapSource(account(other, None, password=PASSWORD))
    well.open()
    assert look(well) == []
    well.close()


def test_a_server_without_tokens_says_so(dovecot_server, keyring, settings):
    with pytest.raises(MailboxError, match="takes no access tokens"):
        ImapSource(account(dovecot_server, keyring(settings()).keeper("info"))).open()


@pytest.fixture
def catcher(authority: Authority) -> Iterator[SmtpCatcher]:
    with SmtpCatcher(opens=authority.opens) as running:
        yield running


def transport(catcher: SmtpCatcher, access) -> SmtpTransport:
    return SmtpTransport(
        SmtpAccount(
            host="127.0.0.1",
            port=catcher.port,
            security="plain",
            username=USER,
            access=access,
            timeout=5,
            hello="localhost",
        )
    )


async def send(way: SmtpTransport):
    return await way.send(sender=USER, recipient="anna@example.org", content=LETTER)


async def test_letters_leave_with_a_token_and_a_newer_one_when_it_is_old(catcher, keyring, settings, authority, clock):
    way = transport(catcher, keyring(settings()).keeper("smtp"))
    for minutes, connections in ((0, 1), (54, 1), (2, 2)):
        clock.advance(timedelta(minutes=minutes))
        assert (await send(way)).fate is Fate.ACCEPTED
        assert catcher.connections == connections
    assert authority.opened == ["token-1", "token-2"]
    assert "logged in" in await way.probe()
    await way.close()


async def test_a_token_refused_before_its_end_is_replaced_once_for_letters(
    catcher, keyring, settings, authority, clock
):
    keeper = keyring(settings()).keeper("smtp")
    keeper.token()
    authority.expire()
    clock.advance(timedelta(minutes=10))
    way = transport(catcher, keeper)
    assert (await send(way)).fate is Fate.ACCEPTED
    assert authority.opened == ["token-1", "token-2"]
    await way.close()


async def test_an_account_that_may_not_send_holds_its_letters_back(catcher, keyring, settings, authority):
    authority.user = "another@example.com"
    way = transport(catcher, keyring(settings()).keeper("smtp"))
    attempt = await send(way)
    assert (attempt.fate, attempt.answer) == (Fate.DEFERRED, "535 5.7.8 the login was refused")
    with pytest.raises(SmtpError) as caught:
        await way.probe()
    assert "SMTP AUTH" in caught.value.hint
    assert not caught.value.temporary


@pytest.mark.parametrize(("away", "words"), [(True, "no access token could be had"), (False, "inbox-bot check")])
async def test_without_a_token_letters_wait(catcher, keyring, settings, authority, away, words):
    authority.failing = (503, {}) if away else (400, {"error": "invalid_client", "error_codes": [7000222]})
    way = transport(catcher, keyring(settings()).keeper("smtp"))
    attempt = await send(way)
    assert attempt.fate is Fate.DEFERRED
    assert words in attempt.answer
    with pytest.raises(SmtpError) as caught:
        await way.probe()
    assert caught.value.temporary is away
    assert catcher.connections == 0


async def test_an_smtp_server_without_tokens_says_so(smtp_catcher, keyring, settings):
    attempt = await send(transport(smtp_catcher, keyring(settings()).keeper("smtp")))
    assert attempt.answer == "the server takes no access tokens (XOAUTH2) on this connection"
