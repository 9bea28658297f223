"""Staff: what each person may do, how they logged in, and what is noted of what they look at and change."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What a member of staff may do; each role may all that the ones before it may.

    ``READ`` sees. ``HANDLE`` sorts, records, drafts and edits. ``APPROVE`` also sends letters, refuses and extends.
    ``ADMIN`` also keeps the register, feeds, imports, others' sessions and the log of views.
    """

    READ = "read"
    HANDLE = "handle"
    APPROVE = "approve"
    ADMIN = "admin"

    def covers(self, needed: "Role") -> bool:
        """True if this role may what needs ``needed``."""
        order = list(Role)
        return order.index(self) >= order.index(needed)


class LoginWay(StrEnum):
    """How a session was opened."""

    CODE = "code"
    OIDC = "oidc"


@dataclass(frozen=True, kw_only=True)
class Member:
    """Whom a session belongs to, and what that person may do."""

    address: str
    role: Role
    session_id: int


@dataclass(frozen=True, kw_only=True)
class SessionRecord:
    """An open login in the pages. ``browser``: what it called itself, in a few words, so that a person knows their own."""

    id: int
    address: str
    role: str
    way: str
    browser: str
    opened_at: datetime
    seen_at: datetime
    expires_at: datetime


class Act(StrEnum):
    """What is noted in the log of views. ``CHANGED``: a change that stands in no case's history."""

    VIEWED = "viewed"
    EXPORTED = "exported"
    CHANGED = "changed"
    REFUSED = "refused"
    LOGGED_IN = "logged_in"
    LOGGED_OUT = "logged_out"
    SESSION_ENDED = "session_ended"


class Subject(StrEnum):
    """What was looked at or changed; its number or reference is noted with it, never a name or an address of a requester."""

    CASE = "case"
    MAIL = "mail"
    LETTER = "letter"
    DRAFT = "draft"
    BREACH = "breach"
    LIST = "list"
    SESSION = "session"


@dataclass(frozen=True, kw_only=True)
class Noted:
    """One line of the log of views, or of a case's history where a person did something.

    ``which``: a case's reference, a number, or a page's name. ``case``: the reference of the case it belongs to, ``""`` for none.
    ``detail``: which button, or the name of the event.
    """

    at: datetime
    by: str
    act: Act
    subject: Subject
    which: str
    case: str = ""
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class Search:
    """What of the log is wanted; ``""`` and None are everything. ``since`` is within, ``until`` is not."""

    by: str = ""
    case: str = ""
    changes: bool | None = None
    since: datetime | None = None
    until: datetime | None = None
