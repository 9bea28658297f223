"""Cases, their claims and their events. A claim's clock is rebuilt from its events each time it is read."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, func, text, update
from sqlalchemy import select as sa_select
from sqlmodel import Session, SQLModel, col, select

from inbox_bot.domain.case import CaseRecord, CaseState, ClaimRecord, ClaimState, Event, EventName
from inbox_bot.domain.dates import ClockEvents, Pause
from inbox_bot.domain.proof import Ask
from inbox_bot.domain.rights import Claim, Right
from inbox_bot.store.guard import add, changed, move
from inbox_bot.store.tables import CaseRow, ClaimRow, EventRow

# Built once: for statements that run several times a mail, building costs more than running.
_CASE = SQLModel.metadata.tables["case"]
_CLAIM = SQLModel.metadata.tables["claim"]
_EVENT = SQLModel.metadata.tables["event"]
_CASES = _CASE.select().where(_CASE.c.id.in_(bindparam("ids", expanding=True))).order_by(_CASE.c.id)
_OF_REQUESTER = _CASE.select().where(_CASE.c.requester == bindparam("address")).order_by(_CASE.c.id.desc())
_CASES_WITH_CLAIMS = (
    sa_select(_CLAIM.c.case_id)
    .where(_CLAIM.c.state == bindparam("state"))
    .group_by(_CLAIM.c.case_id)
    .order_by(func.min(_CLAIM.c.due), _CLAIM.c.case_id)
    .limit(bindparam("most"))
)
_LAST_NUMBER = sa_select(func.max(_CASE.c.number)).where(_CASE.c.year == bindparam("year"))
_CLAIMS = _CLAIM.select().where(_CLAIM.c.case_id.in_(bindparam("ids", expanding=True))).order_by(_CLAIM.c.id)
_CLOCK_EVENTS = (
    _EVENT.select()
    .where(
        _EVENT.c.case_id.in_(bindparam("ids", expanding=True)),
        _EVENT.c.name.in_(bindparam("names", expanding=True)),
        _EVENT.c.claim_id.is_not(None),
    )
    .order_by(_EVENT.c.id)
)
_ADD_EVENTS = _EVENT.insert()
_CLOCK_NAMES = [
    name.value
    for name in (
        EventName.CLAIM_ADDED,
        EventName.IDENTITY_ASKED,
        EventName.IDENTITY_UNDECIDED,
        EventName.IDENTITY_CONFIRMED,
        EventName.IDENTITY_NOT_NEEDED,
        EventName.FACT_GIVEN,
        EventName.FACT_CHECKED,
        EventName.EXTENSION_SENT,
        EventName.EXTENSION_LOST,
    )
]


class Cases:
    """The rows of ``case``, ``claim`` and ``event``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def open(
        self, *, prefix: str, year: int, requester: str, name: str, language: str, at: datetime, mailbox: str = ""
    ) -> CaseRecord:
        """Make a new case with the year's next number: ``PK-2026-0042``."""
        if self._session.get_bind().dialect.name == "postgresql":
            # Two workers that read the same highest number would make the second one's mail fail; they take turns.
            self._session.execute(text("SELECT pg_advisory_xact_lock(20160679)"))
        last = self._session.connection().execute(_LAST_NUMBER, {"year": year}).scalar_one()
        number = (last or 0) + 1
        reference = f"{prefix}-{year}-{number:04d}"
        row = {
            "reference": reference,
            "year": year,
            "number": number,
            "state": CaseState.OPEN.value,
            "requester": requester,
            "requester_name": name,
            "language": language,
            "opened_at": at,
            "mailbox": mailbox,
        }
        return CaseRecord(
            id=add(self._session, "case", row),
            reference=reference,
            state=CaseState.OPEN,
            requester=requester,
            requester_name=name,
            language=language,
            opened_at=at,
            claims=(),
        )

    def add_claim(self, case_id: int, claim: Claim, *, received_at: datetime, pausable: bool, due: date) -> int:
        """Add a right to a case, with its own clock, and return the claim's id."""
        row = {
            "case_id": case_id,
            "right": claim.right.value,
            "marketing": claim.marketing,
            "state": ClaimState.OPENED.value,
            "received_at": received_at,
            "pausable": pausable,
            "due": due,
        }
        return add(self._session, "claim", row)

    def by_reference(self, reference: str) -> CaseRecord | None:
        found = self._found(_CASE.select().where(_CASE.c.reference == reference.strip().upper()))
        return found[0] if found else None

    def get(self, case_id: int) -> CaseRecord | None:
        found = self.get_all([case_id])
        return found[0] if found else None

    def get_all(self, case_ids: Sequence[int]) -> list[CaseRecord]:
        """Return the cases with these ids, by number."""
        return self._records(self._session.connection().execute(_CASES, {"ids": list(case_ids)}).all())

    def of_requester(self, address: str) -> list[CaseRecord]:
        """Return every case of an address, newest first."""
        return self._records(self._session.connection().execute(_OF_REQUESTER, {"address": address}).all())

    def all(self, *, open_only: bool = False) -> list[CaseRecord]:
        query = _CASE.select().order_by(_CASE.c.id)
        return self._found(query.where(_CASE.c.state == CaseState.OPEN.value) if open_only else query)

    def with_claims_in(self, state: ClaimState, limit: int) -> tuple[int, ...]:
        """Return the ids of cases that have a claim in a state, the nearest date first."""
        parameters = {"state": state.value, "most": limit}
        return tuple(self._session.connection().execute(_CASES_WITH_CLAIMS, parameters).scalars())

    def lock(self, case_id: int) -> None:
        """Hold a case until the transaction ends, so that two workers or a worker and a person take turns on it."""
        if self._session.get_bind().dialect.name == "sqlite":
            return  # BEGIN IMMEDIATE has the whole database to itself.
        query = select(CaseRow.id).where(CaseRow.id == case_id).with_for_update()
        self._session.exec(query).one()

    def hold(self, case_ids: Sequence[int]) -> list[CaseRecord]:
        """Lock cases, in the order of their numbers, and return them as they now are."""
        for case_id in sorted(case_ids):
            self.lock(case_id)
        return self.get_all(case_ids)

    def lock_requesters(self, addresses: Iterable[str]) -> None:
        """Hold addresses until the transaction ends: two of one's mails filed at the same moment must see each other's case.

        All of a transaction's at once, in one order, and before a case or a number is taken: so nobody waits in a circle.
        """
        if self._session.get_bind().dialect.name == "postgresql":
            for address in sorted(set(addresses)):
                self._session.execute(select(func.pg_advisory_xact_lock(20160681, func.hashtext(address))))

    def move_claim(self, claim_id: int, old: Iterable[ClaimState], new: ClaimState) -> bool:
        """Claim by guarded update: True if the claim stood in one of ``old`` and now, by us, stands in ``new``."""
        return move(self._session, "claim", claim_id, old, new, {})

    def stored_dues(self, case_id: int) -> dict[int, date]:
        """Return the copy of each claim's date, as it was last written."""
        query = sa_select(_CLAIM.c.id, _CLAIM.c.due).where(_CLAIM.c.case_id == case_id)
        return {row.id: row.due for row in self._session.connection().execute(query)}

    def set_due(self, claim_id: int, due: date) -> None:
        changed(self._session, update(ClaimRow).where(col(ClaimRow.id) == claim_id).values(due=due))

    def close(self, case_id: int, at: datetime) -> bool:
        """Close an open case; False if it was closed already."""
        return changed(
            self._session,
            update(CaseRow)
            .where(col(CaseRow.id) == case_id, col(CaseRow.state) == CaseState.OPEN.value)
            .values(state=CaseState.CLOSED.value, closed_at=at),
        )

    def reopen(self, case_id: int) -> None:
        changed(
            self._session,
            update(CaseRow).where(col(CaseRow.id) == case_id).values(state=CaseState.OPEN.value, closed_at=None),
        )

    def record(self, case_id: int, *events: Event) -> None:
        """Append events, in the transaction they describe."""
        rows = [
            {
                "case_id": case_id,
                "claim_id": event.claim_id,
                "at": event.at,
                "name": event.name.value,
                "actor": event.actor,
                "details": dict(event.details),
            }
            for event in events
        ]
        if rows:
            self._session.connection().execute(_ADD_EVENTS, rows)
        for event in events:
            turn = _turn(event)
            if turn:
                mine = update(ClaimRow).where(col(ClaimRow.id) == event.claim_id)
                changed(self._session, mine.values(**turn))

    def events(self, case_id: int) -> list[Event]:
        """Return a case's events in the order they were written."""
        query = select(EventRow).where(EventRow.case_id == case_id).order_by(col(EventRow.id))
        return [_event(row) for row in self._session.exec(query)]

    def _found(self, query: Any) -> list[CaseRecord]:
        return self._records(self._session.connection().execute(query).all())

    def _records(self, rows: Sequence[Any]) -> list[CaseRecord]:
        if not rows:
            return []
        ids = [row.id for row in rows]
        run = self._session.connection().execute
        claims: defaultdict[int, list[Any]] = defaultdict(list)
        for claim in run(_CLAIMS, {"ids": ids}):
            claims[claim.case_id].append(claim)
        by_claim: defaultdict[int, list[Event]] = defaultdict(list)
        for event in run(_CLOCK_EVENTS, {"ids": ids, "names": _CLOCK_NAMES}):
            by_claim[event.claim_id].append(_event(event))
        return [_case(row, claims[row.id], by_claim) for row in rows]


def _turn(event: Event) -> dict[str, bool]:
    """Return what an event changes of whose turn it is with a claim: the columns a list is filtered by."""
    match event.name:
        case EventName.IDENTITY_ASKED | EventName.IDENTITY_UNDECIDED:
            return {"by_person": event.details.get("ask") == Ask.PERSON}
        case EventName.FACT_GIVEN | EventName.FACT_CHECKED:
            return {"to_check": event.name is EventName.FACT_GIVEN}
        case _:
            return {}


def _event(row: Any) -> Event:
    return Event(
        at=row.at, name=EventName(row.name), actor=row.actor, claim_id=row.claim_id, details=dict(row.details or {})
    )


def _case(row: Any, claims: Sequence[Any], events: defaultdict[int, list[Event]]) -> CaseRecord:
    return CaseRecord(
        id=row.id,
        reference=row.reference,
        state=CaseState(row.state),
        requester=row.requester,
        requester_name=row.requester_name,
        language=row.language,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        emptied_at=row.emptied_at,
        requester_hash=row.requester_hash,
        disputed=row.disputed,
        claims=tuple(_claim(claim, events[claim.id]) for claim in claims),
    )


def _claim(row: Any, events: Sequence[Event]) -> ClaimRecord:
    proof = {EventName.IDENTITY_CONFIRMED, EventName.IDENTITY_NOT_NEEDED}
    asking = {EventName.IDENTITY_ASKED, EventName.IDENTITY_UNDECIDED}
    asked = next((event.details for event in reversed(events) if event.name in asking), {})
    confirmed = next((event.details for event in events if event.name is EventName.IDENTITY_CONFIRMED), {})
    checked = [bool(event.details["failed_check"]) for event in events if "failed_check" in event.details]
    facts = [event.name for event in events if event.name in {EventName.FACT_GIVEN, EventName.FACT_CHECKED}]
    return ClaimRecord(
        id=row.id,
        case_id=row.case_id,
        claim=Claim(right=Right(row.right), marketing=row.marketing),
        state=ClaimState(row.state),
        clock=_clock(row, events),
        proven=any(event.name in proof for event in events),
        threaded=any(event.name is EventName.CLAIM_ADDED and event.details.get("threaded") for event in events),
        for_another=any(event.details.get("for_another") for event in events),
        asked=str(asked.get("ask", "")),
        unlinked=bool(asked.get("unlinked", False)),
        to_check=facts[-1:] == [EventName.FACT_GIVEN],
        not_found=bool(asked.get("not_found", False)),
        proof=confirmed.get("challenge"),
        failed_check=checked[-1:] == [True],
    )


def _clock(row: Any, events: Sequence[Event]) -> ClockEvents:
    """Rebuild what the dates follow from. A renewed link asks no new question: the first one opened the pause."""
    asked = next((event.at for event in events if event.name == EventName.IDENTITY_ASKED), None)
    confirmed = next((event.at for event in events if event.name == EventName.IDENTITY_CONFIRMED), None)
    extended = None
    for event in events:
        if event.name is EventName.EXTENSION_SENT:
            extended = event.at
        elif event.name is EventName.EXTENSION_LOST:
            extended = None  # The notice came back: the person was never told, so the first month stands.
    if asked is not None and confirmed is not None:
        confirmed = max(asked, confirmed)  # A machine's clock may be set back between the two.
    pauses = () if asked is None else (Pause(asked_at=asked, confirmed_at=confirmed),)
    return ClockEvents(received_at=row.received_at, pauses=pauses, extension_sent_at=extended, pausable=row.pausable)
