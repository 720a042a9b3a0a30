"""The clock of an alert while processes die at every commit, and with the minutes a clinic has set."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.inbox import Inbox
from bot.staff.watch import Watch
from scheduler.dispatcher import Dispatcher
from scheduler.rendering import AGAIN
from scheduler.store.engine import Store
from tests.dialogues.chats import START
from tests.dialogues.player import CONSOLE, Talk
from tests.staff.clockwork import MINUTE, Killed, Ward, staffed, three
from tests.staff.test_alert_clock import DANGER, NOBODY_YET, TODAY
from tests.support.answering import shipped_answering
from tests.support.world import shipped

LEASE = timedelta(minutes=2)
"""More than a lease and the waits after it: so late a step may come where a process died in the midst of a call."""


@pytest_asyncio.fixture
async def ward(sqlite_url: str) -> AsyncIterator[Ward]:
    """An empty ward."""
    talk = Talk.build(sqlite_url, START)
    yield staffed(talk)
    await talk.world.close()


@contextmanager
def dying(monkeypatch: pytest.MonkeyPatch, ward: Ward, seed: int) -> Iterator[list[str]]:
    """From here on the process dies now and then just before a transaction or just after its commit; where it did.

    Not again within the next minutes: a message whose every call is cut off counts as not told, and rightly so.
    """
    chance = random.Random(seed)
    deaths: list[str] = []
    alive_until = ward.now
    whole = Store.write

    def perhaps(where: str) -> None:
        nonlocal alive_until
        if ward.now >= alive_until and chance.random() < 0.4:
            deaths.append(where)
            alive_until = ward.now + 4 * MINUTE
            raise Killed

    @asynccontextmanager
    async def write(self: Store, *, wake: bool = True) -> AsyncIterator[AsyncConnection]:
        perhaps("before")
        async with whole(self, wake=wake) as conn:
            yield conn
        perhaps("after")

    with monkeypatch.context() as patch:
        patch.setattr(Store, "write", write)
        yield deaths


def restart(ward: Ward) -> None:
    """Another process begins, with nothing in memory."""
    world = ward.talk.world
    ward.watch = Watch(world.store, world.content, world.clock, public_url=CONSOLE)
    world.dispatcher = Dispatcher(world.store, world.content, world.clock, [ward.line])


@pytest.mark.asyncio
@pytest.mark.parametrize("seed", range(2))
async def test_deaths_at_any_commit_lose_no_alert_and_ring_nobody_twice(
    ward: Ward, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Whenever a process dies: each step comes within a lease of its time, a second ring says that it may be one."""
    await three(ward)
    await ward.settle()
    world = ward.talk.world
    report = ward.talk.event("phone", text=DANGER)
    with dying(monkeypatch, ward, seed) as deaths:
        told = False
        while ward.now < START + 60 * MINUTE:
            try:
                while not told:
                    # Not told "received", the provider brings the same event again.
                    await ward.talk.inbox.receive(report)
                    told = True
                await ward.settle()
            except Killed:
                restart(ward)
                continue
            found = [await ward.watch.next_due(), await world.dispatcher.next_due()]
            world.clock.set(min([ward.now + 5 * MINUTE, *(at for at in found if at and at > ward.now)]))
    assert len(deaths) > 5
    case = await ward.case()
    assert (case.state, case.reports) == ("open", ()), "one case, kept, however often the event came"
    again = world.content.replies[AGAIN].text.en
    for chat, first in (("nurse", 0), ("doctor", 10), ("admin", 20)):
        times = [(at, out.body.text) for at, out in ward.line.arrived if out.to == chat]
        assert times[0][0] <= START + first * MINUTE + LEASE
        for (sooner, _), (later, text) in pairwise(times):
            assert later - sooner >= 5 * MINUTE or text.startswith(again), f"{chat}: {later - sooner}"
        assert all(later - sooner <= 30 * MINUTE + LEASE for (sooner, _), (later, _) in pairwise(times))
    (told_at, _), *more = [(at, out.body.text) for at, out in ward.line.arrived if _truth(out.to, out.body.text)]
    assert told_at <= START + 20 * MINUTE + LEASE
    assert all(text.startswith(_again(ward)) for _, text in more), "told once, unless nobody knows whether it came"


def _truth(chat: str, text: str) -> bool:
    return chat == "phone" and any(one in text for one in NOBODY_YET)


def _again(ward: Ward) -> tuple[str, ...]:
    text = ward.talk.world.content.replies[AGAIN].text
    return tuple(one for one in (text.en, text.hi, text.hi_latn) if one)


@pytest.mark.asyncio
async def test_the_minutes_are_those_of_the_clinic(ward: Ward) -> None:
    """A clinic that wants the backup after four minutes and the truth after eight gets them."""
    await three(ward)
    world = ward.talk.world
    minutes = {"alert_again_minutes": 2, "alert_next_minutes": 4, "alert_everybody_minutes": 8}
    content = replace(shipped(), clinic={**shipped().clinic, **minutes})
    ward.talk.inbox = Inbox(world.store, content, world.clock, shipped_answering(), CONSOLE)
    ward.watch = Watch(world.store, content, world.clock, public_url=CONSOLE)
    await ward.talk.says("phone", DANGER)
    await ward.until(START + 9 * MINUTE)
    assert ward.times("nurse") == [0, 2, 4, 6, 8]
    assert ward.times("doctor") == [4, 6, 8]
    assert ward.times("phone", *NOBODY_YET) == [8]


@pytest.mark.asyncio
async def test_a_same_day_sign_by_day_goes_up_more_slowly(ward: Ward) -> None:
    """The same steps after 30, 60 and 120 minutes; then everybody, and the patient reads whom to call."""
    await three(ward)
    await ward.talk.says("phone", TODAY)
    await ward.until(START + 121 * MINUTE)
    assert ward.times("nurse") == [0, 30, 60, 90, 120]
    assert ward.times("doctor") == [60, 90, 120]
    assert ward.times("admin") == [90, 120]
    assert ward.times("phone", *NOBODY_YET) == [120]


@pytest.mark.asyncio
async def test_who_blocks_the_bot_half_way_is_passed_over(ward: Ward) -> None:
    """The nurse got the first message, then blocks the bot: the next round goes to the backup."""
    await three(ward)
    await ward.talk.says("phone", DANGER)
    ward.line.blocked = {"nurse"}
    await ward.until(START + 21 * MINUTE)
    assert ward.times("nurse") == [0]
    assert 5 <= ward.times("doctor")[0] <= 6
    assert ward.times("phone", *NOBODY_YET) == [20]


@pytest.mark.asyncio
async def test_the_patients_own_chat_is_blocked(ward: Ward) -> None:
    """The truth cannot be told there: staff are rung all the same, and nothing is tried for ever."""
    await three(ward)
    await ward.talk.says("phone", DANGER)
    ward.line.blocked = {"phone"}
    await ward.until(START + 60 * MINUTE)
    assert ward.times("nurse") == [0, 5, 10, 15, 20, 50]
    assert ward.times("phone", *NOBODY_YET) == []
