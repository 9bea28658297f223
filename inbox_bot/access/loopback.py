"""A browser's errand to a login page and back to this machine (RFC 8252 7.3), with a proof that the one who asked fetches (RFC 7636)."""

import base64
import hashlib
import secrets
import socket
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

from inbox_bot.access.https import plain_code
from inbox_bot.errors import AccessError

_THANKS = "Klart. Du kan stänga det här fönstret.\n".encode()


class Errand:
    """Listens on this machine alone until the browser comes back; ``with`` ends it. Raises AccessError for a taken port."""

    def __init__(self, *, name: str, port: int = 0) -> None:
        self._name = name
        self._state = secrets.token_urlsafe(32)
        self._verifier = secrets.token_urlsafe(64)
        self._answer: dict[str, str] | None = None
        try:
            self._server = HTTPServer(("127.0.0.1", port), self._handler())
        except OSError as error:
            raise AccessError(f"Port {port} is taken on this machine.", hint="Name another with --port.") from error
        self.port: int = self._server.server_address[1]

    @property
    def _redirect(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def address(self, page: str, *, client: str, scope: str, hint: str) -> str:
        """Return the address the person opens. ``hint``: whom to log in as."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self._verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code",
            "client_id": client,
            "redirect_uri": self._redirect,
            "scope": scope,
            "state": self._state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "access_type": "offline",
            # Without it Google gives a refresh token the first time only.
            "prompt": "consent",
            "login_hint": hint,
        }
        return f"{page}?{urlencode(query)}"

    def wait(self, seconds: float) -> dict[str, str]:
        """Return the form that fetches the token. Raises AccessError where the person said no or took too long."""
        deadline = time.monotonic() + seconds
        while self._answer is None:
            left = deadline - time.monotonic()
            if left <= 0:
                raise AccessError(f"Login {self._name}: nobody came back in time.", hint="Run the command again.")
            self._server.timeout = left
            self._server.handle_request()
        if "code" not in self._answer:
            code = plain_code(self._answer.get("error", "")) or "no reason given"
            raise AccessError(f"Login {self._name}: the login was refused ({code}).", hint="Run the command again.")
        return {
            "grant_type": "authorization_code",
            "code": self._answer["code"],
            "redirect_uri": self._redirect,
            "code_verifier": self._verifier,
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.server_close()

    def _come_back(self, path: str) -> bool:
        """Take an answer that knows the secret of this errand; any other is a stranger's, or the browser asking for an icon."""
        found = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
        if not secrets.compare_digest(found.get("state", "").encode(), self._state.encode()):
            return False
        self._answer = found
        return True

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        errand = self

        class Handler(BaseHTTPRequestHandler):
            # A client that connects and says nothing must not hold up the one that comes back.
            timeout = 5

            def do_GET(self) -> None:  # http.server's name
                known = errand._come_back(self.path)  # its own errand
                with suppress(OSError, socket.timeout):
                    self.send_response(200 if known else 404)
                    self.send_header("Content-Type", "text/plain; charset=utf-8")
                    self.end_headers()
                    self.wfile.write(_THANKS if known else b"")

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the code stands in the line
                pass

        return Handler
