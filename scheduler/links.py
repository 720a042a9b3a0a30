"""The single-use link behind a QR or deep link, and its short code for typing. Only hashes are stored."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from scheduler.crypto import KeyRing
from scheduler.store.statements import insert_one
from scheduler.store.tables import link
from scheduler.store.types import AnyRow

LIFETIME = timedelta(days=14)
MAX_WRONG_TRIES = 3
"""So many wrong years of birth lock the link; staff issue a new one."""

LinkState = Literal["not opened", "opened", "used", "locked", "expired", "revoked"]

_TOKEN_BYTES = 18
_CODE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""No I, L, O, 0, 1: the code is read from paper and typed on a phone."""
_CODE_LENGTH = 8


@dataclass(frozen=True, slots=True)
class Issued:
    """A new link; the token (144 bits, for the URL) and the code (about 40 bits, for typing) are shown once."""

    link_id: int
    token: str
    code: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class LinkView:
    """What is known of a link."""

    id: int
    enrolment_id: int
    role: str
    expires_at: datetime
    wrong_tries: int
    opened_by: int | None
    """Address that opened it; it works for no other."""
    used_at: datetime | None
    revoked_at: datetime | None
    created_at: datetime

    def state(self, now: datetime) -> LinkState:
        """How far it got, or why it does not work any more."""
        if self.used_at is not None:
            return "used"
        if self.revoked_at is not None:
            return "revoked"
        if self.wrong_tries >= MAX_WRONG_TRIES:
            return "locked"
        if self.expires_at <= now:
            return "expired"
        return "not opened" if self.opened_by is None else "opened"


async def issue(
    conn: AsyncConnection, keys: KeyRing, enrolment_id: int, now: datetime, role: str = "patient"
) -> Issued:
    """A new link in place of the earlier ones: those of the same role that are unused stop working."""
    await conn.execute(
        update(link)
        .where(link.c.enrolment_id == enrolment_id, link.c.role == role, link.c.used_at.is_(None))
        .where(link.c.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    return await issue_first(conn, keys, enrolment_id, now, role)


async def issue_first(
    conn: AsyncConnection, keys: KeyRing, enrolment_id: int, now: datetime, role: str = "patient"
) -> Issued:
    """The first link of an enrolment."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    letters = "".join(secrets.choice(_CODE_LETTERS) for _ in range(_CODE_LENGTH))
    expires = now + LIFETIME
    link_id = await insert_one(
        conn,
        link,
        enrolment_id=enrolment_id,
        token_hash=keys.hash("link.token", token),
        code_hash=keys.hash("link.code", letters),
        role=role,
        expires_at=expires,
        wrong_tries=0,
        created_at=now,
    )
    return Issued(link_id, token, f"{letters[:4]}-{letters[4:]}", expires)


async def find(conn: AsyncConnection, keys: KeyRing, token_or_code: str) -> LinkView | None:
    """The link of a token, or of a code however it was typed (small letters, spaces, hyphens)."""
    letters = "".join(c for c in token_or_code.upper() if c.isalnum())
    row = (
        await conn.execute(
            select(link).where(
                or_(
                    link.c.token_hash == keys.hash("link.token", token_or_code.strip()),
                    link.c.code_hash == keys.hash("link.code", letters),
                )
            )
        )
    ).one_or_none()
    return _view(row) if row else None


async def newest(
    conn: AsyncConnection, enrolment_id: int, role: str = "patient", *, link_id: int | None = None
) -> LinkView | None:
    """The link issued last for this enrolment; or this one, if it is the enrolment's."""
    which = [link.c.enrolment_id == enrolment_id, link.c.role == role]
    if link_id is not None:
        which.append(link.c.id == link_id)
    row = (await conn.execute(select(link).where(*which).order_by(link.c.id.desc()).limit(1))).one_or_none()
    return _view(row) if row else None


def _view(row: AnyRow) -> LinkView:
    return LinkView(
        row.id,
        row.enrolment_id,
        row.role,
        row.expires_at,
        row.wrong_tries,
        row.opened_by,
        row.used_at,
        row.revoked_at,
        row.created_at,
    )


async def open_link(conn: AsyncConnection, link_id: int, address_id: int) -> None:
    """This chat opened it first; from now on it works for no other."""
    await conn.execute(
        update(link).where(link.c.id == link_id, link.c.opened_by.is_(None)).values(opened_by=address_id)
    )


async def wrong_try(conn: AsyncConnection, link_id: int) -> int:
    """Count a wrong second factor; how many so far."""
    await conn.execute(update(link).where(link.c.id == link_id).values(wrong_tries=link.c.wrong_tries + 1))
    tries: int = await conn.scalar(select(link.c.wrong_tries).where(link.c.id == link_id)) or 0
    return tries


async def use(conn: AsyncConnection, link_id: int, now: datetime) -> None:
    """The link has done its work."""
    await conn.execute(update(link).where(link.c.id == link_id).values(used_at=now))


async def revoke(conn: AsyncConnection, link_id: int, now: datetime) -> None:
    """Staff took it back."""
    await conn.execute(update(link).where(link.c.id == link_id, link.c.revoked_at.is_(None)).values(revoked_at=now))
