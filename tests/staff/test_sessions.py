from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.staff import sessions
from bot.staff.sessions import ABSOLUTE, IDLE, SEEN_EVERY
from bot.staff.tables import staff_session
from tests.support.members import member
from tests.support.world import World

SECOND = timedelta(seconds=1)


@pytest.mark.asyncio
async def test_a_session_ends_after_half_an_hour_without_a_request(world: World) -> None:
    """Each request carries it on; a pause of thirty minutes ends it."""
    keys, now = world.store.keys, world.clock.now()
    staff = await member(world.store, now)
    async with world.store.write() as conn:
        opened = await sessions.open(conn, keys, staff.id, now)
        for _ in range(3):
            now += IDLE - SECOND
            session = await sessions.find(conn, keys, opened.token, now)
            assert session is not None
            assert session.staff_id == staff.id
            await sessions.seen(conn, session.id, now)
        assert await sessions.find(conn, keys, opened.token, now + IDLE) is None
        assert await sessions.of(conn, staff.id, now + IDLE) == ()


@pytest.mark.asyncio
async def test_a_session_ends_after_ten_hours_however_busy(world: World) -> None:
    """A shift later somebody logs in again."""
    keys, start = world.store.keys, world.clock.now()
    staff = await member(world.store, start)
    async with world.store.write() as conn:
        opened = await sessions.open(conn, keys, staff.id, start)
        await sessions.seen(conn, opened.session_id, start + ABSOLUTE - SECOND)
        assert await sessions.find(conn, keys, opened.token, start + ABSOLUTE - SECOND) is not None
        assert await sessions.find(conn, keys, opened.token, start + ABSOLUTE) is None


@pytest.mark.asyncio
async def test_the_note_of_a_request_is_written_once_a_minute(world: World) -> None:
    """A page that asks every few seconds costs no write each time."""
    keys, now = world.store.keys, world.clock.now()
    staff = await member(world.store, now)
    async with world.store.write() as conn:
        opened = await sessions.open(conn, keys, staff.id, now)
        early = await sessions.find(conn, keys, opened.token, now + SEEN_EVERY - SECOND)
        late = await sessions.find(conn, keys, opened.token, now + SEEN_EVERY)
    assert early is not None
    assert late is not None
    assert (early.stale, late.stale) == (False, True)


@pytest.mark.asyncio
async def test_only_a_hash_of_the_token_is_stored_and_each_session_has_its_own(world: World) -> None:
    """256 random bits; who reads the database can neither take a session over nor make its forms."""
    keys, now = world.store.keys, world.clock.now()
    staff = await member(world.store, now)
    async with world.store.write() as conn:
        one, two = [await sessions.open(conn, keys, staff.id, now) for _ in range(2)]
        rows = (await conn.execute(select(staff_session))).all()
        found = [await sessions.find(conn, keys, opened.token, now) for opened in (one, two)]
    assert one.token != two.token
    assert len(one.token) >= 43
    for row in rows:
        assert not any(
            opened.token.encode() in value for opened in (one, two) for value in row if isinstance(value, bytes)
        )
        assert row.token_hash.hex() not in {session.csrf for session in found if session}
    assert len({session.csrf for session in found if session}) == 2


@pytest.mark.asyncio
async def test_logging_out_ends_one_session_or_all(world: World) -> None:
    """The other browsers stay, unless everywhere was meant."""
    keys, now = world.store.keys, world.clock.now()
    staff = await member(world.store, now)
    other = await member(world.store, now, "other")
    async with world.store.write() as conn:
        one, two, three = [await sessions.open(conn, keys, staff.id, now) for _ in range(3)]
        others = await sessions.open(conn, keys, other.id, now)
        await sessions.end(conn, one.session_id, now)
        assert await sessions.find(conn, keys, one.token, now) is None
        assert {sitting.id for sitting in await sessions.of(conn, staff.id, now)} == {two.session_id, three.session_id}
        await sessions.end_token(conn, keys, two.token, now)
        await sessions.end_token(conn, keys, "", now)
        assert await sessions.find(conn, keys, two.token, now) is None
        assert await sessions.end_all(conn, staff.id, now) == 1
        assert await sessions.find(conn, keys, three.token, now) is None
        assert await sessions.find(conn, keys, others.token, now) is not None


@pytest.mark.parametrize("token", ["", "x", "x" * 101, "\ud800", "' OR 1=1 --", "\x00"])
@pytest.mark.asyncio
async def test_a_made_up_token_is_nobody(sqlite_world: World, token: str) -> None:
    """Whatever stands in the cookie."""
    async with sqlite_world.store.read() as conn:
        assert await sessions.find(conn, sqlite_world.store.keys, token, sqlite_world.clock.now()) is None


def test_tokens_are_compared_whole() -> None:
    """Neither a part nor odd letters pass."""
    assert sessions.same("abc", "abc")
    for other in ("", "ab", "abcd", "äbc", "\ud800"):
        assert not sessions.same(other, "abc")
