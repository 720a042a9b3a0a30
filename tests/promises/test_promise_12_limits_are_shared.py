"""Promise 12: several workers together keep to a channel's rate, and all honour the provider's 'wait'."""

from __future__ import annotations

import asyncio
import time
from bisect import bisect_left
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from scheduler.dispatcher import Dispatcher
from scheduler.policy import REPLY
from scheduler.sender import Limited, Limits, Outcome, Outgoing
from tests.fakes.ledger import Ledger
from tests.fakes.workers import Job, Workers
from tests.support.world import Phone, World, india

RATE = 50
SECONDS = 4
JITTER = 1.1
"""A message may leave a little after its slot on a busy machine, and then the next one follows it more closely: so much
more than the rate may fall into some second. Two workers that did not share would reach 2."""


def _most_in_a_second(times: list[float]) -> int:
    """The largest number of instants in any second."""
    return max(bisect_left(times, start + 1.0) - number for number, start in enumerate(times))


@pytest.mark.parametrize("workers_at_once", [1, 2])
def test_workers_keep_to_one_rate_together(
    postgres_url: str, workers: Workers, tmp_path: Path, workers_at_once: int
) -> None:
    """In no second more than the rate leaves, whoever sends it. (How much of the rate is used: `make bench`.)"""
    keys = asyncio.run(_fill(postgres_url))
    ledger = tmp_path / "ledger"
    job = Job(
        postgres_url,
        keys,
        str(ledger),
        india(1, "12:00").isoformat(),
        since=time.time() + 0.2,
        until=india(1, "12:30").isoformat(),
        faults=False,
        per_second=RATE,
        replan=False,
    )
    started = [workers.start(job) for _ in range(workers_at_once)]
    assert [workers.wait(one) for one in started] == [0] * workers_at_once
    seen = Ledger(ledger).read()
    times = sorted(one.at for one in seen)
    assert len(times) == len({one.text for one in seen}) == RATE * SECONDS
    assert _most_in_a_second(times) <= JITTER * RATE


async def _fill(url: str) -> str:
    world = World.build(url)
    for number in range(10):
        _, address_id = await world.patient(f"Patient{number} Example", f"chat-{number}")
        for line in range(RATE * SECONDS // 10):
            await world.put(address_id, REPLY, f"{number}: line {line}")
    await world.close()
    return world.store.keys.spec()


class CountingPhone(Phone):
    """Counts calls, whatever comes of them."""

    calls = 0

    async def send(self, outgoing: Outgoing) -> Outcome:
        self.calls += 1
        return await super().send(outgoing)


@pytest.mark.asyncio
async def test_wait_is_meant_for_everybody(make_world: Callable[..., World]) -> None:
    """When the provider tells one worker to wait, no worker calls it before the time is over; then all leaves."""
    phone = CountingPhone(limits=Limits(in_flight=1))
    world = make_world(phone=phone)
    for number in range(4):
        _, address_id = await world.patient(f"Patient{number} Example", f"chat-{number}")
        await world.put(address_id, REPLY, f"line {number}")
    phone.faults.append(lambda _: Limited(60.0))
    await world.dispatcher.drain()
    other = Dispatcher(world.store, world.content, world.clock, [phone])
    assert phone.calls == 1
    for _ in range(3):
        await other.drain()
        await world.dispatcher.drain()
    world.clock.advance(timedelta(seconds=59))
    await other.drain()
    assert phone.calls == 1
    world.clock.advance(timedelta(seconds=1))
    await other.drain()
    assert sorted(phone.texts) == [f"line {number}" for number in range(4)]
    assert phone.calls == 5


@pytest.mark.asyncio
async def test_a_shorter_wait_never_opens_a_gate_that_was_closed_for_longer(make_world: Callable[..., World]) -> None:
    """Two calls under way are both told to wait: the longer time counts."""
    phone = CountingPhone()
    world = make_world(phone=phone)
    for number in range(2):
        _, address_id = await world.patient(f"Patient{number} Example", f"chat-{number}")
        await world.put(address_id, REPLY, f"line {number}")
    phone.faults += [lambda _: Limited(60.0), lambda _: Limited(1.0)]
    await world.dispatcher.drain()
    world.clock.advance(timedelta(seconds=30))
    await world.dispatcher.drain()
    assert phone.calls == 2
    world.clock.advance(timedelta(seconds=31))
    await world.dispatcher.drain()
    assert len(phone.seen) == 2


@pytest.mark.asyncio
async def test_one_chat_has_a_pace_of_its_own(make_world: Callable[..., World]) -> None:
    """Two messages to one chat are `spacing` apart, whichever worker sends them; another chat does not wait."""
    phone = Phone(limits=Limits(spacing=10.0))
    world = make_world(phone=phone)
    for number in range(2):
        _, address_id = await world.patient(f"Patient{number} Example", f"chat-{number}")
        for line in range(2):
            await world.put(address_id, REPLY, f"{number}: line {line}")
    other = Dispatcher(world.store, world.content, world.clock, [phone])
    await world.dispatcher.drain()
    await other.drain()
    assert sorted(phone.texts) == ["0: line 0", "1: line 0"]
    world.clock.advance(timedelta(seconds=10))
    await other.drain()
    assert len(phone.texts) == 4
