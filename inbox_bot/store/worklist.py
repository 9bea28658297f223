"""What the list of cases is made of: read from indexes, so that a hundred thousand closed cases cost the open ones nothing."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import and_, case, func, null, or_, select
from sqlmodel import Session, SQLModel

from inbox_bot.domain.case import LETTERS_IN_TROUBLE, CaseState, ClaimState, EventName
from inbox_bot.domain.rights import Claim, Right
from inbox_bot.domain.task import OutcomeKind
from inbox_bot.domain.worklist import OpenClaim
from inbox_bot.store import tables

_T = SQLModel.metadata.tables
assert tables.CaseRow.metadata is SQLModel.metadata
_CASE, _CLAIM, _EVENT, _MAIL, _LETTER = (_T[name] for name in ("case", "claim", "event", "mail", "letter"))
_TASK, _OUTCOME = _T["task"], _T["outcome"]
_OPEN = [state.value for state in ClaimState if not state.is_final]
_FINAL = [state.value for state in ClaimState if state.is_final]
_ASKING = [EventName.IDENTITY_ASKED.value, EventName.IDENTITY_UNDECIDED.value]
_FACTS = [EventName.FACT_GIVEN.value, EventName.FACT_CHECKED.value]


def _last(column: Any, names: Collection[str]) -> Any:
    """Return what the last of some events of a claim says, for claims that wait for proof: of others nobody asks."""
    found = (
        select(column)
        .where(_EVENT.c.case_id == _CLAIM.c.case_id, _EVENT.c.claim_id == _CLAIM.c.id, _EVENT.c.name.in_(names))
        .order_by(_EVENT.c.id.desc())
        .limit(1)
        .correlate(_CLAIM)
        .scalar_subquery()
    )
    return case((_CLAIM.c.state == ClaimState.AWAITING_IDENTITY.value, found), else_=null())


_CLAIMS = (
    select(
        _CLAIM.c.case_id,
        _CLAIM.c.right,
        _CLAIM.c.marketing,
        _CLAIM.c.due,
        _CLAIM.c.state,
        _CASE.c.mailbox,
        _last(_EVENT.c.details["ask"].as_string(), _ASKING).label("asked"),
        _last(_EVENT.c.name, _FACTS).label("fact"),
    )
    .select_from(_CLAIM)
    .join(_CASE, _CASE.c.id == _CLAIM.c.case_id)
    .where(_CLAIM.c.state.in_(_OPEN))
)

_APPROVED = and_(
    _CLAIM.c.state == ClaimState.APPROVED.value, select(_TASK.c.id).where(_TASK.c.claim_id == _CLAIM.c.id).exists()
)
_IS_DONE = (
    select(_OUTCOME.c.id)
    .where(
        _OUTCOME.c.case_id == _CLAIM.c.case_id,
        _OUTCOME.c.claim_id == _CLAIM.c.id,
        _OUTCOME.c.kind == OutcomeKind.DONE.value,
        _OUTCOME.c.withdrawn_at.is_(None),
    )
    .exists()
)


class Worklist:
    """Reads cases for the list; writes nothing."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def claims(self, case_ids: Collection[int] | None = None) -> list[OpenClaim]:
        """Return every claim that is still owed an answer, or those of some cases."""
        query = _CLAIMS if case_ids is None else _CLAIMS.where(_CLAIM.c.case_id.in_(case_ids))
        return [
            OpenClaim(
                case_id=row.case_id,
                claim=_CLAIM_OF[row.right, bool(row.marketing)],
                due=row.due,
                state=_STATE_OF[row.state],
                mailbox=row.mailbox,
                asked=row.asked or "",
                to_check=row.fact == EventName.FACT_GIVEN.value,
            )
            for row in self._run(query)
        ]

    def unread(self) -> frozenset[int]:
        """Return the cases that have a follow-up nobody has marked as read."""
        return frozenset(
            self._run(select(_MAIL.c.case_id).where(_MAIL.c.unread, _MAIL.c.case_id.is_not(None))).scalars()
        )

    def troubled(self) -> frozenset[int]:
        """Return the cases that have a letter a person decides about."""
        states = [state.value for state in LETTERS_IN_TROUBLE]
        query = select(_LETTER.c.case_id).where(_LETTER.c.state.in_(states), _LETTER.c.case_id.is_not(None))
        return frozenset(self._run(query).scalars())

    def undone(self) -> list[int]:
        """Return the cases with an approved answer to a claim that has tasks: some of these may not be done."""
        return self._half(_APPROVED, None)

    def half_done(self, most: int) -> list[int]:
        """Return open cases, by date, that may be half done: something is recorded, or an answer to what has tasks is approved."""
        return self._half(or_(_APPROVED, and_(_CLAIM.c.state != ClaimState.APPROVED.value, _IS_DONE)), most)

    def _half(self, which: Any, most: int | None) -> list[int]:
        query = (
            select(_CLAIM.c.case_id)
            .where(_CLAIM.c.state.in_(_OPEN), which)
            .group_by(_CLAIM.c.case_id)
            .order_by(func.min(_CLAIM.c.due), _CLAIM.c.case_id)
            .limit(most)
        )
        return list(self._run(query).scalars())

    def restricted(self) -> list[int]:
        """Return the cases whose data are locked: a restriction is recorded as done and not as lifted."""
        lifted = (
            select(_EVENT.c.id)
            .where(
                _EVENT.c.case_id == _CLAIM.c.case_id,
                _EVENT.c.claim_id == _CLAIM.c.id,
                _EVENT.c.name == EventName.RESTRICTION_LIFTED.value,
            )
            .exists()
        )
        every = [state.value for state in ClaimState]  # Said, so that the index on the state is used.
        query = select(_CLAIM.c.case_id).where(
            _CLAIM.c.state.in_(every), _CLAIM.c.right == Right.RESTRICTION.value, _IS_DONE, ~lifted
        )
        return sorted(set(self._run(query).scalars()))

    def closed(self, *, right: str = "", mailbox: str = "", start: int, most: int) -> list[int]:
        """Return some of the closed cases, the last closed first."""
        query = select(_CASE.c.id).where(*_closed(right, mailbox))
        query = query.order_by(_CASE.c.closed_at.desc(), _CASE.c.id.desc()).offset(start).limit(most)
        return list(self._run(query).scalars())

    def count_closed(self, *, right: str = "", mailbox: str = "") -> int:
        """Return how many cases are closed."""
        return int(self._run(select(func.count()).select_from(_CASE).where(*_closed(right, mailbox))).scalar_one())

    def closed_rights(self, mailbox: str = "") -> dict[str, int]:
        """Return in how many closed cases each right was asked for, by the right's name."""
        closed = select(_CLAIM.c.right, _CLAIM.c.marketing, func.count().label("number")).where(
            _CLAIM.c.state.in_(_FINAL)
        )
        if mailbox:
            closed = closed.join(_CASE, _CASE.c.id == _CLAIM.c.case_id).where(*_closed("", mailbox))
        found = self._by_right(closed)
        if not mailbox:
            # Counting those of open cases and taking them off is quicker than asking each claim for its case.
            still_open = _CASE.c.id.in_(select(_CLAIM.c.case_id).where(_CLAIM.c.state.in_(_OPEN)))
            ended = select(_CLAIM.c.right, _CLAIM.c.marketing, func.count().label("number"))
            ended = ended.join(_CASE, _CASE.c.id == _CLAIM.c.case_id).where(still_open, _CLAIM.c.state.in_(_FINAL))
            for name, number in self._by_right(ended).items():
                found[name] -= number
        return found

    def _by_right(self, query: Any) -> dict[str, int]:
        rows = self._run(query.group_by(_CLAIM.c.right, _CLAIM.c.marketing))
        return {_CLAIM_OF[row.right, bool(row.marketing)].name: int(row.number) for row in rows}

    def _run(self, statement: Any) -> Any:
        return self._session.connection().execute(statement)


_CLAIM_OF = {
    (right.value, marketing): Claim(right=right, marketing=marketing) for right in Right for marketing in (False, True)
}
_STATE_OF = {state.value: state for state in ClaimState}


def _closed(right: str, mailbox: str) -> list[Any]:
    found: list[Any] = [_CASE.c.state == CaseState.CLOSED.value]
    if mailbox:
        found.append(_CASE.c.mailbox == mailbox)
    if right:
        name, _, marketing = right.partition(":")
        one = (_CLAIM.c.case_id == _CASE.c.id, _CLAIM.c.right == name, _CLAIM.c.marketing.is_(bool(marketing)))
        found.append(select(_CLAIM.c.id).where(*one).exists())
    return found
