"""When the things happened to a claim that figures and register tell of, read from its events and its answer's letter."""

from datetime import timedelta
from typing import Any

from sqlalchemy import CTE, ColumnElement, and_, case, func, or_, select, text
from sqlmodel import Session, SQLModel

from inbox_bot.domain.case import EventName, LetterState
from inbox_bot.domain.span import Span
from inbox_bot.store import tables
from inbox_bot.store.stockholm import start_of

assert tables.ClaimRow.metadata is SQLModel.metadata
_T = SQLModel.metadata.tables
CLAIM, EVENT, LETTER = (_T[name] for name in ("claim", "event", "letter"))
_PROOF = (EventName.IDENTITY_CONFIRMED, EventName.IDENTITY_NOT_NEEDED)
_WORK = (EventName.TASK_RECORDED, EventName.EDITED, EventName.SECONDED)
_READ = (
    EventName.IDENTITY_ASKED,
    EventName.IDENTITY_UNDECIDED,
    EventName.FACT_GIVEN,
    EventName.DRAFTED,
    EventName.EXTENSION_SENT,
    EventName.EXTENSION_LOST,
    *_PROOF,
    *_WORK,
)


def materialized(table: CTE) -> CTE:
    """Have a table worked out once: its columns are read many times, and each would else be reckoned anew."""
    return table.prefix_with("MATERIALIZED")


def plan_steadily(session: Session) -> None:
    """Keep PostgreSQL from pairing steps row by row until the transaction ends: it guesses how many rows a step has.

    Guessing too few for a year of many cases, it took time by the square of their number; joined by hash it takes a steady time.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.connection().execute(text("SET LOCAL enable_nestloop = off"))


def among(span: Span) -> ColumnElement[bool]:
    """Say that a claim came in on one of the span's days."""
    received = CLAIM.c.received_at
    return and_(received >= start_of(span.first), received < start_of(span.last + timedelta(days=1)))


def answered(span: Span) -> Any:
    """Return for each claim of a span that was answered when its first answer was frozen and when it left.

    One that came back is no answer. A case that was taken up again counts with its first answer: that is the one the month is about.
    """
    letter_id = EVENT.c.details["letter"].as_integer()
    # Outer joins, from the claims on: SQLite would else begin with all letters ever sent and pair them with all claims.
    left = LETTER.c.state == LetterState.SENT.value
    return (
        select(
            CLAIM.c.id.label("id"),
            func.min(case((left, LETTER.c.created_at))).label("frozen"),
            func.min(case((left, func.coalesce(LETTER.c.sent_at, EVENT.c.at)))).label("sent"),
            func.min(case((left, LETTER.c.id))).label("letter_id"),
        )
        .select_from(CLAIM)
        .outerjoin(
            EVENT,
            and_(
                EVENT.c.case_id == CLAIM.c.case_id,
                EVENT.c.claim_id == CLAIM.c.id,
                EVENT.c.name == EventName.ANSWERED.value,
            ),
        )
        .outerjoin(LETTER, LETTER.c.id == letter_id)
        .where(among(span))
        .group_by(CLAIM.c.id)
    )


def marks(span: Span, left: CTE) -> Any:
    """Return for each claim of a span when it was asked for proof, proven, drafted and last worked on before its answer was frozen.

    Editing and seconding are noted for the case, not for a claim. The index on event holds all that is read here.
    """
    name, at = EVENT.c.name, EVENT.c.at
    # Not a condition of the join: SQLite would go to the index twice for it, and to the table for each row it finds.
    mine = or_(EVENT.c.claim_id == CLAIM.c.id, EVENT.c.claim_id.is_(None))

    def first(*names: EventName) -> Any:
        return func.min(case((and_(mine, name.in_([one.value for one in names])), at)))

    before = or_(left.c.frozen.is_(None), at <= left.c.frozen)
    worked = and_(mine, name.in_([one.value for one in _WORK]), before)
    facts = and_(mine, name == EventName.FACT_GIVEN.value, before)
    return (
        select(
            CLAIM.c.id.label("id"),
            first(EventName.IDENTITY_ASKED).label("asked"),
            first(EventName.IDENTITY_UNDECIDED).label("undecided"),
            first(*_PROOF).label("proven"),
            first(EventName.IDENTITY_CONFIRMED).label("confirmed"),
            first(EventName.DRAFTED).label("drafted"),
            first(EventName.EXTENSION_SENT).label("extended"),
            first(EventName.EXTENSION_LOST).label("lost"),
            func.max(case((facts, at))).label("fact"),
            func.max(case((worked, at))).label("work"),
        )
        .select_from(CLAIM)
        .outerjoin(EVENT, and_(EVENT.c.case_id == CLAIM.c.case_id, name.in_([one.value for one in _READ])))
        .outerjoin(left, left.c.id == CLAIM.c.id)
        .where(among(span))
        .group_by(CLAIM.c.id)
    )
