"""Erases one person from our own records: what goes, what stays on which ground until when, and the note that outlives backups."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from inbox_bot import log
from inbox_bot.clock import stockholm_day
from inbox_bot.domain.case import CaseRecord, CaseState, ClaimState, Event, EventName, MailState
from inbox_bot.domain.left import FORGOTTEN
from inbox_bot.errors import NotAllowedError
from inbox_bot.retention.desk import Keeping
from inbox_bot.retention.journal import MARK, ErasedCase, Erasure
from inbox_bot.retention.person import spellings
from inbox_bot.retention.replay import replay
from inbox_bot.retention.table import Item
from inbox_bot.store.person import Trace
from inbox_bot.store.unit import Unit

_NO_REQUEST = frozenset({MailState.LEFT, MailState.SET_ASIDE})
_log = log.get("retention")


@dataclass(frozen=True, kw_only=True)
class Stays:
    """Something that is not erased. ``until`` is the last day, None while it has no end yet."""

    what: str
    ground: str
    until: date | None


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What forgetting an address would do. ``busy``: cases that are open, disputed or wait; ``waiting``: mails not in a case."""

    cases: tuple[str, ...]
    mails: int
    letters: int
    waiting: tuple[int, ...]
    busy: tuple[str, ...]
    logins: int
    stays: tuple[Stays, ...]


@dataclass(frozen=True, kw_only=True)
class _Found:
    """A person's records, as one transaction sees them."""

    addresses: frozenset[str]
    hash: str
    cases: Sequence[CaseRecord]
    busy: frozenset[int]
    waiting: Sequence[Trace]
    named: Sequence[Trace]

    @property
    def to_erase(self) -> list[CaseRecord]:
        return [case for case in self.cases if case.emptied_at is None]


def plan(room: Keeping, address: str) -> Plan:
    """Return what would be erased and what would stay; changes nothing. Raises NotAllowedError for what is no address."""
    with room.desk.look() as unit:
        return _plan(room, unit, _find(room, unit, address))


def forget(room: Keeping, address: str, *, by: str, even_open: bool = False) -> Plan:
    """Erase texts, names and addresses of a person and return what was erased and what stays.

    Raises NotAllowedError without a name in ``by``, for what is no address, while a letter is being handed over, and,
    unless ``even_open``, while a case is open or disputed or a mail of theirs waits for a person.
    """
    if not by.strip():
        raise NotAllowedError("Say who erases (--by).")
    replay(room)
    with room.desk.write() as unit:
        unit.cases.lock_requesters(spellings(address))
        found = _find(room, unit, address)
        unit.cases.hold([case.id for case in found.to_erase])
        _refuse(unit, found, even_open=even_open)
        done = _plan(room, unit, found)
        now = room.clock.now()
        unread = [(mail.mailbox, mail.fingerprint) for mail in found.waiting]
        mails = (*unit.person.fingerprints([case.id for case in found.to_erase]), *unread)
        for case in found.to_erase:
            unit.person.end_case(case.id, now, {claim.id: ClaimState.DISMISSED for claim in case.claims})
            if case.state is CaseState.OPEN:
                unit.cases.record(case.id, Event(at=now, name=EventName.CLOSED, actor=by.strip()))
        for mailbox, fingerprint in unread:
            unit.person.know_mail(mailbox, fingerprint, now, FORGOTTEN)
        unit.person.end_logins(found.addresses)
        ended = [unit.cases.get(case.id) or case for case in found.to_erase]
        for case in ended:
            room.empty(unit, case.id, found.hash, item="forgotten", actor=by.strip())
        # Written and safe before the erasure itself is: if the program dies here, the next start carries it out.
        erasure = Erasure(
            number=unit.marks.reached(MARK) + 1,
            at=now,
            person=found.hash,
            key_check=room.key_check,
            cases=tuple(_erased(case) for case in ended),
            mails=mails,
        )
        if ended or unread:
            unit.marks.advance(MARK, room.journal.append(erasure))
    room.desk.scrub()
    _log.info("forgotten", cases=len(done.cases), mails=done.mails + len(done.waiting), letters=done.letters)
    return done


def _find(room: Keeping, unit: Unit, address: str) -> _Found:
    addresses = spellings(address)
    hashed = room.hash(address)
    ids = unit.person.case_ids(addresses, hashed)
    cases = unit.cases.get_all(ids)
    idle = {case.id for case in unit.retention.closed(room.clock.now(), ids) if not (case.waits or case.disputed)}
    traces = list(unit.person.traces(addresses))
    return _Found(
        addresses=addresses,
        hash=hashed,
        cases=cases,
        busy=frozenset(ids) - idle,
        waiting=[mail for mail in traces if mail.own and mail.case_id is None and mail.state not in _NO_REQUEST],
        named=[mail for mail in traces if not mail.own and mail.case_id not in ids],
    )


def _refuse(unit: Unit, found: _Found, *, even_open: bool) -> None:
    if found.busy and not even_open:
        references = ", ".join(case.reference for case in found.cases if case.id in found.busy)
        raise NotAllowedError(
            f"{references}: open, disputed, or with a mail or letter that waits.",
            hint="Answer and close the case first; or erase all the same with --even-open, and nobody gets an answer.",
        )
    if found.waiting and not even_open:
        numbers = ", ".join(str(mail.id) for mail in found.waiting)
        raise NotAllowedError(
            f"Mail {numbers} of this address waits for a person.", hint="Sort it first, or use --even-open."
        )
    if unit.person.sending([case.id for case in found.to_erase]):
        raise NotAllowedError(
            "A letter to this address is being handed over this moment.", hint="Try again in a minute."
        )


def _plan(room: Keeping, unit: Unit, found: _Found) -> Plan:
    return Plan(
        cases=tuple(case.reference for case in found.to_erase),
        mails=sum(len(unit.mails.of_case(case.id)) for case in found.to_erase),
        letters=sum(len(unit.letters.of_case(case.id)) for case in found.to_erase),
        waiting=tuple(mail.id for mail in found.waiting),
        busy=tuple(case.reference for case in found.cases if case.id in found.busy),
        logins=sum(unit.person.logins(found.addresses).values()),
        stays=tuple(_stays(room, unit, found)),
    )


def _stays(room: Keeping, unit: Unit, found: _Found) -> list[Stays]:
    rules = room.table.rules
    today = stockholm_day(room.clock.now())
    evidence, suppression, journal = rules[Item.EVIDENCE], rules[Item.SUPPRESSION], rules[Item.JOURNAL]
    stays = []
    for case in found.cases:
        closed = today if case.closed_at is None else stockholm_day(case.closed_at)
        until = room.table.last_day(Item.EVIDENCE, closed)
        stays.append(Stays(what=f"evidence record of {case.reference}", ground=evidence.source, until=until))
    period = room.table.period(Item.BREACHES)
    for breach in unit.breaches.of_references([case.reference for case in found.cases]):
        until = None if breach.closed_at is None else period.last_day(stockholm_day(breach.closed_at))
        what = f"breach {breach.id}, a letter to the wrong person"
        stays.append(Stays(what=what, ground=rules[Item.BREACHES].source, until=until))
    if unit.person.suppressed_since(found.addresses) is not None:
        stays.append(Stays(what="address on the list that gets no marketing", ground=suppression.source, until=None))
    if found.to_erase or found.waiting:
        until = room.table.last_day(Item.JOURNAL, today)
        stays.append(Stays(what="line in the erasure journal (keyed hash)", ground=journal.source, until=until))
    noted = unit.audit.count_by(found.addresses)
    if noted:
        audit = rules[Item.AUDIT]
        what = f"{noted} line(s) of what this member of staff has seen and done"
        stays.append(Stays(what=what, ground=audit.source, until=room.table.last_day(Item.AUDIT, today)))
    for mail in found.named:
        what = f"mail {mail.id} of somebody else, or in quarantine, which names the address"
        stays.append(Stays(what=what, ground="a person has to look at it", until=None))
    return stays


def _erased(case: CaseRecord) -> ErasedCase:
    assert case.closed_at is not None
    claims = {claim.claim.name: claim.state.value for claim in case.claims}
    return ErasedCase(reference=case.reference, closed_at=case.closed_at, claims=claims)
