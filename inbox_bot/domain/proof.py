"""The words of the table that says how much proof a request needs (law.md 2.2): what it looks at and what it may ask."""

from collections.abc import Iterable, Sequence
from enum import StrEnum

from inbox_bot.domain.case import Event, EventName, LetterPurpose, LetterRecord, LetterState
from inbox_bot.domain.rights import Claim, Right

UNIDENTIFIED = frozenset({"cannot_identify", "cannot_identify_sender"})
"""The letters that say "we cannot identify you": to an address that had a link of its own, and to one that had none."""

DISCLOSES_NOTHING = UNIDENTIFIED | {"extension", "proxy_missing", "wrong_controller"}
"""The letters that say nothing about anybody's data, and so may go to somebody who has proven nothing."""


class Matter(StrEnum):
    """What is asked for, as far as proof goes. ``CONTACT``: another e-mail address shall stand on file (Art 16)."""

    MARKETING = "marketing"
    CONTACT = "contact"
    ACCESS = "access"
    PORTABILITY = "portability"
    RECTIFICATION = "rectification"
    ERASURE = "erasure"
    RESTRICTION = "restriction"
    OBJECTION = "objection"
    CONSENT_WITHDRAWAL = "consent_withdrawal"


class Source(StrEnum):
    """Where a mail comes from, in the light of the company's register of people.

    ``PERSONAL``, ``SHARED``, ``EMPLOYER_CONTACT``: the sender's address is on file. ``NAMED``, ``NAMED_SHARED``: it is not,
    but leads to an account that is (named in the mail, or on file before). ``UNREACHABLE``: the address on file no longer
    takes mail. ``FAILED``: there is a register and it cannot be read.
    """

    PERSONAL = "personal"
    SHARED = "shared"
    EMPLOYER_CONTACT = "employer_contact"
    NAMED = "named"
    NAMED_SHARED = "named_shared"
    UNKNOWN = "unknown"
    UNREACHABLE = "unreachable"
    NO_REGISTER = "no_register"
    FAILED = "register_failed"

    @property
    def is_on_file(self) -> bool:
        """True where the sender's own address is on file and takes mail."""
        return self in {Source.PERSONAL, Source.SHARED, Source.EMPLOYER_CONTACT}


class Known(StrEnum):
    """What else is known. ``CONFIRMED``: this address has confirmed in the case, and asks in answer to our letter.

    ``ASKED``: the sender has been asked once to help us find them. ``RESULTS``: the data hold test results.
    ``OTHER_ACCOUNT``: the mail names an address of somebody else's account. ``SEVERAL_ACCOUNTS``: it leads to more than one.
    ``FOR_ANOTHER``: a person has found that the sender asks for someone else. ``FAILED_CHECK``: our mail server says that the
    mail does not come from the address it gives.
    """

    CONFIRMED = "confirmed"
    ASKED = "asked"
    RESULTS = "results"
    OTHER_ACCOUNT = "other_account"
    SEVERAL_ACCOUNTS = "several_accounts"
    FOR_ANOTHER = "for_another"
    FAILED_CHECK = "failed_check"


class Ask(StrEnum):
    """What is asked for as proof. There is no other kind: no copy of an ID, no personnummer, no signature, no form.

    ``SENDER``: a link to the sender's address. ``ON_FILE``: to the address on file of the account the mail leads to.
    ``OLD``: to the address on file that is to be replaced. ``QUESTION``: one question to help us find the person.
    """

    NOTHING = "nothing"
    SENDER = "sender"
    ON_FILE = "on_file"
    OLD = "old"
    QUESTION = "question"
    PERSON = "person"

    @property
    def is_link(self) -> bool:
        return self in {Ask.SENDER, Ask.ON_FILE, Ask.OLD}


class Strength(StrEnum):
    """What the proof of a claim amounts to. ``EARLIER``: the same address confirmed in the case before.

    ``LINK``: who asks reads mail at an address on file. ``SENDER``: at the address the mail came from, with no register to
    compare it with. ``BY_HAND``: at an address a person chose. ``FACT``: a link, and one thing only the person knows.
    """

    NOT_NEEDED = "not_needed"
    NONE = "none"
    EARLIER = "earlier"
    SENDER = "sender"
    LINK = "link"
    BY_HAND = "by_hand"
    FACT = "fact"


class Given(StrEnum):
    """What somebody did towards a proof."""

    ASKED = "asked"
    LEFT_TO_STAFF = "left_to_staff"
    CODE = "code"
    CODE_BY_MAIL = "code_by_mail"
    FACT = "fact"
    FACT_HELD = "fact_held"
    FACT_FAILED = "fact_failed"


def matter_of(claim: Claim, *, contact: bool) -> Matter:
    """Return what a claim is about. ``contact``: the mail speaks of e-mail addresses, which matters to a rectification."""
    if claim.marketing:
        return Matter.MARKETING
    if claim.right is Right.RECTIFICATION and contact:
        return Matter.CONTACT
    return Matter(claim.right.value)


def link_came_back(letters: Iterable[LetterRecord], events: Sequence[Event]) -> bool:
    """True if a letter of the case with a link came back or was refused, whatever has been done with it since.

    A later one to the same address proves nothing by not having come back yet.
    """
    links = {letter.id: letter.state for letter in letters if letter.purpose is LetterPurpose.IDENTITY}
    ended = {LetterState.FAILED, LetterState.VOID}
    told = [(event.name, event.details.get("letter")) for event in events]
    return any(state in {LetterState.BOUNCED, LetterState.FAILED} for state in links.values()) or any(
        letter in links
        and (name is EventName.LETTER_BOUNCED or (name is EventName.LETTER_FAILED and links[letter] in ended))
        for name, letter in told
    )
