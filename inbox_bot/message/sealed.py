"""Mails that are signed or encrypted: S/MIME (RFC 8551, RFC 5652) and PGP (RFC 3156, RFC 9580). Nothing is verified here.

What is only signed is read as usual. What is encrypted cannot be, and a person is told.
"""

from collections.abc import Iterator
from enum import Enum, auto

TYPES = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
SIGNATURES = frozenset(
    {
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
        "application/pgp-signature",
        "application/pgp-keys",
    }
)
"""What comes with a signed mail and says nothing by itself."""

_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_SEQUENCE, _OBJECT_ID, _CONTEXT_0, _OCTETS, _OCTETS_IN_PIECES = 0x30, 0x06, 0xA0, 0x04, 0x24
_MOST_DEPTH = 12
_ARMOUR = "-----BEGIN PGP MESSAGE-----"
_CLEAR = "-----BEGIN PGP SIGNED MESSAGE-----"
_SIGNATURE = "-----BEGIN PGP SIGNATURE-----"
_SIGNATURE_END = "-----END PGP SIGNATURE-----"


class Seal(Enum):
    """What holds a mail closed."""

    SMIME = auto()
    PGP = auto()


def signed_content(data: bytes) -> bytes | None:
    """Return the mail inside an S/MIME part that is signed and no more (``smime-type=signed-data``), else None.

    Never raises, takes time linear in the length.
    """
    try:
        _, start, end, _ = _element(data, 0, len(data))
        name, content = _first(data, start, end, _OBJECT_ID), _first(data, start, end, _CONTEXT_0)
        if data[slice(*name)] != _SIGNED_DATA:
            return None
        inside = _first(data, *_first(data, *content, _SEQUENCE), _SEQUENCE)
        octets = _first(data, *inside, _CONTEXT_0)
        return b"".join(_pieces(data, *octets, _MOST_DEPTH))
    except (IndexError, ValueError):
        return None


def _first(data: bytes, start: int, end: int, tag: int) -> tuple[int, int]:
    """Return where the first element of a kind lies among those between two places. Raises ValueError where there is none."""
    while start < end:
        found, inner, stop, start = _element(data, start, end)
        if found == tag:
            return inner, stop
    raise ValueError


def _pieces(data: bytes, start: int, end: int, depth: int) -> Iterator[bytes]:
    while start < end:
        tag, inner, stop, start = _element(data, start, end)
        if tag == _OCTETS:
            yield data[inner:stop]
        elif tag == _OCTETS_IN_PIECES and depth:
            yield from _pieces(data, inner, stop, depth - 1)


def _element(data: bytes, at: int, limit: int, depth: int = _MOST_DEPTH) -> tuple[int, int, int, int]:
    """Return an element's tag, where its content begins and ends, and where the next begins (X.690, 8.1).

    Raises IndexError or ValueError for bytes that are none.
    """
    tag, length, start = data[at], data[at + 1], at + 2
    if length == 0x80:
        if not depth:
            raise ValueError
        stop = start
        while data[stop : stop + 2] != b"\0\0":
            stop = _element(data, stop, limit, depth - 1)[3]
        return tag, start, stop, stop + 2
    if length > 0x84:
        raise ValueError
    if length > 0x80:
        digits = length & 0x7F
        length, start = int.from_bytes(data[start : start + digits], "big"), start + digits
    if start > limit:  # Each element must end under where it began, or a walk along them would not end.
        raise ValueError
    stop = min(start + length, limit)
    return tag, start, stop, stop


def is_pgp(text: str) -> bool:
    """True for text that holds a PGP message."""
    return _ARMOUR in text


def unwrapped(text: str) -> str:
    """Return text without the wrapping of a PGP signature in the clear (RFC 9580, 7), the words kept."""
    if _CLEAR not in text:
        return text
    lines: list[str] = []
    state = "out"
    for line in text.split("\n"):
        mark = line.rstrip()
        if state == "out" and mark == _CLEAR:
            state = "head"
        elif state == "head":
            state = "head" if mark else "in"
        elif state == "in" and mark == _SIGNATURE:
            state = "signature"
        elif state == "signature":
            state = "out" if mark == _SIGNATURE_END else "signature"
        else:
            lines.append(line.removeprefix("- ") if state == "in" else line)
    return "\n".join(lines)
