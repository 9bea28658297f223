"""A real browser on pages that are really served: one Chromium for a module, one server for each test."""

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Page, expect, sync_playwright
from starlette.routing import Route

from inbox_bot.settings import template_folders
from inbox_bot.web.app import create_app
from tests.browser.looking import without_scripts
from tests.support.house import House
from tests.web.browsing import COMPANY

PATIENCE = 10_000
"""Milliseconds that a page may take on a busy machine."""


class _Server(uvicorn.Server):
    """A server that leaves signals alone and says when it answers."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    def capture_signals(self) -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext()

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        self.ready.set()


@dataclass(frozen=True, kw_only=True)
class Served:
    """An installation with its pages on a port of this machine."""

    house: House
    url: str
    routes: Sequence[Route]

    def work(self) -> None:
        """Let the worker do what is due. In a thread: Playwright keeps a loop running in this one."""
        failed: list[BaseException] = []

        def drain() -> None:
            try:
                self.house.drain()
            except BaseException as error:  # noqa: BLE001  raised again in the test's own thread
                failed.append(error)

        thread = threading.Thread(target=drain)
        thread.start()
        thread.join()
        if failed:
            raise failed[0]


@pytest.fixture(scope="module")
def chromium(chromium_path: str) -> Iterator[Any]:
    """One browser for a module, not for the run: while it lives, no other test in this thread may start an event loop."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path)
        yield browser
        browser.close()


@pytest.fixture
def served(request: pytest.FixtureRequest, build: Callable[..., House]) -> Iterator[Served]:
    """An installation whose settings a test may name (indirect parameter)."""
    house = build(**getattr(request, "param", {}))
    app = _app(house)
    config = uvicorn.Config(app, host="127.0.0.1", port=0, access_log=False, log_level="error", lifespan="off")
    server = _Server(config)
    thread = threading.Thread(target=server.run, name="pages")
    thread.start()
    try:
        assert server.ready.wait(10)
        port = server.servers[0].sockets[0].getsockname()[1]
        routes = [route for route in app.routes if isinstance(route, Route)]
        yield Served(house=house, url=f"http://127.0.0.1:{port}", routes=routes)
    finally:
        server.should_exit = True
        thread.join(10)


def _app(house: House) -> Any:
    return create_app(
        house.flow,
        pages="http://127.0.0.1",
        template_folders=template_folders(house.building.settings.files),
        systems=["kursplattformen"],
        company=COMPANY,
        clock=house.clock,
    )


@pytest.fixture
def troubles() -> list[str]:
    """What the browser complained of: blocked by a policy, failed to load, not found."""
    return []


@pytest.fixture
def tab(request: pytest.FixtureRequest, chromium: Any, served: Served, troubles: list[str]) -> Iterator[Page]:
    """A tab as wide as a phone unless told, without JavaScript: no page needs any."""
    size = {"width": getattr(request, "param", 390), "height": 844}
    context = chromium.new_context(viewport=size, locale="sv-SE")
    page = context.new_page()
    without_scripts(page)
    page.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    page.on("console", lambda message: troubles.append(message.text))
    page.on("requestfailed", lambda request: troubles.append(f"failed: {request.url}"))
    page.on("request", lambda request: request.url.startswith(served.url) or troubles.append(f"outside: {request.url}"))
    yield page
    context.close()
