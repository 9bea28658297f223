"""The token of the daily mail to ourselves: made where the letter is, recognised in whatever comes back."""

import hashlib
import re
import secrets
from collections.abc import Iterable

LETTER = "self_check"
"""The letter that carries the token."""

# Letters and digits only: nothing that a list, a forward or a link checker rewrites, and short enough for one line.
_TOKEN = re.compile(r"\bPROV-([0-9a-f]{40})\b", re.IGNORECASE)


def new_token() -> str:
    """Return a token nobody can guess (160 bits)."""
    return f"PROV-{secrets.token_hex(20)}"


def token_hash(token: str) -> str:
    """Return what the store knows a token by; capitals do not count."""
    return hashlib.sha256(token.lower().encode()).hexdigest()


def hashes_in(texts: Iterable[str]) -> frozenset[str]:
    """Return the hashes of all tokens in some texts."""
    return frozenset(token_hash(match[0]) for text in texts for match in _TOKEN.finditer(text))
