"""A furnished installation for tests: a real database, the real rooms, and doubles only where the world begins.

The clock is set by hand, the mailbox lives in memory, the classifier reads tags (``#access``), the transport records.
"""

import asyncio
import re
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from functools import cached_property
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import text

from inbox_bot.assembly import Building
from inbox_bot.clock import SetClock
from inbox_bot.domain.case import CaseRecord, ClaimRecord, DraftRecord, LetterRecord
from inbox_bot.domain.mail import RawMail
from inbox_bot.domain.rights import Claim, Right
from inbox_bot.domain.verdict import Outcome, Verdict
from inbox_bot.errors import MailboxError
from inbox_bot.outbox.transport import Attempt, Fate
from inbox_bot.overview import CaseFile, DraftView
from inbox_bot.worker import Watch, Worker

START = datetime(2026, 9, 7, 8, 0, tzinfo=UTC)
"""Monday 7 September 2026, ten o'clock in Stockholm; no holiday is near."""

KALLE = "kalle@example.se"
EVA = "eva@example.org"
STAFF = "anna@example.com"
OWN = "info@example.com"

both_databases = pytest.mark.parametrize(
    "database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.needs("postgresql"))], indirect=True
)

CODE = re.compile(r"\b[BCDFGHJKLMNPQRSTVWXZ2-79]{4}-[BCDFGHJKLMNPQRSTVWXZ2-79]{4}\b")
_TOKEN = re.compile(r"/identitet/([\w-]{20,})")
_TAG = re.compile(r"#([a-z_]+)")


class TagClassifier:
    """Understands ``#access``, ``#marketing``, ``#unsure``, ``#english`` and nothing else. ``trouble`` is raised if set."""

    def __init__(self) -> None:
        self.trouble: Exception | None = None

    def classify(self, subject: str, text: str) -> Verdict:
        if self.trouble is not None:
            raise self.trouble
        tags = _TAG.findall(f"{subject} {text}")
        language = "en" if "english" in tags else "sv"
        claims = tuple(Claim(right=Right(tag)) for tag in tags if tag in set(Right))
        if "marketing" in tags:
            claims += (Claim(right=Right.OBJECTION, marketing=True),)
        if "unsure" in tags:
            return Verdict(outcome=Outcome.UNSURE, claims=claims, language=language, reasons=("employer",))
        return Verdict(outcome=Outcome.REQUEST if claims else Outcome.NOT_REQUEST, claims=claims, language=language)


class MemoryMailbox:
    """A MailSource over folders in memory; ``trouble`` is raised by the method it names."""

    def __init__(self, name: str = "info") -> None:
        self._name = name
        self._folders: dict[str, tuple[int, list[RawMail]]] = {"INBOX": (1, []), "Skräppost": (1, [])}
        self._open = ""
        self._next = {"INBOX": 1, "Skräppost": 1}
        self.trouble: dict[str, Exception] = {}
        self.fetched: list[int] = []
        self.closed = 0
        self.woken = threading.Event()

    @property
    def name(self) -> str:
        return self._name

    @property
    def total(self) -> int:
        """How many mails there are in all folders."""
        return sum(len(mails) for _, mails in self._folders.values())

    def put(self, content: bytes, at: datetime, folder: str = "INBOX") -> int:
        validity, mails = self._folders[folder]
        uid = self._next[folder]
        self._next[folder] = uid + 1
        mails.append(RawMail(folder=folder, uidvalidity=validity, uid=uid, received_at=at, content=content))
        return uid

    def renumber(self, folder: str = "INBOX") -> None:
        """Do what a server does that has lost its UIDs: a new UIDVALIDITY, new numbers, the same mails."""
        validity, mails = self._folders[folder]
        again = [replace(mail, uid=number, uidvalidity=validity + 1) for number, mail in enumerate(mails, 1)]
        self._folders[folder] = (validity + 1, again)
        self._next[folder] = len(mails) + 1

    def open(self) -> None:
        self._raise("open")

    def folders(self) -> Sequence[str]:
        self._raise("folders")
        return tuple(self._folders)

    def select(self, folder: str) -> int:
        self._raise("select")
        self._open = folder
        return self._folders[folder][0]

    def uids_after(self, uid: int) -> Sequence[int]:
        return [mail.uid for mail in self._folders[self._open][1] if mail.uid > uid]

    def uids_since(self, day: date) -> Sequence[int]:
        return [mail.uid for mail in self._folders[self._open][1] if mail.received_at.date() >= day]

    def portions(self, uids: Sequence[int]) -> Sequence[Sequence[int]]:
        return [uids] if uids else []

    def fetch(self, uids: Sequence[int]) -> Sequence[RawMail]:
        self._raise("fetch")
        self.fetched += uids
        return [mail for mail in self._folders[self._open][1] if mail.uid in uids]

    def wait(self, seconds: float) -> None:
        self._raise("wait")
        self.woken.wait(min(seconds, 10))

    def wake(self) -> None:
        self.woken.set()

    def close(self) -> None:
        self.closed += 1

    def _raise(self, method: str) -> None:
        if method in self.trouble:
            raise self.trouble[method]


def unreachable() -> MailboxError:
    return MailboxError("The server of mailbox info does not answer.", temporary=True)


@dataclass(frozen=True, kw_only=True)
class Handed:
    """A letter as the transport was given it."""

    sender: str
    recipient: str
    content: bytes

    @cached_property
    def parsed(self) -> Any:
        return message_from_bytes(self.content, policy=policy.default)

    @property
    def subject(self) -> str:
        return str(self.parsed["Subject"])

    @cached_property
    def text(self) -> str:
        return str(self.parsed.get_body(("plain",)).get_content())

    @property
    def message_id(self) -> str:
        return str(self.parsed["Message-ID"])

    @property
    def code(self) -> str:
        return CODE.findall(self.text)[0]

    @property
    def token(self) -> str:
        return _TOKEN.findall(self.text.replace("\n", ""))[0]


class RecordingTransport:
    """Keeps every letter; answers by ``answers`` in turn, then ACCEPTED. ``on_send`` runs while a letter is on its way."""

    def __init__(self) -> None:
        self.handed: list[Handed] = []
        self.answers: deque[Attempt] = deque()
        self.on_send: Callable[[], Any] | None = None
        self.closed = 0

    async def send(self, *, sender: str, recipient: str, content: bytes) -> Attempt:
        self.handed.append(Handed(sender=sender, recipient=recipient, content=content))
        if self.on_send is not None:
            waited = self.on_send()
            if asyncio.iscoroutine(waited):
                await waited
        return self.answers.popleft() if self.answers else Attempt(fate=Fate.ACCEPTED, answer="250 2.0.0")

    async def close(self) -> None:
        self.closed += 1


async def _in_this_thread(act: Callable[..., Any], *values: Any, **named: Any) -> Any:
    return act(*values, **named)


@dataclass(frozen=True, kw_only=True)
class House:
    """The installation with everything a test turns."""

    building: Building
    clock: SetClock
    mailbox: MemoryMailbox
    transport: RecordingTransport
    classifier: TagClassifier

    @property
    def flow(self) -> Any:
        return self.building.flow

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def mail(
        self,
        body: str,
        *,
        sender: str = KALLE,
        subject: str = "Hej",
        folder: str = "INBOX",
        at: datetime | None = None,
        headers: Mapping[str, str] | None = None,
        message_id: str | None = None,
    ) -> bytes:
        """Put a mail into the mailbox, received now unless told; return its bytes."""
        identity = message_id or f"<{self.mailbox.total + 1}@mail.example.com>"
        lines = {
            "From": sender,
            "To": OWN,
            "Subject": subject,
            "Message-ID": identity,
            "Date": "Mon, 7 Sep 2026 10:00:00 +0200",
            "MIME-Version": "1.0",
            "Content-Type": "text/plain; charset=utf-8",
            "Content-Transfer-Encoding": "8bit",
        } | dict(headers or {})
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        content = (head + "\r\n" + body.replace("\n", "\r\n") + "\r\n").encode()
        self.mailbox.put(content, at or self.now, folder)
        return content

    def reply(self, to: Handed, body: str, *, sender: str = KALLE, quote: bool = False, subject: str = "") -> bytes:
        """Put an answer to one of our letters into the mailbox, our text quoted below it if asked."""
        below = ""
        if quote:
            below = "\n\nDen mån 7 sep. 2026 kl 10:01 skrev Prokompetens <info@example.com>:\n" + "\n".join(
                f"> {line}" for line in to.text.splitlines()
            )
        threading_headers = {"In-Reply-To": to.message_id, "References": to.message_id}
        return self.mail(body + below, sender=sender, subject=subject or f"Re: {to.subject}", headers=threading_headers)

    def drain(self, *, well: bool = True) -> Worker:
        """Look into the mailbox and do everything that is due, as ``inbox-bot run --once`` does."""
        watch = Watch(source=self.mailbox, look_back_days=30, poll_seconds=60)
        worker = Worker(flow=self.flow, watches=[watch])
        # One thread does: nothing here goes on at the same time, and the changes between threads are half the time.
        with patch("asyncio.to_thread", _in_this_thread):
            asyncio.run(worker.run_once())
        if well:
            assert worker.failures == []
        return worker

    def ask(self, body: str, **how: Any) -> Handed:
        """Let a person write, and return the receipt."""
        before = len(self.transport.handed)
        sender = how.get("sender", KALLE)
        self.mail(body, **how)
        self.drain()
        address = sender.rpartition("<")[2].rstrip(">").lower()
        [receipt] = [letter for letter in self.transport.handed[before:] if letter.recipient == address]
        return receipt

    def ask_and_confirm(self, body: str, **how: Any) -> Handed:
        """Let a person write and confirm the code on the page; return the receipt."""
        receipt = self.ask(body, **how)
        assert self.flow.confirm(receipt.token, receipt.code).value == "confirmed"
        self.drain()
        return receipt

    def to(self, address: str = KALLE) -> list[Handed]:
        return [letter for letter in self.transport.handed if letter.recipient == address]

    def days(self, count: float) -> None:
        self.clock.advance(timedelta(days=count))

    # What the database holds

    def file(self, reference: str = "PK-2026-0001") -> CaseFile:
        return self.flow.archive.case(reference)

    def case(self, reference: str = "PK-2026-0001") -> CaseRecord:
        return self.file(reference).view.record

    def cases(self) -> list[CaseRecord]:
        return [view.record for view in self.flow.archive.cases()]

    def claim(self, reference: str = "PK-2026-0001", right: Right | None = None) -> ClaimRecord:
        claims = self.case(reference).claims
        [claim] = [claim for claim in claims if right in {None, claim.claim.right}]
        return claim

    def states(self, reference: str = "PK-2026-0001") -> dict[str, str]:
        return {claim.claim.right.value: claim.state.value for claim in self.case(reference).claims}

    def draft(self, reference: str = "PK-2026-0001") -> DraftRecord:
        """Return the one draft that is not void."""
        return self.seen(reference).record

    def seen(self, reference: str = "PK-2026-0001") -> DraftView:
        """Return it as a person sees it, with the mark of what they saw."""
        [view] = [view for view in self.file(reference).drafts if view.record.state.value != "void"]
        return view

    def letters(self, reference: str = "PK-2026-0001", name: str | None = None) -> list[LetterRecord]:
        return [letter for letter in self.file(reference).letters if name in {None, letter.name}]

    def events(self, reference: str = "PK-2026-0001") -> list[str]:
        return [event.name.value for event in self.file(reference).events]

    def sql(self, statement: str, **values: Any) -> list[Any]:
        """Look at the rows themselves, past the store."""
        with self.building.engine.execution_options(read_only=True).connect() as connection:
            rows = connection.execute(text(statement), values)
            return [tuple(row) for row in rows]

    def everything(self) -> dict[str, list[Any]]:
        """Return every row of every table."""
        from sqlmodel import SQLModel

        return {
            table.name: sorted(self.sql(f'SELECT * FROM "{table.name}"'), key=repr)
            for table in SQLModel.metadata.sorted_tables
        }
