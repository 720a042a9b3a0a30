"""The photos patients sent, as rows: kept for the care team, seen by permitted staff, deleted in time.

A row is written in the transaction of the event it came with, so it is as safe as the event; what it shows is fetched
from its provider later (`fetching`). Kept is the cleaned JPEG alone, sealed; where the provider has it is forgotten
then.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.staff import trail
from bot.staff.accounts import Staff
from bot.store.tables import picture
from content.loader import Content
from scheduler.crypto import KeyRing
from scheduler.errors import KeyMissingError, NotFoundError
from scheduler.store.statements import insert_one
from scheduler.store.tables import recipient

WAITING, KEPT, REFUSED, LOST, DELETED = "waiting", "kept", "refused", "lost", "deleted"


@dataclass(frozen=True, slots=True)
class Photo:
    """One photo, without what it shows."""

    id: int
    state: str
    """waiting, kept, refused, lost or deleted."""
    reason: str | None
    """Why it was refused or lost, or who deleted it: one of our short names."""
    created_at: datetime
    enrolment_id: int | None
    """Nothing: it came from a chat that follows several patients."""


async def take(
    conn: AsyncConnection,
    keys: KeyRing,
    *,
    inbound_id: int,
    address_id: int,
    enrolment_id: int | None,
    source: str,
    now: datetime,
) -> None:
    """Keep a photo in mind that came with an event; `source` is how its channel finds it."""
    await insert_one(
        conn,
        picture,
        inbound_id=inbound_id,
        address_id=address_id,
        enrolment_id=enrolment_id,
        state=WAITING,
        source=keys.seal("picture.source", source),
        tries=0,
        due_at=now,
        created_at=now,
    )


async def of_patient(conn: AsyncConnection, enrolment_id: int) -> list[Photo]:
    """The photos that are, or may be, about one patient, newest first."""
    rows = await conn.execute(
        select(picture.c.id, picture.c.state, picture.c.reason, picture.c.created_at, picture.c.enrolment_id)
        .where(_about(enrolment_id))
        .order_by(picture.c.id.desc())
    )
    return [Photo(row.id, row.state, row.reason, row.created_at, row.enrolment_id) for row in rows]


async def look(
    conn: AsyncConnection, keys: KeyRing, enrolment_id: int, photo_id: int, staff: Staff, now: datetime
) -> bytes:
    """What a photo shows, as JPEG; that `staff` saw it is noted. Raises NotFoundError, also for one no key opens."""
    content = await conn.scalar(
        select(picture.c.content).where(picture.c.id == photo_id, _about(enrolment_id), picture.c.state == KEPT)
    )
    try:
        shown = base64.b64decode(keys.open("picture.content", content)) if content else None
    except (KeyMissingError, ValueError):
        shown = None
    if shown is None:
        raise NotFoundError("There is no such photo, or it cannot be opened any more.")
    await trail.note(conn, trail.actor(staff.id), "photo seen", now, enrolment_id, photo=photo_id)
    return shown


async def delete(conn: AsyncConnection, enrolment_id: int, photo_id: int, staff: Staff, now: datetime) -> None:
    """Delete what a photo shows; that there was one stays known. Raises NotFoundError."""
    if not await _empty(conn, now, "by staff", picture.c.id == photo_id, _about(enrolment_id)):
        raise NotFoundError("There is no such photo any more.")
    await trail.note(conn, trail.actor(staff.id), "photo deleted", now, enrolment_id, photo=photo_id)


async def forget_old(conn: AsyncConnection, content: Content, now: datetime) -> int:
    """Delete what photos show that were kept as long as the clinic wants (`photo_days`); how many."""
    days = timedelta(days=int(content.clinic["photo_days"]))
    return await _empty(conn, now, "too old", picture.c.created_at <= now - days)


def seal_jpeg(keys: KeyRing, jpeg: bytes) -> bytes:
    """A cleaned photo as it is stored."""
    return keys.seal("picture.content", base64.b64encode(jpeg).decode())


async def _empty(conn: AsyncConnection, now: datetime, reason: str, *which: ColumnElement[bool]) -> int:
    gone = await conn.execute(
        update(picture)
        .where(picture.c.state.in_((WAITING, KEPT)), *which)
        .values(state=DELETED, reason=reason, content=None, source=None, due_at=None, settled_at=now)
    )
    return gone.rowcount


def _about(enrolment_id: int) -> ColumnElement[bool]:
    """A photo of this patient, or one from a chat in which this patient and others are followed."""
    here = select(recipient.c.address_id).where(recipient.c.enrolment_id == enrolment_id, recipient.c.until.is_(None))
    shared = picture.c.enrolment_id.is_(None) & picture.c.address_id.in_(here)
    return or_(picture.c.enrolment_id == enrolment_id, shared)
