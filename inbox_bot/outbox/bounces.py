"""Ties reports to the letters they speak of: what came back alarms a person, what is late or arrived is only noted.

A report of a letter that is not ours (backscatter: somebody wrote in our name) changes nothing. Nor can a report of a
report: our letters have a sender, and what comes without one is never answered (RFC 3834, 2; RFC 5321, 4.5.5).
"""

from datetime import datetime

from inbox_bot.domain.case import EventName, LetterPurpose, LetterRecord, LetterState, MailState
from inbox_bot.domain.mail import AboutLetter, Bounce, Report, ReportKind
from inbox_bot.domain.return_path import is_of, letter_id_in
from inbox_bot.outbox.alarm import tell_staff
from inbox_bot.outbox.consequence import call_answer_back, give_answer_back
from inbox_bot.outbox.room import Outbox
from inbox_bot.store.unit import Unit

BATCH = 50
_LEFT = (LetterState.SENT, LetterState.UNKNOWN, LetterState.SENDING)


def note_reports(room: Outbox) -> int:
    """Take a batch of reports, note what they say of our letters, keep of each only hash, class and time."""
    with room.desk.write() as unit:
        mails = unit.mails.load(unit.mails.next_ids(MailState.BOUNCE, BATCH))
        for mail in mails:
            if mail.historic:
                continue  # Read before the folder was numbered anew: what it said then is done, and the letter may have gone since.
            if mail.message is not None and mail.message.bounce is not None:
                note_bounce(room, unit, mail.message.bounce, mail.received_at)
            elif mail.message is not None and mail.message.report is not None:
                _note_report(room, unit, mail.message.report, mail.received_at)
        unit.mails.empty([mail.id for mail in mails], MailState.SET_ASIDE)
    return len(mails)


def note_bounce(room: Outbox, unit: Unit, bounce: Bounce, at: datetime) -> None:
    """Note a delivery report that came at a moment: late, full for a while, or come back for good."""
    letter = _letter(unit, bounce) or _by_address(room, unit, bounce, at)
    if letter is None:
        return
    if not bounce.permanent:
        _note_once(room, unit, letter, EventName.LETTER_DELAYED, bounce.status)
    elif not _waits(room, unit, letter, bounce.status):
        _come_back(room, unit, letter, bounce.status)


def _letter(unit: Unit, about: AboutLetter) -> LetterRecord | None:
    """Return the letter a report names: by the address it was sent to, else by what we called it, else by its Message-ID."""
    number = letter_id_in(about.tag)
    tagged = None if number is None else unit.letters.get(number)
    if tagged is not None and is_of(about.tag, tagged.message_id):
        return tagged
    names = (about.envelope_id, about.original_message_id or "")
    return next((found for name in names if name and (found := unit.letters.by_message_id(name)) is not None), None)


def _by_address(room: Outbox, unit: Unit, bounce: Bounce, at: datetime) -> LetterRecord | None:
    """Return, for a report that names no letter at all, the last one that left for the only address it complains of."""
    if bounce.original_message_id is not None or bounce.envelope_id or bounce.tag or len(bounce.recipients) != 1:
        return None
    return unit.letters.last_sent(bounce.recipients[0].lower(), at - room.returns.tie, at)


def _come_back(room: Outbox, unit: Unit, letter: LetterRecord, status: str) -> None:
    """Mark a letter as come back, take back what followed from its having arrived, and tell a person."""
    answer = f"bounced {status}".strip()
    if unit.letters.move(letter.id, _LEFT, LetterState.BOUNCED, answer=answer):
        room.record(unit, letter, EventName.LETTER_BOUNCED, status=status, why=room.returns.row(status).id)
        give_answer_back(unit, room.calendar, letter, room.clock.now())
        tell_staff(room, unit, letter.id)


def _waits(room: Outbox, unit: Unit, letter: LetterRecord, status: str) -> bool:
    """Queue a letter anew that a full mailbox sent back, if it may go again and there is time; False if a person is to act.

    The same bytes and Message-ID: that it did not arrive is known, so no one gets two.
    """
    mine = letter.purpose in {LetterPurpose.ANSWER, LetterPurpose.RECEIPT} and letter.case_id is not None
    if not (mine and room.returns.row(status).wait and unit.letters.content(letter.id)):
        return False
    before = _events(unit, letter, EventName.LETTER_WAITS)
    if before >= room.returns.again_times or not room.has_time(unit, letter, room.returns.again_working_days):
        return False
    again = room.clock.now() + room.returns.again_after
    if unit.letters.move(letter.id, [LetterState.SENT], LetterState.DEFERRED, next_at=again, answer=f"full {status}"):
        room.record(unit, letter, EventName.LETTER_WAITS, status=status)
        call_answer_back(unit, letter, room.clock.now())
    return True


def _note_report(room: Outbox, unit: Unit, report: Report, at: datetime) -> None:
    """Note that a letter arrived, was displayed or was complained of; one that names no letter of ours changes nothing.

    Never by the address alone: whoever can write a mail could stop our letters to somebody else that way.
    """
    letter = _letter(unit, report)
    if letter is None:
        return
    if report.kind is not ReportKind.COMPLAINT:
        _note_once(room, unit, letter, EventName.LETTER_DELIVERED, report.kind.value)
    elif unit.letters.note_complaint(letter.id, at):
        room.record(unit, letter, EventName.LETTER_COMPLAINED)
        tell_staff(room, unit, letter.id, complained=True)


def _note_once(room: Outbox, unit: Unit, letter: LetterRecord, name: EventName, status: str) -> None:
    if _events(unit, letter, name, status) == 0:
        room.record(unit, letter, name, status=status)


def _events(unit: Unit, letter: LetterRecord, name: EventName, status: str | None = None) -> int:
    if letter.case_id is None:
        return 0
    return sum(
        event.name is name
        and event.details.get("letter") == letter.id
        and status in {None, event.details.get("status")}
        for event in unit.cases.events(letter.case_id)
    )
