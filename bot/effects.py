"""Carries out what a conversation asked for, through the scheduler and our own tables, in the event's transaction."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.conversation import model
from bot.store.tables import alert, answer, audit, feedback, question
from content.loader import Content
from scheduler import enrolments, links, outbox, people
from scheduler.crypto import KeyRing


@dataclass(frozen=True, slots=True)
class Chat:
    """Whose event is being carried out, and in which transaction."""

    conn: AsyncConnection
    keys: KeyRing
    content: Content
    address_id: int
    channel: str
    inbound_id: int
    now: datetime

    @property
    def actor(self) -> str:
        """How the audit trail names this chat."""
        return f"chat:{self.address_id}"


async def carry_out(chat: Chat, effects: Iterable[model.Effect]) -> None:
    """Do `effects` in their order. Raises what the scheduler raises; then the whole transaction must be rolled back."""
    for effect in effects:
        await _DOING[type(effect)](chat, effect)


async def _say(chat: Chat, effect: model.Say) -> None:
    await outbox.put(
        chat.conn,
        chat.keys,
        address_id=chat.address_id,
        channel=chat.channel,
        kind=effect.kind,
        body=effect.body,
        now=chat.now,
        enrolment_id=effect.enrolment_id,
        content_version=chat.content.version,
    )


async def _set_language(chat: Chat, effect: model.SetLanguage) -> None:
    await people.set_chat_language(chat.conn, chat.address_id, effect.language)


async def _stop(chat: Chat, effect: model.Stop) -> None:
    await people.stop(chat.conn, chat.content, chat.address_id, chat.now, effect.how)


async def _start(chat: Chat, effect: model.Start) -> None:
    await people.start(chat.conn, chat.content, chat.address_id, chat.now, effect.language)


async def _pause(chat: Chat, effect: model.Pause) -> None:
    # A new pause replaces one that is running.
    await enrolments.resume(chat.conn, chat.content, effect.enrolment_id, chat.now)
    await enrolments.pause(chat.conn, chat.content, effect.enrolment_id, chat.now, effect.until)


async def _resume(chat: Chat, effect: model.Resume) -> None:
    await enrolments.resume(chat.conn, chat.content, effect.enrolment_id, chat.now)


async def _block(chat: Chat, _effect: model.Block) -> None:
    await people.block(chat.conn, chat.content, chat.address_id, chat.now)


async def _open_link(chat: Chat, effect: model.OpenLink) -> None:
    await links.open_link(chat.conn, effect.link_id, chat.address_id)


async def _wrong_try(chat: Chat, effect: model.WrongTry) -> None:
    await links.wrong_try(chat.conn, effect.link_id)


async def _use_link(chat: Chat, effect: model.UseLink) -> None:
    """Connect this chat; the plan is then written in the language the chat has chosen."""
    await links.use(chat.conn, effect.link_id, chat.now)
    await enrolments.connect(chat.conn, effect.enrolment_id, effect.person_id, chat.address_id, effect.role, chat.now)
    address = await people.open_address(chat.conn, chat.keys, chat.address_id)
    if address.language:
        await people.set_chat_language(chat.conn, chat.address_id, address.language)


async def _agree(chat: Chat, effect: model.Agree) -> None:
    await enrolments.agree(
        chat.conn, chat.content, effect.enrolment_id, effect.person_id, effect.purpose, effect.language, chat.now
    )


async def _withdraw(chat: Chat, effect: model.Withdraw) -> None:
    await enrolments.withdraw(
        chat.conn, chat.content, effect.enrolment_id, effect.person_id, effect.purpose, chat.now, effect.how
    )


async def _change_times(chat: Chat, effect: model.ChangeTimes) -> None:
    chosen = {"morning": effect.morning, "evening": effect.evening}
    values = {name: value for name, value in chosen.items() if value is not None}
    await enrolments.change(chat.conn, chat.content, effect.enrolment_id, chat.now, **values)


async def _record_answer(chat: Chat, effect: model.RecordAnswer) -> None:
    key = answer.c.reminder_id == effect.reminder_id, answer.c.question == effect.question
    values = {"value": effect.value, "answered_at": chat.now, "inbound_id": chat.inbound_id}
    known = await chat.conn.scalar(select(answer.c.id).where(*key))
    if known is None:
        row = {"enrolment_id": effect.enrolment_id, "reminder_id": effect.reminder_id, "question": effect.question}
        await chat.conn.execute(insert(answer).values(**row, **values, corrected=False))
    else:
        await chat.conn.execute(update(answer).where(answer.c.id == known).values(**values, corrected=True))


async def _open_alert(chat: Chat, effect: model.OpenAlert) -> None:
    await chat.conn.execute(
        insert(alert).values(
            address_id=chat.address_id,
            enrolment_id=effect.enrolment_id,
            inbound_id=chat.inbound_id,
            sign=effect.sign,
            tier=effect.tier,
            rule=effect.rule[:120],
            words=chat.keys.seal("alert.words", effect.words),
            shared=effect.shared,
            state="open",
            created_at=chat.now,
        )
    )


async def _hand_over(chat: Chat, effect: model.HandOver) -> None:
    await chat.conn.execute(
        insert(question).values(
            address_id=chat.address_id,
            enrolment_id=effect.enrolment_id,
            inbound_id=chat.inbound_id,
            text=chat.keys.seal("question.text", effect.text),
            language=effect.language,
            state="open",
            created_at=chat.now,
        )
    )


async def _feedback(chat: Chat, effect: model.Feedback) -> None:
    await chat.conn.execute(
        insert(feedback).values(
            address_id=chat.address_id,
            faq=effect.faq,
            helped=effect.helped,
            inbound_id=chat.inbound_id,
            created_at=chat.now,
        )
    )


async def _audit(chat: Chat, effect: model.Audit) -> None:
    await chat.conn.execute(
        insert(audit).values(
            at=chat.now,
            actor=chat.actor,
            action=effect.action,
            enrolment_id=effect.enrolment_id,
            detail=dict(effect.detail),
        )
    )


_DOING: dict[type[Any], Callable[[Chat, Any], Awaitable[None]]] = {
    model.Say: _say,
    model.SetLanguage: _set_language,
    model.Stop: _stop,
    model.Start: _start,
    model.Pause: _pause,
    model.Resume: _resume,
    model.Block: _block,
    model.OpenLink: _open_link,
    model.WrongTry: _wrong_try,
    model.UseLink: _use_link,
    model.Agree: _agree,
    model.Withdraw: _withdraw,
    model.ChangeTimes: _change_times,
    model.RecordAnswer: _record_answer,
    model.OpenAlert: _open_alert,
    model.HandOver: _hand_over,
    model.Feedback: _feedback,
    model.Audit: _audit,
}
