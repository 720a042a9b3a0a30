"""The only way out: what is put here leaves, or ends in a state with a reason."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from scheduler.crypto import KeyRing
from scheduler.errors import KeyMissingError
from scheduler.policy import POLICIES
from scheduler.sender import Body, Button
from scheduler.store.statements import insert_one
from scheduler.store.tables import message

_as_json = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode

TERMINAL = ("sent", "failed", "expired", "cancelled", "unknown")


@dataclass(frozen=True, slots=True)
class Line:
    """One message out, opened. `at`: when it was sent, else when it was put here."""

    id: int
    at: datetime
    body: Body | None
    """Nothing for a reminder that has not been rendered yet, or a body that no key opens."""
    kind: str
    state: str
    reason: str | None
    provider_id: str | None
    readable: bool = True
    """False if there is a body and no key opens it."""


async def put(
    conn: AsyncConnection,
    keys: KeyRing,
    *,
    address_id: int,
    channel: str,
    kind: str,
    body: Body,
    now: datetime,
    enrolment_id: int | None = None,
    expires_at: datetime | None = None,
    content_version: str | None = None,
) -> int:
    """Queue a message to one address, in the caller's transaction; its id. `kind` is a class of `policy.POLICIES`."""
    return await insert_one(
        conn,
        message,
        channel=channel,
        address_id=address_id,
        enrolment_id=enrolment_id,
        kind=kind,
        priority=POLICIES[kind].priority,
        ready_at=now,
        expires_at=expires_at,
        state="queued",
        tries=0,
        body=seal_body(keys, body),
        content_version=content_version,
        created_at=now,
    )


async def put_off(conn: AsyncConnection, message_id: int, until: datetime) -> None:
    """Keep a queued message back until then (UTC)."""
    await conn.execute(
        update(message).where(message.c.id == message_id, message.c.state == "queued").values(ready_at=until)
    )


async def transcript(conn: AsyncConnection, keys: KeyRing, address_id: int, limit: int = 200) -> list[Line]:
    """The newest `limit` messages to an address, oldest first; one that cannot be opened stands there without body."""
    rows = await conn.execute(
        select(message).where(message.c.address_id == address_id).order_by(message.c.id.desc()).limit(limit)
    )
    lines = []
    for row in rows:
        body = _opened(keys, row.body)
        lines.append(
            Line(
                row.id,
                row.sent_at or row.created_at,
                body,
                row.kind,
                row.state,
                row.reason,
                row.provider_id,
                readable=body is not None or row.body is None,
            )
        )
    return lines[::-1]


async def body_of(conn: AsyncConnection, keys: KeyRing, channel: str, message_id: int) -> Body | None:
    """What a message of a channel shows; nothing if there is none, it is not rendered yet, or no key opens it."""
    mine = message.c.id == message_id, message.c.channel == channel
    return _opened(keys, await conn.scalar(select(message.c.body).where(*mine)))


def seal_body(keys: KeyRing, body: Body) -> bytes:
    """A body as it is stored."""
    buttons = [
        [button.label, button.data, button.url] if button.url else [button.label, button.data]
        for button in body.buttons
    ]
    stored: list[object] = [body.text, buttons]
    if body.picture is not None:
        stored.append(base64.b64encode(body.picture).decode())
    return keys.seal("message.body", _as_json(stored))


def open_body(keys: KeyRing, blob: bytes) -> Body:
    """A stored body. Raises KeyMissingError."""
    text, buttons, *picture = json.loads(keys.open("message.body", blob))
    return Body(
        text,
        tuple(Button(*parts) for parts in buttons),
        base64.b64decode(picture[0], validate=True) if picture else None,
    )


def _opened(keys: KeyRing, blob: bytes | None) -> Body | None:
    try:
        return open_body(keys, blob) if blob else None
    except (KeyMissingError, ValueError, TypeError):
        return None
