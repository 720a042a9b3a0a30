"""Whose phones there are in the demo: everybody enrolled, on the simulator, and a stranger."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels.simulator import CHANNEL
from scheduler import enrolments
from scheduler.crypto import KeyRing
from scheduler.enrolments import EnrolmentView
from scheduler.store.tables import address, recipient

STRANGER = "stranger"
"""The address of somebody without a link."""


@dataclass(frozen=True, slots=True)
class Handset:
    """One phone somebody can hold."""

    key: str
    """Its address on the simulator."""
    address_id: int | None
    """Nothing until the first message from it."""
    enrolments: tuple[EnrolmentView, ...]
    """Those read here, or the one that waits to be connected; none for the stranger."""


async def handsets(conn: AsyncConnection, keys: KeyRing) -> tuple[Handset, ...]:
    """Every phone, in order of enrolment, the stranger's last."""
    addresses = await _addresses(conn, keys)
    by_key: dict[str, list[EnrolmentView]] = {}
    for enrolment in await enrolments.everybody(conn, keys):
        key, _ = addresses.get(enrolment.id, (waiting_key(enrolment.id), None))
        by_key.setdefault(key, []).append(enrolment)
    by_key.pop(STRANGER, None)
    ids = await _address_ids(conn, keys)
    return (
        *(Handset(key, ids.get(key), tuple(found)) for key, found in by_key.items()),
        Handset(STRANGER, ids.get(STRANGER), ()),
    )


def waiting_key(enrolment_id: int) -> str:
    """The address of the phone that will open the link of an enrolment nobody has connected yet."""
    return f"new-{enrolment_id}"


async def _addresses(conn: AsyncConnection, keys: KeyRing) -> dict[int, tuple[str, int]]:
    """Where each connected patient reads: enrolment -> address."""
    rows = await conn.execute(
        select(recipient.c.enrolment_id, address.c.id, address.c.value)
        .join(address, address.c.id == recipient.c.address_id)
        .where(recipient.c.until.is_(None), recipient.c.role == "patient", address.c.channel == CHANNEL)
    )
    return {row.enrolment_id: (keys.open("address.value", row.value), row.id) for row in rows}


async def _address_ids(conn: AsyncConnection, keys: KeyRing) -> dict[str, int]:
    rows = await conn.execute(select(address.c.id, address.c.value).where(address.c.channel == CHANNEL))
    return {keys.open("address.value", row.value): row.id for row in rows}
