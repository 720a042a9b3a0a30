"""A case opened by a red flag: told to staff, acknowledged by one of them, closed with an outcome.

Each function works in the caller's transaction. The patient is told what is true, that somebody has seen the message,
and never that help is on the way.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.staff import ringing, telling, trail
from bot.staff.access import Permission
from bot.staff.accounts import Staff
from bot.staff.reports import Follows, Taken
from bot.staff.ringing import Place
from bot.staff.tables import alert_notice
from bot.staff.telling import Teller
from bot.store.tables import alert
from bot.store.whom import HOME_ZONE, Whom, about, opened
from content.loader import Content
from scheduler.crypto import KeyRing
from scheduler.errors import BadRequestError, NotFoundError
from scheduler.policy import ALERT, STAFF
from scheduler.store.tables import message
from scheduler.store.types import AnyRow

OUTCOMES = ("called", "seen", "false_alarm", "transferred")
"""How a case ends: the patient was called; was seen; it was nothing; somebody else has taken it over."""


async def announce(
    conn: AsyncConnection,
    keys: KeyRing,
    content: Content,
    alert_id: int,
    now: datetime,
    public_url: str = "",
    zone: str = HOME_ZONE,
    *,
    graver: bool = False,
) -> int:
    """Tell those whose turn it is now, as the clock would at its next look; how many.

    Nobody is told of a case its patient does not share, nor whoever wrote it in a staff chat. `graver`: an open case
    became more urgent.
    """
    place = Place(keys, content, zone, public_url)
    above = "staff-alert-graver" if graver else ""
    return await ringing.advance(conn, place, alert_id, now, to_staff_only=True, above=above)


async def announce_more(
    conn: AsyncConnection,
    keys: KeyRing,
    content: Content,
    alert_id: int,
    now: datetime,
    public_url: str = "",
    zone: str = HOME_ZONE,
) -> None:
    """Those who know of the open case are told of another sign of the same patient."""
    await ringing.more(conn, Place(keys, content, zone, public_url), alert_id, now)


async def follow(conn: AsyncConnection, place: Place, taken: Taken, words: str, now: datetime) -> None:
    """Tell staff what has to be told of a report that was taken in; `words`: what was written."""
    case = conn, place.keys, place.content, taken.alert_id
    match taken.follows:
        case Follows.ALERT | Follows.GRAVER | Follows.ANEW:
            graver = taken.follows is Follows.GRAVER
            await announce(*case, now, place.public_url, place.zone, graver=graver)
        case Follows.MORE:
            await announce_more(*case, now, place.public_url, place.zone)
        case Follows.AGAIN:
            await wrote_again(*case, words, now)
        case Follows.NOTHING:
            pass


async def wrote_again(
    conn: AsyncConnection, keys: KeyRing, content: Content, alert_id: int, words: str, now: datetime
) -> None:
    """Whoever has seen the alert gets to know that the patient wrote the same again."""
    row = await _row(conn, alert_id, lock=False)
    whom = await about(conn, keys, row.enrolment_id, row.address_id)
    teller = Teller(conn, keys, content, now)
    for one in await telling.linked(conn, Permission.SEE_ALERTS):
        if one.staff_id == row.acknowledged_by:
            who, time, phone = teller.who(one.chat, whom), telling.clock(now, whom), teller.phones(one.chat, whom)
            facts = {"who": who, "time": time, "words": telling.quoted(words), "phone": phone}
            text = teller.words(one.chat, "staff-wrote-again", **facts)
            await teller.say(one.chat, ALERT, text, enrolment_id=row.enrolment_id)


async def acknowledge(
    conn: AsyncConnection, keys: KeyRing, content: Content, alert_id: int, staff: Staff, now: datetime
) -> bool:
    """`staff` has seen it: the patient and the other members who were told get to know. False if somebody was first.

    Raises NotFoundError, also for a case that is not shared.
    """
    row = await _row(conn, alert_id)
    if row.state != "open":
        return False
    await conn.execute(
        update(alert)
        .where(alert.c.id == alert_id)
        .values(
            state="acknowledged",
            acknowledged_at=now,
            acknowledged_by=staff.id,
            notified_at=row.notified_at or now,
            notified_to=row.notified_to or staff.id,
            due_at=None,
        )
    )
    await ringing.call_back(conn, alert_id, ringing.TAKEN)
    whom = await about(conn, keys, row.enrolment_id, row.address_id)
    teller = Teller(conn, keys, content, now)
    await _tell_patient(teller, row, whom, staff)
    await _tell_others(teller, row, whom, staff)
    await trail.note(conn, trail.actor(staff.id), "alert acknowledged", now, row.enrolment_id, alert=alert_id)
    return True


async def close(
    conn: AsyncConnection, keys: KeyRing, content: Content, alert_id: int, staff: Staff, outcome: str, now: datetime
) -> None:
    """The case is done with; `outcome` is one of OUTCOMES. One that nobody has acknowledged is acknowledged by this.

    Closing again with the same outcome changes nothing. Raises BadRequestError, NotFoundError.
    """
    if outcome not in OUTCOMES:
        raise BadRequestError("Choose how it ended: called, seen, false alarm or transferred.")
    await acknowledge(conn, keys, content, alert_id, staff, now)
    row = await _row(conn, alert_id)
    if row.state == "closed":
        if row.outcome != outcome:
            raise BadRequestError("This alert is closed already, with another outcome.")
        return
    await conn.execute(
        update(alert)
        .where(alert.c.id == alert_id)
        .values(state="closed", closed_at=now, closed_by=staff.id, outcome=outcome)
    )
    by = trail.actor(staff.id)
    await trail.note(conn, by, "alert closed", now, row.enrolment_id, alert=alert_id, outcome=outcome)


async def _row(conn: AsyncConnection, alert_id: int, *, lock: bool = True) -> AnyRow:
    """The case, locked until the transaction ends: of two who press at once, one is first."""
    query = select(alert).where(alert.c.id == alert_id)
    row = (await conn.execute(query.with_for_update() if lock else query)).one_or_none()
    if row is None or (lock and not row.shared):
        raise NotFoundError("There is no such alert.")
    return row


async def _tell_patient(teller: Teller, row: AnyRow, whom: Sequence[Whom], staff: Staff) -> None:
    written = opened(teller.keys, "alert.words", row.words)
    for address_id in await ringing.reporters(teller.conn, row):
        chat = await telling.chat_at(teller.conn, address_id, telling.spoken(whom, written))
        text = teller.words(chat, "alert-seen", staff=staff.name, time=telling.clock(teller.now, whom))
        await teller.say(chat, STAFF, text, enrolment_id=row.enrolment_id)


async def _tell_others(teller: Teller, row: AnyRow, whom: Sequence[Whom], staff: Staff) -> None:
    query = (
        select(alert_notice.c.staff_id)
        .join(message, message.c.id == alert_notice.c.message_id)
        # Who never got the alert need not hear that it is over.
        .where(alert_notice.c.alert_id == row.id, message.c.state != "cancelled")
    )
    told = set(await teller.conn.scalars(query))
    time = telling.clock(teller.now, whom)
    for one in await telling.linked(teller.conn, Permission.SEE_ALERTS):
        if one.staff_id in told and one.staff_id != staff.id:
            who = teller.who(one.chat, whom)
            text = teller.words(one.chat, "staff-alert-taken", staff=staff.name, time=time, who=who)
            await teller.say(one.chat, STAFF, text, enrolment_id=row.enrolment_id)
