"""Which account a checked ID token stands for, and whether it is one of the company's (OpenID Connect Core 1.0, section 2).

What each provider vouches for differs. Google says itself that an address is verified and which organisation it belongs to. At
Microsoft the address of a token is only as good as the tenant it comes from, so the tenant must be the company's and the account
its own, no guest's: a guest's address is what the guest's own tenant says.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from inbox_bot.errors import SignInError


@dataclass(frozen=True, kw_only=True)
class Company:
    """Whose accounts are let in. ``tenant``: Microsoft's id of the company; ``domain``: the company's domain at Google."""

    provider: str
    tenant: str = ""
    domain: str = ""


def account(claims: Mapping[str, Any], company: Company) -> str:
    """Return the account in small letters. Raises SignInError for one of another company, a guest's, or an unverified address."""
    match company.provider:
        case "microsoft":
            if str(claims.get("tid", "")).lower() != company.tenant.lower():
                raise SignInError("The account is of another company.")
            if claims.get("acct") == 1 or claims.get("idp", claims.get("iss")) != claims.get("iss"):
                raise SignInError("The account is a guest's.")
            return _address(claims, "preferred_username")
        case "google":
            if str(claims.get("hd", "")).lower() != company.domain.lower():
                raise SignInError("The account is of another company.")
            return _verified(claims)
        case _:
            return _verified(claims)


def _verified(claims: Mapping[str, Any]) -> str:
    if claims.get("email_verified") is not True:
        raise SignInError("The provider does not vouch for the account's address.")
    return _address(claims, "email")


def _address(claims: Mapping[str, Any], name: str) -> str:
    found = claims.get(name)
    if not isinstance(found, str) or "@" not in found or not found.isascii():
        raise SignInError(f"The provider does not say the account's address ({name}).")
    return found.strip().lower()
