"""The unit of work: one transaction, and in it everything a step may load and save."""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import date

from sqlalchemy import Engine
from sqlmodel import Session

from inbox_bot.domain.beside import Surroundings
from inbox_bot.domain.case import CaseRecord, ClaimRecord, ClaimState, LetterRecord, LetterState
from inbox_bot.domain.notice import NoticeRecord, NoticeState
from inbox_bot.domain.task import HalfDone, Outcome, OutcomeKind, TaskRecord, missing_half, open_tasks
from inbox_bot.store.alarms import Alarms
from inbox_bot.store.attachments import Attachments
from inbox_bot.store.audit import Audit
from inbox_bot.store.breaches import Breaches
from inbox_bot.store.case_words import CaseWords
from inbox_bot.store.cases import Cases
from inbox_bot.store.challenges import Challenges
from inbox_bot.store.deliverables import Deliverables
from inbox_bot.store.digests import Digests
from inbox_bot.store.drafts import Drafts
from inbox_bot.store.examples import Examples
from inbox_bot.store.feeds import Feeds
from inbox_bot.store.folder_notes import FolderNotes
from inbox_bot.store.grants import Grants
from inbox_bot.store.holidays import Holidays
from inbox_bot.store.left import Left
from inbox_bot.store.letters import Letters
from inbox_bot.store.mail_marks import MailMarks
from inbox_bot.store.mailboxes import Mailboxes
from inbox_bot.store.mails import Mails
from inbox_bot.store.marks import Marks
from inbox_bot.store.notices import Notices
from inbox_bot.store.outside_replies import OutsideReplies
from inbox_bot.store.page_links import PageLinks
from inbox_bot.store.person import Person
from inbox_bot.store.quarantine import Quarantine
from inbox_bot.store.register import Registers
from inbox_bot.store.retention import Retention
from inbox_bot.store.sessions import Sessions
from inbox_bot.store.staff import Staff
from inbox_bot.store.statistics import Figures
from inbox_bot.store.suppressions import Suppressions
from inbox_bot.store.tasks import Tasks
from inbox_bot.store.tellings import Tellings
from inbox_bot.store.traffic import Traffic
from inbox_bot.store.watching import Watching
from inbox_bot.store.worklist import Worklist


class Unit:
    """Every collection of the store, bound to one transaction."""

    def __init__(self, session: Session) -> None:
        self.mailboxes = Mailboxes(session)
        self.mails = Mails(session)
        self.cases = Cases(session)
        self.challenges = Challenges(session)
        self.drafts = Drafts(session)
        self.letters = Letters(session)
        self.traffic = Traffic(session)
        self.staff = Staff(session)
        self.digests = Digests(session)
        self.examples = Examples(session)
        self.retention = Retention(session)
        self.person = Person(session)
        self.marks = Marks(session)
        self.holidays = Holidays(session)
        self.alarms = Alarms(session)
        self.grants = Grants(session)

        self.tasks = Tasks(session)
        self.notices = Notices(session)
        self.suppressions = Suppressions(session)
        self.quarantine = Quarantine(session)
        self.folder_notes = FolderNotes(session)
        self.mail_marks = MailMarks(session)
        self.outside_replies = OutsideReplies(session)
        self.watching = Watching(session)
        self.figures = Figures(session)
        self.registers = Registers(session)
        self.feeds = Feeds(session)
        self.words = CaseWords(session)
        self.left = Left(session)
        self.worklist = Worklist(session)
        self.breaches = Breaches(session)
        self.tellings = Tellings(session)
        self.sessions = Sessions(session)
        self.audit = Audit(session)
        self.page_links = PageLinks(session)
        self.deliverables = Deliverables(session)
        self.attachments = Attachments(session)

    def sent_answer(self, claim: ClaimRecord) -> LetterRecord | None:
        """Return the answer to a claim if it has left and not come back."""
        draft = self.drafts.approved_answer(claim.case_id, claim.id)
        letter = None if draft is None or draft.letter_id is None else self.letters.get(draft.letter_id)
        return letter if letter is not None and letter.state is LetterState.SENT else None

    def untold(self) -> list[tuple[NoticeRecord, str]]:
        """Return the recipients of data who are still to be told of something, each with its case's reference."""
        waiting = self.notices.in_states(NoticeState.DRAFTED)
        references = {case.id: case.reference for case in self.cases.get_all([one.case_id for one in waiting])}
        return [(one, references[one.case_id]) for one in waiting]

    def surroundings(self, since: date) -> Surroundings:
        """Return what goes on beside the program: what staff are asked, what vanished since a day, what cannot be done."""
        last = {reply.case_id: (reply, reference) for reply, reference in self.outside_replies.asked()}
        return Surroundings(
            asks=tuple(last.values()),
            vanished=self.folder_notes.vanished(since),
            troubles=self.mail_marks.troubles(),
            failures=tuple((mailbox, failure) for mailbox, _, failure in self.folder_notes.failures()),
        )

    def halves(self, cases: Sequence[CaseRecord]) -> list[HalfDone]:
        """Return the claims of some cases that lack one half: told and not done, or done and not told (law.md 0.6)."""
        ids = [case.id for case in cases]
        outcomes = self.tasks.outcomes_of(ids)
        tasks: defaultdict[int, list[TaskRecord]] = defaultdict(list)
        recorded: defaultdict[int, list[Outcome]] = defaultdict(list)
        for task in self.tasks.of_cases(ids):
            tasks[task.claim_id].append(task)
        for outcome in outcomes:
            recorded[outcome.claim_id].append(outcome)
        done = {outcome.claim_id for outcome in outcomes if outcome.finding.kind is OutcomeKind.DONE}
        found = []
        for case in cases:
            for claim in case.claims:
                left = open_tasks(tasks[claim.id], recorded[claim.id])
                approved = claim.state is ClaimState.APPROVED and left
                answer = self.drafts.approved_answer(case.id, claim.id) if approved else None
                letter = "" if answer is None else answer.letter
                half = missing_half(claim.state, done=claim.id in done, left=len(left), answer=letter)
                if half is not None:
                    systems = tuple(task.system for task in left)
                    found.append(HalfDone(case=case, claim=claim, half=half, systems=systems))
        return found


class Desk:
    """Opens units of work on one database; safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reader = engine.execution_options(read_only=True)
        self._light = engine.execution_options(light=True)
        # SQLite has one writer at a time, and who finds it busy sleeps in growing steps; our own threads queue here instead.
        self._pen = threading.Lock() if engine.dialect.name == "sqlite" else nullcontext()

    @contextmanager
    def write(self, *, light: bool = False) -> Iterator[Unit]:
        """Open a transaction that is committed at the end, or rolled back whole if anything raises.

        A ``light`` one does not wait for the disk: a killed process loses nothing of it, a power cut may lose it until the
        next one that is not light has been committed, which takes all before it to the disk too. For what can be done over
        from the mailbox or the rows before it, as long as nothing has left the machine.
        """
        with self._pen, Session(self._light if light else self._engine) as session, session.begin():
            yield Unit(session)

    def together(self, ids: Sequence[int], act: Callable[[Unit, Sequence[int]], None]) -> int:
        """Act on some rows in one transaction; where that fails, on each in one of its own. Return how many went well.

        So one in trouble holds up no other. Raises its error if none went well.
        """
        if not ids:
            return 0
        try:
            with self.write() as unit:
                act(unit, ids)
        except Exception:
            if len(ids) == 1:
                raise
        else:
            return len(ids)
        trouble: Exception | None = None
        done = 0
        for one in ids:
            try:
                with self.write() as unit:
                    act(unit, [one])
                done += 1
            except Exception as error:  # noqa: BLE001  # raised below if it is all there was
                trouble = error
        if trouble is not None and not done:
            raise trouble
        return done

    def scrub(self) -> None:
        """Overwrite on the disk what has been deleted; asked for when something was erased for good.

        SQLite overwrites deleted content (``secure_delete``), but what stood in a page is still in the write-ahead log until
        that is written into the file and cut. While someone reads, the log cannot be cut; the next time takes it with it.
        PostgreSQL overwrites nothing itself: its VACUUM does (docs/operation.md).
        """
        if self._engine.dialect.name != "sqlite":
            return
        with self._pen, self._engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")  # A transaction has been opened, and in one the log is not cut.
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").all()
            connection.exec_driver_sql("BEGIN")

    @contextmanager
    def look(self) -> Iterator[Unit]:
        """Open a transaction that only reads and never waits for a writer."""
        with Session(self._reader) as session:
            yield Unit(session)
            session.rollback()
