"""The statements of ``mails.py``, built once: for what runs several times a mail, building costs more than running."""

from functools import cache
from typing import Any

from sqlalchemy import and_, bindparam, case, func, null, or_
from sqlalchemy import select as sa_select
from sqlmodel import SQLModel

from inbox_bot.store.tables import MailRow

COLUMNS = tuple(name for name in MailRow.model_fields if name != "content")


MAIL = SQLModel.metadata.tables["mail"].c
ROWS = sa_select(*(MAIL[name] for name in COLUMNS))
"""Mails without their bytes, which may be megabytes and are seldom wanted."""

OF_CASE = ROWS.where(MAIL.case_id == bindparam("case_id")).order_by(MAIL.received_at, MAIL.id)
PAGE_IN = (
    ROWS.where(MAIL.state == bindparam("state"))
    .order_by(MAIL.received_at, MAIL.id)
    .offset(bindparam("start"))
    .limit(bindparam("most"))
)
RECEIVED_IN = sa_select(MAIL.received_at).where(MAIL.state == bindparam("state"))
FIND = sa_select(MAIL.fingerprint, MAIL.id).where(
    MAIL.mailbox == bindparam("mailbox"), MAIL.fingerprint.in_(bindparam("prints", expanding=True))
)
KNOWN_BY_HEAD = sa_select(MAIL.head_print, MAIL.id, (MAIL.fingerprint == MAIL.head_print).label("abridged")).where(
    MAIL.mailbox == bindparam("mailbox"), MAIL.head_print.in_(bindparam("heads", expanding=True))
)
FIRST_IN = (
    sa_select(MAIL.received_at, MAIL.id)
    .where(MAIL.state.in_(bindparam("states", expanding=True)), MAIL.turn <= bindparam("turn"))
    .order_by(MAIL.received_at, MAIL.id)
    .limit(1)
)
ABRIDGED = sa_select(MAIL.id, MAIL.abridged, MAIL.imported_by).where(
    MAIL.id.in_(bindparam("ids", expanding=True)), or_(MAIL.abridged.is_not(None), MAIL.imported_by != "")
)
CONTENTS = sa_select(MAIL.id, MAIL.content).where(MAIL.id.in_(bindparam("ids", expanding=True)))
MAILBOXES = sa_select(MAIL.id, MAIL.mailbox).where(MAIL.id.in_(bindparam("ids", expanding=True)))
ATTEMPTS = sa_select(MAIL.id, MAIL.attempts).where(MAIL.id.in_(bindparam("ids", expanding=True)))
SIZES = sa_select(MAIL.id, func.length(MAIL.content).label("size")).where(MAIL.id.in_(bindparam("ids", expanding=True)))
COUNT_ATTEMPT = (
    SQLModel.metadata.tables["mail"]
    .update()
    .where(MAIL.id.in_(bindparam("ids", expanding=True)))
    .values(attempts=MAIL.attempts + 1)
)
HOLD = (
    SQLModel.metadata.tables["mail"]
    .update()
    .where(MAIL.id.in_(bindparam("ids", expanding=True)))
    .values(held_by=bindparam("by"), held_since=bindparam("at"))
)
HOLDERS = sa_select(MAIL.held_by).where(MAIL.state == bindparam("state")).distinct()
WAITS_SINCE = case(
    (and_(or_(MAIL.tried_by != "", MAIL.imported_by != ""), MAIL.held_since.is_not(None)), MAIL.held_since),
    else_=MAIL.fetched_at,
)
"""Since when a mail between two rooms has been under way: one that was in quarantine, or let go, since it was taken out again."""
ADD = SQLModel.metadata.tables["mail"].insert()
CASES_OF = sa_select(MAIL.message_id, MAIL.case_id).where(
    MAIL.message_id.in_(bindparam("ids", expanding=True)), MAIL.case_id.is_not(None)
)


@cache
def oldest(columns: tuple[str, ...], postgresql: bool) -> Any:
    """Build the statement once: it runs several times a mail, and building it costs more than running it."""
    query = (
        sa_select(*(MAIL[name] for name in columns))
        .where(MAIL.state == bindparam("state"))
        .order_by(MAIL.turn, MAIL.received_at, MAIL.id)
        .limit(bindparam("most"))
    )
    return query.with_for_update(skip_locked=True) if postgresql else query


@cache
def oldest_unheld(postgresql: bool) -> Any:
    """Build the statement for the mails of a state that nobody holds but ``free`` holders, or someone since before ``stale``."""
    query = (
        sa_select(MAIL.id)
        .where(
            MAIL.state == bindparam("state"),
            or_(MAIL.held_by.in_(bindparam("free", expanding=True)), MAIL.held_since <= bindparam("stale")),
        )
        .order_by(MAIL.turn, MAIL.received_at, MAIL.id)
        .limit(bindparam("most"))
    )
    return query.with_for_update(skip_locked=True) if postgresql else query


@cache
def change_many(columns: tuple[str, ...]) -> Any:
    table = SQLModel.metadata.tables["mail"]
    return (
        table.update()
        .where(table.c.id == bindparam("b_id"), table.c.state == bindparam("b_state"))
        .values({name: bindparam(name) for name in columns})
    )


@cache
def emptying(guarded: bool, reasoned: bool = False) -> Any:
    table = SQLModel.metadata.tables["mail"]
    emptied: dict[str, Any] = {
        "content": null(),
        "message": null(),
        "verdict": null(),
        "message_id": null(),
        "abridged": null(),
    }
    query = table.update().where(table.c.id.in_(bindparam("ids", expanding=True)))
    query = query.where(table.c.state == bindparam("from_state")) if guarded else query
    if reasoned:
        emptied["reason"] = bindparam("reason")
    return query.values(state=bindparam("to_state"), **emptied)
