"""An OpenID Connect provider on this machine: real HTTP, real keys, one-time codes, PKCE; and every way to be a bad one."""

import base64
import hashlib
import hmac
import json
import secrets
import threading
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwk, jwt

from inbox_bot.clock import Clock

TENANT = "11111111-2222-3333-4444-555555555555"
CLIENT = "66666666-7777-8888-9999-000000000000"
SECRET = "the application's secret"


@cache
def make_key(name: str) -> jwk.RSAKey:
    """Return the RSA key of a name; making one takes a tenth of a second."""
    return jwk.RSAKey.generate_key(2048, {"kid": name, "use": "sig"})


@dataclass
class Provider:
    """What the provider says and how it errs. ``account``: the claims of who logs in at it, whoever that is.

    ``more`` goes over what a token should say (None takes a claim away); ``signed_by`` is the key it is signed with, whatever is
    published; ``algorithm`` ``none`` signs nothing. ``failing``: the status every answer has, 0 for none.
    """

    clock: Clock
    account: dict[str, Any]
    more: dict[str, Any] = field(default_factory=dict)
    published: list[str] = field(default_factory=lambda: ["first"])
    signed_by: str = "first"
    key_id: str = ""
    algorithm: str = "RS256"
    failing: int = 0
    says_issuer: str = ""
    asked: list[str] = field(default_factory=list)
    url: str = ""

    def __post_init__(self) -> None:
        self._codes: dict[str, dict[str, str]] = {}

    @property
    def issuer(self) -> str:
        return f"{self.url}/{TENANT}/v2.0"

    def settings(self, provider: str = "microsoft", **more: Any) -> dict[str, Any]:
        """Return the section [login.oidc] of an installation that trusts this provider."""
        own = {"microsoft": {"tenant": TENANT}, "google": {"domain": "example.com"}, "other": {}}[provider]
        return {"provider": provider, "issuer": self.issuer, "client": CLIENT, "client_secret": SECRET} | own | more

    def authorize(self, asked: dict[str, str]) -> str:
        """Log the person in and return where the browser is sent."""
        assert (asked["client_id"], asked["response_type"], asked["code_challenge_method"]) == (CLIENT, "code", "S256")
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Trade a code for tokens, once, with the secret and the verifier that belong to it."""
        asked = self._codes.pop(form.get("code", ""), None)
        if form.get("client_secret") != SECRET:
            return 401, {"error": "invalid_client"}
        made = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=")
        if asked is None or made.decode() != asked["code_challenge"] or form["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant", "error_description": "anna@example.com may not"}
        return 200, {"access_token": "unused", "token_type": "Bearer", "id_token": self.id_token(asked["nonce"])}

    def id_token(self, nonce: str) -> str:
        now = int(self.clock.now().timestamp())
        said = {"iss": self.issuer, "aud": CLIENT, "sub": "subject", "iat": now, "exp": now + 3600, "nonce": nonce}
        claims = {name: value for name, value in (said | self.account | self.more).items() if value is not None}
        header = {"alg": self.algorithm, "kid": self.key_id or self.signed_by}
        if self.algorithm == "none":
            return ".".join([*(_part(json.dumps(one).encode()) for one in (header, claims)), ""])
        key = make_key(self.signed_by)
        if self.algorithm == "HS256":  # the public key taken for a shared secret
            signed = ".".join(_part(json.dumps(one).encode()) for one in (header, claims))
            shared = key.as_pem(private=False)
            return f"{signed}.{_part(hmac.new(shared, signed.encode(), hashlib.sha256).digest())}"
        return jwt.encode(header, claims, key, algorithms=[self.algorithm])

    def get(self, path: str) -> tuple[int, dict[str, Any]]:
        base = f"/{TENANT}/v2.0"
        if path == f"{base}/.well-known/openid-configuration":
            return 200, {
                "issuer": self.says_issuer or self.issuer,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys",
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        if path == "/keys":
            return 200, {"keys": [make_key(name).as_dict(private=False) for name in self.published]}
        return 404, {}


def _part(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


class ProviderServer:
    """Serves one provider on a free port of this machine."""

    def __init__(self, provider: Provider) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                if parts.path == "/authorize" and not provider.failing:
                    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
                    self.send_response(302)
                    self.send_header("Location", provider.authorize(asked))
                    self.end_headers()
                    return
                self._reply(parts.path, lambda: provider.get(parts.path))

            def do_POST(self) -> None:
                sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
                form = {name: values[0] for name, values in parse_qs(sent).items()}
                self._reply("/token", lambda: provider.token(form))

            def _reply(self, path: str, answer: Any) -> None:
                provider.asked.append(path.rpartition("/")[2])
                status, said = (provider.failing, {}) if provider.failing else answer()
                content = json.dumps(said).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        provider.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=lambda: self._server.serve_forever(0.01))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
