"""The address our letters leave from, with a tag that names the letter, so that a report says which one came back (VERP).

The tag is ``b.<number>.<twelve hexadecimal digits>``: the letter's number, and the beginning of the SHA-256 of its
Message-ID, which nobody can guess who has not got the letter. It needs a server that delivers ``info+anything@`` to
``info@`` (RFC 5233), so it is used only where the settings say so. Local parts are at most 64 octets (RFC 5321, 4.5.3.1.1).
"""

import hashlib
import hmac
import re
from collections.abc import Collection

_TAG = re.compile(r"([^@]+)\+b\.([0-9a-z]{1,12})\.([0-9a-f]{12})@([^@]+)", re.IGNORECASE)
_LONGEST_LOCAL = 64
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def tagged(sender: str, letter_id: int, message_id: str) -> str:
    """Return the envelope sender of one letter; the plain sender if its local part has no room for a tag."""
    local, _, domain = sender.rpartition("@")
    with_tag = f"{local}+b.{_written(letter_id)}.{_check(message_id)}"
    return f"{with_tag}@{domain}" if len(with_tag) <= _LONGEST_LOCAL else sender


def tag_in(addresses: Collection[str], own: frozenset[str]) -> str:
    """Return the tag of the first of these addresses that is one of ours with a tag; ``""`` if none is."""
    for address in addresses:
        found = _TAG.fullmatch(address)
        if found and f"{found[1]}@{found[4]}".lower() in own:
            return f"{found[2]}.{found[3]}".lower()
    return ""


def letter_id_in(tag: str) -> int | None:
    """Return the number of the letter a tag names, None for what is no tag."""
    number, dot, _ = tag.partition(".")
    return int(number, 36) if dot and number else None


def is_of(tag: str, message_id: str) -> bool:
    """True if a tag was made for the letter with this Message-ID."""
    return hmac.compare_digest(tag.partition(".")[2], _check(message_id))


def without_detail(address: str) -> str:
    """Return an address, lower-cased, without what stands after a plus in its local part: ``info+x@`` ends at ``info@``."""
    local, _, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def _written(number: int) -> str:
    text = ""
    while number:
        number, digit = divmod(number, len(_DIGITS))
        text = _DIGITS[digit] + text
    return text or "0"


def _check(message_id: str) -> str:
    return hashlib.sha256(message_id.encode()).hexdigest()[:12]
