"""Files on answers in the making. Their bytes are here until the letter has left, then in the letter alone."""

import hashlib
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, select, update
from sqlmodel import Session, SQLModel, col

from inbox_bot.domain.attachment import AttachedFile, AttachmentRecord
from inbox_bot.store.guard import add, changed
from inbox_bot.store.tables import AttachmentRow, DraftRow

_ROW = SQLModel.metadata.tables[str(AttachmentRow.__tablename__)].c
_LISTED: Any = (
    select(
        *(column for column in _ROW if column.name != "content"),
        (func.length(_ROW.content) == _ROW.size).label("kept"),
    )
    .where(_ROW.draft_id == bindparam("draft"))
    .order_by(_ROW.id)
)
"""The bytes are left out: they are large, and a page does not show them."""


class Attachments:
    """The rows of ``attachment``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, *, case_id: int, draft_id: int, file: AttachedFile, owner: str, by: str, at: datetime) -> int:
        """Store a file and return its number."""
        row = {
            "case_id": case_id,
            "draft_id": draft_id,
            "name": file.name,
            "media_type": file.media_type,
            "size": len(file.content),
            "sha256": hashlib.sha256(file.content).hexdigest(),
            "content": file.content,
        }
        return add(self._session, "attachment", row | {"owner": owner, "by": by, "at": at})

    def of_draft(self, draft_id: int) -> list[AttachmentRecord]:
        """Return a draft's files, oldest first, without their bytes."""
        return [
            AttachmentRecord(
                id=row.id,
                draft_id=row.draft_id,
                name=row.name,
                media_type=row.media_type,
                size=row.size,
                sha256=row.sha256,
                owner=row.owner,
                by=row.by,
                at=row.at,
                kept=bool(row.kept),
            )
            for row in self._session.connection().execute(_LISTED, {"draft": draft_id})
        ]

    def content(self, draft_id: int, attachment_id: int) -> bytes:
        """Return a file's bytes, none if they have left. Raises NoResultFound for one that is not on the draft."""
        query = select(_ROW.content).where(_ROW.id == attachment_id, _ROW.draft_id == draft_id)
        return bytes(self._session.connection().execute(query).scalar_one())

    def delete(self, draft_id: int, attachment_id: int) -> bool:
        """Take a file away; False if it is not on the draft."""
        mine = delete(AttachmentRow).where(
            col(AttachmentRow.id) == attachment_id, col(AttachmentRow.draft_id) == draft_id
        )
        return changed(self._session, mine)

    def empty_of_letter(self, case_id: int, letter_id: int) -> None:
        """Let go of the bytes of the files that left with a letter: they are in its own."""
        # By the case as well: drafts are found by it, and without it every draft there is would be read.
        drafts = select(col(DraftRow.id)).where(col(DraftRow.case_id) == case_id, col(DraftRow.letter_id) == letter_id)
        changed(self._session, update(AttachmentRow).where(col(AttachmentRow.draft_id).in_(drafts)).values(content=b""))

    def empty_of_case(self, case_id: int) -> None:
        """Let go of the bytes of every file in a case."""
        changed(self._session, update(AttachmentRow).where(col(AttachmentRow.case_id) == case_id).values(content=b""))

    def cases_with_bytes(self) -> frozenset[int]:
        """Return the cases in which the bytes of a file are still here."""
        query = select(_ROW.case_id).where(func.length(_ROW.content) > 0).distinct()
        return frozenset(self._session.connection().execute(query).scalars())
