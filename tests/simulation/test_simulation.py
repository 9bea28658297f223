"""Some weeks of the simulation that benchmarks/two_years.py runs for years, and proof that its checks see what is wrong."""

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from inbox_bot import assembly
from inbox_bot.domain.verdict import Classifier, Outcome, Verdict
from tests.simulation.checks import violations
from tests.simulation.outcomes import outcomes
from tests.simulation.play import play
from tests.simulation.reckoning import day_of, extended, fallback, strict
from tests.simulation.report import report
from tests.simulation.run import Plan, Run

TABLE = (Path(__file__).parents[1] / "case" / "deadline_vectors.csv").read_text("utf-8")
VECTORS = list(csv.DictReader(TABLE.splitlines()))
WEEKS = Plan(requesters=24, years=12 / 365.25, seed=22, first_day=date(2028, 2, 21), others=0.3)
"""Twelve days over a leap day, and as long after them as it takes until all is answered."""


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize("row", VECTORS, ids=lambda row: row["id"])
def test_its_own_reckoning_is_that_of_the_law(row):
    received = at(row["received_at"])
    assert day_of(received).isoformat() == row["received_local_date"]
    assert strict(received).isoformat() == row["strict_deadline"]
    if row["extended_deadline"]:
        assert extended(received).isoformat() == row["extended_deadline"]
    if row["paused_safe"]:
        safe = fallback(received, at(row["identity_requested"]), at(row["identity_confirmed"]))
        assert safe is not None
        assert safe.isoformat() == row["paused_safe"]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Something changed in the record of what happened, and words of the violation that must then be found."""

    changed: Callable[[Run], object]
    words: str


@contextmanager
def changed(owner: object, name: str, value: object) -> Iterator[None]:
    before = getattr(owner, name)
    setattr(owner, name, value)
    yield
    setattr(owner, name, before)


def first(run: Run, **wanted: object) -> object:
    """Return the first claim that was granted, refused or stopped by a letter, and is as wanted."""
    return next(
        matter
        for matter in run.truth.matters
        if not matter.merged
        and all(getattr(matter, name) == value for name, value in wanted.items())
        and any(letter.name != "cannot_identify" for letter in run.truth.answers[matter.reference, matter.right])
    )


def no_answers(run: Run) -> object:
    return changed(run.truth, "answers", type(run.truth.answers)(list))


def answered_again(run: Run) -> object:
    found = first(run)
    key = (found.reference, found.right)
    letters = run.truth.answers[key]
    again = replace(letters[-1], message_id="<again@example.com>", at=letters[-1].at + timedelta(days=1))
    return changed(run.truth, "answers", type(run.truth.answers)(list, {**run.truth.answers, key: [*letters, again]}))


def to_another(run: Run) -> object:
    letters = [
        letter if letter.automatic else replace(letter, to="person1@example.net") for letter in run.truth.letters
    ]
    return changed(run.truth, "letters", letters)


def another_byte(run: Run) -> object:
    last = run.way_out.tries[-1]
    return changed(run.way_out, "tries", [*run.way_out.tries, replace(last, content=last.content + b" ")])


FAULTS = {
    "no letter reached the staff": Fault(
        changed=lambda run: changed(run.truth, "staff_letters", []), words="no alarm at"
    ),
    "nobody was answered": Fault(changed=no_answers, words="never answered"),
    "a case closed and nothing arrived": Fault(changed=no_answers, words="closed as answered"),
    "someone was answered twice": Fault(changed=answered_again, words="answered twice"),
    "nobody proved who they are": Fault(changed=lambda run: changed(run.truth, "proven", {}), words="left unproven"),
    "a decision went elsewhere": Fault(changed=to_another, words="left for another address"),
    "an address asked for nothing": Fault(changed=to_another, words="address that asked for nothing"),
    "a letter changed": Fault(changed=another_byte, words="changed between two tries"),
    "nothing was done": Fault(
        changed=lambda run: changed(run.truth, "decisions", type(run.truth.decisions)(list)), words="nobody had done it"
    ),
    "marketing went on": Fault(
        changed=lambda run: changed(first(run, right="marketing"), "suppressed_at", None), words="never stopped"
    ),
    "the stop waited": Fault(
        changed=lambda run: changed(
            found := first(run, right="marketing"), "suppressed_at", found.suppressed_at + timedelta(days=1)
        ),
        words="the marketing stop waited",
    ),
    "a mail came a day earlier": Fault(
        changed=lambda run: changed(found := first(run), "at", found.at - timedelta(days=1)), words="starts at"
    ),
    "a mail was never seen": Fault(changed=lambda run: changed(run.world.mailbox, "seen", {}), words="never seen"),
    "a machine was answered": Fault(
        changed=lambda run: changed(run.truth, "kinds", dict.fromkeys(run.truth.kinds, "automatic")),
        words="answers a mail that is automatic",
    ),
    "nobody was told that nothing was read": Fault(
        changed=lambda run: changed(run, "told", []), words="nobody was told of an outage"
    ),
    "the program cried wolf": Fault(
        changed=lambda run: changed(
            run, "told", [*run.told, replace(run.told[0], at=run.world.timeline.now + timedelta(days=9))]
        ),
        words="a stillness that was none",
    ),
    "the program failed": Fault(
        changed=lambda run: changed(run.world.program, "unwell", ["outbox: StoreError"]), words="the program failed"
    ),
}


@dataclass(frozen=True, kw_only=True)
class Weeks:
    """What was found while the program still stood: as it was, and with each fault."""

    run: Run
    wrong: list[str]
    seen: dict[str, list[str]]


@dataclass
class Shy:
    """The real classifier, but that it lets every other mail be that a person should look at, as a near thing."""

    inner: Classifier
    asked: int = 0

    def classify(self, subject: str, text: str) -> Verdict:
        verdict = self.inner.classify(subject, text)
        if verdict.outcome is not Outcome.UNSURE:
            return verdict
        self.asked += 1
        return replace(verdict, outcome=Outcome.NOT_REQUEST, near=True) if self.asked % 2 else verdict


@pytest.fixture(scope="module")
def weeks(tmp_path_factory: pytest.TempPathFactory) -> Weeks:
    wrong: list[str] = []
    seen: dict[str, list[str]] = {}

    def look(run: Run) -> None:
        wrong.extend(violations(run))
        for name, fault in FAULTS.items():
            with fault.changed(run):
                seen[name] = violations(run)

    run = play(WEEKS, classifier=Shy(assembly.classifier()), folder=tmp_path_factory.mktemp("weeks"), look=look)
    return Weeks(run=run, wrong=wrong, seen=seen)


def test_weeks_of_requests_with_everything_that_goes_wrong_are_answered_in_time(weeks):
    assert weeks.wrong == []
    found = outcomes(weeks.run)
    assert len(found) >= WEEKS.requesters
    assert [one for one in found if one.how in {"late", "never"}] == []


def test_much_went_wrong_in_them(weeks):
    run = weeks.run
    assert {outage.what for outage in run.outages} == {"mailbox", "smtp", "program", "uidvalidity"}
    assert run.world.program.kills
    assert {letter.fate.value for letter in run.way_out.tries} >= {"accepted", "deferred"}
    assert run.alarms
    assert run.truth.bounced
    assert run.truth.found_by_hand


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found(weeks, name):
    found = [text for text in weeks.seen[name] if FAULTS[name].words in text]
    assert found
    assert not [text for text in weeks.wrong if FAULTS[name].words in text]


def test_the_report_tells_of_every_right_and_every_violation(weeks):
    text = report(weeks.run, ["a letter left for another address"])
    for words in ("marketing", "100.00%", "alarm at working days", "seed 22", "- a letter left for another address"):
        assert words in text
    assert "No violation (seed 22)." in report(weeks.run, [])
