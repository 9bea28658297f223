"""An SMTP server's half of SASL XOAUTH2, as Microsoft and Google speak it (aiosmtpd)."""

import base64
import re
from dataclasses import dataclass

from aiosmtpd.smtp import SMTP, AuthResult


@dataclass(frozen=True, kw_only=True)
class Bearer:
    """What SASL XOAUTH2 says: whose account, and the token that opens it."""

    user: str
    token: str


class TakesTokens(SMTP):
    """An aiosmtpd server that hands a ``Bearer`` to its authenticator."""

    async def auth_XOAUTH2(self, _: SMTP, words: list[str]) -> AuthResult:  # noqa: N802  aiosmtpd's name
        r"""Take ``user=…\x01auth=Bearer …\x01\x01``; tell why not in a challenge, as Microsoft and Google do, before 535."""
        said = base64.b64decode(words[1]) if len(words) > 1 else await self.challenge_auth("")
        found = re.fullmatch(
            rb"user=([^\x01]*)\x01auth=Bearer ([^\x01]*)\x01\x01", said if isinstance(said, bytes) else b""
        )
        if found is not None:
            bearer = Bearer(user=found[1].decode(), token=found[2].decode())
            result = self._authenticate("XOAUTH2", bearer)
            if result.success:
                return result
        await self.challenge_auth('{"status":"401","schemes":"bearer"}', encode_to_b64=True)
        return AuthResult(success=False, handled=False)
