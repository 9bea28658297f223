"""What stands between the pages and the world: headers, the size of what is sent, where it comes from, how often."""

import hashlib
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from inbox_bot.clock import Clock

LARGEST_BODY = 1_000_000
"""Bytes a form may be: a long letter is some ten thousand."""

LONGEST_PATH = 1_000
"""Characters of a path: ours have a hundred, and a number of thousands of digits is an error of the language's own."""

STAFF = "/personal/"
"""What is in the path of every page of the staff."""

POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
"""A page shows text and one style sheet, and nothing else: no script, no image, no frame, nothing from elsewhere."""

FRAMING_POLICY = f"{POLICY}; frame-src 'self'"
"""A page that shows a letter's HTML in a frame."""

FRAMED_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; base-uri 'none'; sandbox"
"""A letter's HTML in its frame: its own styles, no script, no form, no link that leads anywhere."""

_HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class Guard:
    """ASGI middleware: sets the headers that a page has not set itself, and refuses a body that is too large (413).

    A slash too many at the end of a path is left out, so that no redirect names the host that a request claims to be for.
    ``roomy``: how a path of the staff ends that takes more than a form, and how many bytes; nobody else sends a file.
    """

    def __init__(self, app: ASGIApp, *, secure: bool, prefix: str = "", roomy: Mapping[str, int] | None = None) -> None:
        self._app = app
        self._prefix = prefix
        self._roomy = roomy or {}
        self._headers = dict(_HEADERS)
        if secure:
            self._headers["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope = {**scope, "path": self._path(scope["path"])}
        taken = 0
        most = next(
            (size for end, size in self._roomy.items() if STAFF in scope["path"] and scope["path"].endswith(end)),
            LARGEST_BODY,
        )

        async def measured() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > most:
                raise HTTPException(413)
            return message

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        if len(scope["path"]) > LONGEST_PATH:
            await Response(status_code=414)(scope, receive, dressed)
            return
        await self._app(scope, measured, dressed)

    def _path(self, path: str) -> str:
        bare = path.rstrip("/")
        return f"{bare}/" if bare in {"", self._prefix} else bare


class Limiter:
    """Counts tries by who makes them, in memory: ``most`` within ``seconds``. It spares the database; it guards no secret."""

    def __init__(self, clock: Clock, *, most: int, seconds: float, remembered: int = 10_000) -> None:
        self._clock = clock
        self._most = most
        self._span = timedelta(seconds=seconds)
        self._remembered = remembered
        self._windows: OrderedDict[str, tuple[datetime, int]] = OrderedDict()

    def allows(self, who: str) -> bool:
        """Count one try and tell whether it is within the limit. Called from the event loop alone."""
        now = self._clock.now()
        since, tries = self._windows.pop(who, (now, 0))
        if now - since >= self._span:
            since, tries = now, 0
        self._windows[who] = (since, tries + 1)
        while len(self._windows) > self._remembered:
            self._windows.popitem(last=False)
        return tries < self._most


def comes_from_here(headers: Headers, public_url: str, *, without_referrer: bool) -> bool:
    """Tell whether a form was sent from one of our own pages.

    A page with ``Referrer-Policy: no-referrer`` (``without_referrer``) makes browsers send ``Origin: null`` (Fetch,
    section 3.2), so there ``Sec-Fetch-Site`` has the word, and a browser without it is let through: such a form holds
    a token nobody else knows, or signs nobody in. Commands and tests send neither header.
    """
    site = headers.get("sec-fetch-site")
    if site is not None and site not in {"same-origin", "none"}:
        return False
    origin = headers.get("origin")
    if origin is None:
        return True
    if origin == "null":
        return without_referrer
    public = urlsplit(public_url)
    # Compared as it was sent: what is no address at all is nobody's.
    place = origin.partition("://")[2]
    return origin == f"{public.scheme}://{public.netloc}" or (place != "" and place == headers.get("host"))


def new_secret() -> str:
    """Return a secret for a visitor who has no session yet."""
    return secrets.token_urlsafe(32)


def form_token(secret: str) -> str:
    """Return what every form of a session (or of a visit before it) carries; only who knows the cookie can make it."""
    return hmac.new(secret.encode(), b"form", hashlib.sha256).hexdigest()


def is_form_token(secret: str, given: str) -> bool:
    """Compare in constant time."""
    return bool(secret) and hmac.compare_digest(form_token(secret).encode(), given.encode())


def local_path(wanted: str, start: str) -> str:
    """Return ``wanted`` if it is a path under ``start`` on this site, else ``start``: no link may lead a login elsewhere."""
    safe = wanted.startswith((f"{start}/", f"{start}?")) and wanted.isascii() and wanted.isprintable()
    return wanted if safe and "\\" not in wanted and "//" not in wanted else start
