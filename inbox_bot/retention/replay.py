"""Makes a restored backup forget again what had been erased when it was made: the lines of the journal it does not know yet."""

from inbox_bot import log
from inbox_bot.domain.case import CaseRecord, ClaimState
from inbox_bot.domain.left import FORGOTTEN
from inbox_bot.retention.desk import Keeping
from inbox_bot.retention.journal import MARK, ErasedCase, Erasure
from inbox_bot.store.unit import Unit

_log = log.get("retention")


def replay(room: Keeping) -> int:
    """Erase again what every line says that the database has not carried out; return how many lines that was.

    Each line in a transaction of its own, which also notes it: so a second run, or a second process, does nothing twice.
    Raises StoreError for a journal that cannot be read.
    """
    with room.desk.look() as unit:
        reached = unit.marks.reached(MARK)
    done = 0
    for erasure in room.journal.after(reached):
        with room.desk.write() as unit:
            if unit.marks.advance(MARK, erasure.number):
                _erase_again(room, unit, erasure)
                done += 1
    if done:
        room.desk.scrub()
        _log.info("erasures_replayed", count=done)
    return done


def missing_lines(room: Keeping) -> int:
    """Return how many lines the database has carried out that the journal no longer has at its end: it has been lost or cut."""
    with room.desk.look() as unit:
        return max(0, unit.marks.reached(MARK) - room.journal.last())


def _erase_again(room: Keeping, unit: Unit, erasure: Erasure) -> None:
    erased = {case.reference: case for case in erasure.cases}
    same_key = erasure.key_check == room.key_check
    if not same_key:
        _log.warning("journal_has_another_key", line=erasure.number)
    theirs = [
        case_id
        for case_id, requester, opened_at in unit.person.requesters()
        # A case opened later is another matter, even if the restored database gave it the same number.
        if opened_at <= erasure.at and same_key and room.hash(requester) == erasure.person
    ]
    if not same_key:
        known = (unit.cases.by_reference(reference) for reference in erased)
        theirs = [case.id for case in known if case is not None and case.opened_at <= erasure.at]
    for case in unit.cases.hold(theirs):
        _end_as_it_was(unit, case, erased.get(case.reference), erasure)
        room.empty(unit, case.id, erasure.person, item="forgotten")
    for mailbox, fingerprint in erasure.mails:
        unit.person.know_mail(mailbox, fingerprint, erasure.at, FORGOTTEN)


def _end_as_it_was(unit: Unit, case: CaseRecord, erased: ErasedCase | None, erasure: Erasure) -> None:
    """Give an open case the end that it had when it was erased: the backup was made before that."""
    said = {} if erased is None else erased.claims
    states = {claim.id: ClaimState(said.get(claim.claim.name, ClaimState.DISMISSED.value)) for claim in case.claims}
    unit.person.end_case(case.id, erasure.at if erased is None else erased.closed_at, states)
