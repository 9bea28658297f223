"""Staff say whether a mail written outside the program answers a case: if so its claims end as answered by hand.

Nothing that holds for closing is let go (law.md 7, rules 6 and 7): somebody has confirmed who asks, and something is on record
for every system. Only the letter is another's, and its date is the mail's.
"""

from inbox_bot.approval.dismissal import lay_down
from inbox_bot.approval.grounds import check_person
from inbox_bot.approval.room import Approval
from inbox_bot.clock import stockholm_day
from inbox_bot.domain.beside import OutsideReply, OutsideState
from inbox_bot.domain.case import CaseRecord, ClaimRecord, ClaimState, Event, EventName
from inbox_bot.domain.task import open_tasks
from inbox_bot.errors import NotAllowedError, NotFoundError
from inbox_bot.store.unit import Unit

_WAITING = frozenset({ClaimState.ANSWER_DUE, ClaimState.AWAITING_APPROVAL})


def close_as_answered(room: Approval, reference: str, *, by: str) -> None:
    """End every claim of a case as answered by hand, on the day of the last mail that staff are asked about.

    Raises NotAllowedError where staff are asked nothing, an answer of ours is on its way, nobody has confirmed who asks, or a
    system has no record yet; nothing is changed then.
    """
    check_person(by)
    with room.desk.write() as unit:
        case, replies = _asked(unit, reference)
        reply = replies[-1]
        running = [claim for claim in case.claims if not claim.state.is_final]
        if any(claim.clock.received_at > reply.sent_at for claim in running):
            raise NotAllowedError("Something was asked for after that mail was sent: it cannot answer it.")
        for claim in running:
            _check(unit, claim)
        now = room.clock.now()
        day = stockholm_day(reply.sent_at).isoformat()
        for claim in running:
            if not unit.cases.move_claim(claim.id, [claim.state], ClaimState.ANSWERED):
                raise NotAllowedError("Someone else changed this case just now.", hint="Look at it again.")
            details = {"outside": reply.id, "answered_on": day, "right": claim.claim.right.value}
            event = Event(at=now, name=EventName.ANSWERED_BY_HAND, actor=by.strip(), claim_id=claim.id, details=details)
            unit.cases.record(case.id, event)
        # A letter about the end of a restriction that was answered before is still owed.
        lay_down(unit, case.id, notices=False)
        for one in replies:
            unit.outside_replies.decide(one.id, OutsideState.CLOSED, by.strip(), now)
        if unit.cases.close(case.id, now):
            unit.cases.record(case.id, Event(at=now, name=EventName.CLOSED, actor=by.strip()))


def keep_open(room: Approval, reference: str, *, by: str) -> None:
    """Note that the mails staff are asked about do not end the case. Raises NotAllowedError where they are asked nothing."""
    check_person(by)
    with room.desk.write() as unit:
        case, replies = _asked(unit, reference)
        now = room.clock.now()
        for one in replies:
            unit.outside_replies.decide(one.id, OutsideState.DECLINED, by.strip(), now)
        details = {"outside": replies[-1].id, "answered_on": stockholm_day(replies[-1].sent_at).isoformat()}
        event = Event(at=now, name=EventName.OUTSIDE_REPLY_DECLINED, actor=by.strip(), details=details)
        unit.cases.record(case.id, event)


def _asked(unit: Unit, reference: str) -> tuple[CaseRecord, list[OutsideReply]]:
    """Return a case, held, and the mails that staff are asked about, oldest first."""
    case = unit.cases.by_reference(reference)
    if case is None:
        raise NotFoundError(f"There is no case {reference}.", hint="'inbox-bot cases' lists them.")
    unit.cases.lock(case.id)
    case = unit.cases.get(case.id) or case
    replies = [reply for reply, _ in unit.outside_replies.asked(case.id)]
    if not replies:
        raise NotAllowedError(f"There is no question about an answer from outside in case {reference}.")
    return case, replies


def _check(unit: Unit, claim: ClaimRecord) -> None:
    name = claim.claim.right.value
    if claim.state is ClaimState.APPROVED:
        raise NotAllowedError(
            f"An answer of ours to {name} is on its way already, or waits for the rest to be recorded."
        )
    if not claim.proven:
        raise NotAllowedError(f"Nobody has confirmed who asked ({name}): the case cannot be closed as answered yet.")
    if claim.state not in _WAITING:
        raise NotAllowedError(f"The program is still preparing {name}.", hint="Try again in a minute.")
    tasks = [task for task in unit.tasks.of_case(claim.case_id) if task.claim_id == claim.id]
    left = open_tasks(tasks, unit.tasks.outcomes(claim.case_id))
    if left:
        systems = ", ".join(task.system for task in left)
        raise NotAllowedError(
            f"Nothing is on record yet about {systems} ({name}): record what was done there, then close."
        )
