"""Where in a letter's text each value stands that a person fills in: the letter cut into fixed parts and places. Decides only.

A value is rendered between two signs that no letter can hold (cleaning takes every private-use sign out of what people
write), and the text is cut at them. So a template needs nothing for it, and what is fixed is what no place brought there.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from inbox_bot.domain.letters import FieldKind, LetterField, Piece

_START, _NAME_END, _END = "\ue000", "\ue001", "\ue002"
_ABSENT = "\ue003"
_ROWS = (FieldKind.ACTIONS, FieldKind.KEPT)
_KINDS = (FieldKind.LINE, FieldKind.TEXT, FieldKind.DAY, *_ROWS)
_CUT = re.compile(
    f"{_START}(?P<field>[a-z_]+){_NAME_END}.*?{_END}|{_ABSENT}(?P<absent>[a-z_]+){_NAME_END}(?P<intro>.*?){_END}",
    re.DOTALL,
)
_FIRST_DAY = date(9001, 1, 1)
"""No letter names a day so far off: where it stands in the text is where the day will stand."""

_ANY_DAY = date(2026, 1, 1)

Render = Callable[[Mapping[str, Any]], str]
"""Makes a letter's text of its values."""


def lay_out(
    fields: Sequence[LetterField], filled: Mapping[str, Any], render: Render, say_day: Callable[[date], str]
) -> tuple[Piece, ...]:
    """Return a letter's text in pieces, in reading order. ``filled``: every declared value, cleaned, what is absent empty.

    A place that must be filled in stands where it will stand; one that may be, and is empty, where it would. A field that
    stands nowhere in the text (a choice between two wordings) is in no piece.
    """
    mine = [one for one in fields if one.by_staff and one.kind in _KINDS]
    there = [one for one in mine if one.required or filled.get(one.name)]
    days = {one.name: _FIRST_DAY + timedelta(days=number) for number, one in enumerate(mine)}
    marks = {one.name: _marked(one, filled.get(one.name), days[one.name]) for one in there}
    given = {one.name: filled.get(one.name) for one in mine}
    spoken = {
        say_day(day): (name, say_day(found) if isinstance(found := given[name], date) else "…")
        for name, day in days.items()
    }
    base = _mended(render({**filled, **marks}), there, spoken)
    away = {one.name: _marked(one, None, days[one.name]) for one in mine if one not in there}
    whole = render({**filled, **marks, **away})
    found = []
    for one in mine:
        if one.name in away:
            variant = _mended(render({**filled, **marks, one.name: away[one.name]}), [*there, one], spoken)
            place, intro = _where(base, variant, one.name)
            if place is not None:
                order = _mended(whole, mine, spoken).find(f"{_START}{one.name}{_NAME_END}")
                found.append((place, order, f"{_ABSENT}{one.name}{_NAME_END}{intro}{_END}"))
    for place, _, mark in sorted(found, reverse=True):
        base = f"{base[:place]}{mark}{base[place:]}"
    return tuple(_pieces(base))


def _marked(field: LetterField, value: Any, day: date) -> Any:
    if field.kind is FieldKind.DAY:
        return day
    if field.kind in _ROWS:
        empty = {"what": "", "system": "", "on": _ANY_DAY, "why": "", "until": ""}
        rows = list(value or ()) or [empty]
        return [{**row, "what": _between(field.name, str(row.get("what", "")))} for row in rows]
    return _between(field.name, str(value or ""))


def _between(name: str, words: str) -> str:
    return f"{_START}{name}{_NAME_END}{words}{_END}"


def _mended(text: str, there: Sequence[LetterField], spoken: Mapping[str, tuple[str, str]]) -> str:
    """Put the signs around days, and around the whole lines of a list's rows.

    A value that stands in the letter twice has its place where it stands first; after that it is read like any fixed word.
    """
    for words, (name, said) in spoken.items():
        text = text.replace(words, _between(name, said))
    for one in there:
        if one.kind in _ROWS:
            text = _one_block(text, one.name)
    seen: set[str] = set()

    def once(match: re.Match[str]) -> str:
        name = match["field"]
        if name is None or name not in seen:
            seen.add(name or "")
            return match[0]
        return _bare(match[0])

    return _CUT.sub(once, text)


def _one_block(text: str, name: str) -> str:
    start, end = text.find(f"{_START}{name}{_NAME_END}"), text.rfind(f"{_START}{name}{_NAME_END}")
    if start < 0:
        return text
    first = text.rfind("\n", 0, start) + 1
    last = text.find("\n", end)
    last = len(text) if last < 0 else last
    return text[:first] + _between(name, _bare(text[first:last])) + text[last:]


def _bare(text: str) -> str:
    """Return the text as a reader sees it."""
    named = re.sub(f"[{_START}{_ABSENT}][a-z_]+{_NAME_END}", "", text)
    return named.replace(_END, "")


def _where(base: str, variant: str, name: str) -> tuple[int | None, str]:
    """Return where in ``base`` a value would stand that ``variant`` has, and what would come before it.

    That is after the last line before it that both hold once; None where there is none.
    """
    at = variant.find(f"{_START}{name}{_NAME_END}")
    before = [_line(line) for line in variant[: max(at, 0)].split("\n")]
    lines = _lines(base)
    plain = [line for line, _ in lines]
    for number in range(len(before) - 1, -1, -1):
        if before[number] and plain.count(before[number]) == 1:
            intro = "\n".join(before[number + 1 :]).strip()
            return lines[plain.index(before[number])][1], intro
    return None, ""


def _lines(base: str) -> list[tuple[str, int]]:
    """Return each line as read, and where after it a place may be put: never inside another place."""
    shut = [match.span() for match in _CUT.finditer(base)]
    found, at = [], 0
    for line in base.split("\n"):
        end = at + len(line)
        place = next((last for first, last in shut if first < end < last), end)
        found.append((_line(line), place))
        at = end + 1
    return found


def _line(line: str) -> str:
    """Return a line as read; one that holds a place, which may be empty, by the place's name."""
    place = re.search(f"{_START}[a-z_]+", line)
    return place[0] if place is not None else _bare(line).strip()


def _pieces(text: str) -> Iterator[Piece]:
    at = 0
    for match in _CUT.finditer(text):
        yield from _fixed(text[at : match.start()])
        if match["field"] is not None:
            yield Piece(field=match["field"])
        else:
            yield Piece(field=match["absent"], text=match["intro"], absent=True)
        at = match.end()
    yield from _fixed(text[at:])


def _fixed(text: str) -> Iterator[Piece]:
    said = text.strip("\n")
    if said.strip():
        yield Piece(text=said)
