"""The staff at work: how they decide, how promptly, and what they do at the keyboard about what waits for them."""

import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial

from inbox_bot.domain.case import ClaimState, LetterPurpose, LetterRecord, LetterState
from inbox_bot.errors import InboxBotError
from inbox_bot.overview import CaseFile, CaseView, ClaimView, Overview
from tests.simulation.hands import Hands, Waiting, label, open_claims
from tests.simulation.people import World
from tests.simulation.post import REFERENCE, Letter
from tests.simulation.reckoning import DAY, HOME, day_of, end_of, moment, strict, working_days_between
from tests.simulation.rota import Colleague
from tests.simulation.truth import ACTS, Decision, Matter

CARE = {"soon": 62, "at 10": 14, "at 5": 13, "at 2": 7, "at 1": 4}
"""How promptly a claim is dealt with: soon, or only when a letter has told of so many working days left."""

KINDS = {"grant": 82, "refuse": 7, "extend": 5, "no_data": 3, "give_back": 3}
ABLE = {
    "refuse": frozenset({"access", "erasure", "objection", "rectification", "portability", "restriction"}),
    "extend": frozenset({"access", "erasure", "portability"}),
    "no_data": frozenset({"access"}),
}
COPIES = frozenset({"access", "portability"})
"""Rights whose answer is a copy: nothing of the person may be erased before it has left."""

MOST_AT_ONCE = 15
"""Decisions that one colleague gets done in one sitting."""

GIVING_UP = 6
"""Working days before the date from which an office looks for answers that say "we cannot identify you"."""

_HESITATED = re.compile(r"Brev (\d+), kom till \S+ (\d{4}-\d\d-\d\d kl\. \d\d\.\d\d)\.")
_BEFORE = re.compile(r"before the answer to \w+ in ([A-Z]+-\d+-\d+)")


@dataclass
class Office:
    """All colleagues and what they have agreed on. ``told``: case or mail to the fewest days left that a letter told of."""

    world: World
    staff: Sequence[Colleague]
    told: dict[str, int] = field(default_factory=dict)
    care: dict[tuple[str, str], str] = field(default_factory=dict)
    kind: dict[tuple[str, str], str] = field(default_factory=dict)
    ready_on: dict[tuple[str, str], date] = field(default_factory=dict)
    tries: dict[tuple[str, str], int] = field(default_factory=dict)
    hesitated: dict[int, datetime] = field(default_factory=dict)
    """Mails that the weekly letter says the program hesitated at and let be, by their number, with when they came."""
    first: set[str] = field(default_factory=set)
    """Cases whose copy must leave before something in another one may be erased."""
    noes: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    """Who wrote a no that came after the first month, and who stands behind it."""
    studied: set[str] = field(default_factory=set)
    trouble: list[str] = field(default_factory=list)
    sittings: int = 0
    left_today: int = 0

    @property
    def addresses(self) -> frozenset[str]:
        return frozenset(one.address for one in self.staff)

    def get(self, letter: Letter) -> None:
        """Put a letter on the desk of the colleague it is for."""
        next(one for one in self.staff if one.address == letter.to).post.append(letter)

    def plan_day(self, day: date) -> None:
        """Plan the sittings of everyone who is at work on a day."""
        chance = self.world.chance
        for one in self.staff:
            if one.is_here(day):
                for hour in (9, 13):
                    at = moment(day, hour) + timedelta(minutes=chance.randint(0, 150))
                    self.world.timeline.at(at, self._sitting(one))

    def _sitting(self, one: Colleague) -> Callable[[], None]:
        return lambda: self.sit_down(one)

    def sit_down(self, one: Colleague) -> None:
        """Read the post, then do what waits, the most urgent first."""
        if not self.world.program.is_up:
            return
        self.sittings += 1
        for letter in one.post:
            self._read(letter)
        one.post.clear()
        hands = Hands(self.world.program.flow, one.address.partition("@")[0])
        self.left_today = MOST_AT_ONCE
        self._look_again(hands)
        view = hands.overview()
        if view.to_sort or view.troubled:
            self._sort(hands, view)
            self._mend(hands, view)
            view = hands.overview()
        for case in view.cases:
            if self.left_today <= 0:
                break
            self._attend(hands, case, one)
        if self.left_today < MOST_AT_ONCE:
            self.world.program.wake()

    def _read(self, letter: Letter) -> None:
        """Take in what a letter from the program says about dates, and which mails it hesitated at."""
        for line in letter.text.splitlines():
            hesitated = _HESITATED.search(line)
            if hesitated:
                at = datetime.strptime(hesitated[2], "%Y-%m-%d kl. %H.%M").replace(tzinfo=HOME)
                self.hesitated[int(hesitated[1])] = at
            found = REFERENCE.search(line)
            days = _days_in(line)
            if found and days is not None:
                self.told[found[0]] = min(days, self.told.get(found[0], 99))

    def _do(self, what: str, act: Callable[[], None]) -> bool:
        """Press a button; note it if the program says no."""
        try:
            act()
        except InboxBotError as error:
            self.trouble.append(f"{what}: {type(error).__name__}: {error}")
            self.first.update(_BEFORE.findall(str(error)))
            return False
        return True

    # Mails that nobody has decided about

    def _sort(self, hands: Hands, view: Overview) -> None:
        truth, now = self.world.truth, self.world.timeline.now
        for mail in view.to_sort:
            record = mail.record
            message_id = (record.message.message_id if record.message else None) or ""
            truth.numbers.setdefault(message_id, record.id)
            if self.left_today <= 0:
                continue
            self.left_today -= 1
            asked = [matter.right for matter in truth.by_mail.get(message_id, ())]
            if truth.kinds.get(message_id) == "other_address":
                reference = truth.reads[message_id]
                self._do("ask again", partial(hands.ask_again, reference))
            reference = ""
            try:
                reference = hands.sort(record.id, asked)
            except InboxBotError as error:
                self.trouble.append(f"sort: {error}")
            truth.sorted_by_hand[message_id] = now
            for matter in truth.by_mail.get(message_id, ()):
                matter.reference = matter.reference or reference

    def _look_again(self, hands: Hands) -> None:
        """Look in the mailbox at what the program hesitated at and let be; have what asks for something fetched again."""
        truth = self.world.truth
        for number, at in self.hesitated.items():
            came = [matter for matter in truth.matters if at <= matter.at < at + timedelta(minutes=1)]
            if any(not matter.reference and matter.mail not in truth.sorted_by_hand for matter in came) and self._do(
                "fetch again", partial(hands.recall, number)
            ):
                truth.found_by_hand += 1
                self.world.program.wake()
        self.hesitated.clear()

    # Letters that did not arrive

    def _mend(self, hands: Hands, view: Overview) -> None:
        for letter in view.troubled:
            if self.left_today > 0:
                self.left_today -= 1
                self._do(f"mend {letter.name} {letter.state.value}", partial(self._mend_one, hands, letter))

    def _mend_one(self, hands: Hands, letter: LetterRecord) -> None:
        reference = ""
        for case in self.world.truth.letters:
            if case.message_id == letter.message_id:
                reference = case.reference
        key = (letter.message_id, "")
        self.tries[key] = self.tries.get(key, 0) + 1
        if letter.state is LetterState.UNKNOWN:
            hands.settle(letter.id, sent=self.world.program.way_out.did_arrive(letter.message_id, letter.claimed_at))
        elif letter.state is LetterState.HELD:
            if letter.name == "extension":
                hands.lay_aside(letter.id)
            else:
                hands.settle(letter.id, sent=False)
        elif letter.purpose is LetterPurpose.ANSWER and reference:
            self._answer_again(hands, letter, reference)
        elif letter.purpose is LetterPurpose.IDENTITY and reference and self.tries.get((reference, "asked"), 0) < 1:
            self.tries[reference, "asked"] = 1
            hands.lay_aside(letter.id)
            hands.ask_again(reference)
        else:
            hands.lay_aside(letter.id)
            if letter.purpose is LetterPurpose.IDENTITY and reference and (reference, "called") not in self.tries:
                self.tries[reference, "called"] = 1
                hands.call(reference)

    def _answer_again(self, hands: Hands, letter: LetterRecord, reference: str) -> None:
        """Send an answer that did not arrive once more; if that fails too, reach the person another way and note it as sent."""
        count = self.tries.get((reference, "again"), 0)
        self.tries[reference, "again"] = count + 1
        if count < 1:
            hands.settle(letter.id, sent=False)
            return
        hands.settle(letter.id, sent=True)
        for matter in self.world.truth.matters:
            if matter.reference == reference:
                matter.delivered_by_hand_at = matter.delivered_by_hand_at or self.world.timeline.now

    # Cases

    def _attend(self, hands: Hands, case: CaseView, one: Colleague) -> None:
        reference = case.record.reference
        if reference not in self.studied or case.unread:
            self._study(hands, hands.file(reference))
        ready = {
            claim.record.id
            for claim in case.claims
            if self._may_be_decided(claim) and self._is_time(reference, label(claim.record.claim), claim, case)
        }
        if not ready:
            return
        for answer in hands.waiting(hands.file(reference)):
            if self.left_today > 0 and ready & set(answer.draft.record.claim_ids):
                self._decide(hands, answer, case, one)

    def _may_be_decided(self, claim: ClaimView) -> bool:
        """Tell whether an answer waits: one that grants or refuses, or, near the date, one that says we cannot identify."""
        if claim.record.state is ClaimState.AWAITING_APPROVAL:
            return True
        today = day_of(self.world.timeline.now)
        return (
            claim.record.state is ClaimState.AWAITING_IDENTITY
            and working_days_between(today, claim.dates.strict_deadline) <= GIVING_UP
        )

    def _study(self, hands: Hands, file: CaseFile) -> None:
        """Read a case's mails: take up a right the program did not see, and a request that is taken back."""
        truth, now = self.world.truth, self.world.timeline.now
        reference = file.view.record.reference
        self.studied.add(reference)
        known = {label(claim.record.claim) for claim in file.view.claims}
        taken_back = False
        for mail in file.mails:
            message_id = (mail.message.message_id if mail.message else None) or ""
            kind = truth.kinds.get(message_id, "")
            matters = truth.by_mail.get(message_id, [])
            for matter in matters:
                matter.reference = matter.reference or reference
            asked = [matter.right for matter in matters]
            more = [right for right in asked if right not in known and mail.unread]
            if not mail.unread and matters and file.view.record.state.value == "open":
                more = [right for right in asked if right not in known]
            if more:
                known |= set(more)
                self._do("add right", partial(self._add_rights, hands, reference, mail.id, matters, more))
            if matters or kind == "withdrawal":
                taken_back = kind == "withdrawal" and mail.unread
        if file.view.unread:
            self._do("read", lambda: hands.read(file))
        if not any(matter.reference == reference for matter in truth.matters) and open_claims(file.view):
            truth.mistaken.add(reference)
            self._do("dismiss", lambda: hands.dismiss(reference))
            return
        if taken_back and open_claims(file.view) and self._do("dismiss", lambda: hands.dismiss(reference)):
            for matter in truth.matters:
                if matter.reference == reference:
                    matter.dismissed_at = matter.dismissed_at or now

    def _add_rights(
        self, hands: Hands, reference: str, mail_id: int, matters: Sequence[Matter], rights: Sequence[str]
    ) -> None:
        """Take up rights that the program did not see in a mail, and note in which case they are now."""
        found = hands.add_rights(reference, mail_id, rights)
        for matter in matters:
            if matter.right in rights:
                matter.reference = found
                self.world.truth.added_by_hand[matter.mail, matter.right] = self.world.timeline.now

    def _decide(self, hands: Hands, answer: Waiting, case: CaseView, one: Colleague) -> None:
        """Decide about one answer whose time has come for this office."""
        self.left_today -= 1
        chance, now = self.world.chance, self.world.timeline.now
        today = day_of(now)
        if answer.draft.record.letter == "cannot_identify":
            self._do("cannot identify", lambda: hands.answer(answer, today=today))
            for right in answer.rights:
                self._note(answer, right, "cannot_identify", one)
            return
        right = answer.rights[0]
        key = (answer.reference, right)
        kind = self.kind.setdefault(key, self._choose(right))
        if chance.random() < 0.04 and answer.draft.missing:
            if hands.approve_empty(answer):
                self.world.truth.wrong_doors.append(f"{answer.reference}: an answer that says nothing was approved")
            else:
                self.world.truth.refused_doors += 1
        if right == "marketing" and chance.random() < 0.05 and not self._has_objection(case):
            if hands.may_refuse_marketing(answer.reference):
                self.world.truth.wrong_doors.append(f"{answer.reference}: a marketing stop was refused or extended")
            else:
                self.world.truth.refused_doors += 2
        match kind:
            case "refuse":
                if self._do("refuse", lambda: self._refuse(hands, answer, case, one)):
                    self._note(answer, right, kind, one)
            case "extend":
                self.kind[key] = "grant"
                in_time = now < end_of(strict(min(claim.record.clock.received_at for claim in case.claims)))
                if in_time and self._do("extend", lambda: hands.extend(answer.reference, right)):
                    self.ready_on[key] = today + chance.randint(14, 40) * DAY
                    self.care[key] = chance.choice(["soon", "at 5", "at 2"])
                    self.told.pop(answer.reference, None)
            case "give_back":
                self.kind[key] = "grant"
                self._do("give back", lambda: hands.give_back(answer))
            case _:
                letter = "no_data" if kind == "no_data" else None
                # First the systems, then the letter that says so: never the other way round.
                if self._do(f"answer {right}", lambda: hands.answer(answer, today=today, letter=letter)):
                    self._note(answer, right, kind, one, acted=right in ACTS)

    def _refuse(self, hands: Hands, answer: Waiting, case: CaseView, one: Colleague) -> None:
        """Say no; after the first month, as with somebody who proved who they are late, together with a colleague."""
        key = (answer.reference, answer.rights[0])
        last = min(claim.dates.strict_deadline for claim in case.claims if label(claim.record.claim) == key[1])
        if day_of(self.world.timeline.now) <= last:
            hands.refuse(answer)
        elif key not in self.noes:
            hands.write_no(answer)
            self.noes[key] = [one.address]
        elif one.address not in self.noes[key] and len(self.noes[key]) == 1:
            hands.stand_behind(answer)
            self.noes[key].append(one.address)
        elif len(self.noes[key]) == 2 and one.address != self.noes[key][1]:
            hands.approve_as_it_is(answer)

    def _note(self, answer: Waiting, right: str, kind: str, one: Colleague, *, acted: bool = False) -> None:
        now = self.world.timeline.now
        done = Decision(at=now, by=one.address, kind=kind, acted_at=now if acted else None)
        self.world.truth.decisions[answer.reference, right].append(done)

    def _has_objection(self, case: CaseView) -> bool:
        return any(label(claim.record.claim) == "objection" for claim in case.claims)

    def _choose(self, right: str) -> str:
        kind = self.world.chance.choices(list(KINDS), list(KINDS.values()))[0]
        return "grant" if right not in ABLE.get(kind, frozenset({right})) else kind

    def _is_time(self, reference: str, right: str, claim: ClaimView, case: CaseView) -> bool:
        """Tell whether this office deals with a claim today: by its care, by what it was told, or before a gap in the rota."""
        chance, today = self.world.chance, day_of(self.world.timeline.now)
        key = (reference, right)
        unproven = claim.record.state is ClaimState.AWAITING_IDENTITY
        due = claim.dates.strict_deadline if unproven else claim.dates.due
        if due <= max(self._next_staffed(today), today + DAY):
            return True
        if right == "erasure" and any(
            label(other.record.claim) in COPIES and not other.record.state.is_final for other in case.claims
        ):
            return False  # The copy first: nothing may be erased before it is delivered (law.md 3.2).
        if reference in self.first and right in COPIES and not unproven:
            return True
        care = self.care.setdefault(key, chance.choices(list(CARE), list(CARE.values()))[0])
        ready = self.ready_on.setdefault(key, today + chance.choice([0, 0, 0, 1, 2, 3, 5, 8]) * DAY)
        if unproven:
            return self.told.get(reference, 99) <= chance.choice([5, 4, 3, 2])
        return today >= ready and (care == "soon" or self.told.get(reference, 99) <= int(care.rpartition(" ")[2]))

    def _next_staffed(self, today: date) -> date:
        """Return the next day on which anyone will be here, as far as holidays tell."""
        day = today + DAY
        while not any(one.is_here(day) for one in self.staff) and day < today + 60 * DAY:
            day += DAY
        return day


def _days_in(line: str) -> int | None:
    """Return how many working days a line of an alarm says are left."""
    words = line.replace("(", " ").replace(")", " ").split()
    for before, word in itertools.pairwise(words):
        if word.startswith("arbetsdag") and before.isdigit():
            return int(before)
    if "sista dagen" in line or "försenat" in line:
        return 0
    return None
