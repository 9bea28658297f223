"""What must stand in a letter, word for word, for one of its values to have been said."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from inbox_bot.domain.letters import FieldKind, LetterField
from inbox_bot.letters.wording import Wording


def pieces(field: LetterField, value: Any, words: Wording, system_name: Callable[[str], str]) -> tuple[str, ...]:
    """Return the pieces of a cleaned value as a letter says them; none for an empty value, and for a flag."""
    found: Iterable[str] = ()
    if value in ("", None, []):
        return ()
    match field.kind:
        case FieldKind.ACTIONS:
            found = (piece for row in value for piece in _action(row, words, system_name))
        case FieldKind.KEPT:
            found = (piece for row in value for piece in (row["what"], row["why"], words.until(row["until"])))
        case FieldKind.DAY:
            found = (words.day(value),)
        case FieldKind.LINE | FieldKind.TEXT | FieldKind.NUMBER:
            found = (line.strip().removeprefix("- ") for line in str(value).split("\n"))
        case FieldKind.OTHER if field.name == "claims":
            found = (words.claim(claim) for claim in value)
    return tuple(piece for piece in found if piece)


def _action(row: Mapping[str, Any], words: Wording, system_name: Callable[[str], str]) -> tuple[str, ...]:
    system = str(row.get("system", ""))
    where = (system_name(system),) if system else ()
    return (row["what"], *where, words.day(row["on"]))
