"""How the play came out: every mail, what was expected of it and what became of it."""

import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from types import FrameType

from inbox_bot.demo.cast import CAST, Part
from inbox_bot.demo.installation import Installation
from inbox_bot.demo.ledger import Fate
from inbox_bot.demo.rehearsal import Rehearsal
from inbox_bot.demo.table import set_table

_HEADINGS = ("", "mail", "what it is", "expected", "came out", "case", "letters to its writer")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One mail's outcome. ``fate`` is None for a mail the program never saw; ``problems`` are what went wrong on the way."""

    part: Part
    fate: Fate | None
    case: str = ""
    problems: tuple[str, ...] = ()

    @property
    def is_right(self) -> bool:
        return self.fate == self.part.expected and not self.problems


def rehearse() -> int:
    """Play everything, print the table; return 0 if every row came out as it should, else 1."""
    signal.signal(signal.SIGTERM, _end)
    began = time.monotonic()
    with Installation(wanted_port=0) as place:
        rehearsal = Rehearsal(place, lambda line: print(line, flush=True))
        rehearsal.play()
        rows = [_row(rehearsal, part) for part in CAST]
        letters = len(place.smtp.letters)
    print(f"\n{set_review(rows)}\n")
    print(f"{len(rows)} mails came in, {letters} letters left, in {time.monotonic() - began:.0f} seconds.", end=" ")
    wrong = sum(not row.is_right for row in rows)
    print(f"{wrong} came out wrong." if wrong else "All came out as they should.")
    return 1 if wrong else 0


def set_review(rows: Sequence[Row]) -> str:
    """Return the table of all rows, and under it what is wrong with those that did not come out as they should."""
    table = set_table(_HEADINGS, [_cells(number, row) for number, row in enumerate(rows, 1)])
    return "\n".join([table, *(line for row in rows if not row.is_right for line in _explanation(row))])


def _end(_number: int, _frame: FrameType | None) -> None:
    """Leave as Ctrl-C does, so that servers and folder are cleared away."""
    raise KeyboardInterrupt


def _row(rehearsal: Rehearsal, part: Part) -> Row:
    entry = rehearsal.mails.entry(part)
    return Row(
        part=part,
        fate=None if entry is None else entry.fate,
        case="" if entry is None or entry.case is None else entry.case.reference,
        problems=tuple(rehearsal.problems.get(part.name, ())),
    )


def _cells(number: int, row: Row) -> tuple[str, ...]:
    return (
        f"{number:2d} {'ok' if row.is_right else 'NO'}",
        row.part.name,
        row.part.what,
        _said(row.part.expected),
        "as expected" if row.fate == row.part.expected else _said(row.fate),
        row.case,
        "" if row.fate is None else ", ".join(row.fate.letters),
    )


def _said(fate: Fate | None) -> str:
    return "never seen" if fate is None else f"{fate.understood}: {fate.ended}"


def _explanation(row: Row) -> list[str]:
    lines = [f"\n{row.part.name} did not come out as it should."]
    for label, fate in (("expected", row.part.expected), ("came out", row.fate)):
        letters = ", ".join(fate.letters) if fate is not None else ""
        lines.append(f"  {label}  {_said(fate)}; letters: {letters or 'none'}")
    return [*lines, *(f"  problem   {problem}" for problem in row.problems)]
