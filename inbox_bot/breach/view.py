"""A breach as it is shown: its clock, its steps with what is written in each, and what keeps it from being closed."""

from dataclasses import dataclass
from datetime import datetime

from inbox_bot.breach.rulebook import BreachRules, BreachStep, allowed
from inbox_bot.breach.wording import remaining
from inbox_bot.domain.breach import BreachNote, BreachRecord, Standing, standing


@dataclass(frozen=True, kw_only=True)
class StepView:
    """A step with the note that counts and those before it. ``shut``: choices that what stands in other steps forbids."""

    step: BreachStep
    note: BreachNote | None
    earlier: tuple[BreachNote, ...]
    shut: frozenset[str]
    contradicted: bool


@dataclass(frozen=True, kw_only=True)
class BreachView:
    """A breach as it is shown. ``remaining`` is Swedish; ``hindrance`` names the steps that keep it from being closed."""

    record: BreachRecord
    standing: Standing
    remaining: str
    steps: tuple[StepView, ...]
    hindrance: tuple[str, ...]


def view_of(rules: BreachRules, record: BreachRecord, now: datetime) -> BreachView:
    """Return a breach as it stands at a moment."""
    wrong = rules.contradicted(record)
    chosen = {name: note.choice for name, note in record.latest.items()}
    steps = []
    for step in rules.steps:
        notes = tuple(note for note in record.notes if note.step == step.name)
        shut = frozenset(one.name for one in step.choices if not allowed(one, chosen))
        note = record.latest.get(step.name)
        steps.append(StepView(step=step, note=note, earlier=notes[:-1], shut=shut, contradicted=step.name in wrong))
    return BreachView(
        record=record,
        standing=standing(record, now, answered=rules.answered(record), near=rules.near),
        remaining=remaining(record.ends_at, now),
        steps=tuple(steps),
        hindrance=hindrance(rules, record),
    )


def hindrance(rules: BreachRules, record: BreachRecord) -> tuple[str, ...]:
    """Return the titles of the steps that keep a breach from being closed."""
    wrong = rules.contradicted(record)
    left = {step.name for step in rules.left(record)}
    return tuple(step.title for step in rules.steps if step.name in left or step.name in wrong)
