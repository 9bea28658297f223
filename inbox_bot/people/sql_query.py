"""The register of known people in a database of the company's, asked by one query."""

from typing import Any

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from inbox_bot.domain.people import KnownPerson
from inbox_bot.errors import PeopleError
from inbox_bot.people.rows import NEEDED, normal, person_of, row_of

_PATIENCE = {"postgresql": {"connect_timeout": 10}, "sqlite": {"timeout": 10}}
"""Seconds a database may keep us waiting before the case goes to a person, by the driver's own name for it."""

_HINT = "Check [people] url and query."


class SqlPeople:
    """Looks people up with a query that takes ``:address``. Safe to share between threads; never writes.

    Raises PeopleError for a URL that names no database we can speak to.
    """

    def __init__(self, url: str, query: str) -> None:
        self._query = text(query)
        self._engine = _engine(url)

    def find(self, address: str) -> KnownPerson | None:
        wanted = normal(address)
        found = self._ask(wanted)
        rows = [
            row_of(values, place=f"people.query, row {number}", account="", address=wanted)
            for number, values in enumerate(found, 1)
        ]
        if rows and not any(row.address == wanted for row in rows):
            raise PeopleError(
                "people.query gives rows that are not of the address asked for.", hint="It must compare with :address."
            )
        return person_of(wanted, rows)

    def report(self) -> str:
        self._ask("nobody@example.com")
        return f"{self._engine.dialect.name}, the query works"

    def _ask(self, address: str) -> list[dict[str, Any]]:
        # Only the error's type: a driver quotes values in its own words.
        try:
            with self._engine.connect() as connection:
                result = connection.execute(self._query, {"address": address})
                found = result.mappings() if result.returns_rows else None
                names = [] if found is None else [name.lower() for name in found.keys()]  # noqa: SIM118  # its rows are iterated
                rows = [] if found is None else [{name.lower(): row[name] for name in row} for row in found]
                connection.rollback()
        except SQLAlchemyError as error:
            raise PeopleError(
                f"people.url: the database cannot be asked: {type(error).__name__}.", hint=_HINT, temporary=True
            ) from None
        for needed in NEEDED:
            if needed not in names:
                raise PeopleError(f"people.query gives no column {needed}.", hint=_HINT)
        return rows


def _engine(url: str) -> Engine:
    try:
        place = make_url(url)
        if place.drivername == "postgresql":
            place = place.set(drivername="postgresql+psycopg")
        if place.get_backend_name() == "sqlite" and place.database and place.database != ":memory:":
            # Read-only: a path that is wrong is an error, not an empty database made on the spot.
            place = place.set(database=f"file:{place.database}", query={"mode": "ro", "uri": "true"})
        patience = _PATIENCE.get(place.get_backend_name(), {})
        return create_engine(place, poolclass=NullPool, connect_args=patience)
    except (ArgumentError, NoSuchModuleError, ImportError, ValueError, TypeError) as error:
        raise PeopleError(f"people.url names no database to speak to: {type(error).__name__}.", hint=_HINT) from None
