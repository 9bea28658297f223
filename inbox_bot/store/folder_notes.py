"""How far folders are gone through for other ends than reading, and how many mails vanished before they were read."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import insert, update
from sqlmodel import Session, col, select

from inbox_bot.domain.beside import Vanished
from inbox_bot.store.guard import changed
from inbox_bot.store.tables import FolderNoteRow, MailRow, SightingRow, VanishedRow


@dataclass(frozen=True, kw_only=True)
class FolderNote:
    """How far a folder has been gone through, under one UIDVALIDITY; see ``FolderNoteRow``."""

    uidvalidity: int
    uid: int
    next_uid: int = 0
    draft_uid: int = 0


class FolderNotes:
    """The rows of ``folder_note`` and ``vanished``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def note(self, mailbox: str, folder: str, purpose: str) -> FolderNote | None:
        query = select(FolderNoteRow).where(
            FolderNoteRow.mailbox == mailbox, FolderNoteRow.folder == folder, FolderNoteRow.purpose == purpose
        )
        row = self._session.exec(query.execution_options(populate_existing=True)).one_or_none()
        if row is None or not row.uidvalidity:
            return None
        return FolderNote(uidvalidity=row.uidvalidity, uid=row.uid, next_uid=row.next_uid, draft_uid=row.draft_uid)

    def set_note(self, mailbox: str, folder: str, purpose: str, note: FolderNote) -> None:
        """Store how far a folder has been gone through. The caller holds the mailbox (``Mailboxes.lock``)."""
        values = {"uidvalidity": note.uidvalidity, "uid": note.uid, "next_uid": note.next_uid}
        self._upsert(mailbox, folder, purpose, values | {"draft_uid": note.draft_uid, "failure": ""})

    def note_failure(self, mailbox: str, purpose: str, failure: str) -> None:
        """Note why something could not be done in a mailbox; ``""`` once it can."""
        found = select(FolderNoteRow.failure).where(
            FolderNoteRow.mailbox == mailbox, FolderNoteRow.folder == "", FolderNoteRow.purpose == purpose
        )
        if (self._session.exec(found).one_or_none() or "") != failure:
            self._upsert(mailbox, "", purpose, {"failure": failure})

    def failures(self) -> list[tuple[str, str, str]]:
        """Return what cannot be done at present: mailbox, purpose and why."""
        query = select(FolderNoteRow).where(FolderNoteRow.folder == "", FolderNoteRow.failure != "")
        ordered = query.order_by(FolderNoteRow.mailbox, FolderNoteRow.purpose)
        return [(row.mailbox, row.purpose, row.failure) for row in self._session.exec(ordered)]

    def _upsert(self, mailbox: str, folder: str, purpose: str, values: dict[str, Any]) -> None:
        mine = update(FolderNoteRow).where(
            col(FolderNoteRow.mailbox) == mailbox,
            col(FolderNoteRow.folder) == folder,
            col(FolderNoteRow.purpose) == purpose,
        )
        if not changed(self._session, mine.values(**values)):
            empty = {"uidvalidity": 0, "uid": 0, "next_uid": 0, "draft_uid": 0, "failure": ""}
            row = {"mailbox": mailbox, "folder": folder, "purpose": purpose} | empty | values
            self._session.execute(insert(FolderNoteRow).values(**row))

    def sighted(self, mailbox: str, folder: str, uidvalidity: int, above: int) -> frozenset[int]:
        """Return the UIDs above a mark at which the program has read a mail."""
        query = select(SightingRow.uid).where(
            SightingRow.mailbox == mailbox,
            SightingRow.folder == folder,
            SightingRow.uidvalidity == uidvalidity,
            SightingRow.uid > above,
        )
        return frozenset(self._session.exec(query))

    def arrived(self, mailbox: str, folder: str, uidvalidity: int, above: int, within: timedelta) -> int:
        """Count the mails seen above a mark that were read within some time of their receipt."""
        query = (
            select(MailRow.fetched_at, MailRow.received_at)
            .join(SightingRow, col(SightingRow.mail_id) == col(MailRow.id))
            .where(
                SightingRow.mailbox == mailbox,
                SightingRow.folder == folder,
                SightingRow.uidvalidity == uidvalidity,
                SightingRow.uid > above,
            )
        )
        return sum(fetched - received <= within for fetched, received in self._session.exec(query))

    def add_vanished(self, mailbox: str, folder: str, day: date, count: int) -> None:
        """Add to the day's count. The caller holds the mailbox."""
        mine = update(VanishedRow).where(
            col(VanishedRow.mailbox) == mailbox, col(VanishedRow.folder) == folder, col(VanishedRow.day) == day
        )
        if not changed(self._session, mine.values(count=VanishedRow.count + count)):
            row = {"mailbox": mailbox, "folder": folder, "day": day, "count": count}
            self._session.execute(insert(VanishedRow).values(**row))

    def vanished(self, since: date) -> tuple[Vanished, ...]:
        """Return what vanished on or after a day, the latest day first."""
        query = (
            select(VanishedRow)
            .where(VanishedRow.day >= since)
            .order_by(col(VanishedRow.day).desc(), VanishedRow.mailbox, VanishedRow.folder)
        )
        return tuple(
            Vanished(mailbox=row.mailbox, folder=row.folder, day=row.day, count=row.count)
            for row in self._session.exec(query)
        )
