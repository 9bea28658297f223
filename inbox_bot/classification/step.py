"""Judges *read* mails and leaves them as *request*, *unsure* or *not a request*."""

from collections.abc import Sequence

from inbox_bot import log
from inbox_bot.classification.whole import read_whole
from inbox_bot.domain.case import MailRecord, MailState
from inbox_bot.domain.reading import as_far_as_seen
from inbox_bot.domain.verdict import Classifier, Outcome, Verdict
from inbox_bot.store.unit import Desk, Unit

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
        put_down(unit, verdicts)
    return len(mails)


def put_down(unit: Unit, verdicts: Sequence[tuple[int, Verdict]]) -> None:
    """Save the verdicts on mails that are *read*."""
    unit.mails.save_verdicts([(mail_id, verdict, _state(verdict)) for mail_id, verdict in verdicts])


def _state(verdict: Verdict) -> MailState:
    """Return where a verdict leaves its mail. One that is clear but for who asks goes to a person, as all that is unsure."""
    if verdict.outcome is Outcome.REQUEST and verdict.is_for_a_person:
        return MailState.UNSURE
    return _STATES[verdict.outcome]


def failed(mail_id: int, error: str) -> Verdict:
    """Return the verdict on a mail the classifier could not take: it must reach a person, not be lost."""
    _log.error("classifier_failed", mail_id=mail_id, error=error)
    return Verdict(outcome=Outcome.UNSURE, reasons=("classifier_failed",))


def _verdict(classifier: Classifier, mail: MailRecord) -> Verdict:
    assert mail.message is not None
    try:
        verdict = read_whole(classifier, mail.message)
        return as_far_as_seen(verdict, mail.message, mail.abridged, imported=bool(mail.imported_by))
    except Exception as error:  # noqa: BLE001  # whatever is wrong with the classifier, the mail is kept
        return failed(mail.id, type(error).__name__)
