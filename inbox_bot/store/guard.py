"""The one way a state changes: a guarded update, and whether it was ours (architecture, rule 1)."""

from typing import Any

from sqlalchemy import Update
from sqlmodel import Session

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
