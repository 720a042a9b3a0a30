"""Carries out what a conversation asked for, through the scheduler and our own tables, in the event's transaction."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import insert, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.conversation import wishes
from bot.pictures import photos
from bot.staff import alerts, chats, clinic, confirming, looking, newcomers, notices, questions, reports, telling
from bot.staff.reports import Report
from bot.staff.ringing import Place
from bot.staff.telling import LONGEST
from bot.store.tables import answer, answer_before, audit, conversation, feedback, question
from bot.store.whom import HOME_ZONE
from content.loader import Content
from scheduler import doses, enrolments, links, outbox, people, reminders
from scheduler.crypto import KeyRing
from scheduler.splitting import split
from scheduler.store.statements import insert_one

log = structlog.get_logger(__name__)


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
    public_url: str = ""
    """Where staff reach the console from a phone; empty if nowhere."""
    zone: str = HOME_ZONE
    """The clinic's, for its rota and quiet hours."""

    @property
    def actor(self) -> str:
        """How the audit trail names this chat."""
        return f"chat:{self.address_id}"


async def carry_out(chat: Chat, effects: Iterable[wishes.Effect]) -> None:
    """Do `effects` in their order. Raises what the scheduler raises; then the whole transaction must be rolled back."""
    for effect in effects:
        await _DOING[type(effect)](chat, effect)


async def _say(chat: Chat, effect: wishes.Say) -> None:
    """In as many messages as the text needs; a channel sends the messages of a chat in the order of their rows."""
    for body in split(effect.body, LONGEST):
        await outbox.put(
            chat.conn,
            chat.keys,
            address_id=chat.address_id,
            channel=chat.channel,
            kind=effect.kind,
            body=body,
            now=chat.now,
            enrolment_id=effect.enrolment_id,
            content_version=chat.content.version,
        )


async def _set_language(chat: Chat, effect: wishes.SetLanguage) -> None:
    await people.set_chat_language(chat.conn, chat.address_id, effect.language)


async def _stop(chat: Chat, effect: wishes.Stop) -> None:
    await people.stop(chat.conn, chat.content, chat.address_id, chat.now, effect.how)


async def _start(chat: Chat, effect: wishes.Start) -> None:
    await people.start(chat.conn, chat.content, chat.address_id, chat.now, effect.language)


async def _pause(chat: Chat, effect: wishes.Pause) -> None:
    # A new pause replaces one that is running.
    await enrolments.resume(chat.conn, chat.content, effect.enrolment_id, chat.now)
    await enrolments.pause(chat.conn, chat.content, effect.enrolment_id, chat.now, effect.until)


async def _resume(chat: Chat, effect: wishes.Resume) -> None:
    await enrolments.resume(chat.conn, chat.content, effect.enrolment_id, chat.now)


async def _block(chat: Chat, _effect: wishes.Block) -> None:
    await people.block(chat.conn, chat.content, chat.address_id, chat.now)


async def _open_link(chat: Chat, effect: wishes.OpenLink) -> None:
    await links.open_link(chat.conn, effect.link_id, chat.address_id)


async def _wrong_try(chat: Chat, effect: wishes.WrongTry) -> None:
    await links.wrong_try(chat.conn, effect.link_id)


async def _use_link(chat: Chat, effect: wishes.UseLink) -> None:
    """Connect this chat; the plan is then written in the language the chat has chosen."""
    await links.use(chat.conn, effect.link_id, chat.now)
    await enrolments.connect(chat.conn, effect.enrolment_id, effect.person_id, chat.address_id, effect.role, chat.now)
    address = await people.open_address(chat.conn, chat.keys, chat.address_id)
    if address.language:
        await people.set_chat_language(chat.conn, chat.address_id, address.language)


async def _agree(chat: Chat, effect: wishes.Agree) -> None:
    await enrolments.agree(
        chat.conn, chat.content, effect.enrolment_id, effect.person_id, effect.purpose, effect.language, chat.now
    )


async def _withdraw(chat: Chat, effect: wishes.Withdraw) -> None:
    await enrolments.withdraw(
        chat.conn, chat.content, effect.enrolment_id, effect.person_id, effect.purpose, chat.now, effect.how
    )


async def _change_times(chat: Chat, effect: wishes.ChangeTimes) -> None:
    chosen = {"morning": effect.morning, "evening": effect.evening}
    values = {name: value for name, value in chosen.items() if value is not None}
    await enrolments.change(chat.conn, chat.content, effect.enrolment_id, chat.now, **values)


async def _record_answer(chat: Chat, effect: wishes.RecordAnswer) -> None:
    key = answer.c.reminder_id == effect.reminder_id, answer.c.question == effect.question
    values = {"value": effect.value, "answered_at": chat.now, "inbound_id": chat.inbound_id}
    known = (await chat.conn.execute(select(answer).where(*key))).one_or_none()
    if known is None:
        row = {"enrolment_id": effect.enrolment_id, "reminder_id": effect.reminder_id, "question": effect.question}
        await chat.conn.execute(insert(answer).values(**row, **values, corrected=False))
        return
    before = {"value": known.value, "answered_at": known.answered_at, "inbound_id": known.inbound_id}
    await chat.conn.execute(insert(answer_before).values(answer_id=known.id, **before))
    await chat.conn.execute(update(answer).where(answer.c.id == known.id).values(**values, corrected=True))


async def _note_dose(chat: Chat, effect: wishes.NoteDose) -> None:
    before = (await doses.last(chat.conn, effect.enrolment_id)).get((effect.enrolment_id, effect.occurrence))
    await doses.say(chat.conn, effect.enrolment_id, effect.occurrence, effect.said, chat.now, effect.again_at)
    if doses.LATER in (effect.said, before.said if before else None):
        # Only then does the plan change: one reminder comes back, or does not come back any more.
        await reminders.replan(chat.conn, chat.content, effect.enrolment_id, chat.now)


async def _open_alert(chat: Chat, effect: wishes.OpenAlert) -> None:
    taken = await reports.take(chat.conn, chat.keys, _report(chat, effect), clinic.same_words(chat.content), chat.now)
    # Reported outright, so nobody waits for a yes any more.
    await confirming.settle(chat.conn, chat.address_id, effect.sign, "yes", chat.now)
    async with _apart(chat, "alert"):
        place = Place(chat.keys, chat.content, chat.zone, chat.public_url)
        await alerts.follow(chat.conn, place, taken, effect.words, chat.now)


async def _ask_confirm(chat: Chat, effect: wishes.AskConfirm) -> None:
    await confirming.ask(chat.conn, chat.keys, chat.content, _report(chat, effect), chat.now)


async def _settle_confirm(chat: Chat, effect: wishes.SettleConfirm) -> None:
    await confirming.settle(chat.conn, chat.address_id, effect.sign, effect.answer, chat.now)


def _report(chat: Chat, effect: wishes.OpenAlert | wishes.AskConfirm) -> Report:
    return Report(
        address_id=chat.address_id,
        enrolment_id=effect.enrolment_id,
        inbound_id=chat.inbound_id,
        sign=effect.sign,
        tier=effect.tier,
        rule=effect.rule,
        words=effect.words,
        shared=effect.shared,
    )


async def _hand_over(chat: Chat, effect: wishes.HandOver) -> None:
    question_id = await insert_one(
        chat.conn,
        question,
        address_id=chat.address_id,
        enrolment_id=effect.enrolment_id,
        inbound_id=chat.inbound_id,
        text=chat.keys.seal("question.text", effect.text),
        language=effect.language,
        state="open",
        created_at=chat.now,
    )
    async with _apart(chat, "question"):
        await questions.announce(chat.conn, chat.keys, chat.content, question_id, chat.now, chat.public_url)


async def _keep_photo(chat: Chat, effect: wishes.KeepPhoto) -> None:
    await photos.take(
        chat.conn,
        chat.keys,
        inbound_id=chat.inbound_id,
        address_id=chat.address_id,
        enrolment_id=effect.enrolment_id,
        source=effect.source,
        now=chat.now,
    )


async def _tell_staff(chat: Chat, effect: wishes.TellStaff) -> None:
    async with _apart(chat, "notice"):
        await notices.note(
            chat.conn, chat.keys, chat.content, effect.kind, effect.enrolment_id, chat.now, chat.public_url
        )


@asynccontextmanager
async def _apart(chat: Chat, what: str) -> AsyncIterator[None]:
    """Telling staff: undone and logged if it fails, because the patient's reply must leave whatever is wrong with it.

    The case itself stays, and the console shows it. Errors of the database are raised: they are nobody's own.
    """
    try:
        async with chat.conn.begin_nested():
            yield
    except SQLAlchemyError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, the patient comes first
        log.error("staff_not_told", what=what, inbound_id=chat.inbound_id, error=type(error).__name__)


async def _hand_back(chat: Chat, _effect: wishes.HandBack) -> None:
    await chat.conn.execute(
        update(conversation).where(conversation.c.address_id == chat.address_id).values(human_until=None)
    )


async def _link_staff(chat: Chat, effect: wishes.LinkStaff) -> None:
    await chats.link(await _here(chat), effect.code)


async def _unlink_staff(chat: Chat, _effect: wishes.UnlinkStaff) -> None:
    await chats.unlink(await _here(chat))


async def _acknowledge(chat: Chat, effect: wishes.Acknowledge) -> None:
    await chats.acknowledge(await _here(chat), effect.alert_id)


async def _close_alert(chat: Chat, effect: wishes.CloseAlert) -> None:
    await chats.close(await _here(chat), effect.alert_id, effect.outcome)


async def _answer_question(chat: Chat, effect: wishes.AnswerQuestion) -> None:
    await chats.answer(await _here(chat), effect.question_id, effect.text)


async def _show_day(chat: Chat, _effect: wishes.ShowDay) -> None:
    await chats.today(await _here(chat))


async def _enrol(chat: Chat, effect: wishes.Enrol) -> None:
    await newcomers.enrol(await _here(chat), effect.asked, effect.nonce, effect.mark, another=effect.another)


async def _find_patient(chat: Chat, effect: wishes.FindPatient) -> None:
    await looking.find(await _here(chat), effect.words)


async def _show_patient(chat: Chat, effect: wishes.ShowPatient) -> None:
    await looking.show(await _here(chat), effect.enrolment_id)


async def _here(chat: Chat) -> chats.Here:
    there = await telling.chat_at(chat.conn, chat.address_id)
    return chats.Here(telling.Teller(chat.conn, chat.keys, chat.content, chat.now), there, chat.public_url)


async def _feedback(chat: Chat, effect: wishes.Feedback) -> None:
    await chat.conn.execute(
        insert(feedback).values(
            address_id=chat.address_id,
            faq=effect.faq,
            helped=effect.helped,
            inbound_id=chat.inbound_id,
            created_at=chat.now,
        )
    )


async def _audit(chat: Chat, effect: wishes.Audit) -> None:
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
    wishes.Say: _say,
    wishes.SetLanguage: _set_language,
    wishes.Stop: _stop,
    wishes.Start: _start,
    wishes.Pause: _pause,
    wishes.Resume: _resume,
    wishes.Block: _block,
    wishes.OpenLink: _open_link,
    wishes.WrongTry: _wrong_try,
    wishes.UseLink: _use_link,
    wishes.Agree: _agree,
    wishes.Withdraw: _withdraw,
    wishes.ChangeTimes: _change_times,
    wishes.RecordAnswer: _record_answer,
    wishes.NoteDose: _note_dose,
    wishes.OpenAlert: _open_alert,
    wishes.AskConfirm: _ask_confirm,
    wishes.SettleConfirm: _settle_confirm,
    wishes.HandOver: _hand_over,
    wishes.KeepPhoto: _keep_photo,
    wishes.HandBack: _hand_back,
    wishes.TellStaff: _tell_staff,
    wishes.LinkStaff: _link_staff,
    wishes.UnlinkStaff: _unlink_staff,
    wishes.Acknowledge: _acknowledge,
    wishes.CloseAlert: _close_alert,
    wishes.AnswerQuestion: _answer_question,
    wishes.ShowDay: _show_day,
    wishes.Enrol: _enrol,
    wishes.FindPatient: _find_patient,
    wishes.ShowPatient: _show_patient,
    wishes.Feedback: _feedback,
    wishes.Audit: _audit,
}
