"""The rule files on disk, read as TOML."""

import tomllib
from pathlib import Path
from typing import Any

from inbox_bot.errors import RulesError


def read(rules_dir: Path) -> list[tuple[str, dict[str, Any]]]:
    """Return every file under ``rules_dir/phrases`` with its name, in order. Raises RulesError for one not readable."""
    folder = rules_dir / "phrases"
    try:
        paths = sorted(folder.glob("*.toml"))
    except OSError as fault:
        raise _unreadable(folder, fault) from fault
    if not paths:
        raise RulesError(
            f"There are no rule files in {folder}.", hint="Point the setting for rules at the rules folder."
        )
    return [(path.name, _content(path)) for path in paths]


def _content(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as fault:
        raise _unreadable(path, fault) from fault
    except UnicodeDecodeError as fault:
        raise RulesError(f"{path.name} is not written in UTF-8.", hint="Save it as UTF-8 and try again.") from fault
    except tomllib.TOMLDecodeError as fault:
        raise RulesError(
            f"{path.name} is not TOML: {fault}.", hint="Mend that line; rules/README.md shows the form."
        ) from fault


def _unreadable(path: Path, fault: OSError) -> RulesError:
    return RulesError(f"{path} cannot be read: {fault.strerror}.", hint="Check that it exists and may be read.")
