"""The rules over check-ins through the door people use: an answer is typed, staff get to know; silence is found."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, datetime

import pytest
import pytest_asyncio
from sqlalchemy import select

from bot.inbox import Inbox
from bot.staff import notices
from bot.staff.accounts import Staff
from bot.staff.tables import staff_notice
from bot.staff.watch import Watch
from bot.store import reading
from content.loader import Content
from tests.dialogues import chats
from tests.dialogues.player import CONSOLE, Talk, local
from tests.support.answering import shipped_answering
from tests.support.world import shipped


@pytest_asyncio.fixture
async def talk(sqlite_url: str) -> AsyncIterator[Talk]:
    """The shipped content on SQLite."""
    built = Talk.build(sqlite_url, chats.START)
    yield built
    await built.world.close()


@pytest_asyncio.fixture
async def both(database_url: str) -> AsyncIterator[Talk]:
    """The same on either kind of database."""
    built = Talk.build(database_url, chats.START)
    yield built
    await built.world.close()


def _at(day: int, clock: str) -> datetime:
    return local(date(2026, 3, day), clock)


async def _alerts(talk: Talk) -> list[reading.AlertView]:
    async with talk.world.store.read() as conn:
        return await reading.alerts(conn, talk.world.store.keys)


async def _notices(talk: Talk) -> list[str]:
    async with talk.world.store.read() as conn:
        return [one.kind for one in await reading.notices(conn)]


@pytest.mark.asyncio
async def test_a_rise_within_a_day_opens_an_alert_that_names_its_rule(talk: Talk) -> None:
    """2 on the day of going home and 5 the day after: the same day's reply, and staff read the rule in words."""
    await talk.employ("Sister Example", chat="nurse")
    await chats.joined(talk, "phone")
    await talk.world.until(_at(2, "18:15"))
    for answer in ("yes", "yes", "2"):
        await talk.says("phone", answer)
    await talk.world.until(_at(3, "16:05"))
    await talk.says("phone", "1")
    said = await talk.says("phone", "5")
    assert [one.kind for one in said if one.to == "phone"] == ["urgent", "reply"]
    (told,) = [one.body.text for one in said if one.to == "nurse"]
    assert "SAME DAY" in told
    assert "Pain rose by 3 points or more within a day" in told
    (case,) = await _alerts(talk)
    assert (case.sign, case.tier, case.rule) == ("RF19", "same_day", "pain-rose")


@pytest.mark.asyncio
async def test_strong_pain_twice_names_both_rules(talk: Talk) -> None:
    """The threshold and the trend make one report, not two; correcting the newest answer is judged again."""
    await chats.joined(talk, "phone")
    await talk.world.until(_at(2, "18:15"))
    for answer in ("yes", "yes", "8"):
        await talk.says("phone", answer)
    await talk.world.until(_at(3, "16:05"))
    for answer in ("1", "9"):
        await talk.says("phone", answer)
    (case,) = await _alerts(talk)
    (report,) = case.reports
    assert report.words.startswith("Leg pain in the last 24 hours"), "a bare number says nothing to staff"
    assert report.words.endswith(" 9. Pain of 8 or more at two check-ins in a row")
    await talk.taps("phone", "3", "Leg pain")
    await talk.taps("phone", "8", "Leg pain")
    (case,) = await _alerts(talk)
    assert len(case.reports) == 2
    async with talk.world.store.read() as conn:
        answers = await reading.answers(conn, 1)
    assert answers[-1].before == ("9", "3")


@pytest.mark.asyncio
async def test_silence_is_found_by_the_clock_and_noted_once(both: Talk) -> None:
    """Two check-ins unanswered for twelve hours: one line for staff, however many look, and not again when done."""
    talk = both
    await talk.employ("Sister Example", chat="nurse")
    await chats.joined(talk, "phone")
    watches = [Watch(talk.world.store, talk.world.content, talk.world.clock, public_url=CONSOLE) for _ in range(3)]
    await talk.world.until(_at(4, "03:30"))
    await asyncio.gather(*(one.silence() for one in watches))
    assert await _notices(talk) == [], "the second has had less than twelve hours"
    await talk.world.until(_at(4, "08:30"))
    await asyncio.gather(*(one.silence() for one in watches))
    await talk.world.dispatcher.drain()
    assert await _notices(talk) == ["no-answer"]
    told = [one.body.text for one in talk.world.phone.seen if one.to == "nurse" and "No answer to two" in one.body.text]
    assert len(told) == 1
    nurse = Staff(1, "Sister Example", "sister", "nurse", None, disabled=False)
    async with talk.world.store.write() as conn:
        notice = await conn.scalar(select(staff_notice.c.id))
        await notices.done(conn, notice or 0, nurse, talk.world.clock.now())
    await talk.world.until(_at(6, "12:00"))
    await watches[0].silence()
    assert await _notices(talk) == []


@pytest.mark.asyncio
@pytest.mark.parametrize("why", ["answered", "stopped", "not shared"])
async def test_who_answers_stops_or_does_not_share_is_not_silent(talk: Talk, why: str) -> None:
    """One answer ends the silence; whoever said STOP or did not share is left alone."""
    if why == "not shared":
        await chats.asked_for_sharing(talk, "phone")
        await talk.says("phone", "no")
    else:
        await chats.joined(talk, "phone")
    await talk.world.until(_at(3, "19:00"))
    if why == "answered":
        await talk.says("phone", "3")
    if why == "stopped":
        await talk.says("phone", "stop")
    await talk.world.until(_at(5, "08:30"))
    await Watch(talk.world.store, talk.world.content, talk.world.clock).silence()
    assert await _notices(talk) == []


def _asking_mood(content: Content) -> Content:
    return replace(content, clinic={**content.clinic, "ask_mood": "yes"})


@pytest.mark.asyncio
@pytest.mark.parametrize("asks", [False, True])
async def test_mood_is_asked_only_where_the_clinic_has_a_path(talk: Talk, asks: bool) -> None:
    """Off by default; where it is on, very low is answered gently and comes onto staff's list."""
    content = _asking_mood(shipped()) if asks else shipped()
    talk.world.content = talk.world.dispatcher._content = content
    talk.inbox = Inbox(talk.world.store, content, talk.world.clock, shipped_answering(), CONSOLE)
    await chats.joined(talk, "phone")
    await talk.world.until(local(date(2026, 3, 30), "18:35"))
    await talk.says("phone", "better")
    (said,) = await talk.says("phone", "20")
    assert ("How has your mood been" in said.body.text) is asks
    if asks:
        (said,) = await talk.says("phone", "bahut udas")
        assert "14416" in said.body.text
        assert await _notices(talk) == ["mood-low"]
        assert await _alerts(talk) == []


@pytest.mark.asyncio
async def test_not_sure_about_the_wound_leads_to_a_photo_for_the_team(talk: Talk) -> None:
    """It is asked for, never judged; a plain no asks for nothing, and the check-in goes on."""
    await chats.joined(talk, "phone")
    await talk.world.until(_at(5, "18:45"))
    (said,) = await talk.says("phone", "no")
    assert "photo" not in said.body.text
    (said,) = await talk.says("phone", "not sure")
    assert "send a clear photo" in said.body.text
    assert "I cannot judge it" in said.body.text
    assert "fever or shivering" in said.body.text
    assert await _alerts(talk) == []
