"""An answer in the making as a card on its case's page: its form, the exact letter, and what may be done with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inbox_bot.domain.case import LETTERS_STILL_HERE, ClaimState, DraftState, LetterPurpose, LetterRecord
from inbox_bot.domain.letters import Finding, Rendered
from inbox_bot.errors import InboxBotError
from inbox_bot.overview import CaseFile, ClaimView, DraftView
from inbox_bot.web.staff.form import Entry, Filled, by_staff, entries
from inbox_bot.web.visit import Site

EDITABLE = frozenset({DraftState.OPEN, DraftState.RETURNED})
_NEEDS_NO_PROOF = frozenset({"cannot_identify", "extension", "proxy_missing", "wrong_controller"})
_MORE = {"rectification": ["statement_added"], "access": ["automated_decisions"], "objection": ["automated_decisions"]}


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """What a person sent for a draft that could not be done, to be shown again with the reason."""

    draft_id: int
    filled: Filled
    problem: str = ""
    more_for: str = ""
    reasons: str = ""
    return_note: str = ""


@dataclass(frozen=True, kw_only=True)
class DraftCard:
    """A draft as the page shows it. ``preview`` is what is stored now, None while something is missing.

    ``faults`` keep the letter from being approved; ``advice`` may be heeded or not.
    """

    view: DraftView
    claims: tuple[ClaimView, ...]
    entries: tuple[Entry, ...]
    choices: tuple[str, ...]
    refusal: str
    lacking: tuple[str, ...]
    preview: Rendered | None
    faults: tuple[Finding, ...]
    advice: tuple[Finding, ...]
    problem: str
    proven: bool
    editable: bool
    letter: LetterRecord | None
    revocable: bool
    attempt: Attempt | None


def cards(site: Site, file: CaseFile, attempt: Attempt | None) -> list[DraftCard]:
    """Return the drafts of a case that are in use, those that wait first."""
    shown = [draft for draft in file.drafts if draft.record.state is not DraftState.VOID]
    shown.sort(key=lambda draft: (draft.record.state not in EDITABLE, draft.record.id))
    return [
        _card(site, file, draft, attempt if attempt is not None and attempt.draft_id == draft.record.id else None)
        for draft in shown
    ]


def _card(site: Site, file: CaseFile, draft: DraftView, attempt: Attempt | None) -> DraftCard:
    record = draft.record
    claims = tuple(claim for claim in file.view.claims if claim.record.id in record.claim_ids)
    editable = record.state in EDITABLE
    filled = attempt.filled if attempt is not None else Filled(values=record.values)
    preview, problem = _preview(site, draft) if editable else (None, "")
    found = site.flow.lint(record.id) if preview is not None else ()
    letter = next((letter for letter in file.letters if letter.id == record.letter_id), None)
    return DraftCard(
        view=draft,
        claims=claims,
        entries=entries(by_staff(draft.fields), filled.values, filled.errors, attempt.more_for if attempt else ""),
        choices=choices(site.flow.letters.names(), draft, claims),
        refusal=refusal(site.flow.letters.names(), draft, claims),
        lacking=tuple(labels(draft).get(name, name) for name in draft.missing),
        preview=preview,
        faults=tuple(finding for finding in found if finding.stops),
        advice=tuple(finding for finding in found if not finding.stops),
        problem=(attempt.problem if attempt is not None else "") or problem,
        proven=record.letter in _NEEDS_NO_PROOF or all(claim.record.proven for claim in claims),
        editable=editable,
        letter=letter,
        revocable=record.state is DraftState.APPROVED
        and record.purpose is LetterPurpose.ANSWER
        and letter is not None
        and letter.state in LETTERS_STILL_HERE,
        attempt=attempt,
    )


def labels(draft: DraftView) -> Mapping[str, str]:
    """Return what a letter's fields are called."""
    return {one.name: one.label for one in draft.fields}


def choices(names: Sequence[str], draft: DraftView, claims: Sequence[ClaimView]) -> tuple[str, ...]:
    """Return the letters that may answer a draft's claims, the present one first."""
    if all(claim.record.claim.marketing for claim in claims):
        fitting = ["marketing_stopped"]
    else:
        fitting = ["no_data"]
        if any(claim.record.state is ClaimState.AWAITING_IDENTITY or not claim.record.proven for claim in claims):
            fitting += ["cannot_identify", "proxy_missing"]
        if len(claims) == 1:
            right = claims[0].record.claim.right.value
            fitting = [f"granted_{right}", *_MORE.get(right, []), *fitting, "cannot_identify", f"refused_{right}"]
        fitting.append("wrong_controller")
    found = dict.fromkeys([draft.record.letter, *fitting])
    return tuple(name for name in found if name in names)


def refusal(names: Sequence[str], draft: DraftView, claims: Sequence[ClaimView]) -> str:
    """Return the letter that refuses a draft's one claim; ``""`` where nothing can be refused, as a marketing stop."""
    if len(claims) != 1 or claims[0].record.claim.marketing or draft.record.purpose is not LetterPurpose.ANSWER:
        return ""
    name = f"refused_{claims[0].record.claim.right.value}"
    return name if name in names and name != draft.record.letter else ""


def merged(draft: DraftView, filled: Filled, **more: Any) -> dict[str, Any]:
    """Return what to store: what was sent, beside what another choice of letter had been given before."""
    return {**draft.record.values, **filled.values, **more}


def _preview(site: Site, draft: DraftView) -> tuple[Rendered | None, str]:
    if draft.missing:
        return None, ""
    try:
        return site.flow.preview(draft.record.id), ""
    except InboxBotError as error:
        return None, site.pages.words.failure(error, labels(draft))
