"""The link behind a QR code: one chat, one use, three tries, two weeks."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from scheduler import links, people
from scheduler.store.tables import link
from tests.support.world import World

pytestmark = pytest.mark.asyncio


async def _issue(world: World, enrolment_id: int, role: str = "patient") -> links.Issued:
    async with world.store.write() as conn:
        return await links.issue(conn, world.store.keys, enrolment_id, world.clock.now(), role)


async def _find(world: World, typed: str) -> links.LinkView | None:
    async with world.store.read() as conn:
        return await links.find(conn, world.store.keys, typed)


async def test_a_token_fits_a_deep_link_and_cannot_be_guessed(world: World) -> None:
    """At least 128 random bits in letters that Telegram's start parameter allows; a code of eight clear letters."""
    enrolment_id = await world.enrol()
    issued = [await _issue(world, enrolment_id) for _ in range(5)]
    assert len({one.token for one in issued}) == len({one.code for one in issued}) == 5
    for one in issued:
        assert re.fullmatch(r"[A-Za-z0-9_-]{22,64}", one.token)
        assert re.fullmatch(r"[A-HJKMNP-Z2-9]{4}-[A-HJKMNP-Z2-9]{4}", one.code)
        assert one.expires_at == world.clock.now() + timedelta(days=14)


async def test_a_code_is_found_however_it_is_typed(world: World) -> None:
    """Small letters, spaces, another dash: people copy from paper."""
    issued = await _issue(world, await world.enrol())
    letters = issued.code.replace("-", "")
    for typed in (
        issued.code,
        letters,
        letters.lower(),
        f" {letters[:4]} {letters[4:]} ",
        "-".join(letters),
        issued.token,
    ):
        found = await _find(world, typed)
        assert found is not None
        assert found.id == issued.link_id


@pytest.mark.parametrize("typed", ["", " ", "K7QM-4T2D", "x" * 5000, "\ud83d", "' OR 1=1", "\u202e", "आशा"])
async def test_anything_else_is_no_link(sqlite_world: World, typed: str) -> None:
    """What nobody issued finds nothing, however odd it is."""
    await sqlite_world.enrol()
    assert await _find(sqlite_world, typed) is None


async def test_a_new_link_ends_the_unused_old_ones(world: World) -> None:
    """Of one patient's links only the newest works; a caregiver's is another matter."""
    enrolment_id = await world.enrol()
    first, caregivers = await _issue(world, enrolment_id), await _issue(world, enrolment_id, "caregiver")
    second = await _issue(world, enrolment_id)
    revoked = [(await _find(world, one.token)) for one in (first, caregivers, second)]
    assert [one.revoked_at is not None for one in revoked if one] == [True, False, False]


async def test_the_chat_that_opened_a_link_keeps_it(world: World) -> None:
    """A second chat with the same link does not become its owner."""
    issued = await _issue(world, await world.enrol())
    async with world.store.write() as conn:
        chats = [
            await people.ensure_address(conn, world.store.keys, "simulator", name, world.clock.now())
            for name in ("chat-1", "chat-2")
        ]
        for chat in chats:
            await links.open_link(conn, issued.link_id, chat)
    found = await _find(world, issued.token)
    assert found is not None
    assert found.opened_by == chats[0]


async def test_wrong_tries_are_counted_and_use_and_revocation_noted(world: World) -> None:
    """What the conversation needs to refuse: how many tries, when it was used, when it was taken back."""
    issued = await _issue(world, await world.enrol())
    async with world.store.write() as conn:
        assert [await links.wrong_try(conn, issued.link_id) for _ in range(3)] == [1, 2, links.MAX_WRONG_TRIES]
        await links.use(conn, issued.link_id, world.clock.now())
        await links.revoke(conn, issued.link_id, world.clock.now())
    found = await _find(world, issued.token)
    assert found is not None
    assert found.used_at == found.revoked_at == world.clock.now()
    assert found.wrong_tries == 3


async def test_neither_token_nor_code_is_stored(world: World) -> None:
    """Who reads the database cannot open a link."""
    issued = await _issue(world, await world.enrol())
    async with world.store.read() as conn:
        rows = list(await conn.execute(link.select()))
    text = repr(rows)
    assert issued.token not in text
    assert issued.code.replace("-", "") not in text


async def test_staff_see_how_far_the_newest_link_got(world: World) -> None:
    """Not opened, opened, used; or locked, expired, revoked: each has its word, and only the newest link counts."""
    enrolment_id, address_id = await world.patient()
    now = world.clock.now()

    async def newest() -> links.LinkView:
        async with world.store.read() as conn:
            found = await links.newest(conn, enrolment_id)
        assert found is not None
        return found

    first = await _issue(world, enrolment_id)
    issued = await _issue(world, enrolment_id)
    assert (await newest()).id == issued.link_id
    assert (await newest()).state(now) == "not opened"
    assert (await newest()).state(now + links.LIFETIME) == "expired"
    old = await _find(world, first.code)
    assert old is not None
    assert old.state(now) == "revoked"
    async with world.store.write() as conn:
        await links.open_link(conn, issued.link_id, address_id)
    assert (await newest()).state(now) == "opened"
    async with world.store.write() as conn:
        for _ in range(links.MAX_WRONG_TRIES):
            await links.wrong_try(conn, issued.link_id)
    assert (await newest()).state(now) == "locked"
    last = await _issue(world, enrolment_id)
    async with world.store.write() as conn:
        await links.use(conn, last.link_id, now)
    assert (await newest()).state(now + links.LIFETIME) == "used"
    async with world.store.read() as conn:
        assert await links.newest(conn, enrolment_id, "caregiver") is None
