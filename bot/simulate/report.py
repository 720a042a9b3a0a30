"""What came of a simulation: what was lost, doubled, sent at night, or left without an end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.simulate.ledger import Delivery
from bot.simulate.staff import Staff
from bot.simulate.world import World
from bot.store.tables import inbound
from content.model import Topic
from scheduler import standing
from scheduler.outbox import TERMINAL
from scheduler.plans import occurrences
from scheduler.policy import POLICIES, is_quiet_time
from scheduler.store.tables import enrolment, message, reminder

ENDED = frozenset({*TERMINAL, "skipped", "folded"})
"""States of reminders and messages that nothing changes any more."""

WAITING_IS_FINE = timedelta(hours=1)
"""A due reminder may wait so long for a closed channel or a backlog before it counts as lost."""

MOST_FINDINGS = 20

Rows = Sequence[Any]
"""Rows of the database, with the columns that were asked for."""


@dataclass
class Report:
    """The counts; `findings` holds a sentence for the first things that are wrong."""

    patients: int
    days: int
    seed: int
    messages: int = 0
    """Messages that arrived on phones."""
    inbound: int = 0
    """Events that came from phones, each counted once."""
    lost: int = 0
    """Due, and neither sent nor ended with a reason; or called sent and never arrived."""
    duplicated: int = 0
    """Arrived twice although Saathi knew the outcome of the first."""
    outside_quiet_hours: int = 0
    """Reminders that arrived between 21:00 and 08:00 local without a medicine time there that the patient agreed to."""
    after_stop: int = 0
    """Reminders that arrived after STOP."""
    quarantined: int = 0
    """Events a flow failed on."""
    unfinished: int = 0
    """Rows without an end, or with an end without a reason."""
    restarts: int = 0
    states: dict[str, int] = field(default_factory=dict)
    """Reminders and other messages by the state they ended in."""
    findings: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        wrong = (
            self.lost, self.duplicated, self.outside_quiet_hours, self.after_stop, self.quarantined, self.unfinished,
        )  # fmt: skip
        return not any(wrong)

    def as_json(self) -> dict[str, Any]:
        """The same as plain values."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {**values, "ok": self.ok}

    def found(self, sentence: str) -> None:
        """Keep a sentence, unless there are many already."""
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(sentence)


async def look_for_overdue(world: World, report: Report) -> None:
    """Count what should have left or ended by now and has not, and what the plan holds without a row."""
    latest = world.now - WAITING_IS_FINE
    async with world.store.read() as conn:
        waiting = (
            await conn.execute(
                select(reminder.c.id, reminder.c.state).where(
                    ((reminder.c.state == "planned") & (reminder.c.due_at < latest))
                    | ((reminder.c.state == "held") & (reminder.c.expires_at < latest))
                )
            )
        ).all()
        for row in waiting:
            report.lost += 1
            report.found(f"Reminder {row.id} is still {row.state} although its time is over.")
        for enrolment_id in (await conn.scalars(select(enrolment.c.id))).all():
            for step, occurrence in await _without_row(conn, world, enrolment_id):
                report.lost += 1
                report.found(f"Enrolment {enrolment_id} has no row for {step}, {occurrence}.")


async def _without_row(conn: AsyncConnection, world: World, enrolment_id: int) -> list[tuple[str, str]]:
    case = await standing.load(conn, enrolment_id)
    if case.state == "cancelled":
        return []
    plan = occurrences(world.content.journeys[case.journey], world.content.defaults, case.facts)
    rows = await conn.execute(
        select(reminder.c.step, reminder.c.occurrence).where(reminder.c.enrolment_id == enrolment_id)
    )
    return sorted({one.key for one in plan} - {(row.step, row.occurrence) for row in rows})


async def judge(world: World, staff: Staff, report: Report) -> None:
    """Count everything at the end, when nothing is due any more."""
    async with world.store.read() as conn:
        messages = (
            await conn.execute(
                select(
                    message.c.id, message.c.kind, message.c.state, message.c.reason, message.c.reminder_id,
                    message.c.address_id, message.c.enrolment_id, reminder.c.occurrence, enrolment.c.zone,
                )
                .outerjoin(reminder, reminder.c.id == message.c.reminder_id)
                .outerjoin(enrolment, enrolment.c.id == message.c.enrolment_id)
            )
        ).all()  # fmt: skip
        reminders = (await conn.execute(select(reminder.c.id, reminder.c.state, reminder.c.reason))).all()
        by_state = await conn.execute(select(inbound.c.state, func.count()).group_by(inbound.c.state))
        events: dict[str, int] = dict(by_state.all())
    report.messages = len(world.ledger.deliveries)
    report.inbound = sum(events.values())
    report.quarantined = events.get("quarantined", 0)
    report.after_stop = world.ledger.after_stop
    report.restarts = world.restarts
    by_id = {row.id: row for row in messages}
    _count_states(report, messages, reminders)
    _count_never_arrived(report, world, messages)
    _count_duplicates(report, world, by_id)
    slots = world.content.defaults.slots
    for delivery in world.ledger.deliveries:
        row = by_id[delivery.outgoing.message_id]
        local = delivery.at.astimezone(ZoneInfo(row.zone)).time() if row.zone else None
        if local and POLICIES[row.kind].proactive and is_quiet_time(local, slots) and not _agreed(row, staff):
            report.outside_quiet_hours += 1
            report.found(f"Message {row.id} ({row.kind}) arrived at {local:%H:%M}.")


def _count_states(report: Report, messages: Rows, reminders: Rows) -> None:
    states: Counter[str] = Counter()
    released = {row.reminder_id for row in messages if row.reminder_id and row.state != "cancelled"}
    for row in messages:
        states[row.state] += 1
        if row.state not in ENDED or (row.state != "sent" and not row.reason):
            report.unfinished += 1
            report.found(f"Message {row.id} ({row.kind}) is {row.state} with the reason: {row.reason}.")
    for row in reminders:
        if row.state == "released":
            if row.id not in released and not any(m.reminder_id == row.id for m in messages):
                report.lost += 1
                report.found(f"Reminder {row.id} was released, and there is no message.")
            continue
        states[row.state] += 1
        if row.state not in ENDED or not row.reason:
            report.unfinished += 1
            report.found(f"Reminder {row.id} is {row.state} with the reason: {row.reason}.")
    report.states = dict(sorted(states.items()))


def _count_never_arrived(report: Report, world: World, messages: Rows) -> None:
    arrived = {delivery.outgoing.message_id for delivery in world.ledger.deliveries}
    for row in messages:
        if row.state == "sent" and row.id not in arrived:
            report.lost += 1
            report.found(f"Message {row.id} ({row.kind}) is called sent and never arrived.")


def _count_duplicates(report: Report, world: World, by_id: Mapping[int, Any]) -> None:
    for same in _seen_together(world.ledger.deliveries, by_id):
        first = same[0].outgoing
        may_repeat = first.message_id in world.ledger.unanswered and POLICIES[first.kind].repeats
        if len(same) > 1 and not may_repeat:
            report.duplicated += len(same) - 1
            report.found(f"Message {first.message_id} ({first.kind}) arrived {len(same)} times.")


def _seen_together(deliveries: list[Delivery], by_id: Mapping[int, Any]) -> Iterator[list[Delivery]]:
    """Deliveries of the same thing to the same phone: of one reminder, or of one message that is none."""
    groups: dict[tuple[str, str, int], list[Delivery]] = {}
    for delivery in deliveries:
        row = by_id[delivery.outgoing.message_id]
        what = ("reminder", row.reminder_id) if row.reminder_id else ("message", row.id)
        groups.setdefault((delivery.address, *what), []).append(delivery)
    yield from groups.values()


def _agreed(row: Any, staff: Staff) -> bool:
    if row.kind != Topic.MEDICINE:
        return False
    at = datetime.fromisoformat(row.occurrence).time()
    return (row.enrolment_id, at) in staff.night_times
