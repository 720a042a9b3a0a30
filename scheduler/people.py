"""Addresses: finding one without storing what it is, its language, STOP and START, blocked and back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import phonenumbers
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from content.loader import Content
from scheduler import consents, reminders
from scheduler.crypto import KeyRing
from scheduler.errors import BadRequestError, NotFoundError
from scheduler.store.statements import insert_new
from scheduler.store.tables import address, enrolment, recipient


@dataclass(frozen=True, slots=True)
class AddressView:
    """One way to reach people on one channel."""

    id: int
    channel: str
    value: str
    language: str | None
    """Chosen in this chat; nothing until asked."""
    blocked_at: datetime | None
    stopped_at: datetime | None
    last_inbound_at: datetime | None


def normal_phone(raw: str, region: str = "IN") -> str:
    """A phone number in E.164 (`+919000000001`), however it was written. Raises BadRequestError with what to do."""
    try:
        number = phonenumbers.parse(raw, region)
    except phonenumbers.NumberParseException as error:
        raise BadRequestError("This is not a phone number: write it like 90000 00001 or +91 90000 00001.") from error
    if not phonenumbers.is_possible_number(number):
        raise BadRequestError("This phone number has too few or too many digits: an Indian mobile number has ten.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


async def find_address(conn: AsyncConnection, keys: KeyRing, channel: str, value: str) -> int | None:
    """The id of an address, if it was ever seen."""
    found = await conn.execute(
        select(address.c.id).where(address.c.channel == channel, address.c.value_hash == _hash(keys, channel, value))
    )
    return found.scalar_one_or_none()


async def ensure_address(conn: AsyncConnection, keys: KeyRing, channel: str, value: str, now: datetime) -> int:
    """The id of an address, stored now if it is new."""
    known = await find_address(conn, keys, channel, value)
    if known is not None:
        return known
    await conn.execute(
        insert_new(conn, address).values(
            channel=channel,
            value=keys.seal("address.value", value),
            value_hash=_hash(keys, channel, value),
            created_at=now,
        )
    )
    # Two first messages of one chat may meet here: whoever came second finds the other's row.
    added = await find_address(conn, keys, channel, value)
    assert added is not None  # noqa: S101 - it was there, or it was inserted
    return added


async def open_address(conn: AsyncConnection, keys: KeyRing, address_id: int) -> AddressView:
    """One address, opened. Raises NotFoundError."""
    row = (await conn.execute(select(address).where(address.c.id == address_id))).one_or_none()
    if row is None:
        raise NotFoundError(f"There is no address {address_id}.")
    return AddressView(
        row.id,
        row.channel,
        keys.open("address.value", row.value),
        row.language,
        row.blocked_at,
        row.stopped_at,
        row.last_inbound_at,
    )


async def note_inbound(conn: AsyncConnection, address_id: int, now: datetime) -> None:
    """Somebody wrote from here: the address is reachable, and its reply window opens."""
    await conn.execute(update(address).where(address.c.id == address_id).values(last_inbound_at=now))


async def set_chat_language(conn: AsyncConnection, address_id: int, language: str) -> None:
    """The language of this chat, and of the plans of the patients who read it here themselves."""
    await conn.execute(update(address).where(address.c.id == address_id).values(language=language))
    own = select(recipient.c.enrolment_id).where(
        recipient.c.address_id == address_id, recipient.c.until.is_(None), recipient.c.role == "patient"
    )
    await conn.execute(update(enrolment).where(enrolment.c.id.in_(own)).values(language=language))


async def block(conn: AsyncConnection, content: Content, address_id: int, now: datetime) -> None:
    """The provider says this person cannot be reached here: nothing more is planned for this chat until they write."""
    await conn.execute(update(address).where(address.c.id == address_id).values(blocked_at=now))
    await _replan_all(conn, content, address_id, now)


async def unblock(conn: AsyncConnection, content: Content, address_id: int, now: datetime) -> None:
    """They are back: plans go on. A STOP said before stays."""
    await conn.execute(update(address).where(address.c.id == address_id).values(blocked_at=None))
    await _replan_all(conn, content, address_id, now)


async def stop(conn: AsyncConnection, content: Content, address_id: int, now: datetime, how: str) -> None:
    """STOP: no proactive message to this chat any more, whatever was queued. Only `start` undoes it."""
    await conn.execute(update(address).where(address.c.id == address_id).values(stopped_at=now))
    for row in await _readers(conn, address_id):
        await consents.end(conn, row.enrolment_id, row.person_id, "reminders", now, how)
    await _replan_all(conn, content, address_id, now)


async def start(conn: AsyncConnection, content: Content, address_id: int, now: datetime, language: str) -> None:
    """START: everybody who had agreed in this chat and then stopped agrees again; plans go on from now."""
    await conn.execute(update(address).where(address.c.id == address_id).values(stopped_at=None))
    for row in await _readers(conn, address_id):
        if await consents.ever_given(conn, row.enrolment_id, row.person_id, "reminders"):
            await consents.give(conn, content, row.enrolment_id, row.person_id, "reminders", language, now)
    await _replan_all(conn, content, address_id, now)


async def _readers(conn: AsyncConnection, address_id: int) -> list[consents.Reader]:
    rows = await conn.execute(
        select(recipient.c.enrolment_id, recipient.c.person_id).where(
            recipient.c.address_id == address_id, recipient.c.until.is_(None)
        )
    )
    return [consents.Reader(row.enrolment_id, row.person_id) for row in rows]


async def _replan_all(conn: AsyncConnection, content: Content, address_id: int, now: datetime) -> None:
    ids = sorted({reader.enrolment_id for reader in await _readers(conn, address_id)})
    await reminders.replan_each(conn, content, ids, now)


def _hash(keys: KeyRing, channel: str, value: str) -> bytes:
    return keys.hash(f"address.{channel}", value)
