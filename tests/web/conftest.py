"""The real pages of a furnished installation, and a browser on them."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, FileSystemBytecodeCache

from inbox_bot import assembly
from inbox_bot.assembly import furnish
from inbox_bot.clock import SetClock
from inbox_bot.settings import template_folders
from inbox_bot.web import pages
from inbox_bot.web.app import create_app
from tests.conftest import make_settings
from tests.support.house import START, House, MemoryMailbox, RecordingTransport, TagClassifier
from tests.web.browsing import COMPANY, Browser, Client


@pytest.fixture(scope="session")
def looked_file(tmp_path_factory: pytest.TempPathFactory, migrated_file: bytes, letter_book: Any) -> bytes:
    """The bytes of a database after the first look into an empty mailbox: to make it once saves a third of the time."""
    file = tmp_path_factory.mktemp("looked") / "looked.db"
    file.write_bytes(migrated_file)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(assembly, "letter_book", lambda *_: letter_book)
        building = furnish(
            make_settings(f"sqlite:///{file}"),
            clock=SetClock(START),
            classifier=TagClassifier(),
            transport=RecordingTransport(),
        )
    House(
        building=building,
        clock=SetClock(START),
        mailbox=MemoryMailbox(),
        transport=RecordingTransport(),
        classifier=TagClassifier(),
    ).drain()
    with building.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    building.close()
    return file.read_bytes()


@pytest.fixture
def house(build: Callable[..., House], database_url: str, looked_file: bytes) -> House:
    """An installation that has had its first look into the empty mailbox."""
    Path(database_url.removeprefix("sqlite:///")).write_bytes(looked_file)
    return build()


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("compiled")))


@pytest.fixture(autouse=True)
def _compile_once(compiled: FileSystemBytecodeCache, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test builds its own pages; their templates need compiling but once."""
    monkeypatch.setattr(pages, "Environment", partial(Environment, bytecode_cache=compiled))


@pytest.fixture
def serve() -> Callable[..., Browser]:
    """Make a browser on an installation's pages."""

    def make(house: House, *, pages: str = "https://arenden.example.se", base_url: str = "") -> Browser:
        woken: list[int] = []
        app = create_app(
            house.flow,
            pages=pages,
            template_folders=template_folders(house.building.settings.files),
            systems=["kursplattformen", "faktureringen"],
            company=COMPANY,
            clock=house.clock,
            wake=lambda: woken.append(1),
        )
        return Browser(house=house, client=Client(app, base_url or "https://arenden.example.se"), woken=woken)

    return make


@pytest.fixture
def browser(house: House, serve: Callable[..., Browser]) -> Browser:
    """A browser that nobody has logged in with."""
    return serve(house)


@pytest.fixture
def staff(browser: Browser) -> Browser:
    """A browser that a member of staff has logged in with."""
    assert browser.log_in().status == 200
    browser.woken.clear()
    return browser
