"""Whom a letter about a request may go to: proven, to the address that proved it, no way untried."""

from collections.abc import Sequence

from inbox_bot.domain.case import CaseRecord, ClaimRecord, DraftRecord, EventName
from inbox_bot.domain.proof import DISCLOSES_NOTHING, UNIDENTIFIED, Ask, link_came_back
from inbox_bot.errors import NotAllowedError
from inbox_bot.store.unit import Unit

_NO_DATA = "no_data"


def check_proof(draft: DraftRecord, claims: Sequence[ClaimRecord]) -> None:
    """Verified is a fact checked at every exit (architecture, rule 7). Raises NotAllowedError.

    One answer needs none: "we have no data" to a sender whom we asked once to help us find them. It says nothing but what
    the sender could tell from our silence, of the very address it goes to; where the mail named another address it would
    tell whether that one is on file, so there it is not allowed.
    """
    if draft.letter in DISCLOSES_NOTHING:
        return
    unproven = [claim for claim in claims if not claim.proven]
    if draft.letter == _NO_DATA and all(claim.not_found for claim in unproven):
        return
    if unproven:
        named = ", ".join(claim.claim.right.value for claim in unproven)
        raise NotAllowedError(f"Nobody has confirmed who asks ({named}): this letter may not leave.")


def recipient(unit: Unit, case: CaseRecord, claims: Sequence[ClaimRecord]) -> str:
    """Return the address a letter about some claims may go to: the one that proved itself, never a sender who did not.

    Raises NotAllowedError where the claims were proven at different addresses.
    """
    addresses = proved_at(unit, case, claims)
    if len(addresses) > 1:
        raise NotAllowedError(
            "What this letter answers was confirmed at different addresses.", hint="Answer each in a letter of its own."
        )
    return addresses.pop() if addresses else case.requester


def proved_at(unit: Unit, case: CaseRecord, claims: Sequence[ClaimRecord]) -> set[str]:
    """Return the addresses at which claims were proven; the sender's for what needs no proof or has none yet."""
    proofs = {claim.proof for claim in claims if claim.proof is not None}
    proved = {one.id: one.address for one in unit.challenges.of_case(case.id) if one.id in proofs} if proofs else {}
    return {proved.get(claim.proof or 0, case.requester) for claim in claims}


def check_other_way(unit: Unit, case: CaseRecord, draft: DraftRecord, claims: Sequence[ClaimRecord]) -> None:
    """Let nobody be told "we cannot identify you" because an address is dead, or before anything was asked (IMY, CDON).

    Raises NotAllowedError until another way has been offered and recorded.
    """
    if draft.letter not in UNIDENTIFIED:
        return
    events = unit.cases.events(case.id)
    came_back = link_came_back(unit.letters.of_case(case.id), events)
    asked_nothing = any(claim.asked == Ask.PERSON and not claim.proven for claim in claims)
    if not came_back and not asked_nothing:
        return
    if not any(event.name is EventName.OTHER_WAY_OFFERED for event in events):
        raise NotAllowedError(
            "No other way has been offered to this person yet, and that must be done first.",
            hint="Send a question, or note that you called or wrote.",
        )
