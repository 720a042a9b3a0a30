"""Promise 6: late has a limit per step, the night is quiet after any backlog, and a backlog never comes at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from itertools import pairwise

import pytest

from scheduler.plans import GAP, MedicineTimes
from scheduler.policy import ALERT, REPLY
from tests.support.world import SURGERY, World, india, sample_content, step

pytestmark = pytest.mark.asyncio

DAILY = MedicineTimes((time(9),), SURGERY, 3)


async def _back_at(world: World, instant: datetime) -> list[str]:
    """Everything was off until `instant`; the texts that leave at that moment."""
    world.clock.set(instant)
    await world.dispatcher.reap()
    await world.dispatcher.drain()
    return world.phone.texts


@pytest.mark.parametrize(("clock", "left"), [("09:59", True), ("10:00", False)])
async def test_medicine_is_at_most_an_hour_late(world: World, clock: str, left: bool) -> None:
    """Up to 59 minutes a medicine reminder still leaves; from the hour on it is expired, where staff can see it."""
    enrolment_id, _ = await world.patient(medicine=(DAILY,))
    texts = await _back_at(world, india(2, clock))
    assert len(texts) == left
    (row,) = [r for r in await world.plan(enrolment_id) if r.occurrence == "2026-03-02 09:00"]
    assert (row.state, row.reason) == (("sent", None) if left else ("expired", "too late when its turn came"))


@pytest.mark.parametrize(("clock", "left"), [("20:59", True), ("21:00", False), ("23:30", False)])
async def test_a_tip_belongs_to_its_day(world: World, clock: str, left: bool) -> None:
    """Daily advice leaves on the same day until the quiet hours, and not at all after that."""
    await world.patient(surgery_on=SURGERY + timedelta(days=1))
    await _back_at(world, india(4, clock))
    await world.until(india(5, "07:59"))
    assert bool(world.phone.texts) == left


@pytest.mark.parametrize(("clock", "left"), [("09:19", True), ("09:20", False)])
async def test_a_step_has_its_own_limit(make_world: Callable[..., World], clock: str, left: bool) -> None:
    """`late_minutes` of the content is what counts for that step."""
    world = make_world(content=sample_content(step("walk", "activity", 1, late_minutes=20)))
    await world.patient()
    assert bool(await _back_at(world, india(3, clock))) == left


@pytest.mark.parametrize("clock", ["21:00", "23:59", "02:10", "07:59"])
async def test_the_night_is_quiet_after_any_backlog(make_world: Callable[..., World], clock: str) -> None:
    """After days off, at night, only alerts, replies and an agreed night-time medicine leave."""
    steps = [step(f"tip{day}", "activity", day, "evening") for day in range(-5, 9)]
    world = make_world(content=sample_content(*steps))
    night = tuple(sorted({time(2), time(21), time(23, 30), time(7, 30)}))
    medicine = (
        MedicineTimes(night, SURGERY, 9, at_night=True),
        MedicineTimes((time(8), time(20, 30), time(20, 50)), SURGERY, 9),
    )
    _, address_id = await world.patient(medicine=medicine)
    for kind in (ALERT, REPLY):
        await world.put(address_id, kind, kind)
    texts = await _back_at(world, india(6 if clock > "12" else 7, clock))
    assert texts[:2] == [ALERT, REPLY]
    (medicine_text,) = texts[2:]
    assert {"21:00": "21:00", "23:59": "23:30", "02:10": "02:00", "07:59": "07:30"}[clock] in medicine_text


async def test_an_agreed_night_time_leaves_at_its_minute(world: World) -> None:
    """A medicine time at two in the night, which the patient agreed to, comes at two."""
    await world.patient(medicine=(MedicineTimes((time(2),), SURGERY, 1, at_night=True),))
    assert await world.until(india(2, "01:59")) == []
    assert len(await world.until(india(2, "02:00"))) == 1


async def test_a_backlog_never_comes_at_once(make_world: Callable[..., World]) -> None:
    """After an outage each patient gets one message now and the next ones half an hour apart, also from new ones."""
    slots = ("morning", "midday", "afternoon")
    steps = [step(f"tip-{day}-{slot}", "activity", day, slot) for day in (1, 2) for slot in slots]
    world = make_world(content=sample_content(*steps, step("evening", "activity", 1, "evening"), per_day=4))
    for number in range(3):
        await world.patient(f"Patient{number} Example", f"chat-{number}")
    await _back_at(world, india(3, "17:40"))
    assert sorted(m.to for m in world.phone.seen) == ["chat-0", "chat-1", "chat-2"], (
        "one each, nobody waits for another"
    )
    await world.until(india(3, "23:00"))
    sent = [row for row in await world.messages() if row.state == "sent"]
    for address_id in {row.address_id for row in sent}:
        times = sorted(row.sent_at for row in sent if row.address_id == address_id)
        assert len(times) == 4
        assert all(later - earlier >= GAP for earlier, later in pairwise(times))


async def test_medicine_never_waits_behind_a_backlog(world: World) -> None:
    """A medicine reminder that is still in time leaves before and beside whatever else is late."""
    await world.patient(medicine=(MedicineTimes((time(9), time(18)), SURGERY, 5),))
    texts = await _back_at(world, india(3, "18:20"))
    assert "18:00" in texts[0]
    assert len(texts) == 1
    await world.until(india(3, "20:59"))
    assert sorted(text.split()[0] for text in world.phone.texts[1:]) == ["pills", "walk"]
