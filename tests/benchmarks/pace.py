"""Limit kept: a channel's rate, by one worker and by two. Lateness: messages that are due one after the other."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from scheduler import outbox
from scheduler.crypto import KeyRing
from scheduler.policy import REPLY
from scheduler.sender import Body
from scheduler.store.engine import Store
from scheduler.store.tables import message
from tests.benchmarks.figures import Figure, percentile
from tests.benchmarks.grounds import CHANNEL, Databases, Due, fill, run, utc_now, zone_at_noon
from tests.benchmarks.worker import Job, Worker

LIMITS = (30, 80)
SECONDS = 8.0
LONG = 60.0

LATE_EVERY = timedelta(milliseconds=100)
"""Ten messages a second."""

START = timedelta(seconds=4)
"""Until the first is due, so that the worker is up."""


def limit_kept(databases: Databases, kind: str, seconds: float) -> Iterator[Figure]:
    """What share of a limit is used, and the most that left within any second."""
    for limit in LIMITS:
        for workers in (1, 2) if kind == "postgresql" else (1,):
            with databases.fresh(kind) as url:
                keys = KeyRing.generate()
                run(_queue(url, keys, int(limit * (seconds + 5))))
                started = [Worker(Job(url, seconds, limit), keys) for _ in range(workers)]
                instants = sorted(at for worker in started for _, at in worker.seen().sent)
            who = f"{limit}/s, {workers} worker{'s' * (workers - 1)}"
            used = 100 * (len(instants) - 1) / (instants[-1] - instants[0]) / limit
            yield Figure("limit", kind, f"{who}: of the limit used", used, "%", ">= 97")
            most = most_within_a_second(instants)
            yield Figure("limit", kind, f"{who}: most within any second", most, "messages", f"<= {limit}")


def lateness(databases: Databases, kind: str, seconds: float) -> Iterator[Figure]:
    """Milliseconds from the due time of a reminder until it is handed to the sender, ten due each second."""
    number = int(seconds / LATE_EVERY.total_seconds())
    with databases.fresh(kind) as url:
        keys = KeyRing.generate()
        first = utc_now() + START
        run(_plan(url, keys, [first + LATE_EVERY * n for n in range(number)]))
        seen = Worker(Job(url, seconds + 1), keys).seen()
        due = run(_due(url, keys))
    late = [(at - due[message_id].timestamp()) * 1000 for message_id, at in seen.sent]
    yield Figure("late", kind, "ten a second: half within", percentile(late, 50), "ms")
    yield Figure("late", kind, "ten a second: 99 of 100 within", percentile(late, 99), "ms", "< 1000")
    yield Figure("late", kind, "ten a second: not sent", number - len(late), "messages", "0")


def most_within_a_second(instants: Sequence[float]) -> int:
    """The largest number of `instants` (ascending, in seconds) that lie within less than one second."""
    window: deque[float] = deque()
    most = 0
    for at in instants:
        window.append(at)
        while at - window[0] >= 1:
            window.popleft()
        most = max(most, len(window))
    return most


async def _queue(url: str, keys: KeyRing, number: int) -> None:
    """Put replies to as many chats into the outbox."""
    now = utc_now()
    store = Store.open(url, keys)
    await fill(store, number, (), now)
    async with store.write(wake=False) as conn:
        for n in range(1, number + 1):
            await outbox.put(
                conn, keys, address_id=n, channel=CHANNEL, kind=REPLY, body=Body("Thank you, it is noted."), now=now
            )
    await store.close()


async def _plan(url: str, keys: KeyRing, due: Sequence[datetime]) -> None:
    now = utc_now()
    store = Store.open(url, keys)
    await fill(store, len(due), (Due(n, at) for n, at in enumerate(due)), now, zone_at_noon(now))
    await store.close()


async def _due(url: str, keys: KeyRing) -> dict[int, datetime]:
    """When each message was due."""
    store = Store.open(url, keys)
    async with store.read() as conn:
        rows = (await conn.execute(select(message.c.id, message.c.ready_at))).all()
    await store.close()
    return {row.id: row.ready_at for row in rows}
