"""Reads ``rules/proof.toml`` and says of a wrong one which file, which key and what."""

import tomllib
from functools import lru_cache
from pathlib import Path

from pydantic import ValidationError

from inbox_bot.errors import RulesError
from inbox_bot.verification.table import ProofRules, faults

_HINT = "Mend the file and start again; rules/README.md tells how."


def read_proof(path: Path) -> ProofRules:
    """Return the rules. Raises RulesError naming the file and the key that is missing, unknown, wrong or against the law."""
    try:
        return _read(path, path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RulesError(f"{path} cannot be read: {error.strerror}.", hint="Restore the file.") from error
    except UnicodeDecodeError as error:
        raise RulesError(f"{path} is not TOML in UTF-8: {error.reason}.", hint=_HINT) from error


@lru_cache(maxsize=4)
def _read(path: Path, text: str) -> ProofRules:
    """Read a text once: walking every combination takes longer than starting the rest of a room."""
    try:
        document = tomllib.loads(text)
        rules = ProofRules.model_validate(document)
    except tomllib.TOMLDecodeError as error:
        raise RulesError(f"{path} is not TOML in UTF-8: {error}.", hint=_HINT) from error
    except ValidationError as error:
        found = [f"{_key(detail['loc'], document)}: {detail['msg']}." for detail in error.errors(include_url=False)]
        raise RulesError(f"{path}: {' '.join(found[:3])}", hint=_HINT) from error
    wrong = list(faults(rules))
    if wrong:
        raise RulesError(f"{path}: {' '.join(wrong[:3])}", hint=_HINT)
    return rules


def _key(location: tuple[int | str, ...], document: object) -> str:
    """Return where a fault is, by a row's own id where it has one: ``row no_register.ask``."""
    names: list[str] = []
    here = document
    for part in location:
        here = here[part] if _holds(here, part) else None  # type: ignore[index]  # looked at one line above
        if isinstance(part, int) and isinstance(here, dict):
            names[-1] = f"{names[-1]} {here.get('id') or here.get('reason') or part + 1}"
        else:
            names.append(str(part))
    return ".".join(names) or "the file"


def _holds(place: object, part: int | str) -> bool:
    if isinstance(place, list):
        return isinstance(part, int) and part < len(place)
    return isinstance(place, dict) and part in place
