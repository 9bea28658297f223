"""The tables, as SQLModel classes. Nothing outside ``store`` sees a row; rooms get the frozen values of ``domain``."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    DateTime,
    Dialect,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel


class UtcInstant(TypeDecorator[datetime]):
    """An aware instant: stored in UTC, handed back aware on SQLite too, which itself keeps no zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  # SQLAlchemy's signature
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime may not be stored: its zone would be a guess")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  # SQLAlchemy's signature
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _instant(*, nullable: bool = False) -> Any:
    return Field(default=None, sa_column=Column(UtcInstant, nullable=nullable))


def _unsigned() -> Any:
    """A number of 32 bits without a sign (RFC 9051 nz-number): half of them are too large for an ordinary integer."""
    return Field(default=None, sa_column=Column(BigInteger, nullable=False))


def _json(*, nullable: bool = False) -> Any:
    return Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=nullable))


class MailboxRow(SQLModel, table=True):
    """One mailbox, and when it was last read."""

    __tablename__ = "mailbox"
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    looked_at: datetime | None = _instant(nullable=True)
    failed_at: datetime | None = _instant(nullable=True)
    failure: str = ""
    failures: int = 0
    permanent: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    failing_since: datetime | None = _instant(nullable=True)
    still_from: datetime | None = _instant(nullable=True)
    still_to: datetime | None = _instant(nullable=True)


class FolderRow(SQLModel, table=True):
    """One folder and its watermark: every UID up to ``uid`` under ``uidvalidity`` is in the table ``sighting``."""

    __tablename__ = "folder"
    __table_args__ = (UniqueConstraint("mailbox", "folder"),)
    id: int | None = Field(default=None, primary_key=True)
    mailbox: str
    folder: str
    uidvalidity: int = _unsigned()
    uid: int = _unsigned()
    first_look_at: datetime = _instant()


class MailRow(SQLModel, table=True):
    """One mail, however many folders it has been seen in. Contents are None once it is known to be no request.

    ``head_print``: hash of its header, for one so large that it may be fetched whole one day and abridged another.
    ``turn``: see mailbox/crowd.py. ``tried_by``: the edition of the program that put it in quarantine.
    """

    __tablename__ = "mail"
    __table_args__ = (
        UniqueConstraint("mailbox", "fingerprint"),
        Index("ix_mail_state", "state", "received_at"),
        Index("ix_mail_unread", "case_id", sqlite_where=text("unread = 1"), postgresql_where=text("unread")),
    )
    id: int | None = Field(default=None, primary_key=True)
    mailbox: str
    fingerprint: str
    received_at: datetime = _instant()
    fetched_at: datetime = _instant()
    state: str
    reason: str = ""
    historic: bool = False
    unread: bool = False
    attempts: int = 0
    held_by: str = ""
    held_since: datetime | None = _instant(nullable=True)
    content: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    message: dict[str, Any] | None = _json(nullable=True)
    verdict: dict[str, Any] | None = _json(nullable=True)
    message_id: str | None = Field(default=None, index=True)
    case_id: int | None = Field(default=None, foreign_key="case.id", index=True)
    sorted_by: str = ""
    abridged: dict[str, Any] | None = _json(nullable=True)
    head_print: str = Field(default="", index=True, sa_column_kwargs={"server_default": ""})
    turn: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    imported_by: str = Field(default="", sa_column_kwargs={"server_default": ""})
    tried_by: str = Field(default="", sa_column_kwargs={"server_default": ""})


class ViewingRow(SQLModel, table=True):
    """Someone looked at a quarantined mail, or took it out: a view of a person's data."""

    __tablename__ = "viewing"
    id: int | None = Field(default=None, primary_key=True)
    mail_id: int = Field(foreign_key="mail.id", index=True)
    at: datetime = _instant()
    by: str
    how: str


class SightingRow(SQLModel, table=True):
    """One place a mail was seen in: the unique key that lets nothing in twice (RFC 3501 section 2.3.1.1)."""

    __tablename__ = "sighting"
    __table_args__ = (UniqueConstraint("mailbox", "folder", "uidvalidity", "uid"),)
    id: int | None = Field(default=None, primary_key=True)
    mailbox: str
    folder: str
    uidvalidity: int = _unsigned()
    uid: int = _unsigned()
    mail_id: int = Field(foreign_key="mail.id", index=True)


class CaseRow(SQLModel, table=True):
    """One person, one matter. Once it is emptied, the requester is known by a keyed hash only.

    ``mailbox``: where the mail came in that opened it.
    """

    __tablename__ = "case"
    __table_args__ = (UniqueConstraint("year", "number"), Index("ix_case_state", "state", "closed_at", "mailbox"))
    id: int | None = Field(default=None, primary_key=True)
    reference: str = Field(unique=True)
    year: int
    number: int
    state: str
    requester: str = Field(index=True)
    requester_name: str = ""
    language: str = "sv"
    opened_at: datetime = _instant()
    closed_at: datetime | None = _instant(nullable=True)
    requester_hash: str = Field(default="", sa_column_kwargs={"server_default": ""})
    emptied_at: datetime | None = _instant(nullable=True)
    disputed: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    mailbox: str = Field(default="", sa_column_kwargs={"server_default": ""})


class CaseWordRow(SQLModel, table=True):
    """A word that a case is found by (domain/words.py). Its rows go with the names of the case, those of subjects with its texts.

    In the order of its letters' numbers, so that words with one beginning stand together (SQLite orders so by itself).
    """

    __tablename__ = "case_word"
    word: str = Field(sa_column=Column(String().with_variant(String(collation="C"), "postgresql"), primary_key=True))
    case_id: int = Field(primary_key=True, foreign_key="case.id", index=True)


class ClaimRow(SQLModel, table=True):
    """One right in a case. ``due`` is a copy for sorting; the date itself is recomputed from the events.

    ``by_person`` and ``to_check`` follow the events as well (``Cases.record``): a person decides how it is proven, or checks what was given. The index on the state holds all that the list of open cases reads.
    """

    __tablename__ = "claim"
    __table_args__ = (
        UniqueConstraint("case_id", "right", "marketing"),
        Index("ix_claim_state", "state", "right", "marketing", "due", "case_id", "by_person", "to_check"),
        Index("ix_claim_received_at", "received_at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="case.id")
    right: str
    marketing: bool = False
    state: str
    received_at: datetime = _instant()
    pausable: bool = True
    due: date
    by_person: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    to_check: bool = Field(default=False, sa_column_kwargs={"server_default": false()})


class EventRow(SQLModel, table=True):
    """What has happened; rows are only ever added. The index holds all that the figures read of most events."""

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_case_claim", "case_id", "claim_id", "name", "at"),
        # What people did, for the log of views: the program's own events, most of them by far, cost it nothing.
        Index(
            "ix_event_by_staff",
            "at",
            sqlite_where=text("actor NOT IN ('program', 'requester')"),
            postgresql_where=text("actor NOT IN ('program', 'requester')"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="case.id")
    claim_id: int | None = Field(default=None, foreign_key="claim.id")
    at: datetime = _instant()
    name: str
    actor: str
    details: dict[str, Any] = _json()


class ChallengeRow(SQLModel, table=True):
    """A question of identity. Link token and code are kept as keyed hashes only."""

    __tablename__ = "challenge"
    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="case.id", index=True)
    claim_ids: list[int] = _json()
    address: str
    token_hash: str = Field(unique=True)
    code_hash: str
    message_id: str
    asked_at: datetime = _instant()
    expires_at: datetime = _instant()
    attempts: int = 0
    state: str
    reminded_at: datetime | None = _instant(nullable=True)
    fact_claim_ids: list[int] = _json()
    fact: str = Field(default="", sa_column=Column(Text, nullable=False))
    fact_mail_id: int | None = None


class DraftRow(SQLModel, table=True):
    """An answer in the making, with what staff have filled in."""

    __tablename__ = "draft"
    __table_args__ = (Index("ix_draft_state", "state"),)
    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="case.id", index=True)
    claim_ids: list[int] = _json()
    letter: str
    purpose: str
    values: dict[str, Any] = _json()
    state: str
    version: int = 1
    note: str = Field(default="", sa_column=Column(Text, nullable=False))
    approved_by: str = ""
    approved_at: datetime | None = _instant(nullable=True)
    letter_id: int | None = Field(default=None, foreign_key="letter.id")


class LetterRow(SQLModel, table=True):
    """A letter frozen for sending: the bytes, the recipient and the hash never change after the row is made."""

    __tablename__ = "letter"
    __table_args__ = (Index("ix_letter_state", "state", "next_at"), Index("ix_letter_claimed_at", "claimed_at"))
    id: int | None = Field(default=None, primary_key=True)
    case_id: int | None = Field(default=None, foreign_key="case.id", index=True)
    claim_ids: list[int] = _json()
    name: str
    purpose: str
    recipient: str = Field(index=True)
    message_id: str = Field(unique=True)
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    sha256: str
    state: str
    attempts: int = 0
    created_at: datetime = _instant()
    next_at: datetime = _instant()
    claimed_at: datetime | None = _instant(nullable=True)
    claimed_by: str = ""
    sent_at: datetime | None = _instant(nullable=True)
    answer: str = ""
    approved_by: str = ""
    emptied_at: datetime | None = _instant(nullable=True)
    complained_at: datetime | None = _instant(nullable=True)


class SuppressionRow(SQLModel, table=True):
    """An address that gets no marketing, from the moment it asked (Art 21(3))."""

    __tablename__ = "suppression"
    id: int | None = Field(default=None, primary_key=True)
    address: str = Field(unique=True)
    since: datetime = _instant()


class LoginCodeRow(SQLModel, table=True):
    """A one-time code mailed to a staff address, for the visit that asked. ``known``: its browser had logged in before."""

    __tablename__ = "login_code"
    id: int | None = Field(default=None, primary_key=True)
    address: str = Field(index=True)
    visit_hash: str
    known: bool
    code_hash: str
    made_at: datetime = _instant()
    expires_at: datetime = _instant()
    attempts: int = 0
    used: bool = False


class BrowserRow(SQLModel, table=True):
    """A browser that a staff member has logged in with: what strangers do takes nothing from its codes."""

    __tablename__ = "browser"
    __table_args__ = (UniqueConstraint("visit_hash", "address"),)
    id: int | None = Field(default=None, primary_key=True)
    visit_hash: str
    address: str
    expires_at: datetime = _instant()


class DepartureRow(SQLModel, table=True):
    """A browser that was sent to log in with the company's own accounts, and where its person was going. Used once."""

    __tablename__ = "departure"
    id: int | None = Field(default=None, primary_key=True)
    state_hash: str = Field(unique=True)
    visit_hash: str
    onward: str
    expires_at: datetime = _instant()


class SessionRow(SQLModel, table=True):
    """A staff member's open session in the pages. ``role``: what the person might do when it was opened."""

    __tablename__ = "session"
    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(unique=True)
    address: str
    expires_at: datetime = _instant()
    opened_at: datetime = _instant()
    seen_at: datetime = _instant()
    role: str = Field(default="admin", sa_column_kwargs={"server_default": "admin"})
    way: str = Field(default="code", sa_column_kwargs={"server_default": "code"})
    browser: str = Field(default="", sa_column_kwargs={"server_default": ""})


class AuditRow(SQLModel, table=True):
    """Who of staff saw, took out or changed what, and when. Numbers and references alone: no requester's name or address."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_at", "at"), Index("ix_audit_subject", "subject", "which", "by", "at"))
    id: int | None = Field(default=None, primary_key=True)
    at: datetime = _instant()
    by: str
    act: str
    subject: str
    which: str
    detail: str


class DigestRow(SQLModel, table=True):
    """A period whose letter to staff has been made: the unique key that lets no worker make it twice."""

    __tablename__ = "digest"
    __table_args__ = (UniqueConstraint("kind", "period"),)
    id: int | None = Field(default=None, primary_key=True)
    kind: str
    period: str
    made_at: datetime = _instant()


class MarkRow(SQLModel, table=True):
    """How far something has come: the day whose retention is done, the last line of the erasure journal."""

    __tablename__ = "mark"
    name: str = Field(primary_key=True)
    value: int


class AlarmRow(SQLModel, table=True):
    """A claim's date that staff have been warned of, so many working days ahead: the unique key lets it be done once."""

    __tablename__ = "alarm"
    __table_args__ = (UniqueConstraint("claim_id", "days", "due"),)
    id: int | None = Field(default=None, primary_key=True)
    claim_id: int = Field(foreign_key="claim.id")
    days: int
    due: date
    sent_at: datetime = _instant()


class HolidayRow(SQLModel, table=True):
    """A public holiday, or a day that a person says is none (``free`` False), and where that is written."""

    __tablename__ = "holiday"
    day: date = Field(primary_key=True)
    name: str
    free: bool
    source: str
    by: str


class ExampleRow(SQLModel, table=True):
    """Redacted words and the rights a person found in them. No column leads to a mail, a case or a person.

    ``fingerprint``: SHA-256 of the redacted words, by which the same words are kept once. ``said``: the program's outcome.
    """

    __tablename__ = "example"
    id: int | None = Field(default=None, primary_key=True)
    fingerprint: str = Field(unique=True)
    subject: str = Field(sa_column=Column(Text, nullable=False))
    text: str = Field(sa_column=Column(Text, nullable=False))
    rights: list[dict[str, Any]] = _json()
    language: str
    said: str
    said_rights: list[dict[str, Any]] = _json()
    day: date


class TaskRow(SQLModel, table=True):
    """One system a claim concerns, and what to do there, as the rules said when it was written."""

    __tablename__ = "task"
    __table_args__ = (UniqueConstraint("claim_id", "system"),)
    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="case.id", index=True)
    claim_id: int = Field(foreign_key="claim.id")
    system: str
    todo: str = Field(sa_column=Column(Text, nullable=False))


class OutcomeRow(SQLModel, table=True):
    """Something recorded as done, absent or kept. A row that was a mistake is withdrawn and stays, with who did so."""

    __tablename__ = "outcome"
    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="case.id", index=True)
    claim_id: int = Field(foreign_key="claim.id")
    kind: str
    system: str = ""
    what: str = Field(default="", sa_column=Column(Text, nullable=False))
    day: date | None = None
    why: str = Field(default="", sa_column=Column(Text, nullable=False))
    until: str = ""
    whole: bool = False
    by_answer: bool = False
    actor: str
    at: datetime = _instant()
    withdrawn_by: str = ""
    withdrawn_at: datetime | None = _instant(nullable=True)


class NoticeRow(SQLModel, table=True):
    """What one recipient is told of one claim (Art 19), once: the unique key."""

    __tablename__ = "notice"
    __table_args__ = (UniqueConstraint("claim_id", "name"), Index("ix_notice_state", "state"))
    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="case.id", index=True)
    claim_id: int = Field(foreign_key="claim.id")
    right: str
    name: str
    kind: str
    contact: str
    what: str = ""
    language: str
    processor: bool = False
    state: str
    done_on: date
    due: date | None = None
    new_value: str = Field(default="", sa_column=Column(Text, nullable=False))
    letter_id: int | None = Field(default=None, foreign_key="letter.id", index=True)
    told_at: datetime | None = _instant(nullable=True)
    chased_at: datetime | None = _instant(nullable=True)
    answered_at: datetime | None = _instant(nullable=True)
    answer: str = Field(default="", sa_column=Column(Text, nullable=False))
    reason: str = Field(default="", sa_column=Column(Text, nullable=False))


class SuppressionChangeRow(SQLModel, table=True):
    """Who put what on the list against marketing or took it off, and why. ``fingerprint``: SHA-256 of the address."""

    __tablename__ = "suppression_change"
    id: int | None = Field(default=None, primary_key=True)
    at: datetime = _instant()
    fingerprint: str = Field(index=True)
    added: bool
    actor: str
    reason: str = Field(default="", sa_column=Column(Text, nullable=False))


class PublicationRow(SQLModel, table=True):
    """How far a file that other systems read is up to date, and since when it cannot be written."""

    __tablename__ = "publication"
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    revision: int = 0
    written_at: datetime | None = _instant(nullable=True)
    failed_at: datetime | None = _instant(nullable=True)
    failure: str = ""


class FolderNoteRow(SQLModel, table=True):
    """How far a folder has been gone through for something beside reading: counted for mails that vanished, or read as Sent.

    ``uid``: everything up to it is accounted for. ``next_uid``: the server's UIDNEXT at the last look. ``draft_uid``: the
    last UID known to be somebody's draft. ``failure``: why it could not be done last time.
    """

    __tablename__ = "folder_note"
    __table_args__ = (UniqueConstraint("mailbox", "folder", "purpose"),)
    id: int | None = Field(default=None, primary_key=True)
    mailbox: str
    folder: str
    purpose: str
    uidvalidity: int = _unsigned()
    uid: int = _unsigned()
    next_uid: int = _unsigned()
    draft_uid: int = _unsigned()
    failure: str = ""


class VanishedRow(SQLModel, table=True):
    """How many mails of a folder had gone before they could be read, by day; nothing of the mails is known."""

    __tablename__ = "vanished"
    __table_args__ = (UniqueConstraint("mailbox", "folder", "day"),)
    id: int | None = Field(default=None, primary_key=True)
    mailbox: str
    folder: str
    day: date
    count: int


class MailMarkRow(SQLModel, table=True):
    """A label or a copy that the settings ask for on a request, once for each mail: the unique key."""

    __tablename__ = "mail_mark"
    __table_args__ = (UniqueConstraint("mail_id", "action", "target"), Index("ix_mail_mark_state", "state"))
    id: int | None = Field(default=None, primary_key=True)
    mail_id: int = Field(foreign_key="mail.id")
    mailbox: str
    action: str
    target: str
    state: str
    attempts: int = 0
    next_at: datetime = _instant()
    done_at: datetime | None = _instant(nullable=True)
    failure: str = ""


class OutsideReplyRow(SQLModel, table=True):
    """A mail in the Sent folder that seems to answer a case, known by the hash of its headers; nothing it says is kept."""

    __tablename__ = "outside_reply"
    __table_args__ = (UniqueConstraint("mailbox", "fingerprint"), Index("ix_outside_reply_state", "state"))
    id: int | None = Field(default=None, primary_key=True)
    mailbox: str
    fingerprint: str
    case_id: int = Field(foreign_key="case.id", index=True)
    sent_at: datetime = _instant()
    found_at: datetime = _instant()
    who: str = ""
    state: str
    decided_by: str = ""
    decided_at: datetime | None = _instant(nullable=True)


class GrantRow(SQLModel, table=True):
    """A login at a mail provider. ``sealed``: what renews it, locked with a key that is not in the database."""

    __tablename__ = "access_grant"
    name: str = Field(primary_key=True)
    version: int = 0
    sealed: str = Field(default="", sa_column=Column(Text, nullable=False))
    renewed_at: datetime | None = _instant(nullable=True)
    until: datetime | None = _instant(nullable=True)
    failed_at: datetime | None = _instant(nullable=True)
    failure: str = Field(default="", sa_column=Column(Text, nullable=False))


class SelfCheckRow(SQLModel, table=True):
    """One day's mail to ourselves. The token is known by its SHA-256 only; ``copies``: how often it was seen."""

    __tablename__ = "self_check"
    id: int | None = Field(default=None, primary_key=True)
    day: date = Field(unique=True)
    token_hash: str = Field(unique=True)
    message_id: str = Field(unique=True)
    made_at: datetime = _instant()
    seen_at: datetime | None = _instant(nullable=True)
    seen_in: str = ""
    copies: int = 0


class ComparisonRow(SQLModel, table=True):
    """What one folder held when the server was last compared with the store, and what had been missed."""

    __tablename__ = "comparison"
    __table_args__ = (UniqueConstraint("mailbox", "folder"),)
    id: int | None = Field(default=None, primary_key=True)
    mailbox: str
    folder: str
    at: datetime = _instant()
    since: date
    on_server: int
    missed: int
    recovered: int
    missed_at: datetime | None = _instant(nullable=True)


class IncidentRow(SQLModel, table=True):
    """Something that stood still and was told of: one row a thing, open until it is well again (``ended_at``)."""

    __tablename__ = "incident"
    what: str = Field(primary_key=True)
    since: datetime = _instant()
    told_at: datetime = _instant()
    ended_at: datetime | None = _instant(nullable=True)


class PulseRow(SQLModel, table=True):
    """A working process: when it last said that it lives, and what in it is in trouble."""

    __tablename__ = "pulse"
    worker: str = Field(primary_key=True)
    started_at: datetime = _instant()
    beat_at: datetime = _instant()
    stopped_at: datetime | None = _instant(nullable=True)
    parts: list[dict[str, Any]] = _json()


class CalendarFeedRow(SQLModel, table=True):
    """A secret address at which a calendar program reads the legal dates. Its token is kept as a keyed hash only."""

    __tablename__ = "calendar_feed"
    id: int | None = Field(default=None, primary_key=True)
    name: str
    token_hash: str = Field(unique=True)
    made_at: datetime = _instant()
    made_by: str
    revoked_at: datetime | None = _instant(nullable=True)
    revoked_by: str = ""
    read_on: date | None = None


class BreachRow(SQLModel, table=True):
    """A letter to the wrong person, as a breach: when it became known, and until when it is open (Art 33)."""

    __tablename__ = "breach"
    id: int | None = Field(default=None, primary_key=True)
    known_at: datetime = _instant()
    what: str
    opened_at: datetime = _instant()
    opened_by: str
    warned: int | None = None
    closed_at: datetime | None = _instant(nullable=True)
    closed_by: str = ""


class BreachLetterRow(SQLModel, table=True):
    """A letter of a breach. It outlives the letter's own row and case: the company must be able to show it (Art 33(5))."""

    __tablename__ = "breach_letter"
    id: int | None = Field(default=None, primary_key=True)
    breach_id: int = Field(foreign_key="breach.id", index=True)
    letter_id: int = Field(index=True)
    reference: str
    name: str
    sha256: str
    sent_at: datetime | None = _instant(nullable=True)


class BreachNoteRow(SQLModel, table=True):
    """What somebody wrote down about a step of a breach. Never changed: a later note stands in for an earlier one."""

    __tablename__ = "breach_note"
    id: int | None = Field(default=None, primary_key=True)
    breach_id: int = Field(foreign_key="breach.id", index=True)
    step: str
    choice: str
    words: str
    done_at: datetime = _instant()
    by: str
    at: datetime = _instant()


class TellingRow(SQLModel, table=True):
    """A member of staff has been told of a thing that waits: the unique key lets it be told once. It goes when the thing does.

    ``what`` holds no more than a kind and a number, ``message_id`` the letter that told it, ``""`` for one that tells of more.
    """

    __tablename__ = "telling"
    __table_args__ = (UniqueConstraint("address", "what"),)
    id: int | None = Field(default=None, primary_key=True)
    address: str
    what: str
    at: datetime = _instant()
    message_id: str = Field(default="", index=True)


class TellingTurnRow(SQLModel, table=True):
    """When a member of staff was last told of what waits: whoever moves it on writes the next letter."""

    __tablename__ = "telling_turn"
    address: str = Field(primary_key=True)
    at: datetime = _instant()


class PageLinkRow(SQLModel, table=True):
    """A link to the page of a case, as it stood in one letter to ``address``. It shows stage and date; the rest takes a code.

    The token is kept as a keyed hash, also when the case has been emptied, so that the page can say that it has ended.
    ``opened``, ``pressed``: how often the page was opened, and a button pressed on it without a code, by scanners or people.
    """

    __tablename__ = "page_link"
    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="case.id", index=True)
    address: str
    token_hash: str = Field(unique=True)
    message_id: str
    made_at: datetime = _instant()
    opened: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    pressed: int = Field(default=0, sa_column_kwargs={"server_default": "0"})


class PageVisitRow(SQLModel, table=True):
    """One visit to the page of a case: a secret cookie, and the code mailed for it. ``entered``: the code was typed right."""

    __tablename__ = "page_visit"
    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="case.id", index=True)
    address: str
    visit_hash: str = Field(unique=True)
    code_hash: str
    made_at: datetime = _instant()
    expires_at: datetime = _instant()
    attempts: int = 0
    entered: bool = False
    mailed: bool = Field(default=False, sa_column_kwargs={"server_default": false()})


class DeliverableRow(SQLModel, table=True):
    """A file that a person fetches on their page instead of in a mail. Its bytes go after the last day (``until``)."""

    __tablename__ = "deliverable"
    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="case.id", index=True)
    claim_id: int = Field(foreign_key="claim.id")
    name: str
    media_type: str
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    size: int
    sha256: str
    token: str
    put_at: datetime = _instant()
    put_by: str
    letter_id: int | None = Field(default=None, foreign_key="letter.id")
    until: date | None = Field(default=None, index=True)
    fetched: int = 0
    fetched_at: datetime | None = _instant(nullable=True)
    emptied_at: datetime | None = _instant(nullable=True)


class AttachmentRow(SQLModel, table=True):
    """A file on an answer in the making. Its bytes go when the letter has left: from then on they are in the letter alone."""

    __tablename__ = "attachment"
    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="case.id", index=True)
    draft_id: int = Field(foreign_key="draft.id", index=True)
    name: str
    media_type: str
    size: int
    sha256: str
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    owner: str
    by: str
    at: datetime = _instant()
