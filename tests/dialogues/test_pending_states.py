"""Red flags come first whatever a chat waits for; and a STOP beside one hides nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date, datetime
from typing import Any, get_args

import pytest
import pytest_asyncio
from sqlalchemy import select

from bot.conversation.model import Pending, State
from bot.store import reading
from bot.store.tables import conversation
from scheduler import people
from tests.dialogues import chats
from tests.dialogues.player import Talk, local

CRIES = ("I cannot pass urine", "पेशाब नहीं हो रहा है", "subah se peshab nahi hua")
PENDING = {kind.model_fields["kind"].default for kind in get_args(get_args(Pending)[0])}
BESIDE = {name for name, kept in State.model_fields.items() if kept.annotation != (datetime | None)} - {"pending"}
"""What a chat remembers beside what it waits for, but for mere instants."""

Way = Callable[[Talk, str], Awaitable[Any]]


@pytest_asyncio.fixture
async def talk(sqlite_url: str) -> AsyncIterator[Talk]:
    """The real parts."""
    built = Talk.build(sqlite_url, chats.START)
    yield built
    await built.world.close()


async def _language(talk: Talk, chat: str) -> None:
    await talk.says(chat, "hello")


async def _time(talk: Talk, chat: str) -> None:
    await chats.joined(talk, chat)
    await talk.says(chat, "time")


async def _question(talk: Talk, chat: str) -> None:
    await chats.joined(talk, chat)
    await talk.says(chat, "care team")


async def _answer(talk: Talk, chat: str) -> None:
    await chats.speaking(talk, f"{chat}-asker")
    await talk.employ("Sister Example", chat=chat)
    await chats.asks_team(talk, f"{chat}-asker", "can my brother bring his parrot to my room")
    await talk.taps(chat, "Answer")


async def _draft(talk: Talk, chat: str) -> None:
    await _answer(talk, chat)
    await talk.says(chat, "Any colour you like.")


async def _enrolling(talk: Talk, chat: str) -> None:
    await talk.employ("Sister Example", chat=chat)
    await talk.says(chat, "/enrol")
    await talk.says(chat, "Chitra Example")


async def _confirm(talk: Talk, chat: str) -> None:
    await chats.speaking(talk, chat)
    await talk.says(chat, "chest")


async def _offers(talk: Talk, chat: str) -> None:
    await chats.speaking(talk, chat)
    await talk.says(chat, "menu")


async def _answered(talk: Talk, chat: str) -> None:
    await chats.speaking(talk, chat)
    await talk.says(chat, "when can I drive")


async def _asking(talk: Talk, chat: str) -> None:
    await chats.joined(talk, chat)
    await talk.world.until(local(date(2026, 3, 3), "16:30"))
    await talk.says(chat, "4")


WAYS: dict[str, Way] = {
    "language": _language,
    "factor": chats.asked_for_year,
    "consent": chats.asked_for_consent,
    "time": _time,
    "question": _question,
    "answer": _answer,
    "draft": _draft,
    "enrolling": _enrolling,
    "confirm": _confirm,
    "offers": _offers,
    "asked": _answered,
    "answered": _answered,
    "asking": _asking,
}
"""How a chat comes to wait for something, or to remember it: one way for each."""


async def _state(talk: Talk, chat: str) -> State:
    async with talk.world.store.read() as conn:
        keys = talk.world.store.keys
        address = await people.find_address(conn, keys, talk.world.phone.channel, chat)
        blob = await conn.scalar(select(conversation.c.state).where(conversation.c.address_id == address))
    return State.read(keys.open("conversation.state", blob) if blob else None)


def test_no_state_is_left_out() -> None:
    """Whatever a chat may wait for or remember has its way below; a new one needs one."""
    assert set(WAYS) == PENDING | BESIDE


@pytest.mark.asyncio
async def test_a_red_flag_in_every_state_and_language(talk: Talk) -> None:
    """The fixed reply first, an alert, and what was awaited is awaited still."""
    for name, way in WAYS.items():
        await way(talk, name)
        before = await _state(talk, name)
        assert before.pending.kind == name if name in PENDING and before.pending else getattr(before, name)
        for cry in CRIES:
            said = [one for one in await talk.says(name, cry) if one.to == name]
            assert said[0].kind == "urgent", f"{name}, {cry}: {said[0].body.text}"
            assert {"112", "108"} <= set(said[0].body.text.split("\n")[0].replace(",", " ").split())
            assert await _state(talk, name) == before, f"{name}: what was awaited is forgotten"
    async with talk.world.store.read() as conn:
        alerts = await reading.alerts(conn, talk.world.store.keys)
    assert [one.sign for one in alerts] == ["RF02"] * len(WAYS)
    assert {one.words for one in alerts} == {CRIES[0]}


@pytest.mark.asyncio
async def test_stop_beside_a_red_flag(talk: Talk) -> None:
    """The reply is that to the red flag and does not claim to have stopped anything; STOP by itself then stops."""
    patient = await chats.joined(talk, "phone")
    for words in ("STOP. I cannot pass urine", "बंद करो, पेशाब नहीं हो रहा है", "band karo, peshab nahi ho raha"):
        said = await talk.says("phone", words)
        assert [one.kind for one in said] == ["urgent"], words
        assert "112" in said[0].body.text.split("\n")[0]
        assert await _stopped(talk) is False, "nobody read that it stopped, so it has not"
    planned = await talk.world.plan(patient.enrolment_id)
    assert any(one.state == "planned" for one in planned)
    (acknowledged,) = await talk.says("phone", "STOP")
    assert "START" in acknowledged.body.text
    assert await _stopped(talk) is True


async def _stopped(talk: Talk) -> bool:
    async with talk.world.store.read() as conn:
        keys = talk.world.store.keys
        address_id = await people.find_address(conn, keys, talk.world.phone.channel, "phone")
        assert address_id is not None
        return (await people.open_address(conn, keys, address_id)).stopped_at is not None
