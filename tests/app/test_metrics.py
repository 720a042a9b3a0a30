from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert, update

from bot import health, metrics
from bot.bootstrap import App
from bot.channels.simulator import Phone
from bot.store.tables import alert, inbound
from scheduler import gate, outbox, people
from scheduler.sender import Body
from scheduler.store.tables import message


async def queue(app: App, kind: str = "reply") -> int:
    """Put one message into the outbox; its id."""
    now = app.clock.now()
    async with app.store.write() as conn:
        address_id = await people.ensure_address(conn, app.store.keys, "simulator", "phone-1", now)
        return await outbox.put(
            conn, app.store.keys, address_id=address_id, channel="simulator", kind=kind, body=Body("hello"), now=now
        )


async def lines(app: App) -> dict[str, float]:
    """The page /metrics as name-with-labels -> value."""
    text = (await metrics.exposition(app)).decode()
    rows = (line.rsplit(" ", 1) for line in text.splitlines() if line and not line.startswith("#"))
    return {name: float(value) for name, value in rows}


@pytest.mark.asyncio
async def test_what_waits_and_what_was_sent_is_counted(app: App) -> None:
    """Queue depth and age while it waits; the counter by channel and class once it has left."""
    await queue(app)
    app.clock.advance(timedelta(minutes=2))  # type: ignore[attr-defined]
    before = await lines(app)
    assert before["saathi_queue_depth"] == 1
    assert before["saathi_oldest_due_seconds"] == 120
    await app.dispatcher.drain()
    after = await lines(app)
    assert after["saathi_queue_depth"] == 0
    assert after["saathi_oldest_due_seconds"] == 0
    assert after['saathi_messages_sent_total{channel="simulator",kind="reply"}'] == 1


@pytest.mark.asyncio
@pytest.mark.parametrize("state", ["failed", "unknown", "expired"])
async def test_every_way_to_end_has_its_counter(app: App, state: str) -> None:
    """What failed, is unknown or expired is seen without a look into the database."""
    number = await queue(app)
    async with app.store.write() as conn:
        await conn.execute(update(message).where(message.c.id == number).values(state=state, reason="test"))
    assert (await lines(app))[f'saathi_messages_{state}_total{{channel="simulator",kind="reply"}}'] == 1


@pytest.mark.asyncio
async def test_inbound_quarantine_and_open_alerts_are_counted(app: App) -> None:
    """What came in, what a flow failed on, and the red flags nobody has acknowledged."""
    phone = Phone("phone-1", app.inbox, app.clock)
    first = await phone.type("hello")
    await phone.type("hello again")
    async with app.store.write() as conn:
        address_id = await people.find_address(conn, app.store.keys, "simulator", "phone-1")
        await conn.execute(update(inbound).where(inbound.c.id == first.inbound_id).values(state="quarantined"))
        await conn.execute(
            insert(alert).values(
                address_id=address_id,
                sign="RF01",
                tier="emergency",
                rule="test",
                words=app.store.keys.seal("alert.words", "made up"),
                shared=True,
                state="open",
                created_at=app.clock.now(),
            )
        )
    found = await lines(app)
    assert found['saathi_inbound_total{channel="simulator"}'] == 2
    assert found["saathi_quarantined_total"] == 1
    assert found['saathi_alerts_open{tier="emergency"}'] == 1
    assert (await health.check(app)).alerts_open == 1


@pytest.mark.asyncio
async def test_health_says_that_nobody_sends(app: App) -> None:
    """Messages that wait for minutes mean that no worker runs: it cannot work, and the sentence says what to do."""
    assert (await health.check(app)).ok
    await queue(app)
    app.clock.advance(timedelta(minutes=10))  # type: ignore[attr-defined]
    found = await health.check(app)
    assert not found.ok
    assert "check that a worker runs" in found.problems[0]


@pytest.mark.asyncio
async def test_health_names_a_closed_channel(app: App) -> None:
    """The only channel being closed means that nothing can leave; the reason stands beside it."""
    await queue(app)
    await app.dispatcher.drain()
    async with app.store.write() as conn:
        await gate.close(conn, "simulator", app.clock.now() + timedelta(minutes=5), "the provider refuses this channel")
    found = await health.check(app)
    assert found.problems == ("No channel may send now.",)
    assert found.warnings == ("The channel simulator may not send now: the provider refuses this channel.",)
    assert (await lines(app))['saathi_channel_closed{channel="simulator"}'] == 1


@pytest.mark.asyncio
async def test_health_of_a_database_that_is_gone_is_told_not_raised(app: App) -> None:
    """Whoever asks gets a sentence, not a traceback."""
    async with app.store.write() as conn:
        await conn.exec_driver_sql("DROP TABLE alembic_version")
    found = await health.check(app)
    assert (found.ok, found.problems) == (False, ("The database has no tables yet: run saathi db upgrade.",))
