"""What every test of the store and the rooms stands in: a furnished installation on a database of its own."""

from collections.abc import Callable, Iterator
from typing import Any

import hypothesis
import pytest
import structlog
from sqlalchemy import Engine
from sqlmodel import SQLModel

from inbox_bot import assembly
from inbox_bot.assembly import Building, furnish
from inbox_bot.clock import SetClock, stockholm_day
from inbox_bot.letters.controller import read_controller
from inbox_bot.letters.jinja import JinjaLetterBook
from inbox_bot.settings import FileSettings, Settings, build_settings, rules_folders, template_folders
from inbox_bot.store.engine import connect, migrate
from tests.support.house import OWN, STAFF, START, House, MemoryMailbox, RecordingTransport, TagClassifier
from tests.support.postgresql import Cluster

pytest_plugins = ["tests.support.servers"]

# How long an example takes depends on what else the machine does: a time is no reason to fail.
hypothesis.settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("any machine")

# Beside the package in a checkout, inside it where it is installed from its wheel.
RULES, TEMPLATES = rules_folders(FileSettings())[0], template_folders(FileSettings())[0]


@pytest.fixture(autouse=True)
def log_as_it_was() -> Iterator[None]:
    """Forget where a test sent the log: pytest closes the stream it gave that test."""
    yield
    structlog.reset_defaults()


def make_settings(**more: Any) -> Settings:
    given: dict[str, Any] = {
        "secret": "not a secret, but long enough for one",
        "mailbox": {"info": {"host": "127.0.0.1", "username": OWN}},
        "smtp": {"host": "127.0.0.1", "sender": OWN},
        "web": {"public_url": "https://arenden.example.se"},
        # Clocks jump by hours here; tests of idle logins set their own limit.
        "staff": {"addresses": [STAFF], "idle_minutes": 720},
        "notify": {"on": False},  # tests that count letters to staff would count these
        "watch": {"self_check": False, "watchers": ["vakt@example.com", "jour@example.com"]},
    }
    return build_settings(given | more)


@pytest.fixture(scope="session")
def letter_book() -> JinjaLetterBook:
    """The shipped letters, read once: reading them takes longer than most tests."""
    controller = read_controller(RULES / "controller.toml")
    return JinjaLetterBook(folders=[TEMPLATES / "letters"], controller=controller, sender=OWN)


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of an empty SQLite database with the newest schema."""
    file = tmp_path_factory.mktemp("schema") / "empty.db"
    engine = connect(f"sqlite:///{file}")
    migrate(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    engine.dispose()
    return file.read_bytes()


@pytest.fixture(scope="session")
def sqlite_engine(tmp_path_factory: pytest.TempPathFactory, migrated_file: bytes) -> Iterator[Engine]:
    """One engine for all tests, because it remembers the statements it has compiled."""
    file = tmp_path_factory.mktemp("store") / "inbox-bot.db"
    file.write_bytes(migrated_file)
    engine = connect(f"sqlite:///{file}")
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def postgres_engine(postgres_cluster: Cluster) -> Iterator[Engine]:
    engine = connect(postgres_cluster.url(postgres_cluster.create_database()))
    migrate(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def database(request: pytest.FixtureRequest) -> Engine:
    """A database with the newest schema and no rows: SQLite, or what ``both_databases`` says."""
    engine: Engine = request.getfixturevalue(f"{getattr(request, 'param', 'sqlite').removesuffix('ql')}_engine")
    with engine.begin() as connection:
        tables = [f'"{table.name}"' for table in reversed(SQLModel.metadata.sorted_tables)]
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE")
        else:
            for table in tables:
                connection.exec_driver_sql(f"DELETE FROM {table}")
    return engine


@pytest.fixture
def build(
    database: Engine, letter_book: JinjaLetterBook, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., House]]:
    """Furnish an installation on this test's database; called twice, it makes two processes' worth on one database."""
    # The database is there and the letters are read: doing both again for every test would take longer than the tests.
    monkeypatch.setattr(assembly, "letter_book", lambda *_: letter_book)
    monkeypatch.setattr(assembly, "connect", lambda _: database)
    monkeypatch.setattr(assembly, "migrate", lambda _: None)
    buildings: list[Building] = []

    def furnished(*, clock: SetClock | None = None, mailbox: MemoryMailbox | None = None, **more: Any) -> House:
        clock = clock or SetClock(START)
        transport, classifier = RecordingTransport(), TagClassifier()
        settings = make_settings(**more)
        building = furnish(settings, clock=clock, classifier=classifier, transport=transport)
        buildings.append(building)
        return House(
            building=building,
            clock=clock,
            mailbox=mailbox or MemoryMailbox(),
            transport=transport,
            classifier=classifier,
        )

    yield furnished
    for building in buildings:
        building.close()


@pytest.fixture
def house(build: Callable[..., House]) -> House:
    """An installation that has had its first look into the empty mailbox and sent the week's digest: all is new now.

    What is done once a day has been done today.
    """
    made = build()
    made.flow.collect(made.mailbox, look_back_days=30)
    with made.flow.desk.write() as unit:
        unit.digests.claim("weekly", "2026-W37", START)
        for daily in ("retention", "redated"):
            unit.marks.advance(daily, stockholm_day(START).toordinal())
        unit.marks.advance("redated_by_table", unit.holidays.version())
    return made


@pytest.fixture
def building(house: House) -> Building:
    return house.building
