"""Promise 5: everything is checked again at the moment of sending, and the text is made then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from content.model import Text
from scheduler import people
from scheduler.dispatcher import Dispatcher
from scheduler.plans import MedicineTimes
from scheduler.sender import NotSent
from scheduler.store.tables import address, consent, enrolment, message, recipient
from tests.support.world import JOURNEY, SURGERY, World, india, sample_content

pytestmark = pytest.mark.asyncio

NINE = india(3, "09:00")


async def _released(world: World) -> tuple[int, int]:
    """A patient whose first tip has been handed to the outbox and not been claimed yet."""
    ids = await world.patient()
    world.clock.set(NINE)
    assert await world.dispatcher._release() == 1
    return ids


async def _meanwhile(world: World, *changes: Any) -> None:
    """Another process commits this between the release and the claim."""
    async with world.store.write() as conn:
        for one in changes:
            await conn.execute(one)


CHANGED: dict[str, tuple[Any, str, str]] = {
    "consent": (update(consent).values(withdrawn_at=NINE), "cancelled", "consent"),
    "stop": (update(address).values(stopped_at=NINE), "cancelled", "STOP"),
    "blocked": (update(address).values(blocked_at=NINE), "cancelled", "blocked"),
    "pause": (update(enrolment).values(state="paused"), "cancelled", "paused"),
    "discharge": (update(enrolment).values(state="ended"), "cancelled", "ended"),
    "another phone": (update(recipient).values(until=NINE), "cancelled", "no longer the patient's"),
    "lateness": (update(message).values(expires_at=NINE), "expired", "too late"),
}


@pytest.mark.parametrize("change", CHANGED)
async def test_what_changed_since_the_release_counts(world: World, change: str) -> None:
    """A message in the outbox does not leave when its ground is gone, and says why."""
    enrolment_id, _ = await _released(world)
    statement, state, reason = CHANGED[change]
    await _meanwhile(world, statement)
    await world.dispatcher.drain()
    assert world.phone.seen == []
    (row,) = await world.messages()
    assert row.state == state
    assert reason in row.reason
    assert next((r.state, r.reason) for r in await world.plan(enrolment_id) if r.step == "walk") == (state, row.reason)


async def test_the_law_of_the_channel_is_asked_at_the_end(world: World) -> None:
    """What the channel does not allow now fails with the channel's reason, and no provider is called."""
    await _released(world)
    world.phone.forbidden = "the 24 hours are over"
    await world.dispatcher.drain()
    assert world.phone.seen == []
    (row,) = await world.messages()
    assert (row.state, row.reason) == ("failed", "not allowed by the channel: the 24 hours are over")


async def test_quiet_hours_count_even_if_nothing_else_says_so(world: World) -> None:
    """A tip whose lateness would allow it does not leave after 21:00 all the same."""
    await _released(world)
    await _meanwhile(world, update(message).values(expires_at=NINE + timedelta(days=1)))
    world.clock.set(india(3, "21:00"))
    await world.dispatcher.drain()
    assert world.phone.seen == []
    assert [row.state for row in await world.messages()] == ["expired"]


async def test_the_language_is_that_of_now(world: World) -> None:
    """A patient who chose Hindi a moment ago gets Hindi."""
    _, address_id = await _released(world)
    async with world.store.write() as conn:
        await people.set_chat_language(conn, address_id, "hi")
    await world.dispatcher.drain()
    assert world.phone.texts == ["Asha जी, दिन 1 का संदेश।"]


async def test_the_content_is_that_of_now_and_its_version_is_recorded(world: World) -> None:
    """A text that was corrected after the release goes out corrected, and the row names the content it came from."""
    await _released(world)
    content = sample_content()
    journey = content.journeys[JOURNEY]
    first = journey.steps[0].model_copy(update={"text": Text(en="Corrected.", hi="सुधारा हुआ।")})
    newer = replace(
        content,
        journeys={JOURNEY: journey.model_copy(update={"steps": (first, *journey.steps[1:])})},
        version="abcdefabcdef",
    )
    await Dispatcher(world.store, newer, world.clock, [world.phone]).drain()
    assert world.phone.texts == ["Corrected."]
    assert [row.content_version for row in await world.messages()] == ["abcdefabcdef"]


async def test_a_moved_date_takes_back_what_waits_in_the_outbox(world: World) -> None:
    """Staff move the surgery while a tip waits to be claimed: it leaves on its new day, once."""
    enrolment_id, _ = await _released(world)
    await world.change(enrolment_id, surgery_on=SURGERY + timedelta(days=4))
    await world.dispatcher.drain()
    assert world.phone.seen == []
    await world.until(india(7, "12:00"))
    assert world.phone.texts == ["walk for Asha, day 1."]


async def test_another_try_is_checked_like_the_first(world: World) -> None:
    """A reminder that could not be sent is not tried again after STOP."""
    _, address_id = await world.patient()
    world.phone.faults.append(lambda _: NotSent("no connection"))
    world.clock.set(NINE)
    await world.dispatcher.drain()
    await world.stop(address_id)
    await world.until(india(20, "12:00"))
    assert world.phone.seen == []


async def test_the_medicine_is_the_one_of_now(make_world: Callable[..., World]) -> None:
    """The names staff typed are those of that day and minute: a finished course is never named again."""
    world = make_world()
    first = MedicineTimes((time(8), time(20)), SURGERY, 2, label="Tablet A")
    second = MedicineTimes((time(8),), SURGERY + timedelta(days=1), 2, label="Tablet B")
    await world.patient(medicine=(first, second))
    seen = [m for m in await world.until(india(8, "12:00")) if "Tablet" in m.body.text]
    named = [(n in m.body.text) for m in seen for n in ("Tablet A", "Tablet B")]
    # Monday 08:00, 20:00; Tuesday 08:00 (both), 20:00; Wednesday 08:00.
    assert named == [True, False, True, False, True, True, True, False, False, True]
