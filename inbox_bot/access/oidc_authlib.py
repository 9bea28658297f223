"""OpenID Connect with Authlib and joserfc: discovery, authorization code with PKCE, and an ID token checked whole.

Documents and keys are fetched when they are needed and kept for a while. A key that is not known is asked for again, at most once
a minute: providers change keys whenever they like, and a stranger's made-up key id must not make us ask at every try.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwk, jws, jwt
from joserfc.errors import JoseError

from inbox_bot.access.account import Company, account
from inbox_bot.access.https import Https, plain_code, trouble
from inbox_bot.clock import Clock
from inbox_bot.errors import SignInError

SCOPE = "openid email profile"
ALGORITHMS = ("RS256", "ES256")
"""Signatures that are believed: never ``none``, and never one made with a secret that is shared."""

KEPT = timedelta(hours=12)
ASK_AGAIN = timedelta(minutes=1)
LEEWAY_SECONDS = 60
OK = 200
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


@dataclass(frozen=True, kw_only=True)
class Registration:
    """Our application as it is registered with the provider."""

    issuer: str
    client: str
    secret: str = field(repr=False)
    company: Company
    timeout: float
    ca_file: str = ""


class OidcProvider:
    """One provider; safe to share between threads."""

    def __init__(self, registration: Registration, clock: Clock) -> None:
        self._mine = registration
        self._clock = clock
        self._lock = threading.Lock()
        self._document: tuple[datetime, Mapping[str, Any]] | None = None
        self._keys: tuple[datetime, Mapping[str, jwk.Key]] | None = None

    @property
    def name(self) -> str:
        return self._mine.company.provider

    @property
    def issuer(self) -> str:
        return self._mine.issuer

    def address(self, *, redirect: str, state: str, nonce: str, verifier: str) -> str:
        """Return where the browser is sent. Raises SignInError, temporary if the provider does not answer."""
        more = {"hd": self._mine.company.domain} if self._mine.company.domain else {}
        with self._session(redirect) as session:
            url, _ = session.create_authorization_url(
                self._endpoint("authorization_endpoint"), state=state, code_verifier=verifier, nonce=nonce, **more
            )
        return str(url)

    def redeem(self, *, code: str, redirect: str, nonce: str, verifier: str) -> str:
        """Trade the code for an ID token and return whose it is. Raises SignInError for anything that is not as it must be."""
        endpoint = self._endpoint("token_endpoint")
        try:
            with self._session(redirect) as session:
                given = session.fetch_token(
                    endpoint,
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=verifier,
                    allow_redirects=False,
                    # Given with each request: a session's own yields to REQUESTS_CA_BUNDLE.
                    verify=self._mine.ca_file or True,
                )
        except AuthlibBaseError as error:
            # A provider's description may name the person; its error code names none.
            raise SignInError(
                f"The provider refused the code ({plain_code(error.error) or 'no reason given'})."
            ) from error
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise _away("token endpoint", error) from error
        token = given.get("id_token")
        if not isinstance(token, str):
            raise SignInError("The provider gave no ID token.")
        return account(self._claims(token, nonce), self._mine.company)

    def report(self) -> str:
        """Fetch the provider's document and keys and say how they are. Raises SignInError."""
        document = self._discover()
        offered = document.get("id_token_signing_alg_values_supported", [])
        if not set(offered) & set(ALGORITHMS):
            raise SignInError(f"{self._mine.issuer} signs with none of {', '.join(ALGORITHMS)}.")
        return f"{self._mine.issuer} answers, {len(self._fetch_keys())} key(s)"

    def _claims(self, token: str, nonce: str) -> dict[str, Any]:
        """Return what a token says, its signature and every claim checked (OpenID Connect Core 1.0, section 3.1.3.7)."""
        mine = self._mine
        try:
            header = jws.extract_compact(token.encode()).headers()
            if header.get("alg") not in ALGORITHMS:
                raise SignInError("The ID token is not signed as it must be.")
            claims = jwt.decode(token, self._key(str(header.get("kid", ""))), algorithms=list(ALGORITHMS)).claims
            jwt.JWTClaimsRegistry(
                now=int(self._clock.now().timestamp()),
                leeway=LEEWAY_SECONDS,
                iss={"essential": True, "value": mine.issuer},
                aud={"essential": True, "value": mine.client},
                nonce={"essential": True, "value": nonce},
                sub={"essential": True},
                exp={"essential": True},
                iat={"essential": True},
            ).validate(claims)
        except (JoseError, ValueError) as error:
            raise SignInError(f"The ID token does not hold ({type(error).__name__}).") from error
        # Section 3.1.3.7, 3 to 5: a token for several is for us only if it was made for us.
        if claims.get("azp", mine.client) != mine.client or (
            isinstance(claims["aud"], list) and claims["aud"] != [mine.client] and "azp" not in claims
        ):
            raise SignInError("The ID token was made for another application.")
        return claims

    def _key(self, key_id: str) -> jwk.Key:
        with self._lock:
            now, kept = self._clock.now(), self._keys
        if kept is None or (now - kept[0] >= KEPT) or (key_id not in kept[1] and now - kept[0] >= ASK_AGAIN):
            keys = self._fetch_keys()
        else:
            keys = kept[1]
        if key_id not in keys:
            raise SignInError("The ID token is signed with a key that the provider does not publish.")
        return keys[key_id]

    def _fetch_keys(self) -> Mapping[str, jwk.Key]:
        found = self._get(self._endpoint("jwks_uri"), "keys")
        keys: dict[str, jwk.Key] = {}
        for one in found.get("keys", []):
            # What cannot be read (a kind of key made since) is no reason to refuse those that can.
            try:
                if one.get("kty") in {"RSA", "EC"} and one.get("use", "sig") == "sig" and one.get("kid"):
                    keys[str(one["kid"])] = jwk.import_key(one)
            except (JoseError, ValueError, TypeError, AttributeError):
                continue
        if not keys:
            raise SignInError(f"{self._mine.issuer} publishes no key that can be used.")
        with self._lock:
            self._keys = (self._clock.now(), keys)
        return keys

    def _discover(self) -> Mapping[str, Any]:
        with self._lock:
            kept = self._document
        if kept is not None and self._clock.now() - kept[0] < KEPT:
            return kept[1]
        found = self._get(f"{self._mine.issuer.rstrip('/')}/.well-known/openid-configuration", "discovery document")
        if found.get("issuer") != self._mine.issuer:
            raise SignInError(
                f"The discovery document of {self._mine.issuer} names another issuer.",
                hint="Check tenant, or issuer, under [login.oidc].",
            )
        mine = urlsplit(self._mine.issuer)
        for name in _ENDPOINTS:
            parts = urlsplit(str(found.get(name, "")))
            if parts.scheme != "https" and (parts.scheme, parts.hostname) != (mine.scheme, mine.hostname):
                raise SignInError(f"The discovery document of {self._mine.issuer} gives no safe {name}.")
        with self._lock:
            self._document = (self._clock.now(), found)
        return found

    def _endpoint(self, name: str) -> str:
        return str(self._discover()[name])

    def _get(self, url: str, what: str) -> Mapping[str, Any]:
        try:
            with Https(self._mine.ca_file) as https:
                answer = https.get(url, timeout=self._mine.timeout, allow_redirects=False)
                answer.raise_for_status()
                found = answer.json() if answer.status_code == OK else None
        except (OSError, ValueError) as error:
            raise _away(what, error) from error
        if not isinstance(found, Mapping):
            raise SignInError(f"The provider's {what} is not what it must be.", temporary=True)
        return found

    def _session(self, redirect: str) -> OAuth2Session:
        return OAuth2Session(
            client_id=self._mine.client,
            client_secret=self._mine.secret,
            token_endpoint_auth_method="client_secret_post",  # noqa: S106  # the name of a way, no secret
            scope=SCOPE,
            redirect_uri=redirect,
            code_challenge_method="S256",
            default_timeout=self._mine.timeout,
        )


def _away(what: str, error: Exception) -> SignInError:
    return SignInError(
        f"The provider of the company's accounts does not answer as it should ({what}: {trouble(error)}).",
        hint="Log in with a code by mail meanwhile.",
        temporary=True,
    )
