"""What a mail is recognised by after a move or a new UIDVALIDITY: the hash of its bytes, or of its header where that is all there is."""

import hashlib
from dataclasses import dataclass

from inbox_bot.domain.mail import Extent, RawMail
from inbox_bot.mailbox.outline import MOST_HEADER


@dataclass(frozen=True, kw_only=True)
class Identity:
    """``fingerprint``: SHA-256 of the bytes, for one that was not fetched whole its ``head``.

    ``head``: SHA-256 of the header, whichever way the mail came, so that one fetched whole yesterday is known when it comes
    abridged today (the limit was changed, or the server gave only a part).
    """

    fingerprint: str
    head: str


def identity(mail: RawMail) -> Identity:
    """Return by what a mail is known."""
    if mail.abridged is None:
        return identity_of(mail.content)
    if mail.abridged.extent is Extent.NOTHING:
        place = (mail.folder, mail.uidvalidity, mail.uid)
        told = (mail.abridged.size, mail.received_at) if mail.abridged.size else place
        head = hashlib.sha256(f"nothing of {told}".encode()).hexdigest()
    else:
        head = _of_header(mail.header, mail.abridged.size)
    return Identity(fingerprint=head, head=head)


def identity_of(content: bytes) -> Identity:
    """Return by what a mail is known of which there are all bytes."""
    header = content[:MOST_HEADER].partition(b"\r\n\r\n")[0] if b"\r\n\r\n" in content[:MOST_HEADER] else content
    return Identity(fingerprint=hashlib.sha256(content).hexdigest(), head=_of_header(header, len(content)))


def _of_header(header: bytes, size: int) -> str:
    """Hash a header. Servers write a number of their own into it (Received) and senders theirs (Message-ID): it names one mail.

    One without either is told from others like it by its size.
    """
    kept = header[:MOST_HEADER].partition(b"\r\n\r\n")[0].rstrip(b"\r\n")
    named = b"message-id:" in kept.lower() or b"received:" in kept.lower()
    return hashlib.sha256(b"header\0" + kept + (b"" if named else f"\0{size}".encode())).hexdigest()
