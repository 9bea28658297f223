"""Hashes keyed with the installation's secret: they tell that two values are the same to whoever has the key, and nothing else."""

import hashlib
import hmac


def keyed_hash(key: bytes, purpose: str, value: str) -> str:
    """Return HMAC-SHA256 of a value; the purpose keeps a hash made for one use from serving another."""
    return hmac.new(key, f"{purpose}\x00{value}".encode(), hashlib.sha256).hexdigest()
