"""How much has been written, to whom and in which case: what the outbox weighs before it hands over one letter more."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, case, func, or_, select
from sqlmodel import Session, SQLModel

from inbox_bot.domain.case import LetterPurpose, LetterState
from inbox_bot.store import tables

_LETTER = SQLModel.metadata.tables[str(tables.LetterRow.__tablename__)].c
_UNASKED = and_(
    _LETTER.purpose.in_([purpose.value for purpose in LetterPurpose if purpose.is_automatic]), _LETTER.approved_by == ""
)
_FOR_STAFF = [purpose.value for purpose in LetterPurpose if purpose.is_for_staff]


@dataclass(frozen=True, kw_only=True)
class Flood:
    """How many letters were claimed for sending. ``unasked``: those that no person has asked for; ``others`` without those to staff."""

    unasked_in_hour: int
    unasked_in_day: int
    others_in_hour: int


@dataclass(frozen=True, kw_only=True)
class Written:
    """What has gone to one address, and in one case, without any person asking for it.

    ``complained``: a letter to the address was complained of (RFC 5965). ``came_back``: what the record says of the last letter
    that left for it, if it came back or was refused, also where a person has laid it aside since; else ``""``.
    """

    in_day: int
    in_month: int
    in_case: int
    complained: bool
    came_back: str


class Traffic:
    """Counts over the rows of ``letter``, a statement each: they are asked for every letter that leaves."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def since(self, *, hour: datetime, day: datetime) -> Flood:
        """Count all that was claimed since the two moments."""
        row = self._session.connection().execute(_ALL, {"hour": hour, "day": day}).one()
        return Flood(unasked_in_hour=row[0], unasked_in_day=row[1], others_in_hour=row[2])

    def with_address(self, address: str, case_id: int | None, *, day: datetime, month: datetime) -> Written:
        """Count what went to an address since the two moments, and ever in a case."""
        values = {"address": address, "case_id": case_id, "day": day, "month": month}
        row = self._session.connection().execute(_ONE, values).one()
        return Written(
            in_day=row[0], in_month=row[1], in_case=row[2], complained=row[3] > 0, came_back=str(row[4] or "")
        )


def _all() -> Any:
    in_hour = _LETTER.claimed_at >= bindparam("hour")
    others = and_(in_hour, _LETTER.purpose.not_in(_FOR_STAFF), ~_UNASKED)
    counts = (func.count().filter(which) for which in (and_(in_hour, _UNASKED), _UNASKED, others))
    return select(*counts).where(_LETTER.claimed_at >= bindparam("day"))


def _one() -> Any:
    to_address = _LETTER.recipient == bindparam("address")
    sent, tried = LetterState.SENT.value, [LetterState.BOUNCED.value, LetterState.FAILED.value]
    laid_aside = and_(_LETTER.state == LetterState.VOID.value, _LETTER.answer.startswith("bounced"))
    last = (
        select(case((_LETTER.state == sent, ""), else_=_LETTER.answer))
        .where(to_address, or_(_LETTER.state.in_([sent, *tried]), laid_aside))
        .order_by(_LETTER.id.desc())
        .limit(1)
    )
    return select(
        _count(to_address, _UNASKED, _LETTER.claimed_at >= bindparam("day")),
        _count(to_address, _UNASKED, _LETTER.claimed_at >= bindparam("month")),
        _count(_LETTER.case_id == bindparam("case_id"), _UNASKED, _LETTER.claimed_at.is_not(None)),
        _count(to_address, _LETTER.complained_at.is_not(None)),
        last.scalar_subquery(),
    )


def _count(*conditions: Any) -> Any:
    return select(func.count()).where(*conditions).scalar_subquery()


_ALL, _ONE = _all(), _one()
