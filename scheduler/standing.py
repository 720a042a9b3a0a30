"""Where an enrolment stands: the facts its plan depends on, and whether anything may leave."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from scheduler import doses
from scheduler.errors import NotFoundError
from scheduler.plans import Facts, MedicineTimes
from scheduler.store.tables import address, consent, enrolment, medicine_time, recipient
from scheduler.store.types import AnyRow

NOT_CONNECTED = "the patient was not connected yet"
NO_CONSENT = "no consent to reminders"
STOPPED = "the patient said STOP"
BLOCKED = "the patient blocked the bot"
PAUSED = "paused"

HELD_REASONS = frozenset({NOT_CONNECTED, NO_CONSENT, STOPPED, BLOCKED, PAUSED})


@dataclass(frozen=True, slots=True)
class Standing:
    """What a plan needs to know of an enrolment. `state` is that of its unsent reminders: planned, held, cancelled."""

    journey: str
    facts: Facts
    state: str
    reason: str | None
    plan_version: int


async def load(conn: AsyncConnection, enrolment_id: int) -> Standing:
    """Read it. Raises NotFoundError."""
    row = (
        await conn.execute(
            select(
                enrolment,
                address.c.id.label("address_id"),
                address.c.stopped_at,
                address.c.blocked_at,
                exists()
                .where(
                    consent.c.enrolment_id == enrolment.c.id,
                    consent.c.person_id == recipient.c.person_id,
                    consent.c.purpose == "reminders",
                    consent.c.withdrawn_at.is_(None),
                )
                .label("agreed"),
            )
            .outerjoin(
                recipient,
                (recipient.c.enrolment_id == enrolment.c.id)
                & recipient.c.until.is_(None)
                & (recipient.c.role == "patient"),
            )
            .outerjoin(address, address.c.id == recipient.c.address_id)
            .where(enrolment.c.id == enrolment_id)
        )
    ).one_or_none()
    if row is None:
        raise NotFoundError(f"There is no enrolment {enrolment_id}.")
    times = (
        await conn.execute(
            select(medicine_time).where(medicine_time.c.enrolment_id == enrolment_id).order_by(medicine_time.c.id)
        )
    ).all()
    facts = Facts(
        surgery_on=row.surgery_on,
        zone=row.zone,
        surgery_time=row.surgery_time,
        discharge_on=row.discharge_on,
        morning=row.morning,
        evening=row.evening,
        medicine=tuple(MedicineTimes((t.at,), t.first_on, t.days, at_night=t.at_night) for t in times),
        again=await doses.coming_back(conn, enrolment_id) if times else {},
        late_choices=row.late_choices,
    )
    state, reason = _judge(row)
    return Standing(row.journey, facts, state, reason, row.plan_version)


def _judge(row: AnyRow) -> tuple[str, str | None]:
    if row.state == "ended":
        return "cancelled", row.state_reason
    if row.address_id is None:
        return "held", NOT_CONNECTED
    held = {STOPPED: row.stopped_at, BLOCKED: row.blocked_at, PAUSED: row.state == "paused", NO_CONSENT: not row.agreed}
    reason = next((reason for reason, holds in held.items() if holds), None)
    return ("held", reason) if reason else ("planned", None)
