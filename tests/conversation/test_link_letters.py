"""The letters of a link are chance, and never a warning sign."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.store import reading
from tests.dialogues import chats
from tests.dialogues.player import Talk

pytestmark = pytest.mark.asyncio

LIKE_FEVER = "bukHo7wWfjLvjDKLZ14w7CYK0ErNmTeU"


@pytest_asyncio.fixture
async def talk(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Talk]:
    """The real parts; every link happens to have letters that look like a sign."""
    monkeypatch.setattr("scheduler.links.secrets.token_urlsafe", lambda _size: LIKE_FEVER)
    built = Talk.build(sqlite_url, chats.START)
    yield built
    await built.world.close()


async def test_a_link_that_looks_like_a_sign_still_opens(talk: Talk) -> None:
    """Somebody who opens their link is asked for the year of birth, whatever its letters are."""
    await chats.speaking(talk, "chat")
    patient = await chats.enrolled(talk)
    assert patient.token == LIKE_FEVER
    (said,) = await talk.says("chat", f"/start {patient.token}")
    assert "year of birth" in said.body.text
    async with talk.world.store.read() as conn:
        assert not await reading.alerts(conn, talk.world.store.keys)


async def test_a_sign_beside_a_code_is_heard(talk: Talk) -> None:
    """A code in a message takes nothing away from the rest of it."""
    await chats.speaking(talk, "chat")
    patient = await chats.enrolled(talk)
    (said,) = await talk.says("chat", f"my code is {patient.code} and I cannot pass urine")
    assert said.kind == "urgent"
