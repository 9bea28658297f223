"""What has come to wait for a person, and the name under which it is noted that someone has been told of it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from inbox_bot.domain.case import LetterState
from inbox_bot.domain.rights import Claim


class Errand(StrEnum):
    """What a person is to do. ``OLD``: all mails of a mailbox that came before the program did, as one thing."""

    APPROVE = "approve"
    WHO = "who"
    CHECK = "check"
    SORT = "sort"
    READ = "read"
    UNREADABLE = "unreadable"
    LETTER = "letter"
    OLD = "old"


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """One thing that waits for a person. ``what`` is its name, the same as long as it waits.

    ``subject``: a case number, or the number of a mail or letter in no case, or for ``OLD`` the mailbox. ``path``: the page
    where it is done, and after ``#`` the place on it. ``due`` and ``days_left`` (working days) are None where no date runs.
    ``state`` is that of a letter in trouble.
    """

    what: str
    errand: Errand
    subject: str
    path: str
    claims: tuple[Claim, ...] = ()
    due: date | None = None
    days_left: int | None = None
    state: LetterState | None = None
    count: int = 1


def answer_name(claim_id: int, letter: str = "") -> str:
    """Return the name of an answer that waits: that we cannot identify somebody is another than the one to the request."""
    return f"{letter if letter == 'cannot_identify' else 'answer'} {claim_id}"


def letter_name(letter_id: int, state: LetterState) -> str:
    """Return the name of a letter in trouble: another trouble is another thing."""
    return f"letter {letter_id} {state.value}"


def at_place(pages: str, path: str) -> str:
    """Return the link to a place on a page, from ``/page#place``.

    What stands after ``#`` is never sent to a server, so a login on the way would lose it: the link carries it as ``?plats=``.
    """
    page, _, place = path.partition("#")
    return f"{pages}{page}?plats={place}" if place else f"{pages}{page}"
