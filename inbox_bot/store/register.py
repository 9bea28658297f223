"""The rows of the register of requests: read from the evidence records, so that a case that has been emptied is still told of."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import and_, case, select
from sqlmodel import Session, SQLModel

from inbox_bot.clock import stockholm_day
from inbox_bot.domain.case import ClaimState, DraftState, LetterPurpose
from inbox_bot.domain.register import RegisterRow
from inbox_bot.domain.rights import Claim, Right
from inbox_bot.domain.span import Span
from inbox_bot.domain.statistics import Stand
from inbox_bot.store.milestones import CLAIM, LETTER, among, answered, marks, materialized, plan_steadily

_T = SQLModel.metadata.tables
_CASE, _DRAFT = _T["case"], _T["draft"]
_ENDS = {
    ClaimState.DISOWNED.value: Stand.DISOWNED,
    ClaimState.DISMISSED.value: Stand.DISMISSED,
    ClaimState.WITHDRAWN.value: Stand.WITHDRAWN,
}


class Registers:
    """Reads claims for the register. No column that holds a name, an address or a letter's text is read, but for ``reasons``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def rows(self, span: Span, today: date) -> Iterator[RegisterRow]:
        """Yield the claims received in a span, by case number."""
        left = materialized(answered(span).cte("answered"))
        happened = materialized(marks(span, left).cte("marks"))
        query = (
            select(
                _CASE.c.reference,
                CLAIM,
                happened.c.asked,
                happened.c.confirmed,
                # A notice that came back gave no more time: the first month stood (Art 12(3)).
                case((happened.c.lost.is_(None), happened.c.extended)).label("extended"),
                left.c.sent,
                LETTER.c.name.label("letter"),
            )
            .select_from(CLAIM)
            .join(_CASE, _CASE.c.id == CLAIM.c.case_id)
            .join(happened, happened.c.id == CLAIM.c.id)
            .outerjoin(left, left.c.id == CLAIM.c.id)
            .outerjoin(LETTER, LETTER.c.id == left.c.letter_id)
            .where(among(span))
            .order_by(_CASE.c.year, _CASE.c.number, CLAIM.c.id)
        )
        plan_steadily(self._session)
        reasons = self.reasons(span)
        for row in self._session.connection().execute(query):
            yield _row(row, today, reasons.get(row.id, ""))

    def reasons(self, span: Span) -> dict[int, str]:
        """Return what the notices of more time gave as reasons, by claim; those emptied by their period are not there."""
        query = (
            select(_DRAFT.c["claim_ids"], _DRAFT.c["values"])
            .select_from(CLAIM)
            .join(_DRAFT, and_(_DRAFT.c.case_id == CLAIM.c.case_id, _DRAFT.c.purpose == LetterPurpose.EXTENSION.value))
            .where(among(span), _DRAFT.c.state == DraftState.APPROVED.value)
        )
        return {
            claim_id: str((values or {}).get("reasons", ""))
            for claim_ids, values in self._session.connection().execute(query)
            for claim_id in claim_ids
        }


def _row(row: Any, today: date, reason: str) -> RegisterRow:
    sent = None if row.sent is None else stockholm_day(row.sent)
    stand = _ENDS.get(row.state, Stand.OPEN if sent is None else Stand.ANSWERED)
    return RegisterRow(
        reference=row.reference,
        claim=Claim(right=Right(row.right), marketing=row.marketing),
        received_on=stockholm_day(row.received_at),
        due=row.due,
        stand=stand,
        asked_on=_day(row.asked),
        proven_on=_day(row.confirmed),
        extended_on=_day(row.extended),
        reason=reason if row.extended is not None else "",
        answered_on=sent,
        letter=row.letter or "",
        late=stand in {Stand.OPEN, Stand.ANSWERED} and (sent or today) > row.due,
    )


def _day(at: Any) -> date | None:
    return None if at is None else stockholm_day(at)
