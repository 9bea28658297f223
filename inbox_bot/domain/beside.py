"""What happens beside the program, in the same mailbox: people answer from Outlook, move mails away, want requests marked."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class OutsideState(StrEnum):
    """Where the question to staff stands that an answer from outside the program makes."""

    ASKED = "asked"
    CLOSED = "closed"
    DECLINED = "declined"


@dataclass(frozen=True, kw_only=True)
class OutsideReply:
    """A mail in the Sent folder that answers a case's person and that the program did not write.

    ``who``: the name beside the sender's address, ``""`` where the mail names no person. ``sent_at``: when the server got it.
    """

    id: int
    mailbox: str
    case_id: int
    sent_at: datetime
    found_at: datetime
    who: str
    state: OutsideState


@dataclass(frozen=True, kw_only=True)
class Vanished:
    """Mails that came into a folder and had gone before the program could read them, by the Stockholm day it noticed."""

    mailbox: str
    folder: str
    day: date
    count: int


class Marking(StrEnum):
    """What may be left on a request in the mailbox, if the settings ask for it."""

    LABEL = "label"
    COPY = "copy"


class MarkState(StrEnum):
    """Where one mark stands. ``GONE``: the mail no longer lies where the program read it, so nothing can be marked."""

    WAITING = "waiting"
    DONE = "done"
    GONE = "gone"


@dataclass(frozen=True, kw_only=True)
class Mark:
    """One label or copy that is due. ``target``: the keyword, or the folder the copy goes to."""

    id: int
    mail_id: int
    action: Marking
    target: str
    attempts: int


@dataclass(frozen=True, kw_only=True)
class MarkTrouble:
    """Labels or copies of one mailbox that cannot be made at present, and the last reason."""

    mailbox: str
    action: Marking
    target: str
    count: int
    failure: str


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a mail lies on the server."""

    folder: str
    uidvalidity: int
    uid: int


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What goes on beside the program, for people to look at. ``asks``: a question for each case, by the last such mail.

    ``failures``: mailboxes in which something beside the reading cannot be done, and why.
    """

    asks: tuple[tuple[OutsideReply, str], ...] = ()
    vanished: tuple[Vanished, ...] = ()
    troubles: tuple[MarkTrouble, ...] = ()
    failures: tuple[tuple[str, str], ...] = ()
