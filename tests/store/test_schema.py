"""The migrations make exactly the tables the code knows, on both databases."""

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect
from sqlmodel import SQLModel

from inbox_bot.store import tables
from inbox_bot.store.engine import MIGRATIONS, _config, connect, migrate, schema_version
from inbox_bot.store.unit import Desk

on_both = pytest.mark.parametrize(
    "engine", ["sqlite", pytest.param("postgresql", marks=pytest.mark.needs("postgresql"))], indirect=True
)


@pytest.fixture
def engine(request, tmp_path):
    """An empty database that the migrations have been run on."""
    url = f"sqlite:///{tmp_path / 'new.db'}" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    engine = connect(url)
    migrate(engine)
    yield engine
    engine.dispose()


@on_both
def test_nothing_differs_between_migrations_and_tables(engine):
    assert tables.MailRow.metadata is SQLModel.metadata
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "render_as_batch": True})
        assert compare_metadata(context, SQLModel.metadata) == []


@on_both
def test_every_unique_key_the_code_relies_on_is_in_the_database(engine):
    with engine.connect() as connection:
        found = {
            (table, tuple(key["column_names"]))
            for table in inspect(connection).get_table_names()
            for key in inspect(connection).get_unique_constraints(table)
        }
    relied_on = {
        ("sighting", ("mailbox", "folder", "uidvalidity", "uid")),
        ("mail", ("mailbox", "fingerprint")),
        ("folder", ("mailbox", "folder")),
        ("case", ("year", "number")),
        ("claim", ("case_id", "right", "marketing")),
        ("letter", ("message_id",)),
        ("digest", ("kind", "period")),
        ("challenge", ("token_hash",)),
        ("suppression", ("address",)),
        ("browser", ("visit_hash", "address")),
    }
    assert relied_on <= found


@on_both
def test_the_schema_knows_its_version(engine):
    has, knows = schema_version(engine)
    assert has == knows == ScriptDirectory(str(MIGRATIONS)).get_current_head()


def test_there_is_one_line_of_versions():
    assert len(ScriptDirectory(str(MIGRATIONS)).get_heads()) == 1


def test_codes_from_before_they_were_bound_to_a_visit_are_let_go(tmp_path):
    engine = connect(f"sqlite:///{tmp_path / 'old.db'}")
    with engine.begin() as connection:
        command.upgrade(_config(connection), "0001")
        values = "('anna@example.com', 'x', '2026-01-01', '2026-01-01', 0, 0)"
        columns = "address, code_hash, made_at, expires_at, attempts, used"
        connection.exec_driver_sql(f"INSERT INTO login_code ({columns}) VALUES {values}")
        connection.exec_driver_sql(
            "INSERT INTO session (token_hash, address, expires_at) VALUES ('t', 'a', '2026-01-01')"
        )
    migrate(engine)
    with engine.begin() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM login_code").scalar() == 0
        # Nothing says when it was opened or what it may (0017): its person logs in once more.
        assert connection.exec_driver_sql("SELECT count(*) FROM session").scalar() == 0
        command.downgrade(_config(connection), "0001")
    migrate(engine)
    engine.dispose()


def test_questions_of_identity_from_before_ask_for_nothing_more(tmp_path):
    engine = connect(f"sqlite:///{tmp_path / 'old.db'}")
    with engine.begin() as connection:
        command.upgrade(_config(connection), "0004")
        connection.exec_driver_sql(
            'INSERT INTO "case" (id, reference, year, number, state, requester, requester_name, language, opened_at) '
            "VALUES (1, 'PK-2026-0001', 2026, 1, 'open', 'kalle@example.se', '', 'sv', '2026-01-01')"
        )
        columns = (
            "case_id, claim_ids, address, token_hash, code_hash, message_id, asked_at, expires_at, attempts, state"
        )
        values = "1, '[1]', 'kalle@example.se', 't', 'c', '<m>', '2026-01-01', '2026-01-08', 0, 'open'"
        connection.exec_driver_sql(f"INSERT INTO challenge ({columns}) VALUES ({values})")
    migrate(engine)
    with Desk(engine).look() as unit:
        [challenge] = unit.challenges.of_case(1)
    assert (challenge.fact_claim_ids, challenge.fact, challenge.fact_mail_id) == ((), "", None)
    with engine.begin() as connection:
        command.downgrade(_config(connection), "0004")
        assert connection.exec_driver_sql("SELECT count(*) FROM challenge").scalar() == 1
    migrate(engine)
    engine.dispose()


def test_what_an_older_program_could_not_read_is_tried_by_this_one(tmp_path):
    engine = connect(f"sqlite:///{tmp_path / 'old.db'}")
    with engine.begin() as connection:
        command.upgrade(_config(connection), "0007")
        columns = "mailbox, fingerprint, received_at, fetched_at, state, reason, historic, unread, attempts, held_by, sorted_by"
        for name, state in (("a", "quarantined"), ("b", "filed")):
            values = f"'info', '{name}', '2026-01-01', '2026-01-01', '{state}', '', 0, 0, 1, '', ''"
            connection.exec_driver_sql(f"INSERT INTO mail ({columns}) VALUES ({values})")
    migrate(engine)
    with Desk(engine).look() as unit:
        assert unit.quarantine.tried_by_others("1/a", 9) == (1,)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE mail SET state = 'wanted' WHERE id = 1")
        command.downgrade(_config(connection), "0007")
        assert connection.exec_driver_sql("SELECT state FROM mail ORDER BY id").scalars().all() == [
            "quarantined",
            "filed",
        ]
    migrate(engine)
    engine.dispose()


def test_a_mailbox_from_before_is_as_it_was(tmp_path):
    engine = connect(f"sqlite:///{tmp_path / 'old.db'}")
    with engine.begin() as connection:
        command.upgrade(_config(connection), "0007")
        columns, values = "name, looked_at, failure, failures", "'info', '2026-09-07 08:00:00', '', 0"
        connection.exec_driver_sql(f"INSERT INTO mailbox ({columns}) VALUES ({values})")
    migrate(engine)
    with Desk(engine).look() as unit:
        [box] = unit.mailboxes.health()
    assert (box.name, box.permanent, box.failing_since, box.still_from) == ("info", False, None, None)
    with engine.begin() as connection:
        command.downgrade(_config(connection), "0007")
        assert connection.exec_driver_sql("SELECT count(*) FROM mailbox").scalar() == 1
    migrate(engine)
    engine.dispose()


def test_a_new_database_is_its_owners_alone_and_one_that_is_there_keeps_its_mode(tmp_path):
    file = tmp_path / "new.db"
    for mode in (0o600, 0o640):
        engine = connect(f"sqlite:///{file}")
        with engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS note (text TEXT)")
            connection.exec_driver_sql("INSERT INTO note VALUES ('a')")
            assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {mode}
        engine.dispose()
        file.chmod(0o640)
