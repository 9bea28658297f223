"""The real pages of a furnished installation, and a browser on them."""

from collections.abc import Callable
from functools import partial

import pytest
from jinja2 import Environment, FileSystemBytecodeCache

from inbox_bot.settings import template_folders
from inbox_bot.web import pages
from inbox_bot.web.app import create_app
from tests.support.house import House
from tests.web.browsing import COMPANY, Browser, Client


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
