"""One connection to an IMAP server: whom to call, how to log in, how to stay on the line and how to hang up.

imapclient's ``idle_check`` is not used. It returns at once and for ever on a dead connection, breaks on a line that
arrives in two pieces, and misses a notice that came together with the server's "+ idling". Here a selector watches the
socket and the bell that another thread may ring, and ``idle_done`` reads whatever came: it blocks, so it gets whole
lines, and raises when the connection is gone.
"""

import selectors
import socket
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from imaplib import IMAP4
from typing import Any, Literal

from imapclient import IMAPClient  # type: ignore[import-untyped]  # ships no types

from inbox_bot.domain.access import AccessToken, TokenSource
from inbox_bot.errors import AccessError, MailboxError, SettingsError
from inbox_bot.mailbox.imap_failure import TROUBLE, failure, missing_folder
from inbox_bot.mailbox.imap_login import log_in
from inbox_bot.mailbox.junk import Folder

Security = Literal["tls", "starttls", "plain"]

# Seconds. RFC 2177 asks for a renewal within 29 minutes; home routers forget a silent connection after five. The first
# IDLE is short and each next one four times longer, because imaplib's buffer can hide a notice that arrives with the
# "+": it comes to light when that IDLE ends, and after a silent second such a notice is very unlikely. A server may also
# keep a notice back a moment to gather more of them, and forget it when the IDLE ends meanwhile (Dovecot does, for half a
# second), and the next IDLE tells only of what comes after its start: so between two the folder is looked at.
_FIRST_IDLE = 1.0
_LONGEST_IDLE = 240.0


@dataclass(frozen=True, kw_only=True)
class ImapAccount:
    """One account. ``folders``: the first is waited on. ``timeout`` in seconds, for every answer of the server. ``largest``:
    bytes up to which a mail is fetched whole.

    ``ca_file``: certificates to trust instead of the machine's own. ``security`` is never weakened by what is offered.
    ``access`` gives tokens, used in the place of the password. Raises SettingsError for control characters (they would be
    IMAP commands) and for no folder.
    """

    name: str
    host: str
    username: str
    password: str = field(default="", repr=False)
    access: TokenSource | None = field(default=None, repr=False)
    port: int = 993
    security: Security = "tls"
    folders: tuple[str, ...] = ("INBOX",)
    include_junk: bool = True
    timeout: float = 30.0
    ca_file: str | None = None
    idle: bool = True
    largest: int = 5_000_000

    def __post_init__(self) -> None:
        texts = {"name": (self.name,), "host": (self.host,), "username": (self.username,), "password": (self.password,)}
        for setting, values in {**texts, "folders": self.folders}.items():
            if not all(is_one_line(value) for value in values):
                raise SettingsError(
                    f"Mailbox {self.name!r}: {setting} holds a control character.", hint="Type it anew."
                )
        if not self.folders:
            raise SettingsError(f"Mailbox {self.name}: no folder to read.", hint='Set folders = ["INBOX"].')

    @property
    def label(self) -> str:
        return f"Mailbox {self.name} on {self.host}:{self.port}"

    def no_access(self, exc: AccessError) -> MailboxError:
        """Return the error to raise where no token could be had."""
        return MailboxError(f"{self.label}: {exc.message}", hint=exc.hint, temporary=exc.temporary)

    def failure(self, exc: Exception, what: str) -> MailboxError:
        """Return the error to raise for ``exc``, met while doing ``what``."""
        return failure(
            exc,
            mailbox=self.name,
            host=f"{self.host}:{self.port}",
            what=what,
            timeout=self.timeout,
            by_token=self.access is not None,
        )


@dataclass(frozen=True, kw_only=True)
class Opened:
    """The open folder, and how much it held when it was opened."""

    folder: str
    uidvalidity: int
    mails: int
    next_uid: int


class Bell:
    """What another thread rings to end a wait; it is heard until it is hushed. Raises OSError where no socket is left."""

    def __init__(self) -> None:
        self.ear, self._clapper = socket.socketpair()
        for end in (self.ear, self._clapper):
            end.setblocking(False)

    def ring(self) -> None:
        with suppress(OSError):  # a full buffer: it rings already
            self._clapper.send(b"\0")

    def hush(self) -> None:
        self.ear.recv(4096)

    def close(self) -> None:
        self.ear.close()
        self._clapper.close()


def connect(account: ImapAccount) -> tuple[Any, AccessToken | None]:
    """Return an imapclient that is connected, encrypted as asked for and logged in, and the token it did so with.

    Raises MailboxError.
    """
    client: Any = None
    what = "connecting"
    try:
        context = None if account.security == "plain" else _trust(account)
        client = IMAPClient(
            account.host,
            account.port,
            ssl=account.security == "tls",
            ssl_context=context,
            timeout=account.timeout,
        )
        # imaplib sends a command in two pieces; without this the second waits 40 ms for the first's receipt.
        client.socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.normalise_times = False
        if account.security == "starttls":
            what = "turning on encryption (STARTTLS)"
            client.starttls(context)
        what = "logging in"
        token = log_in(
            client,
            name=account.label,
            username=account.username,
            password=account.password,
            access=account.access,
        )
    except MailboxError:
        hang_up(client)
        raise
    except AccessError as exc:
        hang_up(client)
        raise account.no_access(exc) from exc
    except TROUBLE as exc:
        hang_up(client)
        raise account.failure(exc, what) from None
    return client, token


def examine(account: ImapAccount, client: Any, folder: str) -> Any:
    """Open a folder to read only and return what the server says of it. Raises MailboxError for one that is not there."""
    try:
        return client.select_folder(folder, readonly=True)
    except IMAP4.abort:
        raise
    except IMAP4.error:
        missing = missing_folder(listing(client), folder, mailbox=account.name, host=account.host)
        if missing is not None:
            raise missing from None
        raise


def _trust(account: ImapAccount) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=account.ca_file)
    except OSError as exc:
        raise MailboxError(
            f"Mailbox {account.name}: the certificates in {account.ca_file} cannot be read ({exc.strerror}).",
            hint="Correct ca_file in the settings.",
        ) from exc


def listing(client: Any) -> list[Folder]:
    """Return every folder the server shows."""
    return [
        Folder(
            name=text(name),
            delimiter=text(delimiter or b""),
            attributes=frozenset(text(item).lower() for item in attributes),
        )
        for attributes, delimiter, name in client.list_folders()
    ]


def idle(client: Any, bell: Bell, seconds: float, has_news: Callable[[], bool]) -> None:
    """Stay in IDLE (RFC 2177), renewing it, until mail is announced, the bell rings or the time is over.

    ``has_news`` looks whether the folder holds mail nobody has told of; it is asked before each IDLE.
    """
    deadline = time.monotonic() + seconds
    span = _FIRST_IDLE
    while (left := deadline - time.monotonic()) > 0 and not has_news():
        client.idle()
        rung = listen(bell, client.socket(), min(left, span))
        _, said = client.idle_done()
        if rung or any(len(item) > 1 and item[1] in (b"EXISTS", b"RECENT") for item in said):
            return
        span = _FIRST_IDLE if said else min(span * 4, _LONGEST_IDLE)


def listen(bell: Bell, line: Any, seconds: float) -> bool:
    """Return when the line or the bell can be read or after ``seconds``; True, and the bell silent again, if it rang."""
    # What TLS has deciphered but nobody has read makes no socket readable.
    if isinstance(line, ssl.SSLSocket) and line.pending():
        return False
    with selectors.DefaultSelector() as selector:
        selector.register(bell.ear, selectors.EVENT_READ)
        if line is not None:
            selector.register(line, selectors.EVENT_READ)
        ready = selector.select(max(seconds, 0))
    rung = any(key.fileobj is bell.ear for key, _ in ready)
    if rung:
        bell.hush()
    return rung


def hang_up(client: Any) -> None:
    """Cut the line, whatever state it is in; a thread that is reading from it is set free first."""
    if client is None:
        return
    with suppress(*TROUBLE):
        client.socket().shutdown(socket.SHUT_RDWR)
    with suppress(*TROUBLE):
        client.shutdown()


def is_one_line(text: str) -> bool:
    """True where ``text`` can be an argument of an IMAP command: a line end in it would begin another command."""
    return not any(ord(char) < 32 or ord(char) == 127 for char in text)


def text(value: bytes | str) -> str:
    """Return what the server sent as text, whatever bytes it holds."""
    return value if isinstance(value, str) else value.decode("utf-8", "replace")
