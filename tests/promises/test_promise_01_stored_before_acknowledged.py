"""Promise 1: stored before acknowledged, and the same event twice has one effect."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date

import pytest
import pytest_asyncio
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from bot import inbox
from bot.channels.inbound import Inbound
from bot.conversation.wishes import Effect, Stop
from bot.effects import Chat, carry_out
from bot.store import reading
from bot.store.tables import alert, inbound, question
from scheduler.store.tables import message
from tests.dialogues import chats
from tests.dialogues.player import Talk, local

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def talk(database_url: str) -> AsyncIterator[Talk]:
    """The real parts on each kind of database."""
    built = Talk.build(database_url, chats.START)
    yield built
    await built.world.close()


async def _count(talk: Talk) -> dict[str, int]:
    async with talk.world.store.read() as conn:
        tables = (inbound, message, alert, question)
        return {table.name: await conn.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


@pytest.mark.parametrize("text", ["hello", "I cannot pass urine", "STOP", "who stamps the papers of Mr Sharma"])
async def test_the_same_event_again_has_no_effect(talk: Talk, text: str) -> None:
    """A provider that delivers an event three times is answered once."""
    await chats.speaking(talk, "chat")
    event = talk.event("chat", text=text)
    first = await talk.inbox.receive(event)
    before = await _count(talk)
    again = [await talk.again(event), await talk.again(event)]
    assert not first.duplicate
    assert all(one.duplicate and one.inbound_id == first.inbound_id for one in again)
    assert await _count(talk) == before


async def test_the_same_event_at_the_same_moment_has_one_effect(talk: Talk) -> None:
    """Two deliveries in parallel, as after a slow answer of ours, are one event."""
    await chats.speaking(talk, "chat")
    event = talk.event("chat", text="I cannot pass urine")
    received = await asyncio.gather(*(talk.again(event) for _ in range(5)))
    assert sorted(one.duplicate for one in received) == [False, True, True, True, True]
    async with talk.world.store.read() as conn:
        assert len(await reading.alerts(conn, talk.world.store.keys)) == 1


async def test_first_messages_of_one_chat_at_the_same_moment(talk: Talk) -> None:
    """Several first messages of a new chat in parallel are all stored, and the chat is one."""
    events = [talk.event("new", text=f"question {number}") for number in range(5)]
    received = await asyncio.gather(*(talk.inbox.receive(event) for event in events))
    assert len({one.inbound_id for one in received}) == 5
    async with talk.world.store.read() as conn:
        assert len(set(await conn.scalars(select(inbound.c.address_id)))) == 1


async def test_it_is_stored_when_receive_returns(talk: Talk) -> None:
    """What `receive` has returned for is in the database, with everything that follows from it."""
    received = await talk.inbox.receive(talk.event("chat", text="my chest hurts, I have chest pain"))
    async with talk.world.store.read() as conn:
        assert await conn.scalar(select(inbound.c.state).where(inbound.c.id == received.inbound_id)) == "handled"
        assert await conn.scalar(select(func.count()).select_from(message)) == 1
        assert await conn.scalar(select(alert.c.inbound_id)) == received.inbound_id


async def test_without_database_nothing_is_acknowledged(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    """If it cannot be stored, `receive` raises: the provider keeps the event, and its next delivery is answered."""
    await chats.speaking(talk, "chat")
    event = talk.event("chat", text="hello")

    async def away(*_args: object) -> None:
        raise OperationalError("insert", {}, Exception("disk full"))

    with monkeypatch.context() as broken:
        broken.setattr(inbox, "carry_out", away)
        with pytest.raises(OperationalError):
            await talk.inbox.receive(event)
    assert not (await talk.again(event)).duplicate


async def test_a_failing_flow_keeps_the_event_and_undoes_the_rest(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistake of ours costs one kind sentence: the event is kept in quarantine, nothing is half done."""
    await chats.joined(talk, "chat")
    await talk.world.until(local(date(2026, 3, 2), "15:30"))

    async def stumble(chat: Chat, effects: tuple[Effect, ...]) -> None:
        await carry_out(chat, effects)
        if any(isinstance(effect, Stop) for effect in effects):
            raise ZeroDivisionError

    monkeypatch.setattr(inbox, "carry_out", stumble)
    event = talk.event("chat", text="STOP")
    with capture_logs() as logged:
        assert ["went wrong" in text for text in chats.texts(await talk.hand_in(event))] == [True]
    assert [line["event"] for line in logged if line["log_level"] == "error"] == ["inbound event quarantined"]
    assert (await talk.again(event)).duplicate
    async with talk.world.store.read() as conn:
        newest = await conn.execute(select(inbound.c.state, inbound.c.reason).order_by(inbound.c.id.desc()).limit(1))
        stored = newest.one()
    assert tuple(stored) == ("quarantined", "ZeroDivisionError")
    await talk.world.until(local(date(2026, 3, 2), "19:00"))
    assert "keep this message safe" in talk.world.phone.texts[-1]


async def test_a_failing_flow_does_not_hide_a_red_flag(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever breaks in the talk, a red flag in the event gets its fixed reply and its alert."""

    def broken(*_args: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(inbox, "respond", broken)
    with capture_logs():
        said = await talk.says("chat", "I have chest pain")
    assert [one.kind for one in said] == ["urgent"]
    async with talk.world.store.read() as conn:
        assert [one.sign for one in await reading.alerts(conn, talk.world.store.keys)] == ["RF06"]


def _event(talk: Talk, text: str) -> Inbound:
    return talk.event("chat", text=text)


@pytest.mark.parametrize(
    "text",
    [
        "\ud83d",
        "a\udc00b \ud83d\ude00",
        "\0\0",
        "\u202e\u2066",
        "x" * 10_000,
        "🙏" * 5000,
        "{name} {hospital_phone}",
        "%s",
    ],
)
async def test_no_text_breaks_the_way_in(talk: Talk, text: str) -> None:
    """Broken UTF-8, null characters, direction marks and endless texts are stored and answered like any other."""
    await chats.speaking(talk, "chat")
    received = await talk.inbox.receive(_event(talk, text))
    await talk.world.dispatcher.drain()
    async with talk.world.store.read() as conn:
        assert await conn.scalar(select(inbound.c.state).where(inbound.c.id == received.inbound_id)) == "handled"
    assert "went wrong" not in talk.world.phone.texts[-1]
