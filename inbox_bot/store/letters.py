"""The outbox: frozen letters and where each stands."""

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam, case, func, update
from sqlalchemy import select as sa_select
from sqlmodel import Session, SQLModel, col, select

from inbox_bot.domain.case import LetterPurpose, LetterRecord, LetterState
from inbox_bot.store.guard import add, changed, move
from inbox_bot.store.tables import LetterRow

# What a person has approved, and staff's own letters, go before receipts: a flood of mails must not delay an answer.
_FIRST = [purpose.value for purpose in LetterPurpose if purpose.goes_first]
_DUE_STATES = [LetterState.QUEUED.value, LetterState.DEFERRED.value]


_LETTER = SQLModel.metadata.tables["letter"].c
_ROWS = sa_select(*(column for column in _LETTER if column.name != "content"))
"""Letters without their bytes, which may hold files of many megabytes and are seldom wanted."""

_CONTENT = sa_select(_LETTER.content).where(_LETTER.id == bindparam("id"))
_CASES_OF = sa_select(_LETTER.message_id, _LETTER.case_id).where(
    _LETTER.message_id.in_(bindparam("ids", expanding=True)), _LETTER.case_id.is_not(None)
)


@cache
def _due(postgresql: bool) -> Any:
    """Build the statement once: it runs for every letter."""
    query = (
        _ROWS.where(
            _LETTER.state.in_(bindparam("states", expanding=True)),
            _LETTER.purpose.in_(bindparam("purposes", expanding=True)),
            _LETTER.next_at <= bindparam("now"),
        )
        .order_by(case((_LETTER.purpose.in_(_FIRST), 0), else_=1), _LETTER.next_at, _LETTER.id)
        .limit(bindparam("most"))
    )
    return query.with_for_update(skip_locked=True) if postgresql else query


class Letters:
    """The rows of ``letter``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def queue(
        self,
        *,
        name: str,
        purpose: LetterPurpose,
        recipient: str,
        message_id: str,
        content: bytes,
        at: datetime,
        case_id: int | None = None,
        claim_ids: Sequence[int] = (),
        approved_by: str = "",
    ) -> int:
        """Put a letter in the outbox; from here on its bytes never change. Returns its id."""
        row = {
            "case_id": case_id,
            "claim_ids": list(claim_ids),
            "name": name,
            "purpose": purpose.value,
            "recipient": recipient,
            "message_id": message_id,
            "content": content,
            "sha256": hashlib.sha256(content).hexdigest(),
            "state": LetterState.QUEUED.value,
            "created_at": at,
            "next_at": at,
            "approved_by": approved_by,
        }
        return add(self._session, "letter", row)

    def due(self, now: datetime, limit: int, among: Collection[LetterPurpose] = ()) -> list[LetterRecord]:
        """Return letters whose time has come, oldest first, of some purposes or of all.

        On PostgreSQL, rows another worker holds are passed over.
        """
        postgresql = self._session.get_bind().dialect.name == "postgresql"
        purposes = [purpose.value for purpose in (among or LetterPurpose)]
        parameters = {"states": _DUE_STATES, "purposes": purposes, "now": now, "most": limit}
        return [_record(row) for row in self._session.connection().execute(_due(postgresql), parameters)]

    def move(self, letter_id: int, old: Collection[LetterState], new: LetterState, **values: Any) -> bool:
        """Claim by guarded update: True if the letter stood in one of ``old`` and now, by us, stands in ``new``."""
        return move(self._session, "letter", letter_id, old, new, values)

    def stale(self, claimed_before: datetime) -> tuple[int, ...]:
        """Return letters that were being handed over before a moment and never noted: a crash lies between."""
        query = select(LetterRow.id).where(
            LetterRow.state == LetterState.SENDING.value, col(LetterRow.claimed_at) < claimed_before
        )
        return tuple(letter_id for letter_id in self._session.exec(query) if letter_id is not None)

    def get(self, letter_id: int) -> LetterRecord | None:
        return self._one(_LETTER.id == letter_id)

    def content(self, letter_id: int) -> bytes:
        """Return the frozen bytes, none if they were emptied. Raises NoResultFound for an unknown id."""
        return bytes(self._session.connection().execute(_CONTENT, {"id": letter_id}).scalar_one())

    def empty_secrets(self, letter: LetterRecord) -> None:
        """Drop the bytes of a letter that has left and held a code or a link; its hash stays as evidence of them."""
        if letter.purpose.holds_secrets:
            changed(self._session, update(LetterRow).where(col(LetterRow.id) == letter.id).values(content=b""))

    def by_message_id(self, message_id: str) -> LetterRecord | None:
        return self._one(_LETTER.message_id == message_id)

    def cases_with_message(self, message_ids: Collection[str]) -> dict[str, int]:
        """Return, of these Message-IDs, those of our own letters in a case, with the case's id."""
        if not message_ids:
            return {}
        rows = self._session.connection().execute(_CASES_OF, {"ids": list(message_ids)})
        return {row.message_id: row.case_id for row in rows}

    def any_to(self, recipient: str, case_id: int, message_ids: Collection[str]) -> bool:
        """True if one of these Message-IDs is of a letter in a case that was written to this address."""
        query = select(LetterRow.id).where(
            LetterRow.case_id == case_id,
            LetterRow.recipient == recipient,
            col(LetterRow.message_id).in_(list(message_ids)),
        )
        return self._session.exec(query.limit(1)).first() is not None

    def of_case(self, case_id: int) -> list[LetterRecord]:
        """Return a case's letters, oldest first."""
        return self._read(_ROWS.where(_LETTER.case_id == case_id).order_by(_LETTER.id))

    def in_states(self, *states: LetterState) -> list[LetterRecord]:
        """Return the letters in the given states, oldest first."""
        return self._read(_ROWS.where(_LETTER.state.in_([state.value for state in states])).order_by(_LETTER.id))

    def last_came_back(self, address: str) -> bool:
        """True if the last letter that left for an address came back: it takes no mail any more."""
        query = (
            select(LetterRow.state)
            .where(
                LetterRow.recipient == address,
                col(LetterRow.state).in_([LetterState.SENT.value, LetterState.BOUNCED.value]),
            )
            .order_by(col(LetterRow.id).desc())
            .limit(1)
        )
        return self._session.exec(query).first() == LetterState.BOUNCED.value

    def last_sent(self, address: str, since: datetime, until: datetime) -> LetterRecord | None:
        """Return the last letter that left for an address between two moments and has not come back."""
        found = self._read(
            _ROWS.where(
                _LETTER.recipient == address,
                _LETTER.state == LetterState.SENT.value,
                _LETTER.sent_at >= since,
                _LETTER.sent_at <= until,
            )
            .order_by(_LETTER.sent_at.desc(), _LETTER.id.desc())
            .limit(1)
        )
        return found[0] if found else None

    def note_complaint(self, letter_id: int, at: datetime) -> bool:
        """Note that a letter was complained of; False if that is known."""
        unnoted = update(LetterRow).where(col(LetterRow.id) == letter_id, col(LetterRow.complained_at).is_(None))
        return changed(self._session, unnoted.values(complained_at=at))

    def made_since(self, name: str, moment: datetime) -> int:
        """Count the letters of a name made since a moment."""
        query = select(func.count()).where(LetterRow.name == name, col(LetterRow.created_at) >= moment)
        return self._session.exec(query).one()

    def _one(self, condition: Any) -> LetterRecord | None:
        found = self._read(_ROWS.where(condition))
        return found[0] if found else None

    def _read(self, query: Any) -> list[LetterRecord]:
        return [_record(row) for row in self._session.connection().execute(query)]


def _record(row: Any) -> LetterRecord:
    return LetterRecord(
        id=row.id,
        case_id=row.case_id,
        claim_ids=tuple(row.claim_ids),
        name=row.name,
        purpose=LetterPurpose(row.purpose),
        recipient=row.recipient,
        message_id=row.message_id,
        sha256=row.sha256,
        state=LetterState(row.state),
        attempts=row.attempts,
        created_at=row.created_at,
        claimed_at=row.claimed_at,
        sent_at=row.sent_at,
        answer=row.answer,
        approved_by=row.approved_by,
        emptied_at=row.emptied_at,
        complained_at=row.complained_at,
    )
