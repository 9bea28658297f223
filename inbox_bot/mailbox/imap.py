"""One IMAP account as a MailSource: looks, never touches (EXAMINE and BODY.PEEK, RFC 9051 6.3.3 and 6.4.5)."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from math import inf
from typing import TYPE_CHECKING, Any

from inbox_bot import log
from inbox_bot.clock import Clock, SystemClock
from inbox_bot.domain.mail import Abridged, Extent, RawMail
from inbox_bot.errors import AccessError, MailboxError
from inbox_bot.mailbox import imap_fetch
from inbox_bot.mailbox.imap_connection import (
    Bell,
    ImapAccount,
    Opened,
    Security,
    connect,
    examine,
    hang_up,
    idle,
    is_one_line,
    listen,
    listing,
    text,
)
from inbox_bot.mailbox.imap_failure import TROUBLE
from inbox_bot.mailbox.imap_fetch import Fetched
from inbox_bot.mailbox.junk import junk_folders
from inbox_bot.mailbox.outline import UnclearOutlineError

if TYPE_CHECKING:
    from inbox_bot.domain.access import AccessToken

__all__ = ["ImapAccount", "ImapSource", "Security"]

# Seconds that close() lets the thread that reads finish its command before it cuts the line, and waits for BYE.
_COURTESY = 1.0
# Seconds between two looks while the provider has no newer token for us.
_OVERDUE = 30.0
_HIGHEST_UID = 2**32 - 1
# imaplib refuses a line above a million bytes, and a SEARCH is answered in one line of up to eleven bytes a mail.
_UIDS_AT_ONCE = 50_000

_log = log.get("mailbox")


class ImapSource:
    """The MailSource (see source.py) over one IMAP connection; each ``open`` makes a new one."""

    def __init__(self, account: ImapAccount, *, clock: Clock | None = None) -> None:
        self._account = account
        self._clock = clock or SystemClock()
        self._client: Any = None
        self._bell: Bell | None = None
        self._selected: Opened | None = None
        self._sizes: dict[int, int] = {}  # of the mails that portions told of last
        self._token: AccessToken | None = None  # what the open connection was logged in with
        self._shown: tuple[int, int] | None = None  # the first folder's UIDVALIDITY and highest UID told of so far
        self._guard = threading.Lock()  # over _client and _bell, for moments
        self._busy = threading.RLock()  # held while the connection is spoken on

    @property
    def name(self) -> str:
        return self._account.name

    def open(self) -> None:
        self.close()
        self._selected = None
        try:
            bell = Bell()
            with self._guard:
                self._bell = bell
            client, self._token = connect(self._account)
        except OSError as exc:
            raise self._account.failure(exc, "opening") from exc
        except BaseException:
            self.close()
            raise
        with self._guard:
            if self._bell is bell:
                self._client = client
                return
        hang_up(client)
        raise MailboxError(f"Mailbox {self.name}: it was closed while it was being opened.", temporary=True)

    def capabilities(self) -> tuple[str, ...]:
        """Return what the server says it can do (``IDLE``, ``UIDPLUS`` …), sorted. May raise MailboxError."""
        with self._speaking("asking for capabilities") as client:
            return tuple(sorted({text(item) for item in client.capabilities()}))

    def folders(self) -> Sequence[str]:
        if self._client is not None and self._is_token_old():
            # Servers cut a connection when the token it was opened with ends; each look begins here.
            self.open()
        named = self._account.folders
        if not self._account.include_junk:
            return named
        with self._speaking("listing the folders") as client:
            return tuple(dict.fromkeys((*named, *junk_folders(listing(client)))))

    def select(self, folder: str) -> int:
        if not is_one_line(folder):
            raise MailboxError(f"Mailbox {self.name}: a folder's name holds a control character.", hint="Type it anew.")
        with self._speaking(f"opening the folder {folder}") as client:
            self._selected = None
            self._sizes = {}
            answer = examine(self._account, client, folder)
            uidvalidity = answer.get(b"UIDVALIDITY")
            if not isinstance(uidvalidity, int):
                raise MailboxError(
                    f"Mailbox {self.name} on {self._account.host}: the folder {folder} has no UIDVALIDITY.",
                    hint="This server cannot be read safely: mails could be counted twice or missed.",
                )
            self._selected = Opened(
                folder=folder,
                uidvalidity=uidvalidity,
                mails=answer.get(b"EXISTS", 0),
                next_uid=answer.get(b"UIDNEXT", 0),
            )
            return uidvalidity

    def uids_after(self, uid: int) -> Sequence[int]:
        if uid >= _HIGHEST_UID:
            return ()
        opened = self._opened()
        low = max(uid, 0) + 1
        found: set[int] = set()
        if opened.mails > _UIDS_AT_ONCE:
            while low + _UIDS_AT_ONCE < opened.next_uid:
                found.update(self._search(["UID", f"{low}:{low + _UIDS_AT_ONCE - 1}"]))
                low += _UIDS_AT_ONCE
        found.update(self._search(["UID", f"{low}:*"]))
        # "n:*" always holds the last mail, whatever its UID (RFC 9051 9, seq-range): hence the filter.
        above = sorted(each for each in found if each > uid)
        if opened.folder == self._account.folders[0]:
            self._shown = (opened.uidvalidity, max([uid, *above]))
        return above

    def uids_since(self, day: date) -> Sequence[int]:
        return self._search(["SINCE", day])

    def portions(self, uids: Sequence[int]) -> Iterator[Sequence[int]]:
        wanted = sorted(set(uids))
        for first in range(0, len(wanted), imap_fetch.MAILS_AT_ONCE):
            chunk = wanted[first : first + imap_fetch.MAILS_AT_ONCE]
            with self._speaking("asking how large mails are") as client:
                self._opened()
                self._sizes = imap_fetch.sizes(client, chunk)
            yield from imap_fetch.portions(chunk, dict(self._sizes), self._account.largest)

    def fetch(self, uids: Sequence[int]) -> Sequence[RawMail]:
        wanted = sorted(set(uids))
        opened = self._opened()
        try:
            return self._fetch(opened, wanted)
        except MailboxError as trouble:
            # Perhaps one of them is what the line breaks over. That shows when each is fetched alone.
            mails = (self._however(opened, uid, trouble) for uid in wanted)
            return [mail for mail in mails if mail is not None]

    def _fetch(self, opened: Opened, wanted: Sequence[int]) -> list[RawMail]:
        with self._speaking("fetching mail") as client:
            self._opened()
            known = self._sizes
            if not all(uid in known for uid in wanted):
                known = imap_fetch.sizes(client, wanted)
            small = [uid for uid in wanted if known.get(uid, self._account.largest + 1) <= self._account.largest]
            found: dict[int, Fetched | None] = {}
            for batch in imap_fetch.portions(small, known, self._account.largest):
                found.update(imap_fetch.whole(client, batch))
            for uid in wanted:
                if uid not in small:
                    found[uid] = self._abridged(client, uid, known.get(uid))
        return [self._raw(opened, uid, mail) for uid in wanted if (mail := found.get(uid)) is not None]

    def _abridged(self, client: Any, uid: int, size: int | None) -> Fetched | None:
        """Return header and texts of a mail, or its start where the server is not clear about its parts."""
        if size is None:
            # Of one whose size it does not tell, the server gives no more than may be held, and most often that is all of it.
            return imap_fetch.start(client, uid, 0, self._account.largest + 1)
        try:
            return imap_fetch.in_parts(client, uid, size)
        except UnclearOutlineError as unclear:
            _log.warning("mail_parts_unclear", mailbox=self.name, uid=uid, why=str(unclear))
            return imap_fetch.start(client, uid, size)

    def _however(self, opened: Opened, uid: int, trouble: MailboxError) -> RawMail | None:
        """Return a mail as far as the server gives it, on a new line after each failure; None if it is gone.

        Raises ``trouble`` where the server is not to be reached any more, so that no mail is given up for an outage.
        """
        ways: tuple[Callable[[Any], Fetched | None], ...] = (
            lambda client: self._alone(client, uid),
            lambda client: imap_fetch.in_parts(client, uid, 0),
            lambda client: imap_fetch.start(client, uid, 0),
            lambda client: imap_fetch.nothing(client, uid),
        )
        for way in ways:
            self._come_back(opened, trouble)
            with suppress(MailboxError), self._speaking("fetching mail") as client:
                mail = way(client)
                return None if mail is None else self._raw(opened, uid, mail)
        self._come_back(opened, trouble)
        _log.error("mail_not_fetched", mailbox=self.name, uid=uid)
        unknown = Abridged(extent=Extent.NOTHING, size=0, cut=True)
        return self._raw(opened, uid, Fetched(internaldate=None, content=b"", abridged=unknown))

    def _alone(self, client: Any, uid: int) -> Fetched | None:
        size = imap_fetch.sizes(client, [uid]).get(uid)
        if size is not None and size <= self._account.largest:
            return imap_fetch.whole(client, [uid]).get(uid)
        return self._abridged(client, uid, size)

    def _come_back(self, opened: Opened, trouble: MailboxError) -> None:
        """Connect again and open the same folder, unless the line still stands."""
        with self._guard:
            if self._bell is None:  # Closed by us, or for good: whoever waits for the fetch is to know.
                raise trouble
            stands = self._client is not None
        if stands:
            return
        if not trouble.temporary:
            raise trouble
        try:
            self.open()
            same = self.select(opened.folder) == opened.uidvalidity
        except MailboxError:
            raise trouble from None
        if not same:
            raise trouble

    def _raw(self, opened: Opened, uid: int, mail: Fetched) -> RawMail:
        return RawMail(
            folder=opened.folder,
            uidvalidity=opened.uidvalidity,
            uid=uid,
            received_at=self._received_at(mail.internaldate, uid),
            content=mail.content,
            abridged=mail.abridged,
            header=mail.header if mail.abridged is not None else b"",
        )

    def heads(self, uids: Sequence[int]) -> Sequence[bytes]:
        """Return the header blocks of some mails of the open folder, in no certain order. May raise MailboxError."""
        with self._speaking("fetching headers") as client:
            self._opened()
            answers = client.fetch(sorted(set(uids)), ["BODY.PEEK[HEADER]"]) if uids else {}
            return [head for one in answers.values() if isinstance(head := one.get(b"BODY[HEADER]"), bytes)]

    def wait(self, seconds: float) -> None:
        """See source.py. With IDLE it waits on the first folder, and leaves that one open; no longer than the token is new."""
        left = self._seconds_to_renewal()
        # A renewal that is overdue is tried again with the next look.
        seconds = min(seconds, left if left > 0 else _OVERDUE)
        with self._speaking("waiting for mail") as client:
            bell = self._bell
            if bell is None:
                raise self._not_open()
            if not (self._account.idle and client.has_capability("IDLE")):
                listen(bell, None, seconds)
                return
            first = self._account.folders[0]
            if self._selected is None or self._selected.folder != first:
                self.select(first)
            # IDLE tells only of what comes from now on, not of what came while the other folders were read.
            idle(client, bell, seconds, self._has_news)

    def wake(self) -> None:
        with self._guard:
            if self._bell is not None:
                self._bell.ring()

    def close(self) -> None:
        self.wake()
        with self._guard:
            client, self._client = self._client, None
            bell, self._bell = self._bell, None
        free = self._busy.acquire(timeout=_COURTESY)
        try:
            if client is not None:
                if free:
                    with suppress(*TROUBLE):
                        client.socket().settimeout(min(_COURTESY, self._account.timeout))
                        client.logout()
                hang_up(client)
            if bell is not None:
                bell.close()
        finally:
            if free:
                self._busy.release()

    @contextmanager
    def _speaking(self, what: str) -> Iterator[Any]:
        """Give the connection, and turn all that can go wrong on it into a MailboxError, after hanging up."""
        with self._busy:
            client = self._client
            if client is None:
                raise self._not_open()
            try:
                yield client
            except TROUBLE as exc:
                self._forget(client)
                # The cause is left out of the chain: imaplib's errors can hold a line of a mail.
                raise self._account.failure(exc, what) from None

    def _search(self, criteria: list[str | date]) -> list[int]:
        with self._speaking("searching for mail") as client:
            self._opened()
            # A server may show mails that came since the last command only after a NOOP (RFC 9051 6.1.2).
            client.noop()
            return sorted(set(client.search(criteria)))

    def _has_news(self) -> bool:
        """Return whether the open first folder holds mail that ``uids_after`` has not shown yet."""
        if self._shown is None or self._opened().uidvalidity != self._shown[0]:
            return True
        return bool(self.uids_after(self._shown[1]))

    def _seconds_to_renewal(self) -> float:
        """Return how long the connection may be kept with the token it was opened with; endless with a password."""
        return inf if self._token is None else (self._token.renew_at - self._clock.now()).total_seconds()

    def _is_token_old(self) -> bool:
        """Return whether there is a newer token than the connection was opened with. Raises MailboxError."""
        access = self._account.access
        if access is None or self._seconds_to_renewal() > 0:
            return False
        try:
            return access.token() is not self._token
        except AccessError as exc:
            self._forget(self._client)
            raise self._account.no_access(exc) from exc

    def _received_at(self, internaldate: object, uid: int) -> datetime:
        with suppress(ValueError, OverflowError):
            if isinstance(internaldate, datetime) and internaldate.tzinfo is not None:
                return internaldate.astimezone(UTC)
        # Dropping the mail would be worse than a receipt moment that is late by the time since the last look.
        _log.warning("internaldate_unreadable", mailbox=self.name, uid=uid)
        return self._clock.now()

    def _forget(self, client: Any) -> None:
        self._selected = None
        with self._guard:
            if self._client is client:
                self._client = None
        hang_up(client)

    def _opened(self) -> Opened:
        if self._selected is None:
            raise MailboxError(f"Mailbox {self.name}: no folder is open.", hint="Select one first.", temporary=True)
        return self._selected

    def _not_open(self) -> MailboxError:
        return MailboxError(f"Mailbox {self.name}: there is no connection.", hint="Open it first.", temporary=True)
