"""Lists for staff: one row that cannot be opened hides no other."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from bot.store import reading
from bot.store.tables import inbound
from bot.store.whom import UNREADABLE
from scheduler import outbox, people
from scheduler.crypto import KeyRing
from scheduler.store.tables import message
from tests.dialogues import chats
from tests.dialogues.player import Talk


@pytest.mark.asyncio
async def test_a_chat_shows_what_can_be_read_and_says_what_cannot(talk: Talk) -> None:
    """Of three questions and answers the middle ones are sealed with a lost key; the others stand as they are."""
    await chats.speaking(talk, "phone")
    for text in ("when can I walk", "when can I drive", "menu"):
        await talk.says("phone", text)
    keys, lost = talk.world.store.keys, KeyRing.generate()
    async with talk.world.store.write() as conn:
        await conn.execute(update(inbound).where(inbound.c.id == 3).values(body=lost.seal("inbound.body", "[]")))
        await conn.execute(update(message).where(message.c.id == 3).values(body=lost.seal("message.body", "[]")))
    async with talk.world.store.read() as conn:
        address_id = await people.find_address(conn, keys, talk.world.phone.channel, "phone")
        assert address_id is not None
        lines = await reading.chat(conn, keys, address_id)
        sent = await outbox.transcript(conn, keys, address_id)
    assert [line.text for line in lines if not line.out] == ["English", "when can I walk", UNREADABLE, "menu"]
    assert [line.text == UNREADABLE for line in lines if line.out] == [False, False, True, False]
    assert [line.readable for line in sent] == [True, True, False, True]
