"""Makes an example of a mail that a person has sorted: its new words, redacted, and what was decided."""

from collections.abc import Callable, Iterable
from datetime import date

from inbox_bot import log
from inbox_bot.classification.redaction import Ordinary, redact
from inbox_bot.domain.case import MailRecord
from inbox_bot.domain.example import KeptExample
from inbox_bot.domain.mail import Message
from inbox_bot.domain.rights import Claim

_MOST_CHARACTERS = 20_000
_DECIDED_ELSEWHERE = frozenset(
    {"forwarded", "unreadable", "encrypted_smime", "encrypted_pgp", "not_whole", "attachment_only"}
)
"""Reasons that say the person decided on other words than the new ones: these would teach nothing true."""

_log = log.get("classification")


class RedactingKeeper:
    """Implements ``domain.example.Keeper``. ``load`` reads the word lists, once, when the first example is to be made."""

    def __init__(self, load: Callable[[], Ordinary]) -> None:
        self._load = load
        self._words: Ordinary | None = None

    def ready(self) -> None:
        """Load the word lists; where they cannot be used nothing is kept, and the log says so."""
        if self._words is None:
            try:
                words = self._load()
                words.is_known("uppvärmning")  # The first word makes simplemma read its dictionaries.
            except Exception as error:  # noqa: BLE001  # whatever is wrong with the lists, a person's decision goes through
                _log.error("word_lists_unusable", error=type(error).__name__)
            else:
                self._words = words

    def example(self, mail: MailRecord, claims: Iterable[Claim], day: date) -> KeptExample | None:
        """Return the example, or None for a mail without new words, or one that was decided by others than these."""
        message, verdict = mail.message, mail.verdict
        if self._words is None or message is None or verdict is None or _DECIDED_ELSEWHERE & set(verdict.reasons):
            return None
        try:
            subject, text = redact(message.subject, _shortened(message.reply_text), _people(message), self._words)
        except Exception as error:  # noqa: BLE001  # the decision counts, the example does not
            _log.error("example_not_kept", mail_id=mail.id, error=type(error).__name__)
            return None
        if not (subject.strip() or text.strip()):
            return None
        return KeptExample(
            subject=subject,
            text=text,
            claims=tuple(sorted(set(claims))),
            language=verdict.language,
            said=verdict.outcome.value,
            said_claims=tuple(sorted(set(verdict.claims))),
            day=day,
        )


def _people(message: Message) -> list[str]:
    sender = message.sender
    known = () if sender is None else (sender.name, sender.address)
    return [*known, *message.reply_to]


def _shortened(text: str) -> str:
    """Return a text's beginning, cut between two words: half a number would no longer look like one."""
    if len(text) <= _MOST_CHARACTERS:
        return text
    parts = text[:_MOST_CHARACTERS].rsplit(maxsplit=1)
    return parts[0] if len(parts) > 1 else ""
