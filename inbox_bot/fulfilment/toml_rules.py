"""Reads ``rules/tasks.toml``. Raises RulesError naming the file and the key for whatever cannot be used."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from inbox_bot.domain.rights import Right
from inbox_bot.domain.task import OutcomeKind
from inbox_bot.fulfilment.rulebook import EVERYWHERE, MARKETING, AnswerRule, Place, TaskRule, TaskRules, Warned
from inbox_bot.rules_file import RulesTable, read_rules_file

_RIGHTS = (*(right.value for right in Right), MARKETING)


def read_tasks(path: Path, places: Sequence[Place], *, same_company: bool = True) -> TaskRules:
    """Return the rules for a company's systems.

    ``same_company``: the file lies beside the company's own list of systems, so a system it names must be in that list.
    Otherwise names it does not know are passed over: the shipped file speaks of the shipped systems.
    """
    root = read_rules_file(path).only("task", "answer", "freeze", "warning", "accounting", "recipients")
    names = {place.name for place in places} | {EVERYWHERE}
    tasks = [_task(table, names if same_company else None) for table in root.tables("task")]
    if len({(task.right, task.system) for task in tasks}) < len(tasks):
        raise root.wrong("task", "must not speak of the same right and system twice")
    accounting = root.table("accounting").only("financial_year_ends", "years")
    recipients = root.table("recipients").only("due_working_days", "chase_working_days")
    return TaskRules(
        places=tuple(places),
        tasks=tuple(tasks),
        answers={table.text("letter"): _answer(table) for table in root.tables("answer")},
        before_erasure=_rights(root.table("freeze").only("before_erasure")),
        warnings=tuple(_warning(table) for table in root.tables("warning")),
        year_ends=_year_end(accounting),
        accounting_years=accounting.number("years", 1, 30),
        due_working_days=recipients.number("due_working_days", 1, 60),
        chase_working_days=recipients.number("chase_working_days", 1, 60),
    )


def _task(table: RulesTable, systems: set[str] | None) -> TaskRule:
    table.only(
        *("right", "system", "except", "do", "done", "done_en", "keep", "keep_en", "keep_why", "keep_why_en"),
        "accounting",
    )
    right, system = table.text("right"), table.text("system")
    if right not in _RIGHTS:
        raise table.wrong("right", f"must be one of {', '.join(_RIGHTS)}")
    if systems is not None and system not in systems:
        raise table.wrong("system", f"names {system}, which is not among [[systems]] in controller.toml")
    return TaskRule(
        right=right,
        system=system,
        todo=table.text("do"),
        done={"sv": table.text("done"), "en": table.text("done_en")},
        keep=_spoken(table, "keep"),
        keep_why=_spoken(table, "keep_why"),
        excepted=table.words("except", may_be_missing=True),
        accounting=table.flag("accounting"),
    )


def _spoken(table: RulesTable, name: str) -> Mapping[str, str]:
    return {"sv": table.text(name, ""), "en": table.text(f"{name}_en", "")}


def _answer(table: RulesTable) -> AnswerRule:
    table.only("letter", "kind", "what")
    kinds = {OutcomeKind.DONE.value, OutcomeKind.ABSENT.value}
    if table.text("kind") not in kinds:
        raise table.wrong("kind", "must be done or absent")
    return AnswerRule(kind=OutcomeKind(table.text("kind")), what=table.text("what"))


def _warning(table: RulesTable) -> Warned:
    table.only("name", "staff", "person", "person_en")
    person = {"sv": table.text("person"), "en": table.text("person_en")}
    return Warned(name=table.text("name"), staff=table.text("staff"), person=person)


def _rights(table: RulesTable) -> frozenset[Right]:
    names = table.words("before_erasure")
    unknown = [name for name in names if name not in set(Right)]
    if unknown:
        raise table.wrong("before_erasure", f"names {unknown[0]}, which is no right")
    return frozenset(Right(name) for name in names)


def _year_end(table: RulesTable) -> tuple[int, int]:
    said = table.text("financial_year_ends")
    try:
        day = date.fromisoformat(f"2025-{said}")
    except ValueError as error:
        raise table.wrong("financial_year_ends", "must be a month and a day, such as 12-31 or 04-30") from error
    return day.month, day.day
