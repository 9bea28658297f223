"""One person's rows, found by an address or the keyed hash of one, and what it takes to let them go."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, or_, update
from sqlalchemy import select as sa_select
from sqlmodel import Session, SQLModel

from inbox_bot.domain.address import normal_address
from inbox_bot.domain.case import (
    LETTERS_STILL_HERE,
    CaseState,
    ChallengeState,
    ClaimState,
    DraftState,
    LetterState,
    MailState,
)
from inbox_bot.domain.mail import Message
from inbox_bot.store import codec, tables
from inbox_bot.store.case_rows import CASE_ROWS
from inbox_bot.store.guard import changed

_T = SQLModel.metadata.tables
_CASE, _CLAIM, _MAIL, _LETTER = (_T[name] for name in ("case", "claim", "mail", "letter"))
_LOGINS = (tables.LoginCodeRow, tables.BrowserRow, tables.SessionRow)
_FINAL = [state.value for state in ClaimState if state.is_final]
_AT_ONCE = 500


@dataclass(frozen=True, kw_only=True)
class Trace:
    """A mail that has to do with an address: written by it (``own``), or naming it somewhere."""

    id: int
    mailbox: str
    fingerprint: str
    state: MailState
    received_at: datetime
    case_id: int | None
    own: bool
    message: Message | None


class Person:
    """Finds and lets go what belongs to one person, wherever it lies. Addresses are given in every spelling."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def case_ids(self, addresses: Collection[str], requester_hash: str) -> list[int]:
        """Return the cases of an address, those among them that are emptied, by number."""
        mine = or_(_CASE.c.requester.in_(addresses), _CASE.c.requester_hash == requester_hash)
        return list(self._run(sa_select(_CASE.c.id).where(mine).order_by(_CASE.c.id)).scalars())

    def requesters(self) -> list[tuple[int, str, datetime]]:
        """Return case, address and opening of every case that is not emptied."""
        query = sa_select(_CASE.c.id, _CASE.c.requester, _CASE.c.opened_at).where(_CASE.c.emptied_at.is_(None))
        return [(row.id, row.requester, row.opened_at) for row in self._run(query)]

    def traces(self, addresses: Collection[str]) -> Iterator[Trace]:
        """Yield the mails that an address wrote or that name it; of one in quarantine only its bytes can tell."""
        last = 0
        while True:
            query = sa_select(_MAIL).where(_MAIL.c.id > last).order_by(_MAIL.c.id).limit(_AT_ONCE)
            query = query.where(or_(_MAIL.c.message.is_not(None), _MAIL.c.content.is_not(None)))
            rows = self._run(query).all()
            if not rows:
                return
            for row in rows:
                found = _trace(row, addresses)
                if found is not None:
                    yield found
            last = rows[-1].id

    def fingerprints(self, case_ids: Collection[int]) -> list[tuple[str, str]]:
        """Return mailbox and fingerprint of each mail in some cases."""
        query = sa_select(_MAIL.c.mailbox, _MAIL.c.fingerprint).where(_MAIL.c.case_id.in_(case_ids))
        return [(row.mailbox, row.fingerprint) for row in self._run(query.order_by(_MAIL.c.id))]

    def sending(self, case_ids: Collection[int]) -> list[int]:
        """Return the letters of some cases that are being handed over this moment."""
        query = sa_select(_LETTER.c.id).where(
            _LETTER.c.case_id.in_(case_ids), _LETTER.c.state == LetterState.SENDING.value
        )
        return list(self._run(query).scalars())

    def suppressed_since(self, addresses: Collection[str]) -> datetime | None:
        """Return since when an address gets no marketing, or None."""
        table = _T["suppression"]
        query = sa_select(table.c.since).where(table.c.address.in_(addresses))
        since: datetime | None = self._run(query).scalars().first()
        return since

    def logins(self, addresses: Collection[str]) -> dict[str, int]:
        """Return how many codes, browsers and sessions a staff address has."""
        return {
            str(row.__tablename__): len(self._run(sa_select(table.c.id).where(table.c.address.in_(addresses))).all())
            for row in _LOGINS
            for table in (_T[str(row.__tablename__)],)
        }

    def end_logins(self, addresses: Collection[str]) -> None:
        """Delete the codes, browsers and sessions of an address."""
        for row in _LOGINS:
            table = _T[str(row.__tablename__)]
            self._run(delete(table).where(table.c.address.in_(addresses)))

    def end_case(self, case_id: int, closed_at: datetime, states: Mapping[int, ClaimState]) -> None:
        """Close a case for good: its open claims take the given states, and what was being written or waited for is void."""
        for claim_id, state in states.items():
            mine = update(_CLAIM).where(_CLAIM.c.id == claim_id, _CLAIM.c.case_id == case_id)
            self._run(mine.where(_CLAIM.c.state.not_in(_FINAL)).values(state=state.value))
        draft, challenge = _T["draft"], _T["challenge"]
        editable = [DraftState.OPEN.value, DraftState.RETURNED.value]
        drafts = update(draft).where(draft.c.case_id == case_id, draft.c.state.in_(editable))
        self._run(drafts.values(state=DraftState.VOID.value))
        questions = update(challenge).where(
            challenge.c.case_id == case_id, challenge.c.state == ChallengeState.OPEN.value
        )
        self._run(questions.values(state=ChallengeState.REPLACED.value))
        here = [state.value for state in (*LETTERS_STILL_HERE, LetterState.UNKNOWN)]
        letters = update(_LETTER).where(_LETTER.c.case_id == case_id, _LETTER.c.state.in_(here))
        self._run(letters.values(state=LetterState.VOID.value))
        case = update(_CASE).where(_CASE.c.id == case_id, _CASE.c.state == CaseState.OPEN.value)
        changed(self._session, case.values(state=CaseState.CLOSED.value, closed_at=closed_at))

    def know_mail(self, mailbox: str, fingerprint: str, at: datetime, reason: str) -> None:
        """Know a mail by its hash alone: one that waits is emptied, one that is not here is noted, so it is not read in anew."""
        known = (_MAIL.c.mailbox == mailbox, _MAIL.c.fingerprint == fingerprint)
        waiting = update(_MAIL).where(*known, _MAIL.c.case_id.is_(None))
        if changed(self._session, waiting.values(state=MailState.LEFT.value, reason=reason, **CASE_ROWS["mail"])):
            return
        if self._run(sa_select(_MAIL.c.id).where(*known)).first() is None:
            row = tables.MailRow(
                mailbox=mailbox,
                fingerprint=fingerprint,
                received_at=at,
                fetched_at=at,
                state=MailState.LEFT.value,
                reason=reason,
            )
            self._session.add(row)
            self._session.flush()

    def _run(self, statement: Any) -> Any:
        return self._session.connection().execute(statement)


def _trace(row: Any, addresses: Collection[str]) -> Trace | None:
    message = codec.message_from_json(row.message)
    if message is None:
        raw = (row.content or b"").lower()
        own, named = False, any(address.encode() in raw for address in addresses)
    else:
        own = message.sender is not None and normal_address(message.sender.address) in addresses
        said = str(codec.message_to_json(message)).lower()
        named = own or any(address in said for address in addresses)
    if not named:
        return None
    return Trace(
        id=row.id,
        mailbox=row.mailbox,
        fingerprint=row.fingerprint,
        state=MailState(row.state),
        received_at=row.received_at,
        case_id=row.case_id,
        own=own,
        message=message,
    )
