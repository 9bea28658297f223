"""Stockholm days and months of instants, reckoned inside the database, on SQLite and PostgreSQL alike.

SQLite knows no time zones, and PostgreSQL's knowledge of them may be older than ours, so both are told at which seconds the
offset changes; whole seconds and whole numbers leave no room for rounding at midnight.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, String, case
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from inbox_bot.clock import STOCKHOLM

DAY = 86_400
EPOCH = date(1970, 1, 1)


class seconds_of(FunctionElement[int]):  # noqa: N801  # it reads as the SQL function it is
    """Whole seconds since 1970 of an instant, or of the midnight UTC a date begins with."""

    type = BigInteger()
    inherit_cache = True


@compiles(seconds_of, "sqlite")
def _sqlite_seconds(element: Any, compiler: Any, **how: Any) -> str:
    return f"CAST(strftime('%s', {compiler.process(element.clauses, **how)}) AS INTEGER)"


@compiles(seconds_of, "postgresql")
def _postgresql_seconds(element: Any, compiler: Any, **how: Any) -> str:
    return f"CAST(floor(extract(epoch FROM {compiler.process(element.clauses, **how)})) AS BIGINT)"


class month_name(FunctionElement[str]):  # noqa: N801
    """The month, ``2026-11``, of a day given as its number since 1970."""

    type = String()
    inherit_cache = True


@compiles(month_name, "sqlite")
def _sqlite_month(element: Any, compiler: Any, **how: Any) -> str:
    return f"strftime('%Y-%m', ({compiler.process(element.clauses, **how)}) * {DAY}, 'unixepoch')"


@compiles(month_name, "postgresql")
def _postgresql_month(element: Any, compiler: Any, **how: Any) -> str:
    return f"to_char(DATE '1970-01-01' + CAST(({compiler.process(element.clauses, **how)}) AS INTEGER), 'YYYY-MM')"


class later_of(FunctionElement[int]):  # noqa: N801
    """The larger of two numbers, neither of them NULL."""

    type = BigInteger()
    inherit_cache = True


@compiles(later_of, "sqlite")
def _sqlite_later(element: Any, compiler: Any, **how: Any) -> str:
    return f"max({compiler.process(element.clauses, **how)})"


@compiles(later_of, "postgresql")
def _postgresql_later(element: Any, compiler: Any, **how: Any) -> str:
    return f"GREATEST({compiler.process(element.clauses, **how)})"


def number_of(day: date) -> int:
    """Return a day as its number since 1970."""
    return (day - EPOCH).days


def start_of(day: date) -> datetime:
    """Return the instant a Stockholm day begins with."""
    return datetime(day.year, day.month, day.day, tzinfo=STOCKHOLM).astimezone(UTC)


def local_day(seconds: ColumnElement[int], first: date, last: date) -> ColumnElement[int]:
    """Return the number of the Stockholm day of an instant between two days (and the offset of its end beyond them)."""
    changes = list(offsets(first, last))
    newest_first = [(seconds >= at, seconds + offset) for at, offset in reversed(changes[1:])]
    shifted = case(*newest_first, else_=seconds + changes[0][1]) if newest_first else seconds + changes[0][1]
    return shifted // DAY


def offsets(first: date, last: date) -> Iterator[tuple[int, int]]:
    """Yield each offset from UTC in force between two days, in seconds, and the second since 1970 from which it is."""
    at = int(start_of(first).timestamp()) - DAY
    end = int(start_of(last).timestamp()) + 2 * DAY
    known = _offset(at)
    yield at, known
    while at < end:
        following = at + DAY
        found = _offset(following)
        if found != known:
            low, high = at, following
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if _offset(middle) == known else (low, middle)
            yield high, found
            known = found
        at = following


def _offset(seconds: int) -> int:
    offset = datetime.fromtimestamp(seconds, STOCKHOLM).utcoffset() or timedelta()
    return int(offset.total_seconds())
