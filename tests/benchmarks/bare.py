"""The bare limit: what the database and SQLAlchemy Core do when nothing is checked, planned, sealed or rendered."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Column, DateTime, Index, Integer, MetaData, String, Table, event, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from scheduler.store.tables import enrolment, link, person, reminder
from scheduler.store.types import AnyRow
from tests.benchmarks.grounds import utc_now

BATCH = 500
SENDERS = 20
LEASE = timedelta(seconds=30)

Rows = Mapping[Table, Sequence[dict[str, Any]]]

_metadata = MetaData()
job = Table(
    "bare_job",
    _metadata,
    Column("id", Integer, primary_key=True),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("state", String(12), nullable=False),
    Column("chat", String(40), nullable=False),
    Column("body", String(200), nullable=False),
    Column("lease_until", DateTime(timezone=True)),
    Column("sent_at", DateTime(timezone=True)),
)
Index(
    "ix_bare_job_due",
    job.c.due_at,
    sqlite_where=text("state = 'queued'"),
    postgresql_where=text("state = 'queued'"),
)


def engine(url: str) -> AsyncEngine:
    """SQLAlchemy as it comes; SQLite as durable as ours."""
    made = create_async_engine(url)
    if made.dialect.name == "sqlite":
        event.listen(made.sync_engine, "connect", _make_durable)
    return made


def _make_durable(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


async def example(engine: AsyncEngine, enrolment_id: int) -> Rows:
    """The rows that enrolling one patient has written."""
    async with engine.connect() as conn:
        reminders = (await conn.execute(select(reminder).where(reminder.c.enrolment_id == enrolment_id))).mappings()
        (enrolled,) = (await conn.execute(select(enrolment).where(enrolment.c.id == enrolment_id))).mappings()
        (patient,) = (await conn.execute(select(person).where(person.c.id == enrolled["person_id"]))).mappings()
        (issued,) = (await conn.execute(select(link).where(link.c.enrolment_id == enrolment_id))).mappings()
        return {
            person: [dict(patient)],
            enrolment: [dict(enrolled)],
            reminder: [{name: value for name, value in row.items() if name != "id"} for row in reminders],
            link: [{name: value for name, value in issued.items() if name != "id"}],
        }


def copied(rows: Rows, number: int) -> Rows:
    """The same rows for another patient, whose ids are `number`."""
    return {
        person: [row | {"id": number} for row in rows[person]],
        enrolment: [row | {"id": number, "person_id": number} for row in rows[enrolment]],
        reminder: [row | {"enrolment_id": number} for row in rows[reminder]],
        link: [
            row | {"enrolment_id": number, "token_hash": secrets.token_bytes(32), "code_hash": secrets.token_bytes(32)}
            for row in rows[link]
        ],
    }


async def enrol(engine: AsyncEngine, patients: Sequence[Rows]) -> None:
    """Insert ready-made rows, one transaction a patient."""
    for rows in patients:
        async with engine.begin() as conn:
            for table, values in rows.items():
                await conn.execute(insert(table), values)


async def queue(engine: AsyncEngine, number: int) -> None:
    """Make the queue, with `number` jobs due now."""
    due_at = utc_now() - timedelta(seconds=1)
    async with engine.begin() as conn:
        await conn.run_sync(_metadata.create_all)
        rows = [{"due_at": due_at, "state": "queued", "chat": f"chat-{n}", "body": "x" * 100} for n in range(number)]
        await conn.execute(insert(job), rows)


async def fire(engine: AsyncEngine) -> int:
    """Claim batches under a lease, send side by side, mark what was sent since the last time; how many."""
    claimed: asyncio.Queue[AnyRow] = asyncio.Queue()
    landed: list[int] = []
    senders = [asyncio.create_task(_send_all(claimed, landed)) for _ in range(SENDERS)]
    done = 0
    while rows := await _claim(engine):
        for row in rows:
            claimed.put_nowait(row)
        await claimed.join()
        async with engine.begin() as conn:
            await conn.execute(update(job).where(job.c.id.in_(landed)).values(state="sent", sent_at=utc_now()))
        done += len(landed)
        landed.clear()
    for sender in senders:
        sender.cancel()
    return done


async def _claim(engine: AsyncEngine) -> Sequence[AnyRow]:
    now = utc_now()
    head = (
        select(job.c.id)
        .where(job.c.state == "queued", job.c.due_at <= now)
        .order_by(job.c.due_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    async with engine.begin() as conn:
        rows: Sequence[AnyRow] = (
            await conn.execute(
                update(job)
                .where(job.c.id.in_(head))
                .values(state="sending", lease_until=now + LEASE)
                .returning(job.c.id, job.c.chat, job.c.body)
            )
        ).all()
    return rows


async def _send_all(claimed: asyncio.Queue[AnyRow], landed: list[int]) -> None:
    while True:
        job_id, chat, body = await claimed.get()
        await _send(chat, body)
        landed.append(job_id)
        claimed.task_done()


async def _send(chat: str, body: str) -> None:
    """What a sender costs that does nothing."""
