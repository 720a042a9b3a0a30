"""`saathi triage export`: what patients wrote and staff judged, of those who share, without names and numbers."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.staff import labelling
from content.heard import read
from tests.dialogues import chats
from tests.dialogues.chats import START
from tests.dialogues.player import Talk


@pytest_asyncio.fixture
async def talk(sqlite_url: str) -> AsyncIterator[Talk]:
    """On SQLite alone: no database has a say in this."""
    built = Talk.build(sqlite_url, START)
    yield built
    await built.world.close()


@pytest.mark.asyncio
async def test_closed_alerts_label_the_next_set(talk: Talk) -> None:
    """A false alarm is wanted as none, all else as it was judged; strangers, and those who do not share, are not in."""
    nurse = await talk.employ("Sister Example")
    await chats.joined(talk, "phone")
    await talk.says("phone", "Asha cannot pass urine since morning, call 90000 00001")
    await talk.says("phone", "I have chest pain and cannot breathe")
    await nurse.close(1, "called")
    await talk.says("phone", "pus is coming from the wound")
    await nurse.close(2, "false_alarm")
    await talk.says("phone", "her leg is swollen and red")
    await chats.speaking(talk, "stranger")
    await talk.says("stranger", "I cannot pass urine")
    await nurse.close(4, "seen")

    async def found() -> list[labelling.Example]:
        async with talk.world.store.read() as conn:
            return await labelling.examples(conn, talk.world.store.keys, talk.world.content.watching)

    text = labelling.as_yaml(await found())
    assert {(one.want, one.text) for one in read(text)} == {
        ("emergency", "… cannot pass urine since morning, call …"),
        ("emergency", "I have chest pain and cannot breathe"),
        ("none", "pus is coming from the wound"),
    }
    assert "# same_day, false_alarm" in text
    await talk.says("phone", "stop sharing")
    assert await found() == []
