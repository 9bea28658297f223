"""The corridor in order, and the doors into it for the person who asks and the staff who answer.

Web, worker and command line reach the rooms only through here.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from inbox_bot.acting import Acting
from inbox_bot.approval import attaching, decision, dismissal, elsewhere, extension
from inbox_bot.approval import step as approval_step
from inbox_bot.approval.mark import mark_of
from inbox_bot.approval.room import EDITABLE, Approval
from inbox_bot.audit import AuditDesk
from inbox_bot.breach.desk import BreachDesk
from inbox_bot.case import matching, redating, sorting
from inbox_bot.case import step as case_step
from inbox_bot.case.redating import Almanac
from inbox_bot.case.step import Filing
from inbox_bot.classification import step as classification_step
from inbox_bot.clock import Clock
from inbox_bot.digest import step as digest_step
from inbox_bot.digest import telling as digest_telling
from inbox_bot.digest.room import Digest
from inbox_bot.domain.attachment import AttachmentRecord, Inside
from inbox_bot.domain.case import CaseRecord, DraftRecord, LetterPurpose, LetterRecord
from inbox_bot.domain.dates import Calendar
from inbox_bot.domain.example import Keeper
from inbox_bot.domain.health import Health
from inbox_bot.domain.holiday import Holiday
from inbox_bot.domain.letters import Finding, LetterBook, LetterField, Piece, Rendered
from inbox_bot.domain.loops import NO_RULES, LoopRules
from inbox_bot.domain.mail import Address, Message
from inbox_bot.domain.rights import Claim, Right
from inbox_bot.domain.staff import Member, SessionRecord
from inbox_bot.domain.verdict import Classifier
from inbox_bot.errors import InboxBotError, MailboxError, NotAllowedError
from inbox_bot.feed import FeedDesk
from inbox_bot.figures import FigureDesk
from inbox_bot.fulfilment import recipients, suppression
from inbox_bot.fulfilment import step as fulfilment_step
from inbox_bot.fulfilment.checklist import letter_for, steps_for
from inbox_bot.fulfilment.desk import Fulfilment
from inbox_bot.health import step as health_step
from inbox_bot.health.desk import Watchman
from inbox_bot.mailbox import beside as mailbox_beside
from inbox_bot.mailbox import comparison
from inbox_bot.mailbox import step as mailbox_step
from inbox_bot.mailbox.beside import Beside, Wishes
from inbox_bot.mailbox.crowd import Crowd
from inbox_bot.mailbox.neighbour import Neighbour
from inbox_bot.mailbox.source import MailSource
from inbox_bot.message import quarantine
from inbox_bot.message import signs as message_signs
from inbox_bot.message import step as message_step
from inbox_bot.message.authenticity import Trust
from inbox_bot.message.signs import SenderView
from inbox_bot.outbox import bounces, settlement
from inbox_bot.outbox import step as outbox_step
from inbox_bot.outbox.room import Outbox
from inbox_bot.overview import Archive
from inbox_bot.own_page import OwnPage
from inbox_bot.quarantine import Quarantine
from inbox_bot.reading.intake import Intake
from inbox_bot.retention import forgetting, holdings
from inbox_bot.retention import hold as retention_hold
from inbox_bot.retention import step as retention_step
from inbox_bot.retention.desk import Keeping
from inbox_bot.retention.forgetting import Plan
from inbox_bot.retention.readable import as_text as holdings_text
from inbox_bot.retention.replay import replay
from inbox_bot.retention.table import Item
from inbox_bot.store.unit import Desk, Unit
from inbox_bot.verification import answer as verification_answer
from inbox_bot.verification import by_hand, replies, sessions, sign_in, visiting
from inbox_bot.verification import login as verification_login
from inbox_bot.verification import step as verification_step
from inbox_bot.verification import view as verification_view
from inbox_bot.verification.answer import QuestionView
from inbox_bot.verification.desk import Verification
from inbox_bot.verification.login_desk import Entry, Login
from inbox_bot.verification.sign_in import RETURN_PATH
from inbox_bot.verification.table import Situation
from inbox_bot.verification.trial import Result
from inbox_bot.verification.view import ProofView
from inbox_bot.worklist import WorkDesk

__all__ = [
    "FLOW",
    "RETURN_PATH",
    "Entry",
    "Flow",
    "Plan",
    "ProofView",
    "QuestionView",
    "Result",
    "SenderView",
    "Stage",
    "holdings_text",
]


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One step of the corridor. ``every``: seconds between two looks; 0 looks whenever anything moves.

    Stages of one ``lane`` take turns, in the order of FLOW; the lanes run side by side.
    """

    room: str
    takes: str
    leaves: str
    run: Callable[["Flow"], Awaitable[int]]
    every: float = 0
    lane: str = "answering"


def _in_thread(step: Callable[["Flow"], int]) -> Callable[["Flow"], Awaitable[int]]:
    """Run a synchronous step in a worker thread: the store blocks, the event loop must not."""
    return lambda flow: asyncio.to_thread(step, flow)


FLOW: tuple[Stage, ...] = (
    Stage(
        room="message",
        takes="received",
        leaves="read (and judged, where a process of its own reads), bounce, set aside or quarantined",
        run=_in_thread(lambda flow: flow.take_in()),
        lane="reading",
    ),
    Stage(
        room="classification",
        takes="read",
        leaves="request, unsure or not a request",
        run=_in_thread(lambda flow: classification_step.judge(flow.desk, flow.classifier)),
        lane="reading",
    ),
    Stage(
        room="case",
        takes="request or unsure",
        leaves="a case with claims opened, joined, or to sort",
        run=_in_thread(
            lambda flow: case_step.file(
                Filing(
                    desk=flow.desk,
                    calendar=flow.calendar,
                    clock=flow.clock,
                    prefix=flow.prefix,
                    own=flow.own_addresses,
                    never_write=flow.outbox.never_write,
                    loops=flow.loops,
                )
            )
        ),
    ),
    Stage(
        room="fulfilment",
        takes="claims to restriction",
        leaves="staff alarmed and tasks written, before anybody has confirmed",
        run=_in_thread(lambda flow: fulfilment_step.protect(flow.fulfilment)),
    ),
    Stage(
        room="verification",
        takes="claims opened",
        leaves="claims awaiting identity or confirmed, the receipt in the outbox",
        run=_in_thread(lambda flow: verification_step.acknowledge(flow.verification)),
    ),
    Stage(
        room="digest",
        takes="letters about what waits that have not left",
        leaves="them, or void where they are no longer true",
        run=_in_thread(lambda flow: digest_telling.recall(flow.digest)),
        every=5,
    ),
    Stage(
        room="outbox",
        takes="queued",
        leaves="sent, deferred, failed or unknown",
        run=lambda flow: outbox_step.dispatch(flow.outbox),
    ),
    Stage(
        room="case",
        takes="not a request",
        leaves="left, or joined to its case",
        run=_in_thread(lambda flow: case_step.leave(flow.desk, flow.loops.same_text)),
    ),
    Stage(
        room="verification",
        takes="joined",
        leaves="filed, and perhaps claims confirmed or disowned",
        run=_in_thread(lambda flow: replies.read_replies(flow.verification)),
    ),
    Stage(
        room="fulfilment",
        takes="claims confirmed",
        leaves="tasks written, answer due; an address on the list against marketing",
        run=_in_thread(lambda flow: fulfilment_step.prepare(flow.fulfilment)),
    ),
    Stage(
        room="fulfilment",
        takes="the list against marketing, changed",
        leaves="the file that other systems read",
        run=_in_thread(lambda flow: suppression.publish(flow.fulfilment)),
    ),
    Stage(
        room="approval",
        takes="answer due",
        leaves="awaiting approval",
        run=_in_thread(lambda flow: approval_step.draft(flow.desk, flow.clock, letter_for)),
    ),
    Stage(
        room="outbox",
        takes="bounce",
        leaves="set aside; its letter bounced, late, arrived or complained of, and staff told",
        run=_in_thread(lambda flow: bounces.note_reports(flow.outbox)),
    ),
    Stage(
        room="case",
        takes="the table of public holidays",
        leaves="its years filled, open claims dated anew where it has changed",
        run=_in_thread(lambda flow: redating.keep(flow.almanac)),
        every=60,
    ),
    Stage(
        room="verification",
        takes="awaiting identity for some working days",
        leaves="reminded",
        run=_in_thread(lambda flow: verification_step.remind(flow.verification)),
        every=60,
    ),
    Stage(
        room="verification",
        takes="awaiting identity near its date",
        leaves="a draft that says we cannot identify",
        run=_in_thread(lambda flow: verification_step.give_up(flow.verification)),
        every=60,
    ),
    Stage(
        room="fulfilment",
        takes="recipients told some working days ago",
        leaves="reminded once",
        run=_in_thread(lambda flow: recipients.chase(flow.fulfilment)),
        every=60,
    ),
    Stage(
        room="message",
        takes="quarantined by another edition of program or rules",
        leaves="received, once",
        run=_in_thread(lambda flow: quarantine.retry_for(flow.desk, flow.clock, flow.edition)),
        every=60,
    ),
    Stage(
        room="outbox",
        takes="sending, with a stale claim",
        leaves="queued again or unknown",
        run=_in_thread(lambda flow: outbox_step.sweep(flow.outbox)),
        every=30,
    ),
    Stage(
        room="health",
        takes="what every room has noted",
        leaves="the daily mail to ourselves; letters to the watchers",
        run=_in_thread(lambda flow: flow.keep_watch()),
        every=60,
    ),
    Stage(
        room="breach",
        takes="letters to the wrong person, while their 72 hours run",
        leaves="staff warned",
        run=_in_thread(lambda flow: flow.breach.warn()),
        every=60,
    ),
    Stage(
        room="digest",
        takes="the clock",
        leaves="letters to staff in the outbox",
        # Together and in this order: what the day's letter names needs no other.
        run=_in_thread(lambda flow: digest_step.report(flow.digest) + digest_telling.tell(flow.digest)),
        every=30,
    ),
    Stage(
        room="verification",
        takes="ended logins",
        leaves="nothing",
        run=_in_thread(lambda flow: sessions.sweep(flow.login)),
        every=3600,
    ),
    Stage(
        room="verification",
        takes="ended visits to the page of a case; files fetched there, past their last day",
        leaves="nothing",
        run=_in_thread(lambda flow: visiting.sweep(flow.verification)),
        every=3600,
    ),
    Stage(
        room="retention",
        takes="what is older than rules/retention.toml says",
        leaves="the evidence record, or nothing",
        run=_in_thread(lambda flow: retention_step.sweep(flow.keeping)),
        every=900,
    ),
)


@dataclass(frozen=True, kw_only=True)
class Flow:
    """The rooms, furnished. ``assembly`` builds one; everything a person may do goes through its methods.

    ``emergency`` is a way out of its own, for our letters to staff when the ordinary one hangs. ``intake`` has mails read and
    judged in a process of its own; without one both are done here, with ``classifier``. ``edition`` names program and rules
    (reading/edition.py). ``crowd`` knows, in this process, who has sent much lately.
    """

    desk: Desk
    clock: Clock
    calendar: Calendar
    classifier: Classifier
    letters: LetterBook
    prefix: str
    own_addresses: frozenset[str]
    verification: Verification
    approval: Approval
    fulfilment: Fulfilment
    outbox: Outbox
    digest: Digest
    login: Login
    keeper: Keeper
    keeping: Keeping
    almanac: Almanac
    trust: Trust
    beside: Beside
    watchman: Watchman
    emergency: Outbox
    breach: BreachDesk
    intake: Intake | None = None
    edition: str = ""
    crowd: Crowd = field(default_factory=Crowd)
    loops: LoopRules = NO_RULES

    # The mailbox's door

    def collect(self, source: MailSource, *, look_back_days: int, ring: Callable[[], None] | None = None) -> int:
        """Store what is new in one mailbox; return how many mails. ``ring`` is called after each batch. Raises MailboxError."""
        found = mailbox_step.collect(
            self.desk,
            source,
            self.clock,
            look_back_days=look_back_days,
            ring=ring,
            crowd=self.crowd,
            edition=self.edition,
        )
        days = self.watchman.compare_days
        return found + comparison.compare_daily(
            self.desk,
            source,
            self.clock,
            days=days,
            look_back_days=look_back_days,
            ring=ring,
            crowd=self.crowd,
            edition=self.edition,
        )

    def tend(self, neighbour: Neighbour, wishes: Wishes) -> int:
        """Look after what people do in the same mailbox; return how much was done. Never raises MailboxError."""
        return mailbox_beside.tend(self.beside, neighbour, wishes)

    def take_in(self) -> int:
        """Read received mails, here or in the process that reads; return how many."""
        if self.intake is None:
            return message_step.read(self.desk, self.own_addresses, self.trust, self.edition, self.clock)
        return self.intake.read()

    def finish_reading(self) -> None:
        """Save what is being read, and take up no more."""
        if self.intake is not None:
            self.intake.finish()

    def stop_reading(self) -> None:
        """End the process that reads, whatever it is at."""
        if self.intake is not None:
            self.intake.close()

    def note_failure(self, mailbox: str, error: MailboxError) -> None:
        """Store that a mailbox could not be read, for pages and digest to show."""
        mailbox_step.note_failure(self.desk, mailbox, self.clock, error)

    # What watches over all of it

    def health(self) -> Health:
        """Return how everything is, as the database and this process know it. Raises what the database raises."""
        return health_step.look(self.watchman)

    def keep_watch(self) -> int:
        """Make the daily mail to ourselves and tell the watchers what stands still; return how many letters were queued."""
        return health_step.keep_watch(self.watchman)

    def beat(self) -> None:
        """Note that this process lives, or that it has been stopped. Raises what the database raises."""
        health_step.beat(self.watchman)

    async def send_to_staff(self) -> int:
        """Send what waits for staff by the way out that is kept for emergencies; return how many letters that was."""
        try:
            return await outbox_step.dispatch(self.emergency)
        finally:
            await self.emergency.transport.close()

    # The requester's doors

    def question(self, token: str) -> QuestionView:
        return verification_answer.look(self.verification, token)

    def confirm(self, token: str, code: str, fact: str = "") -> Result:
        return verification_answer.answer(self.verification, token, code, mine=True, fact=fact)

    def disown(self, token: str, code: str) -> Result:
        return verification_answer.answer(self.verification, token, code, mine=False)

    @property
    def own_page(self) -> OwnPage:
        """The page of a case, for the person who asked."""
        return OwnPage(verification=self.verification, calendar=self.calendar, prefix=self.prefix)

    def renew(self, token: str) -> Result:
        return verification_answer.renew(self.verification, token)

    # The staff's doors

    @property
    def archive(self) -> Archive:
        """What people may look at, dated by the table of holidays as it now is."""
        redating.refresh(self.almanac)
        return Archive(
            desk=self.desk, clock=self.clock, calendar=self.calendar, steps_for=steps_for, compose=self._compose
        )

    @property
    def worklist(self) -> WorkDesk:
        """The list of cases by date, with filters and search."""
        return WorkDesk(desk=self.desk, clock=self.clock, calendar=self.calendar, archive=self.archive)

    def _compose(
        self, unit: Unit, draft: DraftRecord
    ) -> tuple[tuple[LetterField, ...], Mapping[str, Any], tuple[str, ...], str]:
        case, claims, found = self.approval.composition(unit, draft)
        mark = mark_of(unit, draft, case, claims, found)
        return self.letters.fields(draft.letter), found.values, found.missing, mark

    def asker(self, message: Message) -> Address | None:
        """Return who a mail says asks, None where it names nobody who could be answered."""
        who = matching.asker(message, self.own_addresses, self.loops.answerable)
        return who if who is not None and self.loops.answerable(who.address) else None

    def sender(self, message: Message) -> SenderView:
        """Return what staff should know of who wrote a mail."""
        return message_signs.look(message, self.own_addresses, self.trust.domains)

    @property
    def acting(self) -> Acting:
        """What people do about a case beside answering it."""
        return Acting(fulfilment=self.fulfilment, approval=self.approval)

    @property
    def figures(self) -> FigureDesk:
        """The statistics and the register of requests."""
        kept = self.keeping.table.period(Item.EVIDENCE)
        return FigureDesk(desk=self.desk, clock=self.clock, newest_deleted=kept.newest_over)

    @property
    def feeds(self) -> FeedDesk:
        """The secret addresses of the calendar, and what stands in it, dated by the table of holidays as it now is."""
        redating.refresh(self.almanac)
        return FeedDesk(desk=self.desk, clock=self.clock, calendar=self.calendar, key=self.keeping.key)

    def request_login(self, address: str, visit: str) -> None:
        """Mail a one-time code for this visit (its secret) to a listed staff address; do nothing for any other."""
        verification_login.request(self.login, address, visit)

    def log_in(self, address: str, code: str, visit: str, browser: str = "") -> Entry | None:
        """Return a new session's token and the browser's new secret for the visit's right code, else None."""
        return verification_login.enter(self.login, address, code, visit, browser)

    def begin_sign_in(self, visit: str, onward: str) -> str:
        """Return where a visit's browser is sent to log in with the company's accounts. Raises SignInError."""
        return sign_in.begin(self.login, visit, onward)

    def finish_sign_in(
        self, visit: str, *, code: str, state: str, issuer: str = "", browser: str = ""
    ) -> tuple[Entry, str]:
        """Return a new session and where its person was going, for what the provider sent back. Raises SignInError."""
        return sign_in.finish(self.login, sign_in.Return(code=code, state=state, issuer=issuer), visit, browser)

    def who(self, session: str) -> Member | None:
        """Return the member of staff a session belongs to and what that person may do, or None."""
        return sessions.who(self.login, session)

    def log_out(self, session: str) -> None:
        sessions.leave(self.login, session)

    def sessions(self, address: str | None = None) -> list[SessionRecord]:
        """Return the open sessions of a member of staff, or everyone's."""
        return sessions.listed(self.login, address)

    def end_session(self, session_id: int, *, by: str, own: bool) -> str:
        """End a session, with ``own`` one's own alone; return whose it was. Raises NotFoundError for one there is not."""
        return sessions.end(self.login, session_id, by=by, own=own)

    def end_sessions(self, address: str, *, by: str) -> None:
        """End every session of a member of staff."""
        sessions.end_all(self.login, address, by=by)

    @property
    def audit(self) -> AuditDesk:
        """Who saw and changed what."""
        return AuditDesk(desk=self.desk, clock=self.clock)

    def preview(self, draft_id: int) -> Rendered:
        return decision.preview(self.approval, draft_id)

    def layout(self, draft_id: int) -> tuple[Piece, ...]:
        return decision.layout(self.approval, draft_id)

    def attach(self, draft_id: int, *, name: str, content: bytes, owner: str, by: str) -> int:
        return attaching.attach(self.approval, draft_id, name=name, content=content, owner=owner, by=by)

    def detach(self, draft_id: int, attachment_id: int, *, by: str) -> None:
        attaching.detach(self.approval, draft_id, attachment_id, by=by)

    def takes_files(self, draft: DraftRecord) -> bool:
        return attaching.may_carry(self.approval, draft)

    def attached(self, draft_id: int) -> list[tuple[AttachmentRecord, Inside | None]]:
        return attaching.attached(self.approval, draft_id)

    def attachment(self, draft_id: int, attachment_id: int) -> tuple[AttachmentRecord, bytes]:
        return attaching.content(self.approval, draft_id, attachment_id)

    def heading(self, draft_id: int) -> tuple[tuple[str, str], ...]:
        return decision.heading(self.approval, draft_id)

    def hindrance(self, draft_id: int, *, by: str) -> InboxBotError | None:
        return decision.hindrance(self.approval, draft_id, by=by)

    def lint(self, draft_id: int) -> tuple[Finding, ...]:
        return decision.lint(self.approval, draft_id)

    def edit(self, draft_id: int, *, values: Mapping[str, Any], by: str, letter: str | None = None) -> DraftRecord:
        return decision.edit(self.approval, draft_id, values=values, by=by, letter=letter)

    def give_back(self, draft_id: int, *, reason: str, by: str) -> None:
        decision.give_back(self.approval, draft_id, reason=reason, by=by)

    def approve(self, draft_id: int, *, by: str, note: str = "", seen: str | None = None, rest: bool = False) -> int:
        return decision.approve(self.approval, [draft_id], by=by, note=note, seen=seen, rest=rest)[0]

    def approve_case(
        self, reference: str, *, by: str, note: str = "", right: Right | None = None, rest: bool = False
    ) -> list[int]:
        """Approve every answer of a case that waits, or the one on ``right``; return the letters' ids.

        Where no answer waits, what else the person is to be told. ``rest``: the systems nothing is recorded about hold
        nothing. Raises NotAllowedError when none waits; nothing is approved if one of them lacks something.
        """
        file = self.archive.case(reference)
        rights = {claim.record.id: claim.record.claim.right for claim in file.view.claims}
        drafts = [
            draft
            for draft in file.drafts
            if draft.record.state in EDITABLE
            and (right is None or right in {rights[claim_id] for claim_id in draft.record.claim_ids})
        ]
        drafts = [draft for draft in drafts if draft.record.purpose is LetterPurpose.ANSWER] or drafts
        if not drafts:
            states = ", ".join(
                f"{claim.record.claim.right.value} {claim.record.state.value}" for claim in file.view.claims
            )
            raise NotAllowedError(f"Case {reference} has no answer that waits for approval ({states}).")
        return decision.approve(self.approval, [draft.record.id for draft in drafts], by=by, note=note, rest=rest)

    def refuse(
        self, reference: str, *, right: Right | None, reasons: str, by: str, values: Mapping[str, Any] | None = None
    ) -> int:
        return decision.refuse(self.approval, reference, right=right, reasons=reasons, by=by, values=values or {})

    def dismiss(self, reference: str, *, reason: str, by: str, upto: int | None = None) -> None:
        """Close a case that was no request after all. Raises NotAllowedError without a reason, or if an answer is on its way."""
        dismissal.dismiss(self.approval, reference, reason=reason, by=by, upto=upto)

    def close_as_answered(self, reference: str, *, by: str) -> None:
        """Close a case that somebody answered outside the program. Raises NotAllowedError while a rule on closing is not kept."""
        elsewhere.close_as_answered(self.approval, reference, by=by)

    def keep_open(self, reference: str, *, by: str) -> None:
        """Say that what was written outside the program does not end a case. Raises NotAllowedError where nothing was."""
        elsewhere.keep_open(self.approval, reference, by=by)

    def extend(self, reference: str, *, right: Right | None, reasons: str, by: str) -> list[int]:
        return extension.extend(self.approval, reference, right=right, reasons=reasons, by=by)

    def sort(
        self,
        mail_id: int,
        claims: Sequence[Claim],
        *,
        by: str,
        for_another: bool = False,
        person: Address | None = None,
    ) -> CaseRecord | None:
        return sorting.sort(
            self.desk,
            self.calendar,
            self.clock,
            self.keeper,
            prefix=self.prefix,
            own=self.own_addresses,
            mail_id=mail_id,
            claims=claims,
            by=by,
            for_another=for_another,
            person=person,
            answerable=self.loops.answerable,
        )

    def add_right(self, reference: str, mail_id: int, claims: Sequence[Claim], *, by: str) -> CaseRecord:
        self._check_kept(reference)
        return sorting.add_right(
            self.desk,
            self.calendar,
            self.clock,
            self.keeper,
            prefix=self.prefix,
            reference=reference,
            mail_id=mail_id,
            claims=claims,
            by=by,
        )

    def ask_again(self, reference: str, *, by: str) -> None:
        """Send the person a new link and code. Raises NotAllowedError when no claim of the case waits for proof."""
        self._check_kept(reference)
        if verification_answer.ask_again(self.verification, reference, by=by) is not Result.RENEWED:
            raise NotAllowedError(f"There is no claim in case {reference} that waits for the person to confirm it.")

    def _check_kept(self, reference: str) -> None:
        """Raise NotAllowedError for a case that has been emptied: there is nobody left to write to."""
        with self.desk.look() as unit:
            case = unit.cases.by_reference(reference)
        if case is not None and case.emptied_at is not None:
            raise NotAllowedError(
                f"Case {case.reference} has been emptied by rules/retention.toml: names and texts are gone."
            )

    def proof(self, reference: str) -> ProofView:
        """Return what was asked of whom and why, who confirmed, and what waits for a person. Raises NotFoundError."""
        return verification_view.look(self.verification, reference)

    def situations(self, reasons: Iterable[str]) -> tuple[Situation, ...]:
        """Return what to check, never to ask and not to keep, where a mail has these reasons (law.md 2.3)."""
        return self.verification.rules.situations(frozenset(reasons))

    def check_fact(self, reference: str, *, right: bool, by: str, seen: Collection[int] | None = None) -> None:
        """Say whether the one thing only the person knows holds. Raises NotAllowedError where nothing waits."""
        by_hand.check_fact(self.verification, reference, right=right, by=by, seen=seen)

    def ask_at(self, reference: str, *, address: str, how: str, by: str) -> None:
        """Send the link to an address that a person knows to be right. Raises NotAllowedError without a reason."""
        by_hand.ask_at(self.verification, reference, address=address, how=how, by=by)

    def offer(self, reference: str, *, way: str, by: str, number: int = 0) -> None:
        """Note that another way was offered; ``question`` mails one. Raises NotAllowedError where no claim waits."""
        by_hand.offer(self.verification, reference, way=way, by=by, number=number)

    def give_up(self, reference: str, *, by: str) -> None:
        """Draft "we cannot identify you" now. Raises NotAllowedError where no claim waits for it."""
        if not verification_step.give_up_now(self.verification, reference, by=by):
            raise NotAllowedError(f"There is no claim in case {reference} that waits for the person to confirm it.")

    def mark_read(self, reference: str, *, upto: int) -> None:
        """Note that a person has read a case's mails, up to and with the mail ``upto``."""
        case_id = self.archive.case(reference).view.record.id
        with self.desk.write() as unit:
            unit.mails.mark_read(case_id, upto)

    @property
    def quarantine(self) -> Quarantine:
        """What people do about mails that nobody could read, and mails they bring in by hand."""
        return Quarantine(
            desk=self.desk,
            clock=self.clock,
            calendar=self.calendar,
            prefix=self.prefix,
            own=self.own_addresses,
        )

    def retry(self, mail_id: int) -> None:
        """Read a quarantined mail again. Raises NotAllowedError for any other."""
        self.quarantine.retry(mail_id)

    def settle(self, letter_id: int, *, sent: bool, by: str) -> LetterRecord:
        return settlement.settle(self.desk, self.calendar, self.clock, letter_id=letter_id, sent=sent, by=by)

    def lay_aside(self, letter_id: int, *, by: str) -> None:
        settlement.lay_aside(self.desk, self.clock, letter_id=letter_id, by=by)

    def holidays(self) -> list[Holiday]:
        """Return the table of public holidays, each with its source."""
        return redating.table(self.almanac)

    def decide_holiday(self, day: date, *, free: bool, name: str, source: str, by: str) -> int:
        return redating.decide(self.almanac, day, free=free, name=name, source=source, by=by)

    def holdings(self, address: str) -> dict[str, Any]:
        """Return all we hold about an address, as JSON knows it. Raises NotAllowedError for what is no address."""
        return holdings.gather(self.keeping, address)

    def plan_to_forget(self, address: str) -> Plan:
        return forgetting.plan(self.keeping, address)

    def forget(self, address: str, *, by: str, even_open: bool = False) -> Plan:
        return forgetting.forget(self.keeping, address, by=by, even_open=even_open)

    def replay_erasures(self) -> int:
        """Erase again what the journal says and the database does not know; return how many lines that was."""
        return replay(self.keeping)

    def dispute(self, reference: str, *, disputed: bool, reason: str, by: str) -> None:
        retention_hold.dispute(self.keeping, reference, disputed=disputed, reason=reason, by=by)

    def note_checked(self, mail_id: int, *, what: str, by: str) -> None:
        retention_hold.note_checked(self.keeping, mail_id, what=what, by=by)

    def way_on(self, letter: LetterRecord, reference: str) -> tuple[str, ...]:
        """Return, in Swedish, what happened to a letter that did not arrive, another way to the person, and the next step."""
        return tuple(part for part in self.outbox.returns.advice(letter, reference) if part)

    def way_on_by_command(self, letter: LetterRecord, reference: str) -> tuple[str, ...]:
        """Return the same for who looks at the command line: with the command that takes the next step."""
        command = self.outbox.returns.command(letter, reference)
        return (*self.way_on(letter, reference), *([f"Kör: {command}"] if command else []))

    def weekly_digest(self) -> Rendered:
        return digest_step.render_weekly(self.digest)
