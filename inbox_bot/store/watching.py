"""What shows that the program works: the daily mail to ourselves, comparisons, what stood still, which processes live."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Update, and_, delete, func, or_, update
from sqlalchemy import select as sa_select
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel, col, select

from inbox_bot.domain.case import LetterPurpose, LetterState, MailState
from inbox_bot.store.guard import FRESH, changed
from inbox_bot.store.mail_statements import WAITS_SINCE
from inbox_bot.store.tables import ComparisonRow, IncidentRow, LetterRow, MailRow, PulseRow, SelfCheckRow, SightingRow

_UNDER_WAY = [LetterState.QUEUED.value, LetterState.DEFERRED.value, LetterState.SENDING.value]
_CAPPED = [purpose.value for purpose in LetterPurpose if purpose.is_automatic]
_BETWEEN_ROOMS = [
    state.value
    for state in (
        MailState.RECEIVED,
        MailState.READ,
        MailState.BOUNCE,
        MailState.REQUEST,
        MailState.UNSURE,
        MailState.NOT_REQUEST,
        MailState.JOINED,
    )
]
_MOST_WAITING = 50


@dataclass(frozen=True, kw_only=True)
class SelfCheck:
    """One day's mail to ourselves. ``seen_in``: mailbox and folder it came to; ``copies``: how often it was seen."""

    day: date
    message_id: str
    made_at: datetime
    seen_at: datetime | None
    seen_in: str
    copies: int


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What one folder held of mails received since a day, and how many of them the store had ``missed``.

    ``recovered`` of these were fetched then. ``missed_at``: when it last had missed any.
    """

    mailbox: str
    folder: str
    at: datetime
    since: date
    on_server: int
    missed: int
    recovered: int
    missed_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Incident:
    """Something that stood still; open while ``ended_at`` is None."""

    what: str
    since: datetime
    told_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Pulse:
    """A working process as it last told of itself. ``parts`` as ``domain.health.part_to_json`` writes them."""

    worker: str
    started_at: datetime
    beat_at: datetime
    stopped_at: datetime | None
    parts: Sequence[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """Letters on their way. ``held_up``: those for which nothing has left since they were made: when, and the last answer."""

    waiting: int
    held_up: Sequence[tuple[datetime, str]]


class Watching:
    """The rows of ``self_check``, ``comparison``, ``incident`` and ``pulse``, and what can be read off the others."""

    def __init__(self, session: Session) -> None:
        self._session = session

    # The daily mail to ourselves

    def has_self_check(self, day: date) -> bool:
        return self._session.exec(select(SelfCheckRow.id).where(SelfCheckRow.day == day)).first() is not None

    def add_self_check(self, *, day: date, token_hash: str, message_id: str, at: datetime) -> bool:
        """Take a day's check for oneself; False if another worker has it. The unique key decides."""
        row = SelfCheckRow(day=day, token_hash=token_hash, message_id=message_id, made_at=at)
        return self._added(row)

    def self_checks(self, most: int) -> list[SelfCheck]:
        """Return the last days' checks, the newest first."""
        query = select(SelfCheckRow).order_by(col(SelfCheckRow.day).desc()).limit(most)
        return [
            SelfCheck(
                day=row.day,
                message_id=row.message_id,
                made_at=row.made_at,
                seen_at=row.seen_at,
                seen_in=row.seen_in,
                copies=row.copies,
            )
            for row in self._session.exec(query, execution_options=FRESH)
        ]

    def note_seen(self, hashes: Collection[str], message_id: str | None, *, at: datetime, where: str) -> bool:
        """Note that a mail with one of these tokens, or this Message-ID, has come; False if it is none of ours."""
        mine = or_(col(SelfCheckRow.token_hash).in_(list(hashes)), col(SelfCheckRow.message_id) == (message_id or ""))
        seen: Update = update(SelfCheckRow).where(mine)
        if changed(self._session, seen.where(col(SelfCheckRow.seen_at).is_(None)).values(seen_at=at, seen_in=where)):
            return changed(self._session, seen.values(copies=1))
        return changed(self._session, seen.values(copies=SelfCheckRow.copies + 1))

    def place_of(self, mail_id: int) -> str:
        """Return the mailbox and folder a mail was last seen in, with a slash between; ``""`` if nobody knows."""
        query = select(SightingRow).where(SightingRow.mail_id == mail_id).order_by(col(SightingRow.id).desc()).limit(1)
        row = self._session.exec(query).first()
        return "" if row is None else f"{row.mailbox}/{row.folder}"

    def delete_self_checks(self, before: date) -> int:
        return self._run(delete(SelfCheckRow).where(col(SelfCheckRow.day) < before))

    # The comparison

    def compared(self) -> list[Comparison]:
        """Return the last comparison of every folder."""
        query = select(ComparisonRow).order_by(ComparisonRow.mailbox, ComparisonRow.folder)
        rows = self._session.exec(query, execution_options=FRESH)
        names = Comparison.__dataclass_fields__
        return [Comparison(**{name: getattr(row, name) for name in names}) for row in rows]

    def note_compared(self, one: Comparison) -> None:
        """Put a folder's newest comparison in the place of the one before."""
        values: dict[str, Any] = {
            "at": one.at,
            "since": one.since,
            "on_server": one.on_server,
            "missed": one.missed,
            "recovered": one.recovered,
        } | ({"missed_at": one.at} if one.missed else {})
        mine = update(ComparisonRow).where(
            col(ComparisonRow.mailbox) == one.mailbox, col(ComparisonRow.folder) == one.folder
        )
        if not changed(self._session, mine.values(**values)):
            self._added(ComparisonRow(mailbox=one.mailbox, folder=one.folder, **values))

    # What stood still

    def incidents(self) -> list[Incident]:
        query = select(IncidentRow).order_by(col(IncidentRow.since))
        return [
            Incident(what=row.what, since=row.since, told_at=row.told_at, ended_at=row.ended_at)
            for row in self._session.exec(query, execution_options=FRESH)
        ]

    def open_incident(self, what: str, since: datetime, at: datetime, *, again: bool, quiet_since: datetime) -> bool:
        """Take it for oneself to tell of something; False if it has been told. Guarded: of two workers one is first.

        ``again``: tell of an open one anew if this one began later. One that ended after ``quiet_since`` is not told of again
        so soon, unless it has stood still since before that.
        """
        is_over = col(IncidentRow.ended_at).is_not(None)
        ended = is_over if since <= quiet_since else and_(is_over, col(IncidentRow.ended_at) <= quiet_since)
        later = and_(col(IncidentRow.ended_at).is_(None), col(IncidentRow.since) < since)
        mine = update(IncidentRow).where(col(IncidentRow.what) == what, or_(ended, later) if again else ended)
        if changed(self._session, mine.values(since=since, told_at=at, ended_at=None)):
            return True
        known = select(IncidentRow.what).where(IncidentRow.what == what)
        if self._session.exec(known).first() is not None:
            return False
        return self._added(IncidentRow(what=what, since=since, told_at=at))

    def end_incident(self, what: str, at: datetime) -> bool:
        """Note that something is well again; False if it was, or another worker has noted it."""
        mine = update(IncidentRow).where(col(IncidentRow.what) == what, col(IncidentRow.ended_at).is_(None))
        return changed(self._session, mine.values(ended_at=at))

    def past_incident(self, what: str, since: datetime, until: datetime, at: datetime) -> bool:
        """Take it for oneself to tell of a stillness that is over; False if it has been told while it lasted, or since."""
        mine = update(IncidentRow).where(
            col(IncidentRow.what) == what, col(IncidentRow.since) < since, col(IncidentRow.ended_at).is_not(None)
        )
        if changed(self._session, mine.values(since=since, told_at=at, ended_at=until)):
            return True
        known = select(IncidentRow.what).where(IncidentRow.what == what)
        if self._session.exec(known).first() is not None:
            return False
        return self._added(IncidentRow(what=what, since=since, told_at=at, ended_at=until))

    # The processes that work

    def beat(self, pulse: Pulse) -> None:
        """Note that a process lives, and how it is."""
        values: dict[str, Any] = {
            "started_at": pulse.started_at,
            "beat_at": pulse.beat_at,
            "stopped_at": pulse.stopped_at,
            "parts": list(pulse.parts),
        }
        if not changed(self._session, update(PulseRow).where(col(PulseRow.worker) == pulse.worker).values(**values)):
            self._added(PulseRow(worker=pulse.worker, **values))

    def pulses(self) -> list[Pulse]:
        rows = self._session.exec(select(PulseRow).order_by(PulseRow.worker), execution_options=FRESH)
        names = Pulse.__dataclass_fields__
        return [Pulse(**{name: getattr(row, name) for name in names}) for row in rows]

    def forget_pulses(self, workers: Collection[str]) -> int:
        return self._run(delete(PulseRow).where(col(PulseRow.worker).in_(list(workers))))

    # What the other rooms have noted

    def oldest_between_rooms(self) -> datetime | None:
        """Return when the mail came in that has waited longest for a room to take it on; None if none waits."""
        query = select(func.min(WAITS_SINCE)).where(col(MailRow.state).in_(_BETWEEN_ROOMS))
        oldest: datetime | None = self._session.exec(query).one()
        return oldest

    def outgoing(self) -> Outgoing:
        """Return how the way out is."""
        letter = SQLModel.metadata.tables["letter"].c
        under_way = col(LetterRow.state).in_(_UNDER_WAY)
        waiting = self._session.exec(select(func.count()).select_from(LetterRow).where(under_way)).one()
        if not waiting:
            return Outgoing(waiting=0, held_up=())
        last = self._session.exec(select(func.max(LetterRow.sent_at))).one()
        # What waits for its hour or day to have room (outbox/caps.py) has not been tried, and says nothing of the way out.
        capped = and_(letter.purpose.in_(_CAPPED), letter.approved_by == "", letter.attempts == 0)
        query = sa_select(letter.created_at, letter.answer).where(under_way, ~capped).order_by(letter.created_at)
        if last is not None:
            query = query.where(letter.created_at > last)
        rows = self._session.connection().execute(query.limit(_MOST_WAITING))
        return Outgoing(waiting=waiting, held_up=[(row.created_at, row.answer) for row in rows])

    def _added(self, row: SQLModel) -> bool:
        try:
            with self._session.begin_nested():
                self._session.add(row)
        except IntegrityError:
            return False
        return True

    def _run(self, statement: Any) -> int:
        return int(self._session.connection().execute(statement).rowcount)
