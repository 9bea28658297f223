"""Reads ``rules/returns.toml``."""

import re
from datetime import timedelta
from pathlib import Path

from inbox_bot.domain.case import LetterPurpose
from inbox_bot.outbox.returns import ReturnRow, ReturnRules
from inbox_bot.rules_file import RulesTable, read_rules_file

_PATTERN = re.compile(r"\*|[245*]\.(?:\d{1,3}|\*)\.(?:\d{1,3}|\*)")


def read_returns(path: Path) -> ReturnRules:
    """Return the rules in a file. Raises RulesError naming the file and the key that is missing or wrong."""
    root = read_rules_file(path).only("tie", "again", "alarm", "return", "next", "command")
    again = root.table("again").only("times", "hours", "working_days")
    rows = tuple(_row(table) for table in root.tables("return"))
    if not rows or "*" not in rows[-1].status:
        raise root.wrong("return", 'must end with a row whose status is ["*"]')
    purposes = [purpose for purpose in LetterPurpose if not purpose.is_for_staff]
    names = [purpose.value for purpose in purposes]
    steps = root.table("next").only(*names)
    # A file of the company's own from before there were commands has none.
    commands = (
        root.table("command").only(*names) if "command" in root.values else RulesTable(file=path, where="", values={})
    )
    return ReturnRules(
        rows=rows,
        next_steps={purpose: steps.text(purpose.value) for purpose in purposes},
        commands={purpose: commands.text(purpose.value, "") for purpose in purposes},
        tie=timedelta(days=root.table("tie").only("days").number("days", 1, 30)),
        again_times=again.number("times", 0, 10),
        again_after=timedelta(hours=again.number("hours", 1, 120)),
        again_working_days=again.number("working_days", 0, 20),
        most_alarms=root.table("alarm").only("most_an_hour").number("most_an_hour", 1, 1000),
    )


def _row(table: RulesTable) -> ReturnRow:
    table.only("id", "status", "what", "way", "wait", "dead")
    status = table.words("status")
    for pattern in status:
        if not _PATTERN.fullmatch(pattern):
            raise table.wrong("status", f"holds {pattern!r}, which is no status such as 5.1.1 or *.2.*")
    return ReturnRow(
        id=table.text("id"),
        status=status,
        what=table.text("what"),
        way=table.text("way"),
        wait=table.flag("wait"),
        dead=table.flag("dead"),
    )
