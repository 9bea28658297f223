"""What every page must be like, on a phone and at a desk, by day and by night: it fits, and axe finds nothing."""

import os
import re
from pathlib import Path
from weakref import WeakKeyDictionary

from axe_playwright_python.base import AXE_FILE_PATH
from playwright.sync_api import CDPSession, Page

WIDTHS = (390, 1280)
SCHEMES = ("light", "dark")
_AXE = Path(AXE_FILE_PATH).read_text(encoding="utf-8")
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_ASK = """async tags => (await axe.run(document, {runOnly: tags, iframes: false})).violations.map(
    found => `${found.id}: ${found.help}: ${found.nodes.map(node => node.target.join(' ')).join(' | ')}`)"""


_SESSIONS: WeakKeyDictionary[Page, CDPSession] = WeakKeyDictionary()


def look_over(tab: Page, *, name: str = "") -> None:
    """Look at the page that is shown as every visitor would: no width scrolls sideways, axe-core (WCAG 2.2 AA) finds nothing.

    With ``INBOX_BOT_PICTURES`` set to a folder, a picture of each look is kept there, to be looked at by a person.
    """
    size = tab.viewport_size
    assert size is not None
    name = name or re.sub(r"\W+", "-", tab.url.partition("//")[2].partition("/")[2]) or "start"
    try:
        for width in WIDTHS:
            tab.set_viewport_size({"width": width, "height": 844})
            assert _widest(tab) <= width, f"{tab.url} is wider than {width} pixels"
            for scheme in SCHEMES:
                tab.emulate_media(color_scheme=scheme)
                _keep(tab, f"{name}-{width}-{scheme}")
                # Colours are the same at both widths: what axe finds anew at the other width is layout alone.
                if scheme == "light" or width == WIDTHS[0]:
                    found = _axe(tab)
                    assert not found, f"{tab.url} at {width} {scheme}:\n" + "\n".join(found)
    finally:
        tab.emulate_media(color_scheme=None)
        tab.set_viewport_size(size)


def without_scripts(tab: Page) -> None:
    """Let no script run in a tab: no page needs any. Playwright's own ``java_script_enabled`` could not be lifted for axe-core."""
    _SESSIONS[tab] = tab.context.new_cdp_session(tab)
    _SESSIONS[tab].send("Emulation.setScriptExecutionDisabled", {"value": True})


def _axe(tab: Page) -> list[str]:
    _SESSIONS[tab].send("Emulation.setScriptExecutionDisabled", {"value": False})
    try:
        if not tab.evaluate("typeof axe === 'object'"):
            tab.evaluate(_AXE)
        found: list[str] = tab.evaluate(_ASK, _TAGS)
        return found
    finally:
        _SESSIONS[tab].send("Emulation.setScriptExecutionDisabled", {"value": True})


def _widest(tab: Page) -> float:
    """Return how wide the page is: measured by the browser, outside the page's own scripts."""
    width: float = _SESSIONS[tab].send("Page.getLayoutMetrics")["cssContentSize"]["width"]
    return width


def _keep(tab: Page, name: str) -> None:
    folder = os.environ.get("INBOX_BOT_PICTURES")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        tab.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)
