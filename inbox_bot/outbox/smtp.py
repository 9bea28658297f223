"""Letters handed over by SMTP, one at a time over a connection that is kept (RFC 5321, aiosmtplib).

The letter itself is not sent with aiosmtplib's ``data``: its errors do not tell whether the connection broke before or
after the final dot, and only after it can the server have taken the letter over (RFC 5321 4.1.1.4). Here the dot is
written alone, last, and a break before it is known to be harmless.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, cast

import aiosmtplib
from aiosmtplib.protocol import SMTPProtocol

from inbox_bot.errors import AccessError, SmtpError
from inbox_bot.outbox.smtp_answer import (
    Handover,
    answer_of,
    connection_trouble,
    fate_of,
    hint_for,
)
from inbox_bot.outbox.smtp_connection import Security, SmtpAccount, connect, cut, farewell
from inbox_bot.outbox.transport import Attempt, Fate

if TYPE_CHECKING:
    from inbox_bot.domain.access import AccessToken

__all__ = ["Security", "SmtpAccount", "SmtpTransport"]

# Seconds. Firewalls forget silent connections, and a letter would then wait a whole timeout to find out.
_IDLE_AT_MOST = 60.0
_CHUNK = 64 * 1024
# A service that closes (421), also in answer to the first command on a connection it had grown tired of.
_CLOSING = 421


class _StaleError(Exception):
    """The kept connection was dead at the first command of a letter."""


class SmtpTransport:
    """The Transport (see transport.py) to one server. Belongs to one event loop."""

    def __init__(self, account: SmtpAccount) -> None:
        self._account = account
        self._client: aiosmtplib.SMTP | None = None
        self._token: AccessToken | None = None  # what the kept connection was logged in with
        self._used_at = 0.0
        self._lock = asyncio.Lock()

    async def send(self, *, sender: str, recipient: str, content: bytes) -> Attempt:
        handover = Handover.prepare(sender=sender, recipient=recipient, content=content)
        if isinstance(handover, Attempt):
            return handover
        async with self._lock:
            try:
                return await self._try(handover)
            except _StaleError:
                # Nothing was sent yet, and the next connection is a new one.
                return await self._try(handover)

    async def close(self) -> None:
        async with self._lock:
            await self._leave()

    async def probe(self) -> str:
        """Connect, encrypt and log in on a connection of its own; return what was found, on one line.

        Raises SmtpError, with what to do about it.
        """
        account = self._account
        try:
            client, _ = await connect(self._account)
        except AccessError as exc:
            raise SmtpError(
                f"The outgoing mail server {account.host}:{account.port}: {exc.message}",
                hint=exc.hint,
                temporary=exc.temporary,
            ) from exc
        except (aiosmtplib.SMTPException, OSError, ValueError) as exc:
            raise SmtpError(
                f"The outgoing mail server {account.host}:{account.port}: {connection_trouble(exc)}.",
                hint=hint_for(exc, by_token=account.access is not None),
                temporary=not isinstance(exc, aiosmtplib.SMTPAuthenticationError | ValueError),
            ) from None
        try:
            cipher = client.get_transport_info("cipher")
            secured = f"{account.security} ({cipher[1]})" if cipher else "no encryption"
            login = "logged in" if account.username else "no login"
            return f"{account.host}:{account.port} answers: {secured}, {login}"
        finally:
            await farewell(client)

    async def _try(self, handover: Handover) -> Attempt:
        """Hand over on the kept connection or a new one. Raises _StaleError, never on a new one."""
        try:
            client, kept = await self._connected()
        except (aiosmtplib.SMTPException, AccessError, OSError, ValueError) as exc:
            return Attempt(fate=Fate.DEFERRED, answer=connection_trouble(exc))
        refusal = handover.refusal_by(client.esmtp_extensions)
        if refusal is not None:
            return refusal
        async with self._in_use(client):
            try:
                options = handover.options_for(client.esmtp_extensions)
                await client.mail(handover.sender, options=options, encoding=handover.encoding)
            except aiosmtplib.SMTPResponseException as exc:
                if kept and exc.code == _CLOSING:
                    raise _StaleError from exc
                return await _refused(client, exc)
            except (aiosmtplib.SMTPException, OSError) as exc:
                cut(client)
                if kept:
                    raise _StaleError from exc
                return Attempt(fate=Fate.DEFERRED, answer=connection_trouble(exc))
            return await self._hand_over(client, handover)

    async def _hand_over(self, client: aiosmtplib.SMTP, handover: Handover) -> Attempt:
        """Give recipient and letter, after MAIL FROM was accepted."""
        try:
            wishes = handover.recipient_options_for(client.esmtp_extensions)
            await client.rcpt(handover.recipient, options=wishes, encoding=handover.encoding)
            started = await client.execute_command(b"DATA")
            if started.code != aiosmtplib.SMTPStatus.start_input:
                raise aiosmtplib.SMTPDataError(started.code, started.message)
        except aiosmtplib.SMTPResponseException as exc:
            return await _refused(client, exc)
        except (aiosmtplib.SMTPException, OSError) as exc:
            cut(client)
            return Attempt(fate=Fate.DEFERRED, answer=connection_trouble(exc))
        return await self._deliver(client, handover.lines())

    async def _deliver(self, client: aiosmtplib.SMTP, lines: bytes) -> Attempt:
        """Write the letter, then the dot, and read the verdict, listening from the start: a server may say no midway."""
        protocol = client.protocol
        if protocol is None:
            return Attempt(fate=Fate.DEFERRED, answer="the connection broke")
        verdict = asyncio.create_task(protocol.read_response())
        dotted = False
        try:
            await _pour(protocol, lines, verdict, patience=self._account.timeout)
            if not verdict.done():
                # Raises before anything is written if the connection is known to be gone.
                protocol.write(b".\r\n")
                dotted = True
            response = await asyncio.wait_for(verdict, self._account.final_timeout)
        except (aiosmtplib.SMTPException, OSError) as exc:
            cut(client)
            trouble = connection_trouble(exc)
            if dotted:
                return Attempt(fate=Fate.UNKNOWN, answer=f"no answer after the letter: {trouble}")
            return Attempt(fate=Fate.DEFERRED, answer=trouble)
        finally:
            verdict.cancel()
            await asyncio.gather(verdict, return_exceptions=True)
        fate = fate_of(response.code, after_letter=dotted)
        if not dotted or fate is Fate.UNKNOWN or response.code == _CLOSING:
            cut(client)
        return Attempt(fate=fate, answer=answer_of(response.code, response.message))

    @asynccontextmanager
    async def _in_use(self, client: aiosmtplib.SMTP) -> AsyncIterator[None]:
        """Keep the connection for the next letter, unless this one was cut off in the middle (cancelled, a fault)."""
        try:
            yield
        except BaseException:
            cut(client)
            raise
        self._used_at = asyncio.get_running_loop().time()

    async def _connected(self) -> tuple[aiosmtplib.SMTP, bool]:
        """Return a connection, and whether it is a kept one."""
        client = self._client
        if client is not None and client.is_connected:
            idle = asyncio.get_running_loop().time() - self._used_at
            if idle <= _IDLE_AT_MOST and not await self._is_token_old():
                return client, True
            await self._leave()
        self._client, self._token = await connect(self._account)
        self._used_at = asyncio.get_running_loop().time()
        return self._client, False

    async def _is_token_old(self) -> bool:
        """Return whether there is a newer token than the kept connection was logged in with. Raises AccessError."""
        access = self._account.access
        return access is not None and await asyncio.to_thread(access.token) is not self._token

    async def _leave(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await farewell(client)


async def _refused(client: aiosmtplib.SMTP, exc: aiosmtplib.SMTPResponseException) -> Attempt:
    """Return what the server's refusal means, and clear the transaction so that the next letter may use the connection."""
    try:
        if exc.code == _CLOSING or not client.is_connected:
            cut(client)
        else:
            await client.rset()
    except (aiosmtplib.SMTPException, OSError):
        cut(client)
    return Attempt(fate=fate_of(exc.code, after_letter=False), answer=answer_of(exc.code, exc.message))


async def _pour(protocol: SMTPProtocol, lines: bytes, verdict: asyncio.Future[Any], *, patience: float) -> None:
    """Write the letter and wait until it has left this program's buffer, or the server has spoken or gone.

    ``patience`` in seconds for each chunk. Raises SMTPServerDisconnected or TimeoutError.
    """
    # One turn of the loop, so that the verdict is listened for before there is anything to judge.
    await asyncio.sleep(0)
    for start in range(0, len(lines), _CHUNK):
        if verdict.done():
            return
        protocol.write(lines[start : start + _CHUNK])
        async with asyncio.timeout(patience):
            pause = 0.0
            # asyncio's own drain() belongs to its streams; a protocol's buffer can only be looked at.
            while not verdict.done() and _unsent(protocol):
                await asyncio.sleep(pause)
                pause = min(pause + 0.001, 0.02)


def _unsent(protocol: SMTPProtocol) -> int:
    return cast("asyncio.WriteTransport", protocol.transport).get_write_buffer_size() if protocol.is_connected else 0
