"""Reads ``rules/breach.toml``. Raises RulesError naming the file and the key for whatever cannot be used."""

from pathlib import Path

from inbox_bot.breach.rulebook import BreachRules, BreachStep, Choice
from inbox_bot.rules_file import RulesTable, read_rules_file

_MOST_HOURS = 71


def read_breach(path: Path) -> BreachRules:
    """Return the rules in a file: every name once, one step that stops the clock, no condition that leads nowhere."""
    root = read_rules_file(path).only("warnings", "note", "step")
    tables = root.tables("step")
    steps = tuple(_step(table) for table in tables)
    if len({step.name for step in steps}) < len(steps):
        raise root.wrong("step", "must not name the same step twice")
    if sum(step.stops_clock for step in steps) != 1:
        raise root.wrong("step", "must hold exactly one step with stops_clock = true")
    known = {(step.name, choice.name) for step in steps for choice in step.choices}
    for table, step in zip(tables, steps, strict=True):
        for choice in step.choices:
            for other in choice.only_if:
                if other not in known or other[0] == step.name:
                    raise table.wrong("choice", f"{choice.name} leans on {'.'.join(other)}, which no other step offers")
    return BreachRules(
        steps=steps,
        warn_hours=_hours(root.table("warnings").only("hours_left")),
        least=root.table("note").only("least_characters").number("least_characters", 1, 2000),
    )


def _step(table: RulesTable) -> BreachStep:
    table.only("name", "title", "do", "when", "ground", "stops_clock", "choice")
    choices = tuple(_choice(one) for one in table.tables("choice"))
    if len({choice.name for choice in choices}) < len(choices) or len(choices) == 1:
        raise table.wrong("choice", "must be none, or two or more with names of their own")
    return BreachStep(
        name=table.text("name"),
        title=table.text("title"),
        todo=table.text("do"),
        when=table.text("when"),
        ground=table.text("ground"),
        choices=choices,
        stops_clock=table.flag("stops_clock"),
    )


def _choice(table: RulesTable) -> Choice:
    table.only("name", "label", "only_if")
    conditions = []
    for one in table.words("only_if", may_be_missing=True):
        step, dot, choice = one.partition(".")
        if not (step and dot and choice):
            raise table.wrong("only_if", "must be written step.choice, such as risk.unlikely")
        conditions.append((step, choice))
    return Choice(name=table.text("name"), label=table.text("label"), only_if=tuple(conditions))


def _hours(table: RulesTable) -> tuple[int, ...]:
    value = table.values.get("hours_left")
    hours = value if isinstance(value, list) else []
    whole = bool(hours) and all(type(one) is int and 0 <= one <= _MOST_HOURS for one in hours)
    if not whole or hours != sorted(set(hours), reverse=True):
        raise table.wrong(
            "hours_left", f"must be whole hours from {_MOST_HOURS} to 0, the most first, such as [24, 4, 0]"
        )
    return tuple(hours)
