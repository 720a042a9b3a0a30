"""Things staff should look at that are no alerts: what happened to a patient's link, photos that came.

Whoever plays with a link cannot flood staff: of one kind and one enrolment there is at most one open row, and a new one
rings again only an hour after the last.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.staff import telling, trail
from bot.staff.access import Permission
from bot.staff.accounts import Staff
from bot.staff.tables import staff_notice
from bot.staff.telling import Teller
from bot.store.whom import patients
from content.loader import Content
from scheduler.crypto import KeyRing
from scheduler.errors import NotFoundError
from scheduler.policy import STAFF
from scheduler.store.statements import insert_new

KINDS = ("link-locked", "link-reused", "link-forwarded", "photo", "photo-lost")
"""Three wrong second factors; a used link opened in a strange chat; a link opened in another chat than the first; a
photo of the patient's that nobody has seen yet; one that could not be kept."""

QUIET_FOR = timedelta(hours=1)


async def note(
    conn: AsyncConnection,
    keys: KeyRing,
    content: Content,
    kind: str,
    enrolment_id: int,
    now: datetime,
    public_url: str = "",
) -> bool:
    """Put it on staff's list and tell those linked and permitted; False if it stands there already.

    `kind` is one of KINDS, or a routine rule of content/watching.yaml. At night it rings when the quiet hours end.
    """
    same = staff_notice.c.kind == kind, staff_notice.c.enrolment_id == enrolment_id
    lately = await conn.scalar(select(staff_notice.c.id).where(*same, staff_notice.c.created_at > now - QUIET_FOR))
    added = await conn.scalar(
        insert_new(conn, staff_notice)
        .values(kind=kind, enrolment_id=enrolment_id, created_at=now)
        .returning(staff_notice.c.id)
    )
    if added is None:
        return False
    if lately is None:
        await _tell(Teller(conn, keys, content, now), kind, enrolment_id, public_url)
    return True


async def done(conn: AsyncConnection, notice_id: int, staff: Staff, now: datetime) -> None:
    """`staff` has dealt with it; a second time changes nothing. Raises NotFoundError."""
    row = (
        await conn.execute(select(staff_notice).where(staff_notice.c.id == notice_id).with_for_update())
    ).one_or_none()
    if row is None:
        raise NotFoundError("There is no such notice.")
    if row.done_at is None:
        await conn.execute(
            update(staff_notice).where(staff_notice.c.id == notice_id).values(done_at=now, done_by=staff.id)
        )
        detail = {"notice": notice_id, "kind": row.kind}
        await trail.note(conn, trail.actor(staff.id), "notice done", now, row.enrolment_id, **detail)


async def _tell(teller: Teller, kind: str, enrolment_id: int, public_url: str) -> None:
    whom = list((await patients(teller.conn, teller.keys, [enrolment_id])).values())
    rule = teller.content.watching.get(kind)
    # What a rule found is about the patient's health; the rest is about links.
    for one in await telling.linked(teller.conn, Permission.SEE_ALERTS if rule else Permission.ENROL):
        who = teller.who(one.chat, whom)
        if rule is not None:
            text = teller.words(one.chat, "staff-watch", who=who, words=rule.staff[one.chat.language])
        else:
            text = teller.words(one.chat, f"staff-{kind}", who=who)
        buttons = teller.opening(one.chat, public_url, f"/patients/{enrolment_id}")
        await teller.say(one.chat, STAFF, text, buttons, enrolment_id=enrolment_id, can_wait=True)
