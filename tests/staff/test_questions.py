"""Questions handed over: answered in full under a name, the chat handed over and back."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.store import reading
from bot.store.tables import question
from bot.store.whom import UNREADABLE
from scheduler.crypto import KeyRing
from scheduler.errors import BadRequestError, NotFoundError
from scheduler.sender import Outgoing
from scheduler.splitting import units
from tests.dialogues import chats
from tests.dialogues.player import Talk

UNKNOWN = "can my brother bring his parrot to my room"


async def _drain(talk: Talk) -> list[Outgoing]:
    before = len(talk.world.phone.seen)
    await talk.world.dispatcher.drain()
    return talk.world.phone.seen[before:]


async def _open(talk: Talk) -> list[str]:
    async with talk.world.store.read() as conn:
        found = await reading.question_list(conn, talk.world.store.keys)
    return [one.text for one in found if one.state == "open"]


@pytest.mark.asyncio
async def test_a_long_answer_arrives_whole_and_in_order(talk: Talk) -> None:
    """A reply longer than one message comes in several, none beyond Telegram's limit, and no word is lost."""
    nurse = await talk.employ("Sister Example")
    await chats.joined(talk, "phone")
    await chats.asks_team(talk, "phone", UNKNOWN)
    text = "\n\n".join(f"Paragraph {number}. " + "Some words 🙂 that follow. " * 20 for number in range(11))
    await nurse.answer(1, text)
    came = await _drain(talk)
    assert len(came) == 2
    assert came[0].body.text.startswith("Sister Example, care team: Paragraph 0.")
    assert all(units(one.body.text) <= 4096 for one in came)
    joined = " ".join(" ".join(one.body.text for one in came).split())
    assert " ".join(text.split()) in joined


@pytest.mark.asyncio
async def test_one_question_gets_one_answer(talk: Talk) -> None:
    """Of two who answer at once one is heard; the other is told in a sentence."""
    one, two = await talk.employ("Sister Example"), await talk.employ("Dr Example", "clinician")
    await talk.says("phone", "English")
    await chats.asks_team(talk, "phone", UNKNOWN)
    results = await asyncio.gather(one.answer(1, "At home."), two.answer(1, "Outside."), return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["BadRequestError", "NoneType"]
    assert len(await _drain(talk)) == 1


@pytest.mark.asyncio
@pytest.mark.parametrize("text", ["", "  \n", "x" * 7000])
async def test_an_answer_that_cannot_be_sent_is_refused(talk: Talk, text: str) -> None:
    """Nothing, or too much, leaves the question open."""
    nurse = await talk.employ("Sister Example")
    await chats.speaking(talk, "phone")
    await chats.asks_team(talk, "phone", UNKNOWN)
    with pytest.raises(BadRequestError):
        await nurse.answer(1, text)
    assert await _open(talk) == [UNKNOWN]
    with pytest.raises(NotFoundError):
        await nurse.answer(77, "x")


@pytest.mark.asyncio
async def test_braces_and_markup_in_an_answer_are_just_text(talk: Talk) -> None:
    """What staff type is passed on as typed."""
    nurse = await talk.employ("Sister Example")
    await talk.says("phone", "English")
    await chats.asks_team(talk, "phone", UNKNOWN)
    await nurse.answer(1, "{hospital_phone} <b> & {words}")
    (came,) = await _drain(talk)
    assert "care team: {hospital_phone} <b> & {words}" in came.body.text


@pytest.mark.asyncio
async def test_nothing_written_to_a_human_is_lost(talk: Talk) -> None:
    """Every message in that time is a question of its own; afterwards the program says that it answers again."""
    nurse = await talk.employ("Sister Example")
    await talk.says("phone", "English")
    await chats.asks_team(talk, "phone", UNKNOWN)
    await nurse.answer(1, "At home, please.")
    await _drain(talk)
    for text in ("ok", "5", "yes", "how long?"):
        assert await talk.says("phone", text) == []
    assert await _open(talk) == ["ok", "5", "yes", "how long?"]
    talk.world.clock.set(talk.world.clock.now() + timedelta(minutes=30))
    (said,) = await talk.says("phone", "when can I walk")
    assert said.body.text.startswith("Saathi, the program, is answering again.")
    (said,) = await talk.says("phone", "when can I walk")
    assert "answering again" not in said.body.text


@pytest.mark.asyncio
async def test_a_check_in_that_comes_meanwhile_is_answered_as_always(talk: Talk) -> None:
    """A number typed after we asked is its answer; one typed after staff wrote goes to the team."""
    nurse = await talk.employ("Sister Example")
    await chats.asked_in_checkin(talk, "phone")
    await chats.asks_team(talk, "phone", UNKNOWN)
    await nurse.answer(1, "At home, please.")
    await _drain(talk)
    talk.world.clock.set(talk.world.clock.now() + timedelta(minutes=1))
    assert await talk.says("phone", "3") == []
    said = await talk.taps("phone", "3")
    assert "Leg pain" in said[0].body.text
    said = await talk.says("phone", "2")
    assert len(said) == 1
    assert await _open(talk) == ["3"]


@pytest.mark.asyncio
async def test_closing_needs_no_answer(talk: Talk) -> None:
    """Staff may close a question without one; the patient's chat stays as it is."""
    nurse = await talk.employ("Sister Example")
    await talk.says("phone", "English")
    await chats.asks_team(talk, "phone", UNKNOWN)
    await nurse.close_question(1)
    with pytest.raises(BadRequestError):
        await nurse.close_question(1)
    assert await _drain(talk) == []
    async with talk.world.store.read() as conn:
        (one,) = await reading.questions(conn, talk.world.store.keys)
    assert (one.state, one.closed_by) == ("closed", "Sister Example")


@pytest.mark.asyncio
async def test_a_chat_that_asks_on_and_on_does_not_ring_on_and_on(talk: Talk) -> None:
    """After ten questions in an hour the rest waits in the console."""
    await talk.employ("Sister Example", chat="nurse")
    await talk.says("phone", "English")
    rang = 0
    for number in range(12):
        said = await chats.asks_team(talk, "phone", f"{UNKNOWN} {number}")
        rang += sum(one.to == "nurse" for one in said)
    assert rang == 10
    assert len(await _open(talk)) == 12


@pytest.mark.asyncio
async def test_one_that_cannot_be_opened_hides_no_other(talk: Talk) -> None:
    """A question under a lost key is shown as unreadable beside the others."""
    await talk.says("phone", "English")
    await chats.asks_team(talk, "phone", UNKNOWN)
    await chats.asks_team(talk, "phone", "where do I keep the parrot")
    async with talk.world.store.write() as conn:
        lost = KeyRing.generate().seal("question.text", "gone")
        await conn.execute(update(question).where(question.c.id == 1).values(text=lost))
    assert await _open(talk) == [UNREADABLE, "where do I keep the parrot"]
