"""One-time tokens of staff: an invitation to choose a password, a code that links a chat. Only hashes are stored."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.staff.tables import staff_member, staff_token
from scheduler.crypto import KeyRing
from scheduler.store.statements import insert_one


class Purpose(StrEnum):
    """What a token is good for; it works for nothing else."""

    INVITATION = "invitation"
    CHAT = "chat"


LIFETIMES: Mapping[Purpose, timedelta] = MappingProxyType(
    {Purpose.INVITATION: timedelta(days=7), Purpose.CHAT: timedelta(minutes=15)}
)

_INVITATION_BYTES = 32
_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""No I, L, O, 0, 1: the code is read from a screen and typed on a phone."""
_CODE_LENGTH = 8


async def make(conn: AsyncConnection, keys: KeyRing, purpose: Purpose, staff_id: int, now: datetime) -> str:
    """A new token in place of the member's earlier ones of this purpose; shown once, never again.

    An invitation is 256 bits for an address; a chat code is eight letters (about 40 bits) that live for 15 minutes.
    """
    await void(conn, staff_id, now, purpose)
    if purpose is Purpose.INVITATION:
        token = secrets.token_urlsafe(_INVITATION_BYTES)
    else:
        token = "".join(secrets.choice(_LETTERS) for _ in range(_CODE_LENGTH))
    await insert_one(
        conn,
        staff_token,
        staff_id=staff_id,
        purpose=purpose.value,
        token_hash=_hash(keys, purpose, token),
        created_at=now,
        expires_at=now + LIFETIMES[purpose],
    )
    return token


async def look(conn: AsyncConnection, keys: KeyRing, purpose: Purpose, token: str, now: datetime) -> int | None:
    """Whose token this is, if it still works; it stays usable."""
    return await conn.scalar(
        select(staff_token.c.staff_id)
        .join(staff_member, staff_member.c.id == staff_token.c.staff_id)
        .where(staff_token.c.token_hash == _hash(keys, purpose, token), staff_token.c.purpose == purpose.value)
        .where(staff_token.c.used_at.is_(None), staff_token.c.expires_at > now, staff_member.c.disabled_at.is_(None))
    )


async def use(conn: AsyncConnection, keys: KeyRing, purpose: Purpose, token: str, now: datetime) -> int | None:
    """Use up a token; the id of its member of staff, or nothing if it was used, is too old, or never was.

    A chat code may be typed in small letters, with spaces or hyphens. A disabled member's token does not work.
    """
    if await look(conn, keys, purpose, token, now) is None:
        return None
    # Two at once may both have seen it: only one of them still finds it unused.
    staff_id: int | None = await conn.scalar(
        update(staff_token)
        .where(staff_token.c.token_hash == _hash(keys, purpose, token), staff_token.c.used_at.is_(None))
        .values(used_at=now)
        .returning(staff_token.c.staff_id)
    )
    return staff_id


async def void(conn: AsyncConnection, staff_id: int, now: datetime, purpose: Purpose | None = None) -> None:
    """Take back the member's unused tokens, of one purpose or of all."""
    statement = update(staff_token).where(staff_token.c.staff_id == staff_id, staff_token.c.used_at.is_(None))
    if purpose is not None:
        statement = statement.where(staff_token.c.purpose == purpose.value)
    await conn.execute(statement.values(used_at=now))


def spaced(code: str) -> str:
    """A chat code as it is shown: ABCD-EFGH."""
    return f"{code[: _CODE_LENGTH // 2]}-{code[_CODE_LENGTH // 2 :]}"


def _hash(keys: KeyRing, purpose: Purpose, token: str) -> bytes:
    if purpose is Purpose.CHAT:
        token = "".join(letter for letter in token.upper() if letter.isalnum())
    return keys.hash(f"staff_token.{purpose.value}", token)
