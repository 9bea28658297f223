"""What was understood of a claim and how sure that is, in the words that decided it. No number: words a person can check."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from inbox_bot.domain.case import Event, EventName, MailRecord
from inbox_bot.domain.verdict import Evidence, Outcome
from inbox_bot.overview import CaseFile, ClaimView

_MODEL = "model."


class Sureness(StrEnum):
    """How sure a reading is. ``CLEAR``: a phrase rule knows the words and the model agrees; ``LIKELY``: the model alone;
    ``WHOLE``: no words can be pointed out.

    ``PERSON``: somebody has read the mail and said so. ``GONE``: what it was understood from is no longer kept.
    """

    PERSON = "person"
    CLEAR = "clear"
    LIKELY = "likely"
    WHOLE = "whole"
    GONE = "gone"


@dataclass(frozen=True, kw_only=True)
class Understood:
    """One claim as it was understood. ``words`` are the person's own, each once; ``mail`` is where they stand, 0 if unknown.

    ``by``: who decided, ``""`` for the program. ``doubts``: names of reasons why the program asked a person to look.
    """

    claim: ClaimView
    sureness: Sureness
    mail: int = 0
    words: tuple[str, ...] = ()
    by: str = ""
    doubts: tuple[str, ...] = ()


def understood(file: CaseFile) -> tuple[Understood, ...]:
    """Return how each claim of a case was understood, in the order of the claims."""
    mails = {mail.id: mail for mail in file.mails}
    return tuple(_one(claim, file.events, mails) for claim in file.view.claims)


def _one(claim: ClaimView, events: Sequence[Event], mails: dict[int, MailRecord]) -> Understood:
    added = next((one for one in events if one.name is EventName.CLAIM_ADDED and one.claim_id == claim.record.id), None)
    number = int(added.details.get("mail", 0)) if added is not None else 0
    by = added.actor if added is not None and added.actor != "program" else ""
    mail = mails.get(number)
    verdict = mail.verdict if mail is not None else None
    if verdict is None:
        return Understood(claim=claim, sureness=Sureness.PERSON if by else Sureness.GONE, mail=number, by=by)
    heard = [one for one in verdict.evidence if one.right is claim.record.claim.right]
    doubtful = verdict.outcome is Outcome.UNSURE or claim.record.claim not in verdict.claims
    return Understood(
        claim=claim,
        sureness=Sureness.PERSON if by else _sureness(heard),
        mail=number,
        words=tuple(dict.fromkeys(" ".join(one.text.split()) for one in heard)),
        by=by,
        doubts=verdict.reasons if doubtful or verdict.is_for_a_person else (),
    )


def _sureness(heard: Sequence[Evidence]) -> Sureness:
    if not heard:
        return Sureness.WHOLE
    return Sureness.CLEAR if any(not one.rule.startswith(_MODEL) for one in heard) else Sureness.LIKELY
