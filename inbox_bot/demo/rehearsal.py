"""The whole play at once: everyone writes, answers and decides, and then it is looked up what became of each mail."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time
from typing import ParamSpec

from inbox_bot.assembly import furnish
from inbox_bot.clock import SetClock, stockholm_day
from inbox_bot.demo.cast import CAST, Answer, Part
from inbox_bot.demo.decisions import BY_COMMAND, ON_PAGES, SORTED_BY_COMMAND, SORTED_ON_PAGES, Decision
from inbox_bot.demo.installation import STAFF, Installation
from inbox_bot.demo.ledger import Entry
from inbox_bot.demo.requesters import Correspondence
from inbox_bot.demo.staff import Staff
from inbox_bot.domain.case import CaseRecord, ClaimState
from inbox_bot.errors import InboxBotError
from inbox_bot.serving import make_worker

P = ParamSpec("P")
PARTS = {part.name: part for part in CAST}

_AT_ONCE = 2
"""Commands run side by side: as many as the smallest machine has processors."""

_REMINDED_BY = 7
"""Working days after which the one reminder must have gone out (settings: five)."""

_LEFT_WHEN_GIVING_UP = 2
"""Working days left to the date when "we cannot identify you" must lie ready (settings: five)."""


class Rehearsal:
    """One performance on one installation. What goes wrong in a part is kept in ``problems`` and stops no other part."""

    def __init__(self, place: Installation, tell: Callable[[str], None]) -> None:
        self._place = place
        self._tell = tell
        self._staff = Staff(place)
        self.mails = Correspondence(place=place)
        self.problems: defaultdict[str, list[str]] = defaultdict(list)

    def play(self) -> None:
        """Play everything. Raises InboxBotError only for what stops the whole play, such as a program that has ended."""
        self._write()
        self._tell("The people who asked answer our question of identity, on the page or by mail.")
        for part in CAST:
            self._try(part, self._answer_unsorted, part)
        self._tell(f"{STAFF} logs in with a mailed code, sorts what was unsure, and decides on pages and by command.")
        self._decide()
        self._tell("Some weeks pass: whoever never answered is reminded, and at last told why nothing can be given.")
        self._try(PARTS["silent"], self._let_weeks_pass)

    def _write(self) -> None:
        old = [part for part in CAST if part.is_old]
        for part in old:
            self.mails.send(part)
        self._tell(
            "The program looks into the mailbox for the first time. An old mail lies there: nothing is sent for it."
        )
        self._place.start()
        new = [part for part in CAST if not part.is_old and not part.about]
        self._tell(f"{len(new)} mails come in.")
        for part in new:
            self.mails.send(part)
        for part in (*old, *new):
            self._try(part, self._wait_settled, part)
        for part in CAST:
            if part.about:
                self._try(part, self._come_back, part)

    def _come_back(self, part: Part) -> None:
        """Send a mail that speaks of a letter of ours, as another mail server or an absent person's does."""
        self.mails.send(part, self.mails.wait_for_letter(PARTS[part.about], "receipt_identity"))
        self._wait_settled(part)

    def _wait_settled(self, part: Part) -> None:
        self._place.wait_until(lambda: self.mails.is_settled(part), f"the program to take in {part.name}")

    def _answer_unsorted(self, part: Part) -> None:
        """Let a writer answer, unless the mail still waits to be sorted: then no question has come."""
        if part.answer is not Answer.NONE and self._case(part) is not None:
            self.mails.answer(part)

    def _decide(self) -> None:
        with ThreadPoolExecutor(_AT_ONCE) as helpers:
            work = [helpers.submit(self._try, PARTS[name], self._sort_by_command, name) for name in SORTED_BY_COMMAND]
            work += [
                helpers.submit(self._try, PARTS[name], self._command, name, words) for name, words in BY_COMMAND.items()
            ]
            self._decide_on_pages()
        for done in work:
            done.result()
        for name in {*BY_COMMAND, *(name for name, _ in ON_PAGES)}:
            self._try(PARTS[name], self._wait_sent, name)

    def _decide_on_pages(self) -> None:
        try:
            self._staff.log_in()
        except InboxBotError as error:
            for name in {*SORTED_ON_PAGES, *(name for name, _ in ON_PAGES)}:
                self.problems[name].append(str(error))
            return
        for name, rights in SORTED_ON_PAGES.items():
            self._try(PARTS[name], self._sort_on_page, name, rights)
        for name, decide in ON_PAGES:
            self._try(PARTS[name], self._decide_one, name, decide)

    def _decide_one(self, name: str, decide: Decision) -> None:
        decide(self._staff, self._ready(name))

    def _sort_on_page(self, name: str, rights: tuple[str, ...]) -> None:
        self._staff.sort(self._entry(name).mail.id, *rights)
        self.mails.answer(PARTS[name])

    def _sort_by_command(self, name: str) -> None:
        rights = SORTED_BY_COMMAND[name]
        self._staff.command("sort", str(self._entry(name).mail.id), "--as", ",".join(rights) or "none", "--by", STAFF)
        self.mails.answer(PARTS[name])

    def _command(self, name: str, words: tuple[str, ...]) -> None:
        self._staff.command(words[0], self._ready(name), *words[1:], "--by", STAFF)

    def _ready(self, name: str) -> str:
        """Return a part's case reference as soon as all its answers wait for a person, or have left.

        A copy must have left before anything of the same person's may be erased, so no answer may be on its way.
        """
        waiting = {ClaimState.AWAITING_APPROVAL, ClaimState.ANSWERED}

        def is_ready() -> bool:
            case = self._case(PARTS[name])
            return case is not None and all(claim.state in waiting for claim in case.claims)

        self._place.wait_until(is_ready, f"the answer to {name} to wait for approval")
        case = self._case(PARTS[name])
        assert case is not None
        return case.reference

    def _wait_sent(self, name: str) -> None:
        """Wait until the last of the letters that a part expects has left."""
        wanted = PARTS[name].expected.letters[-1]
        self.mails.wait_for_letter(PARTS[name], wanted)
        self._place.wait_until(
            lambda: PARTS[name].expected == self._entry(name).fate, f"the case of {name} to note that {wanted} has left"
        )

    def _let_weeks_pass(self) -> None:
        """Move the clock, not the database: the same installation is furnished anew on a later day and works once."""
        self._place.stop()
        case = self._case(PARTS["silent"])
        if case is None:
            raise InboxBotError("There is no case that nobody answers for.")
        calendar = self._place.building.flow.calendar
        today = stockholm_day(self._place.clock.now())
        due = calendar.dates(case.claims[0].clock).due
        late = calendar.add_working_days(due, -_LEFT_WHEN_GIVING_UP)
        self._work_on(calendar.add_working_days(today, _REMINDED_BY))
        self._work_on(late)
        self._try(PARTS["silent"], self._staff.command, "approve", case.reference, "--by", STAFF)
        self._work_on(late)

    def _work_on(self, day: date) -> None:
        flow = self._place.building.flow
        clock = SetClock(datetime.combine(day, time(12), UTC))
        later = furnish(self._place.building.settings, clock=clock, classifier=flow.classifier)
        try:
            worker = make_worker(later)
            asyncio.run(worker.run_once())
            if worker.failures:
                raise InboxBotError(f"On {day} the worker failed: {worker.failures[0]}")
        finally:
            later.close()

    def _case(self, part: Part) -> CaseRecord | None:
        entry = self.mails.entry(part)
        return None if entry is None else entry.case

    def _entry(self, name: str) -> Entry:
        entry = self.mails.entry(PARTS[name])
        if entry is None:
            raise InboxBotError(f"The program has never seen the mail {name}.")
        return entry

    def _try(self, part: Part, act: Callable[P, object], *given: P.args, **named: P.kwargs) -> None:
        """Do one act of a part, unless an earlier one has failed: its row is wrong already, and waiting takes time."""
        if part.name in self.problems:
            return
        try:
            act(*given, **named)
        except (InboxBotError, OSError) as error:
            self.problems[part.name].append(str(error))
            self._place.check()
