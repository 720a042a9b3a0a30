"""One step of the clock of one alert, from stored rows and `now`: who is told, and what the patient reads.

Any number of processes may take the step: the alert's row is locked, and what was done are rows, so the second process
finds nothing left to do. A crash rolls the whole step back, and the next look takes it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.staff import clinic, rotas, telling
from bot.staff.access import Permission
from bot.staff.escalation import Case, Decision, Fate, Ring, Truth, decide
from bot.staff.rota import duty
from bot.staff.tables import alert_notice, alert_truth
from bot.staff.telling import Chat, StaffChat, Teller
from bot.store.tables import alert, alert_report
from bot.store.whom import HOME_ZONE, Whom, about, opened
from content.loader import Content
from content.model import Tier
from scheduler.crypto import KeyRing
from scheduler.policy import ALERT, URGENT
from scheduler.store.tables import message
from scheduler.store.types import AnyRow

MOST_REPORTS = 4
"""So many of a patient's further messages stand in a staff chat; the console has them all."""

TAKEN = "somebody has seen the alert"
OUTDATED = "the alert got graver meanwhile"
"""Reasons of messages that had not left when they became untrue."""


@dataclass(frozen=True, slots=True)
class Place:
    """What is the same for every alert of this clinic."""

    keys: KeyRing
    content: Content
    zone: str = HOME_ZONE
    """In which the rota and the quiet hours are read."""
    public_url: str = ""
    """Where staff reach the console from a phone; empty if nowhere."""


@dataclass(frozen=True, slots=True)
class _Told:
    """One message to one member about this alert."""

    lap: int
    ring: Ring


async def due(conn: AsyncConnection, now: datetime, limit: int = 200) -> list[int]:
    """The alerts at which the clock must look by `now`, those waiting longest first."""
    query = select(alert.c.id).where(alert.c.state == "open", alert.c.due_at <= now)
    return list(await conn.scalars(query.order_by(alert.c.due_at, alert.c.id).limit(limit)))


async def next_due(conn: AsyncConnection) -> datetime | None:
    """When the clock must look at any alert next, UTC."""
    found: datetime | None = await conn.scalar(select(func.min(alert.c.due_at)).where(alert.c.state == "open"))
    return found


async def advance(
    conn: AsyncConnection,
    place: Place,
    alert_id: int,
    now: datetime,
    *,
    to_staff_only: bool = False,
    above: str = "",
) -> int:
    """Take the step that is due; how many members were told. Nothing happens where another process is at it.

    With `to_staff_only` what the patient is to read is left to the next step, which then is due at once. `above`: a
    reply that stands over the alert instead of the usual one.
    """
    query = select(alert).where(alert.c.id == alert_id).with_for_update(skip_locked=True)
    row = (await conn.execute(query)).one_or_none()
    if row is None:
        return 0
    step = await _Step.load(conn, place, row, now)
    decision = step.decide()
    for staff_id in decision.ring:
        await step.ring(staff_id, above)
    left = decision.tell if to_staff_only else None
    if decision.tell and not to_staff_only:
        await step.tell_patient(decision.tell)
    values = {"due_at": now if left else decision.next_at}
    await conn.execute(update(alert).where(alert.c.id == alert_id).values(values | step.reached()))
    return len(decision.ring)


async def more(conn: AsyncConnection, place: Place, alert_id: int, now: datetime) -> None:
    """Tell those who were told already that the patient wrote of another sign, without starting the clock anew."""
    row = (await conn.execute(select(alert).where(alert.c.id == alert_id).with_for_update())).one()
    step = await _Step.load(conn, place, row, now)
    for staff_id in sorted({one.ring.staff_id for one in step.told if one.lap == row.lap} & step.chats.keys()):
        await step.ring(staff_id, "staff-alert-more")
    # Whoever was rung just now is due later; the next look finds out when.
    await conn.execute(update(alert).where(alert.c.id == alert_id).values(due_at=now))


async def call_back(conn: AsyncConnection, alert_id: int, reason: str) -> None:
    """Messages about an alert that have not left yet never leave, those to the patient too."""
    rung = select(alert_notice.c.message_id).where(alert_notice.c.alert_id == alert_id)
    said = select(alert_truth.c.message_id).where(alert_truth.c.alert_id == alert_id)
    for which in (rung, said):
        await conn.execute(
            update(message)
            .where(message.c.id.in_(which), message.c.state == "queued")
            .values(state="cancelled", reason=reason)
        )


async def reporters(conn: AsyncConnection, row: AnyRow) -> list[int]:
    """The chats in which the patient, or family, wrote what is in this alert; the first one first."""
    others = await conn.scalars(
        select(alert_report.c.address_id).where(alert_report.c.alert_id == row.id).order_by(alert_report.c.id)
    )
    return list(dict.fromkeys((row.address_id, *others)))


def fate(state: str, tries: int) -> Fate:
    """What the state of a message to staff means for whoever should read it."""
    if state == "sent":
        return Fate.ARRIVED
    if state == "sending" or (state == "queued" and tries == 0):
        return Fate.PENDING
    return Fate.UNSURE if state == "queued" else Fate.FAILED


@dataclass(frozen=True, slots=True)
class _Step:
    """Everything about one alert at one instant, in its transaction."""

    conn: AsyncConnection
    place: Place
    row: AnyRow
    now: datetime
    whom: Sequence[Whom]
    reports: Sequence[AnyRow]
    told: Sequence[_Told]
    chats: dict[int, StaffChat]
    """Of those who may be told, by member; blocked chats and those the alert came from are left out."""
    truths: frozenset[Truth]
    decision: Decision

    @classmethod
    async def load(cls, conn: AsyncConnection, place: Place, row: AnyRow, now: datetime) -> _Step:
        """Read it all."""
        reports = (
            await conn.execute(
                select(alert_report).where(alert_report.c.alert_id == row.id).order_by(alert_report.c.id)
            )
        ).all()
        told = await _told(conn, row.id)
        here = {row.address_id, *(one.address_id for one in reports)}
        everybody = await telling.linked(conn, Permission.SEE_ALERTS)
        chats = {one.staff_id: one for one in everybody if not one.blocked and one.chat.address_id not in here}
        truths = await conn.scalars(
            select(alert_truth.c.what).where(alert_truth.c.alert_id == row.id, alert_truth.c.lap == row.lap)
        )
        emergency = row.tier == Tier.EMERGENCY
        known = frozenset(Truth(one) for one in truths)
        decision = decide(
            Case(emergency, row.clock_at or row.created_at, row.state == "open" and row.shared),
            duty(await rotas.load(conn), now, place.zone, tuple(chats)),
            clinic.pace(place.content, emergency=emergency),
            clinic.quiet(place.content, place.zone),
            [one.ring for one in told if one.lap == row.lap],
            known,
            now,
        )
        whom = await about(conn, place.keys, row.enrolment_id, row.address_id)
        return cls(conn, place, row, now, whom, reports, told, chats, known, decision)

    def decide(self) -> Decision:
        """What is due now."""
        return self.decision

    async def ring(self, staff_id: int, above: str = "") -> None:
        """Tell one member; `above`: a reply that stands over the alert instead of the usual one."""
        chat = self.chats[staff_id].chat
        teller = Teller(self.conn, self.place.keys, self.place.content, self.now)
        before = [one for one in self.told if one.ring.staff_id == staff_id]
        buttons = (
            teller.button(chat, "acknowledge", "ack", self.row.id),
            *teller.opening(chat, self.place.public_url, f"/alerts#a{self.row.id}"),
        )
        text = self._text(teller, chat, above or self._above(before))
        ids = await teller.say(chat, ALERT, text, buttons, enrolment_id=self.row.enrolment_id)
        await self.conn.execute(
            insert(alert_notice).values(
                alert_id=self.row.id,
                staff_id=staff_id,
                message_id=ids[-1],
                created_at=self.now,
                lap=self.row.lap,
                round=1 + sum(one.lap == self.row.lap for one in before),
            )
        )

    async def tell_patient(self, what: Truth) -> None:
        """Tell the truth in each chat the alert came from, in the language of that chat."""
        emergency = self.row.tier == Tier.EMERGENCY
        reply = {
            Truth.WAITS: "alert-waits",
            Truth.UNANSWERED: "alert-unanswered" if emergency else "alert-unanswered-same-day",
        }[what]
        teller = Teller(self.conn, self.place.keys, self.place.content, self.now)
        morning = clinic.quiet(self.place.content, self.place.zone).over(self.now)
        words = {one.address_id: opened(self.place.keys, "alert_report.words", one.words) for one in self.reports}
        words[self.row.address_id] = opened(self.place.keys, "alert.words", self.row.words)
        for address_id, written in words.items():
            chat = await telling.chat_at(self.conn, address_id, telling.spoken(self.whom, written))
            text = teller.words(chat, reply, time=telling.clock(morning, self.whom))
            ids = await teller.say(chat, URGENT, text, enrolment_id=self.row.enrolment_id)
            await self.conn.execute(
                insert(alert_truth).values(
                    alert_id=self.row.id,
                    address_id=address_id,
                    what=what.value,
                    lap=self.row.lap,
                    message_id=ids[-1],
                    created_at=self.now,
                )
            )

    def reached(self) -> dict[str, object]:
        """When and whom the first message reached, if that is known now and was not before."""
        arrived = [one.ring for one in self.told if one.ring.fate is Fate.ARRIVED]
        if self.row.notified_at is not None or not arrived:
            return {}
        first = min(arrived, key=lambda ring: ring.at)
        return {"notified_at": first.at, "notified_to": first.staff_id}

    def _above(self, before: Sequence[_Told]) -> str:
        if any(one.lap == self.row.lap for one in before) or self.now - self._since() >= timedelta(minutes=1):
            return "staff-alert-still"
        return "staff-alert-more" if self.row.lap > 1 else ""

    def _since(self) -> datetime:
        since: datetime = self.row.clock_at or self.row.created_at
        return since

    def _text(self, teller: Teller, chat: Chat, above: str) -> str:
        lines = []
        if above:
            minutes = int((self.now - self.row.created_at).total_seconds() // 60)
            lines.append(teller.words(chat, above, minutes=minutes))
        lines.append(self._announcement(teller, chat))
        lines += [self._report(teller, chat, one) for one in self.reports[-MOST_REPORTS:]]
        return "\n".join(lines)

    def _report(self, teller: Teller, chat: Chat, one: AnyRow) -> str:
        return teller.words(
            chat,
            "staff-alert-report",
            time=telling.clock(one.created_at, self.whom),
            words=telling.quoted(opened(self.place.keys, "alert_report.words", one.words), LONGEST_REPORT),
            sign=self._sign(chat, one.sign),
        )

    def _announcement(self, teller: Teller, chat: Chat) -> str:
        return teller.words(
            chat,
            "staff-alert",
            tier=teller.words(chat, "staff-emergency" if self.row.tier == Tier.EMERGENCY else "staff-same-day"),
            who=teller.who(chat, self.whom),
            sign=", ".join(self._sign(chat, one) for one in self._signs()),
            time=telling.clock(self.row.created_at, self.whom),
            words=telling.quoted(opened(self.place.keys, "alert.words", self.row.words)),
            phone=teller.phones(chat, self.whom),
        )

    def _signs(self) -> list[str]:
        """Every sign of the case once, those of emergencies first."""
        grave = [one.sign for one in self.reports if one.tier == Tier.EMERGENCY]
        return list(dict.fromkeys((*grave, self.row.sign, *(one.sign for one in self.reports))))

    def _sign(self, chat: Chat, sign_id: str) -> str:
        sign = self.place.content.signs.get(sign_id)
        return sign.name[chat.language] if sign else sign_id


LONGEST_REPORT = 300
"""Letters of a further message that are shown in a staff chat."""


async def _told(conn: AsyncConnection, alert_id: int) -> list[_Told]:
    rows = await conn.execute(
        select(alert_notice, message.c.state, message.c.tries, message.c.sent_at)
        .join(message, message.c.id == alert_notice.c.message_id)
        .where(alert_notice.c.alert_id == alert_id)
        .order_by(alert_notice.c.id)
    )
    return [
        _Told(row.lap, Ring(row.staff_id, row.sent_at or row.created_at, fate(row.state, row.tries))) for row in rows
    ]
