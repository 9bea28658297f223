"""The years themselves: who writes when, what breaks when, and everything that follows, from the first look to the last answer."""

import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from random import Random

from inbox_bot import assembly, log
from inbox_bot.domain.verdict import Classifier
from tests.simulation.disturbance import break_things
from tests.simulation.hands import Hands
from tests.simulation.people import World
from tests.simulation.population import populate
from tests.simulation.post import OURS, Letter, MailServer, WayOut
from tests.simulation.program import WATCHERS, Program, make_settings
from tests.simulation.reckoning import ALARMS, DAY, moment, working_days_between, works
from tests.simulation.rota import hire
from tests.simulation.run import Alarm, Plan, Run, due_of, is_over
from tests.simulation.staff import Office
from tests.simulation.timeline import Timeline
from tests.simulation.truth import Truth

TAIL = 130 * DAY
"""How long after the last mail the world goes on at most: three months for an extended answer, and what may follow."""

LONGEST = 100 * DAY
"""No claim's last date lies further from its receipt: three months and some free days."""


def play(
    plan: Plan,
    *,
    classifier: Classifier | None = None,
    folder: Path | None = None,
    look: Callable[[Run], None] = lambda _: None,
) -> Run:
    """Let the years pass and return what happened; ``look`` sees the run while the program still stands.

    The database lies in a new folder under ``folder``, which is removed.
    """
    began = time.perf_counter()
    log.configure(level="error")
    with tempfile.TemporaryDirectory(dir=folder, prefix="two-years-") as place:
        run = _furnish(plan, classifier or assembly.classifier(), Path(place))
        last = plan.first_day + round(plan.years * 365.25) * DAY
        populate(run, last)
        break_things(run, last)
        _pass_days(run, last)
        run.world.program.start()
        run.happenings = run.world.timeline.run(moment(last))
        day = last
        while day < last + TAIL and not (day > last + 40 * DAY and _is_quiet(run)):
            day += 5 * DAY
            run.happenings += run.world.timeline.run(moment(day))
        run.seconds = time.perf_counter() - began
        if not run.world.program.is_up:
            run.world.program.start()
        look(run)
        run.world.program.stop()
    return run


def _furnish(plan: Plan, classifier: Classifier, folder: Path) -> Run:
    chance = Random(plan.seed)
    timeline = Timeline(moment(plan.first_day, 6))
    staff = hire(plan.staff, plan.first_day, plan.first_day + round(plan.years * 366) * DAY, Random(plan.seed + 1))
    truth = Truth()
    mailbox = MailServer(timeline)
    way_out = WayOut(timeline, Random(plan.seed + 2), lambda letter: _on_letter(run, letter))
    settings = make_settings(folder, [one.address for one in staff])
    program = Program(timeline, settings, classifier, mailbox, way_out)
    world = World(timeline=timeline, chance=chance, mailbox=mailbox, program=program, truth=truth)
    run = Run(plan=plan, world=world, office=Office(world=world, staff=staff), way_out=way_out)
    world.is_over = lambda matter: is_over(run, matter, timeline.now)
    program.after_looking = lambda: _after_looking(run)
    return run


def _on_letter(run: Run, letter: Letter) -> None:
    """Note a try to send a letter; hand it to whoever it is for; have the worker back when a try may be made again."""
    if letter.to == OURS:
        _mail_ourselves(run, letter)
        return
    if letter.fate.value != "accepted":
        now = run.world.timeline.now
        for minutes in (1, 5, 15, 60, 240):
            run.world.program.wake(now + timedelta(minutes=minutes, seconds=1))
    if letter.to in WATCHERS:
        run.told += [letter] if letter.arrived else []
        return
    run.truth.note_letter(letter, run.office.addresses)
    if not letter.arrived:
        return
    if letter.to in run.office.addresses:
        run.office.get(letter)
    elif letter.to in run.people:
        run.people[letter.to].get(letter)


def _mail_ourselves(run: Run, letter: Letter) -> None:
    """Let the daily mail to ourselves arrive, and the program look for it until it should have come."""
    now, program = run.world.timeline.now, run.world.program
    if letter.arrived:
        run.world.mailbox.deliver(letter.content, letter.message_id)
    for minutes in (1, 16, 60):
        program.wake(now + timedelta(minutes=minutes))


# Day by day


def _pass_days(run: Run, last: date) -> None:
    day = run.plan.first_day
    while day < last + TAIL + 5 * DAY:
        run.world.timeline.at(moment(day, 0, 1), _day(run, day))
        day += DAY


def _day(run: Run, day: date) -> Callable[[], None]:
    def dawn() -> None:
        run.office.plan_day(day)
        run.world.program.wake(moment(day, 6, 1))
        run.world.program.wake(moment(day, 7, 31))
        run.world.program.wake(moment(day, 16, 1))
        if works(day):
            run.world.timeline.at(moment(day, 7, 30), lambda: _expect_alarms(run, day))

    return dawn


def _is_quiet(run: Run) -> bool:
    return all(is_over(run, matter, run.world.timeline.now) for matter in run.truth.matters)


def _expect_alarms(run: Run, day: date) -> None:
    """Note every claim of which staff must be told on this day."""
    for matter in run.truth.matters:
        if matter.at < moment(day - LONGEST):
            continue  # Its last date is past, and so are all its alarms.
        if matter.at >= moment(day, 7) or is_over(run, matter, moment(day, 7, 30)):
            continue
        due = due_of(run, matter)
        left = working_days_between(day, due)
        if left in ALARMS and day <= due:
            run.alarms.append(Alarm(matter=matter, day=day, left=left, due=due))


# What must hold at every moment


def _after_looking(run: Run) -> None:
    """Look, whenever the program has been at work, at what must never wait."""
    open_stops = [
        matter
        for matter in run.truth.matters[-60:]
        if matter.right == "marketing" and matter.suppressed_at is None and matter.mail in run.world.mailbox.seen
    ]
    if open_stops:
        suppressed = Hands(run.world.program.flow, "").suppressed()
        for matter in open_stops:
            if matter.address in suppressed:
                matter.suppressed_at = run.world.timeline.now
