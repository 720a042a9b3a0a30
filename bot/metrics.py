"""Numbers for Prometheus, counted in the database.

Counted there and not in the process: they survive a restart, are the same whichever process is asked, and a worker
without web pages needs none of its own. With several web processes take the maximum, not the sum.
Labels are channels, classes and states only, never anything of a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Column, ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.bootstrap import App
from bot.channels import standing
from bot.channels.standing import Standing
from bot.store import tables as bot_tables
from scheduler.store.tables import channel_gate, message, reminder

CONTENT_TYPE = CONTENT_TYPE_LATEST


@dataclass(frozen=True, slots=True)
class Numbers:
    """What the database says at one instant."""

    messages: tuple[tuple[str, str, str, int], ...]
    """(channel, kind, state, how many) of the outbox."""
    reminders: tuple[tuple[str, str, int], ...]
    """(topic, state, how many) of the plan."""
    inbound: tuple[tuple[str, str, int], ...]
    """(channel, handled or quarantined, how many)."""
    alerts_open: tuple[tuple[str, int], ...]
    """(tier, how many) not yet acknowledged."""
    questions_open: int
    oldest_due_seconds: float
    """Since when the longest waiting message or reminder could have left; 0 if none waits."""
    closed_channels: tuple[tuple[str, str], ...]
    """(channel, why) of those that may not send now."""
    standings: tuple[Standing, ...]
    """How the channels stand at their providers."""

    @property
    def queue_depth(self) -> int:
        """Messages queued or being sent."""
        return sum(count for _, _, state, count in self.messages if state in {"queued", "sending"})

    @property
    def quarantined(self) -> int:
        """Inbound events that a flow failed on."""
        return sum(count for _, state, count in self.inbound if state == "quarantined")


async def read(conn: AsyncConnection, now: datetime) -> Numbers:
    """Count; `now` decides what is due."""
    alerts = bot_tables.alert
    questions = bot_tables.question
    events = bot_tables.inbound
    oldest = [
        await conn.scalar(select(func.min(message.c.ready_at)).where(message.c.state == "queued")),
        await conn.scalar(select(func.min(reminder.c.due_at)).where(reminder.c.state == "planned")),
    ]
    gates = await conn.execute(
        select(channel_gate.c.channel, channel_gate.c.reason).where(channel_gate.c.closed_until > now)
    )
    return Numbers(
        messages=await _count(conn, message.c.channel, message.c.kind, message.c.state),
        reminders=await _count(conn, reminder.c.topic, reminder.c.state),
        inbound=await _count(conn, events.c.channel, events.c.state),
        alerts_open=await _count(conn, alerts.c.tier, where=alerts.c.state == "open"),
        questions_open=await conn.scalar(select(func.count()).where(questions.c.state == "open")) or 0,
        oldest_due_seconds=max([0.0, *((now - at).total_seconds() for at in oldest if at is not None)]),
        closed_channels=tuple((row.channel, row.reason or "no reason given") for row in gates),
        standings=await standing.read(conn),
    )


async def _count(conn: AsyncConnection, *columns: Column[Any], where: ColumnElement[bool] | None = None) -> Any:
    """(values of the columns, how many rows), for each combination there is."""
    query = select(*columns, func.count()).group_by(*columns)
    rows = await conn.execute(query if where is None else query.where(where))
    return tuple(tuple(row) for row in rows)


async def exposition(app: App) -> bytes:
    """The page `/metrics`, of the content type `CONTENT_TYPE`."""
    async with app.store.read() as conn:
        numbers = await read(conn, app.clock.now())
    registry = CollectorRegistry()
    registry.register(_Collected(families(numbers, [sender.channel for sender in app.senders])))
    return generate_latest(registry)


class _Collected(Collector):
    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = tuple(metrics)

    def collect(self) -> Iterator[Metric]:
        yield from self._metrics


def families(numbers: Numbers, channels: Iterable[str]) -> Iterator[Metric]:
    """The metrics in the words of Prometheus; `channels` are those this process sends on."""
    ended = {"sent", "failed", "unknown", "expired", "cancelled"}
    for state in sorted(ended):
        counter = CounterMetricFamily(
            f"saathi_messages_{state}", f"Messages that ended as {state}.", labels=["channel", "kind"]
        )
        for channel, kind, found, count in numbers.messages:
            if found == state:
                counter.add_metric([channel, kind], count)
        yield counter
    yield GaugeMetricFamily("saathi_queue_depth", "Messages queued or being sent.", value=numbers.queue_depth)
    yield GaugeMetricFamily(
        "saathi_oldest_due_seconds", "How long the longest waiting message is due.", value=numbers.oldest_due_seconds
    )
    planned = GaugeMetricFamily("saathi_reminders", "Reminders by topic and state.", labels=["topic", "state"])
    for topic, state, count in numbers.reminders:
        planned.add_metric([topic, state], count)
    yield planned
    inbound = CounterMetricFamily("saathi_inbound", "Events that came in.", labels=["channel"])
    by_channel: dict[str, int] = {}
    for channel, _, count in numbers.inbound:
        by_channel[channel] = by_channel.get(channel, 0) + count
    for channel, count in by_channel.items():
        inbound.add_metric([channel], count)
    yield inbound
    yield CounterMetricFamily("saathi_quarantined", "Events a flow failed on.", value=numbers.quarantined)
    alerts = GaugeMetricFamily("saathi_alerts_open", "Red flags nobody acknowledged yet.", labels=["tier"])
    counts = dict(numbers.alerts_open)
    for tier in ("emergency", "same_day"):
        alerts.add_metric([tier], counts.get(tier, 0))
    yield alerts
    yield GaugeMetricFamily(
        "saathi_questions_open", "Questions handed over and not answered.", value=numbers.questions_open
    )
    closed = GaugeMetricFamily("saathi_channel_closed", "1 while a channel may not send.", labels=["channel"])
    names = {channel for channel, _ in numbers.closed_channels}
    for channel in channels:
        closed.add_metric([channel], float(channel in names))
    yield closed
    yield from _standing_families(numbers.standings)


def _standing_families(standings: Iterable[Standing]) -> Iterator[Metric]:
    problem = GaugeMetricFamily(
        "saathi_channel_problem", "1 while a channel does not work at its provider.", labels=["channel"]
    )
    pending = GaugeMetricFamily(
        "saathi_channel_pending", "Events the provider holds for us, when last asked.", labels=["channel"]
    )
    checked = GaugeMetricFamily(
        "saathi_channel_checked_timestamp_seconds", "When the provider was last asked.", labels=["channel"]
    )
    for one in standings:
        problem.add_metric([one.channel], float(one.problem is not None))
        if "pending" in one.info:
            pending.add_metric([one.channel], float(one.info["pending"]))
        if one.checked_at is not None:
            checked.add_metric([one.channel], one.checked_at.timestamp())
    yield problem
    yield pending
    yield checked
