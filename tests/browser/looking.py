"""What every page must be like, on a phone and at a desk, by day and by night: it fits, axe finds nothing, keys reach all."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from axe_playwright_python.base import AXE_FILE_PATH
from playwright.sync_api import CDPSession, Locator, Page

WIDTHS = (390, 1280)
NARROWEST = 320
"""Pixels that a page must do with (WCAG 1.4.10): a desk's 1280 at four times the size."""
SCHEMES = ("light", "dark")
_AXED = {(390, "dark"), (1280, "light")}
_AXE = Path(AXE_FILE_PATH).read_text(encoding="utf-8")
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_ASK = """async tags => (await axe.run(document, {runOnly: tags, iframes: false})).violations.map(
    found => `${found.id}: ${found.help}: ${found.nodes.map(node => node.target.join(' ')).join(' | ')}`)"""

# Numbers what can be reached by keys: visible, not inside what is folded, one for each group of radio buttons.
_NUMBER = """() => {
    let count = 0; const groups = new Set();
    for (const one of document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]')) {
        const group = one.type === 'radio' ? `${one.form?.action} ${one.name}` : null;
        if (one.tabIndex < 0 || one.disabled || !one.checkVisibility({contentVisibilityAuto: true}) || groups.has(group)) continue;
        if (group) groups.add(group);
        one.dataset.key = group ?? String(count); count += 1;
    }
    return [...document.querySelectorAll('[data-key]')].map(one => [one.dataset.key, one.outerHTML.slice(0, 120)]);
}"""
_FOCUSED = """() => {
    const one = document.activeElement, style = getComputedStyle(one), box = one.getBoundingClientRect();
    const middle = document.elementFromPoint(
        Math.min(Math.max(box.left + box.width / 2, 0), innerWidth - 1), Math.min(Math.max(box.top + box.height / 2, 0), innerHeight - 1));
    return {
        key: one.type === 'radio' ? `${one.form?.action} ${one.name}` : one.dataset.key ?? '',
        what: one.outerHTML.slice(0, 120),
        ring: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
        seen: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth
            && (middle === null || one.contains(middle) || middle.contains(one)),
    };
}"""

_SESSIONS: WeakKeyDictionary[Page, CDPSession] = WeakKeyDictionary()


def go(place: Locator, *, key: str = "") -> None:
    """Click (or press a key in) what leads to another page, and wait until that page is there.

    Without it a test may look at the page it just left, or leave the new one before it has loaded, which the browser complains of.
    """
    with place.page.expect_navigation():
        place.press(key) if key else place.click()


def look_over(tab: Page, *, name: str = "") -> None:
    """Look at the page that is shown as every visitor would: no width scrolls sideways, axe-core (WCAG 2.2 AA) finds nothing.

    With ``INBOX_BOT_PICTURES`` set to a folder, a picture of each look is kept there, to be looked at by a person.
    """
    size = tab.viewport_size
    assert size is not None
    name = name or re.sub(r"\W+", "-", tab.url.partition("//")[2].partition("/")[2]) or "start"
    try:
        tab.set_viewport_size({"width": NARROWEST, "height": 844})
        assert _widest(tab) <= NARROWEST, f"{tab.url} is wider than {NARROWEST} pixels"
        for width in WIDTHS:
            tab.set_viewport_size({"width": width, "height": 844})
            assert _widest(tab) <= width, f"{tab.url} is wider than {width} pixels"
            for scheme in SCHEMES:
                tab.emulate_media(color_scheme=scheme)
                _keep(tab, f"{name}-{width}-{scheme}")
                # Colours are the same at both widths and the layout in both schemes: two looks see all four.
                if (width, scheme) in _AXED:
                    found = _axe(tab)
                    assert not found, f"{tab.url} at {width} {scheme}:\n" + "\n".join(found)
        with _scripts(tab):  # Letters of twice the size, as a browser's own setting for text makes them (WCAG 1.4.4).
            tab.evaluate("document.documentElement.style.fontSize = '200%'")
        assert _widest(tab) <= width, f"{tab.url} is wider than {width} pixels when its text is twice as large"
    finally:
        with _scripts(tab):
            tab.evaluate("document.documentElement.style.fontSize = ''")
        tab.emulate_media(color_scheme=None)
        tab.set_viewport_size(size)


def go_by_keys(tab: Page) -> None:
    """Press Tab through the whole page: all that can be used is reached, and where one is can always be seen (WCAG 2.1.1, 2.4.7, 2.4.11)."""
    with _scripts(tab):
        left = dict(tab.evaluate(_NUMBER))
        for _ in range(3 * len(left) + 10):
            tab.keyboard.press("Tab")
            found: dict[str, Any] = tab.evaluate(_FOCUSED)
            if not found["key"]:
                if left:
                    continue
                break
            assert found["ring"], f"{tab.url}: no ring around {found['what']}"
            assert found["seen"], f"{tab.url}: hidden while it has the focus: {found['what']}"
            left.pop(found["key"], None)
            if not left:
                break
    assert not left, f"{tab.url}: not reached by Tab: {list(left.values())}"


def without_scripts(tab: Page) -> None:
    """Let no script run in a tab: no page needs any. Playwright's own ``java_script_enabled`` could not be lifted for axe-core."""
    _SESSIONS[tab] = tab.context.new_cdp_session(tab)
    _SESSIONS[tab].send("Emulation.setScriptExecutionDisabled", {"value": True})


@contextmanager
def _scripts(tab: Page) -> Iterator[None]:
    """Let the test, not the page, run scripts for a while: the policy still stops the page's own."""
    _SESSIONS[tab].send("Emulation.setScriptExecutionDisabled", {"value": False})
    try:
        yield
    finally:
        _SESSIONS[tab].send("Emulation.setScriptExecutionDisabled", {"value": True})


def _axe(tab: Page) -> list[str]:
    with _scripts(tab):
        if not tab.evaluate("typeof axe === 'object'"):
            tab.evaluate(_AXE)
        found: list[str] = tab.evaluate(_ASK, _TAGS)
        return found


def _widest(tab: Page) -> float:
    """Return how wide the page is: measured by the browser, outside the page's own scripts."""
    width: float = _SESSIONS[tab].send("Page.getLayoutMetrics")["cssContentSize"]["width"]
    return width


def _keep(tab: Page, name: str) -> None:
    folder = os.environ.get("INBOX_BOT_PICTURES")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        tab.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)
