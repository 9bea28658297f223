"""Mails in quarantine: given up, tried again, fetched again, looked at, brought in by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from inbox_bot.domain.case import MailState
from inbox_bot.domain.left import FORGOTTEN
from inbox_bot.domain.mail import Message
from inbox_bot.store import codec
from inbox_bot.store.case_rows import CASE_ROWS
from inbox_bot.store.guard import changed, move
from inbox_bot.store.mails import NewMail
from inbox_bot.store.tables import MailRow, SightingRow, ViewingRow

_EMPTIED = CASE_ROWS["mail"]
_TO_FETCH = [MailState.WANTED.value, MailState.RECALLED.value]


@dataclass(frozen=True, kw_only=True)
class Viewing:
    """Someone looked at a quarantined mail: ``how`` is ``seen`` or ``exported``."""

    at: datetime
    by: str
    how: str


class Quarantine:
    """The rows of ``mail`` that stand in quarantine, and those of ``viewing``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def wanted(self, mailbox: str) -> tuple[int, ...]:
        """Return the mails of a mailbox that are to be fetched again."""
        query = select(MailRow.id).where(MailRow.mailbox == mailbox, col(MailRow.state).in_(_TO_FETCH))
        return tuple(mail_id for mail_id in self._session.exec(query) if mail_id is not None)

    def wanted_in(self, mailbox: str, folder: str, uidvalidity: int) -> dict[int, int]:
        """Return the mails that are to be fetched again and were seen in this folder: UID to mail."""
        query = (
            select(SightingRow.uid, SightingRow.mail_id)
            .join(MailRow, col(MailRow.id) == SightingRow.mail_id)
            .where(
                MailRow.mailbox == mailbox,
                col(MailRow.state).in_(_TO_FETCH),
                SightingRow.folder == folder,
                SightingRow.uidvalidity == uidvalidity,
            )
        )
        return dict(self._session.exec(query).all())

    def give_up(self, mail_id: int, reason: str, edition: str) -> bool:
        """Put a mail that was to be fetched again back where it was; False if it has come meanwhile."""
        if self._move(mail_id, MailState.RECALLED, MailState.LEFT, reason=reason):
            return True
        return self._move(mail_id, MailState.WANTED, MailState.QUARANTINED, reason=reason, tried_by=edition)

    def arrive(self, mail_id: int, mail: NewMail, at: datetime) -> bool:
        """Fill a mail that was to be fetched again with what came; its receipt stays what it was.

        Where another row is known to be the same mail, that one stands, and this one is left.
        """
        twin = select(MailRow.id).where(
            MailRow.fingerprint == mail.fingerprint,
            MailRow.mailbox == select(MailRow.mailbox).where(MailRow.id == mail_id).scalar_subquery(),
            MailRow.id != mail_id,
        )
        old = [MailState.WANTED, MailState.RECALLED]
        if self._session.exec(twin).first() is not None:
            return move(self._session, "mail", mail_id, old, MailState.LEFT, {"reason": "known", **_EMPTIED})
        values = {
            "reason": "",
            "attempts": 0,
            "fingerprint": mail.fingerprint,
            "head_print": mail.head_print,
            "content": mail.content,
            "abridged": codec.abridged_to_json(mail.abridged),
            "held_by": "",
            "held_since": at,
        }
        return move(self._session, "mail", mail_id, old, MailState.RECEIVED, values)

    def try_again(self, mail_id: int, at: datetime, *, attempts: int = 0) -> bool:
        """Have a mail read again, or fetched again if it has no bytes; False if it is not in quarantine."""
        state = MailState.RECEIVED if self.size(mail_id) else MailState.WANTED
        return self._move(
            mail_id, MailState.QUARANTINED, state, attempts=attempts, reason="", held_by="", held_since=at
        )

    def tried_by_others(self, edition: str, most: int) -> tuple[int, ...]:
        """Return mails in quarantine that another edition of the program put there, oldest receipt first."""
        query = (
            select(MailRow.id)
            .where(
                MailRow.state == MailState.QUARANTINED.value,
                col(MailRow.tried_by).not_in(["", edition]),
            )
            .order_by(col(MailRow.received_at), col(MailRow.id))
            .limit(most)
        )
        return tuple(mail_id for mail_id in self._session.exec(query) if mail_id is not None)

    def size(self, mail_id: int) -> int:
        """Return how many bytes of a mail there are."""
        return self._session.exec(select(func.length(MailRow.content)).where(MailRow.id == mail_id)).first() or 0

    def start(self, mail_id: int, most: int) -> bytes:
        """Return the first bytes of a mail, without taking all of it into memory."""
        found = self._session.exec(select(func.substr(MailRow.content, 1, most)).where(MailRow.id == mail_id)).first()
        return bytes(found or b"")

    def describe(self, mail_id: int, message: Message, by: str) -> bool:
        """Say by hand what a mail is that cannot be read; it waits to be sorted then. False if it is not in quarantine."""
        return self._move(
            mail_id,
            MailState.QUARANTINED,
            MailState.TO_SORT,
            message=codec.message_to_json(message),
            reason="by_hand",
            sorted_by=by,
        )

    def dismiss(self, mail_id: int, reason: str, by: str) -> bool:
        """Empty a mail that a person has found to be no request; False if it is not in quarantine."""
        return self._move(mail_id, MailState.QUARANTINED, MailState.LEFT, reason=reason, sorted_by=by, **_EMPTIED)

    def revive(self, mail_id: int, mail: NewMail, at: datetime) -> bool:
        """Give a mail that was let go its bytes again, because a person brought it in; False if it was not let go."""
        statement = update(MailRow).where(
            col(MailRow.id) == mail_id,
            col(MailRow.state).in_([MailState.LEFT.value, MailState.SET_ASIDE.value]),
            col(MailRow.case_id).is_(None),
        )
        values = {
            "state": MailState.RECEIVED.value,
            "reason": "",
            "content": mail.content,
            "imported_by": mail.imported_by,
            "attempts": 0,
            "historic": False,
            "held_by": "",
            "held_since": at,
        }
        return changed(self._session, statement.values(**values))

    def recall(self, mail_id: int, by: str, at: datetime) -> bool:
        """Have a mail that was let go fetched again, for ``by`` to look at; False if it was not let go, or is not in a mailbox.

        Whoever wants to look at it has a reason to, as who brings one in by hand: it is not let go unseen again.
        """
        seen = select(SightingRow.id).where(SightingRow.mail_id == mail_id).exists()
        statement = update(MailRow).where(
            col(MailRow.id) == mail_id,
            col(MailRow.state).in_([MailState.LEFT.value, MailState.SET_ASIDE.value]),
            col(MailRow.case_id).is_(None),
            col(MailRow.reason) != FORGOTTEN,
            seen,
        )
        values = {"state": MailState.RECALLED.value, "imported_by": by, "historic": False, "held_since": at}
        return changed(self._session, statement.values(**values))

    def note_viewing(self, mail_id: int, *, at: datetime, by: str, how: str) -> None:
        """Write down that someone looked at a mail."""
        self._session.add(ViewingRow(mail_id=mail_id, at=at, by=by, how=how))
        self._session.flush()

    def viewings(self, mail_id: int) -> tuple[Viewing, ...]:
        """Return who has looked at a mail, the first first."""
        query = select(ViewingRow).where(ViewingRow.mail_id == mail_id).order_by(col(ViewingRow.id))
        return tuple(Viewing(at=row.at, by=row.by, how=row.how) for row in self._session.exec(query))

    def folders(self, mail_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
        """Return in which folders some mails were seen."""
        query = select(SightingRow.mail_id, SightingRow.folder).where(col(SightingRow.mail_id).in_(mail_ids)).distinct()
        found: dict[int, tuple[str, ...]] = {}
        for mail_id, folder in sorted(self._session.exec(query).all()):
            found[mail_id] = (*found.get(mail_id, ()), folder)
        return found

    def _move(self, mail_id: int, old: MailState, new: MailState, **values: Any) -> bool:
        return move(self._session, "mail", mail_id, [old], new, values)
