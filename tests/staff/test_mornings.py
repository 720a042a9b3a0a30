"""The list of the day and the daily test message: once a day each, to whoever may know."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from bot import health
from bot.staff import mornings, rotas
from bot.staff.ringing import Place
from bot.staff.tables import canary, staff_digest
from bot.staff.watch import Watch
from content.loader import Content
from scheduler.sender import Outcome, Outgoing, Unreachable
from tests.dialogues import chats
from tests.dialogues.player import Talk, local

MORNING = local(date(2026, 3, 9), "08:00")
TEST_AT = local(date(2026, 3, 9), "07:30")


def _watch(talk: Talk) -> Watch:
    return Watch(talk.world.store, talk.world.content, talk.world.clock)


async def _came(talk: Talk, chat: str) -> list[str]:
    """What came to a chat once everything due was sent."""
    before = len(talk.world.phone.seen)
    await talk.world.dispatcher.drain()
    return [one.body.text for one in talk.world.phone.seen[before:] if one.to == chat]


async def _choose(talk: Talk, staff_id: int | None) -> None:
    async with talk.world.store.write() as conn:
        await rotas.set_canary(conn, None, staff_id, talk.world.clock.now())


@pytest.mark.asyncio
async def test_the_list_of_the_day_counts_and_names(talk: Talk) -> None:
    """Open alerts, surgeries, day 7 and not connected, by first name; to those who may see patients only."""
    await talk.employ("Sister Example", chat="nurse")
    await talk.employ("Dr Example", "clinician")
    await chats.enrolled(talk, "Asha Example", surgery_on=date(2026, 3, 2))
    await chats.enrolled(talk, "Ravi Example", surgery_on=date(2026, 3, 9), discharge_on=date(2026, 3, 10))
    await talk.says("stranger", "peshab nahi ho raha")
    await talk.world.until(MORNING - timedelta(minutes=1))
    await _watch(talk).morning()
    assert await _came(talk, "nurse") == [], "not before its time"
    await talk.world.until(MORNING)
    await _watch(talk).morning()
    (text,) = await _came(talk, "nurse")
    assert text.splitlines() == [
        "Good morning. This is today's list.",
        "Open alerts: 1",
        "No answer to two check-ins: 0",
        "Not connected yet: 2 (Asha, Ravi)",
        "Not known if messages arrived: 0",
        "Surgery today: 1 (Ravi)",
        "Day 7 today: 1 (Asha)",
    ]


@pytest.mark.asyncio
async def test_one_list_a_day_and_member_however_many_look(talk: Talk) -> None:
    """Three processes look at once, then again and again: one message; the next day another."""
    await talk.employ("Sister Example", chat="nurse")
    for day in range(2):
        await talk.world.until(MORNING + timedelta(days=day))
        await asyncio.gather(*(_watch(talk).morning() for _ in range(3)))
        await talk.world.until(MORNING + timedelta(days=day, hours=3))
        await _watch(talk).morning()
        await talk.world.dispatcher.drain()
    lists = [one for one in talk.world.phone.seen if one.to == "nurse" and "today's list" in one.body.text]
    assert len(lists) == 2
    async with talk.world.store.read() as conn:
        assert await conn.scalar(select(func.count()).select_from(staff_digest)) == 2


@pytest.mark.asyncio
async def test_who_shared_and_answers_nothing_is_named(talk: Talk) -> None:
    """Two check-ins of the first week without an answer bring a patient onto the list; an answer takes them off."""
    await talk.employ("Sister Example", chat="nurse")
    await chats.joined(talk, "phone")
    await talk.world.until(local(date(2026, 3, 6), "08:00"))
    async with talk.world.store.read() as conn:
        place = Place(talk.world.store.keys, talk.world.content)
        lines = {line.reply: line for line in await mornings.day(conn, place, talk.world.clock.now())}
    assert lines["staff-digest-silent"].names == ("Asha",)


@pytest.mark.asyncio
async def test_the_test_message_goes_the_whole_way_once_a_day(talk: Talk) -> None:
    """Off by default; chosen, it arrives in that chat once, and nobody says it is missing."""
    nurse = await talk.employ("Sister Example", chat="nurse")
    await talk.world.until(TEST_AT)
    await _watch(talk).morning()
    assert await _came(talk, "nurse") == []
    await _choose(talk, nurse.id)
    for _ in range(3):
        await _watch(talk).morning()
    (text,) = await _came(talk, "nurse")
    assert "alerts reach this chat" in text
    await talk.world.until(MORNING)
    async with talk.world.store.read() as conn:
        assert not await mornings.missing(conn, talk.world.clock.now())
        assert await conn.scalar(select(func.count()).select_from(canary)) == 1


@pytest.mark.asyncio
async def test_one_that_does_not_arrive_is_said_in_health_and_in_the_list(talk: Talk) -> None:
    """The chosen chat cannot be reached: the other members read so at eight, and `saathi health` says so."""
    nurse = await talk.employ("Sister Example", chat="nurse")
    await talk.employ("Dr Example", "clinician", chat="doctor")
    await _choose(talk, nurse.id)
    await talk.world.until(TEST_AT)
    await _watch(talk).morning()

    def refuse(_: Outgoing) -> Outcome:
        return Unreachable("blocked")

    talk.world.phone.faults.append(refuse)
    assert await _came(talk, "nurse") == []
    assert health.CANARY_MISSING not in await _warnings(talk), "it still has time"
    await talk.world.until(MORNING)
    assert health.CANARY_MISSING in await _warnings(talk)
    await _watch(talk).morning()
    (text,) = await _came(talk, "doctor")
    assert "The daily test message did not arrive" in text


async def _warnings(talk: Talk) -> tuple[str, ...]:
    content: Content = talk.world.content
    found = await health.look(talk.world.store, content.version, talk.world.clock.now(), ())
    return found.warnings
