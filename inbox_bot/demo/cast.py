"""Who writes to the company of the demo, in which order, and what should become of each mail when all have played."""

from dataclasses import dataclass
from enum import StrEnum

from inbox_bot.demo.ledger import Fate

FOUND_AFTER_DAYS = 12
"""How long the oldest mail has lain in the mailbox when the program sees it for the first time."""


class Answer(StrEnum):
    """How a person answers the question of identity."""

    ON_THE_PAGE = "on the page"
    BY_REPLY = "by reply"
    WRONG_CODE_FIRST = "on the page, with a wrong code first"
    NOT_ME = "it was not me"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Part:
    """One mail (``mails/<name>.eml``), what it is, how its writer goes on, and what should come of it.

    ``about``: the part whose receipt this mail speaks of; it comes after that receipt. ``is_old``: it lay in the mailbox
    before the program did. ``is_broken``: it has no bytes that could be read, and no file.
    """

    name: str
    what: str
    expected: Fate
    answer: Answer = Answer.NONE
    folder: str = "INBOX"
    about: str = ""
    is_old: bool = False
    is_broken: bool = False


def _answered(understood: str, *letters: str) -> Fate:
    return Fate(understood=understood, ended="answered, closed", letters=letters)


def _aside(understood: str) -> Fate:
    return Fate(understood=understood, ended="nothing kept")


CAST = (
    Part(
        name="old_request",
        what="a request older than the program",
        answer=Answer.ON_THE_PAGE,
        is_old=True,
        expected=_answered("access (first look)", "receipt_identity", "granted_access"),
    ),
    Part(
        name="access",
        what="wants to know what is stored",
        answer=Answer.ON_THE_PAGE,
        expected=_answered("access", "receipt_identity", "granted_access"),
    ),
    Part(
        name="rectification",
        what="wants a name corrected",
        answer=Answer.BY_REPLY,
        expected=_answered("rectification", "receipt_identity", "granted_rectification"),
    ),
    Part(
        name="erasure",
        what="wants everything erased",
        answer=Answer.ON_THE_PAGE,
        expected=_answered("erasure", "receipt_identity", "granted_erasure"),
    ),
    Part(
        name="restriction",
        what="wants use stopped during a dispute",
        answer=Answer.BY_REPLY,
        expected=_answered("restriction", "receipt_identity", "granted_restriction"),
    ),
    Part(
        name="portability",
        what="wants the data in a file",
        answer=Answer.ON_THE_PAGE,
        expected=_answered("portability", "receipt_identity", "granted_portability"),
    ),
    Part(
        name="objection",
        what="objects to statistics",
        answer=Answer.ON_THE_PAGE,
        expected=_answered("objection", "receipt_identity", "refused_objection"),
    ),
    Part(
        name="consent_withdrawal",
        what="takes back a consent",
        answer=Answer.BY_REPLY,
        expected=_answered("consent withdrawal", "receipt_identity", "granted_consent_withdrawal"),
    ),
    Part(
        name="marketing_stop",
        what="wants no more marketing",
        expected=_answered("objection (marketing)", "receipt", "marketing_stopped"),
    ),
    Part(
        name="two_rights",
        what="asks for two things at once",
        answer=Answer.BY_REPLY,
        expected=_answered("access + erasure", "receipt_identity", "granted_access", "granted_erasure"),
    ),
    Part(
        name="english",
        what="writes in English",
        answer=Answer.ON_THE_PAGE,
        expected=Fate(understood="access", ended="awaiting approval, open", letters=("receipt_identity", "extension")),
    ),
    Part(
        name="junk_folder",
        what="ended in the junk folder",
        folder="Skräppost",
        answer=Answer.ON_THE_PAGE,
        expected=_answered("erasure", "receipt_identity", "granted_erasure"),
    ),
    Part(
        name="no_diaereses",
        what="writes without å ä ö, by telephone",
        answer=Answer.BY_REPLY,
        expected=_answered("erasure", "receipt_identity", "granted_erasure"),
    ),
    Part(
        name="above_newsletter",
        what="answers above a quoted newsletter",
        expected=_answered("objection (marketing)", "receipt", "marketing_stopped"),
    ),
    Part(
        name="not_me",
        what="another person's prank",
        answer=Answer.NOT_ME,
        expected=Fate(understood="erasure", ended="disowned, closed", letters=("receipt_identity",)),
    ),
    Part(
        name="wrong_code",
        what="wants to be erased, but for invoices",
        answer=Answer.WRONG_CODE_FIRST,
        expected=_answered("erasure", "receipt_identity", "granted_erasure"),
    ),
    Part(
        name="silent",
        what="asks, and never answers our question",
        expected=_answered("access", "receipt_identity", "identity_reminder", "cannot_identify"),
    ),
    Part(
        name="dead_address",
        what="writes from an address soon to close",
        expected=Fate(
            understood="access",
            ended="awaiting identity, open",
            letters=("receipt_identity (bounced)",),
        ),
    ),
    Part(
        name="employer",
        what="an employer asks about an employee",
        expected=_aside("sorted as no request"),
    ),
    Part(
        name="question",
        what="wonders whether one may know what is kept",
        answer=Answer.BY_REPLY,
        expected=_answered("unsure", "receipt_identity", "no_data"),
    ),
    Part(name="booking", what="books a course", expected=_aside("no request")),
    Part(name="invoice", what="asks about an invoice", expected=_aside("no request")),
    Part(name="cancellation", what="cancels a course", expected=_aside("no request")),
    Part(name="newsletter", what="a newsletter", expected=_aside("list")),
    Part(name="own_address", what="a note from the company to itself", expected=_aside("own")),
    Part(
        name="broken",
        what="a mail with nothing readable in it",
        is_broken=True,
        expected=Fate(understood="unreadable", ended="kept for a person to see"),
    ),
    Part(
        name="out_of_office",
        what="an absence message, to a receipt",
        about="junk_folder",
        expected=_aside("auto reply"),
    ),
    Part(
        name="bounce",
        what="a receipt that comes back",
        about="dead_address",
        expected=_aside("bounce"),
    ),
)
