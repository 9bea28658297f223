"""A case: one person, one matter; in it one claim a right, each with its own clock; and what has happened to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from inbox_bot.domain.dates import ClockEvents
from inbox_bot.domain.mail import Abridged, Message
from inbox_bot.domain.rights import Claim
from inbox_bot.domain.verdict import Verdict


class CaseState(StrEnum):
    """A case is open until every claim in it is at its end."""

    OPEN = "open"
    CLOSED = "closed"


class ClaimState(StrEnum):
    """Where one claim stands. ``DISOWNED``: the address said it had not asked. ``DISMISSED``: staff found no request.

    ``WITHDRAWN``: the person who asked has taken it back, with a code.
    """

    OPENED = "opened"
    AWAITING_IDENTITY = "awaiting_identity"
    CONFIRMED = "confirmed"
    ANSWER_DUE = "answer_due"
    AWAITING_APPROVAL = "awaiting_approval"
    APPROVED = "approved"
    ANSWERED = "answered"
    DISOWNED = "disowned"
    DISMISSED = "dismissed"
    WITHDRAWN = "withdrawn"

    @property
    def is_final(self) -> bool:
        """True where nothing more is owed."""
        return self in {ClaimState.ANSWERED, ClaimState.DISOWNED, ClaimState.DISMISSED, ClaimState.WITHDRAWN}


class MailState(StrEnum):
    """Where one mail stands.

    ``JOINED``: a follow-up in a known case, not yet looked at for an identity code. ``TO_SORT``: a person decides what it
    is (unsure, or found at the first look back). ``FILED``: part of a case. ``LEFT`` and ``SET_ASIDE``: no request;
    only hash, class and time are kept. ``WANTED``: in quarantine for want of its bytes, to be fetched again. ``RECALLED``: was
    left, and is to be fetched again because a person wants to look at it.
    """

    WANTED = "wanted"
    RECEIVED = "received"
    READ = "read"
    BOUNCE = "bounce"
    REQUEST = "request"
    UNSURE = "unsure"
    NOT_REQUEST = "not_request"
    TO_SORT = "to_sort"
    JOINED = "joined"
    FILED = "filed"
    LEFT = "left"
    SET_ASIDE = "set_aside"
    QUARANTINED = "quarantined"
    RECALLED = "recalled"


class DraftState(StrEnum):
    """An answer on its way to a person's approval."""

    OPEN = "open"
    RETURNED = "returned"
    APPROVED = "approved"
    VOID = "void"


class LetterState(StrEnum):
    """Where one letter in the outbox stands. ``UNKNOWN``: a crash between handing over and noting it; a person decides."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DEFERRED = "deferred"
    FAILED = "failed"
    BOUNCED = "bounced"
    UNKNOWN = "unknown"
    HELD = "held"
    VOID = "void"


LETTERS_STILL_HERE = frozenset({LetterState.QUEUED, LetterState.DEFERRED, LetterState.HELD})
"""Letters that have not left and are not leaving: these may still be voided."""

LETTERS_IN_TROUBLE = frozenset({LetterState.UNKNOWN, LetterState.FAILED, LetterState.BOUNCED, LetterState.HELD})
"""Letters that a person decides about."""


class EventName(StrEnum):
    """What can happen to a case; each event is written in the transaction it describes."""

    OPENED = "opened"
    CLAIM_ADDED = "claim_added"
    MAIL_JOINED = "mail_joined"
    MAIL_SORTED = "mail_sorted"
    IDENTITY_ASKED = "identity_asked"
    IDENTITY_UNDECIDED = "identity_undecided"
    IDENTITY_RENEWED = "identity_renewed"
    IDENTITY_REMINDED = "identity_reminded"
    IDENTITY_CONFIRMED = "identity_confirmed"
    IDENTITY_FAILED = "identity_failed"
    IDENTITY_NOT_NEEDED = "identity_not_needed"
    IDENTITY_NOT_COUNTED = "identity_not_counted"
    FACT_GIVEN = "fact_given"
    FACT_CHECKED = "fact_checked"
    OTHER_WAY_OFFERED = "other_way_offered"
    DISOWNED = "disowned"
    MARKETING_SUPPRESSED = "marketing_suppressed"
    DRAFTED = "drafted"
    EDITED = "edited"
    RETURNED = "returned"
    APPROVED = "approved"
    APPROVAL_VOIDED = "approval_voided"
    REFUSED = "refused"
    EXTENSION_APPROVED = "extension_approved"
    EXTENSION_SENT = "extension_sent"
    EXTENSION_LOST = "extension_lost"
    LETTER_QUEUED = "letter_queued"
    LETTER_SENT = "letter_sent"
    LETTER_FAILED = "letter_failed"
    LETTER_BOUNCED = "letter_bounced"
    LETTER_DELAYED = "letter_delayed"
    LETTER_WAITS = "letter_waits"
    LETTER_DELIVERED = "letter_delivered"
    LETTER_COMPLAINED = "letter_complained"
    LETTER_UNKNOWN = "letter_unknown"
    LETTER_SETTLED = "letter_settled"
    ANSWERED = "answered"
    CLOSED = "closed"
    REOPENED = "reopened"
    DISMISSED = "dismissed"
    EMPTIED = "emptied"
    DISPUTED = "disputed"
    DISPUTE_ENDED = "dispute_ended"
    DOCUMENT_CHECKED = "document_checked"
    REDATED = "redated"

    TASKS_WRITTEN = "tasks_written"
    TASK_RECORDED = "task_recorded"
    TASK_WITHDRAWN = "task_withdrawn"
    RESTRICTION_ALARMED = "restriction_alarmed"
    LIFTING_DRAFTED = "lifting_drafted"
    RESTRICTION_LIFTED = "restriction_lifted"
    WARNING_DRAFTED = "warning_drafted"
    SECONDED = "seconded"
    REFUSED_LATE = "refused_late"
    RECIPIENTS_LISTED = "recipients_listed"
    RECIPIENT_ADDED = "recipient_added"
    RECIPIENT_TOLD = "recipient_told"
    RECIPIENT_CHASED = "recipient_chased"
    RECIPIENT_ANSWERED = "recipient_answered"
    RECIPIENT_NOT_TOLD = "recipient_not_told"
    RECIPIENT_NOT_REACHED = "recipient_not_reached"

    OUTSIDE_REPLY_FOUND = "outside_reply_found"
    OUTSIDE_REPLY_DECLINED = "outside_reply_declined"
    ANSWERED_BY_HAND = "answered_by_hand"

    BREACH_OPENED = "breach_opened"
    BREACH_CLOSED = "breach_closed"

    PAGE_OPENED = "page_opened"
    PAGE_WRITTEN = "page_written"
    FILE_PUT = "file_put"
    FILE_FETCHED = "file_fetched"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, kw_only=True)
class Event:
    """One thing that happened. ``actor`` is ``program``, ``requester`` or a staff member's name.

    ``claim_id`` is None for what concerns the whole case.
    """

    at: datetime
    name: EventName
    actor: str = "program"
    claim_id: int | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


class LetterPurpose(StrEnum):
    """What a letter does to the case when it has left; the resendable ones may leave twice with the same Message-ID.

    ``NOTICE`` tells the requester something beside the answer: that a restriction is about to end, what an erasure leads to.
    ``RECIPIENT`` goes to someone who has got data from us (Art 19). ``SELF_CHECK`` is the daily mail to ourselves.
    """

    RECEIPT = "receipt"
    IDENTITY = "identity"
    EXTENSION = "extension"
    ANSWER = "answer"
    LOGIN = "login"
    STAFF = "staff"
    NOTICE = "notice"
    RECIPIENT = "recipient"
    SELF_CHECK = "self_check"

    @property
    def resendable(self) -> bool:
        """True where a second copy of the same letter does no harm."""
        return self in {LetterPurpose.RECEIPT, LetterPurpose.IDENTITY} or self.is_for_staff

    @property
    def holds_secrets(self) -> bool:
        """True where the letter carries a code, a link or a token: its bytes are emptied as soon as it has left."""
        return self in {LetterPurpose.IDENTITY, LetterPurpose.LOGIN, LetterPurpose.SELF_CHECK}

    @property
    def goes_first(self) -> bool:
        """True for what a person has approved or waits for: it goes before receipts, and beyond their hourly limit."""
        return self not in {LetterPurpose.RECEIPT, LetterPurpose.IDENTITY}

    @property
    def is_for_staff(self) -> bool:
        """True for letters to our own people and to ourselves, which no limit holds back."""
        return self in {LetterPurpose.LOGIN, LetterPurpose.STAFF, LetterPurpose.SELF_CHECK}

    @property
    def is_automatic(self) -> bool:
        """True for what the program writes to a requester by itself: a machine may be at the other end (RFC 3834)."""
        return self in {LetterPurpose.RECEIPT, LetterPurpose.IDENTITY}


class ChallengeState(StrEnum):
    """Where one question of identity stands. ``REPLACED``: a newer link was sent. ``LOCKED``: too many wrong codes.

    ``ANSWERED``: the code was right, and a person checks the one thing the sender knows. ``MISMATCH``: it did not hold.
    """

    OPEN = "open"
    ANSWERED = "answered"
    MISMATCH = "mismatch"
    CONFIRMED = "confirmed"
    DISOWNED = "disowned"
    REPLACED = "replaced"
    LOCKED = "locked"


@dataclass(frozen=True, kw_only=True)
class ClaimRecord:
    """A claim in a case, with the events its dates follow from. ``proven``: identity confirmed, or not needed.

    ``threaded``: it was asked for in answer to one of our letters in the case, which only who got that letter can do.
    ``asked``: what proof was asked for last (domain.proof.Ask, ``""`` before). ``unlinked``: no link for it has gone to the
    sender's own address. ``proof``: the question of identity that proved it, None where none was needed. ``for_another``: a
    person has found that the sender asks for someone else. ``not_found``: neither the sender is on file nor does the mail
    name any other address. ``to_check``: the code was right, and what only the person knows waits to be checked.
    ``failed_check``: our mail server says that the mail it came in is not from its sender (``Message.fails_check``).
    """

    id: int
    case_id: int
    claim: Claim
    state: ClaimState
    clock: ClockEvents
    proven: bool = False
    threaded: bool = False
    asked: str = ""
    unlinked: bool = False
    proof: int | None = None
    for_another: bool = False
    not_found: bool = False
    to_check: bool = False
    failed_check: bool = False

    @property
    def waits_for_staff(self) -> bool:
        """True where a person decides how it is proven, or checks what was given as proof."""
        return self.state is ClaimState.AWAITING_IDENTITY and (self.asked == "person" or self.to_check)


@dataclass(frozen=True, kw_only=True)
class CaseRecord:
    """A case as it stands.

    ``emptied_at``: when its names, addresses and texts went (rules/retention.toml); from then on the requester is known by
    ``requester_hash`` alone. ``disputed``: a person wants all of it kept.
    """

    id: int
    reference: str
    state: CaseState
    requester: str
    requester_name: str
    language: str
    opened_at: datetime
    claims: tuple[ClaimRecord, ...]
    closed_at: datetime | None = None
    emptied_at: datetime | None = None
    requester_hash: str = ""
    disputed: bool = False

    @property
    def asker(self) -> str:
        """Who asks, for those outside who know the person: "name <address>", or the address alone."""
        return f"{self.requester_name} <{self.requester}>" if self.requester_name else self.requester


@dataclass(frozen=True, kw_only=True)
class MailRecord:
    """A mail as the store holds it. ``message`` and ``verdict`` are None before their rooms, and after it is left.

    ``historic``: found at the first look back, so nothing is sent without a person. ``unread``: a follow-up in a case
    that no person has marked as read. ``abridged``: None for one that was fetched whole. ``imported_by``: who brought it in
    by hand, ``""`` for what came from a mailbox. ``turn``: 0, or more for one of very many from the same sender.
    """

    id: int
    mailbox: str
    received_at: datetime
    state: MailState
    reason: str
    historic: bool
    unread: bool
    attempts: int
    message: Message | None
    verdict: Verdict | None
    case_id: int | None
    abridged: Abridged | None = None
    imported_by: str = ""
    turn: int = 0


@dataclass(frozen=True, kw_only=True)
class ChallengeRecord:
    """One question of identity: a link and a code sent to ``address``, both known only by their keyed hashes.

    ``fact_claim_ids``: those of its claims that also take one thing only the person knows. ``fact`` holds the words given
    until a person has checked them, ``fact_mail_id`` the reply they came in, None if they were typed on the page.
    """

    id: int
    case_id: int
    claim_ids: tuple[int, ...]
    address: str
    code_hash: str
    message_id: str
    asked_at: datetime
    expires_at: datetime
    attempts: int
    state: ChallengeState
    reminded_at: datetime | None = None
    fact_claim_ids: tuple[int, ...] = ()
    fact: str = ""
    fact_mail_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class DraftRecord:
    """An answer in the making. ``values`` holds what staff have filled in, by field name."""

    id: int
    case_id: int
    claim_ids: tuple[int, ...]
    letter: str
    purpose: LetterPurpose
    values: Mapping[str, Any]
    state: DraftState
    version: int
    note: str = ""
    approved_by: str = ""
    approved_at: datetime | None = None
    letter_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class LetterRecord:
    """A letter in the outbox: the exact bytes, where they go and where they stand.

    ``emptied_at``: when the bytes went. ``complained_at``: when its reader was said to have complained of it (RFC 5965).
    ``approved_by``: the person who approved it, or who pressed the button that sends it.
    """

    id: int
    case_id: int | None
    claim_ids: tuple[int, ...]
    name: str
    purpose: LetterPurpose
    recipient: str
    message_id: str
    sha256: str
    state: LetterState
    attempts: int
    created_at: datetime
    claimed_at: datetime | None = None
    sent_at: datetime | None = None
    answer: str = ""
    approved_by: str = ""
    emptied_at: datetime | None = None
    complained_at: datetime | None = None

    @property
    def is_automatic(self) -> bool:
        """True if no person has asked for this letter: neither approved it nor pressed a button that sends it."""
        return self.purpose.is_automatic and not self.approved_by
