"""Carries out the table of periods once a day, an item and a batch in a transaction, and logs each by its count alone."""

from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime, time, timedelta

from inbox_bot import log
from inbox_bot.clock import STOCKHOLM, in_utc, stockholm_day
from inbox_bot.retention.desk import Keeping
from inbox_bot.retention.masking import hide_in
from inbox_bot.retention.replay import replay
from inbox_bot.retention.table import Item
from inbox_bot.store.retention import ClosedCase
from inbox_bot.store.unit import Unit

MARK = "retention"
AT_ONCE = 25
"""Cases in one transaction."""

MAILS_AT_ONCE = 500
_log = log.get("retention")

Act = Callable[[Keeping, Unit, ClosedCase], object]


def sweep(room: Keeping) -> int:
    """Take away what is kept no longer, once a day however many workers and restarts; return how much that was.

    What cannot be done stops nothing else; it is tried again, and its error raised at the end.
    """
    today = stockholm_day(room.clock.now())
    with room.desk.look() as unit:
        if unit.marks.reached(MARK) >= today.toordinal():
            return 0
    # An erasure that was noted and then not committed is carried out at the latest now.
    done = replay(room)
    trouble: Exception | None = None
    for item, act in _ITEMS.items():
        try:
            count = act(room, today)
        except Exception as error:  # noqa: BLE001  # raised below, when the other items have had their turn
            trouble = error
            _log.error("retention_failed", item=item.value, error=type(error).__name__)
            continue
        done += count
        if count:
            _log.info("retention", item=item.value, count=count)
    if done:
        room.desk.scrub()
    if trouble is not None:
        raise trouble
    with room.desk.write() as unit:
        unit.marks.advance(MARK, today.toordinal())
    return done


def _evidence(room: Keeping, today: date) -> int:
    return _cases(room, Item.EVIDENCE, today, lambda _, unit, case: unit.retention.delete_case(case.id, case.closed_at))


def _correspondence(room: Keeping, today: date) -> int:
    return _cases(room, Item.CORRESPONDENCE, today, _empty(Item.CORRESPONDENCE), lambda case: case.answered)


def _unverified(room: Keeping, today: date) -> int:
    """Nobody was answered: all texts go; the address too, unless the person may still show who they are."""
    with room.desk.look() as unit:
        texts = unit.retention.with_texts()

    def fits(case: ClosedCase) -> bool:
        return not case.answered and (not case.revivable or case.id in texts)

    def act(room: Keeping, unit: Unit, case: ClosedCase) -> None:
        requester_hash = "" if case.revivable else room.hash(case.requester)
        room.empty(unit, case.id, requester_hash, item=Item.UNVERIFIED.value)

    return _cases(room, Item.UNVERIFIED, today, act, fits)


def _revival(room: Keeping, today: date) -> int:
    return _cases(room, Item.REVIVAL, today, _empty(Item.REVIVAL), lambda case: case.revivable and not case.answered)


def _empty(item: Item) -> Act:
    return lambda room, unit, case: room.empty(unit, case.id, room.hash(case.requester), item=item.value)


def _identity_documents(room: Keeping, today: date) -> int:
    with room.desk.look() as unit:
        among = unit.retention.with_raw_mails()
    return _cases(
        room,
        Item.IDENTITY_DOCUMENTS,
        today,
        lambda _, unit, case: unit.retention.drop_raw_mails(hide_in, case_id=case.id),
        lambda case: case.id in among,
        among,
    )


def _tokens(room: Keeping, today: date) -> int:
    with room.desk.look() as unit:
        among = unit.retention.with_tokens()
    return _cases(
        room,
        Item.TOKENS,
        today,
        lambda _, unit, case: unit.retention.kill_tokens([case.id]),
        lambda case: case.id in among and not case.revivable,
        among,
    )


def _cases(
    room: Keeping,
    item: Item,
    today: date,
    act: Act,
    fits: Callable[[ClosedCase], bool] | None = None,
    among: Collection[int] | None = None,
) -> int:
    """Act on the closed cases whose period is over and whose requester has no open case; return on how many.

    ``fits``: only these, and of them none that is emptied. ``among``: all that can fit have one of these ids.
    """
    period = room.table.period(item)
    now = room.clock.now()

    def due(case: ClosedCase) -> bool:
        mine = fits is None or (case.emptied_at is None and fits(case))
        idle = not (case.disputed or case.waits)
        return mine and idle and period.is_over(stockholm_day(case.closed_at), today)

    def act_on(unit: Unit, case_ids: Sequence[int]) -> None:
        # Whoever opens a case for one of these people waits until this is done, or has done it before.
        unit.cases.lock_requesters(known[case_id] for case_id in case_ids if known[case_id])
        for case_id in sorted(case_ids):
            unit.cases.lock(case_id)
        for case in _free(room, unit, unit.retention.closed(now, case_ids)):
            if due(case):
                act(room, unit, case)

    # The store leaves out what cannot be due: nobody wants years of cases read anew for each item, each day.
    before = _end_of(period.newest_over(today))
    with room.desk.look() as unit:
        closed = unit.retention.closed(now, among, before=before, with_emptied=fits is None)
        found = [case for case in _free(room, unit, closed) if due(case)]
    known = {case.id: case.requester for case in found}
    ids = list(known)
    return sum(room.desk.together(ids[start : start + AT_ONCE], act_on) for start in range(0, len(ids), AT_ONCE))


def _free(room: Keeping, unit: Unit, cases: Sequence[ClosedCase]) -> list[ClosedCase]:
    """Return the cases of people who have none open: for them nothing is deleted meanwhile (law.md 3.2)."""
    busy = {room.hash(address) for address in unit.retention.askers()}
    return [case for case in cases if (case.requester_hash or room.hash(case.requester)) not in busy]


def _copies(room: Keeping, today: date) -> int:
    period = room.table.period(Item.COPIES)
    names = room.table.rules[Item.COPIES].letters
    now = room.clock.now()
    with room.desk.look() as unit:
        copies = unit.retention.copies(names, _end_of(period.newest_over(today)))
        closed = _free(room, unit, unit.retention.closed(now, {case_id for _, case_id in copies}))
    free = {case.id for case in closed if not (case.disputed or case.waits)}
    case_of = {letter_id: case_id for letter_id, case_id in copies if case_id in free}
    ids = list(case_of)

    def act_on(unit: Unit, letter_ids: Sequence[int]) -> None:
        for letter_id in letter_ids:
            unit.retention.empty_copy(letter_id, case_of[letter_id], now)

    return sum(room.desk.together(ids[start : start + AT_ONCE], act_on) for start in range(0, len(ids), AT_ONCE))


def _other_mail(room: Keeping, today: date) -> int:
    before = _end_of(room.table.period(Item.OTHER_MAIL).newest_over(today))
    done = 0
    while True:
        with room.desk.write() as unit:
            count = unit.retention.delete_other_mail(before, MAILS_AT_ONCE)
        done += count
        if count < MAILS_AT_ONCE:
            return done


def _quarantine(room: Keeping, today: date) -> int:
    before = _end_of(room.table.period(Item.QUARANTINE).newest_over(today))
    with room.desk.write() as unit:
        return unit.retention.empty_quarantine(before)


def _staff_letters(room: Keeping, today: date) -> int:
    with room.desk.write() as unit:
        return unit.retention.delete_staff_letters(_end_of(room.table.period(Item.STAFF_LETTERS).newest_over(today)))


def _audit(room: Keeping, today: date) -> int:
    with room.desk.write() as unit:
        return unit.audit.delete_before(_end_of(room.table.period(Item.AUDIT).newest_over(today)))


def _digests(room: Keeping, today: date) -> int:
    with room.desk.write() as unit:
        return unit.retention.delete_digests(_end_of(room.table.period(Item.DIGESTS).newest_over(today)))


def _examples(room: Keeping, today: date) -> int:
    before = room.table.period(Item.EXAMPLES).newest_over(today) + timedelta(days=1)
    with room.desk.write() as unit:
        return unit.retention.delete_examples(before)


def _journal(room: Keeping, today: date) -> int:
    return room.journal.trim(_end_of(room.table.period(Item.JOURNAL).newest_over(today)))


def _attachments(room: Keeping, today: date) -> int:
    with room.desk.look() as unit:
        among = unit.attachments.cases_with_bytes()
    return _cases(
        room,
        Item.ATTACHMENTS,
        today,
        lambda _, unit, case: unit.attachments.empty_of_case(case.id),
        lambda case: case.id in among,
        among,
    )


def _breaches(room: Keeping, today: date) -> int:
    with room.desk.write() as unit:
        return unit.breaches.delete_closed(_end_of(room.table.period(Item.BREACHES).newest_over(today)))


def _end_of(day: date) -> datetime:
    """Return the first instant after a Stockholm day."""
    return in_utc(datetime.combine(day + timedelta(days=1), time(), STOCKHOLM))


_ITEMS: dict[Item, Callable[[Keeping, date], int]] = {
    Item.EVIDENCE: _evidence,
    Item.CORRESPONDENCE: _correspondence,
    Item.UNVERIFIED: _unverified,
    Item.REVIVAL: _revival,
    Item.COPIES: _copies,
    Item.IDENTITY_DOCUMENTS: _identity_documents,
    Item.TOKENS: _tokens,
    Item.QUARANTINE: _quarantine,
    Item.OTHER_MAIL: _other_mail,
    Item.EXAMPLES: _examples,
    Item.STAFF_LETTERS: _staff_letters,
    Item.AUDIT: _audit,
    Item.DIGESTS: _digests,
    Item.BREACHES: _breaches,
    Item.ATTACHMENTS: _attachments,
    Item.JOURNAL: _journal,
}
