"""A person's decision on an answer: approve, edit, give back, refuse, extend. What is approved is frozen, byte for byte."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from inbox_bot.approval.book import TaskBook
from inbox_bot.approval.draft import Composition, answers, compose, recorded, takes_as_done, with_note
from inbox_bot.approval.exit import check_other_way, check_proof, proved_at, recipient
from inbox_bot.approval.exits import Exit, check_kind, check_person, check_refusal
from inbox_bot.approval.lifting_day import LIFTING, check_lift_day
from inbox_bot.approval.rulebook import DecisionRules
from inbox_bot.clock import Clock, stockholm_day
from inbox_bot.domain.case import (
    LETTERS_STILL_HERE,
    CaseRecord,
    ChallengeState,
    ClaimRecord,
    ClaimState,
    DraftRecord,
    DraftState,
    Event,
    EventName,
    LetterPurpose,
    LetterState,
)
from inbox_bot.domain.correspondence import envelope_for, new_message_id, thread_of
from inbox_bot.domain.dates import Calendar
from inbox_bot.domain.example import Keeper, KeepsNothing, asked_in
from inbox_bot.domain.letters import Finding, Language, LetterBook, Rendered
from inbox_bot.domain.rights import Right
from inbox_bot.domain.task import owes_nothing, recorded_values
from inbox_bot.errors import LetterFaultyError, LetterIncompleteError, NotAllowedError, NotFoundError
from inbox_bot.store.unit import Desk, Unit

EDITABLE = frozenset({DraftState.OPEN, DraftState.RETURNED})
WARNING = "erasure_warning"


@dataclass(frozen=True, kw_only=True)
class Approval:
    """The room's tools. ``book``: where it is written down what was done; ``rules``: what a no demands of people.

    ``keeper`` makes examples to learn from of what turns out to be no request.
    """

    desk: Desk
    clock: Clock
    calendar: Calendar
    letters: LetterBook
    sender: str
    book: TaskBook
    rules: DecisionRules
    keeper: Keeper = field(default_factory=KeepsNothing)

    def composition(self, unit: Unit, draft: DraftRecord) -> tuple[CaseRecord, list[ClaimRecord], Composition]:
        """Return a draft's case, claims and letter values. Raises NotFoundError if the case is gone."""
        case = unit.cases.get(draft.case_id)
        if case is None:
            raise NotFoundError("The draft's case does not exist.")
        claims = [claim for claim in case.claims if claim.id in draft.claim_ids]
        recorded = recorded_for(unit, case, claims)
        extra = self._dates(draft, claims)
        if proved_at(unit, case, claims) != {case.requester}:
            # The name beside the sender's address is the sender's word, and the letter goes to another.
            extra["name"] = ""
        return case, claims, compose(self.letters, self.calendar, case, claims, draft, extra, recorded)

    def _dates(self, draft: DraftRecord, claims: Sequence[ClaimRecord]) -> dict[str, Any]:
        if draft.letter == WARNING:
            day = stockholm_day(draft.approved_at or self.clock.now())
            return {"earliest": self.calendar.add_working_days(day, self.rules.warning_working_days)}
        if draft.purpose is not LetterPurpose.EXTENSION:
            return {}
        # As of the decision: looked at again after the first month, the notice still says what it said.
        at = draft.approved_at or self.clock.now()
        extended = (self.calendar.dates(replace(claim.clock, extension_sent_at=at)) for claim in claims)
        promised = [dates.extended_deadline for dates in extended if dates.extended_deadline is not None]
        strict = min(self.calendar.dates(claim.clock).strict_deadline for claim in claims)
        return {"deadline": strict} | ({"new_deadline": min(promised)} if promised else {})


def recorded_for(unit: Unit, case: CaseRecord, claims: Sequence[ClaimRecord]) -> dict[str, Any]:
    """Return what a letter about these claims may say was done, is kept, and who has been told: what is on record."""
    mine = {claim.id for claim in claims}
    recorded: dict[str, Any] = dict(
        recorded_values(one for one in unit.tasks.outcomes(case.id) if one.claim_id in mine)
    )
    notices = [notice for notice in unit.notices.of_case(case.id) if notice.claim_id in mine]
    if notices:
        told = [(notice.recipient.name, notice.told_at) for notice in notices if notice.state.is_told]
        recorded["recipients_told"] = "\n".join(
            f"- {name}, {stockholm_day(at)}" if at is not None else f"- {name}" for name, at in told
        )
    return recorded


def preview(room: Approval, draft_id: int) -> Rendered:
    """Return the letter as it would be sent. Raises LetterIncompleteError for what is still missing."""
    with room.desk.look() as unit:
        draft = _draft(unit, draft_id)
        case, _, found = room.composition(unit, draft)
    if found.missing:
        raise LetterIncompleteError(draft.letter, found.missing)
    return room.letters.render(draft.letter, Language(case.language), found.values)


def lint(room: Approval, draft_id: int) -> tuple[Finding, ...]:
    """Return what is wrong with the letter as it would be sent, what stops it first; nothing while values are missing."""
    with room.desk.look() as unit:
        draft = _draft(unit, draft_id)
        case, _, found = room.composition(unit, draft)
    return () if found.missing else _findings(room, draft.letter, case, found)


def _findings(room: Approval, letter: str, case: CaseRecord, found: Composition) -> tuple[Finding, ...]:
    done = recorded(room.letters, letter, found.values)
    return room.letters.lint(letter, Language(case.language), found.values, done)


def edit(
    room: Approval, draft_id: int, *, values: Mapping[str, Any], by: str, letter: str | None = None
) -> DraftRecord:
    """Save what a person filled in, and perhaps another letter. An approval that has not left yet is voided by it.

    Raises NotAllowedError if the approved letter has left already.
    """
    with room.desk.write() as unit:
        draft = _locked(unit, draft_id)
        if letter is not None and letter not in room.letters.names():
            raise NotFoundError(f"There is no letter {letter}.")
        if draft.state is DraftState.APPROVED:
            draft = _void_approval(room, unit, draft, by)
        if draft.state not in EDITABLE:
            raise NotAllowedError("This draft is no longer in use.")
        check_kind(replace(draft, letter=letter or draft.letter))
        said = dict(values)
        rows: dict[str, Any] = {name: said.pop(name) for name in ("actions", "kept") if name in said}
        if rows:
            _write_down(room, unit, draft, rows, by)
        changes: dict[str, Any] = {"values": said} | ({"letter": letter} if letter else {})
        if not unit.drafts.change(draft, DraftState.OPEN, **changes):
            raise NotAllowedError("Someone else changed this draft just now.", hint="Look at it again.")
        unit.cases.record(draft.case_id, _event(room, EventName.EDITED, by, draft))
        return _draft(unit, draft_id)


def give_back(room: Approval, draft_id: int, *, reason: str, by: str) -> None:
    """Send a draft back to whoever fills it in, saying what is missing. A reason is demanded."""
    _demand(reason, "returning a draft")
    with room.desk.write() as unit:
        draft = _locked(unit, draft_id)
        if draft.state not in EDITABLE or not unit.drafts.change(draft, DraftState.RETURNED, note=reason.strip()):
            raise NotAllowedError("This draft does not wait for approval.")
        unit.cases.record(draft.case_id, _event(room, EventName.RETURNED, by, draft, reason=reason.strip()))


def approve(
    room: Approval, draft_ids: Sequence[int], *, by: str, note: str = "", version: int | None = None, rest: bool = False
) -> list[int]:
    """Freeze the letters of one case's drafts and put them in the outbox, all or none; return the letters' ids.

    ``version`` is the one the person looked at; a draft changed since is not approved. ``rest``: the person says that the
    systems nothing is recorded about hold nothing. Raises LetterIncompleteError for missing values, LetterFaultyError for a letter
    the lint refuses, NotAllowedError where identity is unproven or someone was first.
    """
    with room.desk.write() as unit:
        return [_approve(room, unit, draft_id, by=by, note=note, version=version, rest=rest) for draft_id in draft_ids]


def _approve(room: Approval, unit: Unit, draft_id: int, *, by: str, note: str, version: int | None, rest: bool) -> int:
    draft = _locked(unit, draft_id)
    if draft.state not in EDITABLE:
        raise NotAllowedError(f"This answer is {draft.state.value}, not waiting for approval.")
    if version is not None and version != draft.version:
        raise NotAllowedError("The answer was changed after you opened it.", hint="Read it again, then approve.")
    check_person(by)
    case, claims, found = room.composition(unit, draft)
    filled: Mapping[str, Any] = draft.values
    if note.strip() and takes_as_done(room.letters, draft.letter, found.values):
        for claim in claims:
            room.book.note(unit, case, claim, note, by=by)
    else:
        filled = with_note(room.letters, draft.letter, draft.values, note)
    for claim in claims if rest and draft.purpose is LetterPurpose.ANSWER else ():
        room.book.rest(unit, case, claim, by=by)
    return _freeze(room, unit, replace(draft, values=filled), draft, by=by, note=note)


def refuse(
    room: Approval, reference: str, *, right: Right | None, reasons: str, by: str, values: Mapping[str, Any]
) -> int:
    """Decide against a claim and freeze the refusal with its reasons (Art 12(4)); return the letter's id.

    Raises NotAllowedError for a marketing stop, which is unconditional (Art 21(2)-(3)), and without a reason.
    """
    _demand(reasons, "a refusal")
    with room.desk.write() as unit:
        _, draft, claim = _awaiting(unit, reference, right)
        if claim.claim.marketing:
            raise NotAllowedError("A marketing stop is unconditional and cannot be refused (article 21(3)).")
        letter = f"refused_{claim.claim.right.value}"
        chosen = replace(draft, letter=letter, values={**draft.values, **values, "reasons": reasons.strip()})
        return _freeze(room, unit, chosen, draft, by=by, note="")


def write_refusal(room: Approval, reference: str, *, right: Right | None, reasons: str, by: str) -> int:
    """Turn the answer that waits into a refusal without sending it: to be read, seconded, approved. Returns the draft's id.

    Raises NotAllowedError as ``refuse`` does.
    """
    _demand(reasons, "a refusal")
    check_person(by)
    with room.desk.look() as unit:
        _, draft, claim = _awaiting(unit, reference, right)
    if claim.claim.marketing:
        raise NotAllowedError("A marketing stop is unconditional and cannot be refused (article 21(3)).")
    values = {**draft.values, "reasons": reasons.strip()}
    return edit(room, draft.id, values=values, by=by, letter=f"refused_{claim.claim.right.value}").id


def dismiss(room: Approval, reference: str, *, reason: str, by: str) -> None:
    """Close a case that a person finds to be no request: taken for one by mistake. A reason is demanded and kept.

    Raises NotAllowedError while an answer is on its way, and for a case that is closed.
    """
    _demand(reason, "dismissing a case")
    room.keeper.ready()
    with room.desk.write() as unit:
        unit.cases.lock(_case(unit, reference).id)
        case = _case(unit, reference)
        running = [claim for claim in case.claims if not claim.state.is_final]
        if not running or any(claim.state is ClaimState.APPROVED for claim in running):
            raise NotAllowedError(f"Case {reference} is closed, or an answer in it is on its way.")
        now = room.clock.now()
        _keep_examples(room, unit, case)
        for claim in running:
            unit.cases.move_claim(claim.id, [claim.state], ClaimState.DISMISSED)
        lay_down(unit, case.id)
        details = {"reason": reason.strip()}
        unit.cases.record(case.id, Event(at=now, name=EventName.DISMISSED, actor=by, details=details))
        if unit.cases.close(case.id, now):
            unit.cases.record(case.id, Event(at=now, name=EventName.CLOSED, actor=by))


def lay_down(unit: Unit, case_id: int, *, notices: bool = True) -> None:
    """Void what is being written to the person of a case that ends; ``notices``: what stands beside the answer, too."""
    for draft in unit.drafts.of_case(case_id):
        if draft.state in EDITABLE and (notices or draft.purpose is not LetterPurpose.NOTICE):
            unit.drafts.change(draft, DraftState.VOID)
    for challenge in unit.challenges.of_case(case_id):
        unit.challenges.move(challenge.id, ChallengeState.REPLACED)
    for letter in unit.letters.of_case(case_id):
        if letter.purpose is LetterPurpose.EXTENSION:
            unit.letters.move(letter.id, LETTERS_STILL_HERE, LetterState.VOID)


def _keep_examples(room: Approval, unit: Unit, case: CaseRecord) -> None:
    """Keep each mail that was taken to ask for what is dismissed as an example of asking for the rest, mostly nothing."""
    let_go = {claim.claim for claim in case.claims if not claim.state.is_final or claim.state is ClaimState.DISMISSED}
    asked = asked_in(unit.cases.events(case.id))
    today = stockholm_day(room.clock.now())
    unit.examples.keep(
        *(
            room.keeper.example(mail, asked[mail.id] - let_go, today)
            for mail in unit.mails.of_case(case.id)
            if mail.id in asked and asked[mail.id] & let_go
        )
    )


def extend(room: Approval, reference: str, *, right: Right | None, reasons: str, by: str) -> list[int]:
    """Send the reasoned notice that an answer takes up to three months (Art 12(3)); return the letters' ids.

    Raises NotAllowedError when the first month has run out, when the claim has been extended or is about to be, for a
    marketing stop, and without a reason.
    """
    _demand(reasons, "an extension")
    with room.desk.write() as unit:
        case = _case(unit, reference)
        unit.cases.lock(case.id)
        claims = [
            claim
            for claim in case.claims
            if not claim.state.is_final and not claim.claim.marketing and right in {None, claim.claim.right}
        ]
        if not claims and any(not claim.state.is_final and right in {None, claim.claim.right} for claim in case.claims):
            raise NotAllowedError("A marketing stop takes effect at once; its answer cannot be extended.")
        if not claims:
            raise NotAllowedError(f"Case {reference} has no open claim to extend.")
        return [_extend(room, unit, case, claim, reasons.strip(), by) for claim in claims]


def _extend(room: Approval, unit: Unit, case: CaseRecord, claim: ClaimRecord, reasons: str, by: str) -> int:
    dates = room.calendar.dates(claim.clock)
    name = claim.claim.right.value
    if room.clock.now() >= dates.strict_end:
        raise NotAllowedError(
            f"The first month for {name} ran out on {dates.strict_deadline}: no extension exists any more."
        )
    earlier = [
        draft
        for draft in unit.drafts.of_case(case.id)
        if draft.purpose is LetterPurpose.EXTENSION and draft.state is not DraftState.VOID
    ]
    if claim.clock.extension_sent_at or any(claim.id in draft.claim_ids for draft in earlier):
        raise NotAllowedError(f"The answer on {name} has been extended once; there is no second extension.")
    draft_id = unit.drafts.add(
        case_id=case.id,
        claim_ids=[claim.id],
        letter="extension",
        purpose=LetterPurpose.EXTENSION,
        values={"reasons": reasons},
    )
    draft = _draft(unit, draft_id)
    unit.cases.record(case.id, _event(room, EventName.EXTENSION_APPROVED, by, draft, right=name))
    return _freeze(room, unit, draft, draft, by=by, note="")


def _freeze(room: Approval, unit: Unit, chosen: DraftRecord, stored: DraftRecord, *, by: str, note: str) -> int:
    """Store recipient, exact bytes and hash; the one exit every letter a person decides on to a requester takes."""
    case, claims, found = _checked(room, unit, chosen, by)
    to = recipient(unit, case, claims)
    now = room.clock.now()
    message_id = new_message_id(room.sender)
    thread = thread_of(unit.mails.of_case(case.id))
    envelope = envelope_for(case, thread, message_id=message_id, at=now, automatic=False, to=to)
    content = room.letters.freeze(chosen.letter, Language(case.language), found.values, envelope)
    letter_id = unit.letters.queue(
        name=chosen.letter,
        purpose=chosen.purpose,
        recipient=to,
        message_id=message_id,
        content=content,
        at=now,
        case_id=case.id,
        claim_ids=chosen.claim_ids,
        approved_by=by.strip(),
    )
    promised = {"earliest": found.values["earliest"].isoformat()} if chosen.letter == WARNING else {}
    changed = unit.drafts.change(
        stored,
        DraftState.APPROVED,
        letter=chosen.letter,
        values={**chosen.values, **promised},
        approved_by=by.strip(),
        approved_at=now,
        letter_id=letter_id,
    )
    if not changed:
        raise NotAllowedError("Someone else changed this answer just now.", hint="Look at it again.")
    details = {"letter": letter_id, "name": chosen.letter, "sha256": hashlib.sha256(content).hexdigest(), "note": note}
    unit.cases.record(case.id, Event(at=now, name=EventName.APPROVED, actor=by.strip(), details=details))
    if chosen.letter.startswith("refused_"):
        unit.cases.record(case.id, Event(at=now, name=EventName.REFUSED, actor=by.strip(), details=details))
    if chosen.purpose is LetterPurpose.ANSWER:
        _take_claims(room, unit, case, claims, chosen.letter, by)
    return letter_id


def _checked(
    room: Approval, unit: Unit, chosen: DraftRecord, by: str
) -> tuple[CaseRecord, list[ClaimRecord], Composition]:
    """Return what is about to be frozen. Raises NotAllowedError or LetterIncompleteError for what may not leave."""
    check_person(by)
    case, claims, found = room.composition(unit, chosen)
    check_proof(chosen, claims)
    check_kind(chosen)
    check_other_way(unit, case, chosen, claims)
    if chosen.purpose is LetterPurpose.ANSWER and not all(answers(chosen.letter, claim.claim) for claim in claims):
        raise NotAllowedError(
            f"The letter {chosen.letter} is no answer to what was asked.", hint="Choose another letter."
        )
    if chosen.letter == LIFTING:
        check_lift_day(room.calendar, room.rules, chosen, stockholm_day(room.clock.now()))
    if found.missing:
        raise LetterIncompleteError(chosen.letter, found.missing)
    faults = tuple(finding.text for finding in _findings(room, chosen.letter, case, found) if finding.stops)
    if faults:
        raise LetterFaultyError(chosen.letter, faults)
    leaving = Exit(
        draft=chosen,
        case=case,
        claims=claims,
        values=found.values,
        by=by,
        events=unit.cases.events(case.id),
        today=stockholm_day(room.clock.now()),
    )
    if check_refusal(room.rules, room.calendar, leaving):
        details = {"name": chosen.letter}
        event = Event(at=room.clock.now(), name=EventName.REFUSED_LATE, actor=by.strip(), details=details)
        unit.cases.record(case.id, event)
    if chosen.letter.startswith("granted_"):
        for claim in claims:
            room.book.hinder(unit, case, claim)
    return case, claims, found


def _take_claims(
    room: Approval, unit: Unit, case: CaseRecord, claims: Sequence[ClaimRecord], letter: str, by: str
) -> None:
    for claim in claims:
        if not owes_nothing(letter):
            room.book.settle_by(unit, case, claim, letter, by=by)
        waiting = [ClaimState.AWAITING_APPROVAL, ClaimState.AWAITING_IDENTITY]
        if not unit.cases.move_claim(claim.id, waiting, ClaimState.APPROVED):
            raise NotAllowedError(f"The claim to {claim.claim.right.value} is {claim.state.value} and takes no answer.")


def _write_down(room: Approval, unit: Unit, draft: DraftRecord, rows: Mapping[str, Any], by: str) -> None:
    """Make the records say what a form's rows say: a letter takes what was done from there and from nowhere else."""
    case = unit.cases.get(draft.case_id)
    if case is None:
        raise NotFoundError("The draft's case does not exist.")
    for claim in case.claims:
        if claim.id in draft.claim_ids:
            room.book.replace(unit, case, claim, rows, by=by)


def _void_approval(room: Approval, unit: Unit, draft: DraftRecord, by: str) -> DraftRecord:
    if draft.letter_id is None or not unit.letters.move(draft.letter_id, LETTERS_STILL_HERE, LetterState.VOID):
        raise NotAllowedError("The approved letter has already left.", hint="Write to the person in a new letter.")
    if not unit.drafts.change(draft, DraftState.OPEN, approved_by="", approved_at=None, letter_id=None):
        raise NotAllowedError("Someone else changed this answer just now.")
    for claim_id in draft.claim_ids if draft.purpose is LetterPurpose.ANSWER else ():
        unit.cases.move_claim(claim_id, [ClaimState.APPROVED], ClaimState.AWAITING_APPROVAL)
    unit.cases.record(draft.case_id, _event(room, EventName.APPROVAL_VOIDED, by, draft))
    return _draft(unit, draft.id)


def _event(room: Approval, name: EventName, by: str, draft: DraftRecord, **details: str) -> Event:
    return Event(at=room.clock.now(), name=name, actor=by, details={"draft": draft.id, **details})


def _demand(reason: str, what: str) -> None:
    if not reason.strip():
        raise NotAllowedError(f"A reason is demanded for {what}.")


def _case(unit: Unit, reference: str) -> CaseRecord:
    case = unit.cases.by_reference(reference)
    if case is None:
        raise NotFoundError(f"There is no case {reference}.", hint="'inbox-bot cases' lists them.")
    return case


def _draft(unit: Unit, draft_id: int) -> DraftRecord:
    draft = unit.drafts.get(draft_id)
    if draft is None:
        raise NotFoundError(f"There is no draft {draft_id}.")
    return draft


def _locked(unit: Unit, draft_id: int) -> DraftRecord:
    unit.cases.lock(_draft(unit, draft_id).case_id)
    return _draft(unit, draft_id)


def _awaiting(unit: Unit, reference: str, right: Right | None) -> tuple[CaseRecord, DraftRecord, ClaimRecord]:
    """Return the one answer of a case that waits for a decision. Raises NotAllowedError for none, or for several unnamed."""
    case = _case(unit, reference)
    unit.cases.lock(case.id)
    found = [
        (case, draft, claim)
        for draft in unit.drafts.of_case(case.id)
        for claim in case.claims
        if draft.state in EDITABLE
        and draft.purpose is LetterPurpose.ANSWER
        and claim.id in draft.claim_ids
        and right in {None, claim.claim.right}
    ]
    if not found:
        raise NotAllowedError(f"Case {reference} has no answer that waits for a decision.")
    # Two claims may be to one right, of which a marketing stop takes no such decision: the other is meant.
    found = [one for one in found if not one[2].claim.marketing] or found
    if len(found) > 1:
        names = ", ".join(claim.claim.right.value for _, _, claim in found)
        raise NotAllowedError(
            f"Case {reference} has several answers waiting.", hint=f"Say which with --right: {names}."
        )
    return found[0]
