"""Promise 4: what may have arrived is `unknown`; medicine and tips never come again, the rest comes again saying so."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from scheduler.dispatcher import Dispatcher
from scheduler.policy import REPLY
from scheduler.sender import Limits, Outcome, Outgoing
from tests.fakes.outage import Aftermath, Message
from tests.support.world import Phone, World, india


class SlowPhone(Phone):
    """A provider that takes a moment, so that others look at the queue meanwhile."""

    async def send(self, outgoing: Outgoing) -> Outcome:
        await asyncio.sleep(0.001)
        return await super().send(outgoing)


def _messages(aftermath: list[Aftermath]) -> list[Message]:
    return [m for left in aftermath for m in left.messages]


@pytest.mark.kill
def test_no_reminder_comes_twice(aftermath: list[Aftermath]) -> None:
    """However often the worker is killed, a patient sees a medicine reminder or a tip at most once."""
    assert not [m for m in _messages(aftermath) if not m.repeats and len(m.seen) > 1]


@pytest.mark.kill
def test_what_comes_again_says_so(aftermath: list[Aftermath]) -> None:
    """Of an alert or reply that is seen more than once, one at most lacks the line that says so."""
    messages = _messages(aftermath)
    assert not [m for m in messages if m.unsaid > 1]
    assert any(len(m.seen) > 1 for m in messages), "the faults made none come twice: the test shows nothing"


@pytest.mark.kill
def test_only_what_may_have_arrived_is_unknown(aftermath: list[Aftermath]) -> None:
    """What ends as expired, failed or cancelled was seen by nobody; some are unknown, seen or not."""
    messages = _messages(aftermath)
    assert not [m for m in messages if m.state in ("expired", "failed", "cancelled") and m.seen and not m.repeats]
    assert any(m.state == "unknown" for m in messages)


@pytest.mark.asyncio
async def test_workers_never_share_a_message(make_world: Callable[..., World]) -> None:
    """Several workers at one queue, all at the same time: each message is claimed and sent by one of them."""
    phone = SlowPhone(limits=Limits(in_flight=4))
    world = make_world(phone=phone)
    for number in range(20):
        _, address_id = await world.patient(f"Patient{number} Example", f"chat-{number}")
        for line in range(3):
            await world.put(address_id, REPLY, f"{number}: line {line}")
    world.clock.set(india(3, "09:00"))
    crowd = [Dispatcher(world.store, world.content, world.clock, [phone]) for _ in range(4)]
    await asyncio.gather(*(one.drain() for one in crowd))
    await world.dispatcher.drain()
    assert len(phone.texts) == len(set(phone.texts)) == 20 * 4
    assert {row.tries for row in await world.messages()} == {1}
