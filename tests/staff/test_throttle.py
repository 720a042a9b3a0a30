from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, text

from bot.staff import throttle
from bot.staff.tables import login_try
from bot.staff.throttle import ACCOUNT_FAILURES, FORGOTTEN_AFTER, LONGEST_WAIT, NETWORK_FAILURES
from tests.support.world import World

HERE = "192.0.2.1"


async def tries(world: World, login: str, network: str, now: datetime, times: int = 1) -> list[float]:
    """So many wrong tries; the seconds each was told to wait instead."""
    waits = []
    for _ in range(times):
        async with world.store.write() as conn:
            waits.append((await throttle.admit(conn, world.store.keys, login, network, now)).total_seconds())
    return waits


def test_the_wait_doubles_and_has_an_end() -> None:
    """From the fifth failure 30 seconds, doubling, never more than a quarter of an hour."""
    waits = [throttle.wait_after(failures, 5).total_seconds() for failures in range(1, 14)]
    assert waits == [0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900, 900]
    assert throttle.wait_after(1_000_000, 5) == LONGEST_WAIT


def test_the_wait_is_told_in_words() -> None:
    """In seconds while they are few, then in minutes, always rounded up."""
    assert (
        throttle.sentence(timedelta(seconds=29.2))
        == "There were too many failed tries. Wait 30 seconds, then try again."
    )
    assert "Wait 15 minutes" in throttle.sentence(LONGEST_WAIT)
    assert "Wait 1 second," in throttle.sentence(timedelta(0))


@pytest.mark.asyncio
async def test_an_account_waits_after_five_failures_wherever_they_come_from(world: World) -> None:
    """Each from another address; tries during the wait change nothing; after it one more try is let through."""
    now = world.clock.now()
    for number in range(ACCOUNT_FAILURES):
        assert await tries(world, "Sister", f"192.0.2.{number}", now) == [0]
    assert await tries(world, " SISTER", HERE, now, 3) == [30, 30, 30]
    assert await tries(world, "other", HERE, now) == [0]
    now += timedelta(seconds=30)
    assert await tries(world, "sister", HERE, now, 2) == [0, 60]


@pytest.mark.asyncio
async def test_a_network_waits_after_twenty_failures_whatever_the_logins(world: World) -> None:
    """Logins that do not exist count too; another network goes on."""
    now = world.clock.now()
    for number in range(NETWORK_FAILURES):
        assert await tries(world, f"guess{number}", HERE, now) == [0]
    assert await tries(world, "one more", HERE, now) == [30]
    assert await tries(world, "one more", "192.0.2.200", now) == [0]


@pytest.mark.asyncio
async def test_a_home_with_a_million_addresses_is_one_network(world: World) -> None:
    """Of an IPv6 address the first 64 bits count; an IPv4 address written as IPv6 is the same one."""
    now = world.clock.now()
    for number in range(NETWORK_FAILURES):
        await tries(world, f"guess{number}", f"2001:db8::{number:x}", now)
    assert await tries(world, "a", "2001:db8::ffff", now) == [30]
    assert await tries(world, "a", "2001:db8:0:1::1", now) == [0]
    for number in range(NETWORK_FAILURES):
        await tries(world, f"more{number}", HERE if number % 2 else f"::ffff:{HERE}", now)
    assert await tries(world, "b", HERE, now) == [30]
    assert await tries(world, "c", "no address at all", now) == [0]


@pytest.mark.asyncio
async def test_a_success_clears_the_account(world: World) -> None:
    """Counting begins anew, and the network has that try back."""
    now = world.clock.now()
    await tries(world, "sister", HERE, now, ACCOUNT_FAILURES - 1)
    assert await tries(world, "sister", HERE, now) == [0]
    async with world.store.write() as conn:
        await throttle.passed(conn, world.store.keys, "sister", HERE, now)
        assert await conn.scalar(select(func.max(login_try.c.failures))) == ACCOUNT_FAILURES - 1
    assert await tries(world, "sister", HERE, now, ACCOUNT_FAILURES) == [0] * ACCOUNT_FAILURES


@pytest.mark.asyncio
async def test_a_busy_ward_is_not_stopped_by_its_own_logins(world: World) -> None:
    """Right ones leave no count behind."""
    now = world.clock.now()
    for number in range(NETWORK_FAILURES * 2):
        assert await tries(world, f"nurse{number}", HERE, now) == [0]
        async with world.store.write() as conn:
            await throttle.passed(conn, world.store.keys, f"nurse{number}", HERE, now)


@pytest.mark.asyncio
async def test_nobody_is_locked_out_for_ever(world: World) -> None:
    """A day later counting begins anew, and what was counted is thrown away at somebody's next login."""
    now = world.clock.now()
    for _ in range(12):
        await tries(world, "sister", HERE, now)
        now += LONGEST_WAIT
    now += FORGOTTEN_AFTER + timedelta(seconds=1)
    assert await tries(world, "sister", HERE, now, ACCOUNT_FAILURES) == [0] * ACCOUNT_FAILURES
    now += FORGOTTEN_AFTER + timedelta(seconds=1)
    async with world.store.write() as conn:
        await throttle.passed(conn, world.store.keys, "other", "192.0.2.9", now)
        assert await conn.scalar(select(func.count()).select_from(login_try)) == 0


@pytest.mark.asyncio
async def test_many_tries_at_once_are_counted_one_by_one(world: World) -> None:
    """Twenty at the same moment get through no more than five guesses."""
    now = world.clock.now()
    waits = await asyncio.gather(*(tries(world, "sister", HERE, now) for _ in range(20)))
    assert sum(wait == [0] for wait in waits) == ACCOUNT_FAILURES


@pytest.mark.asyncio
async def test_neither_login_nor_address_is_stored_readably(world: World) -> None:
    """Only keyed hashes are."""
    await tries(world, "canarylogin", "203.0.113.77", world.clock.now())
    async with world.store.read() as conn:
        rows = (await conn.execute(text("SELECT * FROM login_try"))).all()
    assert len(rows) == 2
    assert "canary" not in repr(rows)
    assert "203.0.113" not in repr(rows)
