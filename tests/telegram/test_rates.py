"""Promise 12 on Telegram: two workers at full speed, and Telegram never has to say 'too many'."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from scheduler import people
from scheduler.policy import REPLY
from tests.fakes.telegram.server import FakeTelegram
from tests.fakes.workers import Job, Workers
from tests.support.world import Phone, World, india

RATE = 30
"""The Bot API's FAQ: about 30 messages a second in all."""
SHORT = 4
LONG = 60
FIRST_CHAT = 90_000
JITTER = 1.1
"""Beside other tests a call may leave a little after its slot, and the next then follows it closely: so much more than
the rate may fall into some second. Two workers that did not share would reach 2. The long run has the strict limit."""


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    """Processes that send."""
    with Workers() as started:
        yield started


async def _fill(url: str, number: int) -> str:
    """One reply to each of as many chats."""
    world = World.build(url, phone=Phone(channel="telegram"))
    async with world.store.write() as conn:
        now = world.clock.now()
        chats = [
            await people.ensure_address(conn, world.store.keys, "telegram", str(FIRST_CHAT + n), now)
            for n in range(number)
        ]
    for chat in chats:
        await world.put(chat, REPLY, f"line for {chat}")
    await world.close()
    return world.store.keys.spec()


def _send_all(url: str, workers: Workers, folder: Path, number: int, per_second: int) -> dict[int, int]:
    """Two workers send as much, each once; Telegram's answers by status."""
    keys = asyncio.run(_fill(url, number))
    with FakeTelegram() as fake:
        assert fake.rates
        fake.rates.per_second = per_second
        fake.crowd(FIRST_CHAT, number)
        job = Job(
            url,
            keys,
            str(folder / "ledger"),
            india(1, "12:00").isoformat(),
            since=time.time() + 0.5,
            until=india(1, "12:30").isoformat(),
            faults=False,
            per_second=RATE,
            replan=False,
            telegram=(fake.url, fake.token),
        )
        started = [workers.start(job) for _ in range(2)]
        assert [workers.wait(one) for one in started] == [0, 0]
        seen = fake.ledger
        assert len({one.to for one in seen}) == len(seen) == number
        return dict(fake.answers)


def test_no_429_in_normal_running(postgres_url: str, workers: Workers, tmp_path: Path) -> None:
    """Two workers send as fast as they may, and no call is refused. (How much of the rate is used: `make bench`.)"""
    assert _send_all(postgres_url, workers, tmp_path, RATE * SHORT, int(RATE * JITTER)) == {200: RATE * SHORT}


@pytest.mark.torture
def test_no_429_in_a_minute_at_full_speed(postgres_url: str, workers: Workers, tmp_path: Path) -> None:
    """For a whole minute no call is refused."""
    assert _send_all(postgres_url, workers, tmp_path, RATE * LONG, RATE) == {200: RATE * LONG}
