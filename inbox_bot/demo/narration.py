"""Tells a person who looks on what happens: who wrote, what was understood, which date runs, what was sent to whom."""

import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TextIO

from inbox_bot.clock import STOCKHOLM
from inbox_bot.demo.ledger import Entry, rights_in_words
from inbox_bot.demo.post import Letter, read_letter
from inbox_bot.demo.smtp_catcher import CaughtLetter
from inbox_bot.domain.case import CaseRecord, Event, EventName, MailState
from inbox_bot.domain.dates import Calendar, ClockEvents
from inbox_bot.domain.verdict import Verdict
from inbox_bot.flow import Flow

_BOLD, _PLAIN = "\x1b[1m", "\x1b[0m"
_WORTH_TELLING = {
    EventName.MAIL_JOINED: "another mail has come in this case",
    EventName.MAIL_SORTED: "a person has said what the mail is",
    EventName.IDENTITY_CONFIRMED: "the person has confirmed who they are",
    EventName.IDENTITY_FAILED: "a wrong code was typed",
    EventName.IDENTITY_RENEWED: "a new code was asked for",
    EventName.DISOWNED: "the person says: it was not me",
    EventName.MARKETING_SUPPRESSED: "no marketing goes to this address from now on; the answer waits for approval",
    EventName.DRAFTED: "an answer is drafted and waits for approval",
    EventName.RETURNED: "the answer was given back",
    EventName.APPROVED: "a letter is approved and frozen",
    EventName.APPROVAL_VOIDED: "the approval was taken back",
    EventName.REFUSED: "the request is refused",
    EventName.LETTER_BOUNCED: "a letter came back: it did not arrive",
    EventName.EXTENSION_SENT: "more time is taken, and the person has been told why",
    EventName.ANSWERED: "answered",
    EventName.CLOSED: "the case is closed",
    EventName.REOPENED: "the case is open again",
}


@dataclass(kw_only=True)
class Narrator:
    """Prints to ``out``, in bold only where that is a terminal; puts each letter that left into ``folder`` to be read."""

    flow: Flow
    folder: Path
    out: TextIO = field(default_factory=lambda: sys.stdout)
    _letters_told: int = 0
    _events_told: dict[int, int] = field(default_factory=dict)

    def say(self, text: str = "") -> None:
        """Print a line that belongs to no moment."""
        print(text, file=self.out, flush=True)

    def head(self, at: datetime, text: str) -> None:
        """Print a line that begins something, with its time in Stockholm."""
        bold, plain = (_BOLD, _PLAIN) if self.out.isatty() else ("", "")
        self.say(f"{at.astimezone(STOCKHOLM):%H:%M:%S}  {bold}{text}{plain}")

    def line(self, label: str, text: str, at: datetime | None = None) -> None:
        """Print what belongs to the line above, or, with a time of its own, what happened by itself."""
        moment = "" if at is None else f"{at.astimezone(STOCKHOLM):%H:%M:%S}"
        self.say(f"{moment:8}  {label:<12}  {text}")

    def tell_mail(self, entry: Entry) -> None:
        """Tell what the program made of a mail."""
        mail = entry.mail
        match mail.state:
            case MailState.LEFT:
                self.line("understood", "no request: not answered, and only a hash of it is kept")
            case MailState.SET_ASIDE:
                self.line(
                    "set aside", f"{mail.reason.replace(':', ',', 1)}: not answered, and only a hash of it is kept"
                )
            case MailState.QUARANTINED:
                self.line("quarantine", "it cannot be read: kept as it is for a person to see")
            case MailState.TO_SORT:
                self._tell_unsure(mail.verdict, mail.reason)
                due = self.flow.calendar.dates(ClockEvents(received_at=mail.received_at)).due
                self.line("to sort", f"a person decides; if it is a request, the answer is due {day_in_words(due)}")
            case _ if entry.case is not None:
                self.line("understood", _understood(mail.verdict))
                due = _due(entry.case, self.flow.calendar)
                self.line("case", f"{entry.case.reference}, answer due {day_in_words(due)}")

    def tell_news(self, caught: Iterable[CaughtLetter], *, timed: bool = False) -> None:
        """Tell of every letter that has left and all that has happened in the cases since the last time.

        ``timed``: each with its time, where it does not belong to the mail told of last.
        """
        for number, one in enumerate(caught, 1):
            if number > self._letters_told:
                self._letters_told = number
                self._tell_letter(number, one, timed=timed)
        with self.flow.desk.look() as unit:
            histories = [(case, unit.cases.events(case.id)) for case in unit.cases.all()]
        for case, events in histories:
            for event in events[self._events_told.get(case.id, 0) :]:
                self._tell_event(case, event, timed=timed)
            self._events_told[case.id] = len(events)

    def _tell_unsure(self, verdict: Verdict | None, reason: str) -> None:
        likely = f" (perhaps {rights_in_words(verdict.claims)})" if verdict is not None and verdict.claims else ""
        why = (
            "it lay there before the program did"
            if reason == "historic"
            else reason.replace("_", " ").replace(",", ", ")
        )
        self.line("unsure", f"{why}{likely}")

    def _tell_letter(self, number: int, caught: CaughtLetter, *, timed: bool) -> None:
        letter = read_letter(caught)
        stem = self.folder / f"{number:03d}-{letter.name}"
        stem.with_suffix(".eml").write_bytes(caught.content)
        stem.with_suffix(".txt").write_text(_as_text(letter), "utf-8")
        if letter.name == "staff_login":
            self.head(caught.at, f"The code to log in with, mailed to {letter.to}: {letter.code}")
        else:
            self.line("sent", f"“{letter.subject}” to {letter.to}", caught.at if timed else None)

    def _tell_event(self, case: CaseRecord, event: Event, *, timed: bool) -> None:
        words = _WORTH_TELLING.get(event.name)
        if words is not None:
            by = "" if event.actor in {"program", "requester"} else f" (by {event.actor})"
            self.line(case.reference, f"{words}{by}", event.at if timed else None)


def day_in_words(day: date) -> str:
    """Return ``Tuesday 22 December 2026``."""
    return f"{day:%A} {day.day} {day:%B %Y}"


def _understood(verdict: Verdict | None) -> str:
    if verdict is None:
        return "what a person said it is"
    longest = max((found.text for found in verdict.evidence if found.right), key=len, default="")
    words = " ".join(longest.split())
    return rights_in_words(verdict.claims) + (f", on the words “{words}”" if words else "")


def _due(case: CaseRecord, calendar: Calendar) -> date:
    return min(calendar.dates(claim.clock).due for claim in case.claims)


def _as_text(letter: Letter) -> str:
    return f"To: {letter.to}\nSubject: {letter.subject}\n\n{letter.text}"
