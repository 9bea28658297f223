"""The log of views: what staff look at is noted here, and read together with what they have changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from inbox_bot.clock import Clock
from inbox_bot.domain.staff import Act, Noted, Search, Subject
from inbox_bot.store.unit import Desk

SAME_VIEW = timedelta(minutes=10)
"""Within this time, the same person's looks at the same page are one."""

MOST_EXPORTED = 100_000
"""Lines in a file: more than a spreadsheet can use are had by narrowing the search."""


@dataclass(frozen=True, kw_only=True)
class AuditDesk:
    """Notes and finds what staff have seen and done."""

    desk: Desk
    clock: Clock

    def note(self, *, by: str, act: Act, subject: Subject, which: str, detail: str = "") -> None:
        """Note what a person did; a view, or a refusal, that was noted a moment ago is not noted twice."""
        now = self.clock.now()
        if act in {Act.VIEWED, Act.REFUSED}:
            with self.desk.look() as unit:
                if unit.audit.has_noted(since=now - SAME_VIEW, by=by, act=act, subject=subject, which=which):
                    return
        with self.desk.write() as unit:
            unit.audit.note(at=now, by=by, act=act, subject=subject, which=which, detail=detail)

    def find(self, search: Search, *, most: int, skip: int = 0) -> tuple[Sequence[Noted], int]:
        """Return a page of what was done, the newest first, and how much there is in all."""
        with self.desk.look() as unit:
            return unit.audit.find(search, most=most, skip=skip), unit.audit.count(search)

    def all(self, search: Search) -> Sequence[Noted]:
        """Return everything that fits, the newest first, for a file."""
        with self.desk.look() as unit:
            return unit.audit.find(search, most=MOST_EXPORTED)

    def people(self) -> Sequence[str]:
        """Return everyone who stands in the log."""
        with self.desk.look() as unit:
            return unit.audit.people()
