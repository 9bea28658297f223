"""A browser without a screen on the application in this process: opens pages, presses buttons, keeps cookies."""

import asyncio
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from urllib.parse import urljoin

import httpx
from selectolax.lexbor import LexborHTMLParser

from tests.support.house import STAFF, Handed, House

COMPANY = SimpleNamespace(
    name="Exempelkurser AB", short_name="Exempelkurser", mail="info@example.com", phone="000-00 00"
)


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A form as it came: where it goes, what stands in it, its buttons."""

    action: str
    fields: dict[str, list[str]]
    buttons: list[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Page:
    """An answer as a person sees it."""

    status: int
    html: str
    headers: Any
    url: str

    @property
    def tree(self) -> LexborHTMLParser:
        return LexborHTMLParser(self.html)

    @property
    def text(self) -> str:
        """The page's text with single spaces."""
        body = self.tree.body
        return " ".join((body.text(separator=" ") if body is not None else self.html).split())

    @property
    def title(self) -> str:
        return self.tree.css_first("h1").text(strip=True)

    @property
    def links(self) -> list[str]:
        return [node.attributes.get("href") or "" for node in self.tree.css("a")]

    def form(self, button: str) -> Sheet:
        """Return the form with a button ``name=value``, or the one whose button says so."""
        for form in self.tree.css("form"):
            buttons = [
                (node.attributes.get("name") or "", node.attributes.get("value") or "", node.text(strip=True))
                for node in form.css("button")
            ]
            if any(button in {f"{name}={value}", text} for name, value, text in buttons):
                return Sheet(
                    action=form.attributes.get("action") or "",
                    fields=_fields(form),
                    buttons=[(name, value) for name, value, _ in buttons if name],
                )
        raise AssertionError(f"no button {button} on {self.url}: {self.text[:400]}")


class Client:
    """Sends requests to the application in this process, one after another, and keeps cookies."""

    def __init__(self, app: Any, base_url: str) -> None:
        self.app = app
        self._base_url = base_url
        self.cookies = httpx.Cookies()

    def request(self, method: str, path: str, **how: Any) -> httpx.Response:
        follow = how.pop("follow_redirects", True)

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app)
            client = httpx.AsyncClient(transport=transport, base_url=self._base_url, cookies=self.cookies)
            async with client:
                response = await client.request(method, path, follow_redirects=follow, **how)
                self.cookies = client.cookies
                return response

        return asyncio.run(send())

    def get(self, path: str, **how: Any) -> httpx.Response:
        return self.request("GET", path, **how)

    def post(self, path: str, **how: Any) -> httpx.Response:
        return self.request("POST", path, **how)


def _fields(form: Any) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for node in form.css("input, textarea, select"):
        given = node.attributes
        if given.get("type") in {"checkbox", "radio"} and "checked" not in given:
            continue
        value = given.get("value") or ""
        if node.tag == "textarea":
            value = node.text().removeprefix("\n")
        elif node.tag == "select":
            value = next(one.attributes["value"] or "" for one in node.css("option[selected]"))
        fields.setdefault(given.get("name") or "", []).append(value)
    return fields


@dataclass(kw_only=True)
class Browser:
    """Opens pages and presses buttons, with cookies, as a person without JavaScript does."""

    house: House
    client: Client
    woken: list[int] = field(default_factory=list)

    def open(self, path: str, **how: Any) -> Page:
        return _page(self.client.get(path, **how))

    def press(self, page: Page, button: str, headers: dict[str, str] | None = None, **values: Any) -> Page:
        """Press a button (``name=value``, or its text) after filling in ``values``; ``__`` in a name stands for a dot."""
        sheet = page.form(button)
        fields = sheet.fields | {
            name.replace("__", "."): value if isinstance(value, list) else [value] for name, value in values.items()
        }
        name, _, value = button.partition("=")
        if (name, value) in sheet.buttons:
            fields[name] = [value]
        return _page(self.client.post(urljoin(page.url, sheet.action), data=fields, headers=headers or {}))

    def log_in(self, address: str = STAFF) -> Page:
        """Log in with the code that lies in the outbox; it need not leave for that."""
        page = self.press(self.open("/personal"), "Skicka en kod", adress=address)
        [*_, (content,)] = self.house.sql("SELECT content FROM letter WHERE name = 'staff_login' ORDER BY id")
        return self.press(page, "Logga in", kod=Handed(sender="", recipient=address, content=content).code)

    def case(self, reference: str = "PK-2026-0001") -> Page:
        return self.open(f"/personal/arende/{reference}")


def said_of(page: Page, field: str) -> str:
    """Return what the page says is wrong with a field, as the field itself names it to who cannot see the page."""
    given = page.tree.css_first(field).attributes
    assert given.get("aria-invalid") == "true"
    problem, *_ = (given.get("aria-describedby") or "").split()
    return str(page.tree.css_first(f"#{problem}").text(strip=True))


def _page(response: Any) -> Page:
    return Page(status=response.status_code, html=response.text, headers=response.headers, url=str(response.url))
