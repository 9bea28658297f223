"""Reads from a case's file, proof and sheet what its next step follows from."""

from collections.abc import Sequence
from datetime import date

from inbox_bot.acting import ClaimSheet, Sheet
from inbox_bot.domain.case import (
    LETTERS_IN_TROUBLE,
    ClaimState,
    DraftState,
    EventName,
    LetterPurpose,
)
from inbox_bot.domain.notice import NoticeState
from inbox_bot.domain.proof import UNIDENTIFIED
from inbox_bot.domain.rights import Right
from inbox_bot.domain.task import owes_nothing
from inbox_bot.flow import ProofView
from inbox_bot.overview import CaseFile
from inbox_bot.web.staff.draft import DraftCard
from inbox_bot.web.staff.next_step import Act, Answer, Backing, CaseNow, NextStep

_MAILED = frozenset({"question", "address"})
"""Ways to the person after which it is for them to write: staff who rang still have a link to send."""


def case_now(
    file: CaseFile, proof: ProofView, sheet: Sheet, cards: Sequence[DraftCard], *, asked_outside: bool
) -> CaseNow:
    """Return what a case is like, for whom its cards were made."""
    states = {claim.record.state for claim in file.view.claims}
    way_to_find = not proof.words and _way_to_find(file, proof)
    return CaseNow(
        today=sheet.today,
        unread=next((f"brev-{mail.id}" for mail in file.mails if mail.unread), ""),
        asked_outside=asked_outside,
        in_trouble=any(letter.state in LETTERS_IN_TROUBLE for letter in file.letters),
        to_lock=_systems(
            [
                one
                for one in sheet.claims
                if one.claim.claim.right is Right.RESTRICTION and one.may_record and one.claim.state not in _ANSWERING
            ]
        ),
        words_to_check=bool(proof.words),
        way_to_find=way_to_find,
        no_way_offered=way_to_find and proof.unreachable and not proof.offered,
        answers=tuple(_answer(card) for card in cards if card.editable),
        left_undone=_systems(
            [one for one in sheet.claims if one.claim.state is ClaimState.APPROVED and not one.owes_nothing]
        ),
        to_tell=tuple(
            (f"mottagare-{notice.id}", notice.recipient.name)
            for notice in sheet.notices
            if notice.state is NoticeState.DRAFTED
        ),
        liftable=any(one.may_lift(sheet.today) for one in sheet.restrictions),
        awaits_person=ClaimState.AWAITING_IDENTITY in states,
        on_its_way=ClaimState.APPROVED in states,
        is_running=any(not state.is_final for state in states),
    )


_ANSWERING = frozenset({ClaimState.AWAITING_APPROVAL, ClaimState.APPROVED})
"""Here the answer itself asks for what is left to record, and knows whether it says no."""


def _answer(card: DraftCard) -> Answer:
    record = card.view.record
    backing = Backing.NOT_NEEDED
    if card.needs_second:
        backing = Backing.THEIRS if card.others else Backing.MINE if card.mine else Backing.LACKING
    return Answer(
        place=f"svar-{record.id}",
        claims=tuple(claim.record.claim for claim in card.claims),
        # A no has the first month alone: more time is for an answer (Art 12(4)).
        due=min(
            (one.dates.strict_deadline if owes_nothing(record.letter) else one.dates.due for one in card.claims),
            default=date.max,
        ),
        systems=() if record.letter in UNIDENTIFIED else card.left,
        note=record.note if record.state is DraftState.RETURNED else "",
        lacking=bool(card.lacking or card.faults),
        hindrance=card.hindrance,
        proven=card.proven,
        backing=backing,
        is_notice=record.purpose is not LetterPurpose.ANSWER,
        gives_up=record.letter in UNIDENTIFIED,
    )


def _systems(sheets: Sequence[ClaimSheet]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(view.task.system for one in sheets for view in one.tasks if view.is_open))


def _way_to_find(file: CaseFile, proof: ProofView) -> bool:
    """True where the table, a letter that came back or a wrong word leaves it to a person, and no other way is under way."""
    if not (proof.for_a_person or proof.mismatch or proof.unreachable):
        return False
    links = {letter.id for letter in file.letters if letter.purpose is LetterPurpose.IDENTITY}
    is_open, questioned = True, False
    for event in file.events:
        match event.name:
            case EventName.OTHER_WAY_OFFERED:
                questioned = event.details.get("way") == "question"
                is_open = is_open and event.details.get("way") not in _MAILED
            case EventName.IDENTITY_RENEWED:
                # A new link to an address that takes no mail reaches nobody.
                is_open = is_open and proof.unreachable
            case EventName.MAIL_JOINED:
                is_open = is_open or questioned
            case EventName.IDENTITY_UNDECIDED:
                is_open = True
            case EventName.LETTER_BOUNCED | EventName.LETTER_FAILED:
                is_open = is_open or event.details.get("letter") in links
            case EventName.FACT_CHECKED:
                is_open = is_open or not event.details.get("holds")
            case _:
                pass
    return is_open


def task_now(step: NextStep, sheet: Sheet) -> int:
    """Return the id of the one task to be done now, 0 where the next step is another."""
    if step.act not in {Act.TASKS, Act.LOCK}:
        return 0
    wanted = [one for one in sheet.claims if one.may_record and not one.hindrance]
    if step.act is Act.LOCK:
        wanted = [one for one in wanted if one.claim.claim.right is Right.RESTRICTION]
    elif step.claims:
        wanted = [one for one in wanted if one.claim.claim in step.claims]
    return next((view.task.id for one in wanted for view in one.tasks if view.is_open), 0)
