"""What became of each mail, looked up by the hash of its bytes: of what is no request nothing else is kept."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from inbox_bot.domain.case import CaseRecord, LetterRecord, LetterState, MailRecord, MailState
from inbox_bot.domain.rights import Claim
from inbox_bot.domain.verdict import Outcome
from inbox_bot.flow import Flow

_SETTLED = frozenset({MailState.FILED, MailState.TO_SORT, MailState.LEFT, MailState.SET_ASIDE, MailState.QUARANTINED})


@dataclass(frozen=True, kw_only=True)
class Fate:
    """A mail's way through the house, in words that can be compared with what was expected.

    ``understood``: the rights, ``unsure`` or what else it was taken for. ``ended``: where the claims and the case stand,
    or what is kept of the mail. ``letters``: the names of those the sender got, in order, with what went wrong.
    """

    understood: str
    ended: str
    letters: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A mail as it stands now, with its case if it has one."""

    mail: MailRecord
    case: CaseRecord | None
    letters: tuple[LetterRecord, ...]
    is_kept: bool

    @property
    def is_settled(self) -> bool:
        """True when the program has done with it what it can without a person."""
        return self.mail.state in _SETTLED

    @property
    def fate(self) -> Fate:
        return Fate(
            understood=_understood(self.mail), ended=self._ended(), letters=tuple(_letter(one) for one in self.letters)
        )

    def _ended(self) -> str:
        if self.case is not None:
            states = dict.fromkeys(claim.state.value.replace("_", " ") for claim in self.case.claims)
            return f"{' + '.join(states)}, {self.case.state.value}"
        match self.mail.state:
            case MailState.LEFT | MailState.SET_ASIDE:
                return "kept, though it should not be" if self.is_kept else "nothing kept"
            case MailState.TO_SORT:
                return "waits for a person"
            case MailState.QUARANTINED:
                return "kept for a person to see" if self.is_kept else "lost"
            case other:
                return other.value.replace("_", " ")


def look_up(flow: Flow, mailbox: str, content: bytes) -> Entry | None:
    """Return what the store knows of a mail, or None if it has not been fetched yet."""
    with flow.desk.look() as unit:
        mail = unit.mails.by_fingerprint(mailbox, hashlib.sha256(content).hexdigest())
        if mail is None:
            return None
        case = None if mail.case_id is None else unit.cases.get(mail.case_id)
        letters = () if case is None else tuple(unit.letters.of_case(case.id))
        is_kept = mail.message is not None or mail.verdict is not None or bool(unit.mails.contents([mail.id]))
    return Entry(mail=mail, case=case, letters=letters, is_kept=is_kept)


def rights_in_words(claims: Sequence[Claim]) -> str:
    """Return what is asked for: ``access + erasure``, ``objection to marketing``."""
    return " + ".join(
        f"{claim.right.value.replace('_', ' ')}{' (marketing)' if claim.marketing else ''}" for claim in claims
    )


def _understood(mail: MailRecord) -> str:
    match mail.state:
        case MailState.QUARANTINED:
            return "unreadable"
        case MailState.SET_ASIDE:
            return mail.reason.partition(":")[0].replace("_", " ")
        case MailState.LEFT:
            return "sorted as no request" if mail.reason == "sorted" else "no request"
    if mail.verdict is None:
        return "not judged yet"
    if mail.verdict.outcome is Outcome.UNSURE:
        return "unsure"
    words = rights_in_words(mail.verdict.claims) or "no request"
    return f"{words} (first look)" if mail.historic else words


def _letter(letter: LetterRecord) -> str:
    return letter.name if letter.state is LetterState.SENT else f"{letter.name} ({letter.state.value})"
