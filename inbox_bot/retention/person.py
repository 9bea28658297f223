"""One person, known by an address: in which spellings it may stand, and the keyed hash that outlives it."""

import unicodedata

from inbox_bot.domain.address import normal_address
from inbox_bot.domain.keyed_hash import keyed_hash
from inbox_bot.errors import NotAllowedError


def person_hash(key: bytes, address: str) -> str:
    """Return the hash by which an address is known once it is gone; the same for every spelling of it."""
    return keyed_hash(key, "requester", _canonical(address))


def spellings(address: str) -> frozenset[str]:
    """Return the forms in which an address may be stored: in lower case, its domain in letters or in ASCII (RFC 3492).

    Raises NotAllowedError for what is no address.
    """
    wanted = bare_address(address)
    local, _, domain = wanted.rpartition("@")
    forms = {wanted, _canonical(wanted), f"{local}@{_in_letters(domain)}"}
    return frozenset(forms | {unicodedata.normalize("NFD", form) for form in forms})


def bare_address(text: str) -> str:
    """Return the address in ``Kim <kim@example.se>`` or ``kim@example.se``, in lower case. Raises NotAllowedError if there is none."""
    inner = text.rpartition("<")[2].partition(">")[0] if "<" in text else text
    address = unicodedata.normalize("NFC", normal_address(inner)).rstrip(".")
    local, at, domain = address.rpartition("@")
    if not (local and at and domain) or any(character.isspace() for character in address):
        raise NotAllowedError("That is no mail address.", hint="Write it as kim@example.se.")
    return address


def _canonical(address: str) -> str:
    local, _, domain = unicodedata.normalize("NFC", normal_address(address)).rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        return f"{local}@{domain}"


def _in_letters(domain: str) -> str:
    try:
        return domain.encode("ascii").decode("idna")
    except UnicodeError:
        return domain
