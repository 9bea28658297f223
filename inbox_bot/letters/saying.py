"""What must stand in a letter, word for word, for one of its values to have been said."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from inbox_bot.domain.letters import FieldKind, LetterField
from inbox_bot.letters.wording import Wording


def pieces(
    field: LetterField, value: Any, words: Wording, system_name: Callable[[str], str], column: str = ""
) -> tuple[str, ...]:
    """Return the pieces of a cleaned value as a letter says them; none for an empty value, and for a flag.

    ``column``: only that one of what is done: ``what``, ``system`` or ``on``.
    """
    found: Iterable[str] = ()
    if value in ("", None, []):
        return ()
    match field.kind:
        case FieldKind.ACTIONS:
            found = (piece for row in value for piece in _action(row, words, system_name, column))
        case FieldKind.KEPT:
            found = (piece for row in value for piece in (row["what"], row["why"], words.until(row["until"])))
        case FieldKind.DAY:
            found = (words.day(value),)
        case FieldKind.LINE | FieldKind.TEXT | FieldKind.NUMBER:
            found = (line.strip().removeprefix("- ") for line in str(value).split("\n"))
        case FieldKind.OTHER if field.name == "claims":
            found = (words.claim(claim) for claim in value)
    return tuple(piece for piece in found if piece)


def _action(row: Mapping[str, Any], words: Wording, system_name: Callable[[str], str], column: str) -> tuple[str, ...]:
    said = {"what": row["what"], "system": system_name(str(row.get("system", ""))), "on": words.day(row["on"])}
    return (said[column],) if column else tuple(said.values())
