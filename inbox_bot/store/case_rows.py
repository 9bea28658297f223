"""Every table whose rows belong to a case: which columns are emptied with it, and how its rows are found.

``CASE_ROWS`` names the columns that are emptied. What is not named there is the evidence record: numbers, states, dates,
hashes, who decided. ``tests/retention/test_every_column.py`` holds this list to the tables, so that no new column is
forgotten.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Table
from sqlalchemy import select as sa_select
from sqlmodel import SQLModel

from inbox_bot.store import tables

_T = SQLModel.metadata.tables
_CASE = _T[str(tables.CaseRow.__tablename__)]

CASE_ROWS: Mapping[str, Mapping[str, Any]] = {
    "mail": {
        "content": None,
        "message": None,
        "verdict": None,
        "message_id": None,
        "unread": False,
        "abridged": None,
    },
    "letter": {"content": b"", "recipient": "", "answer": ""},
    "draft": {"values": {}, "note": ""},
    "challenge": {"address": "", "code_hash": "", "message_id": "", "fact": ""},
    "outcome": {"what": "", "why": ""},
    "notice": {"contact": "", "what": "", "new_value": "", "answer": "", "reason": ""},
    "outside_reply": {"who": ""},
    "page_link": {"address": "", "message_id": ""},
    "page_visit": {"address": "", "code_hash": ""},
    "deliverable": {"name": "", "content": b"", "token": ""},
    "attachment": {"content": b"", "name": "", "owner": ""},
}
BODIES: Mapping[str, Mapping[str, Any]] = {
    "mail": {"content": None, "message": None, "verdict": None, "abridged": None},
    "letter": {"content": b""},
    "draft": {"values": {}, "note": ""},
    "challenge": {"fact": ""},
    "outcome": {"what": "", "why": ""},
    "notice": {"new_value": "", "answer": "", "reason": ""},
    "deliverable": {"name": "", "content": b"", "token": ""},
    "attachment": {"content": b"", "name": ""},
}
"""What people wrote, without whom they are."""


@cache
def family() -> tuple[tuple[Table, Callable[[int], ColumnElement[bool]]], ...]:
    """Return every table whose rows belong to a case, those that point to others first, and how to find a case's rows."""
    found: list[tuple[Table, Callable[[int], ColumnElement[bool]]]] = []
    of_case = {table.name for table in _T.values() if "case_id" in table.c}
    for table in reversed(SQLModel.metadata.sorted_tables):
        if table is _CASE:
            found.append((table, _equal(_CASE.c.id)))
        elif table.name in of_case:
            found.append((table, _equal(table.c.case_id)))
        else:
            for key in table.foreign_keys:
                parent = key.column.table
                if parent.name in of_case:
                    found.append((table, _through(key.parent, parent)))
    return tuple(found)


def _equal(column: Any) -> Callable[[int], ColumnElement[bool]]:
    return lambda case_id: column == case_id


def _through(column: Any, parent: Table) -> Callable[[int], ColumnElement[bool]]:
    """Return how to find the rows that belong to a case by way of another table's row."""
    return lambda case_id: column.in_(sa_select(parent.c.id).where(parent.c.case_id == case_id))
