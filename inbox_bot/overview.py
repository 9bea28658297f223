"""What people look at, in pages and on the command line: cases with their dates, mails to sort, letters in trouble."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from inbox_bot.clock import Clock, stockholm_day
from inbox_bot.domain.beside import Surroundings
from inbox_bot.domain.case import (
    LETTERS_IN_TROUBLE,
    CaseRecord,
    CaseState,
    ClaimRecord,
    DraftRecord,
    DraftState,
    Event,
    LetterRecord,
    LetterState,
    MailRecord,
    MailState,
)
from inbox_bot.domain.dates import Calendar, ClockEvents, Dates
from inbox_bot.domain.example import KeptExample
from inbox_bot.domain.health import STUCK_AFTER, VANISHED_DAYS
from inbox_bot.domain.letters import LetterField
from inbox_bot.domain.notice import NoticeRecord
from inbox_bot.domain.rights import Claim
from inbox_bot.domain.task import HalfDone
from inbox_bot.errors import NotFoundError
from inbox_bot.store.mailboxes import MailboxHealth
from inbox_bot.store.unit import Desk, Unit

IN_QUARANTINE = (MailState.QUARANTINED, MailState.WANTED)


@dataclass(frozen=True, kw_only=True)
class ClaimView:
    """A claim with its dates and the working days left until the answer must have left (negative: overdue)."""

    record: ClaimRecord
    dates: Dates
    days_left: int
    steps: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class DraftView:
    """An answer in the making: what the letter declares, what it says now and what it lacks. ``mark``: changes whenever it does."""

    record: DraftRecord
    fields: tuple[LetterField, ...]
    values: Mapping[str, Any]
    missing: tuple[str, ...]
    mark: str = ""


@dataclass(frozen=True, kw_only=True)
class CaseView:
    """A case as a list shows it. ``due`` and ``days_left`` are those of the most urgent open claim, None when none is open."""

    record: CaseRecord
    claims: tuple[ClaimView, ...]
    due: date | None
    days_left: int | None
    unread: bool


@dataclass(frozen=True, kw_only=True)
class CaseFile:
    """A case whole: its mails, drafts, letters and events."""

    view: CaseView
    mails: tuple[MailRecord, ...]
    drafts: tuple[DraftView, ...]
    letters: tuple[LetterRecord, ...]
    events: tuple[Event, ...]


@dataclass(frozen=True, kw_only=True)
class MailView:
    """A mail that waits for a person, with the date that runs if it is a request."""

    record: MailRecord
    dates: Dates
    days_left: int


@dataclass(frozen=True, kw_only=True)
class QuarantineView:
    """A mail that nobody could read, the folders it was seen in, and its size in bytes as far as that is known."""

    mail: MailView
    folders: tuple[str, ...]
    size: int


@dataclass(frozen=True, kw_only=True)
class Overview:
    """Everything that waits for a person, and how the program is. ``stuck``: mails that no room has taken on for a while.

    ``halves``: done and not told, or told and not done. ``untold``: recipients of data who are still to be told.
    ``list_failure``: why the file of addresses that get no marketing cannot be written, ``""`` if it can.
    """

    cases: tuple[CaseView, ...]
    to_sort: tuple[MailView, ...]
    quarantined: tuple[MailRecord, ...]
    troubled: tuple[LetterRecord, ...]
    mailboxes: tuple[MailboxHealth, ...]
    stuck: int
    halves: tuple[HalfDone, ...] = ()
    untold: tuple[tuple[NoticeRecord, str], ...] = ()
    list_failure: str = ""
    beside: Surroundings = field(default_factory=Surroundings)


@dataclass(frozen=True, kw_only=True)
class Sorting:
    """Some of the mails that wait to be sorted, how many there are in all, and how many are late if they are requests."""

    mails: tuple[MailView, ...]
    total: int
    late: int


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """What waits for a person beside the list of cases, and how the program is; the names are those of ``Overview``."""

    to_sort: Sorting
    quarantined: int
    troubled: tuple[LetterRecord, ...]
    mailboxes: tuple[MailboxHealth, ...]
    stuck: int
    untold: tuple[tuple[NoticeRecord, str], ...]
    list_failure: str
    beside: Surroundings


@dataclass(frozen=True, kw_only=True)
class Archive:
    """Reads the store for people. ``steps_for`` tells what a claim takes, ``compose`` what a draft's letter says."""

    desk: Desk
    clock: Clock
    calendar: Calendar
    steps_for: Callable[[Claim], tuple[str, ...]]
    compose: Callable[[Unit, DraftRecord], tuple[tuple[LetterField, ...], Mapping[str, Any], tuple[str, ...], str]]

    def waiting(self, most: int) -> Waiting:
        """Return what waits beside the list of cases (inbox_bot/worklist.py), of the mails to sort no more than ``most``."""
        with self.desk.look() as unit:
            return Waiting(
                to_sort=self._sorting(unit, 0, most),
                quarantined=unit.mails.count(*IN_QUARANTINE),
                troubled=tuple(unit.letters.in_states(*LETTERS_IN_TROUBLE)),
                mailboxes=unit.mailboxes.health(),
                stuck=unit.mails.stuck(self.clock.now() - STUCK_AFTER),
                untold=tuple(unit.untold()),
                list_failure=unit.suppressions.publication().failure,
                beside=unit.surroundings(self._vanished_since()),
            )

    def to_sort(self, start: int, most: int) -> Sorting:
        """Return some of the mails that wait to be sorted, oldest receipt first: so the nearest date is first, too."""
        with self.desk.look() as unit:
            return self._sorting(unit, start, most)

    def _sorting(self, unit: Unit, start: int, most: int) -> Sorting:
        received = Counter(map(stockholm_day, unit.mails.received(MailState.TO_SORT)))
        today = stockholm_day(self.clock.now())
        noon = time(12, tzinfo=UTC)
        late = (
            count
            for day, count in received.items()
            if self.calendar.dates(ClockEvents(received_at=datetime.combine(day, noon))).due < today
        )
        return Sorting(
            mails=tuple(self._mail(mail) for mail in unit.mails.page_in(MailState.TO_SORT, start, most)),
            total=received.total(),
            late=sum(late),
        )

    def overview(self) -> Overview:
        """Return what waits, the most urgent first, every open case among it."""
        with self.desk.look() as unit:
            unread = {mail.case_id for mail in unit.mails.unread()}
            open_cases = unit.cases.all(open_only=True)
            cases = [self.view(case, case.id in unread) for case in open_cases]
            closed_unread = [
                self.view(case, True)
                for case_id in sorted(found for found in unread if found is not None)
                if (case := unit.cases.get(case_id)) is not None and case.state is CaseState.CLOSED
            ]
            return Overview(
                cases=tuple(sorted((*cases, *closed_unread), key=lambda case: (case.due or date.max, case.record.id))),
                to_sort=tuple(self._mail(mail) for mail in unit.mails.in_states(MailState.TO_SORT)),
                quarantined=tuple(unit.mails.in_states(*IN_QUARANTINE)),
                troubled=tuple(unit.letters.in_states(*LETTERS_IN_TROUBLE)),
                mailboxes=unit.mailboxes.health(),
                stuck=unit.mails.stuck(self.clock.now() - STUCK_AFTER),
                halves=tuple(unit.halves(open_cases)),
                untold=tuple(unit.untold()),
                list_failure=unit.suppressions.publication().failure,
                beside=unit.surroundings(self._vanished_since()),
            )

    def beside(self) -> Surroundings:
        """Return what goes on beside the program."""
        with self.desk.look() as unit:
            return unit.surroundings(self._vanished_since())

    def _vanished_since(self) -> date:
        return stockholm_day(self.clock.now()) - timedelta(days=VANISHED_DAYS - 1)

    def health(self) -> tuple[tuple[MailboxHealth, ...], int]:
        """Return when each mailbox was last read, and how many mails no room has taken on for a while."""
        with self.desk.look() as unit:
            return unit.mailboxes.health(), unit.mails.stuck(self.clock.now() - STUCK_AFTER)

    def cases(self, *, open_only: bool = False) -> tuple[CaseView, ...]:
        """Return every case, by number."""
        with self.desk.look() as unit:
            unread = {mail.case_id for mail in unit.mails.unread()}
            return tuple(self.view(case, case.id in unread) for case in unit.cases.all(open_only=open_only))

    def references(self, case_ids: Iterable[int | None]) -> dict[int, str]:
        """Return the numbers of some cases, by id."""
        with self.desk.look() as unit:
            ids = sorted({case_id for case_id in case_ids if case_id is not None})
            return {case.id: case.reference for case in unit.cases.get_all(ids)}

    def case_of(self, case_id: int) -> CaseRecord | None:
        """Return a case by its id in the database, None where there is none."""
        with self.desk.look() as unit:
            return unit.cases.get(case_id)

    def troubled(self) -> tuple[LetterRecord, ...]:
        """Return the letters that a person decides about, oldest first."""
        with self.desk.look() as unit:
            return tuple(unit.letters.in_states(*LETTERS_IN_TROUBLE))

    def going_out(self) -> tuple[LetterRecord, ...]:
        """Return the letters to others that leave by themselves, oldest first: nobody needs to do anything about them."""
        with self.desk.look() as unit:
            found = unit.letters.in_states(LetterState.QUEUED, LetterState.SENDING, LetterState.DEFERRED)
            return tuple(letter for letter in found if not letter.purpose.is_for_staff)

    def case(self, reference: str) -> CaseFile:
        """Return a case whole. Raises NotFoundError."""
        with self.desk.look() as unit:
            case = unit.cases.by_reference(reference)
            if case is None:
                raise NotFoundError(f"There is no case {reference}.", hint="'inbox-bot cases' lists them.")
            mails = tuple(unit.mails.of_case(case.id))
            return CaseFile(
                view=self.view(case, any(mail.unread for mail in mails)),
                mails=mails,
                drafts=tuple(self._draft(unit, draft) for draft in unit.drafts.of_case(case.id)),
                letters=tuple(unit.letters.of_case(case.id)),
                events=tuple(unit.cases.events(case.id)),
            )

    def draft(self, draft_id: int) -> tuple[CaseView, DraftView]:
        """Return a draft with its case. Raises NotFoundError."""
        with self.desk.look() as unit:
            draft = unit.drafts.get(draft_id)
            case = None if draft is None else unit.cases.get(draft.case_id)
            if draft is None or case is None:
                raise NotFoundError(f"There is no draft {draft_id}.")
            return self.view(case, False), self._draft(unit, draft)

    def mail(self, mail_id: int) -> MailView:
        """Return one mail. Raises NotFoundError for one that is unknown or no longer kept."""
        with self.desk.look() as unit:
            mail = unit.mails.get(mail_id)
        if mail is None or mail.state in {MailState.LEFT, MailState.SET_ASIDE}:
            raise NotFoundError(f"There is no mail {mail_id}, or it is no longer kept.")
        return self._mail(mail)

    def quarantine(self) -> tuple[QuarantineView, ...]:
        """Return the mails that nobody could read, oldest receipt first."""
        with self.desk.look() as unit:
            mails = unit.mails.in_states(*IN_QUARANTINE)
            folders = unit.quarantine.folders([mail.id for mail in mails])
            sizes = unit.mails.sizes([mail.id for mail in mails])
        return tuple(
            QuarantineView(mail=self._mail(mail), folders=folders.get(mail.id, ()), size=_size(mail, sizes[mail.id]))
            for mail in mails
        )

    def folders(self, mail_id: int) -> tuple[str, ...]:
        """Return in which folders a mail was seen: there is its original."""
        with self.desk.look() as unit:
            return unit.quarantine.folders([mail_id]).get(mail_id, ())

    def letter(self, letter_id: int) -> tuple[LetterRecord, bytes]:
        """Return a letter and its frozen bytes, checked against their hash; no bytes if they have been emptied.

        Raises NotFoundError for an unknown letter, or one whose bytes are not those that were frozen.
        """
        with self.desk.look() as unit:
            letter = unit.letters.get(letter_id)
            if letter is None:
                raise NotFoundError(f"There is no letter {letter_id}.")
            content = unit.letters.content(letter_id)
        emptied = not content and (letter.purpose.holds_secrets or letter.emptied_at is not None)
        if not emptied and hashlib.sha256(content).hexdigest() != letter.sha256:
            raise NotFoundError(f"Letter {letter_id} does not match its hash: the database has been changed by hand.")
        return letter, content

    def examples(self) -> tuple[KeptExample, ...]:
        """Return what staff have sorted and the program may learn from, redacted."""
        with self.desk.look() as unit:
            return tuple(unit.examples.all())

    def view(self, case: CaseRecord, unread: bool) -> CaseView:
        """Return a case as a list shows it, dated from its events."""
        claims = tuple(self._claim(claim) for claim in case.claims)
        running = [claim for claim in claims if not claim.record.state.is_final]
        urgent = min(running, key=lambda claim: claim.dates.due, default=None)
        return CaseView(
            record=case,
            claims=claims,
            due=None if urgent is None else urgent.dates.due,
            days_left=None if urgent is None else urgent.days_left,
            unread=unread,
        )

    def _claim(self, claim: ClaimRecord) -> ClaimView:
        dates = self.calendar.dates(claim.clock)
        return ClaimView(record=claim, dates=dates, days_left=self._left(dates.due), steps=self.steps_for(claim.claim))

    def _mail(self, mail: MailRecord) -> MailView:
        dates = self.calendar.dates(ClockEvents(received_at=mail.received_at))
        return MailView(record=mail, dates=dates, days_left=self._left(dates.due))

    def _draft(self, unit: Unit, draft: DraftRecord) -> DraftView:
        if draft.state is DraftState.VOID:
            return DraftView(record=draft, fields=(), values=draft.values, missing=())
        fields, values, missing, mark = self.compose(unit, draft)
        return DraftView(record=draft, fields=fields, values=values, missing=missing, mark=mark)

    def _left(self, due: date) -> int:
        return self.calendar.working_days_left(stockholm_day(self.clock.now()), due)


def _size(mail: MailRecord, here: int) -> int:
    return here if mail.abridged is None else mail.abridged.size


def age_in_hours(at: datetime | None, now: datetime) -> float | None:
    """Return how long ago something was, in hours; None for never."""
    return None if at is None else (now - at).total_seconds() / 3600
