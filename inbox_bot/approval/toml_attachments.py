"""Reads ``rules/attachments.toml``. Raises RulesError naming the file and the key for whatever cannot be used."""

import re
from pathlib import Path

from inbox_bot.approval.attachment_rules import AttachmentRules, FileKind
from inbox_bot.rules_file import RulesTable, read_rules_file

_ENDING = re.compile(r"[a-z0-9]{1,8}")
_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]+")


def read_attachments(path: Path) -> AttachmentRules:
    """Return the rules in a file."""
    root = read_rules_file(path).only("letters", "largest_mb", "most", "others", "kind")
    others = root.table("others").only("addresses", "numbers")
    kinds = tuple(_kind(table) for table in root.tables("kind"))
    if len({kind.ending for kind in kinds}) < len(kinds) or not kinds:
        raise root.wrong("kind", "must be there, each ending once")
    return AttachmentRules(
        letters=frozenset(root.words("letters")),
        largest=root.number("largest_mb", 1, 20) * 1_000_000,
        most=root.number("most", 1, 20),
        addresses=_pattern(others, "addresses"),
        numbers=_pattern(others, "numbers"),
        kinds=kinds,
    )


def _kind(table: RulesTable) -> FileKind:
    table.only("ending", "type", "readable")
    ending, media_type = table.text("ending"), table.text("type")
    if not _ENDING.fullmatch(ending):
        raise table.wrong("ending", "must be small letters and digits without a dot, such as csv")
    if not _TYPE.fullmatch(media_type):
        raise table.wrong("type", "must be a media type such as text/csv")
    return FileKind(ending=ending, media_type=media_type, readable=table.flag("readable"))


def _pattern(table: RulesTable, name: str) -> re.Pattern[str]:
    try:
        pattern = re.compile(table.text(name))
    except re.error as error:
        raise table.wrong(name, f"is no regular expression: {error}") from error
    if pattern.groups:
        raise table.wrong(name, "must hold no group that captures: write (?: … )")
    return pattern
