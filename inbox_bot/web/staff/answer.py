"""An answer in the making by itself: found by its path, what stands in it, whom it goes to, which letters it may become."""

from collections.abc import Mapping, Sequence
from typing import Any

from inbox_bot.domain.case import ClaimState, DraftState, LetterPurpose
from inbox_bot.errors import NotFoundError
from inbox_bot.flow import ProofView
from inbox_bot.overview import CaseFile, ClaimView, DraftView
from inbox_bot.web.staff.form import Filled
from inbox_bot.web.visit import Visit

EDITABLE = frozenset({DraftState.OPEN, DraftState.RETURNED})
_MORE = {"rectification": ["statement_added"], "access": ["automated_decisions"], "objection": ["automated_decisions"]}


def draft_at(visit: Visit) -> tuple[CaseFile, DraftView]:
    """Return the case and the draft that a path names. Raises NotFoundError, also for a draft of another case."""
    file = visit.site.flow.archive.case(visit.path("reference"))
    draft = next((draft for draft in file.drafts if draft.record.id == visit.number("draft")), None)
    if draft is None:
        raise NotFoundError(f"There is no draft {visit.path('draft')}.")
    return file, draft


def claims_of(file: CaseFile, draft: DraftView) -> tuple[ClaimView, ...]:
    """Return the claims that a draft answers."""
    return tuple(claim for claim in file.view.claims if claim.record.id in draft.record.claim_ids)


def recipients(file: CaseFile, proof: ProofView, claims: Sequence[ClaimView]) -> list[str]:
    """Return where a letter about some claims goes: the addresses that proved themselves, else the sender's."""
    proved = {one.claim.id: one.confirmed_at for one in proof.claims}
    return sorted({proved.get(claim.record.id) or file.view.record.requester for claim in claims})


def labels(draft: DraftView) -> Mapping[str, str]:
    """Return what a letter's fields are called."""
    return {one.name: one.label for one in draft.fields}


def stored(draft: DraftView) -> dict[str, Any]:
    """Return what stands in a draft's places: what was typed, and what is on record as done, kept and told."""
    on_record = {name: draft.values.get(name, []) for name in ("actions", "kept")}
    told = {name: draft.values[name] for name in ("recipients_told",) if name in draft.values}
    return {**draft.record.values, **on_record, **told}


def merged(draft: DraftView, filled: Filled, **more: Any) -> dict[str, Any]:
    """Return what to store: what was sent, beside what another choice of letter had been given before."""
    return {**draft.record.values, **filled.values, **more}


def choices(names: Sequence[str], draft: DraftView, claims: Sequence[ClaimView]) -> tuple[str, ...]:
    """Return the letters that may answer a draft's claims, the present one first; a notice stays what it is."""
    if draft.record.purpose is not LetterPurpose.ANSWER:
        return (draft.record.letter,)
    if all(claim.record.claim.marketing for claim in claims):
        fitting = ["marketing_stopped"]
    else:
        fitting = ["no_data"]
        unidentified = "cannot_identify_sender" if any(claim.record.unlinked for claim in claims) else "cannot_identify"
        if any(claim.record.state is ClaimState.AWAITING_IDENTITY or not claim.record.proven for claim in claims):
            fitting += [unidentified, "proxy_missing"]
        if len(claims) == 1:
            right = claims[0].record.claim.right.value
            more = _MORE.get(right, [])
            fitting = [f"granted_{right}", *more, *fitting, unidentified, f"refused_{right}", "fee_notice"]
        fitting.append("wrong_controller")
    found = dict.fromkeys([draft.record.letter, *fitting])
    return tuple(name for name in found if name in names)


def refusal(names: Sequence[str], draft: DraftView, claims: Sequence[ClaimView]) -> str:
    """Return the letter that refuses a draft's one claim; ``""`` where nothing can be refused, as a marketing stop."""
    if len(claims) != 1 or claims[0].record.claim.marketing or draft.record.purpose is not LetterPurpose.ANSWER:
        return ""
    name = f"refused_{claims[0].record.claim.right.value}"
    return name if name in names and name != draft.record.letter else ""
