"""A mail address as the program keeps and compares it."""

import re
from email.utils import parseaddr

_ADDRESS = re.compile(r"[^@\s<>,;\"]{1,64}@[^@\s<>,;\"]+\.[^@\s<>,;\".]{2,}")


def normal_address(address: str) -> str:
    """Return an address as cases and lists keep it: lower case throughout (law.md 0.8: a capital letter must hide no one)."""
    return address.strip().lower()


def typed_address(text: str) -> str | None:
    """Return the address in what a person typed, ``Kim <kim@example.se>`` too, in its normal form; None if there is none."""
    bare = parseaddr(text.strip())[1] if "<" in text else text
    address = normal_address(bare)
    return address if _ADDRESS.fullmatch(address) else None
