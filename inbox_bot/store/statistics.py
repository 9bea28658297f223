"""Counts of claims, added up by the database: nothing of a person is read. ``domain.statistics`` makes the figures of them."""

from collections import Counter
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Integer,
    String,
    and_,
    case,
    cast,
    func,
    literal,
    literal_column,
    select,
    union_all,
)
from sqlmodel import Session, SQLModel

from inbox_bot.clock import stockholm_day
from inbox_bot.domain.case import ClaimState, EventName
from inbox_bot.domain.rights import Claim, Right
from inbox_bot.domain.span import Span
from inbox_bot.domain.statistics import Answered, Counts, Finder, Phase, Stand, Tally
from inbox_bot.store.milestones import CLAIM, EVENT, among, answered, marks, materialized, plan_steadily
from inbox_bot.store.stockholm import later_of, local_day, month_name, number_of, seconds_of

_T = SQLModel.metadata.tables
_CASE, _MAIL, _FOLDER = (_T[name] for name in ("case", "mail", "folder"))
_PROGRAM = "program"


class Figures:
    """Adds up what is known of claims. Days are Stockholm's; a span is that of the days the claims came in."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def counts(self, span: Span, now: datetime) -> Counts:
        """Count the claims received in a span, in one pass over them."""
        today = stockholm_day(now)
        plan_steadily(self._session)
        facts = materialized(_facts(span, today).cte("facts"))
        steps = materialized(_steps(facts).cte("steps"))
        tallies, days = [], []
        seconds: Counter[Phase] = Counter()
        for row in self._session.connection().execute(_sums(facts, steps)):
            claim = Claim(right=Right(row.right), marketing=bool(row.marketing)) if row.right else None
            if claim is None:
                seconds[Phase(row.word)] += int(row.number)
            elif row.shape == 1:
                stand, finder = str(row.word).split(" ")
                tallies.append(
                    Tally(
                        month=row.month,
                        claim=claim,
                        stand=Stand(stand),
                        late=bool(row.late),
                        finder=Finder(finder),
                        count=int(row.number),
                    )
                )
            else:
                days.append(Answered(claim=claim, days=row.days, late=bool(row.late), count=int(row.number)))
        return Counts(tallies=tallies, answered=days, seconds=dict(seconds))

    def oldest(self) -> date | None:
        """Return the day the oldest claim that is kept came in, or None."""
        found: datetime | None = self._session.connection().execute(select(func.min(CLAIM.c.received_at))).scalar()
        return None if found is None else stockholm_day(found)

    def began(self) -> date | None:
        """Return the day of the first look into a mailbox, or None: before it nothing was counted."""
        found: datetime | None = self._session.connection().execute(select(func.min(_FOLDER.c.first_look_at))).scalar()
        return None if found is None else stockholm_day(found)

    def gone(self, first: int, last: int) -> int:
        """Return how many case numbers of some years were given and are no longer there; the highest kept one is the last known."""
        years = (
            select((func.max(_CASE.c.number) - func.count()).label("gone"))
            .where(_CASE.c.year.between(first, last))
            .group_by(_CASE.c.year)
            .subquery()
        )
        return int(self._session.connection().execute(select(func.coalesce(func.sum(years.c.gone), 0))).scalar_one())


def _facts(span: Span, today: date) -> Any:
    """Return one row for each claim: what it is, what became of it, and when each thing happened, in seconds since 1970."""
    left = materialized(answered(span).cte("answered"))
    happened = materialized(marks(span, left).cte("marks"))
    added = EVENT.alias("added")
    received = seconds_of(CLAIM.c.received_at)
    received_day = local_day(received, span.first, span.last)
    sent_day = local_day(seconds_of(left.c.sent), span.first, today)
    due = seconds_of(CLAIM.c.due) // literal_column("86400", Integer)
    is_answered = left.c.sent.is_not(None)
    stand = case(
        (CLAIM.c.state == ClaimState.DISOWNED.value, Stand.DISOWNED.value),
        (CLAIM.c.state == ClaimState.DISMISSED.value, Stand.DISMISSED.value),
        (CLAIM.c.state == ClaimState.WITHDRAWN.value, Stand.WITHDRAWN.value),
        (is_answered, Stand.ANSWERED.value),
        else_=Stand.OPEN.value,
    )
    late = case((is_answered, sent_day > due), else_=due < number_of(today))
    return (
        select(
            CLAIM.c.right,
            CLAIM.c.marketing,
            month_name(received_day).label("month"),
            stand.label("stand"),
            case((late, 1), else_=0).label("late"),
            case((is_answered, sent_day - received_day), else_=0).label("days"),
            _finder(added).label("finder"),
            received.label("received"),
            seconds_of(added.c.at).label("added"),
            case((added.c.actor == _PROGRAM, 0), else_=1).label("by_person"),
            *(seconds_of(happened.c[name]).label(name) for name in ("asked", "undecided", "proven", "fact", "drafted")),
            seconds_of(happened.c.work).label("work"),
            seconds_of(left.c.frozen).label("frozen"),
            seconds_of(left.c.sent).label("sent"),
        )
        .select_from(CLAIM)
        .join(
            added,
            and_(
                added.c.case_id == CLAIM.c.case_id,
                added.c.claim_id == CLAIM.c.id,
                added.c.name == EventName.CLAIM_ADDED.value,
            ),
        )
        .join(happened, happened.c.id == CLAIM.c.id)
        .outerjoin(left, left.c.id == CLAIM.c.id)
        .where(among(span))
    )


def _finder(added: Any) -> ColumnElement[str]:
    """Say who saw the claim: the program, or a person who sorted its mail or added the right to it."""
    mail_id = added.c.details["mail"].as_integer()
    historic = select(_MAIL.c.id).where(_MAIL.c.id == mail_id, _MAIL.c.historic).exists()
    sorting = EVENT.alias("sorting")
    sorted_as = (
        select(sorting.c.id)
        .where(
            sorting.c.case_id == added.c.case_id,
            sorting.c.claim_id.is_(None),
            sorting.c.name == EventName.MAIL_SORTED.value,
            sorting.c.details["mail"].as_integer() == mail_id,
        )
        .exists()
    )
    return case(
        (added.c.actor == _PROGRAM, Finder.PROGRAM.value),
        (historic, Finder.HISTORIC.value),
        (sorted_as, Finder.SORTED.value),
        else_=Finder.ADDED.value,
    )


def _steps(facts: CTE) -> Any:
    """Return for each answered claim the seconds of what it waited for, one after another: none begins before the one before it.

    A clock that was set back, or a thing that was left out, makes a step of no length, never one that is counted twice.
    """
    f = facts.c
    added = later_of(f.received, f.added)
    asked = later_of(added, func.coalesce(f.asked, added))
    shown = later_of(asked, func.coalesce(f.fact, f.proven, f.drafted, asked))
    frozen = later_of(shown, f.frozen)
    proven = later_of(shown, func.coalesce(f.proven, shown))
    # ``marks`` reads no later than the letter was frozen; what was proven after that belongs to a case taken up again.
    worked = later_of(case((proven > frozen, shown), else_=proven), func.coalesce(f.work, shown))
    ready = case((worked > frozen, frozen), else_=worked)
    sent = later_of(frozen, f.sent)
    hers = case((f.by_person == 1, added - f.received), else_=0)
    undecided = case((f.undecided.is_not(None), asked - added), else_=0)
    return select(
        (asked - f.received - hers - undecided).label(Phase.PROGRAM.value),
        (shown - asked).label(Phase.PROOF.value),
        (ready - shown + hers + undecided).label(Phase.STAFF.value),
        (frozen - ready).label(Phase.APPROVAL.value),
        (sent - frozen).label(Phase.OUTBOX.value),
    ).where(f.stand == Stand.ANSWERED.value)


def _sums(facts: CTE, steps: CTE) -> Any:
    """Return one statement of three kinds of rows: claims alike (shape 1), answers alike in days (2), seconds by phase (3)."""
    f = facts.c
    nothing, zero = literal("", String), literal(0, Integer)
    alike = select(
        literal(1, Integer).label("shape"),
        f.month.label("month"),
        f.right.label("right"),
        case((f.marketing, 1), else_=0).label("marketing"),
        (f.stand + " " + f.finder).label("word"),
        f.late.label("late"),
        zero.label("days"),
        cast(func.count(), BigInteger).label("number"),
    ).group_by(f.month, f.right, f.marketing, f.stand, f.finder, f.late)
    days = (
        select(
            literal(2, Integer),
            nothing,
            f.right,
            case((f.marketing, 1), else_=0),
            nothing,
            f.late,
            f.days,
            cast(func.count(), BigInteger),
        )
        .where(f.stand == Stand.ANSWERED.value)
        .group_by(f.right, f.marketing, f.late, f.days)
    )
    waits = [
        select(
            literal(3, Integer),
            nothing,
            nothing,
            zero,
            literal(phase.value, String),
            zero,
            zero,
            cast(func.coalesce(func.sum(steps.c[phase.value]), 0), BigInteger),
        )
        for phase in Phase
    ]
    return union_all(alike, days, *waits)
