"""Mailboxes, their folders' watermarks, and where each mail has been seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, update
from sqlmodel import Session, col, select

from inbox_bot.domain.health import STILL_AFTER
from inbox_bot.store.guard import changed
from inbox_bot.store.tables import FolderRow, MailboxRow, SightingRow


@dataclass(frozen=True, kw_only=True)
class Watermark:
    """How far a folder has been read under one UIDVALIDITY. ``first_look_at``: when the program first saw the folder."""

    uidvalidity: int
    uid: int
    first_look_at: datetime


@dataclass(frozen=True, kw_only=True)
class MailboxHealth:
    """When a mailbox was last read, and what failed since, if anything.

    ``permanent``: waiting does not help. ``still_from`` and ``still_to``: the last time that reading stood still for long.
    """

    name: str
    looked_at: datetime | None
    failed_at: datetime | None
    failure: str
    failures: int
    permanent: bool = False
    failing_since: datetime | None = None
    still_from: datetime | None = None
    still_to: datetime | None = None


class Mailboxes:
    """The rows of ``mailbox``, ``folder`` and ``sighting``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def lock(self, mailbox: str) -> None:
        """Hold a mailbox until the transaction ends, so that two processes that look into it take turns at storing."""
        if self._session.get_bind().dialect.name == "postgresql":
            self._session.execute(select(func.pg_advisory_xact_lock(20160680, func.hashtext(mailbox))))

    def watermark(self, mailbox: str, folder: str) -> Watermark | None:
        row = self._session.exec(
            select(FolderRow).where(FolderRow.mailbox == mailbox, FolderRow.folder == folder)
        ).one_or_none()
        if row is None:
            return None
        return Watermark(uidvalidity=row.uidvalidity, uid=row.uid, first_look_at=row.first_look_at)

    def set_watermark(self, mailbox: str, folder: str, mark: Watermark) -> None:
        if not changed(
            self._session,
            update(FolderRow)
            .where(col(FolderRow.mailbox) == mailbox, col(FolderRow.folder) == folder)
            .values(uidvalidity=mark.uidvalidity, uid=mark.uid),
        ):
            self._session.execute(
                insert(FolderRow).values(
                    mailbox=mailbox,
                    folder=folder,
                    uidvalidity=mark.uidvalidity,
                    uid=mark.uid,
                    first_look_at=mark.first_look_at,
                )
            )

    def seen_uids(self, mailbox: str, folder: str, uidvalidity: int, uids: Sequence[int]) -> frozenset[int]:
        """Return those of ``uids`` that already have a sighting."""
        found = self._session.exec(
            select(SightingRow.uid).where(
                SightingRow.mailbox == mailbox,
                SightingRow.folder == folder,
                SightingRow.uidvalidity == uidvalidity,
                col(SightingRow.uid).in_(uids),
            )
        )
        return frozenset(found)

    def add_sightings(self, mailbox: str, folder: str, uidvalidity: int, seen: Sequence[tuple[int, int]]) -> None:
        """Note that the mails ``(uid, mail id)`` were seen here; the unique key refuses a second note."""
        if seen:
            rows = [
                {"mailbox": mailbox, "folder": folder, "uidvalidity": uidvalidity, "uid": uid, "mail_id": mail_id}
                for uid, mail_id in seen
            ]
            self._session.execute(insert(SightingRow), rows)

    def forget_sightings(self, mailbox: str, folder: str, uidvalidity: int) -> None:
        """Drop the notes of a UIDVALIDITY the server no longer uses: its UIDs mean nothing any more."""
        self._session.execute(
            delete(SightingRow).where(
                col(SightingRow.mailbox) == mailbox,
                col(SightingRow.folder) == folder,
                col(SightingRow.uidvalidity) == uidvalidity,
            )
        )

    def note_success(self, mailbox: str, at: datetime) -> None:
        """Note that a mailbox has been read, and that reading had stood still if the last time was long ago."""
        changed(
            self._session,
            update(MailboxRow)
            .where(col(MailboxRow.name) == mailbox, col(MailboxRow.looked_at) < at - STILL_AFTER)
            .values(still_from=MailboxRow.looked_at, still_to=at),
        )
        self._upsert(mailbox, looked_at=at, failure="", failures=0, permanent=False, failing_since=None)

    def note_failure(self, mailbox: str, at: datetime, failure: str, *, permanent: bool = False) -> None:
        """Note that a mailbox could not be read. ``permanent``: it will not pass by itself, such as a wrong password."""
        since = func.coalesce(MailboxRow.failing_since, at)
        self._upsert(
            mailbox,
            failed_at=at,
            failure=failure,
            failures=MailboxRow.failures + 1,
            permanent=permanent,
            failing_since=since,
        )

    def _upsert(self, mailbox: str, **values: object) -> None:
        if not changed(self._session, update(MailboxRow).where(col(MailboxRow.name) == mailbox).values(**values)):
            if values.get("failure"):
                values |= {"failures": 1, "failing_since": values["failed_at"]}
            self._session.execute(insert(MailboxRow).values(name=mailbox, **values))

    def health(self) -> tuple[MailboxHealth, ...]:
        """Return every mailbox's health, by name."""
        return tuple(
            MailboxHealth(
                name=row.name,
                looked_at=row.looked_at,
                failed_at=row.failed_at,
                failure=row.failure,
                failures=row.failures,
                permanent=row.permanent,
                failing_since=row.failing_since,
                still_from=row.still_from,
                still_to=row.still_to,
            )
            for row in self._session.exec(select(MailboxRow).order_by(MailboxRow.name))
        )
