"""Who works here. Names and logins are sealed; an account without a password waits for its invitation to be used."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.staff import sessions, tokens
from bot.staff.access import ADMIN, ROLES
from bot.staff.tables import staff_member
from bot.staff.tokens import Purpose
from scheduler.crypto import KeyRing
from scheduler.errors import BadRequestError, KeyMissingError, NotFoundError
from scheduler.store.statements import insert_new
from scheduler.store.types import AnyRow

LONGEST_NAME = 60
LONGEST_LOGIN = 64
UNREADABLE = "(cannot be read)"
"""Stands for a name or login that no key opens."""


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody who works here."""

    id: int
    name: str
    """As patients read it: 'Dr Example', 'Sister Example'."""
    login: str
    role: str
    """nurse, clinician, admin or auditor; see `bot/staff/access.py`."""
    address_id: int | None
    """Their own linked chat."""
    disabled: bool
    invited: bool = False
    """Whether no password was chosen yet."""


@dataclass(frozen=True, slots=True)
class Added:
    """A new account and its one-time invitation, which is shown once."""

    staff_id: int
    token: str


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a login is checked against."""

    staff: Staff
    password: str | None
    """Argon2id hash; nothing until the invitation was used."""


def normal_login(login: str) -> str:
    """A login as it is compared: small and capital letters are the same, outer spaces are not there."""
    return unicodedata.normalize("NFKC", login).strip().casefold()


async def add(conn: AsyncConnection, keys: KeyRing, name: str, login: str, role: str, now: datetime) -> Added:
    """A new account with an invitation to choose a password. Raises BadRequestError with what to change."""
    name, login = " ".join(name.split()), unicodedata.normalize("NFKC", login).strip()
    _check(name, login, role)
    added = await conn.scalar(
        insert_new(conn, staff_member)
        .values(
            name=keys.seal("staff_member.name", name),
            login=keys.seal("staff_member.login", login),
            login_hash=_login_hash(keys, login),
            role=role,
            created_at=now,
        )
        .returning(staff_member.c.id)
    )
    if added is None:
        raise BadRequestError("This login is taken: choose another.")
    return Added(added, await tokens.make(conn, keys, Purpose.INVITATION, added, now))


def _check(name: str, login: str, role: str) -> None:
    if not name or len(name) > LONGEST_NAME:
        raise BadRequestError(f"Give the name as patients should read it, at most {LONGEST_NAME} letters.")
    if not login or len(login) > LONGEST_LOGIN or not login.isprintable() or " " in login:
        raise BadRequestError(f"Choose a login without spaces, at most {LONGEST_LOGIN} letters.")
    if role not in ROLES:
        raise BadRequestError(f"There is no such role: choose one of {', '.join(ROLES)}.")


async def everybody(conn: AsyncConnection, keys: KeyRing) -> tuple[Staff, ...]:
    """Every account, disabled ones too, oldest first."""
    rows = await conn.execute(select(staff_member).order_by(staff_member.c.id))
    return tuple(_view(keys, row) for row in rows)


async def anybody(conn: AsyncConnection) -> bool:
    """Whether there is any account at all."""
    return await conn.scalar(select(staff_member.c.id).limit(1)) is not None


async def by_id(conn: AsyncConnection, keys: KeyRing, staff_id: int) -> Staff:
    """One account. Raises NotFoundError."""
    row = (await conn.execute(select(staff_member).where(staff_member.c.id == staff_id))).one_or_none()
    if row is None:
        raise NotFoundError("There is no such member of staff.")
    return _view(keys, row)


async def by_login(conn: AsyncConnection, keys: KeyRing, login: str) -> Staff | None:
    """The account of a login, however its letters were typed."""
    found = await credentials(conn, keys, login)
    return found.staff if found else None


async def at_address(conn: AsyncConnection, keys: KeyRing, address_id: int) -> Staff | None:
    """Whose linked chat this is; nobody's if the member is disabled."""
    row = (
        await conn.execute(
            select(staff_member).where(staff_member.c.address_id == address_id, staff_member.c.disabled_at.is_(None))
        )
    ).one_or_none()
    return _view(keys, row) if row else None


async def credentials(conn: AsyncConnection, keys: KeyRing, login: str) -> Credentials | None:
    """What somebody who gives this login must prove."""
    row = (
        await conn.execute(select(staff_member).where(staff_member.c.login_hash == _login_hash(keys, login)))
    ).one_or_none()
    return Credentials(_view(keys, row), row.password) if row else None


async def set_password(conn: AsyncConnection, staff_id: int, hashed: str, now: datetime) -> None:
    """A new password: every session ends, and links for choosing one stop working."""
    await conn.execute(update(staff_member).where(staff_member.c.id == staff_id).values(password=hashed))
    await sessions.end_all(conn, staff_id, now)
    await tokens.void(conn, staff_id, now, Purpose.INVITATION)


async def rehash(conn: AsyncConnection, staff_id: int, old: str, hashed: str) -> None:
    """The same password hashed with newer parameters; left alone if it was changed meanwhile."""
    await conn.execute(
        update(staff_member)
        .where(staff_member.c.id == staff_id, staff_member.c.password == old)
        .values(password=hashed)
    )


async def invite(conn: AsyncConnection, keys: KeyRing, staff_id: int, now: datetime) -> str:
    """A new one-time invitation in place of earlier ones, for a forgotten password too. Raises BadRequestError."""
    if (await by_id(conn, keys, staff_id)).disabled:
        raise BadRequestError("This account is disabled: enable it first.")
    return await tokens.make(conn, keys, Purpose.INVITATION, staff_id, now)


async def disable(conn: AsyncConnection, staff_id: int, now: datetime) -> None:
    """Shut a member out at once: sessions and links end, the chat is unlinked. Raises BadRequestError, NotFoundError.

    The last administrator stays: nobody could let anybody in again.
    """
    # Locked, so that two administrators who disable each other at once do not both succeed.
    rows = (
        await conn.execute(
            select(staff_member.c.id, staff_member.c.role)
            .where(staff_member.c.disabled_at.is_(None))
            .order_by(staff_member.c.id)
            .with_for_update()
        )
    ).all()
    roles = {row.id: row.role for row in rows}
    if staff_id not in roles:
        if await conn.scalar(select(staff_member.c.id).where(staff_member.c.id == staff_id)) is None:
            raise NotFoundError("There is no such member of staff.")
        return
    if roles[staff_id] == ADMIN and list(roles.values()).count(ADMIN) == 1:
        raise BadRequestError("This is the last administrator: add another one first.")
    await conn.execute(
        update(staff_member)
        .where(staff_member.c.id == staff_id)
        .values(disabled_at=now, address_id=None, linked_at=None)
    )
    await sessions.end_all(conn, staff_id, now)
    await tokens.void(conn, staff_id, now)


async def enable(conn: AsyncConnection, keys: KeyRing, staff_id: int, now: datetime) -> str:
    """Let a disabled member back in; the old password is gone, the invitation chooses a new one."""
    await by_id(conn, keys, staff_id)
    await conn.execute(
        update(staff_member)
        .where(staff_member.c.id == staff_id, staff_member.c.disabled_at.is_not(None))
        .values(disabled_at=None, password=None)
    )
    return await tokens.make(conn, keys, Purpose.INVITATION, staff_id, now)


async def unlink(conn: AsyncConnection, staff_id: int, now: datetime) -> None:
    """Nothing goes to the member's chat any more, and a code made for linking one stops working."""
    await conn.execute(
        update(staff_member).where(staff_member.c.id == staff_id).values(address_id=None, linked_at=None)
    )
    await tokens.void(conn, staff_id, now, Purpose.CHAT)


def _view(keys: KeyRing, row: AnyRow) -> Staff:
    return Staff(
        id=row.id,
        name=_opened(keys, "staff_member.name", row.name),
        login=_opened(keys, "staff_member.login", row.login),
        role=row.role,
        address_id=row.address_id,
        disabled=row.disabled_at is not None,
        invited=row.password is None,
    )


def _opened(keys: KeyRing, column: str, blob: bytes) -> str:
    try:
        return keys.open(column, blob)
    except KeyMissingError:
        # One row that no key opens must not hide the others from the list.
        return UNREADABLE


def _login_hash(keys: KeyRing, login: str) -> bytes:
    return keys.hash("staff_member.login", normal_login(login))
