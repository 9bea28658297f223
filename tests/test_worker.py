"""The worker: one room in trouble stops no other, a stop finishes what has begun and begins nothing more."""

import asyncio
import threading
from dataclasses import replace

import pytest

from inbox_bot import worker as worker_module
from inbox_bot.domain.case import LetterPurpose, LetterState
from inbox_bot.errand import Errand
from inbox_bot.flow import FLOW, Stage
from inbox_bot.mailbox.beside import Wishes
from inbox_bot.outbox import step as outbox_step
from inbox_bot.serving import make_worker
from inbox_bot.worker import BURST, Watch, Worker
from tests.support.house import KALLE, MemoryMailbox, unreachable
from tests.support.neighbours import MemoryNeighbour

SOON = 20.0
"""Seconds a wait may take on a busy machine before it counts as never."""


def stage(room, run, every=0):
    return Stage(room=room, takes="test", leaves="test", run=run, every=every)


@pytest.fixture
def stages(monkeypatch):
    """Let a worker run these stages instead of the real ones."""

    def use(*chosen):
        monkeypatch.setattr(worker_module, "FLOW", chosen)

    return use


def watch(mailbox):
    return Watch(source=mailbox, look_back_days=30, poll_seconds=60)


async def test_a_stage_that_raises_stops_no_other(house, stages):
    ran = []

    async def breaks(flow):
        raise RuntimeError("row with kalle@example.se in it")

    async def works(flow):
        ran.append("works")
        return len(ran) < 3

    stages(stage("broken", breaks), stage("sound", works))
    worker = Worker(flow=house.flow, watches=[])
    await worker.run_once()
    assert ran == ["works"] * 4
    assert worker.failures == ["broken: RuntimeError"]


async def test_a_stage_in_trouble_is_left_alone_for_a_while_and_its_row_is_not_logged(house, stages, capsys):
    tries = []

    async def breaks(flow):
        tries.append(1)
        raise RuntimeError("kalle@example.se")

    stages(stage("broken", breaks))
    worker = Worker(flow=house.flow, watches=[])
    for _ in range(5):
        await worker._drain()
    assert len(tries) == 1
    worker._trouble[0].until = 0
    await worker._drain()
    assert len(tries) == 2
    assert worker._trouble[0].pause == 4
    written = "".join(capsys.readouterr())
    assert "stage_failed" in written
    assert "kalle" not in written


async def test_one_busy_stage_gives_the_next_its_turn(house, stages):
    turns = []

    async def busy(flow):
        turns.append("busy")
        return turns.count("busy") < 3 * BURST

    async def quick(flow):
        turns.append("quick")
        return 0

    stages(stage("busy", busy), stage("quick", quick))
    await Worker(flow=house.flow, watches=[])._drain()
    assert turns.index("quick") == BURST


async def test_a_stage_with_an_interval_runs_once_within_it(house, stages):
    runs = []

    async def hourly(flow):
        runs.append(1)
        return 1

    stages(stage("digest", hourly, every=3600))
    worker = Worker(flow=house.flow, watches=[])
    for _ in range(3):
        await worker._drain()
    assert len(runs) == 1


async def running(worker, stop):
    """Run the worker until the test says stop, and fail rather than hang."""
    await asyncio.wait_for(worker.run(stop), SOON)


async def test_a_stop_finishes_the_letter_on_its_way_and_begins_no_other(house):
    stop, on_its_way, go_on = asyncio.Event(), asyncio.Event(), asyncio.Event()
    ids = []
    with house.flow.desk.write() as unit:
        for number in range(3):
            letter = {"name": "receipt", "purpose": LetterPurpose.RECEIPT, "recipient": KALLE}
            ids.append(unit.letters.queue(**letter, message_id=f"<{number}@example.com>", content=b"Hej", at=house.now))

    async def slow():
        on_its_way.set()
        await go_on.wait()

    house.transport.on_send = slow
    task = asyncio.create_task(running(Worker(flow=house.flow, watches=[]), stop))
    await asyncio.wait_for(on_its_way.wait(), SOON)
    stop.set()
    go_on.set()
    await task
    with house.flow.desk.look() as unit:
        states = [unit.letters.get(letter_id).state for letter_id in ids]
    assert states == [LetterState.SENT, LetterState.QUEUED, LetterState.QUEUED]
    assert len(house.transport.handed) == 1
    assert house.transport.closed >= 1


async def test_a_stop_leaves_a_server_that_never_answers_and_the_letter_is_found_later(house, monkeypatch):
    monkeypatch.setattr("inbox_bot.worker.GRACE", 0.05)
    stop, on_its_way = asyncio.Event(), asyncio.Event()
    with house.flow.desk.write() as unit:
        letter = {"name": "receipt", "purpose": LetterPurpose.RECEIPT, "recipient": KALLE}
        letter_id = unit.letters.queue(**letter, message_id="<1@example.com>", content=b"Hej", at=house.now)

    async def never():
        on_its_way.set()
        await asyncio.Event().wait()

    house.transport.on_send = never
    task = asyncio.create_task(running(Worker(flow=house.flow, watches=[]), stop))
    await asyncio.wait_for(on_its_way.wait(), SOON)
    stop.set()
    await task
    with house.flow.desk.look() as unit:
        assert unit.letters.get(letter_id).state is LetterState.SENDING
    house.days(1)
    assert outbox_step.sweep(house.flow.outbox) == 1


async def test_a_stop_ends_the_mailbox_threads_and_closes_what_was_open(house):
    stop = asyncio.Event()
    waiting = threading.Event()
    wait = house.mailbox.wait

    def wait_and_tell(seconds):
        waiting.set()
        wait(seconds)

    house.mailbox.wait = wait_and_tell
    task = asyncio.create_task(running(Worker(flow=house.flow, watches=[watch(house.mailbox)]), stop))
    assert await asyncio.to_thread(waiting.wait, SOON)
    stop.set()
    await task
    assert house.mailbox.closed >= 1
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("mailbox-")]


async def test_mail_that_comes_in_is_worked_on_without_waiting_for_the_tick(house, monkeypatch):
    monkeypatch.setattr(worker_module, "TICK", 3600.0)
    stop, sent = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    house.transport.on_send = lambda: loop.call_soon_threadsafe(sent.set) and None
    rested = threading.Event()
    wait = house.mailbox.wait

    def wait_once(seconds):
        rested.set()
        wait(seconds)
        house.mailbox.woken.clear()

    house.mailbox.wait = wait_once
    task = asyncio.create_task(running(Worker(flow=house.flow, watches=[watch(house.mailbox)]), stop))
    assert await asyncio.to_thread(rested.wait, SOON)
    house.mail("#access")
    house.mailbox.wake()
    await asyncio.wait_for(sent.wait(), SOON)
    stop.set()
    await task
    assert house.states() == {"access": "awaiting_identity"}


async def test_a_mailbox_that_fails_is_opened_again_and_another_goes_on(house, monkeypatch):
    monkeypatch.setattr(worker_module, "_SHORTEST_PAUSE", 0.01)
    stop, bad, good = asyncio.Event(), MemoryMailbox("bad"), MemoryMailbox("good")
    opened, looked = threading.Semaphore(0), threading.Event()

    def fail():
        opened.release()
        raise unreachable()

    bad.open = fail
    wait = good.wait

    def good_wait(seconds):
        looked.set()
        wait(seconds)

    good.wait = good_wait
    worker = Worker(flow=house.flow, watches=[watch(bad), watch(good)])
    task = asyncio.create_task(running(worker, stop))
    assert await asyncio.to_thread(looked.wait, SOON)
    for _ in range(3):
        assert await asyncio.to_thread(opened.acquire, True, SOON)
    stop.set()
    await task
    boxes = {box.name: box for box in house.flow.archive.overview().mailboxes}
    assert boxes["bad"].failures >= 2
    assert boxes["good"].failures == 0


async def test_a_thread_that_reads_mail_survives_a_database_in_trouble(house, monkeypatch):
    monkeypatch.setattr(worker_module, "_SHORTEST_PAUSE", 0.01)
    stop, recovered = asyncio.Event(), threading.Event()
    collect, calls = type(house.flow).collect, []

    def fails_once(flow, source, **how):
        calls.append(1)
        if len(calls) == 1:
            raise RuntimeError("database is gone")
        found = collect(flow, source, **how)
        recovered.set()
        return found

    monkeypatch.setattr(type(house.flow), "collect", fails_once)
    task = asyncio.create_task(running(Worker(flow=house.flow, watches=[watch(house.mailbox)]), stop))
    assert await asyncio.to_thread(recovered.wait, SOON)
    stop.set()
    await task


async def test_the_list_of_failures_does_not_grow_for_ever(house, stages):
    async def breaks(flow):
        raise RuntimeError

    stages(stage("broken", breaks))
    worker = Worker(flow=house.flow, watches=[])
    for _ in range(150):
        worker._trouble.clear()
        await worker._drain()
    assert len(worker.failures) == 100


async def test_run_once_with_nothing_to_do_does_nothing(house):
    before = house.everything()
    worker = Worker(flow=house.flow, watches=[])
    assert await worker.run_once() == 0
    assert worker.failures == []
    assert house.everything() == before
    assert len(FLOW) > 10


async def test_what_goes_on_beside_the_reading_has_a_thread_of_its_own_and_stops_with_the_rest(house):
    ran = threading.Event()
    neighbour = MemoryNeighbour(house.mailbox)
    neighbour.trouble["open"] = RuntimeError("row with kalle@example.se in it")
    closed = neighbour.close

    def close():
        closed()
        ran.set()

    waits = threading.Event()
    rest = house.mailbox.wait

    def wait(seconds):
        waits.set()
        rest(seconds)

    neighbour.close = close
    house.mailbox.wait = wait
    stop = asyncio.Event()
    errand = Errand(neighbour=neighbour, wishes=Wishes())
    labour = Worker(flow=house.flow, watches=[replace(watch(house.mailbox), errand=errand)])
    house.mail("#access")
    running = asyncio.create_task(labour.run(stop))
    assert await asyncio.to_thread(ran.wait, 10)
    assert await asyncio.to_thread(waits.wait, 10)
    stop.set()
    house.mailbox.woken.set()
    await asyncio.wait_for(running, 10)
    assert house.mailbox.fetched == [1]
    assert not [thread for thread in threading.enumerate() if thread.name == "beside-info"]


async def test_looking_once_looks_after_the_rest_when_all_is_filed(house):
    neighbour = MemoryNeighbour(house.mailbox)
    errand = Errand(neighbour=neighbour, wishes=Wishes(label="Dataskydd"))
    house.mail("#access")
    labour = Worker(flow=house.flow, watches=[replace(watch(house.mailbox), errand=errand)])
    await labour.run_once()
    assert neighbour.flags == {("INBOX", 1): {"Dataskydd"}}
    assert labour.failures == []


def test_a_mailbox_in_which_nothing_is_asked_for_gets_no_second_connection(house):
    [watched] = make_worker(house.building).watches
    assert watched.errand is not None
    assert (watched.errand.neighbour.name, watched.errand.wishes) == ("info", Wishes())
    [watched] = make_worker(replace(house.building, neighbours={})).watches
    assert watched.errand is None
    assert Wishes(read_sent=False, count_vanished=False).nothing
    assert not Wishes(read_sent=False, count_vanished=False, copy_to="Dataskydd").nothing
