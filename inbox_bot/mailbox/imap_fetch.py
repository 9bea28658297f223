"""How mails come over an IMAP connection: whole, or of one that is too large its header and texts, or its start."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from imaplib import IMAP4
from typing import Any

from inbox_bot.domain.mail import Abridged, Extent
from inbox_bot.mailbox.outline import (
    MOST_HEADER,
    MOST_TEXT,
    UnclearOutlineError,
    assemble,
    attachments,
    is_cut,
    outline,
    pieces,
)

# Mails and bytes asked for in one go: fifty is near the fastest, and what is held in memory should stay small.
MAILS_AT_ONCE = 50
BYTES_AT_ONCE = 8 * 1024 * 1024
MOST_START = 512 * 1024
"""Bytes fetched of a mail whose parts the server cannot tell: its header and, as a rule, all of its first text."""

_MOST_MIME = 16 * 1024
_SIZE, _RECEIVED = b"RFC822.SIZE", b"INTERNALDATE"


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """A mail as it came. ``internaldate`` is what the server gave for it, of whatever kind."""

    internaldate: object
    content: bytes
    abridged: Abridged | None = None
    header: bytes = b""


def sizes(client: Any, uids: Sequence[int]) -> dict[int, int]:
    """Return how many bytes each mail has, as the server says; those it says nothing of are left out."""
    if not uids:
        return {}
    answers = client.fetch(uids, ["RFC822.SIZE"])
    said = {uid: answer.get(_SIZE) for uid, answer in answers.items()}
    return {uid: size for uid, size in said.items() if isinstance(size, int) and size >= 0}


def portions(uids: Sequence[int], known: Mapping[int, int], largest: int) -> Iterator[list[int]]:
    """Yield the UIDs in groups that may be held in memory together; a mail larger than the bound goes alone.

    ``largest``: a mail over it comes abridged, and takes no more room than a text.
    """
    batch: list[int] = []
    held = 0
    for uid in uids:
        size = known.get(uid, largest)
        room = size if size <= largest else MOST_START
        if batch and held + room > BYTES_AT_ONCE:
            yield batch
            batch, held = [], 0
        batch.append(uid)
        held += room
    if batch:
        yield batch


def whole(client: Any, uids: Sequence[int]) -> dict[int, Fetched]:
    """Return the mails that still exist. One that went away meanwhile is absent, or there without its text (RFC 2180 4.1)."""
    if not uids:
        return {}
    answers = client.fetch(uids, ["INTERNALDATE", "BODY.PEEK[]"])
    return {
        uid: Fetched(internaldate=answer.get(_RECEIVED), content=answer[b"BODY[]"])
        for uid, answer in answers.items()
        if isinstance(answer.get(b"BODY[]"), bytes)
    }


def in_parts(client: Any, uid: int, size: int) -> Fetched | None:
    """Return header and texts of a mail; None if it is gone. Raises UnclearOutlineError where its parts cannot be followed."""
    try:
        answer = client.fetch([uid], ["BODYSTRUCTURE"]).get(uid)
    except IMAP4.abort:
        raise
    except IMAP4.error as error:
        if "got more than" in str(
            error
        ):  # imaplib left the rest of an endless line unread: what follows would be taken for an answer
            raise IMAP4.abort("the answer is too long") from None
        raise UnclearOutlineError("refused") from None
    except (RecursionError, LookupError, TypeError, AttributeError, ValueError) as error:
        # The answer was read to its end and could not be understood: the line is as good as before.
        raise UnclearOutlineError(type(error).__name__) from None
    if answer is None:
        return None
    structure = answer.get(b"BODYSTRUCTURE")
    if structure is None:
        raise UnclearOutlineError("there is none")
    root, more = outline(structure)
    first = _partial(client, uid, {"HEADER": MOST_HEADER}, "INTERNALDATE")
    if first is None:
        return None
    header = _section(first, "HEADER")
    if header is None:
        raise UnclearOutlineError("there is no header")
    fetched = _pieces(client, uid, root)
    cut = more or len(header) >= MOST_HEADER or is_cut(root, fetched)
    return Fetched(
        internaldate=first.get(_RECEIVED),
        content=assemble(header, root, fetched),
        header=header,
        abridged=Abridged(extent=Extent.PARTS, size=size, cut=cut, attachments=attachments(root)),
    )


def start(client: Any, uid: int, size: int, most: int = MOST_START) -> Fetched | None:
    """Return the first bytes of a mail; None if it is gone. One that ends before that is whole."""
    answer = _partial(client, uid, {"": most}, "INTERNALDATE")
    content = None if answer is None else _section(answer, "")
    if answer is None or content is None:
        return None
    abridged = None
    if len(content) >= most or len(content) < size:
        abridged = Abridged(extent=Extent.START, size=max(size, len(content)), cut=True)
    return Fetched(
        internaldate=answer.get(_RECEIVED), content=content[:most], abridged=abridged, header=content[:MOST_HEADER]
    )


def nothing(client: Any, uid: int) -> Fetched | None:
    """Return what the server tells of a mail it does not give; None if it is gone."""
    answer = client.fetch([uid], ["INTERNALDATE", "RFC822.SIZE"]).get(uid)
    if answer is None:
        return None
    size = answer.get(_SIZE)
    abridged = Abridged(extent=Extent.NOTHING, size=size if isinstance(size, int) else 0, cut=True)
    return Fetched(internaldate=answer.get(_RECEIVED), content=b"", abridged=abridged)


def _pieces(client: Any, uid: int, root: Any) -> dict[str, bytes]:
    """Return the texts of a mail by section, each with the header of its part; one command for each, so that answers stay small."""
    found: dict[str, bytes] = {}
    for piece in pieces(root):
        wanted = {piece.section: MOST_TEXT} | ({piece.mime: _MOST_MIME} if piece.mime else {})
        answer = _partial(client, uid, wanted) or {}
        for section in wanted:
            content = _section(answer, section)
            if content is not None:
                found[section] = content[: wanted[section]]
    return found


def _partial(client: Any, uid: int, wanted: Mapping[str, int], *beside: str) -> Mapping[bytes, Any] | None:
    """Fetch the first bytes of some sections, so many and no more whatever the server says of their size (RFC 9051 6.4.5)."""
    asked = [*beside, *(f"BODY.PEEK[{section}]<0.{most}>" for section, most in wanted.items())]
    answer: Mapping[bytes, Any] | None = client.fetch([uid], asked).get(uid)
    return answer


def _section(answer: Mapping[bytes, Any], section: str) -> bytes | None:
    """Return a section from an answer, which may or may not repeat where it starts."""
    for name in (f"BODY[{section}]<0>", f"BODY[{section}]"):
        content = answer.get(name.encode())
        if isinstance(content, bytes):
            return content
    return None
