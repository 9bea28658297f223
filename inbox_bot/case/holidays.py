"""Public holidays: what the ``holidays`` package says, what the statute says, what the table says, and where they part."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from importlib.metadata import version

from holidays import PUBLIC, country_holidays

from inbox_bot.case.statute import FIRST_YEAR, public_holidays
from inbox_bot.domain.holiday import PROGRAM, Holiday

CHECKED_FROM = (11, 1)
"""Month and day from which the holidays of the year to come must be in the table."""


@cache
def in_package(year: int) -> Mapping[date, str]:
    """Return a year's public holidays as the package knows them, named as they stand in running text.

    Only PUBLIC: the package's DE_FACTO and BANK days (midsommarafton, julafton, nyårsafton …) are working days here.
    One fixed table a year, because the package's own growing table marks a year as known before it has filled it, and
    a second thread would then see a year without holidays. Raises ValueError for a year it knows nothing of.
    """
    # By its code, not by its class: whose module brings every other country's with it, at each start of a command.
    table = country_holidays("SE", years=year, categories=(PUBLIC,), language="sv", expand=False)
    if not table.start_year <= year <= table.end_year:
        raise ValueError(f"the public holidays of {year} are not known ({table.start_year} to {table.end_year} are)")
    return {day: " och ".join(_in_running_text(name) for name in table.get_list(day)) for day in table}


def sure_name(day: date) -> str | None:
    """Return the name of the holiday on a day of a year the table does not hold: where package and statute part, it is none.

    A date can only become earlier by that, never too late. Raises ValueError for a year the package knows nothing of.
    """
    name = in_package(day.year).get(day)
    return None if day.year >= FIRST_YEAR and day not in public_holidays(day.year) else name


def parting(year: int) -> list[date]:
    """Return the days of a year on which package and statute part."""
    return sorted(set(in_package(year)) ^ set(public_holidays(year)))


def agreed(year: int) -> list[Holiday]:
    """Return a year's rows for the table; none while package and statute part."""
    if parting(year):
        return []
    source = f"lag (1989:253); holidays {version('holidays')}"
    return [Holiday(day=day, name=name, free=True, source=source, by=PROGRAM) for day, name in in_package(year).items()]


def by_year(rows: Iterable[Holiday]) -> Mapping[int, Mapping[date, str]]:
    """Return the table as the calendar reads it. A year with nothing but a person's rows is not filled: they are laid over it."""
    own: defaultdict[int, list[Holiday]] = defaultdict(list)
    for row in rows:
        own[row.day.year].append(row)
    found: dict[int, Mapping[date, str]] = {}
    for year, days in own.items():
        known: dict[date, str] = {}
        if not any(day.by == PROGRAM for day in days):
            known = {day: name for day in in_package(year) if (name := sure_name(day)) is not None}
        known |= {day.day: day.name for day in days if day.free}
        found[year] = {day: name for day, name in known.items() if day not in {row.day for row in days if not row.free}}
    return found


def years_to_hold(today: date) -> list[int]:
    """Return the years the table must hold: this one and the last, and from 1 November on the next."""
    return [today.year - 1, today.year, *([today.year + 1] if (today.month, today.day) >= CHECKED_FROM else [])]


def problems(rows: Iterable[Holiday], today: date) -> list[str]:
    """Return, in Swedish, what a person must decide about the holidays of these years; a day a person spoke of is decided."""
    rows = list(rows)
    decided = {row.day for row in rows if row.by != PROGRAM}
    held = {row.day.year for row in rows if row.by == PROGRAM}
    free = {row.day for row in rows if row.free}
    found = []
    for year in years_to_hold(today):
        try:
            differing = set(parting(year)) - decided
            if year in held:
                differing |= {day for day in set(in_package(year)) ^ free if day.year == year} - decided
        except ValueError:
            found.append(f"Helgdagarna för {year} är inte kända. Uppgradera programmet.")
            continue
        if differing:
            days = ", ".join(day.isoformat() for day in sorted(differing))
            found.append(
                f"Helgdagarna för {year}: tabellen, paketet holidays och lag (1989:253) säger olika om {days}. "
                "Slå upp lagen och säg vad som gäller med inbox-bot holidays."
            )
        elif year not in held and not (set(parting(year)) <= decided and parting(year)):
            found.append(f"Helgdagarna för {year} finns inte i tabellen än. Läs programmets logg.")
    return found


def _in_running_text(name: str) -> str:
    """Lower-case a holiday's first letter, as Swedish writes it, save where the name begins with a proper name."""
    return name if name.startswith("Kristi") else name[:1].lower() + name[1:]
