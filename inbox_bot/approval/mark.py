"""The mark of an answer as a person sees it: its words, its reader and its files. Nobody approves, or saves over, what they have not seen."""

import hashlib
from collections.abc import Sequence

from inbox_bot.approval.addressee import proved_at
from inbox_bot.approval.draft import Composition
from inbox_bot.approval.files import files_for
from inbox_bot.approval.grounds import imprint
from inbox_bot.domain.case import CaseRecord, ClaimRecord, DraftRecord
from inbox_bot.store.unit import Unit


def mark_of(unit: Unit, draft: DraftRecord, case: CaseRecord, claims: Sequence[ClaimRecord], found: Composition) -> str:
    """Return what changes whenever anything does that would leave, also what is on record beside the draft itself.

    The draft's own version is not enough: a colleague's task, or a file put on the page of the case, changes the letter and
    not the draft.
    """
    attached = [one.sha256 for one in unit.attachments.of_draft(draft.id)]
    fetched = [one.sha256 for one in files_for(unit, case.id, draft.claim_ids)]
    parts = [str(draft.version), imprint(draft.letter, found.values), *sorted(proved_at(unit, case, claims))]
    return hashlib.sha256("\n".join([*parts, *attached, "", *fetched]).encode()).hexdigest()[:32]
