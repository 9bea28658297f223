"""Files judged mails: a follow-up joins its case, a request opens one, the unsure wait for a person, the rest is left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile

from inbox_bot import log
from inbox_bot.case.matching import belongs_to, is_site_form, references_in, same_matter, thread_ids
from inbox_bot.case.opening import add_claims, join, new_claims, open_case, points_to_us, settled
from inbox_bot.case.repeating import said_before
from inbox_bot.clock import Clock
from inbox_bot.domain.address import normal_address
from inbox_bot.domain.case import CaseRecord, MailRecord, MailState
from inbox_bot.domain.correspondence import sendable
from inbox_bot.domain.dates import Calendar
from inbox_bot.domain.left import NEAR
from inbox_bot.domain.loops import NO_RULES, LoopRules
from inbox_bot.domain.mail import Message
from inbox_bot.domain.return_path import without_detail
from inbox_bot.domain.rights import Claim
from inbox_bot.store.unit import Desk, Unit

BATCH = 200
AT_ONCE = 25  # Mails filed in one transaction.
OTHER_ADDRESS = "other_address"
_UNFILED = (MailState.REQUEST, MailState.UNSURE)
SAME_WORDS = "same_words"
_log = log.get("case")


def leave(desk: Desk, same_text: timedelta = timedelta(0)) -> int:
    """Empty a batch of mails that are no request and follow up no case; join those that do. Return how many.

    One that follows up something waits until every request before it is filed: the case it belongs to may be about to open.
    ``same_text``: within this time the same words again are nothing new to read.
    """
    with desk.write() as unit:
        mails = unit.mails.take(MailState.NOT_REQUEST, BATCH)
        # Of one sender's flood nobody else's follow-up need wait to the end: what is many turns on is nobody's first mail.
        unfiled = {turn: unit.mails.first(*_UNFILED, turn=turn) for turn in {mail.turn for mail in mails}}
        mails = [mail for mail in mails if not _threaded(mail) or _is_before(mail, unfiled[mail.turn])]
        pointing = {mail.id: _pointers(mail) for mail in mails}
        known = _cases_of(unit, {message_id for ids in pointing.values() for message_id in ids})
        left = []
        for mail in mails:
            case = _known_case(unit, mail, {known[found] for found in pointing[mail.id] if found in known})
            if case is not None:
                again = said_before(unit, mail, case, same_text)
                join(unit, mail, case, MailState.NOT_REQUEST, unread=again is None)
            elif _answers_us(unit, mail):
                unit.mails.move(mail.id, MailState.NOT_REQUEST, MailState.TO_SORT, reason=OTHER_ADDRESS)
            else:
                left.append(mail.id)
        near = [mail.id for mail in mails if mail.id in left and mail.verdict is not None and mail.verdict.near]
        unit.mails.empty(
            [mail_id for mail_id in left if mail_id not in near], MailState.LEFT, old=MailState.NOT_REQUEST
        )
        unit.mails.empty(near, MailState.LEFT, old=MailState.NOT_REQUEST, reason=NEAR)
    return len(mails)


def _is_before(mail: MailRecord, unfiled: tuple[datetime, int] | None) -> bool:
    return unfiled is None or (mail.received_at, mail.id) < unfiled


def lead_nowhere(unit: Unit, messages: Mapping[int, Message]) -> list[int]:
    """Return the mails that follow up nothing at all: once known to be no request, they need not be stored to be left."""
    alone = {
        mail_id: message
        for mail_id, message in messages.items()
        if not (message.in_reply_to or message.references or references_in(message.subject))
    }
    known = _cases_of(unit, {message.message_id for message in alone.values() if message.message_id})
    return [mail_id for mail_id, message in alone.items() if message.message_id not in known]


@dataclass(frozen=True, kw_only=True)
class Filing:
    """What filing works with. ``prefix`` of new references; ``own`` and ``never_write`` are addresses, lower-case.

    ``loops``: which addresses get no letter by themselves, and for how long the same words are one matter.
    """

    desk: Desk
    calendar: Calendar
    clock: Clock
    prefix: str
    own: frozenset[str]
    never_write: frozenset[str]
    loops: LoopRules = NO_RULES


def file(room: Filing) -> int:
    """File the oldest requests, or where there are none the oldest unsure mails; return how many, 0 if there was none.

    A mail that cannot be filed (a receipt date no calendar covers, say) goes to a person and never stops those behind it.
    """
    try:
        return _file_some(room, AT_ONCE)
    except Exception as error:  # noqa: BLE001  # one of them cannot be filed; which one shows when each goes by itself
        _log.warning("mails_filed_one_by_one", error=type(error).__name__)
    return _file_alone(room)


def _file_alone(room: Filing) -> int:
    mail: MailRecord | None = None
    try:
        with room.desk.write() as unit:
            for mail in _oldest(unit, 1):
                _file_one(room, unit, mail, Book(unit, [mail]))
                return 1
    except Exception as error:
        if mail is None:
            raise
        _log.error("mail_not_filed", mail_id=mail.id, error=type(error).__name__)
        with room.desk.write() as unit:
            unit.mails.move(mail.id, mail.state, MailState.TO_SORT, reason="not_filed")
        return 1
    return 0


def _file_some(room: Filing, most: int) -> int:
    with room.desk.write(light=True) as unit:
        mails = _oldest(unit, most)
        book = Book(unit, mails)
        return sum(1 for _ in takewhile(lambda mail: _file_one(room, unit, mail, book), mails))


def _oldest(unit: Unit, most: int) -> list[MailRecord]:
    return unit.mails.take(MailState.REQUEST, most) or unit.mails.take(MailState.UNSURE, most)


class Book:
    """What is known while some mails are filed in one transaction: their senders are held, and what they point to is read.

    Only the first of them may touch a case that was there before: whoever has taken a new case's number must wait for no one.
    """

    def __init__(self, unit: Unit, mails: Sequence[MailRecord]) -> None:
        self._unit = unit
        self._opened: set[int] = set()
        self._filed = 0
        unit.cases.lock_requesters(normal_address(_sender(mail)) for mail in mails)
        self._known = _cases_of(unit, {message_id for mail in mails for message_id in _pointers(mail)})

    def cases(self, mail: MailRecord) -> set[int]:
        """Return the cases a mail's thread names."""
        return {self._known[found] for found in _pointers(mail) if found in self._known}

    def may_touch(self, case: CaseRecord) -> bool:
        return not self._filed or case.id in self._opened

    def note(self, mail: MailRecord, case: CaseRecord | None, *, opened: bool = False) -> None:
        """Note that a mail is filed, so that those behind it find its case."""
        self._filed += 1
        if case is not None and mail.message is not None and mail.message.message_id:
            self._known[mail.message.message_id] = case.id
        if case is not None and opened:
            self._opened.add(case.id)


def _file_one(room: Filing, unit: Unit, mail: MailRecord, book: Book) -> bool:
    """File one mail; False, and nothing done, if it must be the first of a transaction."""
    assert mail.message is not None
    assert mail.verdict is not None
    claims = mail.verdict.claims if mail.state is MailState.REQUEST else ()
    reason = _reason_for_a_person(room, mail)
    case = _known_case(unit, mail, book.cases(mail))
    again = said_before(unit, mail, case, room.loops.same_text, anywhere=not claims or bool(reason))
    if again is not None:
        return _put_beside(unit, mail, again, book)
    if case is None and claims and not reason:
        case = same_matter(claims, unit.cases.of_requester(normal_address(_sender(mail))))
    if case is not None:
        if not book.may_touch(case):
            return False
        # Another worker may close the case in the meantime; what is decided below must hold when it is written.
        unit.cases.lock(case.id)
        case = unit.cases.get(case.id)
    elif not reason and not claims and _answers_us(unit, mail):
        reason = OTHER_ADDRESS
    if case is not None and claims and case.requester != normal_address(_sender(mail)) and new_claims(case, claims):
        case = None  # An account holder who asks for something of their own, in answer to a link of ours, has a case of their own.
    if case is not None and claims and not reason:
        claims = tuple(new_claims(case, claims))
        if case.closed_at is not None or (set(claims) & settled(case)):
            case = None  # What was answered is over: asked anew, even for the same right, it gets a clock of its own.
    _put(room, unit, mail, case, claims, reason, book)
    return True


def _put_beside(unit: Unit, mail: MailRecord, twin: MailRecord, book: Book) -> bool:
    """Put a mail where the one lies that said the same before it; False if it must be the first of a transaction.

    In a case it stays, shown to a person only where the case is closed: it may be meant anew. One whose twin waits to be
    sorted is one matter with it, under the earlier date, and is kept only if it brought something along.
    """
    case = None if twin.case_id is None else unit.cases.get(twin.case_id)
    if case is not None:
        if not book.may_touch(case):
            return False
        unit.cases.lock(case.id)
        case = unit.cases.get(case.id) or case
        join(unit, mail, case, mail.state, unread=case.closed_at is not None)
    elif mail.message is not None and mail.message.attachments:
        unit.mails.move(mail.id, mail.state, MailState.TO_SORT, reason=SAME_WORDS)
    elif unit.mails.move(mail.id, mail.state, MailState.LEFT, reason=SAME_WORDS):
        unit.mails.empty([mail.id], MailState.LEFT)
    book.note(mail, case)
    return True


def _put(
    room: Filing,
    unit: Unit,
    mail: MailRecord,
    case: CaseRecord | None,
    claims: tuple[Claim, ...],
    reason: str,
    book: Book,
) -> None:
    """Put a mail where it was decided it belongs: in its case, in a new one, or before a person."""
    assert mail.message is not None
    assert mail.verdict is not None
    if case is not None and not (claims and reason):
        join(unit, mail, case, mail.state)
        threaded = points_to_us(unit, mail, case)
        add_claims(unit, case, claims, mail, room.calendar, room.clock, actor="program", threaded=threaded)
        book.note(mail, case)
    elif claims and not reason:
        assert mail.message.sender is not None
        opened = open_case(
            unit,
            mail,
            claims,
            room.calendar,
            room.clock,
            person=mail.message.sender,
            prefix=room.prefix,
            actor="program",
            old=mail.state,
        )
        book.note(mail, opened, opened=True)
    else:
        why = reason or ",".join(mail.verdict.reasons) or "unsure"
        unit.mails.move(mail.id, mail.state, MailState.TO_SORT, reason=why)
        book.note(mail, None)


def _threaded(mail: MailRecord) -> bool:
    return mail.message is not None and bool(mail.message.in_reply_to or mail.message.references)


def _pointers(mail: MailRecord) -> tuple[str, ...]:
    return thread_ids(mail.message) if mail.message is not None else ()


def _cases_of(unit: Unit, message_ids: set[str]) -> dict[str, int]:
    return unit.letters.cases_with_message(message_ids) | unit.mails.cases_with_message(message_ids)


def _known_case(unit: Unit, mail: MailRecord, threaded: set[int]) -> CaseRecord | None:
    """Return the case that a mail follows up, among those its thread or its subject names."""
    assert mail.message is not None
    cases = [unit.cases.get(case_id) for case_id in sorted(threaded)]
    cases += [unit.cases.by_reference(reference) for reference in references_in(mail.message.subject)]
    found = [case for case in cases if case is not None]
    return belongs_to(mail.message, found, unit.challenges.addresses([case.id for case in found]) if found else None)


def _answers_us(unit: Unit, mail: MailRecord) -> bool:
    """True if a mail that joins no case answers a letter of ours or names a case: someone writes from another address."""
    assert mail.message is not None
    ids = {*mail.message.in_reply_to, *mail.message.references}
    named = references_in(mail.message.subject)
    return bool(unit.letters.cases_with_message(ids)) or any(
        unit.cases.by_reference(name) is not None for name in named
    )


def _reason_for_a_person(room: Filing, mail: MailRecord) -> str:
    """Return why the program may not open a case and write by itself, or ``""``."""
    address = _sender(mail)
    if mail.historic:
        return "historic"
    if not address:
        return "no_sender"
    if mail.message is not None and is_site_form(mail.message, room.own):
        return "site_form"
    unwritable = {
        "never_write": normal_address(address) in room.never_write or without_detail(address) in room.never_write,
        "looping": mail.message is not None and mail.message.looping,
        "unanswerable_address": not room.loops.answerable(address),
        # No letter could ever leave for it; a person finds another way.
        "unwritable_address": sendable(address) is None,
    }
    return next((reason for reason, holds in unwritable.items() if holds), "")


def _sender(mail: MailRecord) -> str:
    return mail.message.sender.address if mail.message is not None and mail.message.sender is not None else ""
