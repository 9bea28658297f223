"""What a draft's letter says: the values the program knows, those the letter book suggests, and those staff filled in."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

from inbox_bot.domain.case import CaseRecord, ClaimRecord, DraftRecord
from inbox_bot.domain.correspondence import common_values
from inbox_bot.domain.dates import Calendar
from inbox_bot.domain.letters import Done, FieldKind, LetterBook
from inbox_bot.domain.rights import Claim, Right
from inbox_bot.domain.task import owes_nothing

_NO_ANSWERS = frozenset(
    {"receipt", "receipt_identity", "identity_link", "identity_reminder", "extension"}
    | {"receipt_account", "receipt_question", "receipt_check", "account_link", "identity_question"}
    | {"page_code", "withdrawn"}
    | {"staff_login", "weekly_digest", "daily_alarm", "urgent_alarm", "self_check"}
    | {"restriction_lifting", "erasure_warning", "recipient_supplier", "recipient_employer", "recipient_reminder"}
)
_NO_MARKETING = frozenset({"cannot_identify", "proxy_missing", "wrong_controller"})


@dataclass(frozen=True, kw_only=True)
class Composition:
    """A draft ready to be looked at: every value, and the names of those a person still has to fill in."""

    values: Mapping[str, Any]
    missing: tuple[str, ...]


def compose(
    letters: LetterBook,
    calendar: Calendar,
    case: CaseRecord,
    claims: Sequence[ClaimRecord],
    draft: DraftRecord,
    extra: Mapping[str, Any] | None = None,
    recorded: Mapping[str, Any] | None = None,
) -> Composition:
    """Return the values of a draft's letter: the program's own always win over what a form sent.

    ``recorded``: what is on record as done, kept and told; of these a form has no say.
    """
    dates = [calendar.dates(claim.clock) for claim in claims]
    fields = letters.fields(draft.letter)
    # An empty value is left out, so that the letter takes its default; days may stay ISO text, as the form sent them.
    on_record = dict(recorded or {})
    staff = {field.name: draft.values.get(field.name) for field in fields if field.by_staff} | on_record
    program = common_values(case, (claim.claim for claim in claims), min(found.received_day for found in dates))
    program |= {"deadline": min(found.due for found in dates)} | dict(extra or {})
    values = {name: value for name, value in staff.items() if value not in (None, "", [])} | program
    declared = {field.name for field in fields}
    values = {name: value for name, value in values.items() if name in declared}
    return Composition(values=values, missing=letters.missing(draft.letter, values))


def recorded(letters: LetterBook, letter: str, values: Mapping[str, Any]) -> tuple[Done, ...]:
    """Return what is recorded as done for a draft: today what staff filled in as done, a row each with system and day.

    A row whose day cannot be read is none: the letter book refuses it by itself.
    """
    names = [field.name for field in letters.fields(letter) if field.kind is FieldKind.ACTIONS]
    rows = [row for name in names for row in values.get(name) or () if str(row.get("what", "")).strip()]
    found = []
    for row in rows:
        with suppress(ValueError):
            day = date.fromisoformat(str(row.get("on", "")).strip())
            found.append(Done(what=str(row["what"]), system=str(row.get("system", "")).strip(), on=day))
    return tuple(found)


def stopgaps_for(letters: LetterBook, letter: str, missing: Sequence[str], today: date) -> dict[str, Any]:
    """Return something for each value a letter lacks, so that the rest of it can be looked at already."""
    rows = {
        FieldKind.ACTIONS: [{"what": "…", "system": "", "on": today}],
        FieldKind.KEPT: [{"what": "…", "why": "…", "until": "…"}],
    }
    others: dict[FieldKind, Any] = {FieldKind.DAY: today, FieldKind.NUMBER: 0}
    kinds = {field.name: field.kind for field in letters.fields(letter)}
    return {name: rows.get(kinds[name]) or others.get(kinds[name], "…") for name in missing if name in kinds}


def answers(letter: str, claim: Claim) -> bool:
    """True if a letter may answer a claim, whichever door it was chosen by (law.md 7: rules 3 and 10).

    It must speak of the right that was asked for, must not be one of the program's own letters, and never says no to a
    marketing stop. A letter the company has added may answer anything.
    """
    kind, _, right = letter.partition("_")
    if letter in _NO_ANSWERS or (claim.marketing and (owes_nothing(letter) or letter in _NO_MARKETING)):
        return False
    if letter == "marketing_stopped":
        return claim.marketing
    return right == claim.right.value or not (kind in {"granted", "refused"} and right in set(Right))


def takes_as_done(letters: LetterBook, letter: str, values: Mapping[str, Any]) -> bool:
    """True if a letter must say what was done and nothing is on record yet: then a note is what was done."""
    return any(
        field.kind is FieldKind.ACTIONS and field.required and not values.get(field.name)
        for field in letters.fields(letter)
    )


def with_note(letters: LetterBook, letter: str, values: Mapping[str, Any], note: str) -> dict[str, Any]:
    """Return staff values with a free note put in the first text the letter lacks, else in its own place for a note."""
    filled = dict(values)
    if not note.strip():
        return filled
    mine = [field for field in letters.fields(letter) if field.by_staff]
    lacking = [field for field in mine if field.required and not filled.get(field.name) and not field.default]
    for field in (*lacking, *(field for field in mine if field.name == "note")):
        if field.kind in {FieldKind.TEXT, FieldKind.LINE}:
            filled[field.name] = note.strip()
            return filled
    return filled
