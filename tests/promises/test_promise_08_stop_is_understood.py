"""Promise 8, in the talk: STOP is understood, works at once, and is not confused with a question."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date

import pytest
import pytest_asyncio

from tests.dialogues import chats
from tests.dialogues.player import Talk, local

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def talk(sqlite_url: str) -> AsyncIterator[Talk]:
    """The real parts."""
    built = Talk.build(sqlite_url, chats.START)
    yield built
    await built.world.close()


@pytest.mark.parametrize("text", ["STOP", "stop messages", "बंद करो", "band karo", "msg mat bhejo", "/stop"])
async def test_nothing_comes_after_the_acknowledgement(talk: Talk, text: str) -> None:
    """In each language; the answer says how to start again; ten days later there was no message."""
    await chats.joined(talk, "chat")
    (ack,) = await talk.says("chat", text)
    assert "START" in ack.body.text
    assert await talk.world.until(local(date(2026, 3, 12), "12:00")) == []


async def test_the_button_of_the_menu_stops(talk: Talk) -> None:
    """Tapping is as good as typing."""
    await chats.joined(talk, "chat")
    await talk.says("chat", "menu")
    await talk.taps("chat", "Stop messages")
    assert await talk.world.until(local(date(2026, 3, 6), "12:00")) == []


@pytest.mark.parametrize("text", ["Should I stop the tablets?", "dawai band karu?", "क्या दवा बंद करूँ?", "bus stop"])
async def test_a_question_about_stopping_is_not_stop(talk: Talk, text: str) -> None:
    """It is answered or handed over, and messages go on."""
    await chats.joined(talk, "chat")
    (said,) = await talk.says("chat", text)
    assert "START" not in said.body.text
    assert await talk.world.until(local(date(2026, 3, 4), "12:00")) != []


@pytest.mark.parametrize("text", ["resume", "menu", "1 day", "pause", "yes", "hello", "time", "share"])
async def test_only_start_restarts(talk: Talk, text: str) -> None:
    """No other word, and no button of an earlier message, brings messages back."""
    await chats.joined(talk, "chat")
    await talk.says("chat", "pause")
    await talk.says("chat", "STOP")
    await talk.says("chat", text)
    await talk.taps("chat", "3 days", under="For how long")
    await talk.taps("chat", "Yes, I agree", under="Question 1 of 2")
    before = len(talk.world.phone.seen)
    await talk.world.until(local(date(2026, 3, 8), "12:00"))
    assert talk.world.phone.seen[before:] == []
    await talk.says("chat", "START")
    assert await talk.world.until(local(date(2026, 3, 11), "12:00")) != []


async def test_stop_in_the_midst_of_joining(talk: Talk) -> None:
    """STOP before the answer to the notice; the notice's old Yes does not start what STOP has ended."""
    await chats.asked_for_consent(talk, "chat")
    await talk.says("chat", "STOP")
    (said,) = await talk.taps("chat", "Yes, I agree")
    assert "stopped" in said.body.text
    assert await talk.world.until(local(date(2026, 3, 6), "12:00")) == []
