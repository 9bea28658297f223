"""What the page of a case shows: stage and date to whoever opens it, and to a visit that has shown a code which rights they are of."""

from collections.abc import Sequence
from dataclasses import replace

from inbox_bot.clock import stockholm_day
from inbox_bot.domain.case import (
    LETTERS_STILL_HERE,
    CaseRecord,
    ChallengeState,
    ClaimRecord,
    ClaimState,
    DraftState,
    Event,
    EventName,
    LetterPurpose,
    LetterRecord,
    LetterState,
)
from inbox_bot.domain.page import Deliverable, PageLink, PageView, PageVisit, Part, Stage, concerns, least
from inbox_bot.store.unit import Unit
from inbox_bot.verification.challenge import keyed_hash
from inbox_bot.verification.desk import Verification

MOST_TRIES = 5
"""Codes that may be typed in one visit."""

_RUNNING = (Stage.WAITS, Stage.RECEIVED, Stage.BOUNCED, Stage.WORKING)
_BACK = (LetterState.BOUNCED, LetterState.FAILED)
_ENDED = {
    ClaimState.WITHDRAWN: Stage.WITHDRAWN,
    ClaimState.DISOWNED: Stage.OVER,
    ClaimState.DISMISSED: Stage.OVER,
    ClaimState.ANSWERED: Stage.ANSWERED,
    ClaimState.OPENED: Stage.RECEIVED,
}


def find_link(room: Verification, unit: Unit, token: str) -> PageLink | None:
    """Return the link that a token stands for."""
    return unit.page_links.by_token(keyed_hash(room.key, "token", token))


def find_visit(room: Verification, unit: Unit, link: PageLink, visit: str) -> PageVisit | None:
    """Return the visit a cookie stands for, if it is one to this case by this address and has not ended."""
    if not visit or not link.address:
        return None
    found = unit.page_links.visit(keyed_hash(room.key, "page", visit), room.clock.now())
    here = found is not None and (found.case_id, found.address) == (link.case_id, link.address)
    return found if here else None


def look(room: Verification, token: str, visit: str) -> PageView:
    """Return what the page behind a link shows to a visit; changes nothing."""
    with room.desk.look() as unit:
        link = find_link(room, unit, token)
        case = None if link is None else unit.cases.get(link.case_id)
        if link is None or case is None:
            return PageView()
        if case.emptied_at is not None or not link.address:
            return PageView(known=True, ended=True, language=case.language, reference=case.reference)
        found = find_visit(room, unit, link, visit)
        parts = parts_of(room, unit, case, link.address)
        inside = found is not None and found.entered
        return PageView(
            known=True,
            language=case.language,
            reference=case.reference,
            stage=least([part.stage for part in parts]),
            partly=len({part.stage in _RUNNING for part in parts}) > 1,
            due=min((part.due for part in parts if part.stage in _RUNNING), default=None),
            extended=any(part.extended for part in parts),
            answered_at=max((part.answered_at for part in parts if part.answered_at is not None), default=None),
            inside=inside,
            asked=found is not None and not inside,
            attempts_left=0 if found is None else max(0, MOST_TRIES - found.attempts),
            parts=parts if inside else (),
            reasons=_reasons(unit, case, parts) if inside else "",
            files=files_of(room, unit, case, link.address, parts) if inside else (),
            may_fetch=found is not None and found.mailed,
        )


def files_of(
    room: Verification, unit: Unit, case: CaseRecord, address: str, parts: Sequence[Part]
) -> tuple[Deliverable, ...]:
    """Return the files that an answer has told the reader of an address about; also those past their last day, which are gone."""
    mine = {part.claim_id for part in parts}
    sent = {
        letter.id
        for letter in unit.letters.of_case(case.id)
        if letter.recipient == address and letter.state is LetterState.SENT
    }
    today = stockholm_day(room.clock.now())
    return tuple(
        replace(one, emptied=one.emptied or (one.until is not None and one.until < today))
        for one in unit.deliverables.of_case(case.id)
        if one.claim_id in mine and one.letter_id in sent
    )


def fetch(room: Verification, token: str, visit: str, number: int) -> tuple[Deliverable, bytes] | None:
    """Return a file and its bytes to a visit that has typed a code mailed for it, counted and noted; else None."""
    with room.desk.write() as unit:
        link = find_link(room, unit, token)
        found = None if link is None else find_visit(room, unit, link, visit)
        case = None if link is None else unit.cases.get(link.case_id)
        if link is None or case is None or found is None or not (found.entered and found.mailed):
            return None
        files = files_of(room, unit, case, link.address, parts_of(room, unit, case, link.address))
        file = next((one for one in files if one.id == number and not one.emptied), None)
        if file is None:
            return None
        now = room.clock.now()
        unit.deliverables.count(file.id, now)
        details = {"file": file.id, "sha256": file.sha256}
        event = Event(at=now, name=EventName.FILE_FETCHED, actor="requester", claim_id=file.claim_id, details=details)
        unit.cases.record(case.id, event)
        return file, unit.deliverables.content(file.id)


def parts_of(room: Verification, unit: Unit, case: CaseRecord, address: str) -> tuple[Part, ...]:
    """Return the rights of a case that are told of on the page of an address, each with its stage."""
    challenges = unit.challenges.of_case(case.id)
    letters = [letter for letter in unit.letters.of_case(case.id) if letter.recipient == address]
    waits = {
        claim_id
        for one in challenges
        if one.address == address and one.state is ChallengeState.OPEN
        for claim_id in one.claim_ids
    }
    parts = []
    for claim in case.claims:
        if not concerns(case, claim, challenges, address):
            continue
        answers = [
            letter for letter in letters if letter.purpose is LetterPurpose.ANSWER and claim.id in letter.claim_ids
        ]
        sent = next((letter.sent_at for letter in reversed(answers) if letter.state is LetterState.SENT), None)
        dates = room.calendar.dates(claim.clock)
        stage = _stage(claim, answers, asked=claim.id in waits)
        parts.append(
            Part(
                claim_id=claim.id,
                claim=claim.claim,
                stage=stage,
                due=dates.due,
                received_at=claim.clock.received_at,
                answered_at=sent if stage is Stage.ANSWERED else None,
                extended=bool(dates.extension_valid),
                may_withdraw=may_withdraw(unit, claim),
            )
        )
    return tuple(parts)


def _stage(claim: ClaimRecord, answers: Sequence[LetterRecord], *, asked: bool) -> Stage:
    if claim.state in _ENDED:
        return _ENDED[claim.state]
    last = answers[-1] if answers else None
    if last is not None and last.state is LetterState.SENT:
        return Stage.ANSWERED
    if last is not None and last.state in _BACK:
        return Stage.BOUNCED
    return Stage.WAITS if asked and not claim.proven and not claim.to_check else Stage.WORKING


def may_withdraw(unit: Unit, claim: ClaimRecord) -> bool:
    """True while a claim is neither at its end nor answered by a letter that has left or is leaving."""
    if claim.state.is_final:
        return False
    if claim.state is not ClaimState.APPROVED:
        return True
    answer = unit.drafts.approved_answer(claim.case_id, claim.id)
    letter = None if answer is None or answer.letter_id is None else unit.letters.get(answer.letter_id)
    return letter is None or letter.state in LETTERS_STILL_HERE


def _reasons(unit: Unit, case: CaseRecord, parts: Sequence[Part]) -> str:
    """Return what the notice of more time gave as its reasons, once it has left."""
    mine = {part.claim_id for part in parts if part.extended}
    told = [
        str(draft.values.get("reasons", "")).strip()
        for draft in unit.drafts.of_case(case.id)
        if draft.purpose is LetterPurpose.EXTENSION
        and draft.state is DraftState.APPROVED
        and mine & set(draft.claim_ids)
    ]
    return told[-1] if told else ""
