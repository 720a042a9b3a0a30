"""Everything one patient's page shows, read in one transaction and put into words. Changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.bootstrap import App
from bot.pictures.photos import of_patient
from bot.staff import accounts, medicines, patients
from bot.store import reading
from bot.store.tables import audit
from bot.store.whom import UNREADABLE, opened
from bot.watching import sign_of
from bot.web import page
from bot.web.console import planning
from bot.web.console.cases import spaced
from bot.web.console.doses import dose_facts
from bot.web.console.photos import PhotoView, photo_views
from bot.web.console.planning import PlanView
from bot.web.console.roster import LANGUAGES, agreed, facts_of, procedure
from bot.web.labels import MONTHS
from bot.web.page import Fact, Trend
from bot.web.states import Standing, counted, moment, near_moment, standing, standing_words
from bot.web.surgeries import consent_facts, scale_values, trends_of, value_words
from content.loader import Content
from scheduler import consents
from scheduler.crypto import KeyRing
from scheduler.errors import NotFoundError
from scheduler.rendering import first_name
from scheduler.store.tables import address, enrolment, medicine_time, person, recipient
from scheduler.store.types import AnyRow

NAMELESS = "Unreadable name"
MOST_LINES = 150
"""Of the chat, each way; MOST_TRACES of the audit trail."""
MOST_TRACES = 60


@dataclass(frozen=True, slots=True)
class Said:
    """One line of the conversation."""

    key: str
    mine: bool
    """The patient's own."""
    text: str
    """Empty for an attachment."""
    at: datetime
    note: str
    """What is special about it: 'Photo', 'Could not be sent'."""
    readable: bool = True


@dataclass(frozen=True, slots=True)
class SaidDay:
    """The lines of one local day."""

    label: str
    lines: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer to one question of a check-in."""

    at: str
    question: str
    value: str
    high: bool
    """It reported a sign."""
    corrected: str
    """What it was before it was corrected, in words; empty if it was not."""


@dataclass(frozen=True, slots=True)
class Trace:
    """One line of the audit trail."""

    at: str
    who: str
    what: str


@dataclass(frozen=True, slots=True)
class Record:
    """One patient."""

    id: int
    name: str
    readable: bool
    procedure: str
    day: int
    surgery_on: date
    surgery_time: time | None
    discharge_on: date | None
    language: str
    """en or hi."""
    language_words: str
    phone: str
    """As a link dials it; empty if there is none."""
    phone_words: str
    standing: Standing
    standing_words: str
    sharing: bool
    chat_shown: bool
    """Everybody who reads in this chat agreed to share: the conversation may be shown."""
    connected: bool
    readers: int
    """How many patients are followed in this patient's chat."""
    facts: tuple[Fact, ...]
    alerts: tuple[reading.AlertView, ...]
    questions: tuple[reading.QuestionView, ...]
    notices: tuple[reading.NoticeView, ...]
    plan: PlanView
    days: tuple[SaidDay, ...]
    trends: tuple[Trend, ...]
    answers: tuple[Answered, ...]
    consents: tuple[Fact, ...]
    medicine: tuple[Fact, ...]
    doses: tuple[Fact, ...]
    """What was said about the medicine times that came, a line a day."""
    medicine_lines: str
    """The same as staff type them."""
    medicine_at_night: bool
    """The patient agreed to be reminded inside the quiet hours."""
    photos: tuple[PhotoView, ...]
    """None where the conversation is not shown either."""
    traces: tuple[Trace, ...]
    zone: str
    now: datetime
    """Local."""


async def record(app: App, conn: AsyncConnection, enrolment_id: int) -> Record:
    """The patient of an enrolment. Raises NotFoundError."""
    keys, content, now = app.store.keys, app.content, app.clock.now()
    row = await _row(conn, enrolment_id)
    name = opened(keys, "person.name", row.name)
    facts = facts_of(row)
    sharing = bool(row.sharing)
    readers = await _readers(conn, row.address_id, enrolment_id)
    chat_shown = sharing and all(readers.values())
    phone = opened(keys, "person.phone", row.phone) or ""
    answers = await reading.answers(conn, enrolment_id) if sharing else []
    medicine = await patients.medicine_of(conn, keys, enrolment_id)
    return Record(
        id=row.id,
        name=name or f"{NAMELESS} (record {row.id})",
        readable=name is not None,
        procedure=procedure(content, row.journey),
        day=(page.local(now, row.zone).date() - row.surgery_on).days,
        surgery_on=row.surgery_on,
        surgery_time=row.surgery_time,
        discharge_on=row.discharge_on,
        language=row.language,
        language_words=LANGUAGES.get(row.language, row.language),
        phone=phone,
        phone_words=spaced(phone),
        standing=standing(facts),
        standing_words=standing_words(facts),
        sharing=sharing,
        chat_shown=chat_shown,
        connected=row.address_id is not None,
        readers=len(readers),
        facts=_facts(keys, row),
        alerts=tuple(await reading.alerts_of(conn, keys, enrolment_id)),
        questions=tuple(await reading.questions_of(conn, keys, enrolment_id)),
        notices=tuple(await reading.notices(conn, enrolment_id)),
        plan=await planning.plan(conn, keys, content, row, name or "", now, shared=len(readers) > 1),
        days=await _said(conn, keys, row, now) if chat_shown and row.address_id is not None else (),
        trends=trends_of(scale_values(content, answers, row.zone)),
        answers=_answered(content, answers, row, name or ""),
        consents=consent_facts(await consents.history(conn, enrolment_id), row.zone),
        medicine=await _medicine(conn, keys, enrolment_id),
        doses=await dose_facts(conn, enrolment_id, row.zone, now) if sharing else (),
        medicine_lines=medicines.write(medicine),
        medicine_at_night=any(one.at_night for one in medicine),
        photos=photo_views(await of_patient(conn, enrolment_id), now, row.zone) if chat_shown else (),
        traces=await _traces(conn, keys, enrolment_id, row.zone, now),
        zone=row.zone,
        now=page.local(now, row.zone),
    )


async def shares_chat(conn: AsyncConnection, enrolment_id: int) -> bool:
    """Whether the patient, and everybody who reads on the same phone, agreed to share. Raises NotFoundError."""
    row = await _row(conn, enrolment_id)
    return bool(row.sharing) and all((await _readers(conn, row.address_id, enrolment_id)).values())


async def _row(conn: AsyncConnection, enrolment_id: int) -> AnyRow:
    mine = (recipient.c.enrolment_id == enrolment.c.id) & recipient.c.until.is_(None) & (recipient.c.role == "patient")
    row = (
        await conn.execute(
            select(
                enrolment,
                person.c.name,
                person.c.phone,
                person.c.year_of_birth,
                address.c.id.label("address_id"),
                address.c.stopped_at,
                address.c.blocked_at,
                address.c.channel,
                agreed(consents.REMINDERS).label("agreed"),
                agreed(consents.SHARING).label("sharing"),
            )
            .join(person, person.c.id == enrolment.c.person_id)
            .outerjoin(recipient, mine)
            .outerjoin(address, address.c.id == recipient.c.address_id)
            .where(enrolment.c.id == enrolment_id)
        )
    ).one_or_none()
    if row is None:
        raise NotFoundError("There is no such patient.")
    return row


async def _readers(conn: AsyncConnection, address_id: int | None, enrolment_id: int) -> Mapping[int, bool]:
    """Whose plans are read in this chat, and whether they agreed to share."""
    if address_id is None:
        return {}
    rows = await conn.execute(
        select(enrolment.c.id, agreed(consents.SHARING).label("sharing"))
        .join(recipient, recipient.c.enrolment_id == enrolment.c.id)
        .where(recipient.c.address_id == address_id, recipient.c.until.is_(None))
        .where((enrolment.c.state != "ended") | (enrolment.c.id == enrolment_id))
    )
    return {row.id: bool(row.sharing) for row in rows}


def _facts(keys: KeyRing, row: AnyRow) -> tuple[Fact, ...]:
    surgery = page.date_words(row.surgery_on) + (
        f" {page.clock_words_of(row.surgery_time)}" if row.surgery_time else ""
    )
    facts = [
        Fact("Surgery", surgery),
        Fact("Discharge", page.date_words(row.discharge_on) if row.discharge_on else "Not known yet"),
        Fact("Morning and evening", f"{row.morning:%H:%M} and {row.evening:%H:%M}"),
        Fact("Enrolled", moment(row.created_at, row.zone)),
    ]
    if year := opened(keys, "person.year_of_birth", row.year_of_birth):
        facts.append(Fact("Born", year))
    if row.joined_at:
        facts.append(Fact("Agreed", moment(row.joined_at, row.zone)))
    if row.channel:
        facts.append(Fact("Reads on", row.channel.capitalize()))
    return tuple(facts)


async def _said(conn: AsyncConnection, keys: KeyRing, row: AnyRow, now: datetime) -> tuple[SaidDay, ...]:
    lines = [
        Said(
            key=f"{'out' if line.out else 'in'}-{line.id}",
            mine=not line.out,
            text=line.text if line.text != UNREADABLE else "",
            at=page.local(line.at, row.zone),
            note=_note(line),
            readable=line.text != UNREADABLE,
        )
        for line in await reading.chat(conn, keys, row.address_id, MOST_LINES)
    ]
    today = page.local(now, row.zone).date()
    return tuple(
        SaidDay(page.day_words(day, today), tuple(found))
        for day, found in groupby(sorted(lines, key=lambda line: line.at), key=lambda line: line.at.date())
    )


_KINDS = {
    "photo": "Photo",
    "sticker": "Sticker",
    "voice": "Voice message",
    "contact": "Contact card",
    "other": "Attachment",
    "button": "Tapped",
    "edited": "Edited",
    "blocked": "Blocked the bot",
    "unblocked": "Unblocked the bot",
}


def _note(line: reading.ChatLine) -> str:
    if line.out:
        kind = {"staff": "Care team", "alert": "Alert"}.get(line.kind, "")
        state = "" if line.state == "sent" else page.state_words(line.state)
        return " · ".join(part for part in (kind, state) if part)
    return "Could not be handled" if line.state == "quarantined" else _KINDS.get(line.kind, "")


def _answered(content: Content, answers: Sequence[reading.AnswerView], row: AnyRow, name: str) -> tuple[Answered, ...]:
    """Newest first, with the question as it was asked."""
    found = []
    for one in sorted(answers, key=lambda answer: (answer.answered_at, answer.reminder_id), reverse=True):
        question = content.questions.get(one.question)
        at = page.local(one.answered_at, row.zone)
        asked = one.question.replace("-", " ").capitalize()
        if question is not None:
            asked = content.fill(question.ask.en, name=first_name(name), day=(at.date() - row.surgery_on).days)
        found.append(
            Answered(
                at=f"{at.day} {MONTHS['en'][at.month - 1]}, {page.clock_words(at)}",
                question=asked,
                value=value_words(question, one.value) if question else one.value,
                high=question is not None and sign_of(question, one.value) is not None,
                corrected=" → ".join(value_words(question, was) if question else was for was in one.before)
                or ("not kept" if one.corrected else ""),
            )
        )
    return tuple(found)


async def _medicine(conn: AsyncConnection, keys: KeyRing, enrolment_id: int) -> tuple[Fact, ...]:
    rows = await conn.execute(
        select(medicine_time)
        .where(medicine_time.c.enrolment_id == enrolment_id)
        .order_by(medicine_time.c.first_on, medicine_time.c.at)
    )
    return tuple(
        Fact(
            page.clock_words_of(row.at),
            " · ".join(
                part
                for part in (
                    f"{counted(row.days, 'day')} from {page.date_words(row.first_on)}",
                    (opened(keys, "medicine_time.label", row.label) or UNREADABLE) if row.label else "",
                    "at night, agreed" if row.at_night else "",
                )
                if part
            ),
        )
        for row in rows
    )


async def _traces(
    conn: AsyncConnection, keys: KeyRing, enrolment_id: int, zone: str, now: datetime
) -> tuple[Trace, ...]:
    rows = (
        await conn.execute(
            select(audit).where(audit.c.enrolment_id == enrolment_id).order_by(audit.c.id.desc()).limit(MOST_TRACES)
        )
    ).all()
    names = {f"staff:{one.id}": one.name for one in await accounts.everybody(conn, keys)} if rows else {}
    return tuple(Trace(near_moment(row.at, now, zone), _who(row.actor, names), _what(row)) for row in rows)


def _who(actor: str, names: Mapping[str, str]) -> str:
    if actor.startswith("chat:"):
        return "In the chat"
    return names.get(actor, "Saathi" if actor == "system" else actor)


def _what(row: AnyRow) -> str:
    detail = ", ".join(f"{str(name).replace('_', ' ')} {value}" for name, value in row.detail.items())
    action = str(row.action).capitalize()
    return f"{action} ({detail})" if detail else action
