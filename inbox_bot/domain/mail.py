"""A mail as it was fetched, and a mail as it was read."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, kw_only=True)
class RawMail:
    """A mail as the IMAP server holds it. ``received_at`` is INTERNALDATE, aware: the moment the law's clock starts."""

    folder: str
    uidvalidity: int
    uid: int
    received_at: datetime
    content: bytes


@dataclass(frozen=True, kw_only=True)
class Address:
    """A mail address (``local@domain``, the domain lower-cased) with the name that stood beside it, or ``""``."""

    address: str
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """What is known of an attachment without opening it. ``size`` in bytes, after transfer decoding.

    ``sha256`` is of the same bytes, in hexadecimal: by it a file is known again. ``""`` for one read before it was noted.
    """

    filename: str
    content_type: str
    size: int
    sha256: str = ""


class Remark(StrEnum):
    """What staff should know of a mail beside its words.

    ``NOT_WHOLE``: some of it was too much to look into. ``LETTER_ATTACHED``: it says nothing, or no more than that something
    is attached, and something is.
    """

    SMIME = "encrypted_smime"
    PGP = "encrypted_pgp"
    TNEF = "unread_tnef"
    NOT_WHOLE = "not_whole"
    NAME_POSES = "name_is_address"
    LETTER_ATTACHED = "letter_attached"


class AutomaticKind(StrEnum):
    """Why a mail is taken to be written by no person, or not to be answered."""

    BOUNCE = "bounce"
    AUTO_REPLY = "auto_reply"
    LIST = "list"
    OWN = "own"
    LOOP = "loop"
    AUTO_GENERATED = "auto_generated"


@dataclass(frozen=True, kw_only=True)
class Automatic:
    """A mail that is set aside and never answered (RFC 3834), and the header or fact that says so."""

    kind: AutomaticKind
    reason: str


@dataclass(frozen=True, kw_only=True)
class Bounce:
    """A delivery report (RFC 3464). ``permanent`` False: delayed, the server still tries.

    ``original_message_id`` is the Message-ID of our mail it speaks of, with angle brackets, or ``None``.
    """

    recipients: tuple[str, ...]
    permanent: bool
    status: str = ""
    original_message_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Message:
    r"""What one mail says. Texts are NFC, with ``\n`` line ends, without NUL or lone surrogates.

    ``reply_text`` is what the sender newly wrote; ``quoted_text`` older mail and forwarded text; ``signature`` what
    stands below a signature mark. Message-IDs keep their angle brackets.
    """

    message_id: str | None
    sender: Address | None
    subject: str
    reply_text: str
    quoted_text: str = ""
    signature: str = ""
    reply_to: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    sent_at: datetime | None = None
    attachments: tuple[Attachment, ...] = field(default=())
    automatic: Automatic | None = None
    bounce: Bounce | None = None
    remarks: tuple[Remark, ...] = ()
