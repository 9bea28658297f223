"""An IMAP server in the program's own process, so that the demo and the fast tests need none installed (pymap)."""

import asyncio
import secrets
from argparse import Namespace
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from proxyprotocol.reader import ProxyProtocolReader
from pymap.backend.dict import Config, DictBackend
from pymap.backend.dict.filter import FilterSet
from pymap.backend.dict.mailbox import MailboxData, MailboxSet
from pymap.concurrent import Subsystem
from pymap.config import BackendCapability
from pymap.imap import IMAPServer
from pymap.listtree import ListEntry, ListTree
from pymap.parsing.message import AppendMessage
from pymap.parsing.specials.flag import Flag, Wildcard
from pysasl.hashing import Cleartext

from inbox_bot.clock import in_utc
from inbox_bot.demo.loop_thread import LoopThread

HOST = "127.0.0.1"
# The usual folders of a Swedish mailbox beside INBOX, and what RFC 6154 calls them.
FOLDERS = {"Skräppost": "Junk", "Skickat": "Sent"}


class EmbeddedImap:
    """One account on a server that listens on this machine alone, forgets everything at ``stop``, and has no TLS.

    All methods may be called from any thread that is not the server's own.
    """

    def __init__(self, *, user: str, password: str) -> None:
        self.user = user
        self.password = password
        self.port = 0
        self._thread: LoopThread | None = None
        self._server: asyncio.Server | None = None
        self._mailboxes: _Mailboxes | None = None

    def start(self) -> int:
        """Begin to listen and return the port, any free one unless it has run before: then the same again."""
        if self._thread is not None:
            raise RuntimeError("the embedded IMAP server is running already")
        self._thread = LoopThread("embedded-imap")
        try:
            self._thread.run(self._listen())
        except BaseException:
            self.stop()
            raise
        return self.port

    def append(self, folder: str, content: bytes, when: datetime) -> int:
        """Put a mail into a folder, received at ``when`` (INTERNALDATE, aware), and return its UID.

        Raises KeyError for an unknown folder and ValueError for a naive ``when``.
        """
        if self._thread is None or self._mailboxes is None:
            raise RuntimeError("the embedded IMAP server is not running")
        # pymap cuts the microseconds off when it shows the date, but compares with them in a SEARCH.
        message = AppendMessage(content, in_utc(when).replace(microsecond=0), frozenset[Flag]())
        return self._thread.run(_append(self._mailboxes, folder, message))

    def stop(self) -> None:
        """Close every connection and stop listening. Safe to call twice."""
        if self._thread is not None:
            self._thread.stop(self._close)
        self._thread = self._server = self._mailboxes = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    async def _listen(self) -> None:
        backend, config = await _Backend.init(_arguments(self.user, self.password), **_overrides())
        self._mailboxes = _Mailboxes()
        for name in FOLDERS:
            await self._mailboxes.add_mailbox(name)
        # pymap looks here for the mailboxes of one who logs in, before it makes plain ones itself.
        config.set_cache[self.user] = (self._mailboxes, FilterSet())
        serve = ProxyProtocolReader(config.proxy_protocol).get_callback(IMAPServer(backend.login, config))
        self._server = await asyncio.start_server(serve, HOST, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()


async def _append(mailboxes: MailboxSet, folder: str, message: AppendMessage) -> int:
    mailbox = await mailboxes.get_mailbox(folder)
    return (await mailbox.append(message, recent=True)).uid


def _arguments(user: str, password: str) -> Namespace:
    """Return what pymap's own command line would have parsed."""
    return Namespace(
        host=HOST,
        port=0,
        debug=False,
        cert=None,
        key=None,
        tls=False,
        proxy_protocol=None,
        passlib_cfg=None,
        demo_data=False,
        demo_user=user,
        demo_password=password,
    )


def _overrides() -> dict[str, Any]:
    """Return settings that pymap's command line has no words for: nothing here is secret, so nothing need be slow."""
    return {
        "hash_context": _Plain(),
        "cpu_subsystem": Subsystem.for_asyncio(),
        "invalid_user_sleep": 0.0,
        "reject_dnsbl": False,
    }


class _Plain(Cleartext):
    def verify(self, secret: str, hash: str) -> bool:  # noqa: A002  pysasl's name
        # pysasl's own takes only ASCII, and then cuts the connection.
        return secrets.compare_digest(secret.encode(), hash.encode())


class _Config(Config):
    @property
    def backend_capability(self) -> BackendCapability:
        return BackendCapability(idle=True, object_id=True, multi_append=True, custom=[b"SPECIAL-USE"])

    @property
    def greeting(self) -> bytes:
        # pymap's own asks the name service who this machine is.
        return b"inbox_bot demo ready"


class _Backend(DictBackend):
    @classmethod
    async def init(cls, args: Namespace, **overrides: Any) -> tuple[DictBackend, Config]:
        config = _Config.from_args(args, **overrides)
        base, _ = await super().init(args, **overrides)
        login = type(base.login)(config)
        await cls._add_demo_user(config, login)
        return cls(login, config), config


class _Mailbox(MailboxData):
    @property
    def permanent_flags(self) -> frozenset[Flag]:
        # Without the wildcard pymap drops keywords of one's own ($Gdpr) without a word.
        return super().permanent_flags | {Wildcard}


class _Mailboxes(MailboxSet):
    def __init__(self) -> None:
        super().__init__()
        self._inbox = _Mailbox(self._content_cache, self._thread_cache)

    async def add_mailbox(self, name: str) -> Any:
        identifier = await super().add_mailbox(name)
        self._set[name] = mailbox = _Mailbox(self._content_cache, self._thread_cache)
        return mailbox.mailbox_id or identifier

    async def list_mailboxes(self) -> ListTree:
        tree = _SpecialTree(self.delimiter)
        return tree.update("INBOX", *self._set)


class _SpecialTree(ListTree):
    def list_matching(self, ref_name: str, filter_: str) -> Iterable[ListEntry]:
        return [_SpecialEntry(**vars(entry)) for entry in super().list_matching(ref_name, filter_)]


@dataclass(frozen=True)
class _SpecialEntry(ListEntry):
    @property
    def attributes(self) -> Sequence[bytes]:
        special = FOLDERS.get(self.name)
        return [*super().attributes, *([special.encode()] if special else [])]
