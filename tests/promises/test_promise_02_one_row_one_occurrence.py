"""Promise 2: one row, one occurrence; planning twice changes nothing; what is unsent equals the plan of now."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from content.model import WhenLate
from scheduler.plans import MedicineTimes
from scheduler.store.statements import insert_one
from scheduler.store.tables import reminder
from tests.support.world import SURGERY, World, india, sample_content, step

pytestmark = pytest.mark.asyncio

MEDICINE = MedicineTimes((time(8), time(20)), SURGERY, 4)


async def _rows(world: World) -> list[Any]:
    async with world.store.read() as conn:
        return list(await conn.execute(select(reminder).order_by(reminder.c.id)))


async def test_planning_twice_changes_nothing(world: World) -> None:
    """Replanning at any time, as often as anybody likes, leaves every column of every row as it was."""
    enrolment_id, _ = await world.patient(medicine=(MEDICINE,))
    for moment in (india(1, "10:00"), india(3, "09:10"), india(4, "23:00"), india(30, "12:00")):
        await world.until(moment)
        before = await _rows(world)
        for _ in range(3):
            await world.replan(enrolment_id)
        assert await _rows(world) == before


async def test_the_database_refuses_a_second_row(world: World) -> None:
    """The same step and occurrence of one enrolment cannot be stored twice."""
    await world.patient()
    row = (await _rows(world))[0]._asdict() | {"id": 999}
    with pytest.raises(IntegrityError):
        async with world.store.write() as conn:
            await insert_one(conn, reminder, **row)


CHANGES: dict[str, Callable[[World, int], Awaitable[None]]] = {
    "later": lambda w, e: w.change(e, surgery_on=SURGERY + timedelta(days=9)),
    "earlier": lambda w, e: w.change(e, surgery_on=SURGERY - timedelta(days=1)),
    "morning": lambda w, e: w.change(e, morning=time(10, 30)),
    "evening": lambda w, e: w.change(e, evening=time(19, 15)),
    "time of surgery": lambda w, e: w.change(e, surgery_time=time(11)),
    "discharge": lambda w, e: w.change(e, discharge_on=SURGERY + timedelta(days=3)),
    "language": lambda w, e: w.change(e, language="hi"),
    "medicine": lambda w, e: w.medicine(e, MedicineTimes((time(9),), date(2026, 3, 4), 2)),
    "no medicine": lambda w, e: w.medicine(e),
    "pause": lambda w, e: w.pause(e),
    "end": lambda w, e: w.end(e),
    "withdrawn": lambda w, e: w.withdraw(e),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_what_is_unsent_equals_the_new_plan(make_world: Callable[..., World], change: str) -> None:
    """After any change, a few days into the plan, what is still to come is what the plan of now says, and no more."""
    steps = [step("home", "logistics", 2, anchor="discharge"), step("wound", "warning", 1)]
    steps += [
        step(f"tip{day}-{slot}", "activity", day, slot) for day in range(1, 12) for slot in ("morning", "evening")
    ]
    world = make_world(content=sample_content(*steps))
    enrolment_id, _ = await world.patient(medicine=(MEDICINE,))
    await world.until(india(4, "13:00"))
    await CHANGES[change](world, enrolment_id)
    unsent, planned = await world.unsent_and_planned(enrolment_id)
    assert unsent == planned
    assert bool(planned) == (change != "end")
    states = {r.state for r in await world.plan(enrolment_id) if r.due_at > world.clock.now()}
    expected = {"pause": {"held"}, "withdrawn": {"held"}, "end": {"cancelled"}}.get(change)
    assert "planned" in states if expected is None else states == expected


async def test_what_was_sent_comes_no_second_time(world: World) -> None:
    """Moving the surgery date after a step has left does not send that step again."""
    enrolment_id, _ = await world.patient()
    await world.until(india(3, "12:00"))
    await world.change(enrolment_id, surgery_on=SURGERY + timedelta(days=5))
    await world.until(india(30, "12:00"))
    assert [text.split()[0] for text in world.phone.texts] == ["walk", "pills", "wound", "pain", "visit"]


async def test_what_rode_along_comes_no_second_time(world: World) -> None:
    """A past step that was sent as part of another message is not sent again when the date moves."""
    choices = {"wound": WhenLate.FOLD.value}
    enrolment_id = await world.enrol(late_choices=choices)
    world.clock.set(india(5, "07:00"))
    await world.join(enrolment_id)
    await world.until(india(5, "20:00"))
    assert [text.count("wound") for text in world.phone.texts] == [1]
    await world.change(enrolment_id, surgery_on=SURGERY + timedelta(days=20))
    await world.until(india(30, "20:00", month=4))
    assert sum(text.count("wound") for text in world.phone.texts) == 1


async def test_nothing_rides_along_with_what_has_left(world: World) -> None:
    """After a pause, a missed step joins a message that is still to come, not one that was sent before."""
    enrolment_id, _ = await world.patient(late_choices={"pills": "fold"})
    await world.until(india(3, "12:00"))
    await world.pause(enrolment_id)
    world.clock.set(india(4, "10:00"))
    await world.until(india(4, "10:00"))
    await world.resume(enrolment_id)
    await world.until(india(12, "12:00"))
    assert sum(text.count("pills") for text in world.phone.texts) == 1


async def test_changes_at_once_end_in_one_plan(world: World) -> None:
    """Several changes of one enrolment at the same moment, while it is being sent, leave the plan of all of them."""
    enrolment_id, address_id = await world.patient(medicine=(MEDICINE,))
    for round_ in range(8):
        await world.until(india(3 + round_, "09:00"))
        await asyncio.gather(
            world.change(enrolment_id, surgery_on=SURGERY + timedelta(days=round_)),
            world.medicine(enrolment_id, MedicineTimes((time(9), time(18)), SURGERY, 10 + round_)),
            world.replan(enrolment_id),
            world.dispatcher.drain(),
            world.stop(address_id) if round_ % 2 else world.start(address_id),
            world.change(enrolment_id, evening=time(18 + round_ % 2)),
            world.dispatcher.drain(),
        )
        await world.dispatcher.drain()
        unsent, planned = await world.unsent_and_planned(enrolment_id)
        assert unsent == planned
    assert len(world.phone.texts) == len(set(world.phone.texts))
