"""The yes or no question about a warning sign: answered, or left until silence becomes an alert."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
import pytest_asyncio
from sqlalchemy import func, select, update

from bot.staff import confirming
from bot.staff.ringing import Place
from bot.staff.watch import Watch
from bot.store.tables import alert, alert_report, confirmation
from scheduler.dispatcher import Dispatcher
from tests.dialogues.chats import START
from tests.dialogues.player import CONSOLE, Talk
from tests.staff.clockwork import MINUTE, Killed, Ward, staffed, three

SHORT = "saans"
WHY = ("You did not answer my question", "Aapne mere sawaal ka jawab nahi diya")


@pytest_asyncio.fixture
async def ward(sqlite_url: str) -> AsyncIterator[Ward]:
    """An empty ward on SQLite."""
    talk = Talk.build(sqlite_url, START)
    yield staffed(talk)
    await talk.world.close()


@pytest.fixture
def both(talk: Talk) -> Ward:
    """An empty ward, on either kind of database."""
    return staffed(talk)


async def _cases(ward: Ward) -> tuple[int, int]:
    """How many alerts there are, and how many reports joined them."""
    async with ward.talk.world.store.read() as conn:
        alerts = await conn.scalar(select(func.count()).select_from(alert))
        return alerts or 0, await conn.scalar(select(func.count()).select_from(alert_report)) or 0


@pytest.mark.asyncio
async def test_silence_becomes_an_alert_after_ten_minutes_once(both: Ward) -> None:
    """Two processes look at every instant: one alert, staff rung, the patient reads the fixed words and why, once."""
    ward = both
    await three(ward)
    world = ward.talk.world
    (asked,) = await ward.talk.says("phone", SHORT)
    assert len(asked.body.buttons) == 2
    other = Watch(world.store, world.content, world.clock, public_url=CONSOLE)
    await ward.until(START + 10 * MINUTE - MINUTE / 60)
    assert await _cases(ward) == (0, 0)
    assert await ward.watch.next_due() == START + 10 * MINUTE
    world.clock.set(START + 10 * MINUTE)
    await asyncio.gather(ward.watch.tick(), other.tick(), ward.watch.tick())
    await ward.settle()
    case = await ward.case()
    assert (case.sign, case.tier, case.words) == ("RF04", "emergency", SHORT)
    assert case.rule.startswith(confirming.UNANSWERED)
    assert ward.times("nurse", "EMERGENCY") == [10]
    told = [out for _, out in ward.line.arrived if out.to == "phone" and any(why in out.body.text for why in WHY)]
    assert len(told) == 1
    assert told[0].kind == "urgent"
    assert told[0].body.text.startswith(("Call 112 or 108", "Abhi 112 ya 108"))
    await ward.until(START + 60 * MINUTE)
    assert await _cases(ward) == (1, 0)
    assert len(ward.times("phone", *WHY)) == 1


@pytest.mark.asyncio
async def test_an_answer_in_time_ends_the_waiting(ward: Ward) -> None:
    """A yes is an alert at once, a no is none; the clock then has nothing to do."""
    await ward.talk.says("one", SHORT)
    await ward.talk.says("two", SHORT)
    await ward.until(START + 9 * MINUTE)
    await ward.talk.says("one", "haan")
    await ward.talk.taps("two", "No")
    assert await _cases(ward) == (1, 0)
    assert await ward.watch.next_due() is not None, "the clock of the alert"
    await ward.until(START + 30 * MINUTE)
    assert await _cases(ward) == (1, 0)
    assert ward.times("one", *WHY) == ward.times("two", *WHY) == []


@pytest.mark.asyncio
async def test_asked_again_the_first_question_keeps_its_time(ward: Ward) -> None:
    """Writing the same unclear word every few minutes does not put the alert off."""
    await ward.talk.says("phone", SHORT)
    await ward.until(START + 7 * MINUTE)
    await ward.talk.says("phone", SHORT)
    await ward.until(START + 10 * MINUTE)
    assert ward.times("phone", *WHY) == [10]
    assert await _cases(ward) == (1, 0)


@pytest.mark.asyncio
async def test_reported_outright_meanwhile_nothing_waits_any_more(ward: Ward) -> None:
    """The same sign in clear words is the answer; silence afterwards adds nothing."""
    await ward.talk.says("phone", SHORT)
    await ward.talk.says("phone", "I cannot breathe")
    async with ward.talk.world.store.read() as conn:
        states = list(await conn.scalars(select(confirmation.c.state)))
    sign = (await ward.case()).sign
    await ward.until(START + 15 * MINUTE)
    assert sign == "RF04"
    assert states == ["yes"]
    assert ward.times("phone", *WHY) == []


@pytest.mark.asyncio
async def test_a_late_answer_is_told_what_is_true(ward: Ward) -> None:
    """After silence a no leaves the alert to staff and says so; a yes joins it."""
    for chat in ("one", "two"):
        await ward.talk.says(chat, SHORT)
    await ward.until(START + 12 * MINUTE)
    (said,) = await ward.talk.says("one", "nahi")
    assert "care team already" in said.body.text or "team ke paas pahunch chuki" in said.body.text
    assert await _cases(ward) == (2, 0)
    await ward.talk.says("two", "haan")
    assert await _cases(ward) == (2, 1)


@pytest.mark.asyncio
async def test_a_restart_in_the_middle_forgets_nothing(ward: Ward) -> None:
    """Killed in the midst of the step it is not begun; a new process takes it whole, however late, and once."""
    await three(ward)
    world = ward.talk.world
    await ward.talk.says("phone", SHORT)
    world.clock.set(START + 45 * MINUTE)
    place = Place(world.store.keys, world.content, public_url=CONSOLE)
    async with world.store.read() as conn:
        (waiting,) = await confirming.due(conn, ward.now)
    with suppress(Killed):
        async with world.store.write() as conn:
            assert await confirming.give_up(conn, place, waiting, ward.now)
            raise Killed
    assert await _cases(ward) == (0, 0)
    ward.watch = Watch(world.store, world.content, world.clock, public_url=CONSOLE)
    world.dispatcher = Dispatcher(world.store, world.content, world.clock, [ward.line])
    await ward.settle()
    assert await _cases(ward) == (1, 0)
    assert ward.times("phone", *WHY) == [45]
    assert ward.times("nurse", "EMERGENCY") == [45]


@pytest.mark.asyncio
async def test_one_that_cannot_be_read_keeps_no_other_waiting(ward: Ward) -> None:
    """A broken row is tried again later; the other question of the same minute becomes its alert."""
    await ward.talk.says("one", SHORT)
    await ward.talk.says("two", SHORT)
    world = ward.talk.world
    async with world.store.write() as conn:
        first = select(func.min(confirmation.c.id)).scalar_subquery()
        await conn.execute(update(confirmation).where(confirmation.c.id == first).values(sign="RF99"))
    world.clock.set(START + 10 * MINUTE)
    await ward.watch.tick()
    assert await _cases(ward) == (1, 0)
    assert await ward.watch.next_due() is not None
