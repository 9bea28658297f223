"""Who of staff saw or changed what: the log of views, and beside it what stands in the cases' histories already."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, and_, cast, delete, func, literal, or_, select, union_all
from sqlmodel import Session, SQLModel

from inbox_bot.domain.staff import Act, Noted, Search, Subject
from inbox_bot.store import tables
from inbox_bot.store.guard import add

_T = SQLModel.metadata.tables
_AUDIT, _EVENT, _CASE, _VIEWING, _LISTED = (
    _T[name] for name in ("audit", "event", "case", "viewing", "suppression_change")
)
_OWNERS = {Subject.MAIL: _T["mail"], Subject.LETTER: _T["letter"], Subject.DRAFT: _T["draft"]}
_NOT_STAFF = ("program", "requester")
_VIEWS = (Act.VIEWED.value, Act.EXPORTED.value)
_QUARANTINE_ACTS = {"seen": Act.VIEWED.value, "exported": Act.EXPORTED.value}
assert tables.AuditRow.metadata is SQLModel.metadata


class Audit:
    """The rows of ``audit``; read together with the histories of cases, quarantine and the list against marketing."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def note(self, *, at: datetime, by: str, act: Act, subject: Subject, which: str, detail: str = "") -> None:
        row = {"at": at, "by": by, "act": act.value, "subject": subject.value, "which": which, "detail": detail}
        add(self._session, "audit", row)

    def has_noted(self, *, since: datetime, by: str, act: Act, subject: Subject, which: str) -> bool:
        """True if the same person has done the same with the same since a moment."""
        query = select(_AUDIT.c.id).where(
            _AUDIT.c.subject == subject.value,
            _AUDIT.c.which == which,
            _AUDIT.c.by == by,
            _AUDIT.c.at > since,
            _AUDIT.c.act == act.value,
        )
        return self._run(query.limit(1)).first() is not None

    def find(self, search: Search, *, most: int, skip: int = 0) -> list[Noted]:
        """Return what was done, the newest first: views and acts of the log, and staff's part in every history."""
        found = union_all(*self._parts(search)).subquery()
        query = select(found).order_by(found.c.at.desc(), found.c.source, found.c.id.desc()).limit(most).offset(skip)
        lines = [_noted(row) for row in self._run(query)]
        return self._with_cases(lines)

    def count(self, search: Search) -> int:
        found = union_all(*self._parts(search)).subquery()
        return int(self._run(select(func.count()).select_from(found)).scalar_one())

    def people(self) -> list[str]:
        """Return everyone who stands in the log, by name."""
        return sorted(self._run(select(_AUDIT.c.by).distinct()).scalars())

    def looks_at_case(self, case_id: int, reference: str) -> list[tuple[datetime, Act, Subject]]:
        """Return when staff looked at a case, its mails, letters and drafts, or took them out; not who (see docs/law.md)."""
        query = select(_AUDIT.c.at, _AUDIT.c.act, _AUDIT.c.subject).where(
            self._of_case(case_id, reference), _AUDIT.c.act.in_(_VIEWS)
        )
        rows = self._run(query.order_by(_AUDIT.c.at, _AUDIT.c.id))
        return [(row.at, Act(row.act), Subject(row.subject)) for row in rows]

    def count_by(self, addresses: Collection[str]) -> int:
        """Return how many lines are of what a person of staff has done."""
        return int(self._run(select(func.count()).where(_AUDIT.c.by.in_(addresses))).scalar_one())

    def delete_before(self, moment: datetime) -> int:
        """Delete what was noted before a moment; return how much that was."""
        return int(self._run(delete(_AUDIT).where(_AUDIT.c.at < moment)).rowcount)

    def _parts(self, search: Search) -> Iterator[Any]:
        """Yield the sources as selects of the same columns: source, id, at, by, act, subject, which, detail."""
        case = None if not search.case else self._case(search.case)
        if search.case and case is None:
            yield _log_lines(_AUDIT.c.id.is_(None))
            return
        mine: list[ColumnElement[bool]] = [] if case is None else [self._of_case(*case)]
        if search.changes is not None:
            views = _AUDIT.c.act.in_(_VIEWS)
            mine.append(~views if search.changes else views)
        yield _log_lines(*mine, *_within(search, _AUDIT.c.at, _AUDIT.c.by))
        if search.changes is not False:
            mine = [] if case is None else [_EVENT.c.case_id == case[0]]
            yield _history_lines(*mine, *_within(search, _EVENT.c.at, _EVENT.c.actor))
            if case is None:
                yield _list_lines(*_within(search, _LISTED.c.at, _LISTED.c.actor))
        if search.changes is not True:
            mails = _OWNERS[Subject.MAIL]
            of_case = select(mails.c.id).where(mails.c.case_id == (case or (0,))[0])
            mine = [] if case is None else [_VIEWING.c.mail_id.in_(of_case)]
            yield _quarantine_lines(*mine, *_within(search, _VIEWING.c.at, _VIEWING.c.by))

    def _case(self, reference: str) -> tuple[int, str] | None:
        query = select(_CASE.c.id, _CASE.c.reference).where(_CASE.c.reference == reference.strip().upper())
        row = self._run(query).first()
        return None if row is None else (row.id, row.reference)

    def _of_case(self, case_id: int, reference: str) -> ColumnElement[bool]:
        inside = [
            and_(
                _AUDIT.c.subject == subject.value,
                _AUDIT.c.which.in_(select(cast(table.c.id, String)).where(table.c.case_id == case_id)),
            )
            for subject, table in _OWNERS.items()
        ]
        return or_(and_(_AUDIT.c.subject == Subject.CASE.value, _AUDIT.c.which == reference), *inside)

    def _with_cases(self, lines: list[Noted]) -> list[Noted]:
        """Add the references of the cases that mails, letters and drafts belong to."""
        cases: dict[tuple[Subject, str], str] = {}
        for subject, table in _OWNERS.items():
            ids = {int(line.which) for line in lines if line.subject is subject and line.which.isdecimal()}
            query = select(table.c.id, _CASE.c.reference).join(_CASE, _CASE.c.id == table.c.case_id)
            for row in self._run(query.where(table.c.id.in_(ids))):
                cases[subject, str(row.id)] = row.reference
        return [
            Noted(
                at=line.at,
                by=line.by,
                act=line.act,
                subject=line.subject,
                which=line.which,
                detail=line.detail,
                case=line.which if line.subject is Subject.CASE else cases.get((line.subject, line.which), ""),
            )
            for line in lines
        ]

    def _run(self, statement: Any) -> Any:
        return self._session.connection().execute(statement)


def _within(search: Search, at: ColumnElement[Any], by: ColumnElement[Any]) -> Iterator[ColumnElement[bool]]:
    if search.by:
        yield by == search.by
    if search.since is not None:
        yield at >= search.since
    if search.until is not None:
        yield at < search.until


def _log_lines(*where: ColumnElement[bool]) -> Any:
    columns = ("id", "at", "by", "act", "subject", "which", "detail")
    return select(literal("audit").label("source"), *(_AUDIT.c[name] for name in columns)).where(*where)


def _history_lines(*where: ColumnElement[bool]) -> Any:
    return (
        select(
            literal("event").label("source"),
            _EVENT.c.id,
            _EVENT.c.at,
            _EVENT.c.actor.label("by"),
            literal(Act.CHANGED.value).label("act"),
            literal(Subject.CASE.value).label("subject"),
            _CASE.c.reference.label("which"),
            _EVENT.c.name.label("detail"),
        )
        .join(_CASE, _CASE.c.id == _EVENT.c.case_id)
        # Written as in the index ix_event_by_staff, so that the database takes it.
        .where(_EVENT.c.actor.not_in([literal(one, literal_execute=True) for one in _NOT_STAFF]), *where)
    )


def _list_lines(*where: ColumnElement[bool]) -> Any:
    return select(
        literal("suppression_change").label("source"),
        _LISTED.c.id,
        _LISTED.c.at,
        _LISTED.c.actor.label("by"),
        literal(Act.CHANGED.value).label("act"),
        literal(Subject.LIST.value).label("subject"),
        literal("sparrlista").label("which"),
        literal("").label("detail"),
    ).where(_LISTED.c.actor.not_in(_NOT_STAFF), *where)


def _quarantine_lines(*where: ColumnElement[bool]) -> Any:
    return select(
        literal("viewing").label("source"),
        _VIEWING.c.id,
        _VIEWING.c.at,
        _VIEWING.c.by,
        _VIEWING.c.how.label("act"),
        literal(Subject.MAIL.value).label("subject"),
        cast(_VIEWING.c.mail_id, String).label("which"),
        literal("").label("detail"),
    ).where(*where)


def _noted(row: Any) -> Noted:
    return Noted(
        at=row.at,
        by=row.by,
        act=Act(_QUARANTINE_ACTS.get(row.act, row.act)),
        subject=Subject(row.subject),
        which=row.which,
        detail=row.detail,
    )
