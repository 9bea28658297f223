"""What a person does where the table leaves it to one: checks what only the requester knows, offers another way, sends a link."""

from collections.abc import Collection

from inbox_bot.domain.case import (
    CaseRecord,
    ChallengeRecord,
    ChallengeState,
    ClaimRecord,
    Event,
    EventName,
    MailState,
)
from inbox_bot.domain.correspondence import sendable
from inbox_bot.domain.proof import Ask, Known, matter_of
from inbox_bot.errors import NotAllowedError, NotFoundError, PeopleError
from inbox_bot.store.unit import Unit
from inbox_bot.verification.desk import Verification
from inbox_bot.verification.origin import SOURCES
from inbox_bot.verification.trial import confirm, replace, revivable

QUESTION = "question"
ADDRESS = "address"


def check_fact(
    room: Verification, reference: str, *, right: bool, by: str, seen: Collection[int] | None = None
) -> None:
    """Say whether what the person wrote holds. The words are removed; "checked, by whom, when" stays (law.md 2.3).

    The pause ends when the person answered, not when a colleague got round to it. ``seen``: the questions whose words were
    looked at (``ProofView.to_check``). Raises NotAllowedError where nothing waits to be checked, or other words do.
    """
    with room.desk.write() as unit:
        case = _locked(unit, reference)
        waiting = [one for one in unit.challenges.of_case(case.id) if one.state is ChallengeState.ANSWERED]
        if not waiting:
            raise NotAllowedError(f"Nothing in case {reference} waits to be checked.")
        if seen is not None and {one.id for one in waiting} != set(seen):
            raise NotAllowedError("Other words have been given since the page was opened.", hint="Read them first.")
        for challenge in waiting:
            _settle(room, unit, case, challenge, right=right, by=_named(by))


def _settle(
    room: Verification, unit: Unit, case: CaseRecord, challenge: ChallengeRecord, *, right: bool, by: str
) -> None:
    if not unit.challenges.settle(challenge.id, ChallengeState.CONFIRMED if right else ChallengeState.MISMATCH):
        raise NotAllowedError(f"Nothing in case {case.reference} waits to be checked.")
    now = room.clock.now()
    given = [event.at for event in unit.cases.events(case.id) if event.name is EventName.FACT_GIVEN]
    details = {"holds": right, "challenge": challenge.id}
    unit.cases.record(
        case.id,
        *(
            Event(at=now, name=EventName.FACT_CHECKED, actor=by, claim_id=claim_id, details=details)
            for claim_id in challenge.fact_claim_ids
        ),
    )
    if challenge.fact_mail_id is not None:
        unit.mails.empty([challenge.fact_mail_id], MailState.FILED)
    if right:
        at = given[-1] if given else now
        confirm(unit, case, challenge, challenge.fact_claim_ids, at, {"via": "fact", "checked_by": by})


def ask_at(room: Verification, reference: str, *, address: str, how: str, by: str) -> None:
    """Send the link to an address that a person knows to be the right one, and keep in the history how they know.

    This is how every other way ends (a call to the phone on file, an answer that fits, an authorisation that holds), so
    that nothing is acted on before somebody has shown that they read mail there. Raises NotAllowedError without a reason,
    for an address no letter can go to, and where no claim waits.
    """
    if not how.strip():
        raise NotAllowedError("A reason is demanded for another address.")
    wanted = address.strip().lower()
    if sendable(wanted) is None or wanted in room.own | room.never_write:
        raise NotAllowedError("No letter can be sent to that address.", hint="Write another one.")
    with room.desk.write() as unit:
        case = _locked(unit, reference)
        waiting = [claim for claim in case.claims if revivable(claim.state, claim.proven)]
        if not waiting:
            raise NotAllowedError(f"There is no claim in case {reference} that waits for the person to confirm it.")
        earlier = unit.challenges.of_case(case.id)
        again = any(one.address == wanted for one in earlier)
        facts = _facts(room, waiting, wanted)
        letter = "identity_link" if again else "receipt_identity"
        room.ask(unit, case, [], waiting, letter, to=wanted, facts=facts, by=_named(by))
        replace(unit, earlier, {claim.id for claim in waiting})
        now = room.clock.now()
        details = {"way": ADDRESS, "reason": how.strip()}
        asked = {"ask": (Ask.SENDER if wanted == case.requester else Ask.ON_FILE).value, "row": "by_hand"}
        asked |= {"why": "", "basis": ""}
        link = {"unlinked": wanted != case.requester}
        unit.cases.record(
            case.id,
            Event(at=now, name=EventName.OTHER_WAY_OFFERED, actor=_named(by), details=details),
            *(
                Event(
                    at=now,
                    name=EventName.IDENTITY_ASKED,
                    actor=_named(by),
                    claim_id=claim.id,
                    details={**asked, **link, "fact": claim.id in facts},
                )
                for claim in waiting
            ),
        )


def _facts(room: Verification, claims: list[ClaimRecord], address: str) -> set[int]:
    """Return which claims take one thing more, as they would if the request had come from that address."""
    if room.people is None:
        return set()
    try:
        found = room.people.find(address)
    except PeopleError:
        return set()
    if found is None:
        return set()
    source = SOURCES[found.kind]
    known = frozenset({Known.RESULTS} if found.results else set())
    rows = {claim.id: room.rules.decide(matter_of(claim.claim, contact=False), source, known) for claim in claims}
    return {claim_id for claim_id, row in rows.items() if row.fact}


def offer(room: Verification, reference: str, *, way: str, by: str, number: int = 0) -> None:
    """Note that another way was offered to a person whose address no longer works; a question is mailed to the sender.

    ``way`` is an id of rules/proof.toml, or ``question`` with the question's ``number``. Raises NotAllowedError where no
    claim waits, NotFoundError for a way or a question that is not there.
    """
    ways = {one.id for one in room.rules.way} | {QUESTION}
    if way not in ways or not 0 <= number < len(room.rules.question):
        raise NotFoundError(f"There is no way {way} {number}.", hint=f"There are: {', '.join(sorted(ways))}.")
    with room.desk.write() as unit:
        case = _locked(unit, reference)
        waiting = [claim for claim in case.claims if revivable(claim.state, claim.proven)]
        if not waiting:
            raise NotAllowedError(f"There is no claim in case {reference} that waits for the person to confirm it.")
        details = {"way": way}
        if way == QUESTION:
            question = room.rules.question[number]
            words = question.en if case.language == "en" else question.sv
            room.write(unit, case, waiting, "identity_question", {"question": words}, by=_named(by))
            details["number"] = str(number)
        event = Event(at=room.clock.now(), name=EventName.OTHER_WAY_OFFERED, actor=_named(by), details=details)
        unit.cases.record(case.id, event)


def _locked(unit: Unit, reference: str) -> CaseRecord:
    case = unit.cases.by_reference(reference)
    if case is None:
        raise NotFoundError(f"There is no case {reference}.", hint="'inbox-bot cases' lists them.")
    unit.cases.lock(case.id)
    return unit.cases.get(case.id) or case


def _named(by: str) -> str:
    if not by.strip():
        raise NotAllowedError("Say who decides (--by).")
    return by.strip()
