"""Lanes side by side: the drain is over when all of them have looked and nothing has moved since."""

import asyncio

from inbox_bot import worker as worker_module
from inbox_bot.flow import FLOW, Stage
from inbox_bot.shift import Shift
from inbox_bot.worker import Worker


def stage(run, lane, every=0):
    return Stage(room="test", takes="test", leaves="test", run=run, lane=lane, every=every)


async def test_what_one_lane_puts_down_late_another_still_picks_up(house, monkeypatch):
    desk, picked = [], []
    looks = []

    async def slow(flow):
        looks.append(1)
        await asyncio.sleep(0.01)
        if len(looks) <= 5:
            desk.append(len(looks))
        return len(looks) <= 5

    async def quick(flow):
        found = len(desk)
        picked.extend(desk)
        desk.clear()
        return found

    monkeypatch.setattr(worker_module, "FLOW", (stage(slow, "reading"), stage(quick, "answering")))
    assert await asyncio.wait_for(Worker(flow=house.flow, watches=[])._drain(), 10) == 10
    assert picked == [1, 2, 3, 4, 5]


async def test_lanes_run_side_by_side(house, monkeypatch):
    meet = asyncio.Barrier(2)

    async def waits(flow):
        await asyncio.wait_for(meet.wait(), 10)
        return 0

    monkeypatch.setattr(worker_module, "FLOW", (stage(waits, "reading"), stage(waits, "answering")))
    assert await Worker(flow=house.flow, watches=[])._drain() == 0


async def test_a_stop_ends_the_lane_that_waits_too(house, monkeypatch):
    stop, begun = asyncio.Event(), asyncio.Event()

    async def works(flow):
        begun.set()
        await stop.wait()
        return 1

    async def idle(flow):
        return 0

    monkeypatch.setattr(worker_module, "FLOW", (stage(works, "reading"), stage(idle, "answering")))
    drain = asyncio.create_task(Worker(flow=house.flow, watches=[])._drain(stop))
    await asyncio.wait_for(begun.wait(), 10)
    stop.set()
    assert await asyncio.wait_for(drain, 10) == 1


async def test_a_shift_is_over_when_the_last_lane_has_nothing_to_do():
    shift = Shift(lanes=3)
    seen = shift.moves
    first, second = (asyncio.create_task(shift.is_more(seen)) for _ in range(2))
    await asyncio.sleep(0)
    assert not first.done()
    shift.moved()
    assert await first
    assert await second
    assert await shift.is_more(seen)
    seen = shift.moves
    assert await asyncio.gather(*(shift.is_more(seen) for _ in range(3))) == [False] * 3


def test_there_are_two_lanes_and_reading_waits_for_no_letter():
    lanes = {stage.lane for stage in FLOW}
    assert lanes == {"reading", "answering"}
    assert {stage.room for stage in FLOW if stage.lane == "reading"} == {"message", "classification"}
