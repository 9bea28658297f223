"""What every test of the store and the rooms stands in: a furnished installation on a database of its own."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from inbox_bot import assembly
from inbox_bot.assembly import Building, furnish
from inbox_bot.clock import SetClock
from inbox_bot.letters.controller import read_controller
from inbox_bot.letters.jinja import JinjaLetterBook
from inbox_bot.settings import FileSettings, Settings, build_settings, rules_folders, template_folders
from inbox_bot.store.engine import connect, migrate
from tests.support.house import OWN, STAFF, START, House, MemoryMailbox, RecordingTransport, TagClassifier

pytest_plugins = ["tests.support.servers"]

# Beside the package in a checkout, inside it where it is installed from its wheel.
RULES, TEMPLATES = rules_folders(FileSettings())[0], template_folders(FileSettings())[0]


def make_settings(database_url: str, **more: Any) -> Settings:
    given: dict[str, Any] = {
        "secret": "not a secret, but long enough for one",
        "mailbox": {"info": {"host": "127.0.0.1", "username": OWN}},
        "smtp": {"host": "127.0.0.1", "sender": OWN},
        "web": {"public_url": "https://arenden.example.se"},
        "staff": {"addresses": [STAFF]},
        "database": {"url": database_url},
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


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path, migrated_file: bytes) -> str:
    """An empty database: SQLite, or what ``both_databases`` says."""
    if getattr(request, "param", "sqlite") == "postgresql":
        return str(request.getfixturevalue("postgres_url"))
    file = tmp_path / "inbox-bot.db"
    file.write_bytes(migrated_file)
    return f"sqlite:///{file}"


@pytest.fixture
def build(
    database_url: str, letter_book: JinjaLetterBook, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., House]]:
    """Furnish an installation on this test's database; called twice, it makes two processes' worth on one database."""
    monkeypatch.setattr(assembly, "letter_book", lambda *_: letter_book)
    buildings: list[Building] = []

    def furnished(*, clock: SetClock | None = None, mailbox: MemoryMailbox | None = None, **more: Any) -> House:
        clock = clock or SetClock(START)
        transport, classifier = RecordingTransport(), TagClassifier()
        building = furnish(
            make_settings(database_url, **more), clock=clock, classifier=classifier, transport=transport
        )
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
    """An installation that has had its first look into the empty mailbox: what comes from now on is new."""
    made = build()
    made.drain()
    made.transport.handed.clear()
    return made


@pytest.fixture
def building(house: House) -> Building:
    return house.building
