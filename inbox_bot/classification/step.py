"""Judges *read* mails and leaves them as *request*, *unsure* or *not a request*."""

from inbox_bot import log
from inbox_bot.classification.whole import read_whole
from inbox_bot.domain.case import MailRecord, MailState
from inbox_bot.domain.verdict import Classifier, Outcome, Verdict
from inbox_bot.store.unit import Desk

BATCH = 50

_STATES = {
    Outcome.REQUEST: MailState.REQUEST,
    Outcome.UNSURE: MailState.UNSURE,
    Outcome.NOT_REQUEST: MailState.NOT_REQUEST,
}
_log = log.get("classification")


def judge(desk: Desk, classifier: Classifier) -> int:
    """Judge a batch of read mails; return how many."""
    with desk.look() as unit:
        mails = unit.mails.load(unit.mails.next_ids(MailState.READ, BATCH))
    if not mails:
        return 0
    verdicts = [(mail.id, _verdict(classifier, mail)) for mail in mails]
    with desk.write() as unit:
        unit.mails.save_verdicts([(mail_id, verdict, _STATES[verdict.outcome]) for mail_id, verdict in verdicts])
    return len(mails)


def _verdict(classifier: Classifier, mail: MailRecord) -> Verdict:
    assert mail.message is not None
    try:
        return read_whole(classifier, mail.message)
    except Exception as error:  # noqa: BLE001  # a mail the classifier cannot take must reach a person, not be lost
        _log.error("classifier_failed", mail_id=mail.id, error=type(error).__name__)
        return Verdict(outcome=Outcome.UNSURE, reasons=("classifier_failed",))
