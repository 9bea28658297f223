"""An SMTP server in the program's own process that keeps every letter and passes none on (aiosmtpd)."""

import asyncio
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from inbox_bot.clock import Clock, SystemClock
from inbox_bot.demo.loop_thread import LoopThread
from inbox_bot.demo.smtp_bearer import Bearer, TakesTokens

HOST = "127.0.0.1"

DROP: Final = "DROP"
"""The answer that is none: the letter is kept, and the connection cut where "250 OK" would have come."""


@dataclass(frozen=True, kw_only=True)
class CaughtLetter:
    """A letter as it was handed over, without SMTP's own dots. ``at`` by the catcher's clock."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    at: datetime


Answers = Callable[[CaughtLetter], str | None]
"""What to answer after the letter's final dot: a whole reply line (``"450 4.2.1 …"``), ``DROP``, or None for 250."""


class SmtpCatcher:
    """Listens on this machine alone. All methods may be called from any thread that is not the server's own.

    A letter is kept when it is answered with 2yz or ``DROP``, not when it is refused. ``recipient_answers`` is asked
    with each address of RCPT TO. With ``login`` (user, password) nobody may send without it, nor with ``opens``, which is asked
    whether a token opens an account (user, token; SASL XOAUTH2); with ``tls`` STARTTLS is
    offered, or, with ``implicit_tls``, spoken from the first byte.
    """

    def __init__(
        self,
        *,
        answers: Answers | None = None,
        recipient_answers: Callable[[str], str | None] | None = None,
        login: tuple[str, str] | None = None,
        opens: Callable[[str, str], bool] | None = None,
        tls: ssl.SSLContext | None = None,
        implicit_tls: bool = False,
        clock: Clock | None = None,
    ) -> None:
        self.answers = answers
        self.recipient_answers = recipient_answers
        self.port = 0
        self.connections = 0
        self._login = login
        self._opens = opens
        self._tls = tls
        self._implicit_tls = implicit_tls
        self._clock = clock or SystemClock()
        self._letters: list[CaughtLetter] = []
        self._changed = threading.Condition()
        self._open: set[_Protocol] = set()
        self._thread: LoopThread | None = None
        self._server: asyncio.Server | None = None

    def start(self) -> int:
        """Begin to listen and return the port, any free one unless it has run before: then the same again."""
        if self._thread is not None:
            raise RuntimeError("the SMTP catcher is running already")
        self._thread = LoopThread("smtp-catcher")
        try:
            self._thread.run(self._listen())
        except BaseException:
            self.stop()
            raise
        return self.port

    @property
    def letters(self) -> tuple[CaughtLetter, ...]:
        """All letters so far, in the order they came."""
        with self._changed:
            return tuple(self._letters)

    def wait_for(
        self, predicate: Callable[[tuple[CaughtLetter, ...]], bool], seconds: float = 5.0
    ) -> tuple[CaughtLetter, ...]:
        """Return the letters as soon as ``predicate`` holds for them. Raises TimeoutError after ``seconds``."""
        with self._changed:
            if not self._changed.wait_for(lambda: predicate(tuple(self._letters)), seconds):
                raise TimeoutError(f"after {seconds:g} s there are {len(self._letters)} letters, not those waited for")
            return tuple(self._letters)

    def clear(self) -> None:
        """Forget the letters so far."""
        with self._changed:
            self._letters.clear()

    def drop_connections(self) -> None:
        """Cut every connection, as a server does that has waited too long, and keep listening."""
        if self._thread is not None:
            self._thread.run(self._cut())

    def stop(self) -> None:
        """Close every connection and stop listening; the letters stay. Safe to call twice."""
        if self._thread is not None:
            self._thread.stop(self._close)
        self._thread = self._server = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        implicit = self._tls if self._implicit_tls else None
        self._server = await loop.create_server(self._protocol, HOST, self.port, ssl=implicit)
        self.port = self._server.sockets[0].getsockname()[1]

    def _protocol(self) -> SMTP:
        starttls = None if self._implicit_tls else self._tls
        return _Protocol(
            _Handler(self._caught, recipient_answers=self._answer_recipient, login_wanted=self._wants_login),
            hostname="catcher.example.com",
            ident="inbox_bot catcher",
            enable_SMTPUTF8=True,
            tls_context=starttls,
            auth_require_tls=starttls is not None or not self._wants_login,
            auth_exclude_mechanism=["XOAUTH2"] if self._opens is None else ["LOGIN", "PLAIN"],
            authenticator=self._authenticate,
            loop=asyncio.get_running_loop(),
            open_ones=self._open,
            opened=self._count,
        )

    @property
    def _wants_login(self) -> bool:
        return self._login is not None or self._opens is not None

    def _count(self) -> None:
        self.connections += 1

    def _authenticate(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        if isinstance(data, Bearer):
            return AuthResult(success=self._opens is not None and self._opens(data.user, data.token), handled=False)
        given = (data.login.decode(), data.password.decode()) if isinstance(data, LoginPassword) else None
        # handled=False: aiosmtpd then answers 535 itself.
        return AuthResult(success=given == self._login, handled=False)

    def _answer_recipient(self, address: str) -> str | None:
        return self.recipient_answers(address) if self.recipient_answers else None

    def _caught(self, envelope: Envelope) -> str | None:
        """Keep a letter that came, and return what to answer."""
        letter = CaughtLetter(
            # aiosmtpd writes the empty return path (bounces, automatic replies) as SMTP does.
            sender="" if envelope.mail_from == "<>" else envelope.mail_from or "",
            recipients=tuple(envelope.rcpt_tos),
            content=bytes(envelope.original_content or b""),
            at=self._clock.now(),
        )
        answer = self.answers(letter) if self.answers else None
        if answer is None or answer == DROP or answer.startswith("2"):
            with self._changed:
                self._letters.append(letter)
                self._changed.notify_all()
        return answer

    async def _cut(self) -> None:
        for protocol in tuple(self._open):
            protocol.cut()
        await asyncio.sleep(0)

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
        await self._cut()


class _Handler:
    """aiosmtpd's hooks; it finds them by their names."""

    def __init__(
        self,
        caught: Callable[[Envelope], str | None],
        *,
        recipient_answers: Callable[[str], str | None],
        login_wanted: bool,
    ) -> None:
        self._caught = caught
        self._recipient_answers = recipient_answers
        self._login_wanted = login_wanted

    # aiosmtpd's own auth_required warns where there is no TLS; the demo and the tests log in without it on purpose.
    async def handle_MAIL(  # noqa: N802  aiosmtpd's name
        self, _: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._login_wanted and not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802  aiosmtpd's name
        self, _: SMTP, __: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self._recipient_answers(address)
        if answer is not None and not answer.startswith("2"):
            return answer
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return answer or "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802  aiosmtpd's name
        self, server: "_Protocol", _: Session, envelope: Envelope
    ) -> str:
        answer = self._caught(envelope)
        if answer == DROP:
            server.cut()
            # aiosmtpd would push an answer into the closed connection; cancelled, the conversation just ends.
            raise asyncio.CancelledError
        return answer or "250 2.0.0 OK"


class _Protocol(TakesTokens):
    """One conversation, known to the catcher as long as its connection is open."""

    def __init__(
        self, handler: _Handler, *, open_ones: set["_Protocol"], opened: Callable[[], None], **more: Any
    ) -> None:
        super().__init__(handler, **more)
        self._open_ones = open_ones
        self._opened = opened

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # STARTTLS makes the same connection once more.
        if self not in self._open_ones:
            self._open_ones.add(self)
            self._opened()
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._open_ones.discard(self)
        super().connection_lost(error)

    def cut(self) -> None:
        """End the connection at once, without a word."""
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()
