"""What a conversation needs to know in the linked chat of a member of staff. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Table, case, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.staff import accounts, telling
from bot.staff.accounts import Staff
from bot.staff.telling import Chat, Teller
from bot.store.tables import alert, question
from bot.store.whom import HOME_ZONE, about
from content.loader import Content
from scheduler import outbox
from scheduler.crypto import KeyRing
from scheduler.errors import KeyMissingError
from scheduler.store.tables import message

MOST = 10
"""So many open cases are offered to choose from; the console has them all."""


@dataclass(frozen=True, slots=True)
class Item:
    """An open alert or question, in short."""

    id: int
    who: str
    """Whom it is about, in the words of the chat's language."""
    name: str
    """The name alone; of a stranger, what `who` says."""


@dataclass(frozen=True, slots=True)
class Desk:
    """A member of staff in their own linked chat, and what waits there."""

    staff: Staff
    alerts: tuple[Item, ...] = ()
    """Open ones, oldest first."""
    questions: tuple[Item, ...] = ()
    """Open ones, oldest first; before them the one that is spoken of."""
    alert: int | None = None
    """The alert this event is a reply to."""
    question: int | None = None
    """The question this event is a reply to."""
    zone: str = HOME_ZONE
    """The clinic's, in which dates and times are typed."""


async def look(
    conn: AsyncConnection,
    keys: KeyRing,
    content: Content,
    chat: Chat,
    now: datetime,
    *,
    reply_to: str | None = None,
    question_id: int | None = None,
    zone: str = HOME_ZONE,
) -> Desk | None:
    """The desk of whoever this chat is linked to; nothing in the chats of everybody else.

    `question_id`: a question that is spoken of, which is looked up however many wait before it.
    """
    try:
        staff = await accounts.at_address(conn, keys, chat.address_id)
    except KeyMissingError:
        return None
    if staff is None:
        return None
    teller = Teller(conn, keys, content, now)
    about_what = await _replied_to(conn, keys, chat, reply_to)
    asked = about_what.get("answer") or question_id
    first = case((question.c.id == asked, 0), else_=1)
    alerts = _open(alert).where(alert.c.shared).order_by(alert.c.created_at, alert.c.id)
    questions = _open(question).order_by(first, question.c.created_at, question.c.id)
    return Desk(
        staff=staff,
        alerts=await _items(teller, chat, alerts),
        questions=await _items(teller, chat, questions),
        alert=about_what.get("ack"),
        question=about_what.get("answer"),
        zone=zone,
    )


def _open(table: Table) -> Select[Any]:
    return select(table.c.id, table.c.enrolment_id, table.c.address_id).where(table.c.state == "open").limit(MOST)


async def _items(teller: Teller, chat: Chat, query: Select[Any]) -> tuple[Item, ...]:
    found = []
    for row in (await teller.conn.execute(query)).all():
        whom = await about(teller.conn, teller.keys, row.enrolment_id, row.address_id)
        who = teller.who(chat, whom)
        found.append(Item(row.id, who, ", ".join(one.name for one in whom) or who))
    return tuple(found)


async def _replied_to(conn: AsyncConnection, keys: KeyRing, chat: Chat, reply_to: str | None) -> dict[str, int]:
    """What the message that is replied to was about, as its buttons say: `1x:ack:<alert>`, `1x:answer:<question>`."""
    if reply_to is None:
        return {}
    sealed = await conn.scalar(
        select(message.c.body).where(message.c.address_id == chat.address_id, message.c.provider_id == reply_to)
    )
    try:
        buttons = outbox.open_body(keys, sealed).buttons if sealed else ()
    except KeyMissingError:
        return {}
    found: dict[str, int] = {}
    for one in buttons:
        match one.data.split(":"):
            case [telling.PRESS, what, number] if number.isascii() and number.isdigit():
                found.setdefault(what, int(number))
    return found
