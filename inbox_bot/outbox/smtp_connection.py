"""One connection to the outgoing mail server: whom to call, how to be let in, how to take leave."""

import asyncio
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal

import aiosmtplib

from inbox_bot.domain.access import AccessToken, TokenSource
from inbox_bot.errors import SettingsError

Security = Literal["tls", "starttls", "plain"]

# RFC 5321 4.5.3.2.6: a server may take ten minutes over the final dot, and a client that gives up sooner makes doubles.
FINAL_TIMEOUT = 600.0
# Seconds to wait for the answer to QUIT.
_FAREWELL = 2.0


@dataclass(frozen=True, kw_only=True)
class SmtpAccount:
    """The outgoing server. ``timeout`` and ``final_timeout`` in seconds; ``username`` ``""``: no login.

    ``ca_file``: certificates to trust instead of the machine's own. ``hello``: the name said in EHLO, this machine's
    full name if ``""``. ``access`` gives tokens, used in the place of the password (SASL XOAUTH2). ``starttls`` is demanded, never only tried. Raises SettingsError for control characters.
    """

    host: str
    port: int = 587
    security: Security = "starttls"
    username: str = ""
    password: str = field(default="", repr=False)
    access: TokenSource | None = field(default=None, repr=False)
    timeout: float = 60.0
    final_timeout: float = FINAL_TIMEOUT
    ca_file: str | None = None
    hello: str = ""

    def __post_init__(self) -> None:
        for setting in ("host", "username", "password", "hello"):
            if any(ord(char) < 32 or ord(char) == 127 for char in getattr(self, setting)):
                raise SettingsError(f"Outgoing mail: {setting} holds a control character.", hint="Type it anew.")


async def connect(account: SmtpAccount) -> tuple[aiosmtplib.SMTP, AccessToken | None]:
    """Return a client that is connected, encrypted as asked for, logged in and past EHLO, and the token it did so with.

    Raises what aiosmtplib raises, AccessError, OSError and ValueError.
    """
    context = None
    if account.security != "plain":
        context = await asyncio.to_thread(ssl.create_default_context, cafile=account.ca_file)
    if account.access is None:
        return await _dial(account, context, None), None
    token = await asyncio.to_thread(account.access.token)
    try:
        return await _dial(account, context, token), token
    except aiosmtplib.SMTPAuthenticationError:
        # A token may be refused before its end, when the rights it was made with have changed since.
        newer = await asyncio.to_thread(account.access.another, token)
        if newer is None:
            raise
        return await _dial(account, context, newer), newer


async def _dial(account: SmtpAccount, context: ssl.SSLContext | None, token: AccessToken | None) -> aiosmtplib.SMTP:
    async def value() -> str:
        return "" if token is None else token.value

    client = aiosmtplib.SMTP(
        hostname=account.host,
        port=account.port,
        username=account.username or None,
        password=account.password if account.username and token is None else None,
        oauth_token_generator=None if token is None else value,
        local_hostname=account.hello or None,
        timeout=account.timeout,
        use_tls=account.security == "tls",
        start_tls=account.security == "starttls",
        tls_context=context,
    )
    await client.connect()
    try:
        if client.is_ehlo_or_helo_needed:
            await client.ehlo()
    except aiosmtplib.SMTPHeloError:
        await client.helo()
    except BaseException:
        cut(client)
        raise
    return client


async def farewell(client: aiosmtplib.SMTP) -> None:
    """Say QUIT if anyone listens, and disconnect."""
    try:
        with suppress(aiosmtplib.SMTPException, OSError):
            if client.is_connected:
                await client.quit(timeout=_FAREWELL)
    finally:
        cut(client)


def cut(client: aiosmtplib.SMTP) -> None:
    """Disconnect at once. A mere close would first write out what is buffered, to a server that may never read it."""
    transport = client.transport
    client.close()
    if isinstance(transport, asyncio.WriteTransport):
        transport.abort()
