"""The thread beside the worker: it tells of a database, a disk or a corridor that has stopped, and hangs on none of them."""

import asyncio
import json
import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from inbox_bot import worker as worker_module
from inbox_bot.domain.health import Level
from inbox_bot.flow import Flow
from inbox_bot.vigil import OVERDUE, Vigil
from inbox_bot.worker import Watch, Worker
from tests.health.conftest import WATCHERS
from tests.support.house import unreachable

SOON = 20.0


@pytest.fixture
def file(tmp_path):
    return tmp_path / "health.json"


@pytest.fixture
def house(make, file):
    return make(self_check=False, file=str(file))


@pytest.fixture
def vigil(house):
    watch = Vigil(house.flow, list, patience=SOON)
    house.flow.watchman.board.work()
    return watch


def told(file):
    found = json.loads(file.read_text("utf-8"))
    return found["status"], {part["name"]: part["status"] for part in found["parts"]}


def test_each_beat_writes_the_file_and_says_that_the_process_lives(house, vigil, file):
    assert vigil.beat().level is Level.OK
    assert told(file) == (
        "ok",
        dict.fromkeys(told(file)[1], "ok"),
    )
    assert {"mailbox info", "reading", "smtp", "worker", "database", "disk"} <= set(told(file)[1])
    assert json.loads(file.read_text("utf-8"))["moment"] == house.now.isoformat()
    house.clock.advance(timedelta(minutes=1))
    vigil.beat()
    assert house.sql("SELECT stopped_at FROM pulse") == [(None,)]
    assert json.loads(file.read_text("utf-8"))["moment"] == house.now.isoformat()
    assert [path.name for path in file.parent.iterdir() if path.name.startswith(".inbox-bot-")] == []


def test_the_file_names_nobody(house, vigil, file):
    house.mail("#access")
    house.drain()
    vigil.beat()
    assert "@" not in file.read_text("utf-8")


def test_a_database_that_cannot_be_written(house, vigil, file, monkeypatch):
    with monkeypatch.context() as locked:
        locked.setattr(Flow, "beat", lambda _: (_ for _ in ()).throw(OSError("disk full, kalle@example.se")))
        assert vigil.beat().level is Level.CRITICAL
    assert told(file)[1]["database"] == "critical"
    assert "kalle" not in file.read_text("utf-8")
    assert house.flow.health().level is Level.CRITICAL
    vigil.beat()
    assert told(file)[0] == "ok"
    assert house.flow.health().level is Level.OK


def test_a_database_that_never_answers_keeps_no_file_from_being_written(house, file, monkeypatch):
    free = threading.Event()
    with monkeypatch.context() as hanging:
        hanging.setattr(Flow, "beat", lambda _: free.wait(SOON))
        vigil = Vigil(house.flow, list, patience=0.01)
        house.flow.watchman.board.work()
        for _ in range(2):
            assert vigil.beat().level is Level.CRITICAL
        assert told(file) == ("critical", {"database": "critical"})
        assert len([one for one in threading.enumerate() if one.name == "vigil-asks"]) == 1
        free.set()


def test_a_file_that_cannot_be_written_is_told_by_the_page(house, vigil, file):
    vigil.beat()
    file.unlink()
    file.mkdir()
    vigil.beat()
    assert [part.name for part in house.flow.health().ill] == ["health file"]
    file.rmdir()
    vigil.beat()
    assert house.flow.health().level is Level.OK


def test_where_the_corridor_hangs_letters_leave_by_another_way(house, monkeypatch):
    tick = [0.0]
    board = house.flow.watchman.board
    monkeypatch.setattr(board, "_ticks", lambda: tick[0])
    vigil = Vigil(house.flow, list, patience=SOON)
    board.work()
    board.begin("message: received")
    vigil.beat()
    house.clock.advance(timedelta(minutes=31))
    tick[0] += max(OVERDUE, 31 * 60) + 1
    house.mail("#access")
    vigil.beat()
    assert sorted(letter.recipient for letter in house.transport.handed) == sorted(WATCHERS)
    assert "har inte blivit klart: message: received" in " ".join(house.transport.handed[0].text.split())
    vigil.beat()
    assert len(house.transport.handed) == 2


def test_only_letters_to_our_own_people_leave_by_it(house):
    house.transport.answers.clear()
    house.mail("#access")
    house.flow.collect(house.mailbox, look_back_days=30)
    house.flow.take_in()
    quiet = replace(house.flow.outbox, among=())
    assert asyncio.run(house.flow.send_to_staff()) == 0
    assert quiet.among == ()


def test_a_process_that_died_is_seen_by_the_others_and_one_that_stopped_is_not_ill(house, vigil):
    vigil.beat()
    house.flow.watchman.board.rest()
    house.clock.advance(timedelta(minutes=6))
    assert [(part.name, part.level) for part in house.flow.health().ill] == [("worker", Level.CRITICAL)]
    house.clock.advance(timedelta(minutes=-6))
    house.flow.beat()
    assert [(part.name, part.level) for part in house.flow.health().ill] == [("worker", Level.WARNING)]
    assert "stoppat" in house.flow.health().ill[0].says


def test_trouble_in_another_process_is_seen_here(house, vigil):
    house.flow.watchman.board.fail("outbox: queued", "StoreError")
    vigil.beat()
    own = house.flow.watchman.board
    own.is_working = False
    assert [part.name for part in house.flow.health().ill] == ["outbox: queued"]


async def test_a_mailbox_thread_that_dies_is_started_anew_and_said(house, monkeypatch):
    died, again = threading.Event(), threading.Event()

    def breaks(flow, watch, halted, ring):
        if died.is_set():
            again.set()
            halted.wait(SOON)
        died.set()

    monkeypatch.setattr(worker_module, "_watch_mailbox", breaks)
    monkeypatch.setattr("inbox_bot.vigil.EVERY", 0.01)
    worker = Worker(flow=house.flow, watches=[Watch(source=house.mailbox, look_back_days=30, poll_seconds=60)])
    stop = asyncio.Event()
    running = asyncio.create_task(worker.run(stop))
    assert await asyncio.to_thread(again.wait, SOON)
    assert "thread mailbox info" in {part.name for part in house.flow.health().ill}
    stop.set()
    await asyncio.wait_for(running, SOON)


async def test_a_worker_that_is_stopped_leaves_word(house, file):
    stop = asyncio.Event()
    worker = Worker(flow=house.flow, watches=[])
    running = asyncio.create_task(worker.run(stop))
    await asyncio.sleep(0)
    stop.set()
    await asyncio.wait_for(running, SOON)
    assert house.sql("SELECT stopped_at IS NOT NULL FROM pulse") == [(True,)]
    assert told(file)[1]["worker"] == "warning"


async def test_a_thread_that_cannot_read_is_seen_though_the_database_knows_nothing(house):
    failed = threading.Event()

    def breaks():
        failed.set()
        raise RuntimeError("kalle@example.se")

    house.mailbox.open = breaks
    house.mailbox.trouble["wait"] = unreachable()
    worker = Worker(flow=house.flow, watches=[Watch(source=house.mailbox, look_back_days=30, poll_seconds=60)])
    stop = asyncio.Event()
    running = asyncio.create_task(worker.run(stop))
    assert await asyncio.to_thread(failed.wait, SOON)
    for _ in range(1000):
        ill = {part.name: part.detail for part in house.flow.health().ill}
        if ill:
            break
        await asyncio.sleep(0.01)
    assert ill == {"thread of mailbox info": "RuntimeError"}
    stop.set()
    await asyncio.wait_for(running, SOON)
