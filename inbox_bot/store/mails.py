"""Mails: stored once each, emptied as soon as they are known to be no request."""

import hashlib
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from inbox_bot.domain.case import MailRecord, MailState
from inbox_bot.domain.mail import Abridged, Message
from inbox_bot.domain.verdict import Verdict
from inbox_bot.store import codec
from inbox_bot.store.guard import add, changed, move
from inbox_bot.store.mail_statements import (
    ABRIDGED,
    ADD,
    ATTEMPTS,
    CASES_OF,
    COLUMNS,
    CONTENTS,
    COUNT_ATTEMPT,
    FIND,
    FIRST_IN,
    HOLD,
    HOLDERS,
    KNOWN_BY_HEAD,
    MAIL,
    MAILBOXES,
    OF_CASE,
    PAGE_IN,
    RECEIVED_IN,
    ROWS,
    SIZES,
    WAITS_SINCE,
    change_many,
    emptying,
    oldest,
    oldest_unheld,
)
from inbox_bot.store.tables import MailRow


@dataclass(frozen=True, kw_only=True)
class NewMail:
    """A mail about to be stored. ``fingerprint`` is the SHA-256 of its bytes, ``head_print`` of its header.

    ``reason`` puts it in quarantine unread; ``tried_by`` is the edition of the program that does so. ``turn``: whose turn it
    is among mails that wait (MailRecord). ``imported_by``: who brought it in by hand.
    """

    fingerprint: str
    received_at: datetime
    content: bytes
    historic: bool
    head_print: str = ""
    abridged: Abridged | None = None
    turn: int = 0
    reason: str = ""
    tried_by: str = ""
    imported_by: str = ""


MOST_TURNS = 2**31 - 1


class Mails:
    """The rows of ``mail``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, mailbox: str, at: datetime, new: Sequence[NewMail]) -> dict[str, int]:
        """Store those that are not known yet; return the mail id of every fingerprint given.

        Bytes are known by their hash. Where one of the two was not fetched whole, the header tells.
        """
        prints = {mail.fingerprint for mail in new}
        known = self._ids(mailbox, prints)
        known |= self._by_head(mailbox, [mail for mail in new if mail.fingerprint not in known])
        fresh = {mail.fingerprint: mail for mail in new if mail.fingerprint not in known}
        if fresh:
            rows = [
                {
                    "mailbox": mailbox,
                    "fingerprint": mail.fingerprint,
                    "head_print": mail.head_print,
                    "received_at": mail.received_at,
                    "fetched_at": at,
                    "state": (MailState.QUARANTINED if mail.reason else MailState.RECEIVED).value,
                    "reason": mail.reason,
                    "tried_by": mail.tried_by if mail.reason else "",
                    "historic": mail.historic,
                    "content": mail.content,
                    "abridged": codec.abridged_to_json(mail.abridged),
                    "turn": mail.turn,
                    "imported_by": mail.imported_by,
                }
                for mail in fresh.values()
            ]
            self._session.connection().execute(ADD, rows)
        return known | self._ids(mailbox, set(fresh))

    def write_down(self, mailbox: str, at: datetime, message: Message, *, case_id: int | None) -> int:
        """Store what a person wrote on a page as a mail that has been read: filed in a case, or on its way there. Returns its id."""
        row = {
            "mailbox": mailbox,
            # The same words twice are two messages.
            "fingerprint": hashlib.sha256(secrets.token_bytes(32)).hexdigest(),
            "received_at": at,
            "fetched_at": at,
            "state": (MailState.READ if case_id is None else MailState.FILED).value,
            "message": codec.message_to_json(message),
            "case_id": case_id,
            "unread": case_id is not None,
        }
        return add(self._session, "mail", row)

    def _ids(self, mailbox: str, prints: set[str]) -> dict[str, int]:
        if not prints:
            return {}
        rows = self._session.connection().execute(FIND, {"mailbox": mailbox, "prints": list(prints)})
        return {row.fingerprint: row.id for row in rows}

    def _by_head(self, mailbox: str, mails: Sequence[NewMail]) -> dict[str, int]:
        """Return, of mails not known by their bytes, those that are known by their header, of which one was not fetched whole."""
        heads = {mail.head_print for mail in mails if mail.head_print}
        if not heads:
            return {}
        rows = self._session.connection().execute(KNOWN_BY_HEAD, {"mailbox": mailbox, "heads": list(heads)}).all()
        found = {row.head_print: row.id for row in rows}
        not_whole = {row.head_print for row in rows if row.abridged}
        return {
            mail.fingerprint: found[mail.head_print]
            for mail in mails
            if mail.head_print in found and (mail.abridged is not None or mail.head_print in not_whole)
        }

    def next_ids(self, state: MailState, limit: int) -> tuple[int, ...]:
        """Return the ids of the oldest mails in a state, by receipt. On PostgreSQL, rows another worker holds are passed over."""
        return tuple(row.id for row in self._oldest(state, limit, ("id",)))

    def take(self, state: MailState, limit: int) -> list[MailRecord]:
        """Return the oldest mails in a state, as ``next_ids`` does, whole but for their bytes."""
        return [_record(row) for row in self._oldest(state, limit, COLUMNS)]

    def _oldest(self, state: MailState, limit: int, columns: tuple[str, ...]) -> Any:
        statement = oldest(columns, self._on_postgresql)
        return self._session.connection().execute(statement, {"state": state.value, "most": limit})

    @property
    def _on_postgresql(self) -> bool:
        return self._session.get_bind().dialect.name == "postgresql"

    def unheld(self, state: MailState, limit: int, *, free: Collection[str], stale: datetime) -> tuple[int, ...]:
        """Return as ``next_ids`` does the mails that nobody holds, or one of ``free``, or anyone since before ``stale``."""
        values = {"state": state.value, "most": limit, "free": ["", *free], "stale": stale}
        rows = self._session.connection().execute(oldest_unheld(self._on_postgresql), values)
        return tuple(row.id for row in rows)

    def holders(self, state: MailState) -> list[str]:
        """Return who holds the mails of a state."""
        rows = self._session.connection().execute(HOLDERS, {"state": state.value})
        return [row.held_by for row in rows if row.held_by]

    def hold(self, ids: Sequence[int], by: str, at: datetime) -> None:
        """Note who reads these mails. They are free again in any other state, and when ``unheld`` is told so."""
        self._session.connection().execute(HOLD, {"ids": list(ids), "by": by, "at": at})

    def first(self, *states: MailState, turn: int = MOST_TURNS) -> tuple[datetime, int] | None:
        """Return receipt and id of the oldest mail in the given states, of those whose turn is not after ``turn``."""
        values = {"states": [state.value for state in states], "turn": turn}
        row = self._session.connection().execute(FIRST_IN, values).first()
        return None if row is None else (row.received_at, row.id)

    def contents(self, ids: Sequence[int]) -> dict[int, bytes]:
        """Return the stored bytes of mails that still have them."""
        rows = self._session.connection().execute(CONTENTS, {"ids": list(ids)})
        return {row.id: row.content for row in rows if row.content is not None}

    def mailboxes(self, ids: Sequence[int]) -> dict[int, str]:
        """Return the mailbox each mail came to."""
        rows = self._session.connection().execute(MAILBOXES, {"ids": list(ids)})
        return {row.id: row.mailbox for row in rows}

    def not_as_sent(self, ids: Sequence[int]) -> dict[int, tuple[Abridged | None, bool]]:
        """Return, of some mails, those that were not fetched whole, with what is known of them, or brought in by hand (True)."""
        rows = self._session.connection().execute(ABRIDGED, {"ids": list(ids)}) if ids else ()
        return {row.id: (codec.abridged_from_json(row.abridged), bool(row.imported_by)) for row in rows}

    def sizes(self, ids: Sequence[int]) -> dict[int, int]:
        """Return how many bytes each mail has; 0 for one that is emptied."""
        rows = self._session.connection().execute(SIZES, {"ids": list(ids)})
        return {row.id: row.size or 0 for row in rows}

    def count_attempt(self, ids: Sequence[int]) -> dict[int, int]:
        """Count one more attempt on each mail and return the new counts."""
        self._session.connection().execute(COUNT_ATTEMPT, {"ids": list(ids)})
        return self.attempts(ids)

    def attempts(self, ids: Sequence[int]) -> dict[int, int]:
        """Return how often each mail has been tried."""
        rows = self._session.connection().execute(ATTEMPTS, {"ids": list(ids)})
        return {row.id: row.attempts for row in rows}

    def get(self, mail_id: int) -> MailRecord | None:
        return next(iter(self._read(ROWS.where(MAIL.id == mail_id))), None)

    def by_fingerprint(self, mailbox: str, fingerprint: str) -> MailRecord | None:
        """Return the mail with these bytes (their SHA-256): all that is left to know a mail by that was no request."""
        query = ROWS.where(MAIL.mailbox == mailbox, MAIL.fingerprint == fingerprint)
        return next(iter(self._read(query)), None)

    def load(self, ids: Sequence[int]) -> list[MailRecord]:
        """Return the mails with these ids, oldest receipt first."""
        return self._read(ROWS.where(MAIL.id.in_(ids)).order_by(MAIL.received_at, MAIL.id))

    def in_states(self, *states: MailState) -> list[MailRecord]:
        """Return every mail in the given states, oldest receipt first."""
        wanted = MAIL.state.in_([state.value for state in states])
        return self._read(ROWS.where(wanted).order_by(MAIL.received_at, MAIL.id))

    def page_in(self, state: MailState, start: int, most: int) -> list[MailRecord]:
        """Return some of the mails in a state, oldest receipt first, without their bytes."""
        values = {"state": state.value, "start": start, "most": most}
        return [_record(row) for row in self._session.connection().execute(PAGE_IN, values)]

    def received(self, state: MailState) -> list[datetime]:
        """Return when each mail in a state came in."""
        return list(self._session.connection().execute(RECEIVED_IN, {"state": state.value}).scalars())

    def count(self, *states: MailState) -> int:
        """Return how many mails there are in the given states."""
        return self._session.exec(
            select(func.count()).where(col(MailRow.state).in_([state.value for state in states]))
        ).one()

    def of_case(self, case_id: int) -> list[MailRecord]:
        """Return a case's mails, oldest receipt first."""
        return [_record(row) for row in self._session.connection().execute(OF_CASE, {"case_id": case_id})]

    def recent(self, since: datetime, most: int, *, case_id: int | None = None) -> list[MailRecord]:
        """Return the newest mails of a case, or of those that wait to be sorted, received since a moment, newest first."""
        among = MAIL.state == MailState.TO_SORT.value if case_id is None else MAIL.case_id == case_id
        query = ROWS.where(MAIL.received_at >= since, among)
        return self._read(query.order_by(MAIL.received_at.desc(), MAIL.id.desc()).limit(most))

    def unread(self) -> list[MailRecord]:
        """Return follow-ups in cases that no person has marked as read."""
        return self._read(ROWS.where(MAIL.unread).order_by(MAIL.received_at))

    def cases_with_message(self, message_ids: Collection[str]) -> dict[str, int]:
        """Return, of these Message-IDs, those of incoming mails that belong to a case, with the case's id."""
        if not message_ids:
            return {}
        rows = self._session.connection().execute(CASES_OF, {"ids": list(message_ids)})
        return {row.message_id: row.case_id for row in rows}

    def save_read(self, read: Sequence[tuple[int, Message, MailState, str]]) -> None:
        """Store what was read of each received mail: ``(id, message, state, reason)``."""
        rows = [
            {
                "b_id": mail_id,
                "message": codec.message_to_json(message),
                "message_id": message.message_id,
                "state": state.value,
                "reason": reason,
            }
            for mail_id, message, state, reason in read
        ]
        self._change_many(MailState.RECEIVED, rows, "message", "message_id", "state", "reason")

    def save_verdicts(self, judged: Sequence[tuple[int, Verdict, MailState]]) -> None:
        """Store each mail's verdict and where that puts it."""
        rows = [
            {"b_id": mail_id, "verdict": codec.verdict_to_json(verdict), "state": state.value}
            for mail_id, verdict, state in judged
        ]
        self._change_many(MailState.READ, rows, "verdict", "state")

    def _change_many(self, old: MailState, rows: list[dict[str, Any]], *columns: str) -> None:
        """Change many mails at once, each only if it still stands in ``old``: another worker may have been first."""
        if not rows:
            return
        found = [row | {"b_state": old.value} for row in rows]
        self._session.connection().execute(change_many(columns), found)

    def move(self, mail_id: int, old: MailState, new: MailState, **values: Any) -> bool:
        """Claim by guarded update: True if the mail was in ``old`` and is now, by us, in ``new``."""
        return move(self._session, "mail", mail_id, [old], new, values)

    def mark_mail_read(self, mail_id: int) -> None:
        changed(self._session, update(MailRow).where(col(MailRow.id) == mail_id).values(unread=False))

    def stuck(self, fetched_before: datetime) -> int:
        """Count mails that came in before a moment and that no room has taken on since."""
        moving = [
            state.value
            for state in MailState
            if state
            not in {
                MailState.TO_SORT,
                MailState.FILED,
                MailState.LEFT,
                MailState.SET_ASIDE,
                MailState.QUARANTINED,
                MailState.WANTED,
                MailState.RECALLED,
            }
        ]
        query = select(func.count()).where(col(MailRow.state).in_(moving), fetched_before > WAITS_SINCE)
        return self._session.exec(query).one()

    def mark_read(self, case_id: int, upto: int) -> None:
        """Mark a case's mails as read, those with an id up to ``upto``: what came after, nobody has seen."""
        changed(
            self._session,
            update(MailRow).where(col(MailRow.case_id) == case_id, col(MailRow.id) <= upto).values(unread=False),
        )

    def empty(self, ids: Sequence[int], state: MailState, *, old: MailState | None = None, reason: str = "") -> None:
        """Keep of these mails only hash, class and time (architecture, rule 11: what is not a request is not kept).

        ``old``: only those that still stand there; another worker may have been first. ``reason``: the class within the state;
        without one what stands there stays.
        """
        if ids:
            guard = {} if old is None else {"from_state": old.value}
            values = {"ids": list(ids), "to_state": state.value} | guard
            if reason:
                values["reason"] = reason
            self._session.connection().execute(emptying(old is not None, bool(reason)), values)

    def _read(self, query: Any) -> list[MailRecord]:
        return [_record(row) for row in self._session.connection().execute(query)]

    def counts(self) -> dict[str, int]:
        """Return how many mails are in each state."""
        rows = self._session.exec(select(MailRow.state, func.count()).group_by(MailRow.state))
        return {row[0]: row[1] for row in rows}


def _record(row: Any) -> MailRecord:
    return MailRecord(
        id=row.id,
        mailbox=row.mailbox,
        received_at=row.received_at,
        state=MailState(row.state),
        reason=row.reason,
        historic=row.historic,
        unread=row.unread,
        attempts=row.attempts,
        message=codec.message_from_json(row.message),
        verdict=codec.verdict_from_json(row.verdict),
        case_id=row.case_id,
        abridged=codec.abridged_from_json(row.abridged),
        imported_by=row.imported_by,
        turn=row.turn,
    )
