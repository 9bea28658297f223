"""What is to be done in each system for a claim, and what people have recorded of it (law.md 7, rule 7).

A letter says that something is done only where it stands here, and a claim is answered only when every task is recorded.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from inbox_bot.domain.case import CaseRecord, ClaimRecord, ClaimState
from inbox_bot.domain.proof import UNIDENTIFIED


class OutcomeKind(StrEnum):
    """What came of a task. ``ABSENT``: there is nothing of the person in that system. ``KEPT``: it stays, for a reason."""

    DONE = "done"
    ABSENT = "absent"
    KEPT = "kept"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a person has to record. An empty ``system``: they did not say where.

    ``day``: when it was done. ``until``: a last day as ISO text, or words. ``whole``: it speaks of every system the claim
    concerns. ``by_answer``: it was recorded because an answer was approved, and falls if that answer is taken back.
    """

    kind: OutcomeKind
    system: str = ""
    what: str = ""
    day: date | None = None
    why: str = ""
    until: str = ""
    whole: bool = False
    by_answer: bool = False

    @property
    def is_complete(self) -> bool:
        """True if a letter could be made of it; a half-filled row of a form settles nothing."""
        match self.kind:
            case OutcomeKind.DONE:
                return bool(self.what and self.day)
            case OutcomeKind.KEPT:
                return bool(self.what and self.why and self.until)
            case OutcomeKind.ABSENT:
                return True


@dataclass(frozen=True, kw_only=True)
class TaskRecord:
    """One system that a claim concerns, and in Swedish what to do there."""

    id: int
    case_id: int
    claim_id: int
    system: str
    todo: str


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Something recorded about a claim: what, when, by whom. One that was recorded by mistake is withdrawn, not deleted."""

    id: int
    case_id: int
    claim_id: int
    finding: Finding
    actor: str
    at: datetime


def covers(outcome: Outcome, task: TaskRecord) -> bool:
    """True if a record settles a task: it names that system, or speaks of them all."""
    found = outcome.finding
    return outcome.claim_id == task.claim_id and found.is_complete and (found.whole or found.system == task.system)


def open_tasks(tasks: Iterable[TaskRecord], outcomes: Collection[Outcome]) -> list[TaskRecord]:
    """Return the tasks about which nothing is recorded yet."""
    return [task for task in tasks if not any(covers(outcome, task) for outcome in outcomes)]


def recorded_values(outcomes: Iterable[Outcome]) -> dict[str, list[dict[str, str]]]:
    """Return what a letter may tell: the ``actions`` and ``kept`` rows, with days as ISO text, in the order of recording."""
    found = [outcome.finding for outcome in outcomes]
    return {
        "actions": [
            {"what": one.what, "system": one.system, "on": one.day.isoformat() if one.day else ""}
            for one in found
            if one.kind is OutcomeKind.DONE
        ],
        "kept": [
            {"what": one.what, "why": one.why, "until": one.until} for one in found if one.kind is OutcomeKind.KEPT
        ],
    }


NO = "refused_"
"""How the names of letters begin that say no."""

OWES_NOTHING = UNIDENTIFIED | {"fee_notice"}


def owes_nothing(letter: str) -> bool:
    """True for an answer after which nothing is left to do in any system: a no."""
    return letter.startswith(NO) or letter in OWES_NOTHING


class Half(StrEnum):
    """The half that a matter lacks (law.md 0.6): told and not done, or done and not told."""

    UNDONE = "undone"
    UNTOLD = "untold"


def missing_half(state: ClaimState, *, done: bool, left: int, answer: str) -> Half | None:
    """Return which half of a claim is missing, None where neither or both are.

    ``done``: something is recorded as done; ``left``: tasks without a record; ``answer``: the approved letter, if any.
    """
    if state is ClaimState.APPROVED and left and not owes_nothing(answer):
        return Half.UNDONE
    if done and not state.is_final and state is not ClaimState.APPROVED:
        return Half.UNTOLD
    return None


@dataclass(frozen=True, kw_only=True)
class HalfDone:
    """A claim of which one half is missing. ``systems``: those nothing is recorded about yet."""

    case: CaseRecord
    claim: ClaimRecord
    half: Half
    systems: tuple[str, ...]
