"""A day in the table of public holidays."""

from dataclasses import dataclass
from datetime import date

PROGRAM = "program"


@dataclass(frozen=True, kw_only=True)
class Holiday:
    """What is known of a day, and where it is written. ``free`` False: a person says that it is a working day after all.

    ``by`` is ``program`` where the holidays package and lag (1989:253) agreed.
    """

    day: date
    name: str
    free: bool
    source: str
    by: str
