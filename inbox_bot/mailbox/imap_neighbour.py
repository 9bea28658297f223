"""One IMAP account as a Neighbour: a connection apart from the one that reads, which looks and, only if asked to, marks."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from imaplib import IMAP4
from typing import Any

from inbox_bot.domain.beside import Marking, Place
from inbox_bot.domain.mail import RawMail
from inbox_bot.errors import MailboxError
from inbox_bot.mailbox.imap_connection import ImapAccount, connect, examine, hang_up, is_one_line, listing, text
from inbox_bot.mailbox.imap_failure import TROUBLE
from inbox_bot.mailbox.junk import Folder, junk_folders
from inbox_bot.mailbox.neighbour import Glimpse
from inbox_bot.mailbox.sent import gets_mail, sent_folders
from inbox_bot.mailbox.toml_folders import FolderRules

_KEEPS_NEW_KEYWORDS = b"\\*"


class ImapNeighbour:
    """The Neighbour (see neighbour.py) over one IMAP connection. ``sent_folder``: the Sent folder's name, ``""`` to find it."""

    def __init__(self, account: ImapAccount, rules: FolderRules, *, sent_folder: str = "") -> None:
        self._account = account
        self._rules = rules
        self._sent_folder = sent_folder
        self._client: Any = None
        self._listing: list[Folder] | None = None

    @property
    def name(self) -> str:
        return self._account.name

    def open(self) -> None:
        self.close()
        try:
            # The token is not kept: this connection is shorter than any token's time.
            self._client, _ = connect(self._account)
        except OSError as exc:
            raise self._account.failure(exc, "opening a second connection") from exc

    def close(self) -> None:
        client, self._client, self._listing = self._client, None, None
        if client is not None:
            with suppress(*TROUBLE):
                client.logout()
            hang_up(client)

    def folders(self) -> Sequence[str]:
        there = self._folders()
        named = self._account.folders
        junk = junk_folders(there) if self._account.include_junk else ()
        attributes = {folder.name: folder for folder in there}
        return tuple(
            name for name in dict.fromkeys((*named, *junk)) if gets_mail(attributes.get(name, Folder(name=name)))
        )

    def sent(self) -> Sequence[str]:
        if self._sent_folder:
            return (self._sent_folder,)
        read = set(self._account.folders)
        return tuple(name for name in sent_folders(self._folders(), self._rules) if name not in read)

    def glimpse(self, folder: str, above: int | None) -> Glimpse:
        with self._speaking(f"looking into the folder {folder}") as client:
            answer = self._examine(client, folder)
            uidvalidity, next_uid = answer.get(b"UIDVALIDITY"), answer.get(b"UIDNEXT")
            if not isinstance(uidvalidity, int) or not isinstance(next_uid, int):
                raise MailboxError(
                    f"Mailbox {self.name}: the server does not number the mails of {folder} (UIDVALIDITY, UIDNEXT).",
                    hint="Answers from other mail programs and mails that vanish cannot be noticed there.",
                )
            if above is None or next_uid <= above + 1:
                return Glimpse(uidvalidity=uidvalidity, next_uid=next_uid)
            found = _above(client.search(["UID", f"{above + 1}:*"]), above)
            drafts = _above(client.search(["DRAFT", "UID", f"{above + 1}:*"]), above) if found else frozenset()
            return Glimpse(uidvalidity=uidvalidity, next_uid=next_uid, uids=found, drafts=drafts)

    def uids_since(self, folder: str, day: date) -> Sequence[int]:
        with self._speaking(f"searching the folder {folder}") as client:
            self._examine(client, folder)
            return sorted(set(client.search(["SINCE", day])))

    def headers(self, folder: str, uids: Sequence[int]) -> Sequence[RawMail]:
        with self._speaking(f"reading headers in the folder {folder}") as client:
            opened = self._examine(client, folder)
            answers = client.fetch(sorted(set(uids)), ["INTERNALDATE", "BODY.PEEK[HEADER]"]) if uids else {}
            return [
                RawMail(
                    folder=folder,
                    uidvalidity=opened.get(b"UIDVALIDITY", 0),
                    uid=uid,
                    received_at=received,
                    content=content,
                )
                for uid, found in sorted(answers.items())
                if isinstance(content := found.get(b"BODY[HEADER]"), bytes)
                and (received := _moment(found.get(b"INTERNALDATE"))) is not None
            ]

    def mark(self, place: Place, action: Marking, target: str) -> bool:
        act: Callable[[Any, Place, str], bool] = self._label if action is Marking.LABEL else self._copy
        with self._speaking("labelling a mail" if action is Marking.LABEL else "copying a mail") as client:
            return act(client, place, target)

    def report(self, *, label: str, copy_to: str, read_sent: bool) -> str:
        """Say what can be done beside the reading, changing nothing. Raises MailboxError for what is asked for and cannot be."""
        said = []
        if read_sent:
            sent = self.sent()
            for folder in sent:
                self.glimpse(folder, None)
            said.append(f"answers written elsewhere are looked for in {', '.join(sent)}" if sent else _NO_SENT)
        if label:
            with self._speaking("looking whether the server keeps keywords") as client:
                self._check_keyword(client.select_folder(self._account.folders[0], readonly=False), label)
            said.append(f"requests get the keyword {label}")
        if copy_to:
            with self._speaking(f"looking for the folder {copy_to}") as client:
                self._examine(client, copy_to)
            said.append(f"requests are copied to {copy_to}")
        return "; ".join(said) or "nothing is asked for"

    def _label(self, client: Any, place: Place, keyword: str) -> bool:
        """The one place where a folder is opened to be written in."""
        opened = client.select_folder(place.folder, readonly=False)
        if opened.get(b"UIDVALIDITY") != place.uidvalidity or place.uid not in client.search(["UID", str(place.uid)]):
            return False
        self._check_keyword(opened, keyword)
        # The server tells the flags as they now are; some take a keyword without a word and forget it.
        client.add_flags([place.uid], [keyword])
        now = client.get_flags([place.uid]).get(place.uid, ())
        if keyword.lower() not in {text(flag).lower() for flag in now}:
            raise self._no_keywords(keyword)
        return True

    def _copy(self, client: Any, place: Place, target: str) -> bool:
        """Copy a mail unless the folder holds it: after a crash nobody knows whether the copy was made."""
        opened = self._examine(client, place.folder)
        if opened.get(b"UIDVALIDITY") != place.uidvalidity:
            return False
        mine = client.fetch([place.uid], ["RFC822.SIZE", "BODY.PEEK[HEADER]"]).get(place.uid, {})
        size, head = mine.get(b"RFC822.SIZE"), mine.get(b"BODY[HEADER]")
        if not isinstance(size, int) or not isinstance(head, bytes):
            return False
        self._examine(client, target)
        alike = client.search(["LARGER", str(max(size - 1, 0)), "SMALLER", str(size + 1)])
        heads = client.fetch(alike, ["BODY.PEEK[HEADER]"]) if alike else {}
        if any(found.get(b"BODY[HEADER]") == head for found in heads.values()):
            return True
        self._examine(client, place.folder)
        client.copy([place.uid], target)
        return True

    def _check_keyword(self, opened: Any, keyword: str) -> None:
        kept = {bytes(flag).lower() for flag in opened.get(b"PERMANENTFLAGS", ())}
        if kept and not kept & {_KEEPS_NEW_KEYWORDS, keyword.lower().encode()}:
            raise self._no_keywords(keyword)

    def _no_keywords(self, keyword: str) -> MailboxError:
        return MailboxError(
            f"Mailbox {self.name} on {self._account.host}: the server keeps no keyword {keyword} (PERMANENTFLAGS).",
            hint="Take label out of the settings, or use copy_to.",
        )

    def _folders(self) -> list[Folder]:
        if self._listing is None:
            with self._speaking("listing the folders") as client:
                self._listing = listing(client)
        return self._listing

    def _examine(self, client: Any, folder: str) -> Any:
        if not is_one_line(folder):
            raise MailboxError(f"Mailbox {self.name}: a folder's name holds a control character.", hint="Type it anew.")
        return examine(self._account, client, folder)

    @contextmanager
    def _speaking(self, what: str) -> Iterator[Any]:
        """Give the connection, and turn all that can go wrong on it into a MailboxError."""
        client = self._client
        if client is None:
            raise MailboxError(f"Mailbox {self.name}: there is no second connection.", temporary=True)
        try:
            yield client
        except TROUBLE as exc:
            if isinstance(exc, IMAP4.abort) or not isinstance(exc, IMAP4.error):
                self._client = None
                hang_up(client)
            # The cause is left out of the chain: imaplib's errors can hold a line of a mail.
            raise self._account.failure(exc, what) from None


_NO_SENT = "no Sent folder found: answers written in other mail programs are not noticed (name it as sent_folder)"


def _above(uids: Sequence[int], mark: int) -> frozenset[int]:
    # "n:*" always holds the last mail, whatever its UID (RFC 9051 9, seq-range): hence the filter.
    return frozenset(uid for uid in uids if uid > mark)


def _moment(internaldate: object) -> datetime | None:
    with suppress(ValueError, OverflowError):
        if isinstance(internaldate, datetime) and internaldate.tzinfo is not None:
            return internaldate.astimezone(UTC)
    return None
