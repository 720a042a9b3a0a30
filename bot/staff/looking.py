"""Looking a patient up from a linked chat: by a part of the name or of the phone, and how one is doing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, true

from bot.faq.spelling import fold
from bot.staff import patients
from bot.staff.access import Permission
from bot.staff.chats import Here
from bot.store import reading, whom
from bot.store.tables import alert, question
from bot.store.whom import Whom
from bot.text import tokens
from content.model import Question
from scheduler import consents, reminders
from scheduler.rendering import local_date
from scheduler.sender import Button
from scheduler.store.tables import address, consent, enrolment, recipient

MOST_OFFERED = 10
_LABEL = 20
"""Letters of a button's label."""
_FEWEST_DIGITS = 4
"""Digits of a phone that are enough to look for."""


async def find(here: Here, words: str) -> None:
    """Show the one patient `words` mean, or offer those they may mean; without words those who need somebody first."""
    if await here.allowed(Permission.SEE_PATIENTS) is None:
        return
    everybody = await _everybody(here)
    if words:
        found = [one for one in everybody if fits(words, one)]
    else:
        waiting = await _waiting(here)
        found = sorted(everybody, key=lambda one: (-waiting.get(one.enrolment_id, 0), abs(one.day(here.now))))
    if len(found) == 1 and words:
        await show(here, found[0].enrolment_id)
    elif found:
        await here.say("staff-patient-which", *_choices(here, found[:MOST_OFFERED]))
    else:
        await here.say("staff-patient-none")


async def show(here: Here, enrolment_id: int) -> None:
    """How one patient is doing; who looked is noted. Answers are shown only of those who agreed to share."""
    staff = await here.allowed(Permission.SEE_PATIENTS)
    if staff is None:
        return
    one = (await whom.patients(here.conn, here.keys, [enrolment_id])).get(enrolment_id)
    if one is None:
        await here.say("staff-patient-none")
        return
    await patients.viewed(here.conn, enrolment_id, staff, here.now)
    open_alerts = select(func.count()).where(
        alert.c.enrolment_id == enrolment_id, alert.c.state != "closed", alert.c.shared
    )
    open_questions = select(func.count()).where(question.c.enrolment_id == enrolment_id, question.c.state == "open")
    text = here.teller.words(
        here.chat,
        "staff-patient",
        who=here.teller.who(here.chat, [one]),
        state=await _state(here, one),
        phone=here.teller.phones(here.chat, [one]),
        alerts=await here.conn.scalar(open_alerts) or 0,
        questions=await here.conn.scalar(open_questions) or 0,
        first=await _next(here, one),
    )
    opening = here.teller.opening(here.chat, here.public_url, f"/patients/{enrolment_id}")
    await here.tell("\n\n".join([text, *await _answers(here, one)]), *opening)


def fits(words: str, one: Whom) -> bool:
    """Whether each word begins a word of the name, in either script; or the digits stand in the phone."""
    digits = "".join(character for character in words if character.isdigit())
    if digits and not any(character.isalpha() for character in words):
        return len(digits) >= _FEWEST_DIGITS and digits in (one.phone or "")
    named = [fold(word) for word in tokens(one.name)]
    looked_for = [fold(word) for word in tokens(words)]
    return bool(looked_for) and all(any(name.startswith(word) for name in named) for word in looked_for)


def _choices(here: Here, found: Iterable[Whom]) -> list[Button]:
    return [Button(f"{one.name}, {one.day(here.now)}"[:_LABEL], f"1x:patient:{one.enrolment_id}") for one in found]


async def _everybody(here: Here) -> list[Whom]:
    """Everybody whose follow-up has not ended, newest first."""
    ids = (await here.conn.scalars(select(enrolment.c.id).where(enrolment.c.state != "ended"))).all()
    found = await whom.patients(here.conn, here.keys, ids)
    return [found[one] for one in sorted(found, reverse=True)]


async def _waiting(here: Here) -> dict[int, int]:
    """How much waits for staff, by patient: an open alert counts more than a question."""
    found: dict[int, int] = {}
    for table, which, weight in ((alert, alert.c.shared, 100), (question, true(), 1)):
        rows = await here.conn.execute(
            select(table.c.enrolment_id, func.count())
            .where(table.c.state == "open", table.c.enrolment_id.is_not(None), which)
            .group_by(table.c.enrolment_id)
        )
        for enrolment_id, count in rows:
            found[enrolment_id] = found.get(enrolment_id, 0) + weight * count
    return found


async def _state(here: Here, one: Whom) -> str:
    stopped = await here.conn.scalar(
        select(address.c.stopped_at)
        .join(recipient, recipient.c.address_id == address.c.id)
        .where(recipient.c.enrolment_id == one.enrolment_id, recipient.c.role == "patient", recipient.c.until.is_(None))
    )
    state = "stopped" if stopped is not None and one.state in ("active", "paused") else one.state
    return here.teller.words(here.chat, f"staff-state-{state}")


async def _next(here: Here, one: Whom) -> str:
    plan = await reminders.plan_of(here.conn, one.enrolment_id)
    coming = [row.due_at for row in plan if row.state == "planned" and row.due_at > here.now]
    return _moment(min(coming), one.zone, here.chat.language) if coming else "-"


async def _answers(here: Here, one: Whom) -> Sequence[str]:
    agreed = await here.conn.scalar(
        select(consent.c.id).where(
            consent.c.enrolment_id == one.enrolment_id,
            consent.c.purpose == consents.SHARING,
            consent.c.withdrawn_at.is_(None),
        )
    )
    if agreed is None:
        known = one.state != "invited"
        return [here.teller.words(here.chat, "staff-patient-not-shared")] if known else []
    newest = {row.question: row for row in await reading.answers(here.conn, one.enrolment_id)}
    if not newest:
        return []
    questions, language = here.teller.content.questions, here.chat.language
    lines = [
        f"{_moment(row.answered_at, one.zone, language)}: {name.replace('-', ' ')} "
        f"{_value(questions, name, row.value, language)}"
        for name, row in sorted(newest.items(), key=lambda item: item[1].answered_at, reverse=True)
    ]
    return ["\n".join([here.teller.words(here.chat, "staff-patient-answers"), *lines[:MOST_OFFERED]])]


def _value(questions: Mapping[str, Question], name: str, value: str, language: str) -> str:
    asked = questions.get(name)
    if asked is not None and asked.kind == "choice":
        return next((choice.label[language] for choice in asked.choices if choice.id == value), value)
    return f"{value}/10" if asked is not None and asked.kind == "scale" else value


def _moment(at: datetime, zone: str, language: str) -> str:
    local = at.astimezone(ZoneInfo(zone))
    return f"{local_date(local.date(), language)}, {local:%H:%M}"
