"""A mail as it was fetched, and a mail as it was read."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from inbox_bot.domain.authenticity import Authenticity, Standing


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
    LETTER_ATTACHED = "letter_attached"


class Extent(StrEnum):
    """How much there is of a mail that was not fetched whole.

    ``PARTS``: its header and texts, without the attachments. ``START``: as many bytes as are fetched of one whose parts the
    server does not tell. ``NOTHING``: the server tells of it and gives none of it.
    """

    PARTS = "parts"
    START = "start"
    NOTHING = "nothing"


@dataclass(frozen=True, kw_only=True)
class Abridged:
    """What is known of a mail that was not fetched whole: the original is in the mailbox.

    ``size`` in bytes, as the server says; 0 where it does not. ``cut``: its text may go on where ours ends.
    ``attachments`` are as the server describes them (BODYSTRUCTURE, RFC 9051 7.5.2), sizes after transfer decoding.
    """

    extent: Extent
    size: int
    cut: bool = False
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RawMail:
    """A mail as the IMAP server holds it. ``received_at`` is INTERNALDATE, aware: the moment the law's clock starts.

    ``content`` are all its bytes, unless it is ``abridged``: then a mail made of what was fetched, ``b""`` where that is
    nothing, and ``header`` is its header as it came, the start of a very long one.
    """

    folder: str
    uidvalidity: int
    uid: int
    received_at: datetime
    content: bytes
    abridged: Abridged | None = None
    header: bytes = b""


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
    stands below a signature mark. Message-IDs keep their angle brackets. ``froms``: every address in From, where there are several.
    ``trace``: its topmost Received and Authentication-Results headers, until our own server's word is kept as ``authenticity``.
    ``looping``: it has passed more servers than any ordinary mail (rules/automatic.toml), so that no letter may answer it unseen.
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
    froms: tuple[str, ...] = ()
    trace: tuple[tuple[str, str], ...] = ()
    authenticity: Authenticity | None = None
    report: Report | None = None
    looping: bool = False
    remarks: tuple[Remark, ...] = ()

    @property
    def fails_check(self) -> bool:
        """True where our own mail server says that the mail does not come from where it says."""
        return self.authenticity is not None and self.authenticity.standing is Standing.FAILED
