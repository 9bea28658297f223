"""The one way a state changes: a guarded update, and whether it was ours (architecture, rule 1)."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import Insert, Update, bindparam
from sqlmodel import Session, SQLModel

FRESH = {"populate_existing": True}
"""Execution options for reading rows that a guarded update of the same transaction may have changed."""

_PLAIN = {"synchronize_session": False}


def changed(session: Session, statement: Update | Any) -> bool:
    """Run an UPDATE or DELETE and return True if it touched a row.

    The session's own copies are left as they are (finding those that changed costs more than the update): whoever reads
    rows again does so with ``FRESH``.
    """
    result = session.execute(statement, execution_options=_PLAIN)
    return bool(result.rowcount)  # type: ignore[attr-defined]  # an UPDATE gives a CursorResult


def move(
    session: Session, table: str, row_id: int, old: Iterable[StrEnum], new: StrEnum, values: Mapping[str, Any]
) -> bool:
    """Move a row from one of the states ``old`` to ``new``, setting further columns; True if it was ours to move."""
    among = [state.value for state in old]
    parameters: dict[str, Any] = {"row": row_id, "to_state": new.value}
    # A list of states is written into the statement anew each time; most moves have one state to come from.
    parameters["among"] = among[0] if len(among) == 1 else among
    parameters |= {f"to_{name}": value for name, value in values.items()}
    result = session.connection().execute(_move(table, tuple(values), len(among) == 1), parameters)
    return bool(result.rowcount)


def add(session: Session, table: str, row: Mapping[str, Any]) -> int:
    """Insert a row and return its id; the table's columns say what is missing and how values are stored."""
    result = session.connection().execute(_insert(table), dict(row))
    assert result.inserted_primary_key is not None
    return int(result.inserted_primary_key[0])


@cache
def _insert(table: str) -> Insert:
    return SQLModel.metadata.tables[table].insert()


@cache
def _move(table: str, columns: tuple[str, ...], from_one: bool) -> Update:
    """Build the statement once: it runs several times a mail, and building it costs more than running it."""
    found = SQLModel.metadata.tables[table]
    state = found.c.state
    return (
        found.update()
        .where(
            found.c.id == bindparam("row"),
            state == bindparam("among") if from_one else state.in_(bindparam("among", expanding=True)),
        )
        .values({name: bindparam(f"to_{name}") for name in ("state", *columns)})
    )
