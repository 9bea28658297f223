"""Which edition of program and rules reads the mails: what one could not read, the next tries again."""

import hashlib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from inbox_bot.settings import FileSettings, rules_folders

_PARSER = Path(__file__).parents[1] / "message"


@cache
def edition(files: FileSettings) -> str:
    """Return a name that changes with the program's version, with what reads mails, and with any file of rules.

    The rules are those that are there when the program starts. Raises SettingsError for a folder that is missing.
    """
    seen = hashlib.sha256()
    folders = [*rules_folders(files), _PARSER]
    for folder in folders:
        for file in sorted(folder.rglob("*")):
            if file.is_file() and file.suffix in {".toml", ".py", ".json"}:
                seen.update(f"{file.relative_to(folder)}\0".encode() + file.read_bytes())
    try:
        number = version("inbox-bot")
    except PackageNotFoundError:
        number = "checkout"
    return f"{number}/{seen.hexdigest()[:16]}"
