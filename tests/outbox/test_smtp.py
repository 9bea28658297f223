"""The SMTP transport against a real server that does as it is told."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace

import pytest

from inbox_bot.demo.smtp_catcher import DROP, SmtpCatcher
from inbox_bot.errors import SettingsError, SmtpError
from inbox_bot.outbox.smtp import SmtpAccount, SmtpTransport
from inbox_bot.outbox.smtp_answer import answer_of, fate_of
from inbox_bot.outbox.transport import Attempt, Fate, Transport
from tests.support.servers import Certificate

SENDER = "info@example.com"
RECIPIENT = "anna@example.org"
LETTER = b"From: info@example.com\r\nTo: anna@example.org\r\nSubject: Hej\r\n\r\nHej!\r\n"


@dataclass
class Desk:
    """One transport, and how to send by it."""

    transport: Transport

    async def send(self, content: bytes = LETTER, recipient: str = RECIPIENT, sender: str = SENDER) -> Attempt:
        return await self.transport.send(sender=sender, recipient=recipient, content=content)


def account(port: int) -> SmtpAccount:
    return SmtpAccount(host="127.0.0.1", port=port, security="plain", timeout=5, final_timeout=5, hello="localhost")


@pytest.fixture
async def desk(smtp_catcher: SmtpCatcher) -> AsyncIterator[Desk]:
    desk = Desk(SmtpTransport(account(smtp_catcher.port)))
    yield desk
    await desk.transport.close()


async def one_try(settings: SmtpAccount, recipient: str = RECIPIENT, content: bytes = LETTER) -> Attempt:
    transport = SmtpTransport(settings)
    try:
        return await transport.send(sender=SENDER, recipient=recipient, content=content)
    finally:
        await transport.close()


async def test_hands_a_letter_over(desk: Desk, smtp_catcher: SmtpCatcher) -> None:
    assert await desk.send() == Attempt(fate=Fate.ACCEPTED, answer="250 2.0.0")
    (letter,) = smtp_catcher.letters
    assert (letter.sender, letter.recipients, letter.content) == (SENDER, (RECIPIENT,), LETTER)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(LETTER + b".\r\n..\r\n.hidden\r\n\r\n.\r\n", id="dots"),
        pytest.param(LETTER + "åäö ✓\r\n".encode(), id="8 bit"),
        pytest.param(LETTER + b"0123456789abcdefghijklmnopqrstuv\r\n" * 200_000, id="seven megabytes"),
    ],
)
async def test_every_byte_arrives(desk: Desk, smtp_catcher: SmtpCatcher, content: bytes) -> None:
    assert (await desk.send(content)).fate is Fate.ACCEPTED
    identical = smtp_catcher.letters[0].content == content
    assert identical


async def test_bare_line_ends_travel_as_whole_ones(desk: Desk, smtp_catcher: SmtpCatcher) -> None:
    assert (await desk.send(b"Subject: x\n\nen\rtva\n.\nslut")).fate is Fate.ACCEPTED
    assert smtp_catcher.letters[0].content == b"Subject: x\r\n\r\nen\r\ntva\r\n.\r\nslut\r\n"


async def test_the_connection_is_kept_between_letters(desk: Desk, smtp_catcher: SmtpCatcher) -> None:
    attempts = await asyncio.gather(*(desk.send(LETTER + b"%d\r\n" % number) for number in range(10)))
    assert {attempt.fate for attempt in attempts} == {Fate.ACCEPTED}
    assert len({letter.content for letter in smtp_catcher.letters}) == 10
    assert smtp_catcher.connections == 1


async def test_a_kept_connection_that_was_dropped_is_replaced(desk: Desk, smtp_catcher: SmtpCatcher) -> None:
    for expected in (1, 2, 3):
        assert (await desk.send()).fate is Fate.ACCEPTED
        assert len(smtp_catcher.letters) == smtp_catcher.connections == expected
        await asyncio.to_thread(smtp_catcher.drop_connections)


async def test_a_connection_unused_for_long_is_not_trusted(
    desk: Desk, smtp_catcher: SmtpCatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inbox_bot.outbox.smtp._IDLE_AT_MOST", -1.0)
    for _ in range(2):
        assert (await desk.send()).fate is Fate.ACCEPTED
    assert smtp_catcher.connections == 2


async def test_closing_twice_and_sending_again_is_fine(desk: Desk, smtp_catcher: SmtpCatcher) -> None:
    await desk.transport.close()
    assert (await desk.send()).fate is Fate.ACCEPTED
    await desk.transport.close()
    await desk.transport.close()
    assert (await desk.send()).fate is Fate.ACCEPTED
    assert smtp_catcher.connections == 2


@pytest.mark.parametrize(
    ("reply", "attempt"),
    [
        ("450 4.2.1 <anna@example.org> busy", Attempt(fate=Fate.DEFERRED, answer="450 4.2.1")),
        ("421 4.3.2 closing", Attempt(fate=Fate.DEFERRED, answer="421 4.3.2")),
        ("550 5.7.1 anna@example.org is no friend", Attempt(fate=Fate.REFUSED, answer="550 5.7.1")),
        ("554 no", Attempt(fate=Fate.REFUSED, answer="554")),
        ("530 5.7.0 log in first", Attempt(fate=Fate.DEFERRED, answer="530 5.7.0")),
        ("299 2.1.5 surely", Attempt(fate=Fate.ACCEPTED, answer="299 2.1.5")),
    ],
)
async def test_the_servers_verdict_on_the_letter(
    desk: Desk, smtp_catcher: SmtpCatcher, reply: str, attempt: Attempt
) -> None:
    smtp_catcher.answers = lambda _: reply
    assert await desk.send() == attempt
    smtp_catcher.answers = None
    assert (await desk.send()).fate is Fate.ACCEPTED


async def test_a_connection_cut_after_the_letter_leaves_its_fate_unknown(desk: Desk, smtp_catcher: SmtpCatcher) -> None:
    smtp_catcher.answers = lambda _: DROP
    attempt = await desk.send()
    assert attempt.fate is Fate.UNKNOWN
    assert attempt.answer.startswith("no answer after the letter")
    # Handed over once: a second try would have been a second letter.
    assert len(smtp_catcher.letters) == 1
    smtp_catcher.answers = None
    assert (await desk.send()).fate is Fate.ACCEPTED


@pytest.mark.parametrize(("reply", "fate"), [("550 5.1.1 nobody", Fate.REFUSED), ("452 4.2.2 full", Fate.DEFERRED)])
async def test_a_refused_recipient_does_not_spoil_the_connection(
    desk: Desk, smtp_catcher: SmtpCatcher, reply: str, fate: Fate
) -> None:
    smtp_catcher.recipient_answers = lambda address: reply if address.startswith("gone") else None
    attempt = await desk.send(recipient="gone@example.org")
    assert attempt == Attempt(fate=fate, answer=reply[:9])
    assert (await desk.send()).fate is Fate.ACCEPTED
    assert [letter.recipients for letter in smtp_catcher.letters] == [(RECIPIENT,)]
    assert smtp_catcher.connections == 1


@pytest.mark.parametrize(
    "address",
    [
        "",
        "anna",
        "anna@",
        "@example.org",
        "anna@example.org\r\nRCPT TO:<x@example.org>",
        "anna @example.org",
        "<anna@example.org>",
        "anna@example.org,x@example.org",
        "anna(x)@example.org",
        "anna@example.org\0",
    ],
)
async def test_an_address_that_cannot_be_said_is_refused(desk: Desk, smtp_catcher: SmtpCatcher, address: str) -> None:
    attempt = await desk.send(recipient=address)
    assert attempt.fate is Fate.REFUSED
    assert attempt.answer.startswith("553 5.1.3")
    if address:
        assert (await desk.send(sender=address)).fate is Fate.REFUSED
    assert smtp_catcher.connections == 0


async def test_the_empty_sender_and_a_swedish_address_are_said(desk: Desk, smtp_catcher: SmtpCatcher) -> None:
    assert (await desk.send(sender="")).fate is Fate.ACCEPTED
    assert (await desk.send(recipient="åsa@example.org")).fate is Fate.ACCEPTED
    assert [(letter.sender, letter.recipients) for letter in smtp_catcher.letters] == [
        ("", (RECIPIENT,)),
        (SENDER, ("åsa@example.org",)),
    ]


async def test_a_server_that_is_down_defers_the_letter_and_serves_it_later(
    desk: Desk, smtp_catcher: SmtpCatcher
) -> None:
    assert (await desk.send()).fate is Fate.ACCEPTED
    await asyncio.to_thread(smtp_catcher.stop)
    attempt = await desk.send()
    assert attempt.fate is Fate.DEFERRED
    assert "no connection" in attempt.answer
    await asyncio.to_thread(smtp_catcher.start)
    assert (await desk.send()).fate is Fate.ACCEPTED


async def test_a_cancelled_letter_leaves_no_half_conversation(desk: Desk, smtp_catcher: SmtpCatcher) -> None:
    loop = asyncio.get_running_loop()
    caught = asyncio.Event()
    answering = threading.Event()

    def hold(_: object) -> str:
        loop.call_soon_threadsafe(caught.set)
        answering.wait(5)
        return "250 2.0.0 late"

    smtp_catcher.answers = hold
    sending = asyncio.create_task(desk.send())
    await asyncio.wait_for(caught.wait(), 5)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    answering.set()
    smtp_catcher.answers = None
    assert (await desk.send()).fate is Fate.ACCEPTED
    assert smtp_catcher.connections == 2


class TestLogin:
    async def test_logs_in(self) -> None:
        with SmtpCatcher(login=("info@example.com", "hemligtÅÄÖ")) as catcher:
            settings = replace(account(catcher.port), username="info@example.com", password="hemligtÅÄÖ")
            assert (await one_try(settings)).fate is Fate.ACCEPTED
            assert "logged in" in await SmtpTransport(settings).probe()

    async def test_a_refused_login_defers_the_letter_and_says_why(self) -> None:
        with SmtpCatcher(login=("info@example.com", "hemligt")) as catcher:
            settings = replace(account(catcher.port), username="info@example.com", password="fel-losenord")
            attempt = await one_try(settings)
            assert attempt == Attempt(fate=Fate.DEFERRED, answer="535 5.7.8 the login was refused")
            with pytest.raises(SmtpError) as caught:
                await SmtpTransport(settings).probe()
        assert not caught.value.temporary
        assert "password" in caught.value.hint
        assert "fel-losenord" not in str(caught.value) + repr(settings)

    async def test_a_missing_login_defers_the_letter(self) -> None:
        with SmtpCatcher(login=("info@example.com", "hemligt")) as catcher:
            assert await one_try(account(catcher.port)) == Attempt(fate=Fate.DEFERRED, answer="530 5.7.0")

    async def test_a_login_the_server_does_not_know_defers_the_letter(self, smtp_catcher: SmtpCatcher) -> None:
        settings = replace(account(smtp_catcher.port), username="info@example.com", password="hemligt")
        attempt = await one_try(settings)
        assert attempt.fate is Fate.DEFERRED
        assert "login" in attempt.answer

    def test_no_line_end_gets_into_the_settings(self) -> None:
        for setting in ("host", "username", "password", "hello"):
            with pytest.raises(SettingsError):
                replace(account(25), **{setting: "x\r\nRSET"})


class TestEncryption:
    @pytest.fixture(params=["tls", "starttls"])
    def secure(self, request: pytest.FixtureRequest, certificate: Certificate) -> Iterator[SmtpAccount]:
        tls = certificate.server_context()
        login = ("info@example.com", "hemligt")
        with SmtpCatcher(tls=tls, implicit_tls=request.param == "tls", login=login) as catcher:
            yield replace(
                account(catcher.port),
                host="localhost",
                security=request.param,
                username=login[0],
                password=login[1],
                ca_file=certificate.ca_file,
            )

    async def test_hands_over_encrypted(self, secure: SmtpAccount) -> None:
        transport = SmtpTransport(secure)
        for _ in range(2):
            content = LETTER + b"0123456789\r\n" * 100_000
            attempt = await transport.send(sender=SENDER, recipient=RECIPIENT, content=content)
            assert attempt.fate is Fate.ACCEPTED
        await transport.close()
        assert f"{secure.security} (TLSv1" in await transport.probe()

    async def test_an_unknown_certificate_defers_the_letter(self, secure: SmtpAccount) -> None:
        untrusting = replace(secure, ca_file=None)
        attempt = await one_try(untrusting)
        assert attempt.fate is Fate.DEFERRED
        assert "certificate was not accepted" in attempt.answer
        with pytest.raises(SmtpError) as caught:
            await SmtpTransport(untrusting).probe()
        assert "ca_file" in caught.value.hint

    async def test_a_missing_file_of_certificates_is_a_clear_answer(self, secure: SmtpAccount) -> None:
        assert "ca_file" in (await one_try(replace(secure, ca_file="/nowhere/ca.pem"))).answer


async def test_nothing_is_sent_where_starttls_is_not_offered(smtp_catcher: SmtpCatcher) -> None:
    settings = replace(account(smtp_catcher.port), security="starttls")
    attempt = await one_try(settings)
    assert attempt.fate is Fate.DEFERRED
    assert "STARTTLS" in attempt.answer
    assert smtp_catcher.letters == ()
    with pytest.raises(SmtpError) as caught:
        await SmtpTransport(settings).probe()
    assert "security" in caught.value.hint


async def test_a_server_without_tls_on_its_tls_port_defers_the_letter(smtp_catcher: SmtpCatcher) -> None:
    attempt = await one_try(replace(account(smtp_catcher.port), security="tls"))
    assert attempt.fate is Fate.DEFERRED
    assert smtp_catcher.letters == ()


async def test_the_probe_tells_what_it_found_and_sends_nothing(smtp_catcher: SmtpCatcher) -> None:
    line = await SmtpTransport(account(smtp_catcher.port)).probe()
    assert line == f"127.0.0.1:{smtp_catcher.port} answers: no encryption, no login"
    assert smtp_catcher.letters == ()


async def test_the_probe_of_a_server_that_is_down_says_what_to_do() -> None:
    with pytest.raises(SmtpError) as caught:
        await SmtpTransport(account(1)).probe()
    assert caught.value.temporary
    assert "127.0.0.1:1" in str(caught.value)
    assert "firewall" in caught.value.hint


@pytest.mark.parametrize(
    ("code", "before", "after"),
    [
        (250, Fate.DEFERRED, Fate.ACCEPTED),
        (354, Fate.DEFERRED, Fate.UNKNOWN),
        (-1, Fate.DEFERRED, Fate.UNKNOWN),
        (421, Fate.DEFERRED, Fate.DEFERRED),
        (451, Fate.DEFERRED, Fate.DEFERRED),
        (503, Fate.DEFERRED, Fate.DEFERRED),
        (535, Fate.DEFERRED, Fate.DEFERRED),
        (550, Fate.REFUSED, Fate.REFUSED),
    ],
)
def test_what_a_code_means(code: int, before: Fate, after: Fate) -> None:
    assert fate_of(code, after_letter=False) is before
    assert fate_of(code, after_letter=True) is after


def test_an_answer_is_the_code_and_the_status_alone() -> None:
    assert answer_of(550, "5.1.1 <anna@example.org>: user unknown") == "550 5.1.1"
    assert answer_of(550, "<anna@example.org> 5.1.1") == "550"
    assert answer_of(250, "2.0.0") == "250 2.0.0"
    assert answer_of(250, "2.0.0\n2.0.0 queued") == "250 2.0.0"
