"""Mails written for these tests: a builder of raw bytes, and the room's own reading of them."""

from collections.abc import Callable

import pytest

from inbox_bot.domain.mail import Message
from inbox_bot.message.parse import read

OWN = frozenset({"info@example.se"})

Raw = Callable[..., bytes]
Read = Callable[..., Message]


def _raw(body: str | bytes = "", *, charset: str = "utf-8", **headers: str | None) -> bytes:
    """Return a mail; a header's underscores stand for hyphens, None leaves a default header out."""
    values: dict[str, str | None] = {
        "From": "Anna Andersson <anna@example.com>",
        "To": "info@example.se",
        "Subject": "En fråga",
        "Date": "Tue, 3 Mar 2026 10:15:00 +0100",
        "Message-ID": "<one@example.com>",
        "MIME-Version": "1.0",
        "Content-Type": f"text/plain; charset={charset}",
    }
    given = {name.replace("_", "-").lower(): value for name, value in headers.items()}
    merged = {name: given.pop(name.lower(), value) for name, value in values.items()} | given
    head = "".join(f"{name}: {value}\r\n" for name, value in merged.items() if value is not None)
    content = body if isinstance(body, bytes) else body.replace("\n", "\r\n").encode(charset)
    return head.encode() + b"\r\n" + content


@pytest.fixture
def raw() -> Raw:
    return _raw


@pytest.fixture
def read_mail() -> Read:
    """Build a mail and read it."""

    def build(body: str | bytes = "", **headers: str | None) -> Message:
        return read(_raw(body, **headers), OWN)

    return build


@pytest.fixture
def read_bytes() -> Callable[[bytes], Message]:
    return lambda content: read(content, OWN)


@pytest.fixture
def multipart() -> Callable[..., str]:
    """Return the body of a multipart with the boundary ``gräns`` in ASCII: ``grans``. A part is its headers and text."""

    def build(*parts: str, boundary: str = "grans") -> str:
        return "".join(f"--{boundary}\n{part}\n" for part in parts) + f"--{boundary}--\n"

    return build
