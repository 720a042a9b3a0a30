"""What members of staff do in their own chat: link it, unlink it, acknowledge, answer, see the day.

Each function works in the transaction of the event and says what came of it. Who may do it is looked up here again:
between the button and the press a member may have been disabled, or been given another role.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.staff import accounts, alerts, questions, telling, tokens, trail
from bot.staff.access import Permission, may
from bot.staff.accounts import Staff
from bot.staff.tables import staff_member
from bot.staff.telling import Chat, Teller
from bot.staff.tokens import Purpose
from bot.store import reading
from bot.store.tables import alert, question
from bot.store.tables import answer as answer_table
from bot.store.whom import about, living
from scheduler import consents
from scheduler.crypto import KeyRing
from scheduler.errors import BadRequestError, NotFoundError
from scheduler.policy import REPLY, STAFF
from scheduler.sender import Button
from scheduler.store.tables import consent, enrolment

MOST_LINES = 60
"""So many patients the list of the day names; the console has them all."""
MOST_URGENT = 20
"""So many open alerts stand above them."""


@dataclass(frozen=True, slots=True)
class Here:
    """The chat in which somebody does something, and the transaction of it."""

    teller: Teller
    chat: Chat
    public_url: str = ""
    """Where the console is reached from a phone; empty if nowhere."""

    @property
    def conn(self) -> AsyncConnection:
        """The transaction."""
        return self.teller.conn

    @property
    def keys(self) -> KeyRing:
        """What opens names."""
        return self.teller.keys

    @property
    def now(self) -> datetime:
        """The instant of the event, UTC."""
        return self.teller.now

    async def say(self, reply: str, *buttons: Button, **facts: object) -> None:
        """Say a reply of the content here."""
        await self.tell(self.teller.words(self.chat, reply, **facts), *buttons)

    async def tell(self, text: str, *buttons: Button) -> None:
        """Say a text made of replies of the content here."""
        await self.teller.say(self.chat, REPLY, text, buttons)

    async def allowed(self, permission: Permission) -> Staff | None:
        """Who this chat is linked to, if they may; if not, it is said."""
        staff = await accounts.at_address(self.conn, self.keys, self.chat.address_id)
        if staff is not None and may(staff.role, permission):
            return staff
        await self.say("staff-not-allowed")
        return None


async def link(here: Here, code: str) -> None:
    """Link this chat to the member whose one-time code this is. A member has one chat: an earlier one is told."""
    staff_id = await tokens.look(here.conn, here.keys, Purpose.CHAT, code, here.now)
    if staff_id is None:
        await here.say("staff-code-old")
        return
    staff = await accounts.by_id(here.conn, here.keys, staff_id)
    holder = await accounts.at_address(here.conn, here.keys, here.chat.address_id)
    if not may(staff.role, Permission.SEE_ALERTS):
        await here.say("staff-not-allowed")
    elif holder is not None and holder.id != staff_id:
        await here.say("staff-chat-taken", staff=holder.name)
    elif await tokens.use(here.conn, here.keys, Purpose.CHAT, code, here.now) is None:
        await here.say("staff-code-old")
    else:
        await _link(here, staff)


async def _link(here: Here, staff: Staff) -> None:
    if staff.address_id is not None and staff.address_id != here.chat.address_id:
        old = await telling.chat_at(here.conn, staff.address_id)
        await here.teller.say(old, STAFF, here.teller.words(old, "staff-moved", staff=staff.name))
    await here.conn.execute(
        update(staff_member)
        .where(staff_member.c.id == staff.id)
        .values(address_id=here.chat.address_id, linked_at=here.now)
    )
    await trail.note(here.conn, trail.actor(staff.id), "chat linked", here.now, address=here.chat.address_id)
    await here.say("staff-linked", here.teller.button(here.chat, "today", "today"), staff=staff.name)


async def unlink(here: Here) -> None:
    """Nothing more comes to this chat."""
    staff = await here.allowed(Permission.OWN_ACCOUNT)
    if staff is not None:
        await accounts.unlink(here.conn, staff.id, here.now)
        await trail.note(here.conn, trail.actor(staff.id), "chat unlinked", here.now, address=here.chat.address_id)
        await here.say("staff-unlinked")


async def acknowledge(here: Here, alert_id: int) -> None:
    """Acknowledge an alert, or say who was first."""
    staff = await here.allowed(Permission.ACT_ON_ALERTS)
    if staff is None:
        return
    try:
        first = await alerts.acknowledge(here.conn, here.keys, here.teller.content, alert_id, staff, here.now)
    except NotFoundError:
        await here.say("staff-none-open")
        return
    row = (await here.conn.execute(select(alert).where(alert.c.id == alert_id))).one()
    whom = await about(here.conn, here.keys, row.enrolment_id, row.address_id)
    who = here.teller.who(here.chat, whom)
    time = telling.clock(row.acknowledged_at or here.now, whom)
    if first:
        phone = here.teller.phones(here.chat, whom)
        outcomes = _outcomes(here, alert_id)
        await here.say("staff-acknowledged", *outcomes, staff=staff.name, time=time, who=who, phone=phone)
    else:
        by = await accounts.by_id(here.conn, here.keys, row.acknowledged_by) if row.acknowledged_by else staff
        await here.say("staff-alert-taken", staff=by.name, time=time, who=who)


async def close(here: Here, alert_id: int, outcome: str) -> None:
    """Close an alert with an outcome, or say that somebody has closed it otherwise."""
    staff = await here.allowed(Permission.ACT_ON_ALERTS)
    if staff is None:
        return
    try:
        await alerts.close(here.conn, here.keys, here.teller.content, alert_id, staff, outcome, here.now)
    except NotFoundError:
        await here.say("staff-none-open")
        return
    except BadRequestError:
        await here.say("staff-closed-otherwise")
        return
    row = (await here.conn.execute(select(alert).where(alert.c.id == alert_id))).one()
    whom = await about(here.conn, here.keys, row.enrolment_id, row.address_id)
    await here.say("staff-closed", who=here.teller.who(here.chat, whom))


def _outcomes(here: Here, alert_id: int) -> tuple[Button, ...]:
    """A button for each way in which an alert may end."""
    return tuple(
        here.teller.button(here.chat, f"outcome-{outcome.replace('_', '-')}", outcome, alert_id)
        for outcome in alerts.OUTCOMES
    )


async def answer(here: Here, question_id: int, text: str) -> None:
    """Send the answer to a question, or say that somebody has dealt with it already."""
    staff = await here.allowed(Permission.ANSWER_QUESTIONS)
    if staff is None:
        return
    try:
        await questions.answer(here.conn, here.keys, here.teller.content, question_id, staff, text, here.now)
    except (BadRequestError, NotFoundError):
        await here.say("staff-question-done")
        return
    row = (await here.conn.execute(select(question).where(question.c.id == question_id))).one()
    whom = await about(here.conn, here.keys, row.enrolment_id, row.address_id)
    await here.say("staff-answered", who=here.teller.who(here.chat, whom))


async def today(here: Here) -> None:
    """What waits, and who is on which day."""
    if await here.allowed(Permission.SEE_PATIENTS) is None:
        return
    waits = await reading.waiting(here.conn)
    unconnected = await here.conn.scalar(select(func.count()).where(enrolment.c.state == "invited"))
    days = sorted((one.day(here.now), one.name) for one in await living(here.conn, here.keys))
    lines = await _needing(here)
    lines += [here.teller.words(here.chat, "staff-today-line", day=day, name=name) for day, name in days[:MOST_LINES]]
    if len(days) > MOST_LINES:
        lines.append(here.teller.words(here.chat, "staff-today-more", left=len(days) - MOST_LINES))
    people = "\n".join(lines) or here.teller.words(here.chat, "staff-today-nobody")
    await here.say(
        "staff-today",
        alerts=waits.alerts,
        questions=waits.questions,
        waiting=unconnected or 0,
        connected=len(days),
        answered=await _answered(here),
        people=people,
    )


async def _needing(here: Here) -> list[str]:
    """Whom the open alerts are about, emergencies first, each once."""
    rows = await here.conn.execute(
        select(alert.c.enrolment_id, alert.c.address_id)
        .where(alert.c.state == "open", alert.c.shared)
        .order_by(case((alert.c.tier == "emergency", 0), else_=1), alert.c.created_at)
        .limit(MOST_URGENT)
    )
    who = [here.teller.who(here.chat, await about(here.conn, here.keys, *row)) for row in rows.all()]
    return [here.teller.words(here.chat, "staff-today-attention", who=one) for one in dict.fromkeys(who)]


async def _answered(here: Here) -> int:
    """How many of those who share have answered a check-in within a day."""
    shares = select(consent.c.enrolment_id).where(
        consent.c.purpose == consents.SHARING, consent.c.withdrawn_at.is_(None)
    )
    found: int | None = await here.conn.scalar(
        select(func.count(answer_table.c.enrolment_id.distinct())).where(
            answer_table.c.answered_at > here.now - timedelta(days=1), answer_table.c.enrolment_id.in_(shares)
        )
    )
    return found or 0
