"""What staff do about a letter to the wrong person: open a breach, write down each step, close it, hand out its documentation."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from inbox_bot.breach.report import as_text
from inbox_bot.breach.rulebook import BreachRules, BreachStep, allowed
from inbox_bot.breach.view import BreachView, hindrance, view_of
from inbox_bot.breach.wording import moment, remaining
from inbox_bot.clock import Clock
from inbox_bot.domain.breach import KNOWN_AT, BreachLetter, BreachNote, BreachRecord
from inbox_bot.domain.case import Event, EventName, LetterRecord, LetterState
from inbox_bot.errors import NotAllowedError, NotFoundError
from inbox_bot.store.unit import Desk, Unit


@dataclass(frozen=True, kw_only=True)
class BreachDesk:
    """The room's tools and doors. ``alarm`` queues a letter to each member of staff: headline, text, path on the pages."""

    desk: Desk
    clock: Clock
    rules: BreachRules
    alarm: Callable[[Unit, str, str, str], None]
    company: str

    def open(self, letter_ids: Sequence[int], *, known_at: datetime, what: str, by: str) -> int:
        """Start the 72 hours for letters that went wrong, tell staff at once, and return the breach's number.

        ``known_at``: when the company became aware of it. A letter that is in an open breach already leads to that one.
        Raises NotAllowedError for a letter that has not left, a moment that cannot be, or nothing said.
        """
        now = self.clock.now()
        self._check(by, what)
        with self.desk.write() as unit:
            found = [self._letter(unit, letter_id) for letter_id in dict.fromkeys(letter_ids)]
            if not found:
                raise NotAllowedError("Say which letter went to the wrong person.")
            for letter, _ in found:
                unit.cases.lock(letter.case_id or 0)
            for known in unit.breaches.of_letters([letter.id for letter, _ in found]):
                if known.is_open:
                    return known.id
            _check_known(known_at, [letter.sent_at or letter.created_at for letter, _ in found], now)
            letters = [_as_letter(letter, reference) for letter, reference in found]
            number = unit.breaches.open(known_at=known_at, what=what.strip(), letters=letters, by=by.strip(), at=now)
            for case_id in dict.fromkeys(letter.case_id or 0 for letter, _ in found):
                event = Event(at=now, name=EventName.BREACH_OPENED, actor=by.strip(), details={"breach": number})
                unit.cases.record(case_id, event)
            record = self._found(unit, number)
            reached = self._reached(record, now)
            if reached is not None:
                unit.breaches.take_warning(number, reached)  # This letter says so already.
            self._tell(unit, record)
        return number

    def note(
        self, breach_id: int, step: str, *, words: str, by: str, choice: str = "", done_at: datetime | None = None
    ) -> None:
        """Write down what was done in a step. Raises NotAllowedError for what says too little or contradicts another step."""
        now = self.clock.now()
        self._check(by, words)
        rule = self.rules.step(step)
        if rule is None:
            raise NotFoundError(f"There is no step {step} in rules/breach.toml.")
        if done_at is not None and done_at > now:
            raise NotAllowedError("What was done cannot lie in the future.")
        with self.desk.write() as unit:
            if not unit.breaches.lock(breach_id):
                raise NotAllowedError("This breach is closed, or does not exist.")
            record = self._found(unit, breach_id)
            chosen = {name: note.choice for name, note in record.latest.items()}
            self._check_choice(rule, choice, chosen)
            unit.breaches.note(
                breach_id,
                BreachNote(
                    step=step,
                    choice=choice,
                    words=words.strip(),
                    done_at=done_at or now,
                    by=by.strip(),
                    at=now,
                ),
            )

    def correct_known(self, breach_id: int, *, known_at: datetime, reason: str, by: str) -> None:
        """Correct the moment the 72 hours count from (Art 33(1)), tell staff, and keep what stood before, with the reason.

        Raises NotAllowedError for a closed breach, a moment that cannot be, the moment that stands already, or no reason.
        """
        now = self.clock.now()
        self._check(by, reason)
        with self.desk.write() as unit:
            if not unit.breaches.lock(breach_id):
                raise NotAllowedError("This breach is closed, or does not exist.")
            record = self._found(unit, breach_id)
            _check_known(known_at, [letter.sent_at for letter in record.letters if letter.sent_at], now)
            if known_at == record.known_at:
                raise NotAllowedError("This moment stands there already.")
            note = BreachNote(step=KNOWN_AT, choice="", words=reason.strip(), done_at=known_at, by=by.strip(), at=now)
            unit.breaches.note(breach_id, note)
            # The warnings begin anew with the new time; the letter that goes now stands for the one that is reached.
            unit.breaches.rewind_warnings(breach_id, None)
            record = self._found(unit, breach_id)
            unit.breaches.rewind_warnings(breach_id, self._reached(record, now))
            if not self.rules.answered(record):
                self._tell(unit, record)

    def close(self, breach_id: int, *, by: str) -> None:
        """Close a breach when every step is written down and none contradicts another. Raises NotAllowedError."""
        self._check(by)
        now = self.clock.now()
        with self.desk.write() as unit:
            unit.breaches.lock(breach_id)
            record = self._found(unit, breach_id)
            if hindrance(self.rules, record):
                raise NotAllowedError("A breach is closed when every step is written down.")
            if not unit.breaches.close(breach_id, by=by.strip(), at=now):
                raise NotAllowedError("This breach is closed, or does not exist.")
            for reference in record.references:
                case = unit.cases.by_reference(reference)
                if case is not None:
                    event = Event(at=now, name=EventName.BREACH_CLOSED, actor=by.strip(), details={"breach": breach_id})
                    unit.cases.record(case.id, event)

    def all(self) -> list[BreachView]:
        """Return every breach, those that are open first, then the newest."""
        with self.desk.look() as unit:
            found = unit.breaches.all()
        return [
            view_of(self.rules, record, self.clock.now()) for record in sorted(found, key=lambda one: not one.is_open)
        ]

    def open_ones(self) -> list[BreachView]:
        with self.desk.look() as unit:
            return [view_of(self.rules, record, self.clock.now()) for record in unit.breaches.all(open_only=True)]

    def look(self, breach_id: int) -> BreachView:
        """Return one breach. Raises NotFoundError."""
        with self.desk.look() as unit:
            return view_of(self.rules, self._found(unit, breach_id), self.clock.now())

    def of_letters(self, letter_ids: Sequence[int]) -> Mapping[int, int]:
        """Return, of some letters, those that are in a breach, with its number; the newest where there are several."""
        with self.desk.look() as unit:
            found = unit.breaches.of_letters(letter_ids)
        return {letter.letter_id: record.id for record in reversed(found) for letter in record.letters}

    def documentation(self, breach_id: int) -> str:
        """Return all that is written down about a breach, in Swedish, as it is handed to the authority (Art 33(5))."""
        with self.desk.look() as unit:
            return as_text(self.rules, self._found(unit, breach_id), company=self.company, now=self.clock.now())

    def warn(self) -> int:
        """Tell staff of each breach whose time has run down to the next number of hours; return how many letters' worth."""
        now = self.clock.now()
        with self.desk.look() as unit:
            waiting = [one for one in unit.breaches.all(open_only=True) if self._reached(one, now) is not None]
        done = 0
        for one in waiting:
            with self.desk.write() as unit:
                record = self._found(unit, one.id)
                hours = self._reached(record, now)
                if hours is not None and unit.breaches.take_warning(record.id, hours):
                    self._tell(unit, record)
                    done += 1
        return done

    def _reached(self, record: BreachRecord, now: datetime) -> int | None:
        """Return the least number of hours that has been reached and not been warned at; None where the clock is answered."""
        if not record.is_open or self.rules.answered(record):
            return None
        seconds = (record.ends_at - now).total_seconds()
        reached = [hours for hours in self.rules.warn_hours if seconds <= hours * 3600]
        least = min(reached, default=None)
        return least if least is not None and (record.warned is None or least < record.warned) else None

    def _tell(self, unit: Unit, record: BreachRecord) -> None:
        now = self.clock.now()
        left = remaining(record.ends_at, now)
        title = f"Personuppgiftsincident {record.id}: {left}"
        text = (
            f"Ett brev i {', '.join(record.references)} har gått till fel mottagare. Det blev känt {moment(record.known_at)}.\n\n"
            f"Senast {moment(record.ends_at)} ska incidenten vara anmäld till IMY, eller ha ett skrivet skäl till varför inte. "
            "Tiden går också på helger.\n\nPå sidan står vad som ska göras, i ordning."
        )
        self.alarm(unit, title, text, f"/personal/incidenter/{record.id}")

    def _check(self, by: str, words: str | None = None) -> None:
        if not by.strip():
            raise NotAllowedError("Say who does this (--by).")
        if words is not None and len(words.strip()) < self.rules.least:
            raise NotAllowedError(f"The note is too short: at least {self.rules.least} characters.")

    def _check_choice(self, step: BreachStep, choice: str, chosen: Mapping[str, str]) -> None:
        if not step.choices:
            return
        found = step.choice(choice)
        if found is None:
            raise NotAllowedError("Choose how the step came out.")
        if not allowed(found, chosen):
            raise NotAllowedError("This choice does not fit what stands in another step of the breach.")

    def _found(self, unit: Unit, breach_id: int) -> BreachRecord:
        record = unit.breaches.get(breach_id)
        if record is None:
            raise NotFoundError(f"There is no breach {breach_id}.")
        return record

    def _letter(self, unit: Unit, letter_id: int) -> tuple[LetterRecord, str]:
        letter = unit.letters.get(letter_id)
        case = None if letter is None or letter.case_id is None else unit.cases.get(letter.case_id)
        if letter is None or case is None:
            raise NotFoundError(f"There is no letter {letter_id} in a case.")
        if not has_left(letter):
            raise NotAllowedError("Only a letter that has left can have gone to the wrong person.")
        return letter, case.reference


def has_left(letter: LetterRecord) -> bool:
    """True for a letter that has left us, or of which that is not known."""
    return letter.sent_at is not None or letter.state in {LetterState.SENT, LetterState.UNKNOWN}


def _check_known(known_at: datetime, left: Sequence[datetime], now: datetime) -> None:
    """Raise NotAllowedError for a moment at which nobody can have known that letters went wrong. ``left``: when they left."""
    if known_at > now:
        raise NotAllowedError("Nobody can have known of a breach in the future.")
    # Who gives the minute gives its beginning.
    if known_at + timedelta(minutes=1) <= min(left, default=known_at):
        raise NotAllowedError("Nobody can have known of a breach before the letter left.")


def _as_letter(letter: LetterRecord, reference: str) -> BreachLetter:
    return BreachLetter(
        letter_id=letter.id, reference=reference, name=letter.name, sha256=letter.sha256, sent_at=letter.sent_at
    )
