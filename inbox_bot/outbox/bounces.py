"""Ties delivery reports to the letters they speak of, so that a person learns that nothing arrived."""

from inbox_bot.clock import Clock
from inbox_bot.domain.case import Event, EventName, LetterRecord, LetterState, MailState
from inbox_bot.domain.dates import Calendar
from inbox_bot.domain.mail import Bounce
from inbox_bot.outbox.consequence import give_answer_back
from inbox_bot.store.unit import Desk, Unit

BATCH = 50


def note_bounces(desk: Desk, calendar: Calendar, clock: Clock) -> int:
    """Take a batch of delivery reports, mark the letters that bounced, keep of each report only hash, class and time."""
    with desk.write() as unit:
        mails = unit.mails.load(unit.mails.next_ids(MailState.BOUNCE, BATCH))
        for mail in mails:
            bounce = mail.message.bounce if mail.message is not None else None
            if bounce is not None and bounce.permanent:
                _note(unit, calendar, clock, bounce)
        unit.mails.empty([mail.id for mail in mails], MailState.SET_ASIDE)
    return len(mails)


def _note(unit: Unit, calendar: Calendar, clock: Clock, bounce: Bounce) -> None:
    letter = _letter(unit, bounce)
    if letter is None or not unit.letters.move(
        letter.id,
        [LetterState.SENT, LetterState.UNKNOWN, LetterState.SENDING],
        LetterState.BOUNCED,
        answer=f"bounced {bounce.status}".strip(),
    ):
        return
    if letter.case_id is not None:
        details = {"letter": letter.id, "name": letter.name, "status": bounce.status}
        unit.cases.record(letter.case_id, Event(at=clock.now(), name=EventName.LETTER_BOUNCED, details=details))
    give_answer_back(unit, calendar, letter, clock.now())


def _letter(unit: Unit, bounce: Bounce) -> LetterRecord | None:
    """Return the letter a report names; where it names none, the last one sent to the only address it complains of."""
    if bounce.original_message_id is not None:
        return unit.letters.by_message_id(bounce.original_message_id)
    if len(bounce.recipients) != 1:
        return None
    address = bounce.recipients[0].lower()
    sent = [letter for letter in unit.letters.in_states(LetterState.SENT) if letter.recipient == address]
    return sent[-1] if sent else None
