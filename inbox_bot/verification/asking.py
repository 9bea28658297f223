"""What is asked of whom before a claim is acted on: the table decides, letters and links follow (law.md 2.2)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from inbox_bot.domain.case import (
    CaseRecord,
    ChallengeRecord,
    ChallengeState,
    ClaimRecord,
    ClaimState,
    Event,
    EventName,
)
from inbox_bot.domain.proof import Ask, Known, Source, matter_of
from inbox_bot.domain.rights import Right
from inbox_bot.store.unit import Unit
from inbox_bot.verification.desk import Verification
from inbox_bot.verification.origin import Origin, addresses_in, origin_of, speaks_of_contact
from inbox_bot.verification.table import Row

NEUTRAL = "receipt_account"
"""What a sender who is not on file is told who names an address: the same letter whether or not it is on file."""

QUESTION = "receipt_question"
CHECKED_BY_A_PERSON = "receipt_check"


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What the table says of one claim, and what it was told."""

    claim: ClaimRecord
    row: Row
    origin: Origin

    def link_to(self, case: CaseRecord) -> str:
        """Return the address a link goes to, ``""`` where none does."""
        match self.row.ask:
            case Ask.SENDER:
                return case.requester
            case Ask.ON_FILE | Ask.OLD:
                return self.origin.target
            case _:
                return ""


def find_origin(room: Verification, unit: Unit, case: CaseRecord) -> Origin:
    """Look up where a case comes from: its requester, and the addresses the requester's mails name."""
    named: tuple[str, ...] = ()
    if room.people is not None:
        # What an account holder answers to our letter says nothing of who the sender is.
        holders = unit.challenges.addresses([case.id]).get(case.id, frozenset()) - {case.requester}
        messages = [mail.message for mail in unit.mails.of_case(case.id) if mail.message is not None]
        theirs = [one for one in messages if one.sender is None or one.sender.address.lower() not in holders]
        named = addresses_in(theirs, room.own | room.never_write | {case.requester})
    return origin_of(room.people, case.requester, named, is_dead=unit.letters.last_came_back)


def decide(
    room: Verification, unit: Unit, case: CaseRecord, claims: Sequence[ClaimRecord], origin: Origin
) -> list[Decision]:
    """Ask the table about each claim."""
    contact = any(claim.claim.right is Right.RECTIFICATION for claim in claims) and speaks_of_contact(
        room.rules, (mail.message for mail in unit.mails.of_case(case.id) if mail.message is not None)
    )
    confirmed = len(case.claims) > len(claims) and has_confirmed(case, unit.challenges.of_case(case.id))
    decisions = []
    for claim in claims:
        # A From address and a case number alone are easily made up; an answer to our letter is not.
        facts = {
            Known.CONFIRMED: confirmed and claim.threaded and not claim.failed_check,
            Known.ASKED: claim.asked == Ask.QUESTION,
            Known.FOR_ANOTHER: claim.for_another,
        }
        place = origin.unproven(case.requester) if claim.failed_check else origin
        told = replace(place, known=place.known | {fact for fact, holds in facts.items() if holds})
        row = room.rules.decide(matter_of(claim.claim, contact=contact), told.source, told.known)
        decisions.append(Decision(claim=claim, row=row, origin=told))
    return decisions


def has_confirmed(case: CaseRecord, challenges: Iterable[ChallengeRecord]) -> bool:
    """True if the case's own requester has answered a question of identity in it: an account holder's yes is another's."""
    return any(
        challenge.state is ChallengeState.CONFIRMED and challenge.address == case.requester for challenge in challenges
    )


def carry_out(room: Verification, unit: Unit, case: CaseRecord, decisions: Sequence[Decision]) -> None:
    """Write what the decisions ask for, and note in the case what was asked and why.

    The sender gets one letter for each kind of answer, and always before an account holder does: what the sender is told,
    and when, does not depend on whether anyone is on file. Who did not write, by our mail server's word, is told nothing unless
    the address is on file: a letter to whoever's name was used would be one more piece of junk.
    """
    free = [found.claim for found in decisions if found.row.ask is Ask.NOTHING]
    told: defaultdict[str, list[Decision]] = defaultdict(list)
    for found in decisions:
        if found.row.ask is not Ask.NOTHING and (letter := _receipt(case, found)):
            told[letter].append(found)
    if any(not claim.failed_check for claim in free) and not told:
        room.write(unit, case, free, "receipt", {})
    beside = free
    for letter, group in told.items():
        claims = [found.claim for found in group]
        if letter == "receipt_identity":
            room.ask(unit, case, beside, claims, letter, facts=_facts(group))
        else:
            room.write(unit, case, sorted((*beside, *claims), key=lambda claim: claim.id), letter, {})
        beside = []
    link_elsewhere(room, unit, case, decisions)
    _note(room, unit, case, decisions)


def link_elsewhere(room: Verification, unit: Unit, case: CaseRecord, decisions: Sequence[Decision]) -> None:
    """Send a link to each address on file that the request did not come from."""
    elsewhere: defaultdict[str, list[Decision]] = defaultdict(list)
    for found in decisions:
        if found.link_to(case) not in {"", case.requester}:
            elsewhere[found.link_to(case)].append(found)
    for address, group in elsewhere.items():
        room.ask(unit, case, [], [found.claim for found in group], "account_link", to=address, facts=_facts(group))


def _receipt(case: CaseRecord, found: Decision) -> str:
    """Return the letter that tells the sender, ``""`` for none; for one who is not on file it follows from the mail alone."""
    if found.link_to(case) == case.requester:
        return "receipt_identity"
    if found.claim.failed_check:
        return ""
    settled_by_hand = {Source.NO_REGISTER, Source.FAILED}
    known = found.origin.sender_on_file or found.origin.source in settled_by_hand
    if known or Known.FOR_ANOTHER in found.origin.known:
        return QUESTION if found.row.ask is Ask.QUESTION else CHECKED_BY_A_PERSON
    return NEUTRAL if found.origin.names else QUESTION


def _facts(decisions: Iterable[Decision]) -> set[int]:
    return {found.claim.id for found in decisions if found.row.fact}


def _note(room: Verification, unit: Unit, case: CaseRecord, decisions: Sequence[Decision]) -> None:
    now = room.clock.now()
    events = []
    for found in decisions:
        claim = found.claim
        if found.row.ask is Ask.NOTHING:
            unit.cases.move_claim(claim.id, [ClaimState.OPENED], ClaimState.CONFIRMED)
            why = "marketing" if claim.claim.marketing else "confirmed_in_this_case"
            details = {"why": why, "row": found.row.id}
            events.append(Event(at=now, name=EventName.IDENTITY_NOT_NEEDED, claim_id=claim.id, details=details))
            continue
        unit.cases.move_claim(claim.id, [ClaimState.OPENED], ClaimState.AWAITING_IDENTITY)
        events.append(asked_event(room, case, found))
    unit.cases.record(case.id, *events)


def asked_event(room: Verification, case: CaseRecord, found: Decision) -> Event:
    """Return the event that says what was asked about one claim, and why. It names no address."""
    # What a person has yet to decide asks nobody anything, so it opens no pause (law.md 1.2).
    name = EventName.IDENTITY_UNDECIDED if found.row.ask is Ask.PERSON else EventName.IDENTITY_ASKED
    details: Mapping[str, object] = {
        "ask": found.row.ask.value,
        "row": found.row.id,
        "source": found.origin.source.value,
        "why": found.row.why,
        "basis": found.row.basis,
        "notes": list(room.rules.notes(found.origin.known)),
        "fact": found.row.fact,
        "unlinked": found.link_to(case) != case.requester,
        "not_found": found.origin.source is Source.UNKNOWN and not found.origin.names,
        "failed_check": found.claim.failed_check,
    }
    return Event(at=room.clock.now(), name=name, claim_id=found.claim.id, details=details)
