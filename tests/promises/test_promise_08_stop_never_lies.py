"""Promise 8, the way out: nothing follows the acknowledgement of STOP, even with a message in flight elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import time, timedelta

import pytest

from scheduler import people
from scheduler.dispatcher import Dispatcher
from scheduler.plans import MedicineTimes
from scheduler.policy import POLICIES, URGENT
from scheduler.sender import Outcome, Outgoing, Sent, Unreachable
from tests.support.world import SURGERY, Phone, World, india

pytestmark = pytest.mark.asyncio

ACK = "You will get no more messages."
MEDICINE = MedicineTimes((time(8), time(20)), SURGERY, 30)


class HangingPhone(Phone):
    """A provider that takes its time: no reminder arrives before `let_go` is set."""

    def __init__(self, shows: Phone) -> None:
        super().__init__()
        self.seen = shows.seen
        self.called = asyncio.Event()
        self.let_go = asyncio.Event()

    async def send(self, outgoing: Outgoing) -> Outcome:
        if POLICIES[outgoing.kind].proactive:
            self.called.set()
            await self.let_go.wait()
        self.seen.append(outgoing)
        return Sent("late")


async def test_what_is_in_flight_elsewhere_comes_before_the_acknowledgement(world: World) -> None:
    """Another worker is sending when STOP is said: its message is seen, then the answer, then nothing."""
    _, address_id = await world.patient(medicine=(MEDICINE,))
    world.clock.set(india(3, "09:00"))
    elsewhere = HangingPhone(world.phone)
    other = asyncio.create_task(Dispatcher(world.store, world.content, world.clock, [elsewhere]).drain())
    await elsewhere.called.wait()
    await world.stop(address_id, acknowledge=ACK)
    await world.dispatcher.drain()
    assert world.phone.texts == [], "the answer may not overtake what is on its way"
    elsewhere.let_go.set()
    await other
    await world.until(india(30, "12:00"))
    assert [text == ACK for text in world.phone.texts] == [False, True]


async def test_a_red_flag_is_answered_at_once_all_the_same(world: World) -> None:
    """What is in flight holds up an acknowledgement, never an emergency reply."""
    _, address_id = await world.patient()
    world.clock.set(india(3, "09:00"))
    elsewhere = HangingPhone(world.phone)
    other = asyncio.create_task(Dispatcher(world.store, world.content, world.clock, [elsewhere]).drain())
    await elsewhere.called.wait()
    await world.put(address_id, URGENT, "Call now.")
    await world.dispatcher.drain()
    assert world.phone.texts == ["Call now."]
    elsewhere.let_go.set()
    await other


async def test_a_worker_that_died_delays_the_acknowledgement_only_for_its_lease(world: World) -> None:
    """Nobody comes back for the message in flight: when its lease is over the answer leaves, and nothing after it."""
    _, address_id = await world.patient(medicine=(MEDICINE,))
    world.clock.set(india(3, "09:00"))
    elsewhere = HangingPhone(world.phone)
    other = asyncio.create_task(Dispatcher(world.store, world.content, world.clock, [elsewhere]).drain())
    await elsewhere.called.wait()
    other.cancel()
    await world.stop(address_id, acknowledge=ACK)
    await world.until(india(3, "09:02"))
    assert world.phone.texts == [ACK]
    await world.until(india(30, "12:00"))
    assert world.phone.texts == [ACK]


CHANGES: dict[str, Callable[[World, int], object]] = {
    "date": lambda w, e: w.change(e, surgery_on=SURGERY + timedelta(days=3)),
    "medicine": lambda w, e: w.medicine(e, MedicineTimes((time(10),), SURGERY, 20)),
    "resume": lambda w, e: w.resume(e),
    "replan": lambda w, e: w.replan(e),
    "yes to reminders": lambda w, e: w.agree(e),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_only_start_restarts(world: World, change: str) -> None:
    """No change by staff, and no other yes, makes a chat that said STOP get anything; START does, from then on."""
    enrolment_id, address_id = await world.patient(medicine=(MEDICINE,))
    await world.until(india(3, "12:00"))
    before = len(world.phone.seen)
    await world.stop(address_id, acknowledge=ACK)
    await world.until(india(3, "12:01"))
    await CHANGES[change](world, enrolment_id)  # type: ignore[misc]
    await world.until(india(11, "20:30"))
    assert world.phone.texts[before:] == [ACK]
    await world.start(address_id)
    await world.until(india(20, "12:00"))
    assert len(world.phone.seen) > before + 5


async def test_stop_stops_everybody_in_that_chat_and_nobody_else(world: World) -> None:
    """Two patients share a phone: STOP there ends both; a third patient goes on."""
    await world.patient("Asha Example", "chat-1", medicine=(MEDICINE,))
    _, address_id = await world.patient("Ravi Example", "chat-1", medicine=(MEDICINE,))
    await world.patient("Mira Example", "chat-2", medicine=(MEDICINE,))
    await world.until(india(3, "12:00"))
    await world.stop(address_id)
    later = await world.until(india(12, "12:00"))
    assert {m.to for m in later} == {"chat-2"}


async def test_blocking_the_bot_is_a_stop_until_they_are_back(world: World) -> None:
    """Who blocked the bot gets nothing, not even replies; a STOP said before outlives the block."""
    _, address_id = await world.patient(medicine=(MEDICINE,))
    world.phone.faults.append(lambda _: Unreachable("blocked"))
    await world.until(india(2, "08:00"))
    await world.put(address_id, "reply", "hello")
    assert await world.until(india(4, "12:00")) == []
    async with world.store.write() as conn:
        await people.unblock(conn, world.content, address_id, world.clock.now())
    assert await world.until(india(5, "12:00"))
    await world.stop(address_id)
    for way in (people.block, people.unblock):
        async with world.store.write() as conn:
            await way(conn, world.content, address_id, world.clock.now())
    assert await world.until(india(20, "12:00")) == []


async def test_what_passed_meanwhile_is_not_delivered_by_start(world: World) -> None:
    """START goes on from now: medicine times of the days between are not made up for."""
    enrolment_id, address_id = await world.patient(medicine=(MEDICINE,))
    await world.stop(address_id)
    await world.until(india(6, "12:00"))
    await world.start(address_id)
    assert [m for m in await world.until(india(6, "12:05")) if m.kind == "medicine"] == []
    skipped = [r for r in await world.plan(enrolment_id) if r.step == "medicine" and r.due_at < india(6, "12:00")]
    assert {(r.state, bool(r.reason)) for r in skipped} == {("skipped", True)}
