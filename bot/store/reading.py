"""Reading what was said, answered and reported: opened rows for the console, the demo and transcripts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.tables import alert, answer, inbound, question
from scheduler import outbox
from scheduler.crypto import KeyRing
from scheduler.sender import Button


@dataclass(frozen=True, slots=True)
class ChatLine:
    """One line of a chat, either way."""

    id: int
    """Of the message or the inbound event; unique together with `out`."""
    at: datetime
    out: bool
    """Whether we said it."""
    text: str
    buttons: tuple[Button, ...]
    kind: str
    """Of ours the class of the message; of theirs what came in (text, button, photo, ...)."""
    state: str
    """Of ours the message's state; of theirs handled or quarantined."""
    provider_id: str | None = None
    """Of ours the provider's id, which an answer names."""


@dataclass(frozen=True, slots=True)
class AlertView:
    """A case opened by a red flag, opened."""

    id: int
    address_id: int
    enrolment_id: int | None
    sign: str
    tier: str
    rule: str
    words: str
    state: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class QuestionView:
    """A question handed over to the care team, opened."""

    id: int
    address_id: int
    enrolment_id: int | None
    text: str
    language: str
    state: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class AnswerView:
    """One answer to a check-in's question."""

    reminder_id: int
    question: str
    value: str
    """The number, or the id of the choice."""
    corrected: bool
    answered_at: datetime


async def chat(conn: AsyncConnection, keys: KeyRing, address_id: int, limit: int = 200) -> list[ChatLine]:
    """The newest lines of a chat, at most `limit` each way, oldest first; reminders not rendered yet are left out."""
    rows = await conn.execute(
        select(inbound).where(inbound.c.address_id == address_id).order_by(inbound.c.id.desc()).limit(limit)
    )
    lines = [
        ChatLine(row.id, row.received_at, False, open_text(keys, row.body), (), row.kind, row.state) for row in rows
    ]
    lines += [
        ChatLine(line.id, line.at, True, line.body.text, line.body.buttons, line.kind, line.state, line.provider_id)
        for line in await outbox.transcript(conn, keys, address_id, limit)
        if line.body
    ]
    return sorted(lines, key=lambda line: (line.at, line.out, line.id))


async def alerts(conn: AsyncConnection, keys: KeyRing) -> list[AlertView]:
    """Every case staff may see, newest first: not those of patients who said no to sharing with the care team."""
    rows = await conn.execute(select(alert).where(alert.c.shared).order_by(alert.c.id.desc()))
    return [
        AlertView(
            row.id,
            row.address_id,
            row.enrolment_id,
            row.sign,
            row.tier,
            row.rule,
            keys.open("alert.words", row.words),
            row.state,
            row.created_at,
        )
        for row in rows
    ]


async def questions(conn: AsyncConnection, keys: KeyRing) -> list[QuestionView]:
    """Every question handed over, newest first."""
    rows = await conn.execute(select(question).order_by(question.c.id.desc()))
    return [
        QuestionView(
            row.id,
            row.address_id,
            row.enrolment_id,
            keys.open("question.text", row.text),
            row.language,
            row.state,
            row.created_at,
        )
        for row in rows
    ]


async def answers(conn: AsyncConnection, enrolment_id: int) -> list[AnswerView]:
    """The answers of one enrolment, oldest first."""
    rows = await conn.execute(select(answer).where(answer.c.enrolment_id == enrolment_id).order_by(answer.c.id))
    return [AnswerView(row.reminder_id, row.question, row.value, row.corrected, row.answered_at) for row in rows]


def seal_text(keys: KeyRing, text: str, data: str | None, reply_to: str | None) -> bytes:
    """What came in, as it is stored."""
    return keys.seal("inbound.body", json.dumps([text, data, reply_to], ensure_ascii=False))


def open_text(keys: KeyRing, blob: bytes) -> str:
    """What they wrote; of a button its label."""
    text: str = json.loads(keys.open("inbound.body", blob))[0]
    return text
