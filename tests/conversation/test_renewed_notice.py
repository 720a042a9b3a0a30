"""A consent notice whose text has changed is put again to whoever agreed to the old one."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from scheduler import consents
from scheduler.store.tables import consent
from tests.dialogues import chats
from tests.dialogues.chats import START, texts
from tests.dialogues.player import Talk

HEAD = "We have changed this text"


@pytest.mark.asyncio
async def test_a_changed_notice_is_asked_again_and_the_record_shows_both(sqlite_url: str) -> None:
    """After an answer, not beside another question, once in a while; the old yes counts until they answer."""
    talk = Talk.build(sqlite_url, START)
    try:
        patient = await chats.joined(talk, "phone")
        world = talk.world
        assert HEAD not in " ".join(texts(await talk.says("phone", "thank you")))
        async with world.store.write() as conn:
            old = update(consent).where(consent.c.purpose == "sharing").values(version="2026-01-1")
            await conn.execute(old)
        beside = texts(await talk.says("phone", "menu"))
        assert HEAD not in " ".join(beside)
        assert [HEAD in text for text in texts(await talk.says("phone", "thank you"))] == [False, True]
        assert len(await talk.says("phone", "thank you")) == 1
        await talk.taps("phone", "Yes, I agree", under=HEAD)
        async with world.store.read() as conn:
            record = await consents.history(conn, patient.enrolment_id)
        sharing = [(one.version, one.withdrawn_how) for one in record if one.purpose == "sharing"]
        newest = world.content.notices["sharing"].version
        assert sharing == [("2026-01-1", consents.RENEWED), (newest, None)]
    finally:
        await talk.world.close()
