"""Promise 15: one bad row is set aside, with a reason staff can see, and everybody else gets theirs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from scheduler import people
from scheduler.plans import MedicineTimes
from scheduler.policy import ALERT
from scheduler.sender import Outcome, Outgoing, Unreachable
from scheduler.store.tables import address, enrolment, medicine_time, message, person, reminder
from tests.support.world import SURGERY, Phone, World, india, sample_content

pytestmark = pytest.mark.asyncio

OTHERS = 3
AILING = "chat-bad"


async def _patients(world: World, **more: Any) -> tuple[int, int]:
    """One in the middle whose rows will be bad; ids of the enrolment and the address. The others are healthy."""
    bad = (0, 0)
    for number in range(OTHERS):
        if number == 1:
            bad = await world.patient("Bad Example", AILING, **more)
        await world.patient(f"Patient{number} Example", f"chat-{number}", **more)
    return bad


async def _break(world: World, statement: Any) -> None:
    async with world.store.write() as conn:
        await conn.execute(statement)


def _everybody_else(world: World, step: str) -> bool:
    got = [m.to for m in world.phone.seen if m.to != AILING and m.body.text.startswith(step)]
    return sorted(got) == [f"chat-{number}" for number in range(OTHERS)]


BROKEN: dict[str, Callable[[int, int], Any]] = {
    "address cannot be opened": lambda e, a: update(address).where(address.c.id == a).values(value=b"\x09" * 60),
    "address was cut short": lambda e, a: update(address).where(address.c.id == a).values(value=b""),
    "name cannot be opened": lambda e, a: update(person).where(person.c.id == e).values(name=b"\x01" * 60),
    "unknown step": lambda e, a: update(reminder).where(reminder.c.enrolment_id == e).values(step="gone"),
    "unknown journey": lambda e, a: update(enrolment).where(enrolment.c.id == e).values(journey="gone"),
    "unknown zone": lambda e, a: update(enrolment).where(enrolment.c.id == e).values(zone="Nowhere/Else"),
}


@pytest.mark.parametrize("what", BROKEN)
async def test_a_row_that_cannot_be_made_is_set_aside(world: World, what: str) -> None:
    """It fails with a reason that names no patient; the others get their message at the same minute."""
    enrolment_id, address_id = await _patients(world)
    async with world.store.write() as conn:
        # The step's row keeps its unique key: only the first one is renamed.
        statement = BROKEN[what](enrolment_id, address_id)
        if what == "unknown step":
            statement = statement.where(reminder.c.step == "walk")
        await conn.execute(statement)
    world.clock.set(india(3, "09:00"))
    await world.dispatcher.drain()
    assert _everybody_else(world, "walk")
    (row,) = await world.messages(message.c.enrolment_id == enrolment_id)
    assert row.state == "failed"
    assert row.reason.startswith("set aside")
    assert "Bad" not in row.reason


async def test_a_kind_nobody_knows_is_set_aside(world: World) -> None:
    """A row of a class that a newer version wrote does not stop an older worker."""
    _, address_id = await _patients(world)
    message_id = await world.put(address_id, ALERT, "hello")
    await _break(world, update(message).where(message.c.id == message_id).values(kind="hologram"))
    world.clock.set(india(3, "09:00"))
    await world.dispatcher.drain()
    assert _everybody_else(world, "walk")
    (row,) = await world.messages(message.c.id == message_id)
    assert (row.state, row.reason) == ("failed", "set aside: it could not be made (KeyError)")


async def test_a_body_that_cannot_be_read_is_set_aside(world: World) -> None:
    """A reply whose text cannot be opened fails; the next one in the same chat leaves."""
    _, address_id = await _patients(world)
    message_id = await world.put(address_id, ALERT, "hello")
    await _break(world, update(message).where(message.c.id == message_id).values(body=b"\x01\x02"))
    await world.put(address_id, ALERT, "the next one")
    await world.dispatcher.drain()
    assert world.phone.texts == ["the next one"]


@pytest.mark.parametrize("label", [b"", b"\x07" * 50])
async def test_a_medicine_name_that_cannot_be_opened_is_left_out(world: World, label: bytes) -> None:
    """The reminder still comes, saying 'as written on your prescription'; the others name the medicine."""
    times = (MedicineTimes((time(11),), SURGERY, 1, label="Tablet A"),)
    enrolment_id, _ = await _patients(world, medicine=times)
    await _break(world, update(medicine_time).where(medicine_time.c.enrolment_id == enrolment_id).values(label=label))
    seen = {m.to: m.body.text for m in await world.until(india(2, "11:00"))}
    assert len(seen) == OTHERS + 1
    assert [to for to, text in seen.items() if "Tablet A" not in text] == [AILING]


class Picky(Phone):
    """Breaks, in its law or on the way, whenever it is about one chat."""

    def __init__(self, where: str) -> None:
        super().__init__()
        self.where = where

    def law(self, outgoing: Outgoing, now: datetime) -> str | None:
        if self.where == "law" and outgoing.to == AILING:
            raise RuntimeError(outgoing.body.text)
        return None

    async def send(self, outgoing: Outgoing) -> Outcome:
        if self.where == "send" and outgoing.to == AILING:
            raise RuntimeError(outgoing.body.text)
        if self.where == "answer" and outgoing.to == AILING:
            return Unreachable("left")
        return await super().send(outgoing)


@pytest.mark.parametrize(("where", "state"), [("law", "failed"), ("send", "unknown")])
async def test_a_channel_that_breaks_over_one_message(make_world: Callable[..., World], where: str, state: str) -> None:
    """An exception in a channel's law or sender concerns that message alone; its text is not in the reason."""
    world = make_world(phone=Picky(where))
    enrolment_id, _ = await _patients(world)
    world.clock.set(india(3, "09:00"))
    await world.dispatcher.drain()
    assert _everybody_else(world, "walk")
    (row,) = await world.messages(message.c.enrolment_id == enrolment_id)
    assert row.state == state
    assert "RuntimeError" in row.reason
    assert "walk" not in row.reason


async def test_a_plan_that_cannot_be_made_does_not_hold_up_the_records(make_world: Callable[..., World]) -> None:
    """Somebody who left, and whose journey is gone from the content, is blocked; what others got is recorded."""
    world = make_world(phone=Picky("answer"))
    enrolment_id, address_id = await _patients(world)
    await _break(world, update(enrolment).where(enrolment.c.id == enrolment_id).values(zone="Nowhere/Else"))
    await world.put(address_id, ALERT, "hello")
    world.clock.set(india(3, "09:00"))
    await world.dispatcher.drain()
    assert _everybody_else(world, "walk")
    assert {row.state for row in await world.messages(message.c.enrolment_id != enrolment_id)} == {"sent"}
    async with world.store.read() as conn:
        assert (await people.open_address(conn, world.store.keys, address_id)).blocked_at is not None


async def test_a_pause_that_cannot_end_does_not_keep_others_paused(world: World) -> None:
    """The reaper resumes everybody else, and leaves the bad one paused with a reason instead of trying for ever."""
    enrolment_id, _ = await _patients(world)
    async with world.store.read() as conn:
        everybody = list(await conn.scalars(enrolment.select().with_only_columns(enrolment.c.id)))
    for one in everybody:
        await world.pause(one, india(3, "08:00"))
    await _break(world, update(enrolment).where(enrolment.c.id == enrolment_id).values(journey="gone"))
    await world.until(india(3, "12:00"))
    assert _everybody_else(world, "walk")
    async with world.store.read() as conn:
        states = {row.id: row for row in await conn.execute(enrolment.select())}
    assert {row.state for one, row in states.items() if one != enrolment_id} == {"active"}
    bad = states[enrolment_id]
    assert (bad.state, bad.paused_until) == ("paused", None)
    assert bad.state_reason == "the pause is over, but the plan could not be made again"


async def test_stop_holds_even_where_the_plan_cannot_be_made(world: World) -> None:
    """STOP in a chat with one bad enrolment and one good one stops both."""
    bad, address_id = await world.patient("Bad Example", "chat-1")
    await world.patient("Good Example", "chat-1")
    await _break(world, update(enrolment).where(enrolment.c.id == bad).values(journey="gone"))
    await world.stop(address_id)
    assert await world.until(india(20, "12:00")) == []


async def test_a_message_that_is_there_already_stops_no_release(world: World) -> None:
    """Even if a reminder is planned again by mistake after it left, the others are released and it comes once."""
    enrolment_id, _ = await _patients(world)
    await world.until(india(3, "09:00"))
    again = update(reminder).where(reminder.c.enrolment_id == enrolment_id, reminder.c.step == "walk")
    await _break(world, again.values(state="planned", due_at=india(4, "09:00"), expires_at=india(4, "21:00")))
    await world.until(india(4, "12:00"))
    assert _everybody_else(world, "wound")
    assert sum(text.startswith("walk for Bad") for text in world.phone.texts) == 1


async def test_a_step_taken_out_of_the_content_leaves_the_others(world: World) -> None:
    """A step that vanished from a journey is not sent any more; the next change tidies its row away."""
    enrolment_id, _ = await world.patient()
    journey = sample_content().journeys["sample"]
    fewer = journey.model_copy(update={"steps": tuple(s for s in journey.steps if s.id != "wound")})
    world.content = replace(world.content, journeys={"sample": fewer})
    await world.change(enrolment_id, surgery_on=SURGERY + timedelta(days=1))
    assert (await world.states(enrolment_id))["wound"] == "cancelled"
    seen = await world.until(india(20, "12:00"))
    assert [m.body.text.split()[0] for m in seen] == ["walk", "pills", "pain", "visit"]
