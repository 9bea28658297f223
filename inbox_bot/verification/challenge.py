"""Links and codes: made at random, kept as keyed hashes, compared in constant time."""

import hmac
import re
import secrets
from dataclasses import dataclass

from inbox_bot.domain.keyed_hash import keyed_hash

__all__ = ["codes_in", "keyed_hash", "make_secrets", "matches", "normal_code"]

ALPHABET = "BCDFGHJKLMNPQRSTVWXZ2345679"
"""Letters and digits that are not mistaken for each other and spell no words."""

CODE_LENGTH = 8
_CODE = re.compile(
    rf"(?<![A-Z0-9])([{ALPHABET}]{{4}})[\s\u00a0]?[-\u2010-\u2015 ]?[\s\u00a0]?([{ALPHABET}]{{4}})(?![A-Z0-9])"
)
_AS_TYPED = re.compile(_CODE.pattern, re.IGNORECASE)
_NO_MORE_CODES = 10


@dataclass(frozen=True, kw_only=True)
class Secrets:
    """A fresh link token and code, in the clear: they go into one letter and are then forgotten."""

    token: str
    code: str


def make_secrets() -> Secrets:
    """Return a new token (256 bits) and code (38 bits, guarded by the limit on tries)."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    return Secrets(token=secrets.token_urlsafe(32), code=f"{letters[:4]}-{letters[4:]}")


def normal_code(typed: str) -> str:
    """Return a code as it was made, however it was typed: case, spaces and dashes do not count."""
    letters = "".join(character for character in typed.upper() if character.isalnum())
    return f"{letters[:4]}-{letters[4:]}"


def codes_in(text: str) -> tuple[str, ...]:
    """Return everything in a text that looks like a code, in normal form, the first few at most."""
    found = dict.fromkeys(f"{first}-{second}" for first, second in _CODE.findall(text.upper()))
    return tuple(found)[:_NO_MORE_CODES]


def without_code(key: bytes, text: str, code_hash: str) -> str:
    """Return a text, on one line, without the code that a hash was made of; what only looks like one stays."""
    rest = _AS_TYPED.sub(lambda found: " " if matches(key, found[0], code_hash) else found[0], text)
    return " ".join(rest.split())


def matches(key: bytes, code: str, code_hash: str) -> bool:
    """Compare a typed code with a stored hash in constant time."""
    return hmac.compare_digest(keyed_hash(key, "code", normal_code(code)), code_hash)
