"""The way out, on both databases: released, claimed, checked again, sent, recorded."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from scheduler import enrolments, outbox, people, reminders
from scheduler.policy import ALERT, REPLY, URGENT
from scheduler.sender import Body, Halted, Limited, NotSent, Refused, Unknown, Unreachable
from scheduler.store.tables import attempt, enrolment, message
from tests.support.world import World, india

pytestmark = pytest.mark.asyncio


async def _states(world: World, enrolment_id: int) -> dict[str, str]:
    async with world.store.read() as conn:
        return {row.step: row.state for row in await reminders.plan_of(conn, enrolment_id)}


async def test_each_step_leaves_once_at_its_own_minute(world: World) -> None:
    """A joined patient gets every step of the plan, once, at the local time of its slot."""
    await world.patient()
    seen = await world.until(india(12, "12:00"))
    assert [m.body.text.split()[0] for m in seen] == ["walk", "pills", "wound", "pain", "visit"]
    assert (await world.until(india(20, "12:00"))) == []


async def test_nothing_leaves_before_the_patient_agreed(world: World) -> None:
    """Until the patient connects and agrees, the plan is held, and what passes meanwhile is expired with the reason."""
    enrolment_id = await world.enrol()
    assert await world.until(india(4, "12:00")) == []
    async with world.store.read() as conn:
        plan = await reminders.plan_of(conn, enrolment_id)
    assert {r.step: (r.state, r.reason) for r in plan}["walk"] == ("expired", "the patient was not connected yet")


async def test_a_reply_overtakes_reminders_and_an_urgent_one_everything(world: World) -> None:
    """Urgent replies leave first, then replies, then reminders."""
    enrolment_id, address_id = await world.patient()
    world.clock.set(india(3, "09:00"))
    async with world.store.write() as conn:
        for kind in (REPLY, URGENT):
            await outbox.put(
                conn,
                world.store.keys,
                address_id=address_id,
                channel="simulator",
                kind=kind,
                body=Body(kind),
                now=world.clock.now(),
            )
    await world.dispatcher.drain()
    assert world.phone.texts[:2] == [URGENT, REPLY]
    assert (await _states(world, enrolment_id))["walk"] == "sent"


@pytest.mark.parametrize(
    ("fault", "kind", "state"),
    [
        (Refused("bad"), REPLY, "failed"),
        (Unreachable("blocked"), REPLY, "failed"),
        (NotSent("no connection"), REPLY, "sent"),
        (Limited(3), REPLY, "sent"),
        (Halted("token"), REPLY, "sent"),
        (Unknown("timeout"), ALERT, "sent"),
    ],
)
async def test_every_answer_of_a_channel_has_its_consequence(
    world: World, fault: object, kind: str, state: str
) -> None:
    """Permanent refusals fail, everything that was certainly not accepted is tried again."""
    _, address_id = await world.patient()
    world.phone.faults.append(lambda _: fault)  # type: ignore[arg-type,return-value]
    async with world.store.write() as conn:
        message_id = await outbox.put(
            conn,
            world.store.keys,
            address_id=address_id,
            channel="simulator",
            kind=kind,
            body=Body("hello"),
            now=world.clock.now(),
        )
    await world.until(world.clock.now() + timedelta(minutes=10))
    async with world.store.read() as conn:
        row = (await conn.execute(select(message).where(message.c.id == message_id))).one()
        tries = (
            (await conn.execute(select(attempt.c.outcome).where(attempt.c.message_id == message_id))).scalars().all()
        )
    assert row.state == state
    assert len(tries) == (2 if state == "sent" else 1)


async def test_a_repeat_after_an_unknown_outcome_says_so(world: World) -> None:
    """An alert that may have arrived is sent again with a line that says it may be the second."""
    _, address_id = await world.patient()
    world.phone.faults.append(lambda _: Unknown("timeout"))
    async with world.store.write() as conn:
        await outbox.put(
            conn,
            world.store.keys,
            address_id=address_id,
            channel="simulator",
            kind=ALERT,
            body=Body("look at bed 4"),
            now=world.clock.now(),
        )
    await world.until(world.clock.now() + timedelta(minutes=1))
    (text,) = world.phone.texts
    assert text.endswith("look at bed 4")
    assert text != "look at bed 4"


async def test_only_attempts_in_doubt_count_as_repeats(world: World) -> None:
    """An alert that could not leave for long still has all its repeats; a provider that hangs does not use them up."""
    _, address_id = await world.patient()
    certainly_not = [NotSent("no connection")] * 6
    in_doubt = [Unknown("timeout")] * 3
    for fault in (*certainly_not, *in_doubt):
        world.phone.faults.append(lambda _, fault=fault: fault)  # type: ignore[misc]
    start = world.clock.now()
    await world.put(address_id, ALERT, "look at bed 4")
    await world.until(start + timedelta(minutes=2))
    assert world.phone.texts == []
    await world.until(start + timedelta(hours=1))
    assert len(world.phone.texts) == 1
    assert [row.state for row in await world.messages()] == ["sent"]


async def test_a_patient_who_blocked_the_bot_gets_nothing_more(world: World) -> None:
    """After the provider says 'blocked', the plan is held until they are back."""
    enrolment_id, address_id = await world.patient()
    world.phone.faults.append(lambda _: Unreachable("403"))
    assert await world.until(india(4, "12:00")) == []
    async with world.store.write() as conn:
        await people.unblock(conn, world.content, address_id, world.clock.now())
    seen = await world.until(india(12, "12:00"))
    assert [m.body.text.split()[0] for m in seen][-1] == "visit"
    assert (await _states(world, enrolment_id))["walk"] == "failed"


async def test_a_second_patient_is_not_held_up_by_a_broken_row(world: World) -> None:
    """A row that cannot be rendered is set aside with a reason; everybody else gets theirs."""
    first, _ = await world.patient("Asha Example", "chat-1")
    await world.patient("Ravi Example", "chat-2")
    async with world.store.write() as conn:
        await enrolments.change(conn, world.content, first, world.clock.now(), language="en")
        await conn.execute(enrolment.update().where(enrolment.c.id == first).values(zone="Nowhere/Else"))
    seen = await world.until(india(3, "09:30"))
    assert {m.to for m in seen} == {"chat-2"}
    assert (await _states(world, first))["walk"] == "failed"


@pytest.mark.asyncio
async def test_a_drain_ends_though_the_clock_stands_still(world: World) -> None:
    """Told to wait for less than a second, a drain under a clock that is set by hand comes back."""
    phone = world.phone
    _, address_id = await world.patient()
    await world.put(address_id, REPLY, "line")
    phone.faults.append(lambda _: Limited(0.5))
    async with asyncio.timeout(20):
        await world.dispatcher.drain()
    assert phone.texts == []
    world.clock.advance(timedelta(seconds=3))
    await world.dispatcher.drain()
    assert phone.texts == ["line"]
