"""Browsers that are logged in. The browser holds a random token; here is a keyed hash of it, and when it ends.

A session ends after half an hour without a request, after ten hours in any case, at logout, when its member is
disabled, and at a change of the password. Nobody brings a token along to the login: it always makes a new one.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.staff.tables import staff_member, staff_session
from scheduler.crypto import KeyRing
from scheduler.store.statements import insert_one

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=10)
"""A long shift; who comes back tomorrow logs in again."""

SEEN_EVERY = timedelta(minutes=1)
"""A page that asks every few seconds writes no oftener than this."""

_TOKEN_BYTES = 32
_LONGEST_TOKEN = 100


@dataclass(frozen=True, slots=True)
class Opened:
    """A new session; the token is for the cookie and is known to nobody else."""

    session_id: int
    token: str


@dataclass(frozen=True, slots=True)
class Session:
    """A session that goes on."""

    id: int
    staff_id: int
    csrf: str
    """What every form of this session carries; made from the session's token, so another's does not fit."""
    stale: bool
    """Whether `seen` should be called: the last note of a request is old."""


@dataclass(frozen=True, slots=True)
class Sitting:
    """One line of the list of a member's sessions."""

    id: int
    created_at: datetime
    seen_at: datetime


async def open(conn: AsyncConnection, keys: KeyRing, staff_id: int, now: datetime) -> Opened:  # noqa: A001 - called as `sessions.open`
    """Log a member in, in a browser that gets the token."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    session_id = await insert_one(
        conn,
        staff_session,
        staff_id=staff_id,
        token_hash=_hash(keys, token),
        created_at=now,
        seen_at=now,
        expires_at=now + ABSOLUTE,
    )
    return Opened(session_id, token)


async def find(conn: AsyncConnection, keys: KeyRing, token: str, now: datetime) -> Session | None:
    """The session of a cookie's token, unless it has ended or its member is disabled."""
    if not token or len(token) > _LONGEST_TOKEN:
        return None
    row = (
        await conn.execute(
            select(staff_session.c.id, staff_session.c.staff_id, staff_session.c.seen_at)
            .join(staff_member, staff_member.c.id == staff_session.c.staff_id)
            .where(staff_session.c.token_hash == _hash(keys, token), staff_session.c.ended_at.is_(None))
            .where(staff_session.c.expires_at > now, staff_session.c.seen_at > now - IDLE)
            .where(staff_member.c.disabled_at.is_(None))
        )
    ).one_or_none()
    if row is None:
        return None
    return Session(row.id, row.staff_id, csrf_of(keys, token), stale=row.seen_at <= now - SEEN_EVERY)


async def seen(conn: AsyncConnection, session_id: int, now: datetime) -> None:
    """Note that the session is in use."""
    await conn.execute(
        update(staff_session).where(staff_session.c.id == session_id, staff_session.c.seen_at < now).values(seen_at=now)
    )


async def end(conn: AsyncConnection, session_id: int, now: datetime) -> None:
    """Log one browser out."""
    await conn.execute(
        update(staff_session)
        .where(staff_session.c.id == session_id, staff_session.c.ended_at.is_(None))
        .values(ended_at=now)
    )


async def end_token(conn: AsyncConnection, keys: KeyRing, token: str, now: datetime) -> None:
    """Log out the browser that holds `token`; nothing happens if there is no such session."""
    if 0 < len(token) <= _LONGEST_TOKEN:
        await conn.execute(
            update(staff_session)
            .where(staff_session.c.token_hash == _hash(keys, token), staff_session.c.ended_at.is_(None))
            .values(ended_at=now)
        )


async def end_all(conn: AsyncConnection, staff_id: int, now: datetime) -> int:
    """Log a member out everywhere; how many sessions ended."""
    going_on = staff_session.c.staff_id == staff_id, staff_session.c.ended_at.is_(None)
    return (await conn.execute(update(staff_session).where(*going_on).values(ended_at=now))).rowcount


async def of(conn: AsyncConnection, staff_id: int, now: datetime) -> tuple[Sitting, ...]:
    """The member's sessions that go on, newest first."""
    rows = await conn.execute(
        select(staff_session.c.id, staff_session.c.created_at, staff_session.c.seen_at)
        .where(staff_session.c.staff_id == staff_id, staff_session.c.ended_at.is_(None))
        .where(staff_session.c.expires_at > now, staff_session.c.seen_at > now - IDLE)
        .order_by(staff_session.c.id.desc())
    )
    return tuple(Sitting(row.id, row.created_at, row.seen_at) for row in rows)


def csrf_of(keys: KeyRing, token: str) -> str:
    """The CSRF token of the session whose token this is."""
    return keys.hash("staff_session.csrf", token).hex()


def same(given: str, expected: str) -> bool:
    """Whether two tokens are equal; takes the same time wherever they differ."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode("utf-8", "replace"))


def _hash(keys: KeyRing, token: str) -> bytes:
    return keys.hash("staff_session.token", token)
