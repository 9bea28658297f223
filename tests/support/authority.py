"""A token authority on this machine: Microsoft's and Google's endpoints over HTTPS, introspection (RFC 7662) for Dovecot over HTTP."""

import base64
import hashlib
import itertools
import json
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import jwt

HOST = "127.0.0.1"
TENANT = "11111111-2222-3333-4444-555555555555"
CLIENT = "66666666-7777-8888-9999-000000000000"
SECRET = "the application's secret"
USER = "info@example.com"

Answer = tuple[int, dict[str, Any]]


@dataclass
class Authority:
    """What is good now. Tokens are good until ``expire``; a refresh token is good once, and gives the next.

    ``failing``: the answer to every question for a token while it is set. ``asked``: the forms that came, in order.
    """

    lifetime: int = 3600
    certificate: str = ""
    failing: Answer | None = None
    secret: str = SECRET
    asked: list[dict[str, str]] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    good: dict[str, str] = field(default_factory=dict)
    refresh: str = ""
    pending: int = 0
    limited: int = 0
    public_key: Any = None
    delegated: bool = True
    user: str = USER

    def __post_init__(self) -> None:
        self._numbers = itertools.count(1)
        self.challenge = ""

    def opens(self, user: str, token: str) -> bool:
        self.opened.append(token)
        return self.good.get(token) == user

    def expire(self) -> None:
        """Let no token given so far open anything."""
        self.good.clear()

    def grant(self, form: dict[str, str]) -> Answer:
        self.asked.append(form)
        if self.failing is not None:
            return self.failing
        kind = form["grant_type"].rpartition(":")[2]
        return getattr(self, f"_{kind.replace('-', '_')}")(form)

    def _given(self, **more: Any) -> Answer:
        token = f"token-{next(self._numbers)}"
        self.good[token] = self.user
        return 200, {"token_type": "Bearer", "access_token": token, "expires_in": self.lifetime, **more}

    def _client_credentials(self, form: dict[str, str]) -> Answer:
        if "client_assertion" in form:
            claims = jwt.decode(
                form["client_assertion"], self.public_key, algorithms=["PS256", "RS256"], options={"verify_aud": False}
            )
            assert claims["iss"] == CLIENT
        elif form["client_secret"] != self.secret:
            return _refused("invalid_client", 7000215)
        return self._given()

    def _device_code(self, form: dict[str, str]) -> Answer:
        if self.pending:
            self.pending -= 1
            return _refused("authorization_pending", 70016)
        return self._personal(form["client_id"])

    def _refresh_token(self, form: dict[str, str]) -> Answer:
        if not self.refresh or form["refresh_token"] != self.refresh:
            return _refused("invalid_grant", 50173)
        return self._personal(form["client_id"])

    def _authorization_code(self, form: dict[str, str]) -> Answer:
        made = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        if form["code"] != "the code" or made != self.challenge:
            return _refused("invalid_grant", 0)
        return self._personal(form["client_id"])

    def _jwt_bearer(self, form: dict[str, str]) -> Answer:
        claims = jwt.decode(form["assertion"], self.public_key, algorithms=["RS256"], options={"verify_aud": False})
        if not self.delegated or claims["scope"] != "https://mail.google.com/":
            return _refused("unauthorized_client", 0)
        self.user = claims["sub"]
        return self._given()

    def _personal(self, client: str) -> Answer:
        """Give what a person's login gives: with it a new refresh token, which ends the old one."""
        self.refresh = f"refresh-{next(self._numbers)}"
        now = int(time.time())
        claims = {"aud": client, "iss": "x", "sub": "s", "exp": now + 600, "iat": now, "preferred_username": self.user}
        limited = {"refresh_token_expires_in": self.limited} if self.limited else {}
        return self._given(
            refresh_token=self.refresh,
            id_token=jwt.encode(claims, "0" * 32, algorithm="HS256"),
            client_info=base64.urlsafe_b64encode(b'{"uid":"u","utid":"t"}').decode(),
            scope="https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send",
            **limited,
        )


def _refused(error: str, number: int) -> Answer:
    return 400, {
        "error": error,
        "error_codes": [number],
        "error_description": f"AADSTS{number}: kalle@example.se token-secret",
    }


class AuthorityServer:
    """Serves one authority; ``url`` by HTTPS, ``introspection`` by HTTP, both on this machine alone."""

    def __init__(self, authority: Authority, context: ssl.SSLContext) -> None:
        self.authority = authority
        self._https = _listen(self._answer, context)
        self._http = _listen(self._answer, None)
        self.url = f"https://{HOST}:{self._https.server_address[1]}"
        self.introspection = f"http://{HOST}:{self._http.server_address[1]}/introspect"

    def __enter__(self) -> Self:
        for server in (self._https, self._http):
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for server in (self._https, self._http):
            server.shutdown()
            server.server_close()

    def _answer(self, path: str, form: dict[str, str]) -> Answer:
        base = f"{self.url}/{TENANT}"
        match path:
            case "/introspect":
                user = self.authority.good.get(form["token"])
                self.authority.opened.append(form["token"])
                return 200, {"active": user is not None, "username": user or ""}
            case _ if path == f"/{TENANT}/v2.0/.well-known/openid-configuration":
                if self.authority.failing is not None and self.authority.failing[0] >= 429:
                    return self.authority.failing
                return 200, {
                    "issuer": f"{base}/v2.0",
                    "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                    "token_endpoint": f"{base}/oauth2/v2.0/token",
                    "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
                }
            case _ if path == f"/{TENANT}/oauth2/v2.0/devicecode":
                return 200, {
                    "user_code": "ABCD1234",
                    "device_code": "d",
                    "verification_uri": "https://microsoft.example.com/devicelogin",
                    "expires_in": 900,
                    "interval": 0,
                }
            case _ if path in {f"/{TENANT}/oauth2/v2.0/token", "/token"}:
                return self.authority.grant(form)
        return 400, {"error": "invalid_request"}


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Say nothing of clients that hang up: what they think of the server is for the test to judge."""


def _listen(answer: Callable[[str, dict[str, str]], Answer], context: ssl.SSLContext | None) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        timeout = 5

        def do_GET(self) -> None:
            self._reply(dict(self._pairs(urlsplit(self.path).query)))

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            self._reply(dict(self._pairs(self.rfile.read(length).decode())))

        def _pairs(self, text: str) -> list[tuple[str, str]]:
            return [(name, values[0]) for name, values in parse_qs(text).items()]

        def _reply(self, form: dict[str, str]) -> None:
            status, content = answer(urlsplit(self.path).path, form)
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = _Server((HOST, 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    return server
