"""A Neighbour over a mailbox in memory: the same folders a MemoryMailbox reads, and what people send and set beside it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from inbox_bot.domain.beside import Marking, Place
from inbox_bot.domain.mail import RawMail
from inbox_bot.errors import MailboxError
from inbox_bot.mailbox.neighbour import Glimpse
from tests.support.house import MemoryMailbox


class Folders(MemoryMailbox):
    """Folders the program does not read."""

    def __init__(self) -> None:
        super().__init__()
        self._folders = {"Skickat": (7, []), "Dataskydd": (9, [])}
        self._next = {"Skickat": 1, "Dataskydd": 1}


class MemoryNeighbour:
    """``trouble`` is raised by the method it names; ``flags`` are what has been set, by folder and UID."""

    def __init__(self, box: MemoryMailbox) -> None:
        self.box = box
        self.others = Folders()
        self.flags: dict[tuple[str, int], set[str]] = {}
        self.trouble: dict[str, Exception] = {}
        self.is_open = False
        self.opened_to_write: list[str] = []
        self.sent_names: tuple[str, ...] = ("Skickat",)

    @property
    def name(self) -> str:
        return self.box.name

    def put(self, content: bytes, at: datetime, folder: str = "Skickat", *flags: str) -> int:
        uid = self._of(folder).put(content, at, folder)
        self.flags[folder, uid] = set(flags)
        return uid

    def remove(self, folder: str, uid: int) -> None:
        mails = self._mails(folder)
        mails[:] = [mail for mail in mails if mail.uid != uid]

    def contents(self, folder: str) -> list[bytes]:
        return [mail.content for mail in self._mails(folder)]

    def open(self) -> None:
        self._raise("open")
        self.is_open = True

    def close(self) -> None:
        self.is_open = False

    def folders(self) -> Sequence[str]:
        self._check()
        return self.box.folders()

    def sent(self) -> Sequence[str]:
        self._check()
        return self.sent_names

    def glimpse(self, folder: str, above: int | None) -> Glimpse:
        self._check()
        self._raise("glimpse")
        found = frozenset(mail.uid for mail in self._mails(folder) if above is not None and mail.uid > above)
        return Glimpse(
            uidvalidity=self._validity(folder),
            next_uid=self._of(folder)._next[folder],
            uids=found,
            drafts=frozenset(uid for uid in found if "\\Draft" in self.flags.get((folder, uid), set())),
        )

    def uids_since(self, folder: str, day: date) -> Sequence[int]:
        self._check()
        return [mail.uid for mail in self._mails(folder) if mail.received_at.date() >= day]

    def headers(self, folder: str, uids: Sequence[int]) -> Sequence[RawMail]:
        self._check()
        self._raise("headers")
        return [
            replace(mail, content=mail.content.partition(b"\r\n\r\n")[0] + b"\r\n\r\n")
            for mail in self._mails(folder)
            if mail.uid in uids
        ]

    def mark(self, place: Place, action: Marking, target: str) -> bool:
        self._check()
        self._raise(action.value)
        mail = next((mail for mail in self._mails(place.folder) if mail.uid == place.uid), None)
        if mail is None or self._validity(place.folder) != place.uidvalidity:
            return False
        if action is Marking.LABEL:
            self.opened_to_write.append(place.folder)
            self.flags.setdefault((place.folder, place.uid), set()).add(target)
        elif mail.content not in self.contents(target):
            self.put(mail.content, mail.received_at, target)
        self._raise(f"after {action.value}")
        return True

    def _of(self, folder: str) -> MemoryMailbox:
        owner = self.box if folder in self.box._folders else self.others
        if folder not in owner._folders:
            raise MailboxError(f"Mailbox {self.name}: there is no folder {folder}.")
        return owner

    def _mails(self, folder: str) -> list[RawMail]:
        return self._of(folder)._folders[folder][1]

    def _validity(self, folder: str) -> int:
        return self._of(folder)._folders[folder][0]

    def _check(self) -> None:
        if not self.is_open:
            raise MailboxError(f"Mailbox {self.name}: there is no second connection.", temporary=True)

    def _raise(self, method: str) -> None:
        if method in self.trouble:
            raise self.trouble[method]
