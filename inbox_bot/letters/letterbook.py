"""What each letter declares, and whether the values given to it are enough. Decides only; ``jinja.py`` reads the files."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from inbox_bot.clock import stockholm_day
from inbox_bot.domain.letters import FieldKind, LetterField
from inbox_bot.domain.rights import Right
from inbox_bot.errors import TemplateError
from inbox_bot.letters.cleaning import clean_all, clean_line, clean_text

_FIELD_KEYS = {"name", "kind", "by_staff", "required", "label", "help", "default", "default_en"}
_LETTER_KEYS = {"article", "purpose", "reader", "right", "refuses", "shared_fields", "fields"}
_CHECKLIST_KEYS = {"carries", "demands", "demands_when", "advises", "waives"}
_ROW_KEYS = {FieldKind.ACTIONS: ("what", "system", "on"), FieldKind.KEPT: ("what", "why", "until")}
# A person who writes "raderat i Fortnox" has said where; the letter then repeats their words and no more.
_MAY_STAY_EMPTY = frozenset({"system"})
_NAME = re.compile(r"[a-z][a-z_]*")


class Reader(StrEnum):
    """Who reads a letter. One to staff is written in Swedish only, the others in both languages.

    ``RECIPIENT``: someone the company has given the data to (Art 19), who is told what was done and never why.
    """

    REQUESTER = "requester"
    RECIPIENT = "recipient"
    STAFF = "staff"


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """What ``letter.toml`` says. ``right`` and ``refuses`` mark a letter that answers, or says no to, one right.

    A field's ``default`` is a template over the company's facts; ``english`` holds those written apart for English.
    ``carries``: the letters of law.md 3.2 (T01 to T30) that it is. ``demands``: the elements the law wants in it, beside
    those common to its reader; ``demands_when``: further ones, by the value (or ``value=word``) that calls for them;
    ``advises``: those whose lack staff are told of; ``waives``: common ones that do not belong in it.
    """

    name: str
    article: str
    purpose: str
    reader: Reader
    fields: tuple[LetterField, ...]
    english: Mapping[str, str]
    demands_when: Mapping[str, tuple[str, ...]]
    right: Right | None = None
    refuses: bool = False
    carries: tuple[str, ...] = ()
    demands: tuple[str, ...] = ()
    advises: tuple[str, ...] = ()
    waives: tuple[str, ...] = ()


def declare(name: str, document: Mapping[str, Any], shared: Mapping[str, list[Any]], file: str) -> Declaration:
    """Build a letter's declaration from its file and the shared lists of fields it names.

    Raises TemplateError naming ``file`` and the key that is missing, unknown or wrong.
    """
    _only(document, _LETTER_KEYS | _CHECKLIST_KEYS, file)
    rows: list[Any] = [*document.get("fields", [])]
    for key in document.get("shared_fields", []):
        if key not in shared:
            raise TemplateError(f"{file}: shared_fields names {key}, but there is no _shared/fields/{key}.toml.")
        rows += shared[key]
    # What the program knows comes first, then what staff must fill in, then what they may.
    fields = tuple(sorted((_field(row, file) for row in rows), key=lambda field: (field.by_staff, not field.required)))
    if len({field.name for field in fields}) < len(fields):
        raise TemplateError(f"{file}: a field is declared twice.")
    try:
        return Declaration(
            name=name,
            article=str(document["article"]),
            purpose=str(document["purpose"]),
            reader=Reader(document["reader"]),
            fields=fields,
            english={row["name"]: str(row["default_en"]) for row in rows if "default_en" in row},
            right=Right(document["right"]) if "right" in document else None,
            refuses=bool(document.get("refuses", False)),
            demands_when={
                str(when): _names(found, f"demands_when.{when}", file)
                for when, found in dict(document.get("demands_when", {})).items()
            },
            **{key: _names(document.get(key, []), key, file) for key in ("carries", "demands", "advises", "waives")},
        )
    except KeyError as error:
        raise TemplateError(f"{file}: the key {error} is missing.") from error
    except ValueError as error:
        raise TemplateError(f"{file}: {error}.") from error


def with_defaults(
    declaration: Declaration, values: Mapping[str, Any], defaults: Mapping[str, str], others: Mapping[str, str]
) -> dict[str, Any]:
    """Return the values with each default in its place, in the language of the letter.

    ``defaults`` are those of that language, ``others`` those of the other one: a default shown in a Swedish form that
    nobody edited reaches an English reader in English. A default emptied by hand stays empty.
    """
    placed = dict(values)
    for field in declaration.fields:
        given = values.get(field.name)
        untouched = isinstance(given, str) and _says(given) and clean_text(given) == others.get(field.name)
        if field.default and (given is None or untouched):
            placed[field.name] = defaults[field.name]
    return placed


def gaps(declaration: Declaration, values: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the fields that still need something: required and empty, or a list with a half-filled row.

    Half a row is a gap even in an optional list: to tell what is kept without saying why would be worse than silence.
    """
    return tuple(field.name for field in declaration.fields if _is_gap(field, values.get(field.name)))


def fill(declaration: Declaration, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return every declared value, cleaned and of its kind; what is absent is empty.

    Raises TemplateError for a value that is not declared or is of the wrong kind.
    """
    known = {field.name: field for field in declaration.fields}
    unknown = sorted(values.keys() - known.keys())
    if unknown:
        raise TemplateError(
            f"The letter {declaration.name} does not know the value {unknown[0]}.",
            hint=f"It knows: {', '.join(known)}.",
        )
    return {name: _of_kind(field, values.get(name), declaration.name) for name, field in known.items()}


def forbid_refused_marketing_stop(declaration: Declaration, values: Mapping[str, Any]) -> None:
    """Raise TemplateError for a refusal of a marketing stop: that right is unconditional (Art 21(2)-(3), 7(3))."""
    if not declaration.refuses or declaration.right is None:
        return
    for claim in values.get("claims") or ():
        if isinstance(claim, Mapping) and claim.get("marketing") and claim.get("right") == declaration.right.value:
            raise TemplateError(
                f"The letter {declaration.name} cannot answer a claim about marketing: it cannot be refused.",
                hint="Stop the marketing and send marketing_stopped.",
            )


def _field(row: Any, file: str) -> LetterField:
    if not isinstance(row, Mapping):
        raise TemplateError(f"{file}: each field must be a table beginning [[fields]].")
    _only(row, _FIELD_KEYS, file)
    missing = sorted({"name", "kind", "by_staff", "required", "label"} - row.keys())
    if missing:
        raise TemplateError(f"{file}: the field {row.get('name', '?')} lacks the key {missing[0]}.")
    if not isinstance(row["name"], str) or not _NAME.fullmatch(row["name"]):
        raise TemplateError(f"{file}: the field name {row['name']!r} must be small letters and underscores.")
    try:
        kind = FieldKind(row["kind"])
    except ValueError as error:
        raise TemplateError(f"{file}: the field {row['name']}: {error}.") from error
    default = row.get("default", "")
    if default and kind not in {FieldKind.LINE, FieldKind.TEXT}:
        raise TemplateError(f"{file}: the field {row['name']} is a {kind}; only a line or a text can have a default.")
    return LetterField(
        name=row["name"],
        kind=kind,
        label=str(row["label"]),
        by_staff=bool(row["by_staff"]),
        required=bool(row["required"]),
        help=str(row.get("help", "")),
        default=str(default),
    )


def _names(value: Any, key: str, file: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise TemplateError(f"{file}: the key {key} must be a list of names.")
    return tuple(value)


def _only(table: Mapping[str, Any], known: set[str], file: str) -> None:
    unknown = sorted(table.keys() - known)
    if unknown:
        raise TemplateError(f"{file}: the key {unknown[0]} is not known.", hint=f"Known: {', '.join(sorted(known))}.")


def _is_gap(field: LetterField, value: Any) -> bool:
    if field.kind in _ROW_KEYS:
        rows = list(_rows(value))
        needed = [key for key in _ROW_KEYS[field.kind] if key not in _MAY_STAY_EMPTY]
        half = any(not _says(row.get(key)) for row in rows for key in needed)
        return half or (field.required and not rows)
    return field.required and not _says(value)


def _says(value: Any) -> bool:
    """Tell whether a value holds anything; 0 and False do, blank text and empty lists do not."""
    return bool(clean_text(value)) if isinstance(value, str) else value is not None and value not in ([], (), {})


def _rows(value: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the rows of a list that hold anything at all; a form sends blank rows too."""
    for row in value if isinstance(value, (list, tuple)) else ():
        if isinstance(row, Mapping) and any(_says(item) for item in row.values()):
            yield row


def _of_kind(field: LetterField, value: Any, letter: str) -> Any:
    wrong = TemplateError(f"The value {field.name} of the letter {letter} is not a {field.kind}.")
    match field.kind:
        case FieldKind.ACTIONS | FieldKind.KEPT:
            return _list_of_rows(field, value, wrong)
        case FieldKind.OTHER:
            return clean_all(value) if value is not None else []
        case FieldKind.FLAG:
            return value in {True, "1", "on", "true"}
        case FieldKind.DAY:
            return _day(value, wrong) if _says(value) else ""
        case FieldKind.NUMBER:
            return _number(value, wrong) if _says(value) else ""
        case FieldKind.LINE | FieldKind.TEXT:
            return _words(field, value, wrong) if _says(value) else ""


def _words(field: LetterField, value: Any, wrong: TemplateError) -> str:
    if not isinstance(value, str):
        raise wrong
    return clean_line(value) if field.kind is FieldKind.LINE else clean_text(value)


def _number(value: Any, wrong: TemplateError) -> int:
    try:
        return int(value)
    except (TypeError, ValueError) as error:
        raise wrong from error


def _list_of_rows(field: LetterField, value: Any, wrong: TemplateError) -> list[dict[str, Any]]:
    if value is not None and not isinstance(value, (list, tuple)):
        raise wrong
    rows = []
    for row in _rows(value):
        if set(row) - set(_ROW_KEYS[field.kind]):
            raise wrong
        cleaned = {key: clean_line(item) if isinstance(item, str) else item for key, item in row.items()}
        if field.kind is FieldKind.ACTIONS:
            cleaned["on"] = _day(cleaned["on"], wrong)
        else:
            cleaned["until"] = _day_or_words(cleaned["until"])
        rows.append(cleaned)
    return rows


def _day(value: Any, wrong: TemplateError) -> date:
    """Accept a day, an instant (its Stockholm day) or ISO text, which is what a stored draft and a form hold."""
    if isinstance(value, datetime):
        return stockholm_day(value)
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(clean_line(value))
    except (TypeError, ValueError, AttributeError) as error:
        raise wrong from error


def _day_or_words(value: Any) -> date | str:
    try:
        return _day(value, TemplateError())
    except TemplateError:
        return clean_line(str(value))
