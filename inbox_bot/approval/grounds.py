"""What a letter a person decides on must have behind it: a person, reasons, the first month, a second person (law.md 7)."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from inbox_bot.approval.rulebook import DecisionRules
from inbox_bot.domain.case import CaseRecord, ClaimRecord, DraftRecord, Event, EventName, LetterPurpose
from inbox_bot.domain.dates import Calendar
from inbox_bot.domain.task import owes_nothing
from inbox_bot.errors import NotAllowedError

NOTICES = frozenset({"restriction_lifting", "erasure_warning"})
"""What the requester may be told beside the answer."""

_NO_PERSONS = frozenset({"program", "requester", "inbox-bot"})


@dataclass(frozen=True, kw_only=True)
class Exit:
    """A letter on its way out: the draft as it will be frozen, its case, its claims, every value, and who lets it out."""

    draft: DraftRecord
    case: CaseRecord
    claims: Sequence[ClaimRecord]
    values: Mapping[str, Any]
    by: str
    events: Sequence[Event]
    today: date


def check_person(by: str) -> None:
    """Raise NotAllowedError unless a person in particular decides."""
    if not by.strip() or by.strip().lower() in _NO_PERSONS:
        raise NotAllowedError("Say who approves (--by).")


def check_kind(draft: DraftRecord) -> None:
    """A notice is one of the notices: no answer leaves by a door that does not count it as one."""
    if draft.purpose is LetterPurpose.NOTICE and draft.letter not in NOTICES:
        raise NotAllowedError(f"The letter {draft.letter} is no answer to what was asked.")


def check_refusal(rules: DecisionRules, calendar: Calendar, leaving: Exit) -> bool:
    """Check a no, a fee or "we cannot identify you"; True if it leaves after the first month. Raises NotAllowedError."""
    if not owes_nothing(leaving.draft.letter):
        return False
    reasons = reasons_of(leaving.values)
    if reasons is not None and len(reasons) < rules.reason_length:
        raise NotAllowedError(
            f"The reasons are too short: {len(reasons)} characters of at least {rules.reason_length}.",
            hint="Give the real reasons, for this person's data, with the article (article 12(4)).",
        )
    dates = [calendar.dates(claim.clock) for claim in leaving.claims]
    late = leaving.today > min(one.strict_deadline for one in dates)
    if (late or is_under_12_5(rules, leaving.draft.letter, reasons or "")) and not _seconded(leaving):
        why = (
            "The first month is over, and a no has no longer time than that (article 12(4))"
            if late
            else "A no or a fee under article 12(5) is the company's to prove"
        )
        raise NotAllowedError(
            f"{why}: a second person must stand behind it.",
            hint="Another person gives their own reasons: 'inbox-bot second', or on the page.",
        )
    return late


def is_under_12_5(rules: DecisionRules, letter: str, reasons: str) -> bool:
    """True for a fee, and for a no on the ground that a request is manifestly unfounded or excessive (Art 12(5))."""
    said = reasons.lower()
    return letter in rules.second_letters or any(word in said for word in rules.second_words)


def reasons_of(values: Mapping[str, Any]) -> str | None:
    """Return a refusal's reasons; None where they are left as the letter itself gives them."""
    found = values.get("reasons", values.get("tried"))
    return None if found is None else str(found).strip()


def imprint(letter: str, values: Mapping[str, Any]) -> str:
    """Return what tells a draft that reads so from one that reads otherwise: a second person stands behind these words."""
    said = json.dumps([letter, dict(values)], sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(said.encode()).hexdigest()


def same_person(one: str, other: str) -> bool:
    """True for two names of one person: ``anna`` on the command line is ``anna@example.com`` on the pages."""
    return _who(one) == _who(other)


def _who(name: str) -> str:
    return name.strip().lower().partition("@")[0]


def _seconded(leaving: Exit) -> bool:
    mark = imprint(leaving.draft.letter, leaving.values)
    return any(
        event.name is EventName.SECONDED
        and event.details.get("draft") == leaving.draft.id
        and event.details.get("imprint") == mark
        and not same_person(event.actor, leaving.by)
        for event in leaving.events
    )
