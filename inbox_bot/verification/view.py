"""What staff see of the question who asks: what was asked and why, where the link went, who confirmed, what waits for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from inbox_bot.domain.case import (
    CaseRecord,
    ChallengeRecord,
    ChallengeState,
    ClaimRecord,
    ClaimState,
    Event,
    EventName,
)
from inbox_bot.domain.proof import Ask, Strength, link_came_back
from inbox_bot.errors import NotFoundError
from inbox_bot.store.unit import Unit
from inbox_bot.verification.desk import Verification
from inbox_bot.verification.strength import Act, acts_of, strength_of
from inbox_bot.verification.table import ProofRules, Question, Situation, Way
from inbox_bot.verification.trial import revivable

_ASKING = (EventName.IDENTITY_ASKED, EventName.IDENTITY_UNDECIDED)


@dataclass(frozen=True, kw_only=True)
class ClaimProof:
    """How it stands with the proof of one claim. ``sent_to`` and ``confirmed_at`` are addresses, ``""`` where there is none.

    ``elsewhere``: who confirmed has another address than the sender; the answer goes there and nowhere else. ``denied_at``:
    who reads mail there, at an address on file, has said that it was not them. ``row``: which row of rules/proof.toml
    decided, ``by_hand`` where a person did; ``ask`` what it asks for, ``fact`` whether one thing only the person knows too.
    ``opened``: how often links to that address were opened, ``pressed``: a button behind them without a code, ``tried``: how often
    a code was typed. Scanners do the first two; none of them says that a person has read anything.
    """

    claim: ClaimRecord
    why: str = ""
    basis: str = ""
    notes: tuple[str, ...] = ()
    sent_to: str = ""
    confirmed_at: str = ""
    elsewhere: bool = False
    denied_at: str = ""
    row: str = ""
    ask: str = ""
    fact: bool = False
    opened: int = 0
    pressed: int = 0
    tried: int = 0
    strength: Strength = Strength.NONE
    acts: tuple[Act, ...] = ()

    @property
    def story(self) -> tuple[object, ...]:
        """Return all that is said besides the claim: claims with the same story are told of together."""
        sent = (self.why, self.basis, self.notes, self.sent_to, self.confirmed_at, self.elsewhere, self.denied_at)
        used = (self.opened, self.pressed, self.tried)
        return (*sent, *used, self.row, self.ask, self.fact, self.strength, self.acts)


@dataclass(frozen=True, kw_only=True)
class ProofView:
    """Who asks, for the page of a case.

    ``words``: the one thing only the person knows, until it is checked; ``to_check``: the questions it answers. ``mismatch``: the last one given did not hold.
    ``unreachable``: a letter with a link came back, whatever was sent after it. ``for_a_person``: the table leaves it to one. ``offered``: another way
    has been offered. ``open``: something still waits for proof. ``linked``: a link has gone out for something that waits.
    """

    claims: tuple[ClaimProof, ...]
    words: str
    to_check: tuple[int, ...]
    mismatch: bool
    unreachable: bool
    for_a_person: bool
    offered: bool
    open: bool
    linked: bool
    questions: tuple[Question, ...]
    ways: tuple[Way, ...]
    situations: tuple[Situation, ...]

    @property
    def stories(self) -> tuple[tuple[ClaimProof, ...], ...]:
        """Return the claims of which something is said, those with the same story together."""
        told = [one for one in self.claims if one.why or one.sent_to or one.row]
        order = dict.fromkeys(one.story for one in told)
        return tuple(tuple(one for one in told if one.story == story) for story in order)


def look(room: Verification, reference: str) -> ProofView:
    """Return how the proof of a case stands. Raises NotFoundError."""
    with room.desk.look() as unit:
        case = unit.cases.by_reference(reference)
        if case is None:
            raise NotFoundError(f"There is no case {reference}.", hint="'inbox-bot cases' lists them.")
        events, challenges = unit.cases.events(case.id), unit.challenges.of_case(case.id)
        reasons = _reasons(unit, case)
        came_back = link_came_back(unit.letters.of_case(case.id), events)
        uses = unit.page_links.uses(case.id)
    answered = [one for one in challenges if one.state is ChallengeState.ANSWERED]
    checked = [event for event in events if event.name is EventName.FACT_CHECKED]
    waiting = [claim for claim in case.claims if revivable(claim.state, claim.proven)]
    return ProofView(
        claims=tuple(_claim(room.rules, case, claim, events, challenges, uses) for claim in case.claims),
        words="\n".join(one.fact for one in answered),
        to_check=tuple(one.id for one in answered),
        mismatch=bool(waiting and not answered and checked and not checked[-1].details.get("holds")),
        unreachable=bool(waiting) and came_back,
        for_a_person=any(
            claim.asked == Ask.PERSON and claim.state is ClaimState.AWAITING_IDENTITY for claim in case.claims
        ),
        offered=any(event.name is EventName.OTHER_WAY_OFFERED for event in events),
        open=bool(waiting),
        linked=any(set(one.claim_ids) & {claim.id for claim in waiting} for one in challenges),
        questions=room.rules.question,
        ways=room.rules.way,
        situations=room.rules.situations(reasons),
    )


def _reasons(unit: Unit, case: CaseRecord) -> frozenset[str]:
    return frozenset(
        reason for mail in unit.mails.of_case(case.id) if mail.verdict is not None for reason in mail.verdict.reasons
    )


def _claim(
    rules: ProofRules,
    case: CaseRecord,
    claim: ClaimRecord,
    events: Sequence[Event],
    challenges: Sequence[ChallengeRecord],
    uses: Mapping[str, tuple[int, int]],
) -> ClaimProof:
    mine = [event for event in events if event.claim_id == claim.id]
    asked = [event.details for event in mine if event.name in _ASKING]
    free = [event.details for event in mine if event.name is EventName.IDENTITY_NOT_NEEDED]
    told = asked[-1] if asked else free[-1] if free else {}
    row = str(told.get("row", ""))
    # What is not asked for is not told of in its event either: the row of today says why.
    now = next((one for one in rules.row if one.id == row), None) if not asked else None
    links = [one for one in challenges if claim.id in one.claim_ids]
    proved = next((one.address for one in challenges if one.id == claim.proof), "")
    sent_to = links[-1].address if links else ""
    opened, pressed = uses.get(sent_to, (0, 0))
    return ClaimProof(
        claim=claim,
        why=now.why if now is not None else str(told.get("why", "")),
        basis=now.basis if now is not None else str(told.get("basis", "")),
        notes=tuple(told.get("notes", ())),
        sent_to=sent_to,
        confirmed_at=proved,
        elsewhere=bool(proved) and proved != case.requester,
        denied_at=next((one.address for one in links if one.state is ChallengeState.DISOWNED), ""),
        row=row,
        ask=now.ask.value if now is not None else str(told.get("ask", "")),
        fact=bool(told.get("fact", False)),
        opened=opened,
        pressed=pressed,
        tried=sum(one.attempts for one in links if one.address == sent_to),
        strength=strength_of(claim, mine),
        acts=tuple(acts_of(mine)),
    )
