"""Transfer encodings undone, as far as that goes: nothing here raises, whatever stands where letters should."""

import base64
import binascii
import re

_UU = frozenset({"x-uuencode", "uuencode", "uue", "x-uue"})
_NO_BASE64 = bytes(
    byte for byte in range(256) if not (chr(byte).isascii() and chr(byte).isalnum()) and byte not in b"+/"
)
_LINE = re.compile(rb"[^\r\n]+")


def undone(data: bytes, encoding: str) -> bytes:
    """Return the bytes behind a transfer encoding (lower-case); as they stand where it is unknown or none."""
    if encoding == "quoted-printable":
        return binascii.a2b_qp(data)
    if encoding == "base64":
        return _base64(data)
    if encoding in _UU:
        return _uuencoded(data)
    return data


def lenient_base64(data: bytes) -> bytes:
    """Return what base64 holds, whatever stands between its letters and however it ends."""
    letters = data.translate(None, _NO_BASE64)
    letters = letters[: len(letters) - 1] if len(letters) % 4 == 1 else letters
    return base64.b64decode(letters + b"=" * (-len(letters) % 4))


def _base64(data: bytes) -> bytes:
    """Return what base64 holds. A footer that a mailing list wrote under it in plain text ends it and is kept."""
    footer = re.search(rb"=[ \t]*\r?\n[^A-Za-z0-9+/\r\n]*[_-]{3}", data)
    if footer:
        return lenient_base64(data[: footer.start() + 1]) + b"\n" + data[footer.start() + 1 :]
    return lenient_base64(data)


def _uuencoded(data: bytes) -> bytes:
    decoded = bytearray()
    for match in _LINE.finditer(data):
        line = match[0]
        if line.startswith((b"begin ", b"end")):
            continue
        try:
            decoded += binascii.a2b_uu(line)
        except binascii.Error:
            continue
    return bytes(decoded)
