from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.staff import tokens
from bot.staff.tables import staff_token
from bot.staff.tokens import LIFETIMES, Purpose
from tests.support.members import member
from tests.support.world import World


@pytest.mark.parametrize("purpose", list(Purpose))
@pytest.mark.asyncio
async def test_a_token_works_once_for_its_purpose_and_its_time(world: World, purpose: Purpose) -> None:
    """Not for another purpose, not twice, not a second too late."""
    keys, now = world.store.keys, world.clock.now()
    staff = await member(world.store, now, password=False)
    (other,) = set(Purpose) - {purpose}
    late = now + LIFETIMES[purpose]
    async with world.store.write() as conn:
        token = await tokens.make(conn, keys, purpose, staff.id, now)
        assert await tokens.use(conn, keys, other, token, now) is None
        assert await tokens.use(conn, keys, purpose, token, late) is None
        assert await tokens.look(conn, keys, purpose, token, late - timedelta(seconds=1)) == staff.id
        assert await tokens.use(conn, keys, purpose, token, late - timedelta(seconds=1)) == staff.id
        assert await tokens.use(conn, keys, purpose, token, now) is None
        assert await tokens.look(conn, keys, purpose, token, now) is None


@pytest.mark.asyncio
async def test_two_who_use_it_at_once_do_not_both_succeed(world: World) -> None:
    """One of them gets in."""
    keys, now = world.store.keys, world.clock.now()
    staff = await member(world.store, now)
    async with world.store.write() as conn:
        token = await tokens.make(conn, keys, Purpose.CHAT, staff.id, now)

    async def use() -> int | None:
        async with world.store.write() as conn:
            return await tokens.use(conn, keys, Purpose.CHAT, token, now)

    results = await asyncio.gather(use(), use(), use())
    assert sorted(results, key=str) == sorted([staff.id, None, None], key=str)


@pytest.mark.asyncio
async def test_a_new_token_replaces_the_earlier_one_of_its_purpose(world: World) -> None:
    """Whoever found the old one finds nothing; the other purpose's stays."""
    keys, now = world.store.keys, world.clock.now()
    staff = await member(world.store, now)
    async with world.store.write() as conn:
        invitation = await tokens.make(conn, keys, Purpose.INVITATION, staff.id, now)
        old = await tokens.make(conn, keys, Purpose.CHAT, staff.id, now)
        new = await tokens.make(conn, keys, Purpose.CHAT, staff.id, now)
        assert await tokens.use(conn, keys, Purpose.CHAT, old, now) is None
        assert await tokens.use(conn, keys, Purpose.CHAT, new, now) == staff.id
        assert await tokens.use(conn, keys, Purpose.INVITATION, invitation, now) == staff.id


@pytest.mark.asyncio
async def test_a_code_is_understood_however_it_is_typed(world: World) -> None:
    """Small letters, spaces and hyphens; it is shown in two groups without letters that look alike."""
    keys, now = world.store.keys, world.clock.now()
    staff = await member(world.store, now)
    for typed in (str.lower, tokens.spaced, lambda code: f" {code[:4]} {code[4:]} "):
        async with world.store.write() as conn:
            code = await tokens.make(conn, keys, Purpose.CHAT, staff.id, now)
            assert len(code) == 8
            assert not set(code) & set("ILO01")
            assert await tokens.use(conn, keys, Purpose.CHAT, typed(code), now) == staff.id


@pytest.mark.asyncio
async def test_only_hashes_are_stored(world: World) -> None:
    """Who reads the database can use no token."""
    keys, now = world.store.keys, world.clock.now()
    staff = await member(world.store, now)
    async with world.store.write() as conn:
        made = [await tokens.make(conn, keys, purpose, staff.id, now) for purpose in Purpose]
        rows = repr((await conn.execute(select(staff_token))).all())
    assert not any(token in rows for token in made)
