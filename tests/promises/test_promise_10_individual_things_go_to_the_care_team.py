"""Promise 10: no dose, no start or stop of a medicine, no diagnosis, no 'you are fine'."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.store import reading
from tests.dialogues import chats
from tests.dialogues.player import Talk

FORBIDDEN = re.compile(
    r"\b\d+\s*(?:mg|ml|tablets?|pills?|goli|goliyan)\b|\d+\s*(?:गोली|गोलियाँ|मिलीग्राम)|you are (?:fine|ok)|"
    r"nothing to worry|this is normal|it is normal|you can stop (?:the|your)|you may stop (?:the|your)|"
    r"you have an? (?:infection|clot)|"
    r"chinta ki (?:koi )?baat nahi|चिंता की (?:कोई )?बात नहीं|आप ठीक हैं|यह सामान्य है",
    re.IGNORECASE,
)


@pytest_asyncio.fixture
async def talk(sqlite_url: str) -> AsyncIterator[Talk]:
    """The real parts."""
    built = Talk.build(sqlite_url, chats.START)
    yield built
    await built.world.close()


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "text",
    [
        "How many paracetamol can I take?", "Should I stop the tablets?", "can I double the pain tablet",
        "paracetamol kitni le sakta hu", "dawai band karu?", "क्या दवा बंद करूँ?", "दर्द की कितनी गोली लूँ?",
        "Should I restart my blood thinner?", "aspirin phir se shuru karu?",
        "Is my wound normal?", "mera ghav theek hai kya?", "क्या मेरा घाव ठीक है?",
        "Do I have an infection?", "is it a slipped disc again?", "am I ok?", "Is it normal that my leg tingles?",
        "can I fly next week with my diabetes?",
    ],
)  # fmt: skip
async def test_the_answer_names_the_team_and_decides_nothing(talk: Talk, text: str) -> None:
    """The care team is named or asked; no amount, no judgement, no start or stop."""
    await chats.joined(talk, "chat")
    said = await talk.says("chat", text)
    assert said
    for outgoing in said:
        assert not FORBIDDEN.search(outgoing.body.text), outgoing.body.text
    whole = " ".join(chats.texts(said))
    offered = {button.label for outgoing in said for button in outgoing.body.buttons}
    phone = str(talk.world.content.clinic["hospital_phone"])
    assert phone in whole or "112" in whole or offered, whole


@pytest.mark.asyncio
async def test_asking_the_team_puts_the_question_before_them(talk: Talk) -> None:
    """'Ask the care team', the question, and then it lies there, word for word, with when they answer and 112."""
    await chats.joined(talk, "chat")
    await talk.says("chat", "care team")
    (said,) = await talk.says("chat", "Can I fly to Delhi on Friday?")
    assert str(talk.world.content.clinic["care_team_hours"]) in said.body.text
    assert "112" in said.body.text
    async with talk.world.store.read() as conn:
        asked = await reading.questions(conn, talk.world.store.keys)
    assert [one.text for one in asked] == ["Can I fly to Delhi on Friday?"]


@pytest.mark.asyncio
async def test_an_answer_that_did_not_help_is_offered_to_the_team(talk: Talk) -> None:
    """Not helped: one tap hands the same question over."""
    await chats.joined(talk, "chat")
    await talk.says("chat", "what is minimally invasive spine surgery?")
    await talk.taps("chat", "Not what I asked")
    await talk.taps("chat", "Ask the care team")
    async with talk.world.store.read() as conn:
        asked = await reading.questions(conn, talk.world.store.keys)
    assert [one.text for one in asked] == ["what is minimally invasive spine surgery?"]


@pytest.mark.parametrize("text", ["You are fine, take 2 tablets", "Aap theek hain, 500 mg"])
def test_the_guard_would_notice(text: str) -> None:
    """What this file forbids is found where it stands."""
    assert FORBIDDEN.search(text)
