"""What nobody could read goes to a person, with the reason; what was read is judged by its words alone."""

import pytest

from inbox_bot.classification.whole import read_whole
from inbox_bot.domain.mail import Message, Remark
from inbox_bot.domain.rights import Claim, Right
from inbox_bot.domain.verdict import Outcome, Verdict


class Says:
    """A classifier that says the same of every text."""

    def __init__(self, verdict):
        self._verdict = verdict

    def classify(self, subject, text):
        return self._verdict


NOTHING = Verdict(outcome=Outcome.NOT_REQUEST, language="sv")
ASKS = Verdict(outcome=Outcome.REQUEST, claims=(Claim(right=Right.ERASURE),), language="sv")


def _mail(*remarks):
    return Message(message_id=None, sender=None, subject="x", reply_text="Hej", remarks=remarks)


@pytest.mark.parametrize(
    ("remark", "reason"),
    [
        (Remark.SMIME, "encrypted_smime"),
        (Remark.PGP, "encrypted_pgp"),
        (Remark.TNEF, "unreadable"),
        (Remark.NOT_WHOLE, "not_whole"),
        (Remark.LETTER_ATTACHED, "attachment_only"),
    ],
)
def test_what_was_not_read_goes_to_a_person_with_the_reason(remark, reason):
    verdict = read_whole(Says(NOTHING), _mail(remark))
    assert (verdict.outcome, verdict.reasons) == (Outcome.UNSURE, (reason,))
    asked = read_whole(Says(ASKS), _mail(remark))
    assert (asked.outcome, asked.claims, asked.reasons) == (Outcome.REQUEST, ASKS.claims, (reason,))
    assert asked.is_for_a_person


def test_a_mail_nothing_is_remarked_of_keeps_its_verdict():
    assert read_whole(Says(NOTHING), _mail()) == NOTHING
    assert read_whole(Says(ASKS), _mail()) == ASKS


def test_a_reason_is_given_once():
    unsure = Verdict(outcome=Outcome.UNSURE, reasons=("attachment_only", "question"))
    assert read_whole(Says(unsure), _mail(Remark.LETTER_ATTACHED)).reasons == ("attachment_only", "question")
