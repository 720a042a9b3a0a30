"""Reading what was said, answered and reported: opened rows for the console, the demo and transcripts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.staff.tables import alert_notice, alert_truth, staff_member, staff_notice
from bot.store.tables import alert, alert_report, answer, answer_before, inbound, question
from bot.store.whom import UNREADABLE, opened
from scheduler import outbox
from scheduler.crypto import KeyRing
from scheduler.errors import KeyMissingError
from scheduler.sender import Body, Button
from scheduler.store.statements import among
from scheduler.store.tables import message


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
    picture: bool = False
    """Of ours: whether a picture stands above the text."""


@dataclass(frozen=True, slots=True)
class ReportView:
    """What the same patient wrote further while the case was open."""

    sign: str
    tier: str
    words: str
    """UNREADABLE where no key opens it."""
    created_at: datetime
    readable: bool = True


@dataclass(frozen=True, slots=True)
class StepView:
    """One step of an alert's clock: somebody was told."""

    at: datetime
    """When it arrived, else when it was written."""
    staff: str | None
    """The name of the member; nothing: the patient."""
    what: str
    """alert; of what the patient was told unanswered or waits."""
    state: str
    """Of the message: queued, sending, sent, failed, cancelled, ..."""


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
    """What they wrote or tapped; UNREADABLE where no key opens it."""
    state: str
    """open, acknowledged or closed."""
    created_at: datetime
    readable: bool = True
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    """The name of the member of staff."""
    closed_at: datetime | None = None
    closed_by: str | None = None
    outcome: str | None = None
    """called, seen, false_alarm or transferred."""
    notified_at: datetime | None = None
    """When the first message about it reached somebody."""
    notified_to: str | None = None
    reports: tuple[ReportView, ...] = ()
    """Oldest first."""
    steps: tuple[StepView, ...] = ()
    """What the clock did, oldest first."""

    @property
    def stage(self) -> str:
        """How far it is: open (nobody reached yet), notified, acknowledged or resolved."""
        if self.state == "open":
            return "notified" if self.notified_at else "open"
        return "resolved" if self.state == "closed" else self.state


@dataclass(frozen=True, slots=True)
class QuestionView:
    """A question handed over to the care team, opened."""

    id: int
    address_id: int
    enrolment_id: int | None
    text: str
    """UNREADABLE where no key opens it."""
    language: str
    state: str
    """open, answered or closed."""
    created_at: datetime
    readable: bool = True
    closed_at: datetime | None = None
    closed_by: str | None = None
    """The name of who answered or closed it."""
    message_id: int | None = None
    """The first message of the answer."""


@dataclass(frozen=True, slots=True)
class NoticeView:
    """Something staff should look at that is no alert."""

    id: int
    kind: str
    """link-locked, link-reused or link-forwarded."""
    enrolment_id: int | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much waits for staff: alerts and notices not done with, questions without an answer."""

    alerts: int
    """Open ones, which nobody has acknowledged."""
    acknowledged: int
    questions: int
    notices: int


@dataclass(frozen=True, slots=True)
class AnswerView:
    """One answer to a check-in's question."""

    reminder_id: int
    question: str
    value: str
    """The number, or the id of the choice."""
    corrected: bool
    answered_at: datetime
    before: tuple[str, ...] = ()
    """What it was before it was corrected, oldest first."""


async def chat(conn: AsyncConnection, keys: KeyRing, address_id: int, limit: int = 200) -> list[ChatLine]:
    """The newest lines of a chat, at most `limit` each way, oldest first; reminders not rendered yet are left out.

    A line that no key opens stands there as UNREADABLE.
    """
    rows = await conn.execute(
        select(inbound).where(inbound.c.address_id == address_id).order_by(inbound.c.id.desc()).limit(limit)
    )
    lines = [
        ChatLine(row.id, row.received_at, False, _text_or_not(keys, row.body), (), row.kind, row.state) for row in rows
    ]
    for line in await outbox.transcript(conn, keys, address_id, limit):
        if line.body or not line.readable:
            body = line.body or Body(UNREADABLE)
            known = line.kind, line.state, line.provider_id, body.picture is not None
            lines.append(ChatLine(line.id, line.at, True, body.text, body.buttons, *known))
    return sorted(lines, key=lambda line: (line.at, line.out, line.id))


async def alerts(conn: AsyncConnection, keys: KeyRing) -> list[AlertView]:
    """Every case staff may see, newest first: not those of patients who said no to sharing with the care team."""
    return await _alerts(conn, keys, _alert_rows().order_by(alert.c.id.desc()))


async def alert_list(conn: AsyncConnection, keys: KeyRing, *, closed: int = 50) -> list[AlertView]:
    """Cases in the order staff should take them: open, then acknowledged; emergencies first, then the oldest.

    After them the newest `closed` closed ones.
    """
    urgency = case((alert.c.state == "open", 0), else_=1), case((alert.c.tier == "emergency", 0), else_=1)
    going = _alert_rows().where(alert.c.state != "closed").order_by(*urgency, alert.c.created_at, alert.c.id)
    done = _alert_rows().where(alert.c.state == "closed").order_by(alert.c.closed_at.desc(), alert.c.id.desc())
    return await _alerts(conn, keys, going) + await _alerts(conn, keys, done.limit(closed))


async def alerts_of(conn: AsyncConnection, keys: KeyRing, enrolment_id: int) -> list[AlertView]:
    """One patient's cases, newest first."""
    return await _alerts(
        conn, keys, _alert_rows().where(alert.c.enrolment_id == enrolment_id).order_by(alert.c.id.desc())
    )


async def questions(conn: AsyncConnection, keys: KeyRing) -> list[QuestionView]:
    """Every question handed over, newest first."""
    return await _questions(conn, keys, _question_rows().order_by(question.c.id.desc()))


async def question_list(conn: AsyncConnection, keys: KeyRing, *, closed: int = 50) -> list[QuestionView]:
    """Open questions, oldest first, then the newest `closed` answered or closed ones."""
    going = _question_rows().where(question.c.state == "open").order_by(question.c.created_at, question.c.id)
    done = (
        _question_rows().where(question.c.state != "open").order_by(question.c.closed_at.desc(), question.c.id.desc())
    )
    return await _questions(conn, keys, going) + await _questions(conn, keys, done.limit(closed))


async def questions_of(conn: AsyncConnection, keys: KeyRing, enrolment_id: int) -> list[QuestionView]:
    """One patient's questions, newest first."""
    mine = question.c.enrolment_id == enrolment_id
    return await _questions(conn, keys, _question_rows().where(mine).order_by(question.c.id.desc()))


async def notices(conn: AsyncConnection, enrolment_id: int | None = None) -> list[NoticeView]:
    """Open notices, oldest first; of one patient if `enrolment_id` is given."""
    query = select(staff_notice).where(staff_notice.c.done_at.is_(None)).order_by(staff_notice.c.created_at)
    if enrolment_id is not None:
        query = query.where(staff_notice.c.enrolment_id == enrolment_id)
    return [NoticeView(row.id, row.kind, row.enrolment_id, row.created_at) for row in await conn.execute(query)]


async def waiting(conn: AsyncConnection) -> Waiting:
    """How much waits for staff."""
    rows = await conn.execute(
        select(alert.c.state, func.count()).where(alert.c.shared, alert.c.state != "closed").group_by(alert.c.state)
    )
    states = {row[0]: row[1] for row in rows}
    asked = await conn.scalar(select(func.count()).where(question.c.state == "open"))
    noted = await conn.scalar(select(func.count()).where(staff_notice.c.done_at.is_(None)))
    return Waiting(states.get("open", 0), states.get("acknowledged", 0), asked or 0, noted or 0)


async def answers(conn: AsyncConnection, enrolment_id: int) -> list[AnswerView]:
    """The answers of one enrolment, oldest first."""
    mine = answer.c.enrolment_id == enrolment_id
    rows = await conn.execute(select(answer).where(mine).order_by(answer.c.id))
    earlier: dict[int, list[str]] = {}
    changed = select(answer_before).join(answer, answer.c.id == answer_before.c.answer_id).where(mine)
    for row in await conn.execute(changed.order_by(answer_before.c.id)):
        earlier.setdefault(row.answer_id, []).append(row.value)
    return [
        AnswerView(
            row.reminder_id, row.question, row.value, row.corrected, row.answered_at, tuple(earlier.get(row.id, ()))
        )
        for row in rows
    ]


def seal_text(keys: KeyRing, text: str, data: str | None, reply_to: str | None) -> bytes:
    """What came in, as it is stored."""
    return keys.seal("inbound.body", json.dumps([text, data, reply_to], ensure_ascii=False))


def open_text(keys: KeyRing, blob: bytes) -> str:
    """What they wrote; of a button its label. Raises KeyMissingError."""
    text: str = json.loads(keys.open("inbound.body", blob))[0]
    return text


def _text_or_not(keys: KeyRing, blob: bytes) -> str:
    try:
        return open_text(keys, blob)
    except (KeyMissingError, ValueError):
        return UNREADABLE


_SEEN_BY = staff_member.alias("seen_by")
_CLOSED_BY = staff_member.alias("closed_by")
_REACHED = staff_member.alias("reached")


def _alert_rows() -> Select[Any]:
    return (
        select(
            alert,
            _SEEN_BY.c.name.label("seen_name"),
            _CLOSED_BY.c.name.label("closed_name"),
            _REACHED.c.name.label("reached_name"),
        )
        .outerjoin(_SEEN_BY, _SEEN_BY.c.id == alert.c.acknowledged_by)
        .outerjoin(_CLOSED_BY, _CLOSED_BY.c.id == alert.c.closed_by)
        .outerjoin(_REACHED, _REACHED.c.id == alert.c.notified_to)
        .where(alert.c.shared)
    )


async def _alerts(conn: AsyncConnection, keys: KeyRing, query: Select[Any]) -> list[AlertView]:
    found = []
    rows = (await conn.execute(query)).all()
    reports = await _reports(conn, keys, [row.id for row in rows])
    steps = await _steps(conn, keys, [row.id for row in rows])
    for row in rows:
        words = opened(keys, "alert.words", row.words)
        found.append(
            AlertView(
                id=row.id,
                address_id=row.address_id,
                enrolment_id=row.enrolment_id,
                sign=row.sign,
                tier=row.tier,
                rule=row.rule,
                words=UNREADABLE if words is None else words,
                state=row.state,
                created_at=row.created_at,
                readable=words is not None,
                acknowledged_at=row.acknowledged_at,
                acknowledged_by=_name(keys, row.seen_name),
                closed_at=row.closed_at,
                closed_by=_name(keys, row.closed_name),
                outcome=row.outcome,
                notified_at=row.notified_at,
                notified_to=_name(keys, row.reached_name),
                reports=tuple(reports.get(row.id, ())),
                steps=tuple(steps.get(row.id, ())),
            )
        )
    return found


async def _reports(conn: AsyncConnection, keys: KeyRing, alert_ids: list[int]) -> dict[int, list[ReportView]]:
    found: dict[int, list[ReportView]] = {}
    rows = await conn.execute(
        select(alert_report).where(among(conn, alert_report.c.alert_id, alert_ids)).order_by(alert_report.c.id)
    )
    for row in rows:
        words = opened(keys, "alert_report.words", row.words)
        view = ReportView(row.sign, row.tier, words or UNREADABLE, row.created_at, readable=words is not None)
        found.setdefault(row.alert_id, []).append(view)
    return found


async def _steps(conn: AsyncConnection, keys: KeyRing, alert_ids: list[int]) -> dict[int, list[StepView]]:
    """What the clocks of these alerts did, oldest first."""
    found: dict[int, list[StepView]] = {}
    to_staff = (
        select(alert_notice, message.c.state, message.c.sent_at, staff_member.c.name)
        .join(message, message.c.id == alert_notice.c.message_id)
        .join(staff_member, staff_member.c.id == alert_notice.c.staff_id)
        .where(among(conn, alert_notice.c.alert_id, alert_ids))
    )
    for row in await conn.execute(to_staff):
        view = StepView(row.sent_at or row.created_at, _name(keys, row.name), "alert", row.state)
        found.setdefault(row.alert_id, []).append(view)
    to_patient = (
        select(alert_truth, message.c.state, message.c.sent_at)
        .join(message, message.c.id == alert_truth.c.message_id)
        .where(among(conn, alert_truth.c.alert_id, alert_ids))
    )
    for row in await conn.execute(to_patient):
        view = StepView(row.sent_at or row.created_at, None, row.what, row.state)
        found.setdefault(row.alert_id, []).append(view)
    return {alert_id: sorted(steps, key=lambda step: step.at) for alert_id, steps in found.items()}


def _question_rows() -> Select[Any]:
    return select(question, _CLOSED_BY.c.name.label("closed_name")).outerjoin(
        _CLOSED_BY, _CLOSED_BY.c.id == question.c.closed_by
    )


async def _questions(conn: AsyncConnection, keys: KeyRing, query: Select[Any]) -> list[QuestionView]:
    found = []
    for row in await conn.execute(query):
        text = opened(keys, "question.text", row.text)
        found.append(
            QuestionView(
                id=row.id,
                address_id=row.address_id,
                enrolment_id=row.enrolment_id,
                text=UNREADABLE if text is None else text,
                language=row.language,
                state=row.state,
                created_at=row.created_at,
                readable=text is not None,
                closed_at=row.closed_at,
                closed_by=_name(keys, row.closed_name),
                message_id=row.message_id,
            )
        )
    return found


def _name(keys: KeyRing, blob: bytes | None) -> str | None:
    return None if blob is None else opened(keys, "staff_member.name", blob) or UNREADABLE
