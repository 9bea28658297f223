"""The one thing to do next in a case: what the box at the top of its page says, and where its one button leads.

Pure: ``next_step`` decides on what ``case_now`` has read. What the law cannot wait for goes first, then what may change the
rest, then what the answer needs in the order a person does it. Who may not do the first of them is given the first that they
may, and where there is none, the first as a colleague's.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from inbox_bot.domain.rights import Claim


class Act(StrEnum):
    """What may be the next thing. Those from ``COLLEAGUE`` on are nobody's at this desk: the box says whom the case waits for."""

    READ = "read"
    OUTSIDE = "outside"
    SETTLE = "settle"
    LOCK = "lock"
    CHECK_FACT = "check_fact"
    WHO = "who"
    TASKS = "tasks"
    TELL = "tell"
    WRITE = "write"
    SECOND = "second"
    APPROVE = "approve"
    LIFT = "lift"
    COLLEAGUE = "colleague"
    HINDERED = "hindered"
    PERSON = "person"
    OUTBOX = "outbox"
    PROGRAM = "program"
    NOTHING = "nothing"

    @property
    def waits(self) -> bool:
        """True where there is nothing to do here and now."""
        order = list(Act)
        return order.index(self) >= order.index(Act.COLLEAGUE)


class Backing(StrEnum):
    """Whether a letter has the second person it needs: ``MINE``, the reader alone; ``THEIRS``, a colleague of the reader."""

    NOT_NEEDED = "not_needed"
    LACKING = "lacking"
    MINE = "mine"
    THEIRS = "theirs"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A letter that waits for a person. ``systems``: those it says nothing of, and nothing is recorded about.

    ``note``: why a colleague gave it back. ``lacking``: something is not filled in, or a fault keeps it from leaving.
    ``hindrance``: why it may not leave yet. ``is_notice``: told beside the answer. ``gives_up``: it says that we cannot see
    who asks.
    """

    place: str
    claims: tuple[Claim, ...]
    due: date
    systems: tuple[str, ...] = ()
    note: str = ""
    lacking: bool = False
    hindrance: str = ""
    proven: bool = True
    backing: Backing = Backing.NOT_NEEDED
    is_notice: bool = False
    gives_up: bool = False


@dataclass(frozen=True, kw_only=True)
class CaseNow:
    """What a case is like, as far as the next step goes. Places are fragments of its page.

    ``unread``: the place of the oldest mail nobody has read. ``to_lock``: systems where data are to be locked at once.
    ``way_to_find``: a person must decide how to reach or ask the requester; ``no_way_offered``: until then the program
    lets no "we cannot identify you" leave. ``left_undone``: systems an answer that was approved still waits for.
    ``to_tell``: recipients nobody has told, by place. ``liftable``: a restriction may be ended today.
    """

    today: date
    unread: str = ""
    asked_outside: bool = False
    in_trouble: bool = False
    to_lock: tuple[str, ...] = ()
    words_to_check: bool = False
    way_to_find: bool = False
    no_way_offered: bool = False
    answers: tuple[Answer, ...] = ()
    left_undone: tuple[str, ...] = ()
    to_tell: tuple[tuple[str, str], ...] = ()
    liftable: bool = False
    awaits_person: bool = False
    on_its_way: bool = False
    is_running: bool = False


@dataclass(frozen=True, kw_only=True)
class NextStep:
    """The next thing: ``place`` is a fragment of the case's page, ``""`` where it is done elsewhere or not at all.

    ``detail`` goes into the sentence: systems, a recipient, a colleague's note, or what stands in the way.
    """

    act: Act
    place: str = ""
    claims: tuple[Claim, ...] = ()
    due: date | None = None
    detail: str = ""


def next_step(case: CaseNow, may: Callable[[Act], bool] = lambda _: True) -> NextStep:
    """Return the one thing to do next in a case, for who ``may`` do some acts; one they may not, if all that is left is others'."""
    steps = [*_first(case), *_answering(case, may), *_afterwards(case), *_waiting(case)]
    return next((step for step in steps if not step.act.waits and may(step.act)), steps[0])


def _first(case: CaseNow) -> Iterator[NextStep]:
    """Yield what comes before any answer."""
    if case.unread:
        yield NextStep(act=Act.READ, place=case.unread)
    if case.asked_outside:
        yield NextStep(act=Act.OUTSIDE, place="utanfor")
    if case.to_lock:
        yield NextStep(act=Act.LOCK, place="att-gora", detail=", ".join(case.to_lock))
    if case.words_to_check:
        yield NextStep(act=Act.CHECK_FACT, place="stammer")
    giving_up = any(answer.gives_up for answer in case.answers)
    if case.way_to_find and (case.no_way_offered or not giving_up):
        yield NextStep(act=Act.WHO, place="vem")
    if case.in_trouble:
        yield NextStep(act=Act.SETTLE)


def _answering(case: CaseNow, may: Callable[[Act], bool]) -> Iterator[NextStep]:
    """Yield what the answers need: the most urgent first, what is told beside an answer before it."""
    order = sorted(case.answers, key=lambda one: (one.due, not one.is_notice))
    steps = [_step(case, answer, may) for answer in order]
    yield from (step for step in steps if not step.act.waits)


def _step(case: CaseNow, answer: Answer, may: Callable[[Act], bool] = lambda _: True) -> NextStep:
    """Return what a letter needs first; where that is for others, what of the rest the reader may do."""
    needs = list(_needs(case, answer))
    act, place, detail = needs[0]
    if not (act.waits or may(act)):
        act, place, detail = next((one for one in needs if may(one[0]) and not one[0].waits), needs[0])
    return NextStep(act=act, place=place, claims=answer.claims, due=answer.due, detail=detail)


def _needs(case: CaseNow, answer: Answer) -> Iterator[tuple[Act, str, str]]:
    """Yield what one letter still needs, in the order a person does it: the act, its place and its detail. Last, a yes."""
    if answer.hindrance:
        yield Act.HINDERED, answer.place, answer.hindrance
    if not answer.proven:
        yield Act.WHO, "vem", ""
    if answer.systems:
        yield Act.TASKS, "att-gora", ", ".join(answer.systems)
    if case.to_tell and not answer.is_notice and case.today < answer.due:
        # The answer names those who have been told, but is not kept for it past its day.
        place, name = case.to_tell[0]
        yield Act.TELL, place, name
    if answer.lacking or answer.note:
        yield Act.WRITE, answer.place, answer.note
    if answer.backing is Backing.LACKING:
        yield Act.SECOND, answer.place, ""
    if answer.backing is Backing.MINE:
        yield Act.COLLEAGUE, answer.place, ""
    yield Act.APPROVE, answer.place, ""


def _afterwards(case: CaseNow) -> Iterator[NextStep]:
    """Yield what is left to do when no answer waits."""
    if case.left_undone:
        yield NextStep(act=Act.TASKS, place="att-gora", detail=", ".join(case.left_undone))
    if case.liftable:
        yield NextStep(act=Act.LIFT, place="begransning")
    for place, name in case.to_tell:
        yield NextStep(act=Act.TELL, place=place, detail=name)


def _waiting(case: CaseNow) -> Iterator[NextStep]:
    """Yield whom the case waits for. The last of them always holds."""
    yield from (step for answer in case.answers if (step := _step(case, answer)).act.waits)
    if case.awaits_person:
        yield NextStep(act=Act.PERSON, place="vem")
    if case.on_its_way:
        yield NextStep(act=Act.OUTBOX, place="brev")
    yield NextStep(act=Act.PROGRAM if case.is_running else Act.NOTHING)
