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
    """What is known of an attachment without opening it. ``size`` in bytes, after transfer decoding."""

    filename: str
    content_type: str
    size: int


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
class AboutLetter:
    """By what a report may be tied to the letter of ours it speaks of.

    ``original_message_id`` is that letter's Message-ID, with angle brackets, or ``None``; ``envelope_id`` what we called the
    letter in SMTP (RFC 3461 ENVID); ``tag`` that of our address the report was sent to (domain.return_path).
    """

    recipients: tuple[str, ...]
    original_message_id: str | None = None
    envelope_id: str = ""
    tag: str = ""


@dataclass(frozen=True, kw_only=True)
class Bounce(AboutLetter):
    """A delivery report (RFC 3464). ``permanent`` False: delayed, the server still tries. ``status``: RFC 3463, or ``""``."""

    permanent: bool
    status: str = ""


class ReportKind(StrEnum):
    """What a report that tells of no failure says: a letter arrived, was displayed, or was complained of as abuse."""

    DELIVERED = "delivered"
    DISPLAYED = "displayed"
    COMPLAINT = "complaint"


@dataclass(frozen=True, kw_only=True)
class Report(AboutLetter):
    """A notice of success (RFC 3464), a receipt (RFC 8098) or a complaint (RFC 5965)."""

    kind: ReportKind


@dataclass(frozen=True, kw_only=True)
class Message:
    r"""What one mail says. Texts are NFC, with ``\n`` line ends, without NUL or lone surrogates.

    ``reply_text`` is what the sender newly wrote; ``quoted_text`` older mail and forwarded text; ``signature`` what
    stands below a signature mark. Message-IDs keep their angle brackets. ``looping``: it has passed more servers than any
    ordinary mail (rules/automatic.toml), so that no letter may answer it unseen.
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
    report: Report | None = None
    looping: bool = False
