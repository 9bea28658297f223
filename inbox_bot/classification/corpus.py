"""Labelled mails, one JSON object a line: what the model learns from and what the program is measured on."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inbox_bot.domain.rights import MARKETING_RIGHTS, Right
from inbox_bot.domain.verdict import Part
from inbox_bot.errors import RulesError

Rights = frozenset[Right]

_HINT = "rules/corpus/README.md shows the form."


@dataclass(frozen=True, kw_only=True)
class Ask:
    """Words that ask for a right, by their offsets in the subject or in the body as it arrived."""

    right: Right
    part: Part
    start: int
    end: int


@dataclass(frozen=True, kw_only=True)
class Example:
    """One mail and what a careful reader says it asks for. ``body`` is as it arrived, older mail and signature included.

    ``also_ok`` are other sets of rights that would be right too; an empty one says that it may be left alone.
    ``on_behalf``: asked for another person.
    ``writer`` is whoever wrote it: no writer is both learnt from and measured on. ``place`` is file and line.
    """

    writer: str
    subject: str
    body: str
    rights: Rights
    asks: tuple[Ask, ...] = ()
    also_ok: tuple[Rights, ...] = ()
    marketing_only: bool = False
    on_behalf: bool = False
    language: str = ""
    traps: tuple[str, ...] = ()
    pair: str = ""
    place: str = ""

    @property
    def accepted(self) -> frozenset[Rights]:
        """Every set of rights that is a right answer. A marketing stop may be filed under Art 21, Art 7.3 or both."""
        sets = {self.rights, *self.also_ok}
        if self.marketing_only and self.rights:
            sets |= {frozenset(MARKETING_RIGHTS), *(frozenset((right,)) for right in MARKETING_RIGHTS)}
        return frozenset(sets)


def read_files(paths: Iterable[Path]) -> list[Example]:
    """Return every example in some files. Raises RulesError naming file, line, fault and cure."""
    return [example for path in paths for example in read_file(path)]


def read_file(path: Path) -> list[Example]:
    """Return the examples of one file. Raises RulesError naming file, line, fault and cure."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as fault:
        raise RulesError(f"{path} cannot be read: {fault.strerror}.", hint="Check that it exists.") from fault
    except UnicodeDecodeError as fault:
        raise RulesError(f"{path} is not written in UTF-8.", hint="Save it as UTF-8 and try again.") from fault
    return [_example(f"{path.name}:{number}", line) for number, line in enumerate(lines, 1) if line.strip()]


def files(folder: Path) -> list[Path]:
    """Return the corpus files of a folder in order. Raises RulesError when there are none."""
    found = sorted(folder.glob("*.jsonl"))
    if not found:
        raise RulesError(f"There are no labelled mails in {folder}.", hint="Name a folder with *.jsonl files in it.")
    return found


def fingerprint(examples: Iterable[Example]) -> str:
    """Return a SHA-256 over what the examples say, the same whatever files they stand in and in what order."""
    told = hashlib.sha256()
    for line in sorted(json.dumps(as_row(example), ensure_ascii=False, sort_keys=True) for example in examples):
        told.update(line.encode() + b"\n")
    return told.hexdigest()


def as_row(example: Example) -> dict[str, Any]:
    """Return an example as it stands in a file; ``read_file`` reads it back as it was."""
    row: dict[str, Any] = {
        "writer": example.writer,
        "language": example.language,
        "subject": example.subject,
        "body": example.body,
        "rights": _names(example.rights),
        "asks": [
            {"right": ask.right.value, "part": ask.part.value, "start": ask.start, "end": ask.end}
            for ask in example.asks
        ],
    }
    further: dict[str, Any] = {
        "also_ok": [_names(rights) for rights in example.also_ok],
        "marketing_only": example.marketing_only,
        "on_behalf": example.on_behalf,
        "traps": list(example.traps),
        "pair": example.pair,
    }
    return row | {name: value for name, value in further.items() if value}


def _names(rights: Rights) -> list[str]:
    return [right.value for right in Right if right in rights]


def _example(place: str, line: str) -> Example:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as fault:
        raise RulesError(f"{place} is not JSON: {fault.msg} at character {fault.colno}.", hint=_HINT) from fault
    if not isinstance(row, Mapping):
        raise RulesError(f"{place} is not a JSON object.", hint=_HINT)
    subject, body = _text(place, row, "subject"), _text(place, row, "body")
    name = "labels" if "labels" in row else "rights"
    example = Example(
        writer=_text(place, row, "writer", default=str(row.get("id", ""))),
        subject=subject,
        body=body,
        rights=_rights(place, name, row.get(name)),
        asks=tuple(_asks(place, row.get("asks", []), {Part.SUBJECT: subject, Part.BODY: body})),
        also_ok=tuple(_rights(place, "also_ok", rights) for rights in _list(place, "also_ok", row.get("also_ok", []))),
        marketing_only=row.get("marketing_only") is True,
        on_behalf=row.get("on_behalf") is True,
        language=_text(place, row, "language", default=str(row.get("lang", ""))),
        traps=tuple(str(trap) for trap in _list(place, "traps", row.get("traps", []))),
        pair=_text(place, row, "pair", default=""),
        place=place,
    )
    if "asks" in row and {ask.right for ask in example.asks} != example.rights:
        raise RulesError(f"{place}: rights and the words in asks do not name the same rights.", hint=_HINT)
    return example


def _text(place: str, row: Mapping[str, Any], name: str, default: str | None = None) -> str:
    value = row.get(name, default)
    if not isinstance(value, str):
        raise RulesError(f"{place}: {name} must be a text.", hint=_HINT)
    return value


def _list(place: str, name: str, value: Any) -> Sequence[Any]:
    if not isinstance(value, list):
        raise RulesError(f"{place}: {name} must be a list.", hint=_HINT)
    return value


def _rights(place: str, name: str, value: Any) -> Rights:
    return frozenset(_right(place, name, right) for right in _list(place, name, value))


def _right(place: str, name: str, value: Any) -> Right:
    try:
        return Right(value)
    except ValueError as fault:
        raise RulesError(f"{place}: {name} cannot be {value!r}.", hint=f"It is one of: {', '.join(Right)}.") from fault


def _asks(place: str, rows: Any, texts: Mapping[Part, str]) -> Iterator[Ask]:
    for row in _list(place, "asks", rows):
        try:
            part, start, end = Part(row["part"]), int(row["start"]), int(row["end"])
        except (KeyError, TypeError, ValueError) as fault:
            raise RulesError(f"{place}: an entry of asks lacks right, part, start or end.", hint=_HINT) from fault
        if not 0 <= start < end <= len(texts[part]):
            raise RulesError(f"{place}: asks points outside the {part.value}.", hint=_HINT)
        yield Ask(right=_right(place, "asks", row.get("right")), part=part, start=start, end=end)
