from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select, text, update

from bot.staff import accounts, sessions, tokens
from bot.staff.access import ROLES, Permission, may
from bot.staff.tables import staff_member
from bot.staff.tokens import Purpose
from scheduler import people
from scheduler.errors import BadRequestError, NotFoundError
from tests.support.members import member
from tests.support.world import World


def test_roles_are_denied_unless_granted() -> None:
    """A role nobody knows may nothing; only administrators manage staff; auditors see no patient."""
    assert not any(may("visitor", permission) for permission in Permission)
    assert [role for role in ROLES if may(role, Permission.MANAGE_STAFF)] == ["admin"]
    assert ROLES["auditor"] == {Permission.READ_AUDIT, Permission.OWN_ACCOUNT}
    assert all(may(role, Permission.OWN_ACCOUNT) for role in ROLES)


@pytest.mark.asyncio
async def test_an_account_is_found_by_its_login_however_typed(world: World) -> None:
    """Capitals and outer spaces do not matter; another one of the same login is refused."""
    keys = world.store.keys
    added = await member(world.store, world.clock.now(), "Sister.E", password=False)
    async with world.store.write() as conn:
        for typed in ("sister.e", " SISTER.E ", "Sister.E"):
            found = await accounts.by_login(conn, keys, typed)
            assert found == added
        with pytest.raises(BadRequestError, match="taken"):
            await accounts.add(conn, keys, "Other Example", "SISTER.e", "nurse", world.clock.now())
        assert await accounts.by_login(conn, keys, "nobody") is None
        assert (added.role, added.disabled, added.invited) == ("nurse", False, True)
        with pytest.raises(NotFoundError):
            await accounts.by_id(conn, keys, 999)


@pytest.mark.parametrize(
    ("name", "login", "role"),
    [("", "a", "nurse"), ("x" * 61, "a", "nurse"), ("A", "", "nurse"), ("A", "a b", "nurse"), ("A", "a\n", "boss"),
     ("A", "a\x00b", "nurse"), ("A", "x" * 65, "nurse"), ("A", "a", "root")],
)  # fmt: skip
@pytest.mark.asyncio
async def test_what_cannot_be_is_refused_in_a_sentence(sqlite_world: World, name: str, login: str, role: str) -> None:
    """Name, login and role are checked before anything is stored."""
    async with sqlite_world.store.write() as conn:
        with pytest.raises(BadRequestError, match=r"\.$"):
            await accounts.add(conn, sqlite_world.store.keys, name, login, role, sqlite_world.clock.now())
        assert not await accounts.anybody(conn)


@pytest.mark.asyncio
async def test_names_and_logins_are_sealed(world: World) -> None:
    """The database holds neither in readable form, and one broken row hides no other."""
    await member(world.store, world.clock.now(), "canarylogin", name="Canary Example")
    broken = await member(world.store, world.clock.now(), "other")
    async with world.store.write() as conn:
        row = (await conn.execute(text("SELECT * FROM staff_member WHERE id < :id"), {"id": broken.id})).one()
        assert not any(b"anary" in value for value in row if isinstance(value, bytes))
        assert not any("anary" in value for value in row if isinstance(value, str))
        await conn.execute(update(staff_member).where(staff_member.c.id == broken.id).values(name=b"\x01" + b"x" * 40))
        names = [staff.name for staff in await accounts.everybody(conn, world.store.keys)]
    assert names == ["Canary Example", accounts.UNREADABLE]


@pytest.mark.asyncio
async def test_a_disabled_member_is_out_at_once(world: World) -> None:
    """Sessions and links end, the chat is unlinked, and only a new invitation and password let them back in."""
    keys, now = world.store.keys, world.clock.now()
    staff = await member(world.store, now)
    async with world.store.write() as conn:
        address_id = await people.ensure_address(conn, keys, "simulator", "staff-chat", now)
        await conn.execute(
            update(staff_member).where(staff_member.c.id == staff.id).values(address_id=address_id, linked_at=now)
        )
        linked = await accounts.at_address(conn, keys, address_id)
        opened = await sessions.open(conn, keys, staff.id, now)
        code = await tokens.make(conn, keys, Purpose.CHAT, staff.id, now)
        await accounts.disable(conn, staff.id, now)
        await accounts.disable(conn, staff.id, now)
        assert linked is not None
        assert await accounts.at_address(conn, keys, address_id) is None
        assert await sessions.find(conn, keys, opened.token, now) is None
        assert await tokens.use(conn, keys, Purpose.CHAT, code, now) is None
        with pytest.raises(BadRequestError, match="disabled"):
            await accounts.invite(conn, keys, staff.id, now)
        token = await accounts.enable(conn, keys, staff.id, now)
        again = await accounts.by_id(conn, keys, staff.id)
        assert (again.disabled, again.invited, again.address_id) == (False, True, None)
        assert await tokens.use(conn, keys, Purpose.INVITATION, token, now) == staff.id


@pytest.mark.asyncio
async def test_a_disabled_member_is_out_even_if_a_session_was_left(world: World) -> None:
    """A session is looked at together with its member, so nothing that missed the end lets anybody in."""
    keys, now = world.store.keys, world.clock.now()
    staff = await member(world.store, now)
    async with world.store.write() as conn:
        opened = await sessions.open(conn, keys, staff.id, now)
        code = await tokens.make(conn, keys, Purpose.CHAT, staff.id, now)
        await conn.execute(update(staff_member).values(disabled_at=now))
        assert await sessions.find(conn, keys, opened.token, now) is None
        assert await tokens.use(conn, keys, Purpose.CHAT, code, now) is None


@pytest.mark.asyncio
async def test_the_last_administrator_stays(world: World) -> None:
    """Nobody could let anybody in again; two who disable each other at once leave one."""
    now = world.clock.now()
    first = await member(world.store, now, "first", "admin")
    second = await member(world.store, now, "second", "admin")
    await member(world.store, now, "third", "nurse")

    async def disable(staff_id: int) -> bool:
        try:
            async with world.store.write() as conn:
                await accounts.disable(conn, staff_id, now)
        except BadRequestError:
            return False
        return True

    assert sorted(await asyncio.gather(disable(first.id), disable(second.id))) == [False, True]
    async with world.store.read() as conn:
        left = await conn.scalars(
            select(staff_member.c.role).where(staff_member.c.disabled_at.is_(None)).order_by(staff_member.c.id)
        )
        assert left.all() == ["admin", "nurse"]


@pytest.mark.asyncio
async def test_a_new_password_ends_every_session_and_link(world: World) -> None:
    """Whoever held a browser or a link from before holds nothing."""
    keys, now = world.store.keys, world.clock.now()
    staff = await member(world.store, now)
    async with world.store.write() as conn:
        opened = [await sessions.open(conn, keys, staff.id, now) for _ in range(2)]
        token = await accounts.invite(conn, keys, staff.id, now)
        await accounts.set_password(conn, staff.id, "new", now)
        for one in opened:
            assert await sessions.find(conn, keys, one.token, now) is None
        assert await tokens.look(conn, keys, Purpose.INVITATION, token, now) is None


@pytest.mark.asyncio
async def test_unlinking_forgets_the_chat_and_the_code(world: World) -> None:
    """A code made before does not link it again."""
    keys, now = world.store.keys, world.clock.now()
    staff = await member(world.store, now)
    async with world.store.write() as conn:
        code = await tokens.make(conn, keys, Purpose.CHAT, staff.id, now)
        await accounts.unlink(conn, staff.id, now)
        assert await tokens.use(conn, keys, Purpose.CHAT, code, now) is None
