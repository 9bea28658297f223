"""Tokens for Exchange Online by msal: an application's own access, or a person's by device code (RFC 8628)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msal  # type: ignore[import-untyped]  # ships no types
import requests
from cryptography import x509
from msal.exceptions import MsalError  # type: ignore[import-untyped]

from inbox_bot.access.grant import Ending, Renewed
from inbox_bot.access.https import Https, plain_code, trouble
from inbox_bot.clock import stockholm_day
from inbox_bot.errors import AccessError

# Refresh tokens live 90 days, and each use gives a new one (Microsoft identity platform, refresh tokens).
_UNUSED = timedelta(days=90)
_PERSONAL_SCOPES = ("IMAP.AccessAsUser.All", "SMTP.Send")
_PASSING = frozenset({"temporarily_unavailable", "server_error", "timeout"})
_AGAIN = "Log in again: inbox-bot login {name}"
_SETUP = "See 'Microsoft 365' in docs/operation.md."
# What Microsoft's own number says (Microsoft Entra authentication and authorization error codes), and what helps.
_HINTS: Mapping[int, str] = {
    7000215: "client_secret is not right: it must be the secret's Value, not its Secret ID.",
    7000222: "The client secret has ended: make a new one in Entra (Certificates & secrets), write it in client_secret and its end in client_secret_expires.",
    700027: "The certificate is not the one that Entra knows: upload it under Certificates & secrets.",
    700016: "Entra knows no such application in this tenant: check client and tenant under [microsoft].",
    90002: "There is no such tenant: check tenant under [microsoft].",
    7000218: 'Allow public client flows in Entra (Authentication), or use flow = "client_credentials".',
    65001: "An administrator must consent to the permissions in Entra (API permissions).",
    700082: "Nobody has used the login for 90 days. " + _AGAIN,
    50173: "The login was revoked, by a new password for example. " + _AGAIN,
    50076: "Microsoft wants a second factor now. " + _AGAIN,
    50079: "Microsoft wants a second factor now. " + _AGAIN,
    70043: "A sign-in frequency policy (Conditional Access) ended the login. " + _AGAIN,
    50057: "The account that logged in is switched off. Switch it on, or log in with another: inbox-bot login {name}",
    53003: "Conditional Access forbids it: let an administrator make an exception for this application.",
}


@dataclass(frozen=True, kw_only=True)
class Tenant:
    """Which application of which tenant asks. ``resource``: the Exchange Online of the cloud, as a URL."""

    name: str
    tenant: str
    client: str
    authority: str
    resource: str
    ca_file: str = ""

    @property
    def address(self) -> str:
        return f"{self.authority.rstrip('/')}/{self.tenant}"

    def ask(self, question: Callable[[Https], Any]) -> dict[str, Any]:
        """Return what Microsoft answered. Raises AccessError for a refusal, or where there was no answer."""
        with Https(self.ca_file) as https:
            try:
                answer = question(https)
            except (requests.RequestException, MsalError, RuntimeError) as error:
                # msal has errors of its own for an answer above 499.
                raise self._away(f"it answered {https.status}" if https.status else trouble(error)) from None
            except (ValueError, KeyError):
                # msal raises ValueError for a tenant that is not there, and for an answer that is no JSON.
                if 400 <= https.status < 500 and https.status != requests.codes.too_many_requests:
                    raise AccessError(
                        f"Login {self.name}: Microsoft knows no such tenant.", hint=_HINTS[90002]
                    ) from None
                raise self._away("its answer could not be understood") from None
            status = https.status
        found: dict[str, Any] = answer or {}
        if "error" in found or not found:
            raise self._refused(found, status)
        return found

    def _away(self, why: str) -> AccessError:
        return AccessError(
            f"Login {self.name}: Microsoft gave no token: {why}.",
            hint="The program tries again by itself. If it lasts, check the network and authority under [microsoft].",
            temporary=True,
        )

    def _refused(self, answer: Mapping[str, Any], status: int) -> AccessError:
        error = plain_code(answer.get("error", ""))
        if error in _PASSING or status == requests.codes.too_many_requests:
            return self._away(error or "too many questions")
        numbers = [number for number in answer.get("error_codes", ()) if isinstance(number, int)]
        number = next((one for one in numbers if one in _HINTS), numbers[0] if numbers else 0)
        code = " ".join(part for part in (error, f"AADSTS{number}" if number else "") if part)
        personal = error in {"invalid_grant", "interaction_required", "login_required", "consent_required"}
        hint = _HINTS.get(number, _AGAIN if personal else _SETUP)
        return AccessError(
            f"Login {self.name}: Microsoft refused{f' ({code})' if code else ''}.", hint=hint.format(name=self.name)
        )

    def renewed(self, answer: Mapping[str, Any], kept: bytes = b"") -> Renewed:
        return Renewed(
            value=str(answer["access_token"]),
            lasts=timedelta(seconds=int(answer["expires_in"])),
            kept=kept,
            kept_for=_UNUSED if kept else None,
        )


@dataclass(frozen=True, kw_only=True)
class ClientCredentials:
    """The application's own access (RFC 6749 4.4), by a secret or a certificate (a PEM file with key and certificate)."""

    tenant: Tenant
    secret: str = field(default="", repr=False)
    secret_expires: date | None = None
    certificate_file: str = ""
    provider: str = "Microsoft 365, client_credentials"
    keeps: bool = False

    def ending(self) -> Ending | None:
        if self.certificate_file:
            try:
                certificate = x509.load_pem_x509_certificate(self._pem().encode())
            except ValueError as error:
                raise self._no_certificate("holds no certificate") from error
            on = stockholm_day(certificate.not_valid_after_utc)
            return Ending(what="the certificate", what_sv="certifikatet", on=on)
        if self.secret_expires is None:
            return None
        return Ending(what="the client secret", what_sv="klienthemligheten", on=self.secret_expires)

    def renew(self, kept: bytes) -> Renewed:  # noqa: ARG002  # the port's signature
        credential: Any = self.secret
        if self.certificate_file:
            pem = self._pem()
            credential = {"private_key": pem, "public_certificate": pem}

        def question(https: Https) -> Any:
            app = msal.ConfidentialClientApplication(
                self.tenant.client,
                client_credential=credential,
                authority=self.tenant.address,
                # The host is what the settings say; msal would ask the public cloud whether it is one.
                instance_discovery=False,
                http_client=https,
            )
            return app.acquire_token_for_client([f"{self.tenant.resource}/.default"])

        return self.tenant.renewed(self.tenant.ask(question))

    def _pem(self) -> str:
        try:
            pem = Path(self.certificate_file).read_text("ascii")
        except (OSError, UnicodeDecodeError) as error:
            raise self._no_certificate(f"cannot be read ({type(error).__name__})") from error
        if "PRIVATE KEY-----" not in pem or "BEGIN CERTIFICATE-----" not in pem:
            raise self._no_certificate("lacks a private key or a certificate")
        return pem

    def _no_certificate(self, why: str) -> AccessError:
        return AccessError(
            f"Login {self.tenant.name}: {self.certificate_file} {why}.",
            hint="certificate_file must be a PEM file with the private key (without a passphrase) and the certificate.",
        )


@dataclass(kw_only=True)
class DeviceCode:
    """A person's access, begun once with a code on a page of Microsoft's. What is kept is msal's token cache."""

    tenant: Tenant
    provider: str = "Microsoft 365, device_code"
    keeps: bool = True
    _begun: dict[str, Any] = field(default_factory=dict, repr=False)

    def ending(self) -> Ending | None:
        return None

    def renew(self, kept: bytes) -> Renewed:
        cache = msal.SerializableTokenCache()
        cache.deserialize(kept.decode())

        def question(https: Https) -> Any:
            app = self._app(https, cache)
            accounts = app.get_accounts()
            if not accounts:
                return {"error": "login_required"}
            return app.acquire_token_silent_with_error(self._scopes, accounts[0], force_refresh=True)

        return self.tenant.renewed(self.tenant.ask(question), cache.serialize().encode())

    def begin(self, port: int) -> str:  # noqa: ARG002  # the port's signature
        self._begun = self.tenant.ask(lambda https: self._app(https).initiate_device_flow(self._scopes))
        minutes = int(self._begun["expires_in"]) // 60
        return (
            f"Open {self._begun['verification_uri']} in any browser, on any machine, within {minutes} minutes,\n"
            f"type the code {self._begun['user_code']} and log in with the account that may read and send."
        )

    def finish(self) -> Renewed:
        cache = msal.SerializableTokenCache()
        try:
            answer = self.tenant.ask(lambda https: self._app(https, cache).acquire_token_by_device_flow(self._begun))
        except AccessError as error:
            if "authorization_pending" in error.message or "expired_token" in error.message:
                raise AccessError(
                    f"Login {self.tenant.name}: nobody typed the code in time.", hint="Run the command again."
                ) from error
            raise
        if not list(cache.search(cache.CredentialType.REFRESH_TOKEN)):
            raise AccessError(
                f"Login {self.tenant.name}: Microsoft gave nothing to renew the login with.",
                hint="Give the application the delegated permission offline_access, then log in again.",
            )
        return self.tenant.renewed(answer, cache.serialize().encode())

    def _app(self, https: Https, cache: Any = None) -> Any:
        return msal.PublicClientApplication(
            self.tenant.client,
            authority=self.tenant.address,
            instance_discovery=False,
            http_client=https,
            token_cache=cache,
        )

    @property
    def _scopes(self) -> list[str]:
        return [f"{self.tenant.resource}/{scope}" for scope in _PERSONAL_SCOPES]
