"""What the list of cases is made of: read from indexes, so that a hundred thousand closed cases cost the open ones nothing."""

from collections import Counter
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import func, literal, or_, select
from sqlmodel import Session, SQLModel

from inbox_bot.domain.case import LETTERS_IN_TROUBLE, CaseState, ClaimState, DraftState, EventName
from inbox_bot.domain.rights import Claim, Right
from inbox_bot.domain.task import NO, OWES_NOTHING, OutcomeKind
from inbox_bot.domain.worklist import OpenClaim
from inbox_bot.store import tables

_T = SQLModel.metadata.tables
assert tables.CaseRow.metadata is SQLModel.metadata
_CASE, _CLAIM, _EVENT, _MAIL, _LETTER = (_T[name] for name in ("case", "claim", "event", "mail", "letter"))
_TASK, _OUTCOME, _DRAFT = (_T[name] for name in ("task", "outcome", "draft"))
_OPEN = [state.value for state in ClaimState if not state.is_final]
_FINAL = [state.value for state in ClaimState if state.is_final]
_NEVER = [ClaimState.DISOWNED.value, ClaimState.DISMISSED.value]


_COLUMNS = [_CLAIM.c[name] for name in ("case_id", "right", "marketing", "due", "state", "by_person", "to_check")]
_CLAIMS = select(*_COLUMNS, literal("").label("mailbox")).where(_CLAIM.c.state.in_(_OPEN))
_CLAIMS_AND_MAILBOX = (
    select(*_COLUMNS, _CASE.c.mailbox)
    .select_from(_CLAIM)
    .join(_CASE, _CASE.c.id == _CLAIM.c.case_id)
    .where(_CLAIM.c.state.in_(_OPEN))
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

    def claims(self, case_ids: Collection[int] | None = None, *, with_mailbox: bool = False) -> Iterable[OpenClaim]:
        """Return every claim that is still owed an answer, or those of some cases; their mailboxes only where asked for."""
        query = _CLAIMS_AND_MAILBOX if with_mailbox else _CLAIMS
        if case_ids is not None:
            query = query.where(_CLAIM.c.case_id.in_(case_ids))
        return map(OpenClaim._make, self._run(query).all())

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
        tasks = select(_TASK.c.id).where(_TASK.c.claim_id == _CLAIM.c.id).exists()
        query = select(_CLAIM.c.case_id).where(_CLAIM.c.state == ClaimState.APPROVED.value, tasks)
        return sorted(set(self._run(query).scalars()))

    def begun(self, case_ids: Collection[int]) -> list[int]:
        """Return those of some cases in which something is recorded as done."""
        query = select(_OUTCOME.c.case_id).where(
            _OUTCOME.c.case_id.in_(case_ids),
            _OUTCOME.c.kind == OutcomeKind.DONE.value,
            _OUTCOME.c.withdrawn_at.is_(None),
        )
        return sorted(set(self._run(query).scalars()))

    def restricted(self, ending: str) -> list[int]:
        """Return the cases whose data are locked and may be no longer: a restriction is recorded as done and not as lifted, and
        it never was granted, or the person is told of its end by the letter ``ending``.
        """
        lifted = (
            select(_EVENT.c.id)
            .where(
                _EVENT.c.case_id == _CLAIM.c.case_id,
                _EVENT.c.claim_id == _CLAIM.c.id,
                _EVENT.c.name == EventName.RESTRICTION_LIFTED.value,
            )
            .exists()
        )
        names = _DRAFT.c.letter
        ends = (
            select(_DRAFT.c.id)
            .where(
                _DRAFT.c.case_id == _CLAIM.c.case_id,
                _DRAFT.c.state != DraftState.VOID.value,
                or_(names == ending, names.startswith(NO, autoescape=True), names.in_(OWES_NOTHING)),
            )
            .exists()
        )
        every = [state.value for state in ClaimState]  # Said, so that the index on the state is used.
        query = select(_CLAIM.c.case_id).where(
            _CLAIM.c.state.in_(every),
            _CLAIM.c.right == Right.RESTRICTION.value,
            or_(_CLAIM.c.state.in_(_NEVER), ends),
            _IS_DONE,
            ~lifted,
        )
        return sorted(set(self._run(query).scalars()))

    def closed(self, *, right: str = "", mailbox: str = "", start: int, most: int) -> list[int]:
        """Return some of the closed cases, the last closed first."""
        query = select(_CASE.c.id).where(*_closed(right, mailbox))
        query = query.order_by(_CASE.c.closed_at.desc(), _CASE.c.id.desc()).offset(start).limit(most)
        return list(self._run(query).scalars())

    def count_closed(self) -> int:
        """Return how many cases are closed."""
        query = select(func.count()).select_from(_CASE).where(_CASE.c.state == CaseState.CLOSED.value)
        return int(self._run(query).scalar_one())

    def closed_in_mailboxes(self, right: str = "") -> dict[str, int]:
        """Return how many closed cases came in to each mailbox, all or those of a right."""
        query = select(_CASE.c.mailbox, func.count().label("number")).where(_CASE.c.state == CaseState.CLOSED.value)
        if right:
            # From the claims, which the index has by right; of what is over in an open case there is little.
            query = query.join(_CLAIM, _CLAIM.c.case_id == _CASE.c.id).where(_CLAIM.c.state.in_(_FINAL), *_of(right))
        return {row.mailbox: int(row.number) for row in self._run(query.group_by(_CASE.c.mailbox)) if row.mailbox}

    def closed_rights(self, mailbox: str = "") -> dict[str, int]:
        """Return in how many closed cases each right was asked for, by the right's name."""
        found: Counter[str] = Counter()
        for state in _FINAL:  # State by state, the index has them in the order they are counted in.
            claims = _COUNTED.where(_CLAIM.c.state == state)
            if mailbox:
                claims = claims.join(_CASE, _CASE.c.id == _CLAIM.c.case_id).where(*_closed("", mailbox))
            found.update(self._by_right(claims))
        if not mailbox:
            # What is over in cases that are open still is taken off: that is quicker than to ask each claim for its case.
            still = select(_CLAIM.c.case_id).where(_CLAIM.c.state.in_(_OPEN)).distinct().cte("still")
            by_case = _COUNTED.join(still, still.c.case_id == _CLAIM.c.case_id)
            # Concatenated, so that the cases lead to the claims and not the index on the state.
            found.subtract(self._by_right(by_case.where((_CLAIM.c.state + "").in_(_FINAL))))
        return dict(found)

    def _by_right(self, query: Any) -> dict[str, int]:
        rows = self._run(query.group_by(_CLAIM.c.right, _CLAIM.c.marketing))
        return {_CLAIM_OF[row.right, bool(row.marketing)].name: int(row.number) for row in rows}

    def _run(self, statement: Any) -> Any:
        return self._session.connection().execute(statement)


_COUNTED = select(_CLAIM.c.right, _CLAIM.c.marketing, func.count().label("number"))
_CLAIM_OF = {
    (right.value, marketing): Claim(right=right, marketing=marketing) for right in Right for marketing in (False, True)
}


def _closed(right: str, mailbox: str) -> list[Any]:
    found: list[Any] = [_CASE.c.state == CaseState.CLOSED.value]
    if mailbox:
        found.append(_CASE.c.mailbox == mailbox)
    if right:
        found.append(select(_CLAIM.c.id).where(_CLAIM.c.case_id == _CASE.c.id, *_of(right)).exists())
    return found


def _of(right: str) -> tuple[Any, Any]:
    """Return what tells the claims to a right, as ``Claim.name`` has it."""
    name, _, marketing = right.partition(":")
    return _CLAIM.c.right == name, _CLAIM.c.marketing.is_(bool(marketing))
