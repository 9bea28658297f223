"""SQLAlchemy engines for SQLite (WAL) and PostgreSQL, and the schema's version."""

import os
import sqlite3
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import create_engine

from inbox_bot.errors import StoreError

LIGHT = "light"
"""Execution option of a transaction that need not wait for the disk; see ``Desk.write``."""

_WAL_TRIES = 500
MIGRATIONS = Path(__file__).parent / "migrations"
_HINT = "Check [database] url, that the server runs, that the folder can be written and the disk is not full."


def connect(url: str) -> Engine:
    """Return an engine for a database URL. Raises StoreError for a URL or a driver that cannot be used."""
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            return _sqlite(url)
        if parsed.get_backend_name() == "postgresql":
            return _postgresql(parsed.set(drivername="postgresql+psycopg"))
    except (ArgumentError, ImportError) as error:
        raise StoreError(
            f"The database setting cannot be used ({type(error).__name__}).",
            hint="Write sqlite:///file.db, or postgresql://user:password@host/name with inbox-bot[postgresql] installed.",
        ) from error
    raise StoreError(f"There is no support for {parsed.get_backend_name()}.", hint="Use SQLite or PostgreSQL.")


def _sqlite(url: str) -> Engine:
    _make_private(make_url(url).database)
    engine = create_engine(url, connect_args={"timeout": 30, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _entry: ConnectionPoolEntry) -> None:
        # The driver must not open transactions of its own: ``begin`` below says how each one starts.
        connection.isolation_level = None
        cursor = connection.cursor()
        # secure_delete: what has been emptied (architecture, rule 11) is overwritten, not left in free pages of the file.
        for pragma in ("busy_timeout=30000", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        _turn_to_wal(cursor)
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that will write takes the write lock at once; two that upgrade later would deadlock each other.
        options = connection.get_execution_options()
        if options.get("read_only", False):
            connection.exec_driver_sql("BEGIN")
            return
        wanted = "NORMAL" if options.get(LIGHT, False) else "FULL"
        if connection.info.get("synchronous", "FULL") != wanted:
            connection.exec_driver_sql(f"PRAGMA synchronous={wanted}")
            connection.info["synchronous"] = wanted
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _make_private(file: str | None) -> None:
    """Make a database file that is not there yet, for its owner alone: mails lie in it. SQLite gives its -wal the same mode."""
    if not file or file == ":memory:" or file.startswith("file:"):
        return
    # What is there keeps the mode somebody gave it; what cannot be made here SQLite says when it opens it.
    with suppress(OSError):
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _postgresql(url: URL) -> Engine:
    engine = create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": 10})

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get(LIGHT, False):
            connection.exec_driver_sql("SET LOCAL synchronous_commit TO off")

    return engine


def _turn_to_wal(cursor: sqlite3.Cursor) -> None:
    """Set the journal mode, in turns: SQLite does not wait for its busy timeout when two turn an empty file to WAL at once."""
    pause = threading.Event()
    for tries_left in reversed(range(_WAL_TRIES)):
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if not tries_left or error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            pause.wait(0.02)
        else:
            return


def migrate(engine: Engine) -> None:
    """Bring the schema up to the version this program knows; safe to call at every start and from two at once."""
    try:
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(20481182)"))
            command.upgrade(_config(connection), "head")
    except SQLAlchemyError as error:
        raise StoreError(
            f"The database could not be opened or brought up to date ({type(error).__name__}).",
            hint=_HINT,
            temporary=True,
        ) from error


def schema_version(engine: Engine) -> tuple[str | None, str]:
    """Return the version the database has (None: no schema yet) and the one this program knows."""
    try:
        with engine.connect() as connection:
            has = MigrationContext.configure(connection).get_current_revision()
            knows = ScriptDirectory.from_config(_config(connection)).get_current_head()
    except SQLAlchemyError as error:
        raise StoreError(
            f"The database does not answer ({type(error).__name__}).",
            hint=_HINT,
            temporary=True,
        ) from error
    return has, knows or ""


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config
