"""Mails read by a process of their own: saved as the rooms would, one that kills it in quarantine, its neighbours through."""

from collections import deque

import pytest

from inbox_bot.domain.reading import Reading
from inbox_bot.errors import RulesError
from inbox_bot.mailbox.step import collect
from inbox_bot.message.outcome import tried
from inbox_bot.message.parse import read
from inbox_bot.message.step import BATCH, MOST_ATTEMPTS
from inbox_bot.reading.intake import Intake
from tests.support.house import EVA, OWN, both_databases


class Understudy:
    """A Reader in this process that dies over every mail that says "gift", as a parser run out of memory would."""

    def __init__(self, classifier) -> None:
        self.classifier = classifier
        self.trouble = None
        self.deaths = self.starts = self.closed = 0
        self.batches = []
        self._alive = False
        self._waiting = deque()

    def open(self):
        if self.trouble is not None:
            raise self.trouble
        self.starts += not self._alive
        self._alive = True

    def send(self, contents, own):
        self.batches.append(len(contents))
        if self._alive:
            self._waiting.append((contents, own))

    def receive(self):
        if not self._alive:
            return ()
        contents, own = self._waiting.popleft()
        if any(b"gift" in content for content in contents):
            self._alive = False
            self._waiting.clear()
            self.deaths += 1
            return ()
        return [self._read(content, own) for content in contents]

    def classify(self, subject, text):
        return self.classifier.classify(subject, text)

    def close(self):
        self.closed += 1

    def _read(self, content, own):
        reading = tried(read, content, own)
        if reading.message is None or reading.message.automatic is not None:
            return reading
        try:
            verdict = self.classifier.classify(reading.message.subject, reading.message.reply_text)
        except ValueError as error:
            return Reading(message=reading.message, judge_error=type(error).__name__)
        return Reading(message=reading.message, verdict=verdict)


@pytest.fixture
def intake(house):
    """Let the installation read by an understudy; return that."""
    reader = Understudy(house.classifier)
    object.__setattr__(house.flow, "intake", Intake(house.flow.desk, frozenset({OWN}), reader))
    return reader


def states(house):
    return [state for (state,) in house.sql("SELECT state FROM mail ORDER BY id")]


@both_databases
def test_each_mail_goes_its_way(house, intake):
    house.mail("#access")
    house.mail("#unsure", sender=EVA)
    house.mail("Boka", sender=EVA)
    house.mail("Semester", headers={"Auto-Submitted": "auto-replied"})
    house.mailbox.put(b"\r\n\r\n", house.now)
    house.drain()
    assert states(house) == ["filed", "to_sort", "left", "set_aside", "quarantined"]
    assert house.states() == {"access": "awaiting_identity"}


def test_what_is_no_request_is_left_with_nothing_stored_but_hash_class_and_time(house, intake):
    house.mail("Boka en plats", sender="Kalle Ek <kalle@example.se>", subject="Bokning")
    house.drain()
    held = repr(house.everything())
    for trace in ("Kalle", "kalle@", "Bokning", "Boka", "mail.example.com"):
        assert trace not in held
    assert states(house) == ["left"]


@both_databases
def test_a_follow_up_that_is_no_request_joins_its_case(house, intake):
    receipt = house.ask("#access")
    house.reply(receipt, "Tack! Jag heter Karl i registret.")
    house.mail("Och jag bytte namn förra året.", subject="Ang PK-2026-0001")
    house.drain()
    assert len(house.file().mails) == 3


def test_a_follow_up_that_comes_with_its_request_joins_its_case(house, intake):
    for number in range(60):
        house.mail("#erasure", sender=f"person{number}@example.org")
    house.mail("#access", message_id="<first@mail.example.com>")
    house.mail("Jag glömde: jag heter Karl.", headers={"References": "<first@mail.example.com>"})
    house.drain()
    [case] = [case for case in house.cases() if case.requester == "kalle@example.se"]
    assert len(house.file(case.reference).mails) == 2


def test_a_copy_of_a_known_mail_that_is_no_request_joins_its_case_too(house, intake):
    receipt = house.ask("#access")
    house.reply(receipt, "Jag heter Karl.")
    house.drain()
    [*_, (identity,)] = house.sql("SELECT message_id FROM mail ORDER BY id")
    house.mail("Jag heter Karl.", message_id=identity)
    house.drain()
    assert states(house) == ["filed"] * 3


def test_a_classifier_in_trouble_loses_no_mail(house, intake):
    house.classifier.trouble = ValueError("Radera kalle@example.se")
    house.mail("#access")
    house.drain()
    [waiting] = house.flow.archive.overview().to_sort
    assert waiting.record.reason == "classifier_failed"


@both_databases
@pytest.mark.parametrize("place", [0, 7, BATCH + 3])
def test_a_mail_that_kills_the_reader_ends_in_quarantine_and_the_rest_get_through(house, intake, place):
    count = BATCH + 10
    for number in range(count):
        house.mail("gift" if number == place else "#access", sender=f"person{number}@example.org")
    house.drain()
    expected = ["filed"] * count
    expected[place] = "quarantined"
    assert states(house) == expected
    assert intake.deaths == MOST_ATTEMPTS
    assert len(house.cases()) == count - 1
    [mail] = house.flow.archive.overview().quarantined
    assert mail.reason == "the program stopped each time it was read"


def test_three_killers_take_nobody_with_them(house, intake):
    for number in range(20):
        house.mail("gift" if number in {2, 3, 19} else "#access", sender=f"person{number}@example.org")
    house.drain()
    assert states(house).count("quarantined") == 3
    assert states(house).count("filed") == 17


def test_rules_that_cannot_be_used_cost_no_mail_an_attempt(house, intake):
    intake.trouble = RulesError("access.toml is no TOML.")
    house.mail("#access")
    for _ in range(MOST_ATTEMPTS + 2):
        assert house.drain(well=False).failures == ["message: access.toml is no TOML."]
    assert house.sql("SELECT state, attempts FROM mail") == [("received", 0)]
    intake.trouble = None
    house.drain()
    assert states(house) == ["filed"]


def test_the_next_batch_is_with_the_reader_while_the_last_is_saved(house, intake, monkeypatch):
    from inbox_bot.reading import intake as module

    for number in range(3 * BATCH):
        house.mail("#access", sender=f"person{number}@example.org")
    collect(house.flow.desk, house.mailbox, house.clock, look_back_days=30)
    real, with_the_reader = module._put_down, []

    def put_down(*given):
        with_the_reader.append(len(intake._waiting))
        real(*given)

    monkeypatch.setattr(module, "_put_down", put_down)
    done = [house.flow.take_in() for _ in range(2)]
    assert done == [1, BATCH]
    assert with_the_reader == [1]
    house.flow.finish_reading()
    assert intake.batches == [BATCH] * 3
    assert with_the_reader == [1, 1, 0]
    assert states(house).count("request") == 3 * BATCH
    house.drain()
    assert states(house) == ["filed"] * 3 * BATCH


def test_a_power_cut_with_mails_in_hand_costs_them_nothing(house, intake):
    for number in range(9):
        house.mail("#access", sender=f"person{number}@example.org")
    collect(house.flow.desk, house.mailbox, house.clock, look_back_days=30)
    house.flow.take_in()
    object.__setattr__(house.flow, "intake", Intake(house.flow.desk, frozenset({OWN}), intake))
    house.drain()
    assert states(house) == ["filed"] * 9


def test_what_cannot_be_saved_is_not_tried_for_ever(house, intake, monkeypatch):
    from inbox_bot.reading import intake as module

    real = module._put_down

    def breaks(unit, batch, readings, trust, edition, now):
        if any(b"trasig" in content for content in unit.mails.contents(batch.ids).values()):
            raise RuntimeError("the database refuses this one")
        real(unit, batch, readings, trust, edition, now)

    monkeypatch.setattr(module, "_put_down", breaks)
    house.mail("#access")
    house.mail("trasig")
    for _ in range(12):
        house.drain(well=False)
    assert states(house) == ["filed", "quarantined"]


async def test_a_stop_saves_what_is_in_hand_and_waits_for_no_mail_that_takes_for_ever(house, intake, monkeypatch):
    import asyncio
    import threading

    from inbox_bot.worker import Worker

    monkeypatch.setattr("inbox_bot.worker.GRACE", 0.1)
    stop, stuck, killed = asyncio.Event(), threading.Event(), threading.Event()

    def receive():
        stuck.set()
        assert killed.wait(20)
        return ()

    monkeypatch.setattr(intake, "receive", receive)
    monkeypatch.setattr(intake, "close", killed.set)
    house.mail("#access")
    collect(house.flow.desk, house.mailbox, house.clock, look_back_days=30)
    task = asyncio.create_task(Worker(flow=house.flow, watches=[]).run(stop))
    assert await asyncio.to_thread(stuck.wait, 20)
    stop.set()
    await asyncio.wait_for(task, 20)
    assert killed.is_set()
    assert house.sql("SELECT state, attempts FROM mail") == [("received", 1)]


@both_databases
def test_what_was_nearly_asked_about_is_left_with_that_class_and_nothing_else(build, monkeypatch):
    from inbox_bot.domain.verdict import Outcome, Verdict

    house = build()
    collect(house.flow.desk, house.mailbox, house.clock, look_back_days=30)
    monkeypatch.setattr(
        type(house.classifier),
        "classify",
        lambda _self, _subject, text: Verdict(outcome=Outcome.NOT_REQUEST, near="nära" in text),
    )
    house.mail("Det var nära")
    house.mail("Det var det inte")
    collect(house.flow.desk, house.mailbox, house.clock, look_back_days=30)
    intake = Intake(house.flow.desk, frozenset({OWN}), Understudy(house.classifier), clock=house.clock)
    while intake.read():
        pass
    assert house.sql("SELECT state, reason, content FROM mail ORDER BY id") == [
        ("left", "near", None),
        ("left", "", None),
    ]
