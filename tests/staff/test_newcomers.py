"""Enrolling in a linked chat: what staff get to pass on, over a restart, and only with the permission."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from sqlalchemy import select, update

from bot.inbox import Inbox
from bot.staff import cards
from bot.staff.tables import staff_member
from bot.store.tables import audit
from scheduler import enrolments, links, reminders
from tests.dialogues.chats import START, texts
from tests.dialogues.player import CONSOLE, Talk
from tests.support.answering import shipped_answering
from tests.web.staffed import BOT, telegram_is_up

FIELDS = ("/enrol", "Chitra Example", "90000 00003", "Hindi", "mis-tlif", "26 Feb 2026 9:30")
"""Four days before the chat: some steps are past."""


@pytest_asyncio.fixture
async def talk(sqlite_url: str) -> AsyncIterator[Talk]:
    """On SQLite alone: no database has a say in this."""
    built = Talk.build(sqlite_url, START)
    yield built
    await built.world.close()


@pytest.mark.asyncio
async def test_the_link_comes_with_its_code_and_a_picture_to_scan(talk: Talk) -> None:
    """What was shown is what is planned; the forwarded link opens this patient's enrolment; the trail says who."""
    nurse = await talk.employ("Sister Example", chat="nurse")
    await telegram_is_up(talk.world.store)
    for text in FIELDS[:3]:
        await talk.says("nurse", text)
    # A restart: everything typed so far stands in the database.
    world = talk.world
    talk.inbox = Inbox(world.store, world.content, world.clock, shipped_answering(), CONSOLE)
    for text in FIELDS[3:]:
        (shown,) = await talk.says("nurse", text)
    assert "Past already: " in shown.body.text
    told, forwarded = await talk.taps("nurse", "Save")
    assert [button.label for button in told.body.buttons] == ["Open"]
    link = next(word for word in forwarded.body.text.split() if word.startswith(f"https://t.me/{BOT}?start="))
    assert forwarded.body.picture == cards.qr_png(link)
    assert forwarded.body.picture.startswith(b"\x89PNG")
    assert "Chitra" not in forwarded.body.text
    async with world.store.read() as conn:
        found = await links.find(conn, world.store.keys, link.partition("=")[2])
        assert found is not None
        view = await enrolments.view(conn, world.store.keys, found.enrolment_id)
        trail = (await conn.execute(select(audit).where(audit.c.enrolment_id == view.id))).all()
    assert (view.name, view.journey, view.surgery_on.isoformat()) == ("Chitra Example", "mis-tlif", "2026-02-26")
    assert [(row.actor, row.action, row.detail["by"]) for row in trail] == [(f"staff:{nurse.id}", "enrolled", "chat")]
    await world.join(view.id)
    async with world.store.read() as conn:
        plan = await reminders.plan_of(conn, view.id)
    assert f"Messages: {sum(one.state == 'planned' for one in plan)}\n" in shown.body.text


@pytest.mark.asyncio
async def test_a_role_that_lost_the_permission_enrols_nobody(talk: Talk) -> None:
    """It is looked up again at every step."""
    nurse = await talk.employ("Sister Example", chat="nurse")
    for text in FIELDS:
        await talk.says("nurse", text)
    async with talk.world.store.write() as conn:
        await conn.execute(update(staff_member).where(staff_member.c.id == nurse.id).values(role="auditor"))
    assert "role does not let you" in texts(await talk.taps("nurse", "Save"))[0]
    assert "role does not let you" in texts(await talk.says("nurse", "Chitra Example"))[0]
    assert "role does not let you" in texts(await talk.says("nurse", "patient asha"))[0]
    async with talk.world.store.read() as conn:
        assert await enrolments.everybody(conn, talk.world.store.keys) == ()
