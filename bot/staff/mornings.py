"""The list of the day and the daily test message: one of each a day and member, however many processes look.

Names are first names, and go only to linked members who may see patients. What a patient did not share is not told.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.staff import clinic, rotas, silence, telling
from bot.staff.access import Permission
from bot.staff.ringing import Place
from bot.staff.tables import canary as canary_table
from bot.staff.tables import staff_digest, staff_member
from bot.staff.telling import Chat, StaffChat, Teller
from bot.store.tables import alert
from bot.store.whom import UNREADABLE, Whom, patients
from scheduler.policy import STAFF
from scheduler.store.statements import insert_one
from scheduler.store.tables import address, enrolment, message
from scheduler.store.types import AnyRow

SENT_WITHIN = timedelta(hours=6)
"""So long after its time a list or test message still goes out, if nobody could send it before."""

MOST_NAMES = 12
"""So many names stand in one line of the list; the console has them all."""

FIRST_WEEK = 7


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the list: how many, and whom staff may know of them."""

    reply: str
    count: int
    names: tuple[str, ...]


async def due(conn: AsyncConnection, place: Place, now: datetime) -> bool:
    """Whether anything of the morning is left to send."""
    return bool(await _undigested(conn, place, now)) or await _canary_due(conn, place, now) is not None


async def digests(conn: AsyncConnection, place: Place, now: datetime) -> int:
    """Send the list of the day to every linked member who may see patients and has not got it; how many."""
    chats = await _undigested(conn, place, now, lock=True)
    if not chats:
        return 0
    lines = await day(conn, place, now)
    trouble = await missing(conn, now)
    teller = Teller(conn, place.keys, place.content, now)
    for one in chats:
        ids = await teller.say(one.chat, STAFF, _text(teller, one.chat, lines, trouble=trouble))
        await conn.execute(
            insert(staff_digest).values(
                staff_id=one.staff_id, day=_today(place, now), message_id=ids[-1], created_at=now
            )
        )
    return len(chats)


async def canary(conn: AsyncConnection, place: Place, now: datetime) -> int | None:
    """Send the test message of the day to the chosen chat, if it is time and was not done; its message."""
    chosen = await _canary_due(conn, place, now, lock=True)
    if chosen is None:
        return None
    teller = Teller(conn, place.keys, place.content, now)
    text = teller.words(chosen.chat, "staff-canary", time=f"{now.astimezone(ZoneInfo(place.zone)):%H:%M}")
    ids = await teller.say(chosen.chat, STAFF, text)
    await insert_one(
        conn,
        canary_table,
        day=_today(place, now),
        staff_id=chosen.staff_id,
        message_id=ids[-1],
        created_at=now,
        late_at=now + clinic.canary_within(place.content),
    )
    return ids[-1]


async def missing(conn: AsyncConnection, now: datetime) -> bool:
    """Whether the newest test message should have arrived by now and has not; False if nobody was chosen for one."""
    if await rotas.canary(conn) is None:
        return False
    row = (
        await conn.execute(
            select(canary_table.c.created_at, canary_table.c.late_at, message.c.state, message.c.sent_at)
            .join(message, message.c.id == canary_table.c.message_id)
            .order_by(canary_table.c.day.desc())
            .limit(1)
        )
    ).one_or_none()
    if row is None:
        return False
    if row.created_at < now - timedelta(days=1) - SENT_WITHIN:
        # Nobody even tried: no worker runs, or the chosen member has unlinked the chat.
        return True
    late = row.sent_at is not None and row.sent_at > row.late_at
    return (row.state != "sent" or late) and now >= row.late_at


async def day(conn: AsyncConnection, place: Place, now: datetime) -> list[Line]:
    """What staff should know this morning."""
    everybody = (
        await conn.execute(select(enrolment.c.id, enrolment.c.state, enrolment.c.surgery_on, enrolment.c.zone))
    ).all()
    going = [row for row in everybody if row.state != "ended"]
    found: list[tuple[str, int, set[int]]] = [
        ("staff-digest-alerts", *await _alerts(conn)),
        *(
            (reply, len(ids), ids)
            for reply, ids in (
                ("staff-digest-silent", set(await silence.silent(conn, place.content, now))),
                ("staff-digest-waiting", {row.id for row in going if row.state == "invited"}),
                ("staff-digest-unknown", await _unknown(conn, now)),
                ("staff-digest-surgeries", {row.id for row in going if _day(row, now) == 0}),
                ("staff-digest-week", {row.id for row in going if _day(row, now) == FIRST_WEEK}),
            )
        ),
    ]
    named = await patients(conn, place.keys, {one for _, _, ids in found for one in ids})
    return [Line(reply, count, _first_names(named, ids)) for reply, count, ids in found]


def _text(teller: Teller, chat: Chat, lines: Iterable[Line], *, trouble: bool) -> str:
    said = [teller.words(chat, "staff-digest")]
    if trouble:
        said.append(teller.words(chat, "staff-digest-canary"))
    for line in lines:
        shown = ", ".join(line.names[:MOST_NAMES]) + (", …" if len(line.names) > MOST_NAMES else "")
        said.append(teller.words(chat, line.reply, count=f"{line.count} ({shown})" if shown else line.count))
    return "\n".join(said)


def _first_names(named: dict[int, Whom], ids: Collection[int]) -> tuple[str, ...]:
    people = (named[one] for one in sorted(ids) if one in named)
    return tuple(one.name if one.name == UNREADABLE else one.name.split()[0] for one in people)


def _day(row: AnyRow, now: datetime) -> int:
    found: int = (now.astimezone(ZoneInfo(row.zone)).date() - row.surgery_on).days
    return found


async def _alerts(conn: AsyncConnection) -> tuple[int, set[int]]:
    rows = (
        await conn.execute(select(alert.c.id, alert.c.enrolment_id).where(alert.c.state != "closed", alert.c.shared))
    ).all()
    return len(rows), {row.enrolment_id for row in rows if row.enrolment_id is not None}


async def _unknown(conn: AsyncConnection, now: datetime) -> set[int]:
    """Patients of whom nobody knows whether a message of the last day arrived."""
    rows = await conn.scalars(
        select(message.c.enrolment_id).where(
            message.c.state == "unknown",
            message.c.enrolment_id.is_not(None),
            message.c.created_at > now - timedelta(days=1),
        )
    )
    return {one for one in rows if one is not None}


def _today(place: Place, now: datetime) -> date:
    return now.astimezone(ZoneInfo(place.zone)).date()


def _is_time(place: Place, now: datetime, clock: time) -> bool:
    """Whether `now` lies within SENT_WITHIN of today's `clock`."""
    at = datetime.combine(_today(place, now), clock, ZoneInfo(place.zone)).astimezone(UTC)
    return at <= now < at + SENT_WITHIN


async def _undigested(conn: AsyncConnection, place: Place, now: datetime, *, lock: bool = False) -> list[StaffChat]:
    if not _is_time(place, now, clinic.digest_at(place.content)):
        return []
    chats = [one for one in await telling.linked(conn, Permission.SEE_PATIENTS) if not one.blocked]
    if lock:
        # Two processes that look at once: the second waits here, and then sees what the first did.
        ids = sorted(one.staff_id for one in chats)
        await conn.execute(select(staff_member.c.id).where(staff_member.c.id.in_(ids)).order_by("id").with_for_update())
    done = select(staff_digest.c.staff_id).where(staff_digest.c.day == _today(place, now))
    got = set(await conn.scalars(done))
    return [one for one in chats if one.staff_id not in got]


async def _canary_due(conn: AsyncConnection, place: Place, now: datetime, *, lock: bool = False) -> StaffChat | None:
    if not _is_time(place, now, clinic.canary_at(place.content)):
        return None
    query = (
        select(staff_member.c.id, address.c.id.label("address_id"), address.c.channel, address.c.language)
        .join(address, address.c.id == staff_member.c.address_id)
        .where(staff_member.c.canary, staff_member.c.disabled_at.is_(None))
        .order_by(staff_member.c.id)
        .limit(1)
    )
    row = (await conn.execute(query.with_for_update(of=staff_member) if lock else query)).one_or_none()
    sent = select(canary_table.c.id).where(canary_table.c.day == _today(place, now))
    if row is None or await conn.scalar(sent) is not None:
        return None
    return StaffChat(row.id, Chat(row.address_id, row.channel, row.language or "en"))
