"""rules/folders.toml, read: by what names the Sent folder is known, and what in it is a mailing."""

from dataclasses import dataclass
from pathlib import Path

from inbox_bot.rules_file import read_rules_file


@dataclass(frozen=True, kw_only=True)
class FolderRules:
    """Names and roots in small letters. ``most_recipients``: a mail to more people is no answer to one of them."""

    roots: frozenset[str]
    sent: frozenset[str]
    most_recipients: int


def read_folders(path: Path) -> FolderRules:
    """Return the file's rules. Raises RulesError naming file and key."""
    file = read_rules_file(path).only("roots", "sent")
    roots = file.values.get("roots")
    if not isinstance(roots, list) or not roots or not all(isinstance(one, str) for one in roots):
        raise file.wrong("roots", 'must be a list of texts, "" for the top')
    sent = file.table("sent").only("names", "most_recipients")
    return FolderRules(
        roots=frozenset(one.casefold() for one in roots),
        sent=frozenset(one.strip().casefold() for one in sent.words("names")),
        most_recipients=sent.number("most_recipients", 1, 1000),
    )
