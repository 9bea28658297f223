"""What a person says about keeping: a case is disputed and stays whole; a document was checked and goes at once."""

from inbox_bot.domain.case import Event, EventName
from inbox_bot.errors import NotAllowedError, NotFoundError
from inbox_bot.retention.desk import Keeping
from inbox_bot.retention.masking import hide_in


def dispute(room: Keeping, reference: str, *, disputed: bool, reason: str, by: str) -> None:
    """Keep a case whole as long as it is disputed, or let its periods count again (GDPR Art 17(3)(e)).

    Raises NotFoundError, and NotAllowedError without a reason, for an emptied case, or where that was said already.
    """
    if not reason.strip() or not by.strip():
        raise NotAllowedError("A reason is demanded, and a name.")
    with room.desk.write() as unit:
        case = unit.cases.by_reference(reference)
        if case is None:
            raise NotFoundError(f"There is no case {reference}.", hint="'inbox-bot cases' lists them.")
        unit.cases.lock(case.id)
        if not unit.retention.dispute(case.id, disputed):
            raise NotAllowedError(f"Case {case.reference} is emptied, or that has been said already.")
        name = EventName.DISPUTED if disputed else EventName.DISPUTE_ENDED
        event = Event(at=room.clock.now(), name=name, actor=by.strip(), details={"reason": reason.strip()})
        unit.cases.record(case.id, event)


def note_checked(room: Keeping, mail_id: int, *, what: str, by: str) -> None:
    """Note that a document sent in a mail has been checked, and delete it here: the raw mail with its attachments.

    Personal identity numbers in the mail's text are hidden too. The mail itself lies in the mailbox still: delete it there.
    Raises NotAllowedError without saying ``what`` was checked, and for a mail in no case or without raw bytes.
    """
    if not what.strip() or not by.strip():
        raise NotAllowedError("Say what was checked (scope and date, never a number), and who did it.")
    with room.desk.write() as unit:
        mail = unit.mails.get(mail_id)
        if mail is None or mail.case_id is None:
            raise NotFoundError(f"There is no mail {mail_id} in a case.")
        unit.cases.lock(mail.case_id)
        if not unit.retention.drop_raw_mails(hide_in, mail_id=mail_id):
            raise NotAllowedError(f"Nothing of mail {mail_id} is left to delete.")
        details = {"mail": mail_id, "what": hide_in(what.strip())}
        event = Event(at=room.clock.now(), name=EventName.DOCUMENT_CHECKED, actor=by.strip(), details=details)
        unit.cases.record(mail.case_id, event)
    room.desk.scrub()
