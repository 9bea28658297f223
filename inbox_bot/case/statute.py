"""The public holidays of lag (1989:253) om allmänna helgdagar, reckoned from its text, so that a library can be held to it."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache

FIRST_YEAR = 2005
"""From this year on the statute reads as it does now: SFS 2004:1320 made 6 June free and annandag pingst a working day."""

_FIXED = {
    (1, 1): "nyårsdagen",
    (1, 6): "trettondedag jul",
    (5, 1): "första maj",
    (6, 6): "nationaldagen",
    (12, 25): "juldagen",
    (12, 26): "annandag jul",
}
_SATURDAY_FROM = {(6, 20): "midsommardagen", (10, 31): "alla helgons dag"}
_FROM_EASTER = {
    -2: "långfredagen",
    0: "påskdagen",
    1: "annandag påsk",
    39: "Kristi himmelsfärdsdag",
    49: "pingstdagen",
}


@cache
def public_holidays(year: int) -> Mapping[date, str]:
    """Return the statute's holidays of a year by name. Raises ValueError for a year before it read as it does now."""
    if year < FIRST_YEAR:
        raise ValueError(f"lag (1989:253) read otherwise in {year}")
    named = [(date(year, month, day), name) for (month, day), name in _FIXED.items()]
    named += [(_saturday(date(year, month, day)), name) for (month, day), name in _SATURDAY_FROM.items()]
    easter = easter_sunday(year)
    named += [(easter + timedelta(days=offset), name) for offset, name in _FROM_EASTER.items()]
    found: dict[date, str] = {}
    for day, name in named:
        found[day] = f"{found[day]} och {name}" if day in found else name
    return found


def _saturday(first: date) -> date:
    """Return the first Saturday on or after a day."""
    return first + timedelta(days=(5 - first.weekday()) % 7)


def easter_sunday(year: int) -> date:
    """Return Easter Sunday: the first Sunday after the full moon that falls on or next after 21 March, by Gauss's rule."""
    century = year // 100
    moon = (century - century // 4 - (8 * century + 13) // 25 + 19 * (year % 19) + 15) % 30
    moon -= moon // 28 * (1 - moon // 28 * (29 // (moon + 1)) * ((21 - year % 19) // 11))
    weekday = (year + year // 4 + moon + 2 - century + century // 4) % 7
    return date(year, 3, 28) + timedelta(days=moon - weekday)
