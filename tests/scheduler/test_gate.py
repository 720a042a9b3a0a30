"""The sending slots of a channel: one each, in order, shared through one row."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from scheduler import gate
from tests.support.world import World, india

pytestmark = pytest.mark.asyncio

NOW = india(3, "09:00")
STEP = timedelta(seconds=1 / (50 * gate.PACE))


async def _claim(world: World, wanted: int, now: datetime) -> list[datetime] | datetime:
    """Slots for `wanted` messages at `now`, all taken; or when to look again."""
    async with world.store.write() as conn:
        slots = await gate.look(conn, "simulator", 50, wanted, now)
        if isinstance(slots, gate.Closed):
            return slots.until
        await gate.take(conn, "simulator", slots, slots.count)
        return [slots.at(number) for number in range(slots.count)]


async def test_no_two_messages_share_a_slot(world: World) -> None:
    """Claims one after the other get the next slots, a step apart, never beyond the horizon."""
    first = await _claim(world, 5, NOW)
    second = await _claim(world, 100, NOW)
    assert isinstance(first, list)
    assert isinstance(second, list)
    taken = first + second
    assert taken == [NOW + STEP * number for number in range(len(taken))]
    assert taken[-1] <= NOW + gate.HORIZON < taken[-1] + STEP


async def test_when_the_horizon_is_full_one_waits_for_it(world: World) -> None:
    """A claim that finds every near slot taken is told when the next one comes near."""
    taken = await _claim(world, 100, NOW)
    assert isinstance(taken, list)
    until = await _claim(world, 1, NOW)
    assert until == taken[-1] + STEP - gate.HORIZON
    assert isinstance(until, datetime)
    assert await _claim(world, 1, until) == [taken[-1] + STEP]


async def test_unused_slots_of_the_past_are_gone(world: World) -> None:
    """After a rest nobody may send faster to make up for it."""
    await _claim(world, 5, NOW)
    later = NOW + timedelta(seconds=10)
    assert await _claim(world, 2, later) == [later, later + STEP]


async def test_a_closed_gate_opens_by_itself_and_never_sooner(world: World) -> None:
    """The longest wait counts; when it is over the slots begin then."""
    await _claim(world, 1, NOW)
    async with world.store.write() as conn:
        for seconds in (60, 5):
            await gate.close(conn, "simulator", NOW + timedelta(seconds=seconds), "the provider asked us to wait")
    assert await _claim(world, 1, NOW + timedelta(seconds=59)) == NOW + timedelta(seconds=60)
    assert await _claim(world, 1, NOW + timedelta(seconds=60)) == [NOW + timedelta(seconds=60)]


async def test_without_a_rate_nothing_is_counted(world: World) -> None:
    """A channel without a limit gives every message its turn at once."""
    async with world.store.write() as conn:
        slots = await gate.look(conn, "simulator", None, 500, NOW)
    assert isinstance(slots, gate.Slots)
    assert (slots.count, slots.at(499)) == (500, NOW)
