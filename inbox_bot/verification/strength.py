"""How strong the proof of a claim is, and what was asked and given for it: read from the events alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from inbox_bot.domain.case import ClaimRecord, Event, EventName
from inbox_bot.domain.proof import Given, Source, Strength

MARKETING = "marketing"
"""The row of rules/proof.toml by which nothing is asked because nothing may be (Art 21(3))."""

BY_HAND = "by_hand"
"""What stands for a row where a person chose the address themselves."""


@dataclass(frozen=True, kw_only=True)
class Act:
    """One thing done towards a proof. ``by``: who checked, ``""`` for program and requester."""

    given: Given
    at: datetime
    by: str = ""


def strength_of(claim: ClaimRecord, events: Sequence[Event]) -> Strength:
    """Return what the proof of a claim amounts to. ``events`` are its own, oldest first."""
    if not claim.proven:
        return Strength.NONE
    confirmed = [event.details for event in events if event.name is EventName.IDENTITY_CONFIRMED]
    if not confirmed:
        return Strength.NOT_NEEDED if claim.claim.marketing else Strength.EARLIER
    if confirmed[-1].get("via") == "fact":
        return Strength.FACT
    asked = [event.details for event in events if event.name is EventName.IDENTITY_ASKED]
    told = asked[-1] if asked else {}
    if told.get("row") == BY_HAND:
        return Strength.BY_HAND
    unknown = {Source.NO_REGISTER.value, Source.FAILED.value}
    return Strength.SENDER if told.get("source") in unknown else Strength.LINK


def acts_of(events: Sequence[Event]) -> Iterator[Act]:
    """Yield what was asked and given for a claim, oldest first. ``events`` are its own."""
    for event in events:
        by = "" if event.actor in {"program", "requester"} else event.actor
        match event.name:
            case EventName.IDENTITY_ASKED:
                yield Act(given=Given.ASKED, at=event.at, by=by)
            case EventName.IDENTITY_UNDECIDED:
                yield Act(given=Given.LEFT_TO_STAFF, at=event.at)
            case EventName.FACT_GIVEN:
                yield Act(given=Given.FACT, at=event.at)
            case EventName.FACT_CHECKED:
                held = event.details.get("holds")
                yield Act(given=Given.FACT_HELD if held else Given.FACT_FAILED, at=event.at, by=by)
            case EventName.IDENTITY_CONFIRMED if event.details.get("via") != "fact":
                by_mail = event.details.get("via") == "reply"
                yield Act(given=Given.CODE_BY_MAIL if by_mail else Given.CODE, at=event.at)
            case _:
                pass
