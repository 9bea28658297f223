"""The port behind which the company's own accounts stand (OpenID Connect): who has proven to be whom."""

from typing import Protocol


class SignInProvider(Protocol):
    """A provider of logins. Raises SignInError, ``temporary`` where the provider does not answer."""

    @property
    def name(self) -> str:
        """What staff call it: ``microsoft``, ``google`` or ``other``."""
        ...

    @property
    def issuer(self) -> str:
        """The issuer its tokens name."""
        ...

    def address(self, *, redirect: str, state: str, nonce: str, verifier: str) -> str:
        """Return where a person's browser is sent to log in; ``verifier`` is PKCE's (RFC 7636)."""
        ...

    def redeem(self, *, code: str, redirect: str, nonce: str, verifier: str) -> str:
        """Return the account, in small letters, that a code the browser came back with stands for."""
        ...

    def report(self) -> str:
        """Try the provider's published documents and say how they are."""
        ...
