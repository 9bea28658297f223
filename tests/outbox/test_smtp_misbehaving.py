"""The SMTP transport against servers that break off, fall silent or talk nonsense, word for word."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from inbox_bot.outbox.smtp import SmtpAccount, SmtpTransport
from inbox_bot.outbox.transport import Attempt, Fate
from tests.support.scripted import ScriptedServer, Talk

LETTER = b"Subject: Hej\r\n\r\nHej!\r\n"
LARGE = LETTER + b"0123456789abcdefghijklmnopqrstuv\r\n" * 600_000  # more than the sockets' buffers hold


def greet(talk: Talk, *extensions: bytes) -> None:
    talk.say(b"220 hello\r\n")
    assert talk.hear().startswith(b"EHLO")
    talk.say(b"250-hello\r\n")
    for extension in extensions:
        talk.say(b"250-" + extension + b"\r\n")
    talk.say(b"250 HELP\r\n")


def take_envelope(talk: Talk) -> None:
    for command in (b"MAIL FROM:", b"RCPT TO:"):
        assert talk.hear().startswith(command)
        talk.say(b"250 OK\r\n")


def begin_letter(talk: Talk) -> None:
    take_envelope(talk)
    assert talk.hear() == b"DATA"
    talk.say(b"354 go on\r\n")


def take_letter(talk: Talk) -> None:
    begin_letter(talk)
    while talk.hear() != b".":
        pass


def accept(talk: Talk) -> None:
    take_letter(talk)
    talk.say(b"250 2.0.0 OK\r\n")


def leave(talk: Talk) -> None:
    assert talk.hear() == b"QUIT"
    talk.say(b"221 bye\r\n")


@pytest.fixture
async def transport(scripted_server: ScriptedServer) -> AsyncIterator[SmtpTransport]:
    transport = SmtpTransport(
        SmtpAccount(
            host="127.0.0.1",
            port=scripted_server.port,
            security="plain",
            timeout=0.5,
            final_timeout=0.5,
            hello="localhost",
        )
    )
    yield transport
    await transport.close()


async def send(transport: SmtpTransport, content: bytes = LETTER, recipient: str = "anna@example.org") -> Attempt:
    return await transport.send(sender="info@example.com", recipient=recipient, content=content)


def hang_up(talk: Talk) -> None:
    """End the conversation: the server closes when its script is over."""


def breaks_in_greeting(talk: Talk) -> None:
    hang_up(talk)


def refuses_in_greeting(talk: Talk) -> None:
    talk.say(b"554 5.7.1 no service for 192.0.2.1\r\n")
    talk.hear()


def talks_nonsense(talk: Talk) -> None:
    talk.say(b"* OK this is IMAP\r\n")
    talk.hear()


def is_silent(talk: Talk) -> None:
    talk.hear()
    talk.hear()


def breaks_at_ehlo(talk: Talk) -> None:
    talk.say(b"220 hello\r\n")
    talk.hear()


def breaks_at_mail(talk: Talk) -> None:
    greet(talk)
    talk.hear()


def breaks_at_recipient(talk: Talk) -> None:
    greet(talk)
    talk.hear()
    talk.say(b"250 OK\r\n")
    talk.hear()


def breaks_at_data(talk: Talk) -> None:
    greet(talk)
    take_envelope(talk)
    talk.hear()


def falls_silent_at_data(talk: Talk) -> None:
    greet(talk)
    take_envelope(talk)
    talk.hear()
    talk.hear()


@pytest.mark.parametrize(
    "conversation",
    [
        breaks_in_greeting,
        refuses_in_greeting,
        talks_nonsense,
        is_silent,
        breaks_at_ehlo,
        breaks_at_mail,
        breaks_at_recipient,
        breaks_at_data,
        falls_silent_at_data,
    ],
)
async def test_trouble_before_the_letter_defers_it(
    transport: SmtpTransport, scripted_server: ScriptedServer, conversation: Callable[[Talk], None]
) -> None:
    scripted_server.play(conversation)
    attempt = await send(transport)
    assert attempt.fate is Fate.DEFERRED
    assert attempt.answer
    assert "example" not in attempt.answer
    assert scripted_server.connections == 1


async def test_a_break_in_the_middle_of_the_letter_is_known_to_be_harmless(
    transport: SmtpTransport, scripted_server: ScriptedServer
) -> None:
    def conversation(talk: Talk) -> None:
        greet(talk)
        begin_letter(talk)
        talk.hear()

    scripted_server.play(conversation)
    assert (await send(transport, LARGE)).fate is Fate.DEFERRED


async def test_a_server_that_stops_reading_in_the_middle_defers_the_letter(
    transport: SmtpTransport, scripted_server: ScriptedServer
) -> None:
    stuck = asyncio.Event()
    loop = asyncio.get_running_loop()

    def conversation(talk: Talk) -> None:
        greet(talk)
        begin_letter(talk)
        asyncio.run_coroutine_threadsafe(stuck.wait(), loop).result(10)

    scripted_server.play(conversation)
    attempt = await send(transport, LARGE)
    stuck.set()
    assert attempt == Attempt(fate=Fate.DEFERRED, answer="no answer in time")


@pytest.mark.parametrize(
    ("reply", "attempt"),
    [
        (b"552 5.3.4 too big\r\n", Attempt(fate=Fate.REFUSED, answer="552 5.3.4")),
        (b"451 4.3.0 disk full\r\n", Attempt(fate=Fate.DEFERRED, answer="451 4.3.0")),
        (b"250 2.0.0 thanks, enough\r\n", Attempt(fate=Fate.DEFERRED, answer="250 2.0.0")),
    ],
)
async def test_a_verdict_before_the_last_byte_is_heard(
    transport: SmtpTransport, scripted_server: ScriptedServer, reply: bytes, attempt: Attempt
) -> None:
    judged = asyncio.Event()
    loop = asyncio.get_running_loop()

    def conversation(talk: Talk) -> None:
        greet(talk)
        begin_letter(talk)
        talk.hear()
        talk.say(reply)
        asyncio.run_coroutine_threadsafe(judged.wait(), loop).result(10)

    scripted_server.play(conversation)
    got = await send(transport, LARGE)
    judged.set()
    assert got == attempt


def breaks_after_letter(talk: Talk) -> None:
    greet(talk)
    take_letter(talk)


def falls_silent_after_letter(talk: Talk) -> None:
    greet(talk)
    take_letter(talk)
    talk.hear()


def talks_nonsense_after_letter(talk: Talk) -> None:
    greet(talk)
    take_letter(talk)
    talk.say(b"yes anna@example.org\r\n")
    talk.hear()


def goes_on_after_letter(talk: Talk) -> None:
    greet(talk)
    take_letter(talk)
    talk.say(b"354 more?\r\n")
    talk.hear()


@pytest.mark.parametrize(
    "conversation",
    [breaks_after_letter, falls_silent_after_letter, talks_nonsense_after_letter, goes_on_after_letter],
)
async def test_without_a_verdict_after_the_letter_its_fate_is_unknown(
    transport: SmtpTransport, scripted_server: ScriptedServer, conversation: Callable[[Talk], None]
) -> None:
    def works(talk: Talk) -> None:
        greet(talk)
        accept(talk)
        leave(talk)

    scripted_server.play(conversation, works)
    attempt = await send(transport)
    assert attempt.fate is Fate.UNKNOWN
    assert "example" not in attempt.answer
    # Never by itself a second time; and the next letter gets a connection of its own.
    assert scripted_server.connections == 1
    assert (await send(transport)).fate is Fate.ACCEPTED


def closes_at_mail(talk: Talk) -> None:
    assert talk.hear().startswith(b"MAIL")


def closes_politely_at_mail(talk: Talk) -> None:
    assert talk.hear().startswith(b"MAIL")
    talk.say(b"421 4.4.2 idle too long\r\n")


def hangs_at_mail(talk: Talk) -> None:
    assert talk.hear().startswith(b"MAIL")
    talk.hear()


@pytest.mark.parametrize("end", [closes_at_mail, closes_politely_at_mail, hangs_at_mail])
async def test_a_kept_connection_found_dead_is_replaced_before_anything_is_sent(
    transport: SmtpTransport, scripted_server: ScriptedServer, end: Callable[[Talk], None]
) -> None:
    def first(talk: Talk) -> None:
        greet(talk)
        accept(talk)
        end(talk)

    def second(talk: Talk) -> None:
        greet(talk)
        accept(talk)
        leave(talk)

    scripted_server.play(first, second)
    assert (await send(transport)).fate is Fate.ACCEPTED
    assert (await send(transport)).fate is Fate.ACCEPTED
    assert scripted_server.connections == 2


async def test_a_dead_kept_connection_is_replaced_once_not_for_ever(
    transport: SmtpTransport, scripted_server: ScriptedServer
) -> None:
    def first(talk: Talk) -> None:
        greet(talk)
        accept(talk)
        closes_at_mail(talk)

    scripted_server.play(first, breaks_at_mail, breaks_at_mail)
    assert (await send(transport)).fate is Fate.ACCEPTED
    assert (await send(transport)).fate is Fate.DEFERRED
    assert scripted_server.connections == 2


async def test_a_kept_connection_that_breaks_after_mail_is_not_tried_again(
    transport: SmtpTransport, scripted_server: ScriptedServer
) -> None:
    def conversation(talk: Talk) -> None:
        greet(talk)
        accept(talk)
        take_letter(talk)

    scripted_server.play(conversation)
    assert (await send(transport)).fate is Fate.ACCEPTED
    assert (await send(transport)).fate is Fate.UNKNOWN
    assert scripted_server.connections == 1


async def test_what_the_server_cannot_carry_is_refused_before_it_is_sent(
    transport: SmtpTransport, scripted_server: ScriptedServer
) -> None:
    def conversation(talk: Talk) -> None:
        greet(talk)
        leave(talk)

    scripted_server.play(conversation)
    assert (await send(transport, recipient="åsa@example.org")).answer.startswith("553 5.6.7")
    assert (await send(transport, LETTER + "åäö\r\n".encode())).answer.startswith("554 5.6.3")


async def test_the_servers_limit_is_asked_for_and_heeded(
    transport: SmtpTransport, scripted_server: ScriptedServer
) -> None:
    heard: list[bytes] = []

    def conversation(talk: Talk) -> None:
        greet(talk, b"SIZE 10", b"8BITMIME")
        heard.append(talk.hear())
        talk.say(b"552 5.3.4 too big\r\n")
        assert talk.hear() == b"RSET"
        talk.say(b"250 OK\r\n")
        leave(talk)

    scripted_server.play(conversation)
    assert await send(transport) == Attempt(fate=Fate.REFUSED, answer="552 5.3.4")
    assert heard == [b"MAIL FROM:<info@example.com> SIZE=%d" % len(LETTER)]


async def test_a_server_that_knows_only_helo_is_served(
    transport: SmtpTransport, scripted_server: ScriptedServer
) -> None:
    def conversation(talk: Talk) -> None:
        talk.say(b"220 hello\r\n")
        assert talk.hear().startswith(b"EHLO")
        talk.say(b"502 what?\r\n")
        assert talk.hear().startswith(b"HELO")
        talk.say(b"250 hello\r\n")
        accept(talk)
        leave(talk)

    scripted_server.play(conversation)
    assert (await send(transport)).fate is Fate.ACCEPTED


async def test_a_server_that_offers_reports_is_told_which_letter_it_has_and_for_whom(
    transport: SmtpTransport, scripted_server: ScriptedServer
) -> None:
    heard: list[bytes] = []

    def server(talk: Talk) -> None:
        greet(talk, b"DSN")
        for _ in range(2):
            heard.append(talk.hear())
            talk.say(b"250 OK\r\n")
        assert talk.hear() == b"DATA"
        talk.say(b"354 go on\r\n")
        while talk.hear() != b".":
            pass
        talk.say(b"250 2.0.0 OK\r\n")
        leave(talk)

    content = b"Subject: Hej\r\nMessage-ID: <a+b=c@example.com>\r\n\r\nMessage-ID: <no@example.com>\r\n"
    scripted_server.play(server)
    attempt = await transport.send(sender="info@example.com", recipient="kalle+x@example.se", content=content)
    await transport.close()
    assert attempt.fate is Fate.ACCEPTED
    assert heard == [
        b"MAIL FROM:<info@example.com> RET=HDRS ENVID=<a+2Bb+3Dc@example.com>",
        b"RCPT TO:<kalle+x@example.se> NOTIFY=FAILURE,DELAY ORCPT=rfc822;kalle+2Bx@example.se",
    ]
