"""A letter's values as a form: what stands in each place, and what a person sent back. No value is lost on the way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from inbox_bot.clock import stockholm_moment
from inbox_bot.domain.letters import FieldKind, LetterField
from inbox_bot.web.visit import Form

ROW_KEYS: Mapping[FieldKind, tuple[str, ...]] = {
    FieldKind.ACTIONS: ("what", "system", "on"),
    FieldKind.KEPT: ("what", "why", "until"),
}
_MOST_ROWS = 60
_FIRST_ROWS = 2
_MORE_ROWS = 3


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One place to fill in. ``text`` stands in a single place, ``rows`` in a list; ``checked`` for a flag."""

    field: LetterField
    text: str = ""
    checked: bool = False
    rows: tuple[Mapping[str, str], ...] = ()
    error: str = ""

    @property
    def name(self) -> str:
        """The name of the place in the form."""
        return f"f.{self.field.name}"

    @property
    def is_filled(self) -> bool:
        """True where anything stands in the place."""
        return bool(self.text or self.checked or any(value for row in self.rows for value in row.values()))


@dataclass(frozen=True, kw_only=True)
class Filled:
    """What a form said. ``values`` are as they are stored (JSON-safe); ``errors`` are sentences by field name."""

    values: Mapping[str, Any] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)


def by_staff(fields: Sequence[LetterField]) -> tuple[LetterField, ...]:
    """Return the fields that a person fills in."""
    return tuple(one for one in fields if one.by_staff and one.kind is not FieldKind.OTHER)


def entries(
    fields: Sequence[LetterField], values: Mapping[str, Any], errors: Mapping[str, str], more_for: str = ""
) -> tuple[Entry, ...]:
    """Return the places of a form; ``more_for`` names the list that is given some more empty rows."""
    return tuple(_entry(one, values.get(one.name), errors.get(one.name, ""), more_for == one.name) for one in fields)


def read(fields: Sequence[LetterField], form: Form) -> Filled:
    """Read what a form sent for each field, keeping also what cannot be used."""
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for one in fields:
        value, error = _read(one, form)
        values[one.name] = value
        if error:
            errors[one.name] = error
    return Filled(values=values, errors=errors)


def differs(fields: Sequence[LetterField], stored: Mapping[str, Any], sent: Mapping[str, Any]) -> bool:
    """Tell whether a form says something else than what is stored, a default counting as stored."""
    return any(_effective(one, stored.get(one.name)) != _effective(one, sent.get(one.name)) for one in fields)


def with_records(fields: Sequence[LetterField], stored: Mapping[str, Any], sent: Filled) -> Filled:
    """Return a form that has grown old with the rows recorded since: saving it takes back nothing a colleague has noted."""
    values = dict(sent.values)
    for one in fields:
        if one.kind in ROW_KEYS:
            noted = _effective(one, stored.get(one.name))
            values[one.name] = [*noted, *(row for row in _effective(one, values.get(one.name)) if row not in noted)]
    return replace(sent, values=values)


def _effective(one: LetterField, value: Any) -> Any:
    if one.kind in ROW_KEYS:
        return [{key: str(row.get(key, "")).strip() for key in ROW_KEYS[one.kind]} for row in value or ()]
    if one.kind is FieldKind.FLAG:
        return bool(value)
    return str(value or "").strip() or one.default.strip()


def _entry(one: LetterField, value: Any, error: str, more: bool) -> Entry:
    if one.kind in ROW_KEYS:
        keys = ROW_KEYS[one.kind]
        rows = [{key: str(row.get(key, "")) for key in keys} for row in value or ()]
        blank = dict.fromkeys(keys, "")
        rows += [blank] * (_MORE_ROWS if more else 1 if rows else _FIRST_ROWS)
        return Entry(field=one, rows=tuple(rows), error=error)
    if one.kind is FieldKind.FLAG:
        return Entry(field=one, checked=bool(value), error=error)
    # A place left empty is sent with its default: the form shows what the letter will say.
    return Entry(field=one, text=str(value or "") or one.default, error=error)


def _read(one: LetterField, form: Form) -> tuple[Any, str]:
    text = form.one(f"f.{one.name}")
    match one.kind:
        case FieldKind.ACTIONS | FieldKind.KEPT:
            return _rows(one, form)
        case FieldKind.FLAG:
            return bool(text), ""
        case FieldKind.DAY:
            return text, "" if not text or is_day(text) else "Skriv dagen som ÅÅÅÅ-MM-DD, till exempel 2026-04-07."
        case FieldKind.NUMBER:
            number = text.removeprefix("-")
            if text and not (number.isascii() and number.isdigit()):
                return text, "Skriv ett helt tal med siffror."
            return int(text) if text else "", ""
        case _:
            return text, ""


def _rows(one: LetterField, form: Form) -> tuple[list[dict[str, str]], str]:
    keys = ROW_KEYS[one.kind]
    columns = [form.all(f"f.{one.name}.{key}") for key in keys]
    rows = []
    for index in range(min(_MOST_ROWS, max(map(len, columns)))):
        row = {
            key: column[index].strip() if index < len(column) else "" for key, column in zip(keys, columns, strict=True)
        }
        # A day alone is no row: it is what a browser may have put there.
        if any(value for key, value in row.items() if key != "on"):
            rows.append(row)
    if one.kind is FieldKind.ACTIONS and not all(is_day(row["on"]) for row in rows):
        return rows, "Skriv för varje rad vilken dag det gjordes, som ÅÅÅÅ-MM-DD."
    return rows, ""


def is_day(text: str) -> bool:
    """Tell whether a text is a day as ISO 8601 writes it, of a year in which anything here can have happened or will."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return False
    return day.isoformat() == text and 1900 < day.year < 2100


def moment_in(text: str) -> datetime | None:
    """Return the instant a field for day and time holds, Stockholm time; None where it holds none."""
    try:
        return stockholm_moment(text)
    except ValueError:
        return None
