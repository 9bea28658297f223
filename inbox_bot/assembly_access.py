"""The part of assembly that builds logins at mail providers; what an installation has no use for is not imported."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from inbox_bot.access.account import Company
from inbox_bot.access.grant import Grant, PersonalGrant
from inbox_bot.access.keeper import TokenKeeper
from inbox_bot.access.keyring import Keyring
from inbox_bot.access.shelf import Box, Shelf
from inbox_bot.clock import Clock
from inbox_bot.domain.sign_in import SignInProvider
from inbox_bot.errors import AccessError
from inbox_bot.settings import AccessSettings, OidcSettings, Settings
from inbox_bot.store.unit import Desk

if TYPE_CHECKING:
    from inbox_bot.access.google_oauth import InstalledApp, ServiceAccount
    from inbox_bot.access.microsoft_msal import Tenant


def build_keyring(settings: Settings, desk: Desk, clock: Clock) -> Keyring:
    """Build every login the settings name, asking nobody: what is wrong with one shows when it is used."""
    uses = settings.logins
    shelf = Shelf(desk, lambda: _box(settings.access))
    users = {login: _user(settings, login) for login in dict.fromkeys(uses.values())}

    def grant_of(login: str) -> Callable[[], Grant]:
        return lambda: _grant(settings, login, *users[login])

    def personal(login: str) -> PersonalGrant | None:
        return _personal(settings, login, *users[login])

    return Keyring(
        keepers={login: TokenKeeper(name=login, grant=grant_of(login), shelf=shelf, clock=clock) for login in users},
        uses=uses,
        shelf=shelf,
        clock=clock,
        warn_days=settings.access.warn_days,
        personal=personal,
    )


def build_sign_in(oidc: OidcSettings, clock: Clock) -> SignInProvider | None:
    """Build the login with the company's accounts, asking nobody yet; None where the settings name no provider."""
    if not oidc.provider:
        return None
    try:
        from inbox_bot.access.oidc_authlib import (  # noqa: PLC0415  # authlib is an extra
            OidcProvider,
            Registration,
        )
    except ImportError as fault:
        raise _missing(fault, "oidc") from fault
    company = Company(provider=oidc.provider, tenant=oidc.tenant, domain=oidc.domain)
    registration = Registration(
        issuer=oidc.issued_by,
        client=oidc.client,
        secret=oidc.client_secret.get_secret_value(),
        company=company,
        timeout=oidc.timeout_seconds,
        ca_file=oidc.ca_file,
    )
    return OidcProvider(registration, clock)


def make_key(settings: AccessSettings) -> Path:
    """Write a new key file and return where it is. Raises AccessError."""
    try:
        from inbox_bot.access.fernet_box import make_key as write  # noqa: PLC0415  # cryptography is an extra
    except ImportError as fault:
        raise _missing(fault, "microsoft") from fault
    if settings.key.get_secret_value():
        raise AccessError(
            "[access] key (INBOX_BOT_ACCESS__KEY) is set already, so no file is needed.",
            hint="Take that setting away if you want a file.",
        )
    write(Path(settings.key_file))
    return Path(settings.key_file)


def _user(settings: Settings, login: str) -> tuple[str, str]:
    """Return how a login is done (``microsoft`` or ``google``), and as whom."""
    section = settings.smtp if login == "smtp" and settings.smtp.auth != "password" else settings.mailbox[login]
    return section.auth, section.username


def _grant(settings: Settings, login: str, auth: str, user: str) -> Grant:
    personal = _personal(settings, login, auth, user)
    if personal is not None:
        return personal
    if auth == "google":
        return _google(settings, login, user)
    from inbox_bot.access.microsoft_msal import ClientCredentials  # noqa: PLC0415  # _personal has imported it already

    mine = settings.microsoft
    return ClientCredentials(
        tenant=_tenant(settings, login),
        secret=mine.client_secret.get_secret_value(),
        secret_expires=mine.client_secret_expires,
        certificate_file=mine.certificate_file,
    )


def _personal(settings: Settings, login: str, auth: str, user: str) -> PersonalGrant | None:
    """Return the grant a person begins, None where the program's own access needs nobody."""
    if auth == "google":
        grant = _google(settings, login, user)
        return grant if grant.keeps else None  # type: ignore[return-value]  # what is kept, a person began
    try:
        from inbox_bot.access.microsoft_msal import DeviceCode  # noqa: PLC0415  # msal is an extra
    except ImportError as fault:
        raise _missing(fault, "microsoft") from fault
    if settings.microsoft.flow == "client_credentials":
        return None
    return DeviceCode(tenant=_tenant(settings, login))


def _google(settings: Settings, login: str, user: str) -> "ServiceAccount | InstalledApp":
    try:
        from inbox_bot.access.google_oauth import (  # noqa: PLC0415  # google-auth is an extra
            InstalledApp,
            KeyFile,
            ServiceAccount,
        )
    except ImportError as fault:
        raise _missing(fault, "google") from fault
    mine = settings.google
    key = KeyFile.read(mine.key_file)
    kind = ServiceAccount if key.kind == "service_account" else InstalledApp
    return kind(name=login, key=key, user=user, ca_file=mine.ca_file)


def _tenant(settings: Settings, login: str) -> "Tenant":
    from inbox_bot.access.microsoft_msal import Tenant  # noqa: PLC0415

    mine = settings.microsoft
    # Microsoft's own pages name one host for applications and another for people.
    usual = "https://outlook.office365.com" if mine.flow == "client_credentials" else "https://outlook.office.com"
    return Tenant(
        name=login,
        tenant=mine.tenant,
        client=mine.client,
        authority=mine.authority,
        resource=(mine.resource or usual).rstrip("/"),
        ca_file=mine.ca_file,
    )


def _box(settings: AccessSettings) -> Box:
    try:
        from inbox_bot.access.fernet_box import open_box  # noqa: PLC0415  # cryptography is an extra
    except ImportError as fault:
        raise _missing(fault, "microsoft") from fault
    return open_box(settings.key.get_secret_value(), Path(settings.key_file))


def _missing(fault: ImportError, extra: str) -> AccessError:
    return AccessError(
        f"A package is not here that this login needs: {fault.name}.", hint=f"pip install 'inbox-bot[{extra}]'"
    )
