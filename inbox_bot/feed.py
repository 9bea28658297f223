"""The calendar of legal dates: its secret addresses, made and closed by staff, and what a program that reads one is given."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from inbox_bot.clock import Clock, stockholm_day
from inbox_bot.domain.case import CaseRecord, ClaimRecord, ClaimState, MailRecord, MailState
from inbox_bot.domain.dates import Calendar, ClockEvents
from inbox_bot.domain.feed import Entry, FeedRecord, Wait
from inbox_bot.domain.keyed_hash import keyed_hash
from inbox_bot.errors import NotAllowedError, NotFoundError
from inbox_bot.store.unit import Desk

ALARMS = (10, 5, 2, 1)
"""Working days before a date (law.md 1.4), as in the letters to staff."""

SHOWN_AFTER_END = timedelta(days=30)
"""How long an ended date stays in the calendar as cancelled, for programs that do not remove what is gone."""

LONGEST_NAME = 60
_WAITS = {
    ClaimState.AWAITING_IDENTITY: Wait.PROOF,
    ClaimState.AWAITING_APPROVAL: Wait.APPROVAL,
    ClaimState.APPROVED: Wait.OUTBOX,
}


@dataclass(frozen=True, kw_only=True)
class FeedDesk:
    """Makes, closes and serves the calendar's addresses. ``key`` is the secret that hashes are keyed with."""

    desk: Desk
    clock: Clock
    calendar: Calendar
    key: bytes

    def make(self, name: str, *, by: str) -> str:
        """Make a secret address and return its token, which is shown this once. Raises NotAllowedError without a name."""
        called = " ".join(name.split())[:LONGEST_NAME]
        if not called or not by.strip():
            raise NotAllowedError("Say whose calendar it is, such as 'Annas telefon'.")
        token = secrets.token_urlsafe(32)
        with self.desk.write() as unit:
            unit.feeds.add(name=called, token_hash=self._hash(token), by=by.strip(), at=self.clock.now())
        return token

    def revoke(self, feed_id: int, *, by: str) -> None:
        """Close an address at once. Raises NotFoundError for one that is not open."""
        with self.desk.write() as unit:
            if not unit.feeds.revoke(feed_id, by=by.strip(), at=self.clock.now()):
                raise NotFoundError(f"There is no open calendar address {feed_id}.")

    def all(self) -> list[FeedRecord]:
        with self.desk.look() as unit:
            return unit.feeds.all()

    def opens(self, token: str) -> bool:
        """Tell whether a token opens the calendar, and note the day; as long for a wrong one as for a right one.

        What is compared are keyed hashes, in constant time and all of them, so that nothing is learnt from how long it took.
        """
        given = self._hash(token)
        with self.desk.look() as unit:
            open_ones = [feed for feed in unit.feeds.all() if feed.revoked_at is None]
        found = [feed for feed in open_ones if hmac.compare_digest(feed.token_hash, given)]
        today = stockholm_day(self.clock.now())
        for feed in found:
            if feed.read_on != today:
                with self.desk.write() as unit:
                    unit.feeds.note_read(feed.id, today)
        return bool(found)

    def entries(self) -> list[Entry]:
        """Return every legal date that runs, those that ended lately as cancelled, and what waits to be sorted."""
        with self.desk.look() as unit:
            ids = unit.feeds.cases(self.clock.now() - SHOWN_AFTER_END)
            cases = unit.cases.get_all(ids)
            changes = unit.feeds.changes(ids)
            mails = unit.mails.in_states(MailState.TO_SORT)
        found = [self._of_claim(case, claim, *changes[claim.id]) for case in cases for claim in case.claims]
        return sorted((*found, *map(self._of_mail, mails)), key=lambda entry: (entry.due, entry.uid))

    def _of_claim(self, case: CaseRecord, claim: ClaimRecord, moves: int, last: datetime) -> Entry:
        due = self.calendar.dates(claim.clock).due
        over = claim.state.is_final
        wait = Wait.OVER if over else _WAITS.get(claim.state, Wait.STAFF)
        if claim.waits_for_staff:
            wait = Wait.STAFF
        return Entry(
            uid=f"{case.reference}-{claim.claim.name.replace(':', '-')}".lower(),
            due=due,
            changed_at=last,
            sequence=moves,
            wait=wait,
            cancelled=over,
            alarms=() if over else self._alarms(due),
            reference=case.reference,
            claim=claim.claim,
        )

    def _of_mail(self, mail: MailRecord) -> Entry:
        due = self.calendar.dates(ClockEvents(received_at=mail.received_at)).due
        return Entry(
            uid=f"mail-{mail.id}",
            due=due,
            changed_at=mail.received_at,
            sequence=0,
            wait=Wait.SORTING,
            cancelled=False,
            alarms=self._alarms(due),
            mail=mail.id,
        )

    def _alarms(self, due: date) -> tuple[date, ...]:
        return tuple(self.calendar.add_working_days(due, -days) for days in ALARMS)

    def _hash(self, token: str) -> str:
        return keyed_hash(self.key, "calendar feed", token)
