"""What breaks when: the mailbox, the outgoing server, the program, and a mail that nobody can read."""

from collections.abc import Callable
from datetime import date, timedelta
from random import Random

from tests.simulation.population import some_moment
from tests.simulation.reckoning import DAY, day_of, moment
from tests.simulation.run import Outage, Run

A_NIGHT = 16
"""Hours that the program may stand still before somebody at work sees it."""


def break_things(run: Run, last: date) -> None:
    chance, days = run.world.chance, (last - run.plan.first_day).days
    share = max(days / 730, 0.05)
    for _ in range(_about(chance, 14 * share)):
        _plan_outage(run, last, "mailbox", chance.choice([2, 3, 5, 8, 14, 26, 50, 75, 98]))
    for _ in range(_about(chance, 12 * share)):
        _plan_outage(run, last, "smtp", chance.choice([1, 2, 3, 5, 9, 20, 31, 55]))
    for _ in range(_about(chance, 5 * share)):
        _plan_outage(run, last, "program", chance.choice([1, 4, 13, 40, 64]))
    for _ in range(max(1, _about(chance, 3 * share))):
        run.world.timeline.at(some_moment(chance, run.plan.first_day + 5 * DAY, last), _renumbering(run))
    for _ in range(max(3, _about(chance, 60 * share))):
        at = some_moment(chance, run.plan.first_day + 2 * DAY, last)
        run.world.timeline.at(at, lambda: run.world.program.kill_soon(chance))
    run.world.timeline.at(moment(last - 3 * DAY, 11), lambda: _broken_mail(run))


def _about(chance: Random, mean: float) -> int:
    return max(1, round(chance.gauss(mean, mean**0.5 / 2)))


def _plan_outage(run: Run, last: date, what: str, hours: float) -> None:
    chance = run.world.chance
    start = some_moment(chance, run.plan.first_day + 3 * DAY, last)
    if what == "program" and hours > A_NIGHT:
        # At work somebody notices before the day is over; only a weekend is that long.
        friday = day_of(start) + (4 - day_of(start).weekday()) * DAY
        start = moment(friday, 17, chance.randint(0, 59))
    end = start + timedelta(hours=hours * chance.uniform(0.8, 1.2))
    outage = Outage(what, start, end)
    run.outages.append(outage)

    def begin() -> None:
        if what == "mailbox":
            if not run.world.mailbox.is_down:
                run.world.mailbox.down_since = start
            # Two outages may overlap: what is down is up again when the later one ends.
            run.world.mailbox.down_until = max(end, run.world.mailbox.down_until or end)
        elif what == "smtp":
            run.way_out.down_until = max(end, run.way_out.down_until or end)
        else:
            run.world.program.down(end)

    run.world.timeline.at(start, begin)
    # The worker tries every minute; what it says of an outage it says when an hour of it is over.
    for minutes in (1, 66, 132):
        if start + timedelta(minutes=minutes) < end:
            run.world.program.wake(start + timedelta(minutes=minutes))
    run.world.program.wake(end + timedelta(seconds=1))


def _renumbering(run: Run) -> Callable[[], None]:
    def renumber() -> None:
        run.world.mailbox.renumber()
        now = run.world.timeline.now
        run.outages.append(Outage("uidvalidity", now, now))
        run.world.program.wake()

    return renumber


def _broken_mail(run: Run) -> None:
    message_id = run.world.new_id()
    run.broken.append(message_id)
    run.world.deliver(b"\0" * 512, message_id, "broken")
