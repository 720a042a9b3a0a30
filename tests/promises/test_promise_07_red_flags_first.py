"""Promise 7: every free text passes triage first, in any state, in any language, by anyone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select, update

from bot.channels.inbound import Kind
from bot.store import reading
from bot.store.tables import conversation
from scheduler import people
from tests.dialogues import chats
from tests.dialogues.player import Talk

pytestmark = pytest.mark.asyncio

State = Callable[[Talk, str], Awaitable[Any]]


@pytest_asyncio.fixture
async def talk(sqlite_url: str) -> AsyncIterator[Talk]:
    """The real parts."""
    built = Talk.build(sqlite_url, chats.START)
    yield built
    await built.world.close()


async def _stranger(talk: Talk, chat: str) -> None:
    pass


async def _asked_for_language(talk: Talk, chat: str) -> None:
    await talk.says(chat, "hello")


async def _stopped(talk: Talk, chat: str) -> None:
    await chats.joined(talk, chat)
    await talk.says(chat, "STOP")


async def _pausing(talk: Talk, chat: str) -> None:
    await chats.joined(talk, chat)
    await talk.says(chat, "pause")


async def _choosing_times(talk: Talk, chat: str) -> None:
    await chats.joined(talk, chat)
    await talk.says(chat, "time")


async def _writing_to_the_team(talk: Talk, chat: str) -> None:
    await chats.joined(talk, chat)
    await talk.says(chat, "care team")


async def _being_asked_to_confirm(talk: Talk, chat: str) -> None:
    await chats.joined(talk, chat)
    await talk.says(chat, "chest")


async def _with_a_human(talk: Talk, chat: str) -> None:
    await chats.joined(talk, chat)
    async with talk.world.store.write() as conn:
        address = await people.find_address(conn, talk.world.store.keys, talk.world.phone.channel, chat)
        until = talk.world.clock.now() + timedelta(hours=1)
        await conn.execute(update(conversation).where(conversation.c.address_id == address).values(human_until=until))


async def _blocked(talk: Talk, chat: str) -> None:
    await chats.joined(talk, chat)
    await talk.hand_in(talk.event(chat, Kind.BLOCKED))


STATES: list[State] = [
    _stranger, _asked_for_language, chats.asked_for_year, chats.asked_for_consent, chats.asked_for_sharing,
    chats.joined, chats.asked_in_checkin, _stopped, _pausing, _choosing_times, _writing_to_the_team,
    _being_asked_to_confirm, _with_a_human, _blocked,
]  # fmt: skip
REPORTS = {
    "I cannot pass urine": "RF02",
    "peshab nahi ho raha": "RF02",
    "पेशाब नहीं हो रहा": "RF02",
    "सीने में दर्द हो रहा है": "RF06",
}


async def _alerts(talk: Talk) -> list[str]:
    async with talk.world.store.read() as conn:
        return [one.sign for one in await reading.alerts(conn, talk.world.store.keys)]


async def _state(talk: Talk) -> str | None:
    async with talk.world.store.read() as conn:
        blob = await conn.scalar(select(conversation.c.state))
    return talk.world.store.keys.open("conversation.state", blob) if blob else None


LANGUAGES = list(REPORTS)
CASES = [(state, LANGUAGES[number % len(LANGUAGES)]) for number, state in enumerate(STATES)]
CASES += [(state, text) for state in (_stranger, chats.asked_in_checkin) for text in LANGUAGES]


@pytest.mark.parametrize(("state", "text"), CASES, ids=lambda value: getattr(value, "__name__", "").strip("_"))
async def test_in_any_state_and_language(talk: Talk, state: State, text: str) -> None:
    """The fixed reply comes at once, alone and urgent; an alert is opened; the state of the talk stays as it was."""
    await state(talk, "chat")
    before = await _state(talk)
    said = await talk.says("chat", text)
    assert [one.kind for one in said if one.kind in ("urgent", "reply")] == ["urgent"]
    assert {"112", "108"} <= set(said[0].body.text.split("\n")[0].replace(",", " ").split())
    assert said[0].body.buttons == ()
    assert await _alerts(talk) == [REPORTS[text]]
    assert before is None or await _state(talk) == before


@pytest.mark.parametrize("kind", [Kind.PHOTO, Kind.VOICE, Kind.OTHER])
async def test_captions_count(talk: Talk, kind: Kind) -> None:
    """What stands under a photo or file is read as well."""
    said = await talk.hand_in(talk.event("chat", kind, "cannot pass urine since morning"))
    assert [one.kind for one in said] == ["urgent"]
    assert await _alerts(talk) == ["RF02"]


async def test_a_long_text_is_judged_whole(talk: Talk) -> None:
    """The report at the end of 10,000 letters is found."""
    await chats.speaking(talk, "chat")
    story = "We came home and all is well with the food and the bed. " * 180
    assert [one.kind for one in await talk.says("chat", story + "But I cannot pass urine.")] == ["urgent"]


async def test_stop_together_with_a_report_is_a_report(talk: Talk) -> None:
    """Triage comes before STOP."""
    await chats.joined(talk, "chat")
    said = await talk.says("chat", "stop messages, I have chest pain")
    assert [one.kind for one in said] == ["urgent"]


@pytest.mark.parametrize("before", ["{code} ", "/start {token}\n", "STOP. ", "menu ", "yes ", "7 "])
async def test_a_report_beside_anything_else_is_a_report(talk: Talk, before: str) -> None:
    """A code, a command or an answer in the same message does not come first."""
    await chats.speaking(talk, "chat")
    patient = await chats.enrolled(talk)
    words = before.format(code=patient.code, token=patient.token)
    said = await talk.says("chat", f"{words}I cannot pass urine")
    assert [one.kind for one in said] == ["urgent"]


async def test_yes_to_the_one_question_opens_an_alert(talk: Talk) -> None:
    """A word alone is asked about; a typed or tapped yes counts as the report."""
    await chats.speaking(talk, "chat")
    said = await talk.says("chat", "chest")
    assert said[0].body.text.startswith("In an emergency call 112")
    assert await _alerts(talk) == []
    urgent = await talk.taps("chat", "Yes")
    assert [one.kind for one in urgent] == ["urgent"]
    assert len(await _alerts(talk)) == 1


async def test_an_answer_of_a_check_in_that_worries(talk: Talk) -> None:
    """A pain of 9, typed, opens an alert; the urgent reply stands alone before the next question."""
    await chats.asked_in_checkin(talk, "chat")
    said = await talk.says("chat", "nine")
    assert [one.kind for one in said] == ["urgent", "reply"]
    assert await _alerts(talk) == ["RF19"]
