"""How the play came out: every mail, what was expected of it and what became of it."""

import signal
import time
from types import FrameType

from inbox_bot.demo.cast import CAST, Part
from inbox_bot.demo.installation import Installation
from inbox_bot.demo.ledger import Fate
from inbox_bot.demo.rehearsal import Rehearsal
from inbox_bot.demo.table import set_table

_HEADINGS = ("", "mail", "what it is", "expected", "came out", "case", "letters to its writer")
_SAME = "as expected"


def rehearse() -> int:
    """Play everything, print the table; return 0 if every row came out as it should, else 1."""
    signal.signal(signal.SIGTERM, _end)
    began = time.monotonic()
    with Installation(wanted_port=0) as place:
        rehearsal = Rehearsal(place, lambda line: print(line, flush=True))
        rehearsal.play()
        fates = {part.name: _fate(rehearsal, part) for part in CAST}
        rows = [_row(number, rehearsal, part, fates[part.name]) for number, part in enumerate(CAST, 1)]
        letters = len(place.smtp.letters)
    print(f"\n{set_table(_HEADINGS, rows)}\n")
    wrong = [part for part in CAST if fates[part.name] != part.expected or rehearsal.problems[part.name]]
    for part in wrong:
        _explain(part, fates[part.name], rehearsal.problems[part.name])
    print(f"{len(CAST)} mails came in, {letters} letters left, in {time.monotonic() - began:.0f} seconds.", end=" ")
    print(f"{len(wrong)} came out wrong." if wrong else "All came out as they should.")
    return 1 if wrong else 0


def _end(_number: int, _frame: FrameType | None) -> None:
    """Leave as Ctrl-C does, so that servers and folder are cleared away."""
    raise KeyboardInterrupt


def _fate(rehearsal: Rehearsal, part: Part) -> Fate | None:
    entry = rehearsal.mails.entry(part)
    return None if entry is None else entry.fate


def _row(number: int, rehearsal: Rehearsal, part: Part, fate: Fate | None) -> tuple[str, ...]:
    entry = rehearsal.mails.entry(part)
    is_right = fate == part.expected and not rehearsal.problems[part.name]
    return (
        f"{number:2d} {'ok' if is_right else 'NO'}",
        part.name,
        part.what,
        _said(part.expected),
        _SAME if fate == part.expected else _said(fate),
        "" if entry is None or entry.case is None else entry.case.reference,
        ", ".join(fate.letters) if fate is not None else "",
    )


def _said(fate: Fate | None) -> str:
    return "never seen" if fate is None else f"{fate.understood}: {fate.ended}"


def _explain(part: Part, fate: Fate | None, problems: list[str]) -> None:
    print(f"{part.name} is wrong.")
    if fate != part.expected:
        print(f"  expected: {_said(part.expected)}; letters: {', '.join(part.expected.letters) or 'none'}")
        print(f"  came out: {_said(fate)}; letters: {', '.join(fate.letters) if fate else 'none'}")
    for problem in problems:
        print(f"  {problem}")
