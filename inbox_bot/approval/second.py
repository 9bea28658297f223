"""A second person stands behind a no: in words of their own, behind the letter exactly as it reads (law.md 3.1)."""

from inbox_bot.approval.grounds import check_person, imprint, is_under_12_5, reasons_of
from inbox_bot.approval.room import EDITABLE, Approval
from inbox_bot.clock import stockholm_day
from inbox_bot.domain.case import CaseRecord, DraftRecord, Event, EventName
from inbox_bot.domain.task import owes_nothing
from inbox_bot.errors import LetterIncompleteError, NotAllowedError, NotFoundError
from inbox_bot.store.unit import Unit


def second(room: Approval, draft_id: int, *, words: str, by: str) -> None:
    """Record that a second person has read a no and stands behind it, and why. Raises NotAllowedError.

    Any change of the letter after this makes it void: the words of the letter are what was agreed to.
    """
    check_person(by)
    said = words.strip()
    if len(said) < room.rules.second_length:
        raise NotAllowedError(
            f"The second person's words are too short: {len(said)} characters of at least {room.rules.second_length}."
        )
    with room.desk.write() as unit:
        draft = unit.drafts.get(draft_id)
        if draft is None:
            raise NotFoundError(f"There is no draft {draft_id}.")
        unit.cases.lock(draft.case_id)
        if draft.state not in EDITABLE or not owes_nothing(draft.letter):
            raise NotAllowedError("Only a no that waits for approval takes a second person.")
        case, _, found = room.composition(unit, draft)
        if found.missing:
            raise LetterIncompleteError(draft.letter, found.missing)
        if said.lower() == (reasons_of(found.values) or "").lower():
            raise NotAllowedError("A second person has words of their own, not the first one's.")
        details = {"draft": draft.id, "imprint": imprint(draft.letter, found.values), "reason": said}
        event = Event(at=room.clock.now(), name=EventName.SECONDED, actor=by.strip(), details=details)
        unit.cases.record(case.id, event)


def is_no(draft: DraftRecord) -> bool:
    """True for a draft that says no, or asks for a fee."""
    return owes_nothing(draft.letter)


def second_needed(room: Approval, unit: Unit, draft: DraftRecord) -> bool:
    """True if a draft, as it reads now, may not leave without a second person."""
    if not owes_nothing(draft.letter):
        return False
    _, claims, found = room.composition(unit, draft)
    today = stockholm_day(room.clock.now())
    late = any(today > room.calendar.dates(claim.clock).strict_deadline for claim in claims)
    return late or is_under_12_5(room.rules, draft.letter, reasons_of(found.values) or "")


def seconds(room: Approval, unit: Unit, case: CaseRecord, draft: DraftRecord) -> list[Event]:
    """Return who stands behind a draft as it reads now."""
    _, _, found = room.composition(unit, draft)
    mark = imprint(draft.letter, found.values)
    return [
        event
        for event in unit.cases.events(case.id)
        if event.name is EventName.SECONDED and event.details.get("imprint") == mark
    ]
