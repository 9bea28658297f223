"""Who writes when: the requesters with their wishes and habits, and the other mail among theirs."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from random import Random

from tests.simulation import words
from tests.simulation.people import BOXES, PROOFS, WISHES, Person, pick
from tests.simulation.post import write_mail
from tests.simulation.reckoning import DAY, day_of, moment, works
from tests.simulation.run import Run


def populate(run: Run, last: date) -> None:
    chance, plan, timeline = run.world.chance, run.plan, run.world.timeline
    specials = _specials(plan.first_day, last)
    for number in range(1, plan.requesters + 1):
        wishes = chance.choices(list(WISHES), list(WISHES.values()))[0]
        person = Person(
            run.world, number, wishes, pick(chance, dict(PROOFS)), pick(chance, dict(BOXES)),
            language="en" if chance.random() < 0.08 else "sv",
        )  # fmt: skip
        person.habits = {
            habit for habit, share in (("thanks", 0.3), ("reminds", 0.03), ("adds", 0.04), ("takes_back", 0.03))
            if chance.random() < share
        }  # fmt: skip
        run.people[person.address] = person
        if person.box == "refused":
            run.way_out.refused.add(person.address)
        if chance.random() < 0.05:
            run.way_out.grey.add(person.address)
        if number <= max(2, plan.requesters // 100):
            back = timeline.now - timedelta(days=chance.randint(1, 28), seconds=chance.randint(0, 80000))
            person.ask(wishes, at=back.replace(microsecond=0))
            continue
        at = (
            chance.choice(specials)
            if chance.random() < 0.12 and specials
            else some_moment(chance, plan.first_day, last)
        )
        timeline.at(
            at, _asking(person, wishes, sure=len(wishes) > 1 or wishes[0] not in words.UNSURE or chance.random() > 0.05)
        )
        if chance.random() < 0.07:
            again = at + timedelta(days=chance.randint(1, 250), seconds=chance.randint(0, 80000))
            if day_of(again) < last:
                timeline.at(again, _asking(person, wishes[:1]))
    for number in range(round(plan.requesters * plan.others)):
        timeline.at(some_moment(chance, plan.first_day, last), _other_mail(run, number))


def _asking(person: Person, wishes: tuple[str, ...], *, sure: bool = True) -> Callable[[], None]:
    return lambda: person.ask(wishes, sure=sure)


def some_moment(chance: Random, first: date, last: date) -> datetime:
    """Return a moment as mails have them: more on weekdays, more by day."""
    while True:
        day = first + chance.randrange((last - first).days) * DAY
        if day.weekday() < 5 or chance.random() < 0.4:
            break
    hour = min(23, max(0, round(chance.gauss(14, 4))))
    return moment(day, hour, chance.randint(0, 59), chance.randint(0, 59))


def _specials(first: date, last: date) -> list[datetime]:
    """Return the moments that calendars get wrong: eves, month ends, leap days, midnights, changes of the hour."""
    found = []
    for step in range((last - first).days):
        day = first + step * DAY
        is_eve = not works(day + DAY) and works(day)
        if (day.month, day.day) in {(12, 24), (12, 31), (2, 29), (1, 31), (1, 30), (1, 29), (8, 31), (5, 31), (11, 25)}:
            found += [moment(day), moment(day, 12), moment(day, 23, 59, 59)] * (
                5 if (day.month, day.day) == (2, 29) else 1
            )
        if is_eve and day.weekday() < 4:
            found += [moment(day, 23, 59, 59), moment(day + DAY), moment(day, 16, 30)]
        if day.weekday() == 6 and day.month in {3, 10} and day.day > 24:
            found += [moment(day, 2, 30), moment(day, 3, 30)]
    return found


def _other_mail(run: Run, number: int) -> Callable[[], None]:
    """Return the coming of a mail that asks for nothing, one in six of them written by no person."""

    def come() -> None:
        chance, now = run.world.chance, run.world.timeline.now.replace(microsecond=0)
        message_id = run.world.new_id()
        subject, text = chance.choice(words.ORDINARY)
        machine = number % 6 == 0
        headers = chance.choice(_MACHINES) if machine else {}
        body = f"Hej!\n\n{text}\n\nHälsningar\n{chance.choice(words.GIVEN)}"
        if machine and chance.random() < 0.4:  # A machine may well write words that ask for something.
            asks = (*words.SV["marketing"], *words.SV["access"])
            body = chance.choice(words.NEWSLETTERS if "List-Id" in headers else asks)
        content = write_mail(
            sender=f"{'robot' if machine else 'kund'}{number}@example.com", name="", subject=subject, body=body,
            message_id=message_id, at=now, headers=headers,
        )  # fmt: skip
        run.world.deliver(content, message_id, "automatic" if machine else "ordinary", at=now)

    return come


_MACHINES: tuple[dict[str, str], ...] = (
    {"Auto-Submitted": "auto-replied"},
    {"Auto-Submitted": "auto-generated"},
    {"List-Id": "<nyheter.example.net>", "List-Unsubscribe": "<https://example.net/av>", "Precedence": "bulk"},
    {"Return-Path": "<>", "X-Autoreply": "yes", "Precedence": "auto_reply"},
)
