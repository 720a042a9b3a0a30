"""The fortnight over real HTTP: from the staff's form to the patient who blocks the bot, by polling and by webhook."""

from __future__ import annotations

from datetime import date
from html import unescape
from pathlib import Path

import pytest

from bot.store import reading
from scheduler import enrolments, reminders
from tests.fakes.telegram.people import Chat
from tests.telegram import chromium
from tests.telegram.browser import Browser
from tests.telegram.system import MODES, PASSWORD, Mode, System, running

pytestmark = pytest.mark.asyncio

ASHA, NURSE = 90_001, 80_001
QUESTION = "मेरे बीमा के काग़ज़ पर मुहर कौन लगाएगा, शर्मा जी या कोई और"


def _day(number: int) -> date:
    return date(2026, 3, number)


NONE_OF_THESE = "इनमें से कोई नहीं"


@pytest.mark.parametrize("mode", MODES)
async def test_a_fortnight_on_telegram(folder: Path, mode: Mode) -> None:
    """Enrolled by form (once in a real browser), connected, reminded, heard when it hurts, stopped, gone."""
    async with running(folder, mode) as system, await system.member("Sister Example", "sister") as sister:
        await _link_her_chat(system, sister)
        program = chromium.chromium() if mode == "polling" else None
        link = await (
            chromium.enrol(program, system.address, "sister", PASSWORD) if program else _enrol_by_form(sister)
        )
        await _connect(system, link)
        await _first_days(system)
        await _question(system, sister)
        await _alarm(system)
        await _stop_and_start(system)
        await _block(system)
        assert system.fake.answers[429] == 0
        assert system.fake.answers[400] == 0


async def _link_her_chat(system: System, sister: Browser) -> None:
    """The nurse links her own chat, by the code on her account page."""
    await sister.open("/account")
    await sister.send("/account/chat")
    nurse = system.user(NURSE, "en", "Sister")
    nurse.open(sister.deep_link)
    await nurse.chat.sees("This chat is now linked")


async def _enrol_by_form(sister: Browser) -> str:
    """Five fields, the preview of every message, the card; the link that its QR holds."""
    await sister.open("/enrol")
    shown = await sister.send(
        "/enrol/preview",
        name="Asha Example",
        phone="90000 00001",
        language="hi",
        procedure="lumbar-microdiscectomy",
        surgery_on="2026-03-02",
        year_of_birth="1971",
        discharge_on="2026-03-04",
    )
    assert "Asha" in shown
    await sister.send("/enrol/save")
    assert "Not connected yet" in sister.text
    return sister.deep_link


async def _connect(system: System, link: str) -> None:
    """Link, language, second factor, two questions of consent. Nothing about her is said before the second factor."""
    asha = system.user(ASHA)
    asha.open(link)
    chat = asha.chat
    first = await chat.sees("नमस्ते")
    assert first.labels == ["हिन्दी", "English"]
    asha.tap("हिन्दी")
    await chat.sees("जन्म का साल")
    assert not any("Asha" in text for text in chat.texts)
    asha.type("१९७१")
    await chat.sees("सवाल 1 / 2")
    asha.tap("हाँ, मंज़ूर है")
    await chat.sees("सवाल 2 / 2")
    asha.tap("हाँ, मंज़ूर है")
    welcome = await chat.sees("आपका स्वागत है")
    assert "Asha जी" in welcome.text
    await system.taken_in()
    await system.eventually(lambda: not asha.spinners, "every pressed button was answered")


async def _first_days(system: System) -> None:
    """Reminders come at their hours; a check-in is answered by a button and by typing."""
    asha, chat = system.user(ASHA), system.fake.chat(ASHA)
    await system.until(_day(4), "16:05")
    mark = chat.last.message_id
    asha.tap("हाँ, घर पर हूँ")
    await chat.sees("पेशाब", after=mark)
    mark = chat.last.message_id
    asha.type("haan")
    await chat.sees("पैर का दर्द", after=mark)
    asha.type("chaar")
    await chat.sees("अभी बस इतना ही", after=mark)
    async with system.app.store.read() as conn:
        (one,) = await enrolments.everybody(conn, system.app.store.keys)
        answers = {answer.question: answer.value for answer in await reading.answers(conn, one.id)}
    assert answers == {"home-safe": "yes", "passing-urine": "yes", "pain-leg": "4"}


async def _question(system: System, sister: Browser) -> None:
    """What the program cannot answer goes to the team; the nurse answers in the console, by name."""
    asha, chat = system.user(ASHA), system.fake.chat(ASHA)
    await system.until(_day(6), "10:30")
    mark = chat.last.message_id
    asha.type(QUESTION)
    reply = await chat.sees("", after=mark)
    if NONE_OF_THESE in reply.labels:
        # How near a guess comes changes with the questions that are known; none of these is hers.
        asha.tap(NONE_OF_THESE)
        mark = reply.message_id
    await chat.sees("टीम", after=mark)
    # Days without a click have ended her session.
    await sister.open("/questions")
    await sister.send("/login", login="sister", password=PASSWORD)
    assert QUESTION in unescape(sister.text)
    await sister.send(sister.action("/answer"), text="वार्ड 4 में शर्मा जी।")
    answer = await chat.sees("वार्ड 4")
    assert answer.text.startswith("Sister Example, केयर टीम:")


async def _alarm(system: System) -> None:
    """A red flag: the fixed reply first, the nurse's chat at once, and what she does is told truthfully."""
    asha, chat, nurse = system.user(ASHA), system.fake.chat(ASHA), system.user(NURSE)
    await system.until(_day(9), "19:30")
    mark, told = chat.last.message_id, nurse.chat.last.message_id
    asha.type("peshab nahi ho raha")
    reply = await chat.sees("112", after=mark)
    assert reply.labels == []
    alert = await nurse.chat.sees("peshab nahi ho raha", after=told)
    assert any(key.url and key.url.startswith("https://") for row in alert.keys for key in row)
    acknowledge = next(key.label for row in alert.keys for key in row if key.data)
    assert not any("देख लिया" in text for text in chat.texts)
    nurse.tap(acknowledge)
    await chat.sees("Sister Example ने", after=mark)
    async with system.app.store.read() as conn:
        (case,) = await reading.alerts(conn, system.app.store.keys)
    assert case.state == "acknowledged"
    assert case.sign == "RF02"


async def _stop_and_start(system: System) -> None:
    """STOP is acknowledged and then nothing comes for days; a question about tablets is not START; START is."""
    asha, chat = system.user(ASHA), system.fake.chat(ASHA)
    await system.until(_day(10), "08:30")
    asha.type("STOP")
    await chat.sees("बंद कर दिया")
    await system.taken_in()
    mark = _newest(chat)
    await system.until(_day(12), "20:30")
    assert _newest(chat) == mark
    asha.type("START")
    await chat.sees("फिर से स्वागत है", after=mark)
    mark = _newest(chat)
    await system.until(_day(16), "20:00")
    assert _newest(chat) > mark


async def _block(system: System) -> None:
    """Whoever blocks the bot gets nothing more: Telegram never has to refuse a message."""
    asha, chat = system.user(ASHA), system.fake.chat(ASHA)
    asha.block()
    await system.taken_in()
    mark = _newest(chat)
    await system.until(_day(22), "12:00")
    assert _newest(chat) == mark
    assert system.fake.answers[403] == 0
    async with system.app.store.read() as conn:
        (one,) = await enrolments.everybody(conn, system.app.store.keys)
        plan = await reminders.plan_of(conn, one.id)
    assert not [r for r in plan if r.sent_at and r.sent_at.date() > _day(16)]


def _newest(chat: Chat) -> int:
    return chat.last.message_id
