"""What is kept no longer: rows emptied or deleted, each by a statement that says again why it may be.

What goes of a case, and where its rows lie, stands in ``case_rows.py``.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, bindparam, delete, exists, or_, update
from sqlalchemy import select as sa_select
from sqlmodel import Session, SQLModel

from inbox_bot.domain.case import (
    CaseState,
    ChallengeState,
    ClaimState,
    EventName,
    LetterPurpose,
    LetterState,
    MailState,
)
from inbox_bot.domain.notice import NoticeState
from inbox_bot.store import tables as rows
from inbox_bot.store.case_rows import BODIES, CASE_ROWS, family
from inbox_bot.store.case_words import CaseWords
from inbox_bot.store.guard import changed

_T = SQLModel.metadata.tables
CASE, CLAIM, EVENT, MAIL, LETTER, DRAFT = (_T[name] for name in ("case", "claim", "event", "mail", "letter", "draft"))
CHALLENGE, NOTICE, OUTCOME = _T["challenge"], _T["notice"], _T["outcome"]
_INSTANT = rows.UtcInstant()
assert rows.CaseRow.metadata is SQLModel.metadata

_STILL_TO_TELL = [NoticeState.DRAFTED.value, NoticeState.APPROVED.value]
_MAY_STILL_LEAVE = [
    state.value
    for state in (LetterState.QUEUED, LetterState.DEFERRED, LetterState.SENDING, LetterState.UNKNOWN, LetterState.HELD)
]
_IN_TROUBLE_FOR_NOTHING = [LetterState.FAILED.value, LetterState.BOUNCED.value]
_PROOF = [EventName.IDENTITY_CONFIRMED.value, EventName.IDENTITY_NOT_NEEDED.value]
_NO_REQUEST = [MailState.LEFT.value, MailState.SET_ASIDE.value, MailState.RECALLED.value]
_IN_QUARANTINE = [MailState.QUARANTINED.value, MailState.WANTED.value]
_FOR_STAFF = [purpose.value for purpose in LetterPurpose if purpose.is_for_staff]
_STILL = {"synchronize_session": False}


@dataclass(frozen=True, kw_only=True)
class ClosedCase:
    """A closed case as the table of periods sees it. ``answered``: somebody proven was answered in it.

    ``revivable``: somebody was told "we cannot identify you" in it and may still show who they are. ``waits``: with a mail
    nobody has read, a letter that may still leave, or a link that works.
    """

    id: int
    requester: str
    requester_hash: str
    closed_at: datetime
    emptied_at: datetime | None
    disputed: bool
    answered: bool
    revivable: bool
    waits: bool


def _exists(table: Table, *conditions: ColumnElement[bool]) -> Any:
    return exists().where(table.c.case_id == CASE.c.id, *conditions)


# By the case as well: the index on events begins with it, and without it every claim would read every event.
_PROVEN = exists().where(EVENT.c.case_id == CLAIM.c.case_id, EVENT.c.claim_id == CLAIM.c.id, EVENT.c.name.in_(_PROOF))
_ANSWERED = _exists(CLAIM, CLAIM.c.state == ClaimState.ANSWERED.value, _PROVEN)
_REVIVABLE = _exists(CLAIM, CLAIM.c.state == ClaimState.ANSWERED.value, ~_PROVEN)
_WAITS = or_(
    _exists(MAIL, or_(MAIL.c.unread, MAIL.c.state == MailState.JOINED.value)),
    _exists(LETTER, LETTER.c.state.in_(_MAY_STILL_LEAVE)),
    _exists(
        CHALLENGE,
        CHALLENGE.c.state == ChallengeState.OPEN.value,
        CHALLENGE.c.expires_at > bindparam("now", type_=_INSTANT),
    ),
    _exists(NOTICE, NOTICE.c.state.in_(_STILL_TO_TELL)),
    # A breach that is open needs the letter that went wrong: nobody could say what was in it.
    exists().where(
        LETTER.c.case_id == CASE.c.id,
        LETTER.c.id == _T["breach_letter"].c.letter_id,
        _T["breach_letter"].c.breach_id == _T["breach"].c.id,
        _T["breach"].c.closed_at.is_(None),
    ),
)
_CLOSED = (
    sa_select(CASE, _ANSWERED.label("answered"), _REVIVABLE.label("revivable"), _WAITS.label("waits"))
    .where(CASE.c.state == CaseState.CLOSED.value, CASE.c.closed_at.is_not(None))
    .order_by(CASE.c.id)
)


_IDS_AT_ONCE = 5_000
"""Ids in one statement: SQLite takes 32,766 values at most."""


class Retention:
    """Looks for what is old and takes it away; ``store.person`` does the same for one person."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._words = CaseWords(session)

    def closed(
        self,
        now: datetime,
        case_ids: Collection[int] | None = None,
        *,
        before: datetime | None = None,
        with_emptied: bool = True,
    ) -> list[ClosedCase]:
        """Return the closed cases: those of some ids, those closed before a moment, those that are not emptied."""
        query = _CLOSED
        if before is not None:
            query = query.where(CASE.c.closed_at < before)
        if not with_emptied:
            query = query.where(CASE.c.emptied_at.is_(None))
        if case_ids is None:
            return self._closed(query, now)
        ids = sorted(case_ids)
        chunks = (ids[start : start + _IDS_AT_ONCE] for start in range(0, len(ids), _IDS_AT_ONCE))
        return [case for chunk in chunks for case in self._closed(query.where(CASE.c.id.in_(chunk)), now)]

    def _closed(self, query: Select[Any], now: datetime) -> list[ClosedCase]:
        return [
            ClosedCase(
                id=row.id,
                requester=row.requester,
                requester_hash=row.requester_hash,
                closed_at=row.closed_at,
                emptied_at=row.emptied_at,
                disputed=row.disputed,
                answered=row.answered,
                revivable=row.revivable,
                waits=row.waits,
            )
            for row in self._session.connection().execute(query, {"now": now})
        ]

    def askers(self) -> frozenset[str]:
        """Return the addresses that have an open case."""
        query = sa_select(CASE.c.requester).where(CASE.c.state == CaseState.OPEN.value).distinct()
        return frozenset(self._session.connection().execute(query).scalars())

    def empty_case(self, case_id: int, requester_hash: str, at: datetime) -> bool:
        """Take names, addresses and texts out of a closed case; False if it is open, or empty already."""
        mine = update(CASE).where(
            CASE.c.id == case_id, CASE.c.state == CaseState.CLOSED.value, CASE.c.emptied_at.is_(None)
        )
        values = {"requester": "", "requester_name": "", "requester_hash": requester_hash, "emptied_at": at}
        if not changed(self._session, mine.values(**values)):
            return False
        self._empty_rows(case_id, CASE_ROWS, at)
        self._words.forget(case_id)
        self.kill_tokens([case_id])
        return True

    def empty_bodies(self, case_id: int, at: datetime) -> bool:
        """Take what was written out of a closed case, and leave who it was; False if it is open."""
        found = sa_select(CASE.c.id).where(CASE.c.id == case_id, CASE.c.state == CaseState.CLOSED.value)
        if self._session.connection().execute(found).first() is None:
            return False
        self._empty_rows(case_id, BODIES, at)
        self._words.forget_subjects(case_id)
        return True

    def _empty_rows(self, case_id: int, what: Mapping[str, Mapping[str, Any]], at: datetime) -> None:
        for name, emptied in what.items():
            table = _T[name]
            self._run(update(table).where(table.c.case_id == case_id).values(emptied))
        letters = update(LETTER).where(LETTER.c.case_id == case_id)
        self._run(letters.where(LETTER.c.emptied_at.is_(None)).values(emptied_at=at))
        self._run(letters.where(LETTER.c.state.in_(_IN_TROUBLE_FOR_NOTHING)).values(state=LetterState.VOID.value))

    def thin_events(self, case_id: int, stays: Callable[[Mapping[str, Any]], dict[str, Any]]) -> None:
        """Leave of the details of a case's events what ``stays`` returns."""
        query = sa_select(EVENT.c.id, EVENT.c.details).where(EVENT.c.case_id == case_id)
        for row in self._session.connection().execute(query).all():
            kept = stays(row.details or {})
            if kept != row.details:
                self._run(update(EVENT).where(EVENT.c.id == row.id).values(details=kept))

    def draft_values(self, case_id: int) -> list[dict[str, Any]]:
        """Return what staff filled in, of each answer in a case that was decided on, and what is recorded as done or kept."""
        run = self._session.connection().execute
        query = sa_select(DRAFT.c["values"]).where(DRAFT.c.case_id == case_id, DRAFT.c.approved_by != "")
        recorded = sa_select(OUTCOME.c.what, OUTCOME.c.why).where(
            OUTCOME.c.case_id == case_id, OUTCOME.c.withdrawn_by == ""
        )
        return [*(dict(values) for values in run(query).scalars()), *(dict(row) for row in run(recorded).mappings())]

    def delete_case(self, case_id: int, closed_at: datetime) -> bool:
        """Delete a case with every row that belongs to it; False if it has been opened since it was closed at that moment."""
        found = self._session.connection().execute(
            sa_select(CASE.c.id).where(
                CASE.c.id == case_id,
                CASE.c.state == CaseState.CLOSED.value,
                CASE.c.closed_at == closed_at,
                ~CASE.c.disputed,
            )
        )
        if found.first() is None:
            return False
        for table, belongs in family():
            self._run(delete(table).where(belongs(case_id)))
        return True

    def kill_tokens(self, case_ids: Collection[int]) -> int:
        """Forget the hashes of a case's links and codes, and where they were sent; return how many questions that was."""
        table = _T["challenge"]
        alive = table.c.token_hash.not_like("gone-%")
        query = sa_select(table.c.id, table.c.state).where(table.c.case_id.in_(case_ids), alive)
        found = self._session.connection().execute(query).all()
        for row in found:
            ended = {"state": ChallengeState.REPLACED.value} if row.state == ChallengeState.OPEN.value else {}
            gone = {"token_hash": f"gone-{row.id}", "code_hash": "", "address": ""} | ended
            self._run(update(table).where(table.c.id == row.id).values(gone))
        return len(found)

    def with_tokens(self) -> frozenset[int]:
        """Return the cases that have a link whose hash is still kept."""
        table = _T["challenge"]
        query = sa_select(table.c.case_id).where(table.c.token_hash.not_like("gone-%")).distinct()
        return frozenset(self._session.connection().execute(query).scalars())

    def with_raw_mails(self) -> frozenset[int]:
        """Return the cases that hold the raw bytes of a mail, attachments among them."""
        query = sa_select(MAIL.c.case_id).where(MAIL.c.case_id.is_not(None), MAIL.c.content.is_not(None)).distinct()
        return frozenset(self._session.connection().execute(query).scalars())

    def with_texts(self) -> frozenset[int]:
        """Return the cases that hold the text of a mail."""
        query = sa_select(MAIL.c.case_id).where(MAIL.c.case_id.is_not(None), MAIL.c.message.is_not(None)).distinct()
        return frozenset(self._session.connection().execute(query).scalars())

    def drop_raw_mails(
        self, hide: Callable[[Any], Any], *, case_id: int | None = None, mail_id: int | None = None
    ) -> int:
        """Drop the raw bytes of a case's mails, or of one mail, and ``hide`` what their texts say too much; return how many."""
        whose = MAIL.c.case_id == case_id if mail_id is None else MAIL.c.id == mail_id
        query = sa_select(MAIL.c.id, MAIL.c.message, MAIL.c.verdict).where(whose, MAIL.c.content.is_not(None))
        found = self._session.connection().execute(query).all()
        for row in found:
            values = {"content": None, "message": hide(row.message), "verdict": hide(row.verdict)}
            self._run(update(MAIL).where(MAIL.c.id == row.id).values(values))
        return len(found)

    def copies(self, names: Sequence[str], sent_before: datetime) -> list[tuple[int, int]]:
        """Return the letters of these names that left before a moment and still have their bytes: id and case."""
        query = sa_select(LETTER.c.id, LETTER.c.case_id).where(
            LETTER.c.name.in_(names),
            LETTER.c.state == LetterState.SENT.value,
            LETTER.c.sent_at < sent_before,
            LETTER.c.emptied_at.is_(None),
            LETTER.c.case_id.is_not(None),
        )
        return [(row.id, row.case_id) for row in self._session.connection().execute(query)]

    def empty_copy(self, letter_id: int, case_id: int, at: datetime) -> bool:
        """Drop the bytes of a letter that has left, and what its draft was filled in with; False if it is done."""
        mine = update(LETTER).where(
            LETTER.c.id == letter_id, LETTER.c.state == LetterState.SENT.value, LETTER.c.emptied_at.is_(None)
        )
        if not changed(self._session, mine.values(content=b"", emptied_at=at)):
            return False
        # By the case as well, which drafts are found by.
        its = (DRAFT.c.case_id == case_id, DRAFT.c.letter_id == letter_id)
        self._run(update(DRAFT).where(*its).values({"values": {}}))
        files, with_it = _T["attachment"], sa_select(DRAFT.c.id).where(*its)
        self._run(update(files).where(files.c.draft_id.in_(with_it)).values(content=b"", name=""))
        return True

    def delete_other_mail(self, fetched_before: datetime, most: int) -> int:
        """Delete some mails that were no request; return how many."""
        query = (
            sa_select(MAIL.c.id)
            .where(MAIL.c.state.in_(_NO_REQUEST), MAIL.c.case_id.is_(None), MAIL.c.fetched_at < fetched_before)
            .order_by(MAIL.c.id)
            .limit(most)
        )
        if self._session.get_bind().dialect.name == "postgresql":
            query = query.with_for_update(skip_locked=True)
        ids = list(self._session.connection().execute(query).scalars())
        if ids:
            sighting = _T["sighting"]
            self._run(delete(sighting).where(sighting.c.mail_id.in_(ids)))
            viewing = _T["viewing"]
            self._run(delete(viewing).where(viewing.c.mail_id.in_(ids)))
            self._run(delete(MAIL).where(MAIL.c.id.in_(ids)))
        return len(ids)

    def empty_quarantine(self, fetched_before: datetime) -> int:
        """Let go of mails that nobody could read nor decided about in all that time: hash, class and time stay; return how many."""
        old = (MAIL.c.state.in_(_IN_QUARANTINE), MAIL.c.fetched_at < fetched_before)
        values = {"state": MailState.LEFT.value, "reason": "retention", **CASE_ROWS["mail"]}
        return self._run(update(MAIL).where(*old).values(values))

    def delete_staff_letters(self, made_before: datetime) -> int:
        """Delete letters to staff that are not on their way; return how many."""
        old = (LETTER.c.purpose.in_(_FOR_STAFF), LETTER.c.created_at < made_before)
        return self._run(delete(LETTER).where(*old, LETTER.c.state.not_in(_MAY_STILL_LEAVE)))

    def delete_digests(self, made_before: datetime) -> int:
        """Delete the marks of letters made for a period; return how many."""
        table = _T["digest"]
        return self._run(delete(table).where(table.c.made_at < made_before))

    def delete_examples(self, decided_before: date) -> int:
        """Delete examples that staff decided on before a day; return how many."""
        table = _T["example"]
        return self._run(delete(table).where(table.c.day < decided_before))

    def dispute(self, case_id: int, disputed: bool) -> bool:
        """Say whether a case is disputed; False if it was said already."""
        mine = update(CASE).where(CASE.c.id == case_id, CASE.c.disputed != disputed, CASE.c.emptied_at.is_(None))
        return changed(self._session, mine.values(disputed=disputed))

    def _run(self, statement: Any) -> int:
        return int(self._session.connection().execute(statement, execution_options=_STILL).rowcount)
