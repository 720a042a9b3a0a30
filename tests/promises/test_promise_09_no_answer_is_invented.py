"""Promise 9: every sentence a patient reads is in the content or was typed by staff."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from datetime import date

import pytest
import pytest_asyncio

from bot.channels.inbound import Kind
from bot.store import reading
from content.loader import Content
from content.model import Text
from scheduler.sender import Outgoing
from tests.dialogues import chats
from tests.dialogues.player import Talk, local

pytestmark = pytest.mark.asyncio

_HOLE = re.compile(r"\\\{[a-z_]+\\\}")
_LANGUAGES = ("en", "hi", "hi-Latn")


@pytest_asyncio.fixture
async def talk(sqlite_url: str) -> AsyncIterator[Talk]:
    """The real parts."""
    built = Talk.build(sqlite_url, chats.START)
    yield built
    await built.world.close()


def _texts(content: Content) -> Iterator[Text]:
    for reply in content.replies.values():
        yield reply.text
    for notice in content.notices.values():
        yield notice.text
    for item in content.faq.values():
        yield item.answer
        yield item.question
    for question in content.questions.values():
        yield question.ask
        if question.thanks:
            yield question.thanks
    for journey in content.journeys.values():
        for step in journey.steps:
            yield step.text


def _left_over(content: Content, said: str) -> str:
    """What remains of `said` when every text of the content is taken out, longest first."""
    texts = sorted({text[language] for text in _texts(content) for language in _LANGUAGES}, key=len, reverse=True)
    for text in texts:
        if max(re.split(r"\{[a-z_]+\}", text.strip()), key=len) not in said:
            continue
        pattern = _HOLE.sub(".*?", re.escape(text.strip()))
        said = re.sub(f"{pattern}(?=\\s|$)", "", said)
    return said.replace("•", "").strip()


STORY = (
    "hello", "English", "what is minimally invasive spine surgery?", "will I be cured 100%?", "hospital bed colour?",
    "kab naha sakta hu", "क्या मैं कार चला सकता हूँ?", "STOP", "START", "menu", "help", "time", "pause", "care team",
    "please tell my doctor that the bed is high", "7", "7 or 8", "", "x" * 2000, "/nothing", "thank you",
    "delete my data", "fever 102", "chest", "no", "Hinglish", "menu", "wo kya bola tha uncle ne", "हिन्दी", "मेन्यू",
    "share", "no",
)  # fmt: skip


async def test_every_sentence_is_in_the_content(talk: Talk) -> None:
    """Over a long talk in three languages nothing was said that is not in the content."""
    await chats.joined(talk, "chat")
    for text in STORY:
        await talk.says("chat", text)
    for kind in (Kind.PHOTO, Kind.VOICE, Kind.STICKER, Kind.OTHER):
        await talk.hand_in(talk.event("chat", kind))
    await talk.says("chat", "START")
    await talk.world.until(local(date(2026, 3, 3), "16:30"))
    for answer in ("7", "5/10", "nahi"):
        await talk.says("chat", answer)
    assert len(talk.world.phone.seen) > len(STORY)
    for outgoing in talk.world.phone.seen:
        assert _left_over(talk.world.content, outgoing.body.text) == ""


async def test_every_button_is_in_the_content(talk: Talk) -> None:
    """Labels are those of buttons, choices, questions of the FAQ, names and numbers."""
    content = talk.world.content
    await chats.asked_in_checkin(talk, "chat")
    for text in ("menu", "time", "pause", "STOP", "what is minimally invasive spine surgery?", "surgery", "chest"):
        await talk.says("chat", text)
    labels = {button.label[language] for button in content.buttons.values() for language in _LANGUAGES}
    labels |= {
        choice.label[la] for question in content.questions.values() for choice in question.choices for la in _LANGUAGES
    }
    labels |= {item.label[language] for item in content.faq.values() for language in _LANGUAGES}
    labels |= {str(number) for number in range(61)}
    shown = {button.label for outgoing in talk.world.phone.seen for button in outgoing.body.buttons}
    assert shown <= labels


async def _asked(talk: Talk) -> list[str]:
    async with talk.world.store.read() as conn:
        return [one.text for one in await reading.questions(conn, talk.world.store.keys)]


def _is_answer(messages: list[Outgoing]) -> bool:
    return any(button.data.startswith("1f:") for message in messages for button in message.body.buttons)


@pytest.mark.parametrize(
    "text",
    [
        "did anyone find my umbrella in the ward?",
        "mera padosi kab aayega",
        "मेरे बीमा के काग़ज़ पर मुहर कौन लगाएगा",
        "asdf qwer zxcv",
    ],
)
async def test_what_nobody_knows_goes_to_the_team(talk: Talk, text: str) -> None:
    """No answer is made up: we say so, and the question lies before the care team."""
    await chats.joined(talk, "chat")
    said = await talk.says("chat", text)
    assert not _is_answer(said)
    choices = any(button.data.startswith("1q:") for button in said[0].body.buttons)
    assert choices or await _asked(talk) == [text]


@pytest.mark.parametrize("text", ["who will win the cricket match", "बिजली का बिल कैसे भरें"])
async def test_what_is_none_of_ours_is_not_answered_either(talk: Talk, text: str) -> None:
    """No answer is made up, and the care team gets the question only if asked to."""
    await chats.joined(talk, "chat")
    (said,) = await talk.says("chat", text)
    assert not _is_answer([said])
    assert not await _asked(talk)
    (to_team,) = said.body.buttons
    await talk.taps("chat", to_team.label)
    assert await _asked(talk) == [text]


async def test_the_told_sentence_is_exchangeable() -> None:
    """`same-day` holds the sentence that is exchanged for patients who said no to sharing, word for word."""
    from tests.support.world import shipped

    replies = shipped().replies
    for language in _LANGUAGES:
        assert replies["team-told"].text[language] in replies["same-day"].text[language]
