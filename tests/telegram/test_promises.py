"""Promises 1 and 8 through Telegram's own doors: polling, and the webhook."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from bot import inbox
from bot.effects import carry_out
from bot.store import reading
from bot.store.tables import inbound
from scheduler import enrolments, people
from scheduler.policy import POLICIES
from scheduler.store.tables import message
from tests.fakes.telegram.server import FakeTelegram
from tests.telegram.system import MODES, SECRET, SURGERY, Mode, System, running

pytestmark = pytest.mark.asyncio

ASHA = 90_001


async def _count(system: System) -> tuple[int, int]:
    """Events and messages that are stored."""
    async with system.app.store.read() as conn:
        return (
            await conn.scalar(select(func.count()).select_from(inbound)) or 0,
            await conn.scalar(select(func.count()).select_from(message)) or 0,
        )


@pytest.mark.parametrize("mode", MODES)
async def test_what_cannot_be_stored_is_not_acknowledged(
    folder: Path, mode: Mode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the database refuses, neither does the offset move nor is 200 answered; then it comes again, once."""
    async with running(folder, mode) as system:
        tries = 0

        async def away(*words: Any) -> None:
            nonlocal tries
            tries += 1
            if tries <= 2:
                assert system.fake.waiting == waiting
                raise OperationalError("insert", {}, Exception("disk full"))
            await carry_out(*words)

        monkeypatch.setattr(inbox, "carry_out", away)
        waiting: list[int] = []
        asha = system.user(ASHA)
        with capture_logs():
            waiting.append(asha.start() or 0)
            await asha.chat.sees("नमस्ते", within=30)
            await system.taken_in()
        assert tries == 3
        assert len(asha.chat.texts) == 1
        assert await _count(system) == (1, 1)
        if mode == "webhook":
            assert [status for _, status in system.fake.delivered] == [503, 503, 200]


@pytest.mark.parametrize("mode", MODES)
async def test_the_same_update_twice_has_one_effect(folder: Path, mode: Mode) -> None:
    """Telegram brings an update twice, as after an answer of ours that was lost: it is answered once."""
    async with running(folder, mode) as system:
        system.fake.faults.script_updates(["twice", "twice"])
        asha = system.user(ASHA)
        asha.start()
        first = await asha.chat.sees("नमस्ते")
        asha.tap("हिन्दी")
        await asha.chat.sees("", after=first.message_id)
        await system.taken_in()
        assert len(asha.chat.texts) == 2
        assert (await _count(system))[0] == 2


@pytest.mark.parametrize("mode", MODES)
async def test_reordered_updates_are_all_taken(folder: Path, mode: Mode) -> None:
    """A later update overtakes an earlier one: both are stored, the red flag among them is answered at once."""
    async with running(folder, mode) as system:
        asha = system.user(ASHA)
        asha.start()
        await asha.chat.sees("नमस्ते")
        await system.taken_in()
        system.fake.faults.script_updates(["late", "fine"])
        asha.type("hello")
        asha.type("peshab nahi ho raha")
        await asha.chat.sees("112")
        await system.taken_in()
        assert (await _count(system))[0] == 3
        async with system.app.store.read() as conn:
            assert len(await reading.alerts(conn, system.app.store.keys)) == 1


@pytest.mark.parametrize("mode", MODES)
async def test_nothing_is_lost_while_telegram_is_away(folder: Path, mode: Mode) -> None:
    """A start without Telegram, or an outage: pages and health answer meanwhile, and afterwards all goes on."""
    async with running(folder, mode) as system, httpx.AsyncClient(base_url=system.address, trust_env=False) as http:
        asha = system.user(ASHA)
        asha.start()
        await asha.chat.sees("नमस्ते")
        with system.fake.unreachable():
            asha.type("hello")
            for _ in range(3):
                assert (await http.get("/login")).status_code == 200
                await asyncio.sleep(0.02)
        await system.eventually(lambda: len(asha.chat.texts) == 2, "the answer came")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"X-Telegram-Bot-Api-Secret-Token": "wrong"}, 403),
        ({"X-Telegram-Bot-Api-Secret-Token": SECRET + "x"}, 403),
        ({"X-Telegram-Bot-Api-Secret-Token": SECRET}, 200),
    ],
)
async def test_a_forged_webhook_has_no_effect(folder: Path, headers: dict[str, str], status: int) -> None:
    """Whoever does not know the secret is refused, and nothing is stored."""
    person = {"id": ASHA, "is_bot": False, "first_name": "Mallory"}
    sent = {
        "message_id": 7,
        "from": person,
        "chat": {"id": ASHA, "type": "private"},
        "date": 1772400000,
        "text": "STOP",
    }
    async with (
        running(folder, "webhook") as system,
        httpx.AsyncClient(base_url=system.address, trust_env=False) as http,
    ):
        url = "/webhooks/telegram"
        answer = await http.post(url, json={"update_id": 5, "message": sent}, headers=headers)
        assert answer.status_code == status
        assert (await _count(system))[0] == (status == 200)
        big = await http.post(url, content=b" " * (2 * 2**20), headers={"Content-Type": "application/json"})
        assert big.status_code in (403, 413)


async def _joined(system: System) -> int:
    """She is connected and has agreed; the enrolment."""
    asha = system.user(ASHA, "en")
    enrolled = await system.enrol()
    asha.start(enrolled.token)
    await asha.chat.sees("Which language")
    asha.tap("English")
    await asha.chat.sees("year of birth")
    asha.type("1971")
    await asha.chat.sees("1 of 2")
    asha.type("yes")
    await asha.chat.sees("2 of 2")
    asha.type("yes")
    await asha.chat.sees("Welcome")
    await system.taken_in()
    return enrolled.enrolment_id


@pytest.mark.parametrize("mode", MODES)
async def test_after_stop_nothing_proactive_leaves(folder: Path, mode: Mode) -> None:
    """STOP in the chat is acknowledged once, and for two weeks nothing reaches the phone."""
    async with running(folder, mode) as system:
        await _joined(system)
        asha = system.user(ASHA)
        asha.type("STOP")
        await asha.chat.sees("START")
        await system.taken_in()
        mark = asha.chat.last.message_id
        await system.until(SURGERY.replace(day=16), "20:00")
        assert asha.chat.last.message_id == mark


@pytest.mark.parametrize("mode", MODES)
async def test_blocking_stops_everything_until_they_are_back(folder: Path, mode: Mode) -> None:
    """Blocking holds everything back without one refused call; whoever lets the bot in again is served again."""
    async with running(folder, mode) as system:
        enrolment_id = await _joined(system)
        asha = system.user(ASHA)
        asha.block()
        await system.taken_in()
        mark = asha.chat.last.message_id
        await system.until(SURGERY.replace(day=4), "20:00")
        assert asha.chat.last.message_id == mark
        assert system.fake.answers[403] == 0
        async with system.app.store.read() as conn:
            address_id = await people.find_address(conn, system.app.store.keys, "telegram", str(ASHA))
            assert address_id is not None
            blocked = (await people.open_address(conn, system.app.store.keys, address_id)).blocked_at
        assert blocked is not None
        asha.unblock()
        await system.taken_in()
        await system.until(SURGERY.replace(day=7), "20:00")
        assert asha.chat.last.message_id > mark
        async with system.app.store.read() as conn:
            assert (await enrolments.view(conn, system.app.store.keys, enrolment_id)).state == "active"


async def test_a_call_that_is_refused_as_blocked_ends_there(folder: Path) -> None:
    """Blocked while no update told us (403): nothing more is tried, and no reminder is lost from sight."""
    async with running(folder, "polling") as system:
        await _joined(system)
        fake: FakeTelegram = system.fake
        fake.run(lambda: setattr(fake._cloud.people[ASHA], "blocked", True))
        await system.until(SURGERY.replace(day=9), "20:00")
        assert fake.answers[403] == 1
        async with system.app.store.read() as conn:
            states = set(await conn.scalars(select(message.c.state).where(message.c.kind.in_(POLICIES))))
        assert states <= {"sent", "failed", "cancelled"}
