"""Questions handed over to the care team: told to staff, answered by one of them through the bot, or closed.

Each function works in the caller's transaction.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.staff import telling, trail
from bot.staff.access import Permission
from bot.staff.accounts import Staff
from bot.staff.telling import Chat, Teller
from bot.store.tables import conversation, question
from bot.store.whom import about, followed_at, opened
from content.loader import Content
from scheduler.crypto import KeyRing
from scheduler.errors import BadRequestError, NotFoundError
from scheduler.policy import STAFF
from scheduler.rendering import ABOUT, first_name
from scheduler.store.types import AnyRow

LONGEST_ANSWER = 6000
"""Letters of an answer; it may take two messages."""

ANNOUNCED_AN_HOUR = 10
"""So many questions of one chat ring at staff in an hour; the rest waits in the console, unlost."""


async def announce(
    conn: AsyncConnection, keys: KeyRing, content: Content, question_id: int, now: datetime, public_url: str = ""
) -> int:
    """Tell every linked, permitted member of staff; how many. At night it rings when the quiet hours end.

    Raises NotFoundError.
    """
    row = await _row(conn, question_id)
    everybody = await telling.linked(conn, Permission.ANSWER_QUESTIONS)
    chats = [one.chat for one in everybody if one.chat.address_id != row.address_id]
    if not chats:
        return 0
    lately = await conn.scalar(
        select(func.count()).where(
            question.c.address_id == row.address_id, question.c.created_at > now - timedelta(hours=1)
        )
    )
    if (lately or 0) > ANNOUNCED_AN_HOUR:
        return 0
    whom = await about(conn, keys, row.enrolment_id, row.address_id)
    teller = Teller(conn, keys, content, now)
    for chat in chats:
        text = teller.words(
            chat,
            "staff-question",
            who=teller.who(chat, whom),
            time=telling.clock(row.created_at, whom),
            words=telling.quoted(opened(keys, "question.text", row.text)),
        )
        buttons = (
            teller.button(chat, "answer", "answer", question_id),
            *teller.opening(chat, public_url, f"/questions#q{question_id}"),
        )
        await teller.say(chat, STAFF, text, buttons, enrolment_id=row.enrolment_id, can_wait=True)
    return len(chats)


async def answer(
    conn: AsyncConnection, keys: KeyRing, content: Content, question_id: int, staff: Staff, text: str, now: datetime
) -> None:
    """Send `text` to whoever asked, under the name of `staff`; the chat is theirs for the clinic's `human_minutes`.

    Raises BadRequestError for an empty or endless text, and if the question is no longer open; NotFoundError.
    """
    text = text.strip()
    if not text:
        raise BadRequestError("Write the answer first.")
    if len(text) > LONGEST_ANSWER:
        raise BadRequestError(f"The answer is too long: at most {LONGEST_ANSWER} letters.")
    row = await _still_open(conn, question_id)
    chat = await telling.chat_at(conn, row.address_id, row.language)
    teller = Teller(conn, keys, content, now)
    said = await _as_said(teller, chat, row, staff, text)
    ids = await teller.say(chat, STAFF, said, enrolment_id=row.enrolment_id)
    await conn.execute(
        update(question)
        .where(question.c.id == question_id)
        .values(state="answered", closed_at=now, closed_by=staff.id, message_id=ids[0])
    )
    await conn.execute(
        update(conversation)
        .where(conversation.c.address_id == row.address_id)
        .values(human_until=now + human_time(content))
    )
    await trail.note(conn, trail.actor(staff.id), "question answered", now, row.enrolment_id, question=question_id)


async def close(conn: AsyncConnection, question_id: int, staff: Staff, now: datetime) -> None:
    """It needs no answer here. Raises BadRequestError if it is no longer open, NotFoundError."""
    row = await _still_open(conn, question_id)
    await conn.execute(
        update(question).where(question.c.id == question_id).values(state="closed", closed_at=now, closed_by=staff.id)
    )
    await trail.note(conn, trail.actor(staff.id), "question closed", now, row.enrolment_id, question=question_id)


def human_time(content: Content) -> timedelta:
    """How long a chat is a person's after they answered in it (setting `human_minutes` of the clinic)."""
    return timedelta(minutes=int(content.clinic["human_minutes"]))


async def _as_said(teller: Teller, chat: Chat, row: AnyRow, staff: Staff, text: str) -> str:
    """The answer as the patient reads it: about whom, on a shared phone; who speaks; and who reads what comes next."""
    here = await followed_at(teller.conn, teller.keys, row.address_id)
    mine = next((one for one in here if one.enrolment_id == row.enrolment_id), None)
    first = teller.words(chat, ABOUT, name=first_name(mine.name)) if mine and len(here) > 1 else None
    said = teller.words(chat, "staff-answer", staff=staff.name, words=text)
    return "\n\n".join(filter(None, (first, said, teller.words(chat, "human-has-it"))))


async def _still_open(conn: AsyncConnection, question_id: int) -> AnyRow:
    """The question, locked: of two who answer at once, one does. Raises BadRequestError, NotFoundError."""
    row = await _row(conn, question_id, lock=True)
    if row.state != "open":
        done = "answered" if row.state == "answered" else "closed"
        raise BadRequestError(f"This question was {done} already.")
    return row


async def _row(conn: AsyncConnection, question_id: int, *, lock: bool = False) -> AnyRow:
    query = select(question).where(question.c.id == question_id)
    row = (await conn.execute(query.with_for_update() if lock else query)).one_or_none()
    if row is None:
        raise NotFoundError("There is no such question.")
    return row
