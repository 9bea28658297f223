"""The verdict on a whole mail: what the classifier says of the new words, and what it could not see."""

from dataclasses import replace

from inbox_bot.domain.mail import Message, Remark
from inbox_bot.domain.verdict import Classifier, Outcome, Verdict

_UNREAD = {
    Remark.SMIME: "encrypted_smime",
    Remark.PGP: "encrypted_pgp",
    Remark.TNEF: "unreadable",
    Remark.NOT_WHOLE: "not_whole",
    Remark.LETTER_ATTACHED: "attachment_only",
}
"""The reason for a person to look at a mail, by what of it the program has not seen."""

_FEW_WORDS = 12
"""New words this few above a forwarded mail are a covering note ("FYI", "kan du ta den här?"), not the matter itself."""


def read_whole(classifier: Classifier, message: Message) -> Verdict:
    """Return the verdict on a mail. What nobody could read, or what was only forwarded, goes to a person, never away."""
    verdict = _of_words(classifier, message)
    unread = tuple(_UNREAD[remark] for remark in message.remarks if remark in _UNREAD)
    if not unread:
        return verdict
    outcome = Outcome.UNSURE if verdict.outcome is Outcome.NOT_REQUEST else verdict.outcome
    return replace(verdict, outcome=outcome, reasons=tuple(dict.fromkeys((*unread, *verdict.reasons))))


def _of_words(classifier: Classifier, message: Message) -> Verdict:
    verdict = classifier.classify(message.subject, message.reply_text)
    if verdict.outcome is Outcome.NOT_REQUEST and message.quoted_text and _is_forward(message):
        below = classifier.classify("", message.quoted_text)
        if below.outcome is not Outcome.NOT_REQUEST:
            # The offsets count in another text than the one staff are shown them in, so the evidence is left out.
            return Verdict(outcome=Outcome.UNSURE, claims=below.claims, language=below.language, reasons=("forwarded",))
    return verdict


def _is_forward(message: Message) -> bool:
    """True for a mail that hands another one on: a reply points back to what it answers, a forward does not say much."""
    subject = message.subject.lower().lstrip()
    named = subject.startswith(("vb:", "fwd:", "fw:", "vs:", "vidarebefordrat:", "videresendt:", "wg:"))
    few = len(message.reply_text.split()) <= _FEW_WORDS
    return named or (few and not message.in_reply_to)
