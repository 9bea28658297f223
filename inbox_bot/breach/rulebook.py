"""What is to be done about a breach, step by step: the values of ``rules/breach.toml``. ``toml_rules.py`` reads them."""

from collections.abc import Mapping
from dataclasses import dataclass

from inbox_bot.domain.breach import BreachRecord


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One way a step can come out. ``only_if``: another step's choices, one of which must stand for this one to be taken."""

    name: str
    label: str
    only_if: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class BreachStep:
    """One thing to do. ``when`` is Swedish, ``ground`` the article; ``choices`` are empty where words alone are asked for.

    ``stops_clock``: doing it answers the 72 hours (Art 33(1)).
    """

    name: str
    title: str
    todo: str
    when: str
    ground: str
    choices: tuple[Choice, ...] = ()
    stops_clock: bool = False

    def choice(self, name: str) -> Choice | None:
        return next((one for one in self.choices if one.name == name), None)

    def label(self, choice: str) -> str:
        """Return what a choice is called; one the rules no longer know is returned as it was stored."""
        found = self.choice(choice)
        return choice if found is None else found.label


@dataclass(frozen=True, kw_only=True)
class BreachRules:
    """All steps, in order. ``warn_hours``: hours left at which staff are warned, most first; ``least``: characters in a note."""

    steps: tuple[BreachStep, ...]
    warn_hours: tuple[int, ...]
    least: int

    def step(self, name: str) -> BreachStep | None:
        return next((one for one in self.steps if one.name == name), None)

    @property
    def clock_step(self) -> str:
        """The name of the step that answers the clock."""
        return next(step.name for step in self.steps if step.stops_clock)

    @property
    def near(self) -> int:
        """Hours left from which the time is close."""
        return max(self.warn_hours)

    def contradicted(self, record: BreachRecord) -> Mapping[str, str]:
        """Return the steps whose choice may no longer stand beside the others, each with the choice's label."""
        chosen = {name: note.choice for name, note in record.latest.items()}
        found = {}
        for step in self.steps:
            choice = step.choice(chosen.get(step.name, ""))
            if choice is not None and not allowed(choice, chosen):
                found[step.name] = choice.label
        return found

    def answered(self, record: BreachRecord) -> bool:
        """True if the clock is answered by what may stand: "not told, the risk is unlikely" ends with another risk."""
        return self.clock_step in record.latest and self.clock_step not in self.contradicted(record)

    def left(self, record: BreachRecord) -> tuple[BreachStep, ...]:
        """Return the steps that nothing is written down about."""
        return tuple(step for step in self.steps if step.name not in record.latest)


def allowed(choice: Choice, chosen: Mapping[str, str]) -> bool:
    """True if a choice may stand beside what has been chosen in other steps; what is not chosen yet forbids it too."""
    return not choice.only_if or any(chosen.get(step) == name for step, name in choice.only_if)
